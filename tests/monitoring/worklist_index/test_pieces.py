"""The pieces of a row, on random courses: the row of any moment is that of the summary."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from dosing.knowledge.monitoring_schedule import RHYTHMS
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.record.entries import Record, UnreadableEntry
from monitoring.record.entry import Entry
from monitoring.summary import summarise
from monitoring.times import Moment
from monitoring.worklist_index.line import line_text, order_of_line, read_line
from monitoring.worklist_index.pieces import HORIZON_DAYS, pieces_of
from monitoring.worklist_index.row import WorklistRow, row_of
from tests.builders import (
    a_bottle,
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_measurement,
    a_settlement,
    held_doses,
    later,
    some_tablets,
    voided,
)
from tests.courses.generator import eventful, moment
from tests.courses.test_courses import Whimsical

CLINICS = (USUAL_CHOICES, *(ClinicChoices(rhythm=each) for each in RHYTHMS.values()))


class Rows:
    """The row of a record at any moment, from its pieces and from the summary."""

    def __init__(self, record: Record, made: Moment, clinic: ClinicChoices) -> None:
        self._record, self._clinic = record, clinic
        self.pieces = pieces_of(summarise(record, made, clinic))
        self._text = line_text(self.pieces)

    def from_pieces(self, now: Moment) -> WorklistRow:
        found = read_line(self._text, now)
        assert found is not None
        assert found == self.pieces.basis_at(now)
        row = found.row_on(now.local.date())
        assert order_of_line(self._text, now) == row.order
        return row

    def from_summary(self, now: Moment) -> WorklistRow:
        return row_of(summarise(self._record, now, self._clinic))


def disturbed(record: Record, chance: Random) -> Record:
    """Return the record with a void, an entry that is to come, or one that cannot be read."""
    what = chance.randrange(5)
    numbers = [each.number for each in record.entries[1:]]
    if what == 0:
        return voided(record, chance.choice(numbers))
    now = record.entries[-1].author.at
    ahead = later(now, days=chance.randint(1, 60), hours=chance.randint(0, 23))
    if what == 1:
        held = held_doses(ahead, later(ahead, days=chance.randint(1, 9)))
        return record.with_entry(held, now)
    if what == 2:
        day = ahead.local.date()
        entries: list[Entry] = [
            a_condition("pregnancy", day),
            a_condition("surgery", day),
            a_drug("prednisolone", day),
            a_drug("voriconazole", now.local.date() - timedelta(chance.randint(0, 13))),
            a_settlement("weight", day),
            a_measurement("14 kg", "92 cm", day),
            a_laboratory_value("lymphocytes", "0.3 10*9/L", ahead),
            a_dose(ahead, "0.9"),
        ]
        return record.with_entry(chance.choice(entries), now)
    if what == 3:
        lost = UnreadableEntry(
            number=record.revision + 1, patient=record.number, kind="level", why="changed"
        )
        return replace(record, unreadable=(lost,))
    return record


def supplied(record: Record, chance: Random) -> Record:
    """Return some records with a supply that ends within the horizon, or past it."""
    now = record.entries[-1].author.at
    opened = now.local.date() - timedelta(chance.randint(0, 20))
    some = (
        a_bottle(opened, str(chance.choice((5, 60))), bottles=chance.choice((1, 3))),
        some_tablets(chance.choice((10, 500)), on=opened),
    )
    return record.with_entry(chance.choice(some), now) if chance.random() < 0.5 else record


def moments(made: Moment, chance: Random, rows: Rows) -> Iterator[Moment]:
    """Yield moments up to the horizon: the beginnings of pieces, the seconds before, and others."""
    yield made
    for piece in rows.pieces.pieces[1:]:
        yield replace(made, utc=piece.since)
        yield replace(made, utc=piece.since - timedelta(seconds=1))
    for _ in range(8):
        yield later(made, seconds=chance.randrange(HORIZON_DAYS * 24 * 3600))


@pytest.mark.parametrize("seed", range(40))
def test_the_row_of_any_moment_is_that_of_the_summary(seed: int) -> None:
    chance = Random(seed)
    zone = chance.choice(("UTC", "Europe/Paris", "America/St_Johns", "Asia/Beirut"))
    for walk in eventful(seed, Whimsical()):
        if chance.random() < 0.6:
            continue
        record = supplied(disturbed(walk.record, chance), chance)
        made = replace(moment(walk.now), zone=zone)
        rows = Rows(record, made, chance.choice(CLINICS))
        for now in moments(made, chance, rows):
            found, expected = rows.from_pieces(now), rows.from_summary(now)
            assert found == expected, (seed, str(made), str(now), walk.told)

"""Records at random: plausible courses of treatment with everything that complicates a history."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay
from monitoring.times import Moment
from tests.builders import a_missed_dose, at, ended, held_doses, later
from tests.monitoring.recommendation.records import child, usual_body, usual_dose, usual_level
from tests.monitoring.recommendation.second_forecast import schedule


@dataclass(frozen=True)
class Drawn:
    """A record, the model it suits, and the time of the question."""

    record: Record
    model: str
    now: Moment


def drawn(seed: int) -> Drawn:
    """Return a record at random; the same seed gives the same one."""
    chance = random.Random(seed)
    begun = later(at("2025-06-01T00:00"), minutes=5 * chance.randrange(110_000))
    now = later(begun, minutes=chance.randint(10 * 1440, 45 * 1440))
    model = chance.choice(["fan2024"] * 5 + ["chen2021"] * 2 + ["golubovic2019"])
    adult = model == "golubovic2019"
    kg = chance.uniform(50, 90) if adult else chance.uniform(8.5 if model == "chen2021" else 4, 55)
    years = chance.uniform(18, 60) if adult else min(14.0, 0.7 + kg / 4 + chance.uniform(-0.3, 0.3))
    born = begun.local.date() - timedelta(days=int(365.25 * years))
    born = born.replace(day=min(born.day, 28))
    entries: list[Entry] = [*_body(chance, kg, begun, now)]
    if adult:
        entries += _ast(chance, begun, now)
    ends: dict[int, Moment] = {}
    since = begun
    for _ in range(chance.choice([1, 1, 2, 3])):
        times = chance.choice([1, 2, 2, 2, 3, 4])
        daily = kg * chance.uniform(0.03, 0.09) * (0.5 if adult else 1)
        entries.append(usual_dose(str(round(Decimal(daily / times), 2)), since=since, times=times))
        if chance.random() < 0.2:
            end = later(since, minutes=chance.randint(2 * 1440, 8 * 1440))
            ends[len(entries) + 1] = end
            since = end
        since = later(since, minutes=5 * chance.randint(3 * 288, 15 * 288))
        if since >= now:
            break
    if chance.random() < 0.2:
        entries.append(usual_dose(str(round(Decimal(kg * 0.1), 1)), since=begun, loading=True))
    for _ in range(chance.choice([0, 0, 1, 3])):
        entries.append(a_missed_dose(_between(chance, begun, now)))
    if chance.random() < 0.2:
        start = _between(chance, begun, now)
        entries.append(held_doses(start, later(start, hours=chance.randint(12, 96))))
    entries += _levels(chance, _recorded(entries, born, ends), begun, now)
    return Drawn(_recorded(entries, born, ends), model, now)


def _recorded(entries: list[Entry], born: date, ends: dict[int, Moment]) -> Record:
    record = child(*entries, born=born)
    for number, when in ends.items():
        record = ended(record, number, when)
    return record


def _between(chance: random.Random, since: Moment, until: Moment) -> Moment:
    minutes = int((until.utc - since.utc) / timedelta(minutes=1))
    return later(since, minutes=chance.randrange(minutes))


def _body(chance: random.Random, kg: float, begun: Moment, now: Moment) -> list[Entry]:
    """Growth: a weight near the beginning and up to three later ones, in the order of time."""
    days = sorted({
        begun.local.date() + timedelta(days=chance.randint(-20, 2)),
        *(_between(chance, begun, now).local.date() for _ in range(chance.randint(0, 3))),
    })  # fmt: skip
    return [
        usual_body(f"{kg * (1 + 0.01 * place):.2f} kg", on=_day) for place, _day in enumerate(days)
    ]


def _ast(chance: random.Random, begun: Moment, now: Moment) -> list[Entry]:
    return [
        LaboratoryValue(
            test="AST",
            at=_between(chance, begun, now),
            value=LaboratoryQuantity.read(f"{chance.choice([22, 36, 37, 38, 60])} U/L"),
        )
        for _ in range(chance.randint(1, 3))
    ]


def _levels(chance: random.Random, record: Record, begun: Moment, now: Moment) -> list[Entry]:
    """Levels with a recorded last dose: the one due, given early or late, or the one before it."""
    found: list[Entry] = []
    for _ in range(chance.choice([0, 1, 2, 3, 5])):
        sampled = _between(chance, later(begun, hours=20), now)
        due = [each.due for each in schedule(record, sampled.utc)]
        if not due:
            continue
        told = due[-2] if len(due) > 1 and chance.random() < 0.2 else due[-1]
        told += timedelta(minutes=chance.choice([0, 0, -45, 10, 50, 110]))
        if told >= sampled.utc:
            continue
        sign = chance.choice([""] * 9 + ["<", ">"])
        value = {"<": 2.0, ">": 30.0}.get(sign) or chance.uniform(3, 18)
        hours = (sampled.utc - told) / timedelta(hours=1)
        found.append(
            usual_level(f"{sign}{value:.1f} ng/mL", sampled, hours=hours, assay=Assay.EMIT)
        )
    return found

"""A visit: its parts are checked with each other, stored all or none, and meant once."""

from collections.abc import Iterator
from typing import Any

import pytest

from dosing import UserError
from monitoring.record.entry import Entry
from monitoring.record.level import Level
from monitoring.store.connection import engine_in_memory
from monitoring.store.errors import ConflictError
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.summary import summarise
from monitoring.visit import CheckedVisit, VisitPart, check_visit, store_visit
from tests.builders import (
    AUTHOR,
    Ticking,
    a_dose,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_note,
    a_patient,
    a_side_effect,
    a_target,
    at,
    held_doses,
)

NOW = at("2026-11-25T10:00")


class Visits:
    """One stored patient with some entries."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = store.add_patient(a_patient()).number

    def check(self, *entries: Entry) -> CheckedVisit:
        parts = [VisitPart(name=f"part-{place}", entry=each) for place, each in enumerate(entries)]
        return check_visit(self.store.read(self.number), parts, NOW)

    def store_all(self, *entries: Entry) -> list[Entry]:
        store_visit(self.store, self.check(*entries), NOW, summarise)
        return self.entries

    @property
    def entries(self) -> list[Entry]:
        return [each.entry for each in self.store.read(self.number).entries[1:]]


@pytest.fixture
def visits() -> Iterator[Visits]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield Visits(Store(engine, AUTHOR, Ticking()))


def test_all_is_stored_at_one_moment(visits: Visits) -> None:
    parts = (a_measurement(), a_laboratory_value(), a_side_effect(), a_note())
    assert len(visits.store_all(*parts)) == 4
    moments = {each.author.at for each in visits.store.read(visits.number).entries[1:]}
    assert len(moments) == 1


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_nothing_is_stored_where_one_part_cannot_be(visits: Visits, wrong: int) -> None:
    parts: list[Entry] = [a_measurement(), a_laboratory_value(), a_side_effect()]
    parts[wrong] = a_note(on="2027-01-01")
    with pytest.raises(UserError, match="is in the future"):
        visits.store_all(*parts)
    assert visits.entries == []


def test_nothing_is_stored_where_somebody_else_changed_the_record(visits: Visits) -> None:
    checked = visits.check(a_measurement(), a_note())
    visits.store.add(visits.number, a_note("by another"))
    with pytest.raises(ConflictError):
        store_visit(visits.store, checked, NOW, summarise)
    assert visits.entries == [a_note("by another")]


def test_a_visit_without_a_part_is_refused(visits: Visits) -> None:
    with pytest.raises(UserError, match="Nothing was entered"):
        visits.store_all()


def test_a_reason_is_asked_of_the_part_that_needs_it(visits: Visits) -> None:
    checked = visits.check(a_note(), a_level("420 ng/mL"))
    assert [(each.name, each.asks_reason) for each in checked.problems] == [("part-1", True)]
    checked = visits.check(a_note(), a_level("420 ng/mL", reason="measured twice"))
    assert checked.can_be_stored
    assert checked.explained == {"part-1"}
    assert visits.store_all(a_note(), a_level("420 ng/mL", reason="measured twice")) == [
        each.entry for each in checked.parts
    ]


def test_each_part_is_checked_with_those_before_it(visits: Visits) -> None:
    """The same value twice, and a last dose from the schedule without the doses held."""
    checked = visits.check(a_laboratory_value(), a_laboratory_value())
    assert [each.name for each in checked.problems] == ["part-1"]
    visits.store.add(visits.number, a_dose("2026-11-01T08:00"))
    hold = held_doses("2026-11-19T08:00", None, is_open=True)
    level = a_level(sampled="2026-11-20T08:00", hours=None)
    held, alone = visits.check(hold, level).parts[1].entry, visits.check(level).parts[0].entry
    assert isinstance(held, Level)
    assert isinstance(alone, Level)
    assert alone.last_dose == at("2026-11-19T20:00")
    assert held.last_dose == at("2026-11-18T20:00")
    assert held.last_dose_assumed


def test_each_fact_is_meant_once(visits: Visits) -> None:
    visits.store.add(visits.number, a_measurement())
    visits.store.add(visits.number, a_dose("2026-11-01T08:00"))
    low = [a_laboratory_value("ALT", "400 U/L", upper="40 U/L"),
           a_laboratory_value("AST", "400 U/L", upper="40 U/L"),
           a_side_effect("pneumonitis", "2026-11-24", 3)]  # fmt: skip
    checked = visits.check(*low)
    messages = [each.message for each in checked.meaning.alerts]
    assert len(messages) == len(set(messages)) > 0
    assert len(checked.meaning.lines) == len(set(checked.meaning.lines)) > 2


def given(since: str, mg: str, **more: Any) -> Entry:
    return a_dose(since, mg, given_reason="prescribed elsewhere", **more)


def test_a_treatment_of_before_is_judged_by_the_doses_of_its_time(visits: Visits) -> None:
    """With a later weight, doses of three targets, and the same level under each of them."""
    visits.store.add(visits.number, a_measurement(on="2026-11-25"))
    checked = visits.check(
        a_measurement("11 kg", "84 cm", on="2026-05-20"),
        given("2026-06-01T08:00", "0.3", target=a_target("12.5", "20")),
        given("2026-08-01T08:00", "0.5", target=a_target("4", "8")),
        given("2026-10-01T08:00", "0.4", target=a_target("5", "15")),
        *(
            a_level("12 ng/mL", f"2026-{month}-25T07:50", hours=None)
            for month in ("07", "09", "11")
        ),
    )
    assert checked.can_be_stored
    store_visit(visits.store, checked, NOW, summarise)
    summary = summarise(visits.store.read(visits.number), NOW)
    assert [each.status.value for each in summary.levels] == ["below", "above", "within"]
    assert summary.current is not None
    assert str(summary.current.prescription) == "0.4 mg × 2 a day"
    assert "dose-as-given" in [each.code for each in checked.meaning.alerts]


def test_a_dose_of_before_is_past_every_limit_and_none_is_hidden(visits: Visits) -> None:
    visits.store.add(visits.number, a_measurement(on="2026-05-20"))
    checked = visits.check(given("2026-06-01T08:00", "9"))
    assert checked.can_be_stored
    assert "dose-high" in [each.code for each in checked.meaning.alerts]
    assert not checked.meaning.alerts.stopped

"""The treatment history: made once for a record, whatever is done with it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import Engine

from monitoring.recommendation.advice import forecast_for
from monitoring.record.condition import Condition
from monitoring.record.enter import enter
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.summary import summarise
from monitoring.treatment import DosingPeriod, TreatmentHistory
from monitoring.treatment.dosing_period import dosing_periods
from reports.patient_summary import patient_summary_pdf
from tests.builders import (
    AUTHOR,
    Ticking,
    a_drug,
    a_missed_dose,
    a_patient,
    a_record,
    at,
    ended,
    every_kind,
    later,
)
from tests.monitoring.recommendation.records import (
    BEGUN,
    NOW,
    SAMPLED,
    child,
    usual_body,
    usual_dose,
    usual_level,
)


@dataclass
class Builds:
    """The histories built, by their record, and the dosing periods of records."""

    histories: Counter[int] = field(default_factory=Counter)
    periods: Counter[int] = field(default_factory=Counter)
    records: list[Record] = field(default_factory=list)
    """Kept: no two may have one address."""


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    found = Builds()
    make = TreatmentHistory.__init__

    def built(record: Record) -> tuple[DosingPeriod, ...]:
        found.records.append(record)
        found.periods[id(record)] += 1
        return dosing_periods(record)

    def made(history: TreatmentHistory, record: Record) -> None:
        found.records.append(record)
        found.histories[id(record)] += 1
        make(history, record)

    monkeypatch.setattr("monitoring.treatment.treatment_history.dosing_periods", built)
    monkeypatch.setattr(TreatmentHistory, "__init__", made)
    return found


def a_course() -> Record:
    """Return a course of treatment with a change, a missed dose, drugs and two levels."""
    return child(
        usual_body(),
        usual_dose("0.5"),
        usual_dose(since=later(BEGUN, days=14)),
        usual_dose("2", since=later(BEGUN, days=14), loading=True),
        a_missed_dose(later(BEGUN, days=20)),
        a_drug("propranolol", date(2026, 1, 6)),
        usual_level("12 ng/mL", later(SAMPLED, days=-7)),
        usual_level(),
    )


def test_one_forecast_builds_the_history_once(builds: Builds) -> None:
    record = a_course()
    assert forecast_for(record, NOW).answer is not None
    assert builds.histories == builds.periods == {id(record): 1}


def test_one_printed_report_builds_the_history_once(builds: Builds) -> None:
    record = a_course()
    forecast = forecast_for(record, NOW)
    assert forecast.answer is not None
    pdf = patient_summary_pdf(summarise(record, NOW), head="0" * 64, forecast=forecast)
    assert pdf.startswith(b"%PDF")
    assert builds.histories == builds.periods == {id(record): 1}


@pytest.mark.parametrize("entry", every_kind(), ids=lambda each: type(each).__name__)
def test_one_stored_entry_builds_the_history_at_most_once(entry: Entry, builds: Builds) -> None:
    """Of the record before it is asked what bears on a limit, of the one after it everything.

    An allergy forbids a dose: whether that was known is asked of the record before, too.
    """
    now = at("2026-11-25T10:00")
    with engine_in_memory() as engine:
        store, number = _store(engine)
        before = store.read(number)
        record = enter(store, before, entry, now, summarise=summarise).record
    forbids = isinstance(entry, Condition)
    assert builds.periods == {id(each): 1 for each in ((record, before) if forbids else (record,))}
    assert builds.histories[id(record)] == 1
    asks_a_limit = isinstance(entry, Level | Measurement)
    assert builds.histories[id(before)] == (forbids or asks_a_limit)


def _store(engine: Engine) -> tuple[Store, int]:
    prepare(engine, before_upgrade=lambda: None)
    store = Store(engine, AUTHOR, Ticking())
    return store, store.add_patient(a_patient()).number


def test_the_history_of_a_record_is_always_the_same_one() -> None:
    record = a_course()
    assert TreatmentHistory.of(record) is TreatmentHistory.of(record)
    other = record.with_entry(usual_dose("1", since=NOW), NOW)
    assert TreatmentHistory.of(other) is not TreatmentHistory.of(record)
    assert len(TreatmentHistory.of(other).periods) == len(TreatmentHistory.of(record).periods) + 1


@pytest.mark.parametrize(
    ("day", "expected", "or_first_after"),
    [
        (date(2026, 1, 9), None, "8 kg"),
        (date(2026, 1, 10), "8 kg", "8 kg"),
        (date(2026, 1, 19), "8 kg", "8 kg"),
        (date(2026, 1, 20), "9.1 kg", "9.1 kg"),
    ],
)
def test_the_weight_on_a_day_is_the_last_one_or_where_asked_the_first_after_it(
    day: date, expected: str | None, or_first_after: str
) -> None:
    """Of two of one day the one recorded last applies."""
    days = (date(2026, 1, 20), date(2026, 1, 20), date(2026, 1, 10))
    weights = ("9 kg", "9.1 kg", "8 kg")
    history = TreatmentHistory(child(*map(usual_body, weights, days)))
    found = history.weight_on(day)
    assert (str(found.entry.weight) if found else None) == expected
    after = history.weight_on(day, or_first_after=True)
    assert after is not None
    assert str(after.entry.weight) == or_first_after


def test_the_drugs_that_may_change_the_level_tell_when_they_began_and_ended() -> None:
    record = child(
        a_drug("voriconazole", date(2026, 1, 10)),
        a_drug("vitamin D", date(2026, 1, 1)),
        a_drug("rifampicin", date(2026, 1, 5)),
    )
    history = TreatmentHistory(ended(record, 2, date(2026, 1, 12)))
    assert [(each.drug.name, each.verb, each.day.day) for each in history.drug_changes] == [
        ("voriconazole", "started", 10),
        ("voriconazole", "stopped", 12),
        ("rifampicin", "started", 5),
    ]
    assert [each.name for each in history.drugs_on(date(2026, 1, 12))] == [
        "vitamin D", "rifampicin", "voriconazole",
    ]  # fmt: skip
    assert [each.name for each in history.drugs_on(date(2026, 1, 13))] == [
        "vitamin D", "rifampicin",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "given"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 11, 5), True),
        (date(2026, 11, 6), False),
    ],
)
def test_a_drug_is_given_from_its_first_day_to_its_last(day: date, given: bool) -> None:  # noqa: FBT001 - a table's column
    record = a_record(a_drug("co-trimoxazole", date(2026, 11, 1)))
    assert bool(TreatmentHistory.of(ended(record, 2, date(2026, 11, 5))).drugs_on(day)) == given

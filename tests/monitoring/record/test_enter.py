"""What an entry raises about the treatment is told as it is recorded, once."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest

from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.enter import enter
from monitoring.record.entry import Entry
from monitoring.record.measurement import Measurement
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import (
    AUTHOR,
    Ticking,
    a_condition,
    a_measurement,
    a_patient,
    a_prescription,
    a_side_effect,
    at,
)

NOW = at("2026-11-25T10:00")
TODAY = NOW.local.date()


class Clinic:
    """One stored patient on the usual dose, weighed before it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = store.add_patient(a_patient()).number
        store.add(self.number, a_measurement("10 kg", "80 cm", on="2026-11-01"))
        store.add(self.number, a_prescription())

    def codes(self, entry: Entry) -> list[str]:
        """Return the codes of the alerts told when the entry is recorded, the strongest first."""
        told = enter(self.store, self.store.read(self.number), entry, NOW).answer.alerts
        return [alert.code for alert in told]


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield Clinic(Store(engine, AUTHOR, Ticking()))


def event(term: str, grade: int | None = None, since: date = TODAY) -> AdverseEvent:
    return a_side_effect(term, since, grade)


def weight(kg: str) -> Measurement:
    return a_measurement(f"{kg} kg", None, on=TODAY, reason="weighed twice")


condition = partial(a_condition, since=TODAY)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (condition("pregnancy"), "pregnancy"),
        (condition("planned pregnancy"), "pregnancy"),
        (condition("breastfeeding"), "breastfeeding"),
        (condition("surgery"), "surgery"),
        (condition("infection"), "infection-open"),
        (condition("allergy to peanut"), "allergy-soya"),
        (event("cough"), "respiratory-symptom"),
        (event("fever"), "fever"),
    ],
    ids=lambda each: getattr(each, "name", getattr(each, "term", "")),
)
def test_a_contraindication_is_told_when_it_is_recorded(
    clinic: Clinic, entry: Entry, code: str
) -> None:
    assert clinic.codes(entry).count(code) == 1
    assert code not in clinic.codes(event("headache", 1)), "the next entry does not repeat it"


def test_a_condition_that_forbids_nothing_says_nothing(clinic: Clinic) -> None:
    assert clinic.codes(condition("asthma")) == []


@pytest.mark.parametrize("severe", [event("pneumonitis", 3), event("mouth sores", 3)])
def test_a_severe_event_is_told_by_its_own_assessment_alone(
    clinic: Clinic, severe: AdverseEvent
) -> None:
    codes = clinic.codes(severe)
    assert "grade-3-or-more" in codes
    assert not {"severe-finding", "pneumonitis-severe", "pneumonitis-open"} & set(codes)


@pytest.mark.parametrize(
    ("kg", "told"),
    [
        *(("15.62", False), ("15.625", True), ("15.63", True)),
        *(("6.95", False), ("6.94", True), ("6.93", True)),
    ],
)
def test_a_weight_tells_a_dose_that_no_longer_fits(clinic: Clinic, kg: str, *, told: bool) -> None:
    """The dose per m² goes by the root of the weight: 20 % are 10 kg / 0.8² and 10 kg / 1.2²."""
    assert ("dose-outgrown" in clinic.codes(weight(kg))) is told


def test_a_dose_that_no_longer_fits_is_not_told_with_the_next_event(clinic: Clinic) -> None:
    assert "dose-outgrown" in clinic.codes(weight("16"))
    assert "dose-outgrown" not in clinic.codes(event("headache", 1))


def test_what_the_authors_did_is_told_with_the_first_event_alone(clinic: Clinic) -> None:
    """Of infections they did something else."""
    terms = ("mouth sores", "headache", "respiratory infection", "shingles")
    told = ["no-dose-rule" in clinic.codes(event(each)) for each in terms]
    assert told == [True, False, True, False]

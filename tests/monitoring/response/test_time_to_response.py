"""The time to response of one patient, worked by hand."""

from datetime import date

import pytest

from monitoring.record.entries import Record
from monitoring.record.response import Criterion, Response
from monitoring.response import TimeToResponse, time_to_response
from tests.builders import a_dose, a_record, at, ended, voided

START = "2026-01-10T08:00"
NOW = at("2026-12-01T08:00")


def assessed(*days: tuple[str, bool], end: str | None = None) -> Record:
    responses = [
        Response(on=date.fromisoformat(day), criterion=Criterion.CLINICAL, improved=improved)
        for day, improved in days
    ]
    record = a_record(a_dose(START), *responses)
    return ended(record, 2, end) if end else record


@pytest.mark.parametrize(
    ("record", "days", "responded"),
    [
        (assessed(("2026-01-10", True)), 0, True),
        (assessed(("2026-01-24", True), ("2026-01-11", True)), 1, True),
        (assessed(("2026-01-20", False), ("2026-01-24", True), ("2026-02-24", False)), 14, True),
        (assessed(("2026-01-20", False), ("2026-02-24", False)), 45, False),
        # what was seen after the end of the treatment is not its effect
        (assessed(("2026-03-01", True), end="2026-03-01T08:00"), 50, True),
        (assessed(("2026-03-02", True), end="2026-03-01T08:00"), 50, False),
        (assessed(("2026-02-01", False), end="2026-03-01T08:00"), 22, False),
        (assessed(("2026-03-02", False), end="2026-03-01T08:00"), 50, False),
        # of before the first dose, or yet to come
        (assessed(("2026-01-09", True), ("2026-01-24", False)), 14, False),
        (assessed(("2026-12-02", True), ("2026-01-24", False)), 14, False),
    ],
)
def test_the_time_to_response(record: Record, days: int, responded: bool) -> None:  # noqa: FBT001 - a table's column
    assert time_to_response(record, NOW) == TimeToResponse(days, responded)


@pytest.mark.parametrize(
    "record",
    [
        assessed(),
        assessed(("2026-01-09", True)),
        a_record(Response(on=date(2026, 1, 24), criterion=Criterion.CLINICAL, improved=True)),
        voided(assessed(("2026-01-24", True)), 3),
        voided(assessed(("2026-01-24", True)), 2),
    ],
)
def test_without_treatment_or_assessment_nothing_is_known(record: Record) -> None:
    assert time_to_response(record, NOW) is None


def test_the_first_dose_of_all_counts_whatever_pauses_lie_between() -> None:
    response = Response(on=date(2026, 6, 10), criterion=Criterion.CLINICAL, improved=True)
    record = a_record(a_dose(START), a_dose("2026-06-01T08:00"), response)
    assert time_to_response(ended(record, 2, "2026-02-01T08:00"), NOW) == TimeToResponse(
        151, responded=True
    )

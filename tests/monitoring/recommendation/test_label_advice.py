"""Levels that allow the label's arithmetic: every refusal just below, at and just above it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dosing import AlertKind, Override, QuantityKind, UserError, read_quantity
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS
from monitoring.levels import assess_levels
from monitoring.recommendation.label_advice import (
    AdviceOptions,
    LabelAdvice,
    label_advice,
    newest_level,
)
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from tests.builders import (
    a_dose,
    a_drug,
    a_level,
    a_measurement,
    a_record,
    at,
    ended,
    later,
    voided,
)

BEGUN = at("2026-11-01T08:00")
SAMPLED = at("2026-11-21T08:00")
LAST_DOSE = at("2026-11-20T20:00")
NOW = at("2026-11-22T10:00")


DOSE = a_dose(mg="0.4")
LEVEL = a_level("4.0 ng/mL", SAMPLED)
MEASURED = a_measurement("16 kg", "100 cm", "2026-11-20")


def advise(record: Record, now: Moment, **choice: Any) -> LabelAdvice:
    """Return the label's arithmetic on the newest level."""
    history = TreatmentHistory.of(record)
    return label_advice(history, newest_level(assess_levels(record)), now, AdviceOptions(**choice))


def kinds(advice: LabelAdvice) -> dict[str, AlertKind]:
    """Return the strongest kind of each code."""
    return {alert.code: alert.kind for alert in reversed(advice.alerts)}


def assert_refused(record: Record, code: str, *, refused: bool = True, now: Moment = NOW) -> None:
    """Check that there is no answer but the stop `code`, or an answer without it."""
    advice = advise(record, now)
    stops = [alert.code for alert in advice.alerts if alert.kind is AlertKind.STOP]
    assert stops == ([code] if refused else [])
    assert advice.stopped == refused
    assert (advice.adjusted is None) == refused
    assert (advice.dose is None) == refused
    assert not advice.awaits_override


GOOD = a_record(MEASURED, DOSE, LEVEL)


def test_a_trough_at_steady_state_is_advised_on() -> None:
    """0.8 mg/day × 10 / 4 asks for 2.5 times: capped at 1.5, so 1.2 mg/day = 0.6 mg twice a day."""
    advice = advise(GOOD, NOW)
    assert advice.dose is not None
    assert (advice.dose.measured.mg, advice.dose.times_a_day) == (Decimal("0.6"), 2)
    assert kinds(advice)["factor-capped"] is AlertKind.CAUTION
    assert advice.alerts == tuple(sorted(advice.alerts, key=lambda alert: -alert.kind))
    assert {"us-label", "nadal2016", "proposed"} <= {
        *advice.alerts.sources,
        *(step.source for step in (advice.adjusted.steps if advice.adjusted else ())),
    }


def test_age_size_and_days_since_the_measurement_come_from_the_record() -> None:
    """Born on 2024-02-29, today 2026-11-22, measured on the 20th and, older, on the 1st."""
    older = replace(
        MEASURED, on=date(2026, 11, 1), weight=read_quantity("15 kg", QuantityKind.WEIGHT)
    )
    request = advise(a_record(MEASURED, older, DOSE, LEVEL), NOW).request
    assert request is not None
    assert request.age.months.quantize(Decimal(1)) == 33  # two years, eight months and 24 days
    assert request.weight is not None
    assert request.weight.kg == 16
    assert request.height is not None
    assert request.height.cm == 100
    assert request.measured_days_ago == 2


def test_without_a_weight_it_is_said_that_limits_were_not_checked() -> None:
    assert kinds(advise(a_record(DOSE, LEVEL), NOW))["weight-unknown"] is (AlertKind.CAUTION)


def test_what_the_authors_of_the_review_did_stands_beside_an_answer_only() -> None:
    (note,) = (a for a in advise(GOOD, NOW).alerts if a.code == "review-authors")
    assert (note.kind, note.source) == (AlertKind.NOTE, "nadal2016")
    infections = next(event.count for event in ADVERSE_EVENTS if event.name == "infection")
    assert "decreased in 4" in note.message
    assert "stopped gradually in 1" in note.message
    assert f"in 3 of {infections}" in note.message
    assert "review-authors" not in kinds(advise(a_record(DOSE), NOW))


def test_without_a_level_there_is_no_advice() -> None:
    assert_refused(a_record(MEASURED, DOSE), "no-level")


def test_a_voided_level_does_not_count() -> None:
    wrong = a_level("14 ng/mL", later(SAMPLED, hours=12))
    advice = advise(voided(a_record(MEASURED, DOSE, LEVEL, wrong), 5), NOW)
    assert advice.request is not None
    assert advice.request.level_ng_ml == 4


def test_the_newest_level_is_the_one_sampled_last_not_the_one_written_last() -> None:
    older = a_level("20 ng/mL", later(SAMPLED, days=-1))
    advice = advise(a_record(MEASURED, DOSE, LEVEL, older), NOW)
    assert advice.request is not None
    assert advice.request.level_ng_ml == 4


@pytest.mark.parametrize(
    ("hours", "refused"),
    # every 12 hours a trough is 10-14 hours after the last dose
    [(9.99, True), (10, False), (10.01, False), (13.99, False), (14, False), (14.01, True)],
)
def test_only_a_trough_can_bear_it(hours: float, refused: bool) -> None:  # noqa: FBT001 - a table's column
    level = replace(LEVEL, last_dose=later(SAMPLED, seconds=-round(hours * 3600)))
    assert_refused(a_record(MEASURED, DOSE, level), "level-not-trough", refused=refused)


def test_a_level_that_may_be_no_trough_cannot_bear_it() -> None:
    assert_refused(
        a_record(MEASURED, DOSE, a_level("4.0 ng/mL", SAMPLED, hours=None)),
        "last-dose-unknown",
    )


def test_a_last_dose_of_no_known_interval_cannot_bear_it() -> None:
    """The dose began only after the last one was given: the level is also from before it."""
    record = a_record(MEASURED, a_dose(later(SAMPLED, hours=-6), mg="0.4"), LEVEL)
    stops = {a.code for a in advise(record, NOW).alerts if a.kind is AlertKind.STOP}
    assert stops == {"interval-unknown", "dose-changed-since"}


@pytest.mark.parametrize("text", ["<2.0 ng/mL", ">30 ng/mL"])
def test_a_censored_level_cannot_bear_it(text: str) -> None:
    assert_refused(a_record(MEASURED, DOSE, a_level(text, SAMPLED)), "level-censored")


EDGES_OF_EARLY = [  # each day is reached 4 hours before its hour
    (timedelta(days=2, hours=20) - timedelta(seconds=1), AlertKind.STOP),
    (timedelta(days=2, hours=20), AlertKind.CAUTION),
    (timedelta(days=3), AlertKind.CAUTION),
    (timedelta(days=6, hours=20) - timedelta(seconds=1), AlertKind.CAUTION),
    (timedelta(days=6, hours=20), None),
    (timedelta(days=7), None),
]


@pytest.mark.parametrize(("since", "kind"), EDGES_OF_EARLY)
def test_less_than_3_days_after_a_change_is_too_early(
    since: timedelta, kind: AlertKind | None
) -> None:
    changed = later(SAMPLED, seconds=-since.total_seconds())
    record = a_record(MEASURED, a_dose(mg="0.3"), a_dose(changed, mg="0.4"), LEVEL)
    assert kinds(advise(record, NOW)).get("level-too-early") is kind
    assert_refused(record, "level-too-early", refused=kind is AlertKind.STOP)


@pytest.mark.parametrize(
    ("since", "refused"), [(since, kind is AlertKind.STOP) for since, kind in EDGES_OF_EARLY]
)
def test_less_than_3_days_after_a_loading_dose_is_too_early(
    since: timedelta,
    refused: bool,  # noqa: FBT001 - a table's column
) -> None:
    load = a_dose(later(SAMPLED, seconds=-since.total_seconds()), "1", loading=True)
    record = a_record(MEASURED, DOSE, load, LEVEL)
    assert_refused(record, "level-too-early", refused=refused)


def test_the_same_dose_prescribed_again_is_no_change() -> None:
    again = a_dose(later(SAMPLED, days=-1), mg="0.4")
    assert_refused(
        a_record(MEASURED, DOSE, again, LEVEL),
        "",
        refused=False,
    )


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        # the new dose was given at its start, or not yet: the last dose is that of 12 hours before
        (-12 * 3600 - 1, "level-too-early"),
        (-12 * 3600, "level-too-early"),
        (-12 * 3600 + 1, "dose-changed-since"),
        (-1, "dose-changed-since"),
        (0, "dose-changed-since"),
        (1, "dose-changed-since"),
    ],
)
def test_a_dose_changed_around_the_sample_is_told_which_way(seconds: int, code: str) -> None:
    change = a_dose(later(SAMPLED, seconds=seconds), "0.5")
    assert_refused(a_record(MEASURED, DOSE, change, LEVEL), code)


def test_a_change_planned_for_tomorrow_after_the_level_answers_it() -> None:
    planned = a_dose(later(NOW, days=1), "0.5")
    assert_refused(a_record(MEASURED, DOSE, LEVEL, planned), "dose-changed-since")
    load = a_dose(later(NOW, days=1), "1", loading=True)
    assert_refused(a_record(MEASURED, DOSE, LEVEL, load), "dose-changed-since")


def test_a_change_that_was_planned_before_the_level_does_not_answer_it() -> None:
    planned = a_dose(later(NOW, days=1), "0.5")
    assert_refused(a_record(MEASURED, DOSE, planned, LEVEL), "dose-changed-since", refused=False)


def test_a_loading_dose_after_the_sample_is_a_change() -> None:
    load = a_dose(later(SAMPLED, hours=1), "1", loading=True)
    assert_refused(
        a_record(MEASURED, DOSE, load, LEVEL),
        "dose-changed-since",
    )


def test_a_dose_that_was_ended_since_is_not_adjusted() -> None:
    dose = DOSE
    record = a_record(MEASURED, dose, LEVEL)
    over = ended(record, 3, later(SAMPLED, hours=2))
    assert_refused(over, "no-dose-now")
    assert advise(over, NOW).request is None
    still = ended(record, 3, later(NOW, seconds=1))
    assert_refused(still, "", refused=False)


def test_without_a_dose_at_the_sample_there_is_nothing_to_multiply() -> None:
    stops = {
        a.code for a in advise(a_record(MEASURED, LEVEL), NOW).alerts if a.kind is AlertKind.STOP
    }
    assert stops == {"interval-unknown", "no-dose-in-force", "no-dose-now"}


@pytest.mark.parametrize(
    ("days_before", "kind"),
    [(-1, AlertKind.STOP), (0, AlertKind.STOP), (6, AlertKind.STOP), (7, AlertKind.CAUTION),
     (8, AlertKind.CAUTION), (13, AlertKind.CAUTION), (14, None), (15, None)],
)  # fmt: skip
@pytest.mark.parametrize("end", [False, True])
def test_a_drug_that_just_changed_cannot_bear_it(
    days_before: int,
    kind: AlertKind | None,
    end: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Started, or stopped after it was given for months."""
    day = date(2026, 11, 21) - timedelta(days=days_before)
    drug = CoMedication(drug="fluconazole", since=date(2026, 1, 1) if end else day)
    record = a_record(MEASURED, DOSE, LEVEL, drug)
    if end:
        record = ended(record, 5, day)
    assert_refused(record, "drug-just-changed", refused=kind is AlertKind.STOP)
    found = kinds(advise(record, NOW))
    if kind is not AlertKind.STOP:
        assert found.get("interacting-drug-changed") is kind


def test_a_drug_that_no_source_confirms_is_a_caution() -> None:
    drug = CoMedication(drug="dexamethasone", since=date(2026, 11, 22))
    record = a_record(MEASURED, DOSE, LEVEL, drug)
    assert kinds(advise(record, NOW))["drug-just-changed"] is AlertKind.CAUTION
    assert_refused(record, "", refused=False)


@pytest.mark.parametrize("name", ["co-trimoxazole", "enalapril", "BCG", "nosuchdrug [/]"])
def test_a_drug_that_leaves_the_level_alone_changes_nothing(name: str) -> None:
    drug = CoMedication(drug=name, since=date(2026, 11, 20))
    assert_refused(a_record(MEASURED, DOSE, LEVEL, drug), "", refused=False)


@pytest.mark.parametrize(
    ("seconds_over", "refused"), [(-1, False), (0, False), (1, True)]
)  # 60 days are allowed
def test_a_level_of_more_than_60_days_is_too_old(seconds_over: int, refused: bool) -> None:  # noqa: FBT001 - a table's column
    now = later(SAMPLED, days=60, seconds=seconds_over)
    assert_refused(GOOD, "level-old", refused=refused, now=now)


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        (timedelta(days=3) - timedelta(seconds=1), True),
        (timedelta(days=3), False),
        (timedelta(days=3, seconds=1), False),
    ],
)
def test_doses_held_shortly_before_make_it_a_level_of_less(
    before: timedelta,
    refused: bool,  # noqa: FBT001 - a table's column
) -> None:
    held = MissedDose(
        at=later(SAMPLED, days=-10),
        kind=NotGiven.HELD,
        until=later(SAMPLED, seconds=-before.total_seconds()),
    )
    record = a_record(MEASURED, DOSE, LEVEL, held)
    assert_refused(record, "doses-held", refused=refused)
    assert kinds(advise(record, NOW))["doses-not-given"] is AlertKind.CAUTION


@pytest.mark.parametrize(("seconds", "refused"), [(-1, True), (0, False), (1, False)])
def test_doses_held_since_the_last_dose_leave_the_level_as_it_was(
    seconds: int,
    refused: bool,  # noqa: FBT001 - a table's column
) -> None:
    held = MissedDose(at=later(LAST_DOSE, seconds=seconds), kind=NotGiven.HELD)
    record = a_record(MEASURED, DOSE, LEVEL, held)
    assert_refused(record, "doses-held", refused=refused, now=at(SAMPLED))


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-11-19", "2 days before the sample"),
        ("2026-11-20", "1 day before the sample"),
        ("2026-11-21", "on the day of the sample"),
        ("2026-11-22", "after the sample"),
    ],
)
def test_a_drug_is_named_with_its_days(since: str, words: str) -> None:
    found = advise(a_record(MEASURED, DOSE, LEVEL, a_drug("voriconazole", since)), NOW).alerts
    (message,) = [each.message for each in found if each.code == "drug-just-changed"]
    assert words in message


def test_a_single_missed_dose_is_a_caution() -> None:
    missed = MissedDose(at=later(SAMPLED, days=-1), kind=NotGiven.MISSED)
    record = a_record(MEASURED, DOSE, LEVEL, missed)
    assert kinds(advise(record, NOW))["doses-not-given"] is AlertKind.CAUTION
    assert_refused(record, "", refused=False)


@pytest.mark.parametrize("text", ["5.0 ng/mL", "15 ug/L", "5.46950 nmol/L"])
def test_inside_the_target_there_is_no_change(text: str) -> None:
    """1 ng/mL = 1.0939 nmol/L: 5.4695 nmol/L is 5 ng/mL by the rounded factor, a little above."""
    advice = advise(a_record(MEASURED, DOSE, a_level(text, SAMPLED)), NOW)
    assert not advice.stopped
    assert advice.dose is None
    assert advice.adjusted is not None
    assert advice.adjusted.factor == 1
    assert kinds(advice)["no-change"] is AlertKind.NOTE


def test_above_30_it_is_urgent_and_there_is_no_dose() -> None:
    advice = advise(a_record(MEASURED, DOSE, a_level("30.1 ng/mL", SAMPLED)), NOW)
    assert advice.stopped
    assert kinds(advice)["level-high"] is AlertKind.URGENT
    assert kinds(advice)["level-too-high-to-adjust"] is AlertKind.STOP


def test_aim_loading_and_override_reach_the_arithmetic() -> None:
    """2.8 mg/day × 6 / 4 = 4.2 mg/day; on 2/3 m² that is 6.3 mg/m²/day, above 4."""
    record = a_record(MEASURED, a_dose(mg="1.4"), LEVEL)
    assert advise(record, NOW, aim_ng_ml=Decimal(6)).awaits_override
    override = Override("agreed in the board", "A. Name")
    advice = advise(record, NOW, aim_ng_ml=Decimal(6), override=override, loading=True)
    assert advice.adjusted is not None
    assert advice.dose is not None
    assert advice.dose.daily_mg == Decimal("4.2")
    assert advice.adjusted.loading_dose is not None
    assert advice.adjusted.loading_dose.exact_mg == Decimal("4.2")  # 3 × (4.2 − 2.8)
    assert advice.adjusted.override == override


def test_an_aim_outside_the_target_is_refused_whatever_the_level() -> None:
    for record in (GOOD, a_record(DOSE, a_level("<2.0 ng/mL", SAMPLED))):
        with pytest.raises(UserError, match="outside the target"):
            advise(record, NOW, aim_ng_ml=Decimal(16))


def test_every_reason_is_told_at_once() -> None:
    drug = CoMedication(drug="voriconazole", since=date(2026, 11, 20))
    record = a_record(DOSE, a_level("<2.0 ng/mL", SAMPLED, hours=None), drug)
    stops = [a.code for a in advise(record, NOW).alerts if a.kind is AlertKind.STOP]
    assert stops == ["level-censored", "last-dose-unknown", "drug-just-changed"]

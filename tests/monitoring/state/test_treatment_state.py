"""The state of treatment at a moment (course of treatment, sections 1 and 2)."""

from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal

import pytest

from dosing import AlertKind, Product
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.restarting import check_restart
from monitoring.state import StateKind, TreatmentState, state_at
from tests.builders import (
    a_dose,
    a_drug,
    a_level,
    a_missed_dose,
    a_record,
    a_side_effect,
    at,
    ended,
    held_doses,
    voided,
)

DOSE = a_dose("2026-11-01T08:00")
NOW = "2026-11-20T08:00"


def state(*entries: Entry, now: str = NOW) -> TreatmentState:
    return state_at(a_record(*entries), at(now))


def of(record: Record, now: str = NOW) -> TreatmentState:
    return state_at(record, at(now))


def asked(found: TreatmentState) -> str | None:
    return found.conflict.code if found.conflict else None


# --- the kinds


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ("2026-11-01T07:59", StateKind.NOT_STARTED),
        ("2026-11-01T08:00", StateKind.ON),
        ("2026-11-01T08:01", StateKind.ON),
        ("2026-11-15T07:59", StateKind.ON),
        ("2026-11-15T08:00", StateKind.STOPPED),
        ("2026-11-15T08:01", StateKind.STOPPED),
    ],
)
def test_a_dose_goes_from_its_start_to_its_end(now: str, kind: StateKind) -> None:
    assert of(ended(a_record(DOSE), 2, "2026-11-15T08:00"), now).kind is kind


def test_nothing_prescribed_is_not_started() -> None:
    found = state()
    assert (found.kind, found.since, found.prescription) == (StateKind.NOT_STARTED, None, None)
    assert (found.words, found.conflict) == ("Not started", None)
    assert found.to_dict()["dose"] is None


def test_a_stop_keeps_its_day_and_its_reason() -> None:
    found = of(ended(a_record(DOSE), 2, "2026-11-15T08:00"))
    assert (found.kind, found.since) == (StateKind.STOPPED, at("2026-11-15T08:00"))
    assert found.words == "Stopped since 15 Nov 2026"
    assert found.to_dict()["dose"] is None


def test_a_stop_is_that_of_the_last_dose_and_without_its_drugs() -> None:
    record = a_record(DOSE, a_dose("2026-11-10T08:00", "0.5"), a_drug("rifampicin", "2026-11-10"))
    found = of(ended(record, 3, "2026-11-15T08:00"))
    assert (found.since, found.words) == (at("2026-11-15T08:00"), "Stopped since 15 Nov 2026")


def test_the_reason_of_a_stop_is_that_of_the_last_dose() -> None:
    record = a_record(DOSE, a_dose("2026-11-10T08:00", "0.5"))
    both = ended(ended(record, 2, "2026-11-10T08:00", "raised"), 3, "2026-11-15T08:00", "cough")
    assert of(both).reason == "cough"


def test_a_dose_that_will_end_is_on_until_then() -> None:
    found = of(ended(a_record(DOSE), 2, "2026-11-25T08:00"))
    assert (found.kind, found.until) == (StateKind.ON, at("2026-11-25T08:00"))


def test_the_next_dose_is_no_end() -> None:
    found = state(DOSE, a_dose("2026-11-25T08:00", "0.5"))
    assert (found.kind, found.until, found.next_step) == (StateKind.ON, None, None)


def test_a_dose_that_the_next_one_ends_before_its_own_end_has_no_end() -> None:
    record = ended(a_record(DOSE, a_dose("2026-11-22T08:00", "0.5")), 2, "2026-11-25T08:00")
    assert of(record).until is None


def test_a_step_of_a_plan_to_stop_is_tapering() -> None:
    steps = (
        a_dose("2026-11-10T08:00", "0.4", is_taper_step=True),
        a_dose("2026-12-10T08:00", "0.36", is_taper_step=True),
    )
    found = state(DOSE, *steps)
    assert found.kind is StateKind.TAPERING
    assert found.words == (
        "Tapering: 0.4 mg × 2 a day since 10 Nov 2026, from 10 Dec 2026, 08:00 0.36 mg × 2 a day"
    )
    assert found.next_step is not None
    assert found.to_dict()["next_step"] == "2026-12-10T08:00+01:00"


@pytest.mark.parametrize(
    ("now", "is_coming"),
    [("2026-12-10T07:59", True), ("2026-12-10T08:00", False), ("2026-12-10T08:01", False)],
)
def test_a_step_that_begins_is_no_longer_the_next(now: str, *, is_coming: bool) -> None:
    step = a_dose("2026-12-10T08:00", "0.36", is_taper_step=True)
    assert (state(DOSE, step, now=now).next_step is not None) is is_coming


# --- the next dose to come


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            "2026-11-30T07:59",
            "On 0.44 mg × 2 a day since 1 Nov 2026, from 30 Nov 2026, 08:00 0.68 mg × 2 a day",
        ),
        ("2026-11-30T08:00", "On 0.68 mg × 2 a day since 30 Nov 2026"),
        ("2026-11-30T08:01", "On 0.68 mg × 2 a day since 30 Nov 2026"),
    ],
)
def test_a_dose_to_come_is_said_until_it_begins(now: str, told: str) -> None:
    assert state(DOSE, a_dose("2026-11-30T08:00", "0.68"), now=now).words == told


def test_of_several_doses_to_come_only_the_next_that_changes_is_said() -> None:
    same, *others = (
        a_dose("2026-11-25T08:00"),
        a_dose("2026-12-28T08:00", "0.8", is_taper_step=True),
        a_dose("2026-11-30T08:00", "0.68", is_taper_step=True),
    )
    found = state(DOSE, same, *others)
    assert found.coming == "from 30 Nov 2026, 08:00 0.68 mg × 2 a day"
    assert found.words.count(found.coming) == 1


def test_a_dose_to_come_is_said_before_the_first_on_hold_and_after_a_stop() -> None:
    later = a_dose("2026-11-30T08:00", "0.68")
    planned = "; planned from 30 Nov 2026, 08:00 0.68 mg × 2 a day"
    held = held_doses("2026-11-10T08:00", None, is_open=True)
    assert state(later).words == f"Not started{planned}"
    assert state(DOSE, later, held).words == (
        f"On hold since 10 Nov 2026, before on 0.44 mg × 2 a day{planned}"
    )
    # prescribed after the hold it is the restart
    assert state(DOSE, held, later).words == (
        f"On hold since 10 Nov 2026 until 30 Nov 2026, 08:00, before on 0.44 mg × 2 a day{planned}"
    )
    stopped = ended(a_record(DOSE, later), 2, "2026-11-15T08:00")
    assert of(stopped).words == f"Stopped since 15 Nov 2026{planned}"


def test_a_dose_to_come_stays_apart_from_the_drugs_and_names_another_product() -> None:
    drug = a_drug("rifampicin", "2026-11-10")
    tablets = a_dose("2026-11-30T08:00", "0.5", product=Product.TABLETS)
    assert state(DOSE, tablets, drug).words == (
        "On 0.44 mg × 2 a day since 1 Nov 2026, from 30 Nov 2026, 08:00 0.5 mg × 2 a day of "
        "tablets, with rifampicin since 10 Nov 2026"
    )
    diluted = a_dose("2026-11-30T08:00", strength_mg_per_ml=Decimal("0.5"))
    assert state(DOSE, diluted).coming.endswith("0.44 mg × 2 a day of oral solution 0.5 mg/mL")


def test_the_recorded_end_of_a_dose_is_said_with_the_dose_after_it() -> None:
    later = a_dose("2026-12-01T08:00", "0.68")
    record = ended(a_record(DOSE, later), 2, "2026-11-25T08:00")
    assert of(record).words == (
        "On 0.44 mg × 2 a day since 1 Nov 2026, until 25 Nov 2026, 08:00, "
        "from 1 Dec 2026, 08:00 0.68 mg × 2 a day"
    )


def test_a_restart_says_the_dose_to_come_after_it() -> None:
    held = held_doses("2026-11-10T08:00", None, is_open=True)
    record = a_record(DOSE, a_dose("2026-11-30T08:00", "0.68"), held)
    checked = check_restart(record, at("2026-11-20T08:00"), at(NOW))
    assert checked.dose == "0.44 mg × 2 a day, from 30 Nov 2026, 08:00 0.68 mg × 2 a day"
    later = check_restart(record, at("2026-11-30T08:00"), at("2026-11-30T09:00"))
    assert later.dose == "0.68 mg × 2 a day"


def test_a_drug_that_interacts_is_part_of_the_words() -> None:
    found = state(DOSE, a_drug("rifampicin", "2026-11-10"), a_drug("paracetamol", "2026-11-10"))
    assert found.words == (
        "On 0.44 mg × 2 a day since 1 Nov 2026, with rifampicin since 10 Nov 2026"
    )
    assert [each.name for each in found.drugs] == ["rifampicin"]


@pytest.mark.parametrize(("end", "is_given"), [("2026-11-19", False), ("2026-11-20", True)])
def test_an_ended_drug_is_left_out_from_the_day_after(end: str, *, is_given: bool) -> None:
    record = ended(a_record(DOSE, a_drug("rifampicin", "2026-11-10")), 3, end)
    assert bool(of(record).drugs) is is_given


# --- holds


def test_an_open_hold_lasts() -> None:
    found = state(DOSE, held_doses("2026-11-10T08:00", None, is_open=True))
    assert (found.kind, found.since) == (StateKind.ON_HOLD, at("2026-11-10T08:00"))
    assert (found.until, found.questions) == (None, ())
    assert found.words == "On hold since 10 Nov 2026, before on 0.44 mg × 2 a day"
    assert found.to_dict()["kind"] == "on-hold"


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ("2026-11-10T07:59", StateKind.ON),
        ("2026-11-10T08:00", StateKind.ON_HOLD),
        ("2026-11-10T08:01", StateKind.ON_HOLD),
        ("2026-11-25T07:59", StateKind.ON_HOLD),
        ("2026-11-25T08:00", StateKind.ON),
        ("2026-11-25T08:01", StateKind.ON),
    ],
)
def test_a_hold_with_an_end_is_over_then(now: str, kind: StateKind) -> None:
    held = held_doses("2026-11-10T08:00", "2026-11-25T08:00")
    assert state(DOSE, held, now=now).kind is kind


def test_a_hold_until_the_future_says_so() -> None:
    found = state(DOSE, held_doses("2026-11-10T08:00", "2026-11-25T08:00"))
    assert found.until == at("2026-11-25T08:00")
    assert found.words.startswith("On hold since 10 Nov 2026 until 25 Nov 2026, ")


def test_after_a_hold_the_same_dose_is_on_since_the_restart() -> None:
    record = ended(
        a_record(DOSE, held_doses("2026-11-05T08:00", None, is_open=True)), 3, "2026-11-15T08:00"
    )
    found = of(record)
    assert (found.kind, found.since) == (StateKind.ON, at("2026-11-15T08:00"))
    assert found.last_exposure_change is not None
    assert found.last_exposure_change.cause.value == "restart"
    assert found.last_exposure_change.at == at("2026-11-15T08:00")


def test_a_hold_to_come_changes_nothing_yet() -> None:
    found = state(DOSE, held_doses("2026-11-22T08:00", "2026-11-25T08:00"))
    assert (found.kind, found.since) == (StateKind.ON, at("2026-11-01T08:00"))


def test_the_dose_is_on_from_the_very_minute_of_the_restart() -> None:
    hold = held_doses("2026-11-05T08:00", "2026-11-15T08:00")
    assert state(DOSE, hold, now="2026-11-15T08:00").since == at("2026-11-15T08:00")


@pytest.mark.parametrize(
    ("is_step", "how"), [(True, "by the plan"), (None, "now prescribed"), (False, "now prescribed")]
)
def test_a_hold_names_the_dose_before_it_and_that_of_a_plan_since(
    is_step: bool | None,  # noqa: FBT001 - a table's column
    how: str,
) -> None:
    later = a_dose("2026-11-15T08:00", "0.4", is_taper_step=is_step)
    found = state(DOSE, later, held_doses("2026-11-10T08:00", None, is_open=True))
    assert found.words == (
        f"On hold since 10 Nov 2026, before on 0.44 mg × 2 a day, {how} 0.4 mg × 2 a day"
    )


def test_a_hold_from_before_the_first_dose_names_that_dose() -> None:
    found = state(DOSE, held_doses("2026-10-25T08:00", None, is_open=True))
    assert found.words == "On hold since 25 Oct 2026, before on 0.44 mg × 2 a day"


def test_a_hold_of_before_is_asked_about_once() -> None:
    found = state(DOSE, held_doses("2026-11-10T08:00", None))
    assert found.kind is StateKind.ON_HOLD
    assert [(each.code, each.kind) for each in found.questions] == [
        ("hold-end-unknown", AlertKind.CAUTION)
    ]


@pytest.mark.parametrize(
    "after",
    [
        a_dose("2026-11-15T08:00", "0.4"),
        a_level("5 ng/mL", "2026-11-16T07:50", last_dose="2026-11-15T20:00"),
    ],
)
def test_a_hold_of_before_ends_with_a_later_dose(after: Entry) -> None:
    found = state(DOSE, held_doses("2026-11-10T08:00", None), after)
    assert (found.kind, found.questions) == (StateKind.ON, ())


def test_a_dose_that_the_schedule_supposed_ends_no_hold_of_before() -> None:
    supposed = a_level(
        "5 ng/mL", "2026-11-16T07:50", last_dose="2026-11-15T20:00", last_dose_assumed=True
    )
    assert state(DOSE, held_doses("2026-11-10T08:00", None), supposed).kind is StateKind.ON_HOLD


@pytest.mark.parametrize(
    ("last_dose", "assumed", "code"),
    [
        ("2026-11-10T07:59", None, None),
        ("2026-11-10T08:00", None, None),
        ("2026-11-10T08:01", None, "given-while-held"),
        ("2026-11-15T08:00", None, "given-while-held"),
        ("2026-11-15T08:00", True, None),
    ],
)
def test_a_dose_told_while_held_is_a_conflict(
    last_dose: str,
    assumed: bool | None,  # noqa: FBT001 - a table's column
    code: str | None,
) -> None:
    level = a_level("5 ng/mL", "2026-11-16T08:00", last_dose=last_dose, last_dose_assumed=assumed)
    found = state(DOSE, held_doses("2026-11-10T08:00", None, is_open=True), level)
    assert (found.kind, asked(found)) == (StateKind.ON_HOLD, code)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-15T07:59", None),
        ("2026-11-15T08:00", "given-while-held"),
        ("2026-11-15T08:01", "given-while-held"),
    ],
)
def test_a_dose_given_later_is_no_conflict_yet(now: str, code: str | None) -> None:
    level = a_level("5 ng/mL", "2026-11-16T08:00", last_dose="2026-11-15T08:00")
    hold = held_doses("2026-11-10T08:00", None, is_open=True)
    assert asked(state(DOSE, hold, level, now=now)) == code


def test_one_missed_dose_is_no_hold() -> None:
    assert state(DOSE, a_missed_dose("2026-11-20T08:00")).kind is StateKind.ON


# --- conflicts


@pytest.mark.parametrize("action", [ActionTaken.HELD, ActionTaken.STOPPED])
def test_an_event_that_says_so_while_the_dose_goes_on_is_a_conflict(action: ActionTaken) -> None:
    found = state(DOSE, a_side_effect("mouth sores", "2026-11-10", 2, action=action))
    assert (found.kind, asked(found)) == (StateKind.ON, "treatment-conflict")
    assert found.conflict is not None
    assert found.conflict.kind is AlertKind.STOP
    assert f"sirolimus was {action.value}" in found.conflict.message
    assert found.words == "On 0.44 mg × 2 a day since 1 Nov 2026, in question"
    assert not found.is_given


@pytest.mark.parametrize("action", [ActionTaken.NONE, ActionTaken.REDUCED])
def test_other_actions_are_none(action: ActionTaken) -> None:
    found = state(DOSE, a_side_effect("mouth sores", "2026-11-10", 2, action=action))
    assert asked(found) is None
    assert found.is_given


def held_event(action: ActionTaken = ActionTaken.STOPPED) -> Entry:
    return a_side_effect("mouth sores", "2026-11-10", 2, action=action)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (held_doses("2026-11-08T23:59", "2026-11-09T20:00"), "treatment-conflict"),  # before it
        (held_doses("2026-11-09T08:00", "2026-11-09T20:00"), "treatment-conflict"),
        (held_doses("2026-11-09T08:00", "2026-11-11T08:00"), None),  # from the day before on
        (held_doses("2026-11-10T08:00", "2026-11-12T08:00"), None),
        (held_doses("2026-11-10T08:00", "2026-11-10T20:00"), None),  # a part of its day
        (held_doses("2026-11-05T08:00", "2026-11-10T08:00"), "treatment-conflict"),  # given again
        (a_dose("2026-11-09T08:00", "0.4"), "treatment-conflict"),
        (a_dose("2026-11-10T08:00", "0.4"), None),
        (a_dose("2026-11-11T08:00", "0.4"), None),
        (a_dose("2026-11-20T08:00", "0.4"), None),  # it begins now
        (a_dose("2026-11-20T08:01", "0.4"), "treatment-conflict"),
        (a_dose("2026-11-21T08:00", "0.4"), "treatment-conflict"),  # not begun: it goes on
        (a_dose("2026-11-11T08:00", "3", loading=True), "treatment-conflict"),
    ],
)
def test_what_was_recorded_answers_it(answer: Entry, code: str | None) -> None:
    assert asked(state(DOSE, held_event(), answer)) == code


def test_a_dose_of_the_same_day_recorded_before_the_event_is_no_answer() -> None:
    assert asked(state(a_dose("2026-11-10T08:00"), held_event())) == "treatment-conflict"
    assert asked(state(DOSE, a_dose("2026-11-11T08:00"), held_event())) is None


def test_a_step_planned_before_the_event_is_no_answer() -> None:
    step = a_dose("2026-11-15T08:00", "0.4", is_taper_step=True)
    assert asked(state(DOSE, step, held_event())) == "treatment-conflict"
    assert asked(state(DOSE, held_event(), step)) is None


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2026-11-08T08:00", None),  # the treatment was over before the event
        ("2026-11-09T08:00", None),
        ("2026-11-10T08:00", None),
        ("2026-11-25T08:00", None),  # the planned stop answers it
    ],
)
def test_a_stop_answers_it(end: str, code: str | None) -> None:
    assert asked(of(ended(a_record(DOSE, held_event()), 2, end))) == code


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2026-11-08T23:59", "treatment-conflict"),
        ("2026-11-09T00:00", None),
        ("2026-11-09T23:59", None),
        ("2026-11-10T07:59", None),
    ],
)
def test_a_stop_from_the_day_before_on_answers_it_though_given_again(end: str, code: str) -> None:
    given_again = a_record(DOSE, a_dose("2026-11-10T08:00"), held_event())
    assert asked(of(ended(given_again, 2, end))) == code


def test_an_earlier_stop_is_no_answer() -> None:
    record = ended(a_record(DOSE, a_dose("2026-11-07T08:00"), held_event()), 2, "2026-11-05T08:00")
    assert asked(of(record)) == "treatment-conflict"


def test_an_ended_event_asks_for_a_stop_but_for_no_hold() -> None:
    def over(action: ActionTaken) -> str | None:
        return asked(of(ended(a_record(DOSE, held_event(action)), 3, "2026-11-15")))

    assert over(ActionTaken.HELD) is None
    assert over(ActionTaken.STOPPED) == "treatment-conflict"


@pytest.mark.parametrize(
    ("since", "code"),
    [
        ("2026-10-31", None),
        ("2026-11-01", "treatment-conflict"),
        ("2026-11-02", "treatment-conflict"),
    ],
)
def test_an_event_before_treatment_is_no_conflict(since: str, code: str | None) -> None:
    event = a_side_effect("mouth sores", since, 2, action=ActionTaken.STOPPED)
    assert asked(state(DOSE, event)) == code


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-09T23:59", None),
        ("2026-11-10T00:00", "treatment-conflict"),
        ("2026-11-10T00:01", "treatment-conflict"),
    ],
)
def test_a_conflict_begins_on_the_day_of_the_event(now: str, code: str | None) -> None:
    assert asked(state(DOSE, held_event(), now=now)) == code


def test_a_voided_event_asks_nothing() -> None:
    assert asked(of(voided(a_record(DOSE, held_event()), 3))) is None


def test_the_newest_event_is_asked_about() -> None:
    older = a_side_effect("headache", "2026-11-05", 2, action=ActionTaken.STOPPED)
    found = state(DOSE, held_event(), older)
    assert found.conflict is not None
    assert found.conflict.message.startswith("Mouth sores of 10 Nov 2026")


# --- one object


def test_a_state_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        state(DOSE).kind = StateKind.STOPPED  # type: ignore[misc]  # what is tried
    assert all(each.kw_only for each in fields(TreatmentState))


def test_json_says_null_where_the_record_is_silent() -> None:
    document = state().to_dict()
    silent = ("since", "until", "reason", "dose", "conflict", "last_exposure_change", "next_step")
    assert {name: document[name] for name in silent} == dict.fromkeys(silent)


def test_json_has_the_times_and_the_drugs_of_a_hold() -> None:
    record = a_record(
        DOSE,
        replace(held_doses("2026-11-10T08:00", "2026-11-25T08:00"), reason="fever"),
        a_drug("rifampicin", "2026-11-09"),
        a_drug("voriconazole", "2026-11-12"),
    )
    document = of(ended(record, 5, "2026-11-28")).to_dict()
    assert (document["since"], document["until"], document["reason"]) == (
        "2026-11-10T08:00+01:00",
        "2026-11-25T08:00+01:00",
        "fever",
    )
    assert document["dose"] is not None
    drugs = document["drugs"]
    assert isinstance(drugs, list)
    assert [(each["drug"], each["from"], each["to"]) for each in drugs] == [
        ("rifampicin", "2026-11-09", None),
        ("voriconazole", "2026-11-12", "2026-11-28"),
    ]
    assert [each["effect"].split()[0] for each in drugs] == ["lowers", "raises"]


def test_json_of_a_stop_has_no_dose() -> None:
    document = of(ended(a_record(DOSE), 2, "2026-11-15T08:00", "cough")).to_dict()
    assert (document["kind"], document["dose"], document["reason"]) == ("stopped", None, "cough")


def test_a_state_is_made_once_for_a_record_and_a_moment() -> None:
    record = a_record(DOSE)
    assert of(record) is of(record)
    assert of(record) is not of(record, "2026-11-21T08:00")


def test_the_dose_in_json_has_its_parts() -> None:
    alternate = a_dose("2026-11-01T08:00", "1", times_a_day=1, every_hours=48)
    dose = state(alternate).to_dict()["dose"]
    assert dose == {
        "given_mg": 1,
        "evening_mg": None,
        "times_a_day": None,
        "every_hours": 48,
        "daily_mg": 0.5,
        "product": "solution",
    }
    daily = state(a_dose("2026-11-01T08:00", "1", times_a_day=1)).to_dict()["dose"]
    assert isinstance(daily, dict)
    assert (daily["times_a_day"], daily["every_hours"]) == (1, 24)
    unequal = a_dose("2026-11-01T08:00", "0.5", evening_mg=Decimal("0.4"))
    dose = state(unequal).to_dict()["dose"]
    assert isinstance(dose, dict)
    assert (dose["times_a_day"], dose["evening_mg"], dose["daily_mg"]) == (2, 0.4, 0.9)


def test_no_short_text_names_the_patient() -> None:
    assert "Neil" not in repr(state(DOSE))

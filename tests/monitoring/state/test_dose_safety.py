"""What forbids a dose, and what never does (course of treatment, sections 3 and 6)."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dosing import REVIEW, Alerts, Override, Product, interaction_alerts
from monitoring.prescribing import (
    CheckedPrescription,
    check_prescription,
    propose_for,
    starting_request,
    typed_prescription,
)
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.prescription import Prescription
from monitoring.restarting import check_restart
from monitoring.state import (
    DoseStep,
    StateKind,
    card_safety,
    dose_safety,
    prescription_safety,
    starting_dose_safety,
    state_at,
    step_to,
)
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    ended,
    held_doses,
    later,
)
from tests.campaign import cases

DOSE = a_dose("2026-11-01T08:00", "0.44")
NOW = at("2026-11-20T08:00")
BODY = a_measurement(on="2026-11-01")
OPEN_HOLD = held_doses("2026-11-10T08:00", None, is_open=True)
OVERRIDE = Override("a plan", "Dr Example")


def treated(*entries: Entry) -> Record:
    return a_record(BODY, DOSE, *entries, patient=a_patient(allergies=""))


def untreated(*entries: Entry) -> Record:
    return a_record(BODY, *entries, patient=a_patient(allergies=""))


def kinds(alerts: Alerts) -> dict[str, str]:
    return {each.code: each.kind.word for each in alerts}


def at_step(record: Record, step: DoseStep) -> dict[str, str]:
    return kinds(dose_safety(state_at(record, NOW), step))


# --- steps


@pytest.mark.parametrize(
    ("mg", "on", "on_hold"),
    [
        ("0.43", DoseStep.LOWER, DoseStep.RESTART),
        ("0.44", DoseStep.KEEP, DoseStep.RESTART),
        ("0.45", DoseStep.RAISE, DoseStep.RAISE),
    ],
)
def test_the_step_from_a_dose(mg: str, on: DoseStep, on_hold: DoseStep) -> None:
    daily = Decimal(mg) * 2
    assert step_to(state_at(treated(), NOW), daily) is on
    assert step_to(state_at(treated(OPEN_HOLD), NOW), daily) is on_hold
    assert step_to(state_at(untreated(), NOW), daily) is DoseStep.START
    assert step_to(state_at(ended(treated(), 3, "2026-11-15T08:00"), NOW), daily) is DoseStep.START


def test_a_loading_dose_is_a_raise() -> None:
    assert step_to(state_at(treated(), NOW), Decimal("0.1"), is_loading=True) is DoseStep.RAISE
    assert step_to(state_at(untreated(), NOW), Decimal(3), is_loading=True) is DoseStep.START


# --- the force of each finding at each step

_CONFLICT = a_side_effect("pain", "2026-11-10", 2, action=ActionTaken.STOPPED)
_STEPS = (DoseStep.START, DoseStep.RESTART, DoseStep.RAISE, DoseStep.KEEP, DoseStep.LOWER)


@pytest.mark.parametrize(
    ("entry", "code", "by_step"),
    [
        (a_side_effect("pneumonitis", "2026-11-10", 3), "pneumonitis-severe", "OOOOU"),
        (a_side_effect("pneumonitis", "2026-11-10", 2), "pneumonitis-open", "OOOOU"),
        (a_side_effect("pneumonitis", "2026-11-10", 1), "pneumonitis-open", "CCCCC"),
        (a_condition("pregnancy", "2026-11-10"), "pregnancy", "OOOOU"),
        (a_condition("allergy to sirolimus", "2020-01-01"), "allergy-sirolimus", "SSSSU"),
        (a_condition("peanut allergy", "2020-01-01"), "allergy-soya", "OOOOU"),
        (a_side_effect("mouth sores", "2026-11-10", 3), "severe-finding", "OOOUU"),
        (a_side_effect("cough", "2026-11-10"), "respiratory-symptom", "OOOUU"),
        (a_side_effect("fever", "2026-11-10"), "fever", "CCCCC"),
        (a_condition("surgery", "2026-11-25"), "surgery", "CCCCC"),
        (a_condition("infection", "2026-11-10"), "infection-open", "CCCCC"),
        (a_condition("breastfeeding", "2026-11-10"), "breastfeeding", "CCCCC"),
        (OPEN_HOLD, "on-hold", "SCSSC"),
        (_CONFLICT, "treatment-conflict", "SSSSU"),
        (a_drug("rifampicin", "2026-11-10"), "inducer-in-force", "--C--"),
    ],
)
def test_the_force_of_a_finding_at_each_step(entry: Entry, code: str, by_step: str) -> None:
    words = {"S": "stop", "O": "override", "U": "urgent", "C": "caution", "-": None}
    found = {step: at_step(treated(entry), step).get(code) for step in _STEPS}
    assert found == {step: words[sign] for step, sign in zip(_STEPS, by_step, strict=True)}


def test_the_strongest_is_first() -> None:
    record = treated(a_condition("breastfeeding", "2026-11-10"), _CONFLICT)
    found = dose_safety(state_at(record, NOW), DoseStep.RAISE)
    assert list(kinds(found)) == ["treatment-conflict", "breastfeeding"]


# --- a starting dose


def test_a_starting_dose_on_treatment_is_no_start() -> None:
    found = starting_dose_safety(treated(), NOW, Product.SOLUTION)
    assert kinds(found) == {"already-on-treatment": "override"}
    assert found[0].message.startswith("On 0.44 mg × 2 a day since 1 Nov 2026: this is not a first")
    on_hold = starting_dose_safety(treated(OPEN_HOLD), NOW, Product.SOLUTION)
    assert kinds(on_hold) == {"already-on-treatment": "override"}


def test_after_a_stop_it_is_a_start_again() -> None:
    record = ended(treated(), 3, "2026-11-15T08:00")
    assert starting_dose_safety(record, NOW, Product.SOLUTION) == ()


def test_a_proposal_for_a_patient_has_no_dose_while_the_record_forbids_it() -> None:
    def proposed(*entries: Entry, override: Override | None = None) -> tuple[bool, dict[str, str]]:
        record = untreated(*entries)
        request = starting_request(record, NOW)
        proposal = propose_for(record, request, NOW, NOW, override)
        written = proposal.to_dict()
        assert (written["dose"] is None) is proposal.stopped
        assert "mg/kg/day" not in str(written["alerts"]) or not proposal.stopped
        return proposal.dose is not None, kinds(proposal.alerts)

    pregnant = a_condition("pregnancy", "2026-11-10")
    assert proposed()[0]
    has_dose, alerts = proposed(pregnant)
    assert (has_dose, alerts["pregnancy"]) == (False, "override")
    assert proposed(pregnant, override=OVERRIDE)[0]
    allergic = a_condition("allergy to sirolimus", "2020-01-01")
    has_dose, alerts = proposed(allergic, override=OVERRIDE)
    assert (has_dose, alerts["allergy-sirolimus"]) == (False, "stop")


# --- a prescription


def checked(
    record: Record,
    mg: str = "0.46",
    *,
    override: Override | None = None,
    since: str = "2026-11-20T08:00",
) -> CheckedPrescription:
    written = a_dose(
        since,
        mg,
        override_reason=override.reason if override else "",
        override_by=override.by if override else "",
    )
    return check_prescription(record, written, NOW)


def test_the_override_of_a_prescription_passes_and_keeps_what_it_passed() -> None:
    record = treated(a_side_effect("pneumonitis", "2026-11-10", 3))
    plain = checked(record)
    assert (plain.stopped, plain.awaits_override) == (True, True)
    passed = checked(record, override=OVERRIDE)
    assert not passed.stopped
    assert set(passed.prescription.overridden_alerts) == {"pneumonitis-severe"}


@pytest.mark.parametrize("entry", [OPEN_HOLD, _CONFLICT])
def test_a_stop_of_the_state_is_passed_by_no_override(entry: Entry) -> None:
    found = checked(treated(entry), override=OVERRIDE)
    assert (found.stopped, found.awaits_override) == (True, False)


def test_a_fact_is_told_once() -> None:
    record = treated(a_condition("peanut allergy", "2020-01-01"))
    codes = [each.code for each in checked(record).alerts]
    assert codes.count("allergy-soya") == 1


def test_a_prescription_for_later_is_judged_at_its_start() -> None:
    due = a_condition("pregnancy", "2027-03-01")  # more than 12 weeks ahead today
    assert "pregnancy" not in forbidding(checked(treated(due)))
    assert "pregnancy" in forbidding(checked(treated(due), since="2026-12-20T08:00"))
    assert "on-hold" not in forbidding(checked(treated(ended_hold()), since="2026-11-26T08:00"))


def forbidding(found: CheckedPrescription) -> tuple[str, ...]:
    return found.alerts.blocking_codes


def ended_hold() -> Entry:
    return held_doses("2026-11-10T08:00", "2026-11-25T08:00")


def test_one_for_earlier_is_judged_now() -> None:
    event = a_side_effect("pneumonitis", "2026-11-18", 3)
    assert checked(treated(event), since="2026-11-15T08:00").stopped


@pytest.mark.parametrize("mg", ["0.40", "0.04"])
def test_a_reduction_is_told_of_and_not_forbidden(mg: str) -> None:
    record = treated(
        _CONFLICT,
        a_side_effect("pneumonitis", "2026-11-10", 3),
        a_condition("allergy to sirolimus", "2020-01-01"),
        a_drug("clarithromycin", "2026-11-18"),
    )
    found = checked(record, mg)
    assert not found.stopped
    assert {"treatment-conflict", "pneumonitis-severe", "interaction"} <= set(kinds(found.alerts))


# --- a dose card


def test_the_card_passes_what_the_prescription_documented_and_nothing_later() -> None:
    event = a_side_effect("pneumonitis", "2026-10-01", 3)
    documented = replace(
        DOSE,
        override_reason="a plan",
        override_by="Dr Example",
        overridden_alerts=("pneumonitis-severe", "pregnancy"),
    )
    before = a_record(event, documented)
    assert card_safety(state_at(before, NOW)) == ()
    assert state_at(before, NOW).undocumented == ()
    after = a_record(documented, event)
    assert kinds(card_safety(state_at(after, NOW))) == {"pneumonitis-severe": "override"}
    again = a_record(event, documented, a_side_effect("pneumonitis", "2026-11-10", 4))
    assert kinds(card_safety(state_at(again, NOW))) == {"pneumonitis-severe": "override"}
    other = a_record(event, replace(documented, overridden_alerts=("pregnancy",)))
    assert kinds(card_safety(state_at(other, NOW))) == {"pneumonitis-severe": "override"}


def test_a_dose_recorded_as_given_documents_no_override() -> None:
    event = a_side_effect("pneumonitis", "2026-10-01", 3)
    given = replace(DOSE, given_reason="a slip", overridden_alerts=())
    assert card_safety(state_at(a_record(event, given), NOW)).blocking_codes == (
        "pneumonitis-severe",
    )


# --- chance


def _some(chance: random.Random) -> list[Entry]:
    """Return entries of a course, each perhaps."""

    def on(days: int) -> date:
        return date(2026, 11, 20) + timedelta(days=chance.randint(-days, days // 4))

    makers: list[Callable[[], Entry]] = [
        lambda: a_side_effect(
            chance.choice(["pneumonitis", "mouth sores", "cough", "fever", "infection"]),
            min(on(60), date(2026, 11, 20)),
            chance.choice([None, 1, 2, 3, 4]),
            action=chance.choice(list(ActionTaken)),
        ),
        lambda: a_condition(
            chance.choice(
                [
                    "pregnancy",
                    "pregnancy planned",
                    "breastfeeding",
                    "surgery",
                    "infection",
                    "peanut allergy",
                    "allergy to sirolimus",
                    "not pregnant",
                ]
            ),
            on(100),
        ),
        lambda: a_drug(
            chance.choice(["rifampicin", "clarithromycin", "voriconazole", "fluconazole"]),
            min(on(40), date(2026, 11, 20)),
        ),
        lambda: a_laboratory_value(
            "neutrophils",
            f"{chance.choice(['0.3', '0.9', '2.0'])} 10*9/L",
            later(NOW, days=-chance.randint(0, 120)),
            lower="1.5 10*9/L",
        ),
        lambda: held_doses(
            later(NOW, days=-chance.randint(0, 40)), None, is_open=chance.choice([True, None])
        ),
        lambda: held_doses(
            later(NOW, days=-chance.randint(10, 40)), later(NOW, days=chance.randint(-9, 9))
        ),
        lambda: a_level(
            f"{chance.uniform(1, 40):.1f} ng/mL", later(NOW, days=-chance.randint(0, 40)), hours=12
        ),
        lambda: a_dose(later(NOW, days=-chance.randint(0, 60)), f"{chance.randint(20, 90) / 100}"),
        lambda: a_dose(
            later(NOW, days=chance.randint(-20, 60)),
            f"{chance.randint(20, 90) / 100}",
            is_taper_step=True,
        ),
    ]
    return [chance.choice(makers)() for _ in range(chance.randint(0, 8))]


def test_a_reduction_is_never_blocked() -> None:
    """A dose below the current one, while it is given, is stored whatever the record says."""
    tried = 0
    for case in range(cases(200, 5000)):
        chance = random.Random(f"reduction {case}")
        start = [a_dose("2026-08-01T08:00", "0.5")] if chance.random() < 0.9 else []
        record = a_record(a_measurement(on="2026-08-01"), *start, *_some(chance))
        state = state_at(record, NOW)
        assert dose_safety(state, DoseStep.LOWER).blocking_codes == ()
        if state.prescription is None or state.kind not in {StateKind.ON, StateKind.TAPERING}:
            continue
        tried += 1
        lower = state.prescription.dose_mg * Decimal(chance.choice(["0.99", "0.5", "0.1"]))
        prescription = replace(a_dose(NOW), dose_mg=lower)
        assert prescription_safety(record, prescription, NOW).blocking_codes == ()
        assert not check_prescription(record, prescription, NOW).stopped
    assert tried > cases(200, 5000) / 4


def test_a_forbidden_raise_is_never_let_through() -> None:
    """Beside the function, by the rules as they are read: each fact alone forbids."""
    facts: list[tuple[Entry, bool]] = [
        (a_side_effect("pneumonitis", "2026-11-10", 4), True),
        (a_condition("pregnancy", "2026-11-10"), True),
        (a_condition("allergy to sirolimus", "2020-01-01"), True),
        (OPEN_HOLD, True),
        (_CONFLICT, True),
        (a_side_effect("mouth sores", "2026-11-10", 3), True),
        (a_condition("surgery", "2026-11-25"), False),
        (a_drug("rifampicin", "2026-11-10"), False),
        (a_level("3 ng/mL", "2026-11-15T08:00"), False),
    ]
    for case in range(cases(50, 2000)):
        chance = random.Random(f"raise {case}")
        chosen = [each for each in facts if chance.random() < 0.3]
        record = treated(*(entry for entry, _ in chosen))
        raised = a_dose(NOW, "0.5")
        forbids = any(is_forbidding for _, is_forbidding in chosen)
        assert bool(prescription_safety(record, raised, NOW).blocking_codes) is forbids


def test_a_typed_prescription_is_checked_as_any_other() -> None:
    written: Prescription = typed_prescription(
        since=NOW, dose_mg=Decimal("0.46"), times_a_day=2, product=Product.SOLUTION, protocol=REVIEW
    )
    record = treated(a_condition("pregnancy", "2026-11-10"))
    assert check_prescription(record, written, NOW).awaits_override


@pytest.mark.parametrize("drug", ["voriconazole", "voriconazol", "clarithromycin"])
def test_a_drug_to_avoid_begun_during_a_hold_bars_the_restart(drug: str) -> None:
    """The former dose meets a drug that no level has seen."""
    record = treated(OPEN_HOLD, a_drug(drug, "2026-11-15"))
    assert "override" in at_step(record, DoseStep.RESTART).values()
    assert check_restart(record, NOW, NOW).stopped


def test_a_raise_under_a_drug_to_avoid_names_it_and_its_prescription_needs_the_override() -> None:
    record = treated(a_drug("voriconazole", "2026-11-02"))
    assert at_step(record, DoseStep.RAISE) == {"interaction": "caution"}
    others = interaction_alerts(("voriconazole",))
    found = prescription_safety(record, a_dose(NOW, "0.5"), NOW, others)
    assert kinds(found) == {"interaction": "override"}
    assert len(found) == 1


@pytest.mark.parametrize(
    "drug", [a_drug("fluconazole", "2026-11-15"), a_drug("voriconazole", "2026-11-21")]
)
def test_a_drug_to_be_careful_with_or_to_come_bars_no_restart(drug: Entry) -> None:
    assert not check_restart(treated(OPEN_HOLD, drug), NOW, NOW).stopped

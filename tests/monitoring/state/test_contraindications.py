"""What in the record forbids a dose or asks for care (course of treatment, section 3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dosing import AlertKind, Product
from monitoring.record.entries import Record, UnreadableEntry
from monitoring.record.entry import Entry
from monitoring.state import DoseStep, dose_safety, state_at
from tests.builders import (
    a_condition,
    a_dose,
    a_patient,
    a_record,
    a_side_effect,
    at,
    day,
    ended,
    voided,
    with_patient,
)

DOSE = a_dose("2026-11-01T08:00")
TODAY = date(2026, 11, 20)
NOW = at("2026-11-20T08:00")
Found = list[tuple[str, str]]


def found(record: Record, product: Product | None = None) -> Found:
    alerts = (
        state_at(record, NOW).contraindications
        if product is None
        else dose_safety(state_at(record, NOW), DoseStep.START, product)
    )
    return [(each.code, each.kind.word) for each in alerts if each.code != "on-hold"]


def on_treatment(*entries: Entry) -> Record:
    return a_record(DOSE, *entries, patient=a_patient(allergies=""))


def from_today(days: int) -> date:
    return TODAY + timedelta(days=days)


# --- pneumonitis (Rapalimus label)


@pytest.mark.parametrize(
    ("grade", "while_open", "afterwards"),
    [
        (1, [("pneumonitis-open", "caution")], []),
        (2, [("pneumonitis-open", "override")], []),
        (None, [("pneumonitis-open", "override")], []),
        (3, [("pneumonitis-severe", "override")], [("pneumonitis-severe", "override")]),
        (4, [("pneumonitis-severe", "override")], [("pneumonitis-severe", "override")]),
    ],
)
def test_pneumonitis_by_its_grade(grade: int | None, while_open: Found, afterwards: Found) -> None:
    record = on_treatment(a_side_effect("pneumonitis", "2026-11-10", grade))
    assert found(record) == while_open
    assert found(ended(record, 3, "2026-11-15")) == afterwards
    assert found(voided(record, 3)) == []


@pytest.mark.parametrize(
    "term",
    ["interstitial lung disease", "ILD", "suspected pneumonitis", "Drug-induced pneumonitis"],
)
def test_pneumonitis_in_other_words(term: str) -> None:
    assert found(on_treatment(a_side_effect(term, "2026-11-10", 3))) == [
        ("pneumonitis-severe", "override")
    ]


def test_the_worst_pneumonitis_is_told_alone() -> None:
    record = on_treatment(
        a_side_effect("pneumonitis", "2026-11-15", 1),
        a_side_effect("pneumonitis", "2026-11-10", 2),
    )
    assert found(record) == [("pneumonitis-open", "override")]
    severe = on_treatment(
        a_side_effect("pneumonitis", "2026-11-15", 3),
        a_side_effect("pneumonitis", "2026-11-10", 4),
    )
    (alert,) = state_at(severe, NOW).contraindications
    assert alert.message.startswith("Pneumonitis of grade 4 is recorded (10 Nov 2026).")


@pytest.mark.parametrize(("since", "is_there"), [(-1, True), (0, True), (1, False)])
def test_pneumonitis_counts_from_its_day(since: int, *, is_there: bool) -> None:
    event = a_side_effect("pneumonitis", from_today(since), 3)
    assert bool(found(on_treatment(event))) is is_there


def test_severe_pneumonitis_before_any_dose_counts_too() -> None:
    record = a_record(
        a_side_effect("pneumonitis", "2020-01-01", 3), patient=a_patient(allergies="")
    )
    assert found(record) == [("pneumonitis-severe", "override")]


# --- pregnancy and breastfeeding


@pytest.mark.parametrize("name", ["pregnancy", "pregnancy planned"])
@pytest.mark.parametrize(
    ("since", "is_there"), [(-200, True), (0, True), (83, True), (84, True), (85, False)]
)
def test_pregnancy_now_or_within_12_weeks(name: str, since: int, *, is_there: bool) -> None:
    """The label asks for contraception until 12 weeks after the last dose: 84 days."""
    expected = [("pregnancy", "override")] if is_there else []
    assert found(on_treatment(a_condition(name, from_today(since)))) == expected


@pytest.mark.parametrize(("end", "is_there"), [(-1, False), (0, True), (1, True)])
def test_pregnancy_counts_to_its_end(end: int, *, is_there: bool) -> None:
    record = ended(on_treatment(a_condition("pregnancy", "2026-03-01")), 3, from_today(end))
    assert bool(found(record)) is is_there


def test_not_pregnant_is_no_pregnancy() -> None:
    assert found(on_treatment(a_condition("not pregnant", "2026-11-10"))) == []


@pytest.mark.parametrize(("since", "is_there"), [(-1, True), (0, True), (1, False)])
def test_breastfeeding_asks_for_care(since: int, *, is_there: bool) -> None:
    record = on_treatment(a_condition("breastfeeding", from_today(since)))
    assert found(record) == ([("breastfeeding", "caution")] if is_there else [])
    assert found(ended(record, 3, from_today(-1 if since < 0 else since))) == (
        [("breastfeeding", "caution")] if since == 0 else []
    )


# --- allergies

SOYA = [("allergy-soya", "override")]
SIROLIMUS = [("allergy-sirolimus", "stop")]


@pytest.mark.parametrize(
    ("words", "with_solution", "with_tablets"),
    [
        ("peanut allergy", SOYA, []),
        ("allergy to soya", SOYA, []),
        ("hypersensitivity to sirolimus", SIROLIMUS, SIROLIMUS),
        ("allergy to rapamycin", SIROLIMUS, SIROLIMUS),
        ("penicillin allergy", [], []),
    ],
)
def test_an_allergy_counts_by_either_door(
    words: str, with_solution: Found, with_tablets: Found
) -> None:
    by_patient = with_patient(a_record(), allergies=words)
    by_condition = a_record(a_condition(words, "2020-01-01"), patient=a_patient(allergies=""))
    for record in (by_patient, by_condition):
        assert found(record, Product.SOLUTION) == with_solution
        assert found(record, Product.TABLETS) == with_tablets


def test_the_allergy_may_be_in_the_remark_of_the_condition() -> None:
    record = a_record(a_condition("allergy", "2020-01-01", "peanuts"))
    assert found(record) == SOYA


@pytest.mark.parametrize(("since", "is_there"), [(-1, True), (0, True), (1, False)])
def test_an_allergy_counts_from_its_day(since: int, *, is_there: bool) -> None:
    record = on_treatment(a_condition("peanut allergy", from_today(since)))
    assert bool(found(record)) is is_there


@pytest.mark.parametrize(("end", "is_there"), [(-1, False), (0, True), (1, True)])
def test_an_allergy_counts_to_its_end(end: int, *, is_there: bool) -> None:
    record = on_treatment(a_condition("peanut allergy", "2020-01-01"))
    assert bool(found(ended(record, 3, from_today(end)))) is is_there


def test_on_tablets_soya_is_no_obstacle() -> None:
    tablets = a_dose("2026-11-01T08:00", "0.5", product=Product.TABLETS)
    record = a_record(tablets, a_condition("peanut allergy", "2020-01-01"))
    assert found(record) == []


# --- surgery and infection


@pytest.mark.parametrize(
    ("on", "is_there"),
    [(-29, False), (-28, True), (-27, True), (0, True), (27, True), (28, True), (29, False)],
)
def test_surgery_planned_or_recent(on: int, *, is_there: bool) -> None:
    expected = [("surgery", "caution")] if is_there else []
    assert found(on_treatment(a_condition("surgery", from_today(on)))) == expected


@pytest.mark.parametrize(("end", "is_there"), [(-29, False), (-28, True), (-27, True)])
def test_surgery_is_recent_from_its_end(end: int, *, is_there: bool) -> None:
    record = ended(on_treatment(a_condition("surgery", "2026-05-01")), 3, from_today(end))
    assert bool(found(record)) is is_there


@pytest.mark.parametrize(("since", "is_there"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("is_condition", [True, False])
@pytest.mark.parametrize("is_treated", [True, False])
def test_an_open_infection(
    since: int, *, is_there: bool, is_condition: bool, is_treated: bool
) -> None:
    when = from_today(since)
    entry = a_condition("infection", when) if is_condition else a_side_effect("infection", when, 2)
    expected = [("infection-open", "caution")] if is_there else []
    patient = a_patient(allergies="")
    record = (
        a_record(DOSE, entry, patient=patient) if is_treated else a_record(entry, patient=patient)
    )
    assert found(record) == expected
    assert found(ended(record, 3 if is_treated else 2, from_today(-1))) == []


# --- symptoms on treatment


@pytest.mark.parametrize(
    ("term", "code", "kind"),
    [
        ("cough", "respiratory-symptom", "override"),
        ("dyspnoea", "respiratory-symptom", "override"),
        ("shortness of breath", "respiratory-symptom", "override"),
        ("fever", "fever", "caution"),
    ],
)
def test_symptoms_on_treatment(term: str, code: str, kind: str) -> None:
    def told(since: str) -> Found:
        return found(on_treatment(a_side_effect(term, since)))

    assert told("2026-11-10") == [(code, kind)]
    assert [told(f"2026-{each}") for each in ("10-30", "10-31", "11-01")] == [
        [],
        [(code, kind)],
        [(code, kind)],
    ]
    record = on_treatment(a_side_effect(term, "2026-11-10"))
    assert found(ended(record, 3, "2026-11-15")) == []
    explained = on_treatment(a_side_effect(term, "2026-11-10", attributed_to="a cold"))
    assert found(explained) == []
    assert found(a_record(a_side_effect(term, "2026-11-10"), patient=a_patient(allergies=""))) == []


# --- open findings of grade 3 and above


def test_a_severe_event_is_told_once() -> None:
    assert found(on_treatment(a_side_effect("mouth sores", "2026-11-10", 3))) == [
        ("severe-finding", "override")
    ]
    assert found(on_treatment(a_side_effect("cough", "2026-11-10", 3))) == [
        ("respiratory-symptom", "override")
    ]
    assert found(on_treatment(a_side_effect("infection", "2026-11-10", 3))) == [
        ("severe-finding", "override")
    ]


def test_the_strongest_is_first_and_each_is_told_once() -> None:
    record = on_treatment(
        a_condition("breastfeeding", "2026-11-10"),
        a_condition("pregnancy", "2026-11-10"),
        a_condition("pregnancy", "2026-11-10"),
        a_condition("allergy to sirolimus", "2020-01-01"),
    )
    assert found(record) == [
        ("allergy-sirolimus", "stop"),
        ("pregnancy", "override"),
        ("breastfeeding", "caution"),
    ]


def test_what_is_not_known_says_nothing() -> None:
    record = on_treatment(
        a_condition("asthma", "2026-11-10"),
        a_condition("=1+1 [red]", "2026-11-10"),
        a_side_effect("mouth sores", "2026-11-10", 2),
    )
    assert found(record) == []
    assert state_at(record, NOW).contraindications.of_kind(*AlertKind) == ()
    assert day("2026-11-20") == TODAY


# --- one finding hides no other


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a_condition("varicella", "2026-12-24"), a_condition("breastfeeding", "2026-11-10")),
        (a_condition("asthma", "2026-11-10"), a_condition("breastfeeding", "2026-11-10")),
        (a_side_effect("cough", "2026-10-01", 1), a_side_effect("cough", "2026-11-10", 1)),
    ],
)
def test_what_says_nothing_hides_nothing_after_it(first: Entry, second: Entry) -> None:
    alone = found(on_treatment(second))
    assert len(alone) == 1
    assert found(on_treatment(first, second)) == alone


def test_an_ended_condition_hides_none_after_it() -> None:
    record = on_treatment(
        a_condition("pregnancy", "2026-01-01"), a_condition("breastfeeding", "2026-11-10")
    )
    assert found(ended(record, 3, "2026-10-01")) == [("breastfeeding", "caution")]


@pytest.mark.parametrize(("grade", "words"), [(2, "of grade 2"), (None, "without a grade")])
def test_an_open_pneumonitis_is_named_with_its_grade(grade: int | None, words: str) -> None:
    record = on_treatment(a_side_effect("pneumonitis", "2026-11-10", grade))
    (alert,) = state_at(record, NOW).contraindications
    assert words in alert.message


# --- entries that cannot be read


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "level 11"),
        (4, "level 11, level 12, level 13, level 14"),
        (5, "level 11, level 12, level 13, level 14, level 15"),
        (6, "level 11, level 12, level 13, level 14, level 15 and 1 more"),
        (7, "level 11, level 12, level 13, level 14, level 15 and 2 more"),
        (11, "level 11, level 12, level 13, level 14, level 15 and 6 more"),
    ],
)
def test_what_cannot_be_read_is_named_up_to_five(count: int, named: str) -> None:
    lost = tuple(
        UnreadableEntry(number=number, patient=1, kind="level", why="it was changed")
        for number in range(11, 11 + count)
    )
    gone = replace(lost[0], number=99, is_active=False)  # voided: it forbids nothing
    (alert,) = state_at(replace(on_treatment(), unreadable=(*lost, gone)), NOW).contraindications
    assert alert.code == "record-incomplete"
    assert f": {named} cannot be read." in alert.message

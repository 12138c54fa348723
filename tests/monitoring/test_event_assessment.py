"""What a side-effect means: urgent or not, beside the review, near which level, and prophylaxis."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import AlertKind, TargetTrough
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Ending, Record, Recorded
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Level, read_level
from monitoring.side_effects.assessment import EventAssessment, assess_events
from monitoring.side_effects.prophylaxis import consider_prophylaxis
from tests.builders import at
from tests.dosing.test_plain_text import HIDDEN_SIGNS
from tests.monitoring.test_treatment import BY, a_dose, ended, record_of, voided

DAY = date(2026, 11, 20)  # the sample patient was born on 2024-02-29: 32 months old


def an_event(term: str, grade: int | None = None, since: date = DAY) -> AdverseEvent:
    return AdverseEvent(term=term, grade=grade, since=since)


def a_level(text: str, when: str) -> Level:
    value, comparator = read_level(text)
    return Level(sampled=at(when), value=value, comparator=comparator)


def assessed(term: str, grade: int | None = None, *others: Entry) -> EventAssessment:
    (only,) = assess_events(record_of([an_event(term, grade), *others]))
    return only


def kinds(assessment: EventAssessment) -> dict[str, AlertKind]:
    return {alert.code: alert.kind for alert in assessment.alerts}


def ended_on(record: Record, number: int, day: date) -> Record:
    mark = Recorded(number=90, patient=1, entry=Ending(of=number, on=day), author=BY)
    entries = (
        replace(each, ending=mark) if each.number == number else each for each in record.entries
    )
    return replace(record, entries=tuple(entries))


RULE = [
    (1, "without symptoms, on imaging only: sirolimus may go on"),
    (2, "mild symptoms: hold until improved; it may be resumed"),
    (3, "severe, or oxygen needed: stop, and in principle do not resume"),
    (4, "life-threatening: stop"),
]


@pytest.mark.parametrize(("grade", "rule"), RULE)
def test_pneumonitis_is_urgent_with_the_labels_rule(grade: int, rule: str) -> None:
    assessment = assessed("pneumonitis", grade)
    (alert,) = (each for each in assessment.alerts if each.code == "pneumonitis")
    assert (alert.kind, alert.source) == (AlertKind.URGENT, "rapalimus-label")
    assert alert.message.endswith(f"At grade {grade}: {rule}.")
    assert all(each in alert.message for _, each in RULE)
    assert "no-dose-rule" not in kinds(assessment)


@pytest.mark.parametrize("grade", [None, 5])
def test_pneumonitis_without_a_step_of_the_rule_shows_the_whole_rule(grade: int | None) -> None:
    alert = assessed("ILD", grade).alerts[0]
    assert alert.kind is AlertKind.URGENT
    assert all(each in alert.message for _, each in RULE)
    assert "At grade" not in alert.message


@pytest.mark.parametrize("term", ["febrile neutropenia", "bacteraemia", "sepsis"])
def test_the_serious_are_urgent_whatever_their_grade(term: str) -> None:
    assert kinds(assessed(term))["serious-event"] is AlertKind.URGENT


@pytest.mark.parametrize(
    ("grade", "urgent"), [(None, False), (2, False), (3, True), (4, True), (5, True)]
)
@pytest.mark.parametrize("term", ["mouth sores", "diarrhoea", "something unheard of"])
def test_grade_3_or_more_is_urgent(term: str, grade: int | None, *, urgent: bool) -> None:
    found = kinds(assessed(term, grade))
    assert found.get("grade-3-or-more") is (AlertKind.URGENT if urgent else None)


def test_what_is_over_is_not_urgent_any_more() -> None:
    record = ended_on(record_of([an_event("pneumonitis", 3)]), 2, date(2026, 11, 25))
    (assessment,) = assess_events(record)
    assert not assessment.is_open
    assert {alert.kind for alert in assessment.alerts} == {AlertKind.NOTE}


def test_a_voided_event_alerts_nobody_and_is_not_open() -> None:
    (assessment,) = assess_events(voided(record_of([an_event("sepsis", 4)]), 2))
    assert (assessment.alerts, assessment.is_open) == ((), False)


def test_the_strongest_alert_comes_first() -> None:
    alerts = assessed("bacteraemia", 3, a_dose("2026-11-01T08:00")).alerts
    assert [alert.kind for alert in alerts] == sorted(
        (alert.kind for alert in alerts), reverse=True
    )
    assert alerts[0].kind is AlertKind.URGENT


def test_mouth_sores_beside_the_review() -> None:
    assessment = assessed("Mouth ulcers", 2)
    assert assessment.in_review_profile is True
    assert assessment.review_count is not None
    assert assessment.review_count.count == 12
    assert assessment.review_words == ("in the review's safety profile: 12 of 60 patients (20.0 %)")
    done = assessment.done_in_review or ""
    assert "of 60 patients with data the dose was decreased in 4" in done
    assert "stopped gradually in 1 (severe oral mucositis at 1.6 mg/m²/day)" in done
    (note,) = (alert for alert in assessment.alerts if alert.code == "no-dose-rule")
    assert "local protocol decides" in note.message
    assert done in note.message
    assert (note.kind, note.source) == (AlertKind.NOTE, "nadal2016")


def test_an_infection_beside_the_review() -> None:
    done = assessed("bacteraemia").done_in_review or ""
    assert "sirolimus was kept in 3 of 3 infections" in done


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("fatigue", "{} as asthenia: classically described, not counted"),
        (
            "pneumonitis",
            "{} as interstitial pneumonitis: very rare, potentially serious, not counted",
        ),
        ("rash", "not named in the review's safety profile"),
        ("hypertension", "{} as high blood pressure: 1 of 60 patients (1.7 %)"),
    ],
)
def test_where_it_stands_in_the_review(term: str, words: str) -> None:
    assert assessed(term).review_words == words.format("in the review's safety profile")


def test_what_the_review_does_not_name_has_no_deed_of_its_authors() -> None:
    assessment = assessed("rash", 2)
    assert (assessment.in_review_profile, assessment.done_in_review) == (False, None)
    (note,) = (alert for alert in assessment.alerts if alert.code == "no-dose-rule")
    assert "review" not in note.message


def test_an_unknown_term_is_said_to_be_unknown_with_the_nearest() -> None:
    assessment = assessed("pneumonitus", 2)
    assert (assessment.term, assessment.in_review_profile) == (None, None)
    (alert,) = assessment.alerts
    assert (alert.code, alert.kind) == ("event-term-unknown", AlertKind.CAUTION)
    assert "Did you mean pneumonitis" in alert.message
    assert "Pneumonitis would be urgent." in alert.message


@pytest.mark.parametrize(
    "term",
    ["[/] x", "<img src=x>", "=1+1", "Łukasz", "\N{RIGHT-TO-LEFT OVERRIDE}seros", "a\x1b[31mb",
     "x" * 1900],
    ids=lambda text: ascii(text)[:30],
)  # fmt: skip
def test_hostile_words_give_alerts_that_can_be_shown(term: str) -> None:
    for alert in assessed(term, 3).alerts:
        assert not HIDDEN_SIGNS.search(alert.message)
        assert len(alert.message) < 400


LEVELS = (
    a_level("5.0 ng/mL", "2026-11-10T08:00"),
    a_level("<2.0 ng/mL", "2026-11-18T23:30"),
    a_level("9.0 ng/mL", "2026-11-22T08:00"),
)


def nearest(since: date, levels: Iterable[Level] = LEVELS) -> tuple[str, int | None]:
    record = record_of([an_event("headache", since=since), *levels])
    (assessment,) = assess_events(record)
    level = assessment.nearest_level
    return (str(level.entry) if level else ""), assessment.nearest_level_days


@pytest.mark.parametrize(
    ("since", "level", "days"),
    [
        (date(2026, 11, 1), "5.0 ng/mL", 9),
        (date(2026, 11, 13), "5.0 ng/mL", 3),
        (date(2026, 11, 14), "5.0 ng/mL", 4),  # 4 days after one and before another
        (date(2026, 11, 15), "<2.0 ng/mL", 3),
        (date(2026, 11, 18), "<2.0 ng/mL", 0),
        (date(2026, 11, 20), "<2.0 ng/mL", 2),
        (date(2026, 11, 21), "9.0 ng/mL", 1),
        (date(2026, 12, 2), "9.0 ng/mL", 10),
    ],
)
def test_the_nearest_level_in_days_and_of_two_the_earlier(
    since: date, level: str, days: int
) -> None:
    assert nearest(since) == (level, days)
    assert nearest(since, reversed(LEVELS)) == (level, days)


def test_without_a_standing_level_none_is_near() -> None:
    assert nearest(DAY, ()) == ("", None)
    record = voided(record_of([an_event("headache"), LEVELS[0]]), 3)
    assert assess_events(record)[0].nearest_level is None


def test_the_grade_in_words() -> None:
    assert (assessed("mouth sores", 2).wording or "").startswith("moderate pain")
    assert assessed("mouth sores").wording is None
    assert assessed("rash", 2).wording is None


# Prophylaxis against Pneumocystis. The sample patient turns 24 months old on 2026-03-01.

OLD_ENOUGH, INFANT_DAY = date(2026, 11, 20), date(2026, 2, 27)
DOSE = a_dose("2026-01-05T08:00")


def a_drug(name: str, since: date = date(2026, 1, 1)) -> CoMedication:
    return CoMedication(drug=name, since=since)


def lymphocytes(number: str, when: str) -> LaboratoryValue:
    return LaboratoryValue(
        test="Lymphocytes",
        at=at(when),
        value=LaboratoryQuantity.read(f"{number} 10*9/L"),
        lower_limit=LaboratoryQuantity.read("1.5 10*9/L"),
    )


HIGH = replace(DOSE, target=TargetTrough(Decimal(10), Decimal("15.1")))
REVIEWS = replace(DOSE, target=TargetTrough(Decimal(5), Decimal(15)))


@pytest.mark.parametrize(
    ("entries", "day", "reason"),
    [
        ([DOSE], INFANT_DAY, "under 24 months of age"),
        ([DOSE, a_drug("prednisolone")], OLD_ENOUGH, "steroids"),
        ([DOSE, an_event("low lymphocytes")], OLD_ENOUGH, "lymphopenia"),
        ([DOSE, lymphocytes("1.4", "2026-11-10T08:00")], OLD_ENOUGH, "lymphopenia"),
        ([HIGH], OLD_ENOUGH, "a target of 10-15.1 ng/mL"),
    ],
)
def test_prophylaxis_is_considered_for_each_reason(
    entries: list[Entry], day: date, reason: str
) -> None:
    alert = consider_prophylaxis(record_of(entries), day)
    assert alert is not None
    assert (alert.code, alert.kind) == ("consider-pneumocystis-prophylaxis", AlertKind.NOTE)
    assert f"({reason})" in alert.message
    for given in ("co-trimoxazole 480 mg", "Pentamidine"):
        assert consider_prophylaxis(record_of([*entries, a_drug(given)]), day) is None


@pytest.mark.parametrize(
    ("entries", "day"),
    [
        ([DOSE], OLD_ENOUGH),
        ([DOSE], date(2026, 3, 1)),  # 24 months
        ([REVIEWS], OLD_ENOUGH),  # at 15 and not above it
        ([a_drug("prednisolone")], INFANT_DAY),  # no sirolimus
        ([DOSE], date(2026, 1, 4)),  # the day before it was begun
        ([DOSE, a_drug("vincristine")], OLD_ENOUGH),
        ([DOSE, a_drug("prednisolone", since=date(2026, 11, 21))], OLD_ENOUGH),
        ([DOSE, lymphocytes("1.5", "2026-11-10T08:00")], OLD_ENOUGH),
        (
            [DOSE, lymphocytes("1.0", "2026-11-10T08:00"), lymphocytes("2", "2026-11-12T08:00")],
            OLD_ENOUGH,
        ),
        ([DOSE, lymphocytes("1.0", "2026-11-21T08:00")], OLD_ENOUGH),  # not yet known
    ],
)
def test_without_a_reason_or_without_sirolimus_there_is_nothing_to_consider(
    entries: list[Entry], day: date
) -> None:
    assert consider_prophylaxis(record_of(entries), day) is None


def test_prophylaxis_that_ended_no_longer_counts_and_a_stopped_drug_asks_for_none() -> None:
    record = record_of([DOSE, a_drug("prednisolone"), a_drug("co-trimoxazole")])
    over = ended_on(record, 4, date(2026, 11, 1))
    assert consider_prophylaxis(over, date(2026, 11, 1)) is None
    assert consider_prophylaxis(over, date(2026, 11, 2)) is not None
    stopped = ended(over, 2, "2026-11-10T08:00")
    assert consider_prophylaxis(stopped, date(2026, 11, 10)) is not None
    assert consider_prophylaxis(stopped, date(2026, 11, 11)) is None


def test_all_reasons_are_told_together_and_once() -> None:
    record = record_of(
        [HIGH, a_drug("prednisolone"), an_event("lymphopenia", since=date(2026, 2, 1)),
         lymphocytes("1.0", "2026-02-02T08:00")]
    )  # fmt: skip
    alert = consider_prophylaxis(record, INFANT_DAY)
    assert alert is not None
    told = "(under 24 months of age, lymphopenia, steroids, a target of 10-15.1 ng/mL)"
    assert told in alert.message


def test_an_open_event_brings_the_prophylaxis_along() -> None:
    assert "consider-pneumocystis-prophylaxis" in kinds(assessed("fatigue", 1, HIGH))
    assert "consider-pneumocystis-prophylaxis" not in kinds(assessed("fatigue", 1, DOSE))

"""Adverse events: urgency, frequency in Nadal 2016, nearest level, and prophylaxis."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import AlertKind, TargetTrough
from monitoring.adverse_events.assessment import EventAssessment, assess_events
from monitoring.adverse_events.meaning import EventMeaning
from monitoring.adverse_events.prophylaxis import consider_prophylaxis, prophylaxis_reasons
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from tests.builders import (
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_record,
    a_side_effect,
    ended,
    voided,
)
from tests.dosing.quantities.test_text import HIDDEN_SIGNS

DAY = date(2026, 11, 20)  # the sample patient was born on 2024-02-29: 32 months old
NEW_YEAR = "2026-01-01"


def assessed(term: str, grade: int | None = None, *others: Entry) -> EventAssessment:
    (only,) = assess_events(a_record(a_side_effect(term, DAY, grade), *others))
    return only


def kinds(assessment: EventAssessment) -> dict[str, AlertKind]:
    return {alert.code: alert.kind for alert in assessment.alerts}


RULE = [
    (1, "no symptoms, on imaging only: continue sirolimus"),
    (2, "mild symptoms: hold until improved, then it may be resumed"),
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
    record = ended(a_record(a_side_effect("pneumonitis", DAY, 3)), 2, date(2026, 11, 25))
    (assessment,) = assess_events(record)
    assert not assessment.is_open
    assert {alert.kind for alert in assessment.alerts} == {AlertKind.NOTE}


def test_a_voided_event_alerts_nobody_and_is_not_open() -> None:
    (assessment,) = assess_events(voided(a_record(a_side_effect("sepsis", DAY, 4)), 2))
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
    assert assessment.review_words == (
        "in the Nadal 2016 safety profile: 12 of 60 patients (20.0 %)"
    )
    done = assessment.done_in_nadal2016 or ""
    assert "of 60 patients with data the dose was decreased in 4" in done
    assert "stopped gradually in 1 (severe oral mucositis at 1.6 mg/m²/day)" in done
    (note,) = (alert for alert in assessment.alerts if alert.code == "no-dose-rule")
    assert "local protocol decides" in note.message
    assert done in note.message
    assert assessment.done_in_review == done.replace("Nadal 2016", "the review")
    assert (note.kind, note.source) == (AlertKind.NOTE, "nadal2016")


def test_an_infection_beside_the_review() -> None:
    done = assessed("bacteraemia").done_in_nadal2016 or ""
    assert "sirolimus was kept in 3 of 3 infections" in done


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("fatigue", "{} as asthenia: classically described, not counted"),
        (
            "pneumonitis",
            "{} as interstitial pneumonitis: very rare, potentially serious, not counted",
        ),
        ("rash", "not in the Nadal 2016 safety profile"),
        ("hypertension", "{} as high blood pressure: 1 of 60 patients (1.7 %)"),
    ],
)
def test_where_it_stands_in_the_review(term: str, words: str) -> None:
    assert assessed(term).review_words == words.format("in the Nadal 2016 safety profile")


def test_what_the_review_does_not_name_has_no_deed_of_its_authors() -> None:
    assessment = assessed("rash", 2)
    assert (assessment.in_review_profile, assessment.done_in_nadal2016) == (False, None)
    assert assessment.done_in_review is None
    (note,) = (alert for alert in assessment.alerts if alert.code == "no-dose-rule")
    assert "2016" not in note.message


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
    a_level("5.0 ng/mL", "2026-11-10T08:00", hours=None, assay=None),
    a_level("<2.0 ng/mL", "2026-11-18T23:30", hours=None, assay=None),
    a_level("9.0 ng/mL", "2026-11-22T08:00", hours=None, assay=None),
)


def nearest(since: date, levels: Iterable[Level] = LEVELS) -> tuple[str, int | None]:
    record = a_record(a_side_effect("headache", since), *levels)
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
    record = voided(a_record(a_side_effect("headache", DAY), LEVELS[0]), 3)
    assert assess_events(record)[0].nearest_level is None


def test_the_grade_in_words() -> None:
    assert (assessed("mouth sores", 2).wording or "").startswith("moderate pain")
    assert assessed("mouth sores").wording is None
    assert assessed("rash", 2).wording is None


# Prophylaxis against Pneumocystis. The sample patient turns 24 months old on 2026-03-01.

OLD_ENOUGH, INFANT_DAY = date(2026, 11, 20), date(2026, 2, 27)
DOSE = a_dose("2026-01-05T08:00")


def lymphocytes(number: str, when: str) -> LaboratoryValue:
    return a_laboratory_value("Lymphocytes", f"{number} 10*9/L", when, lower="1.5 10*9/L")


HIGH = replace(DOSE, target=TargetTrough(Decimal(10), Decimal("15.1")))
REVIEWS = replace(DOSE, target=TargetTrough(Decimal(5), Decimal(15)))


STEROID = a_drug("prednisolone", NEW_YEAR)
SOFT = ("consider-pneumocystis-prophylaxis", AlertKind.NOTE, "ojrd2023")
ON_STEROIDS = ("advise-prophylaxis-on-steroids", AlertKind.CAUTION, "kalbfell")
IN_LYMPHOPENIA = ("advise-prophylaxis-in-lymphopenia", AlertKind.CAUTION, "jop2023")


@pytest.mark.parametrize(
    ("entries", "day", "reasons", "code"),
    [
        ([DOSE], INFANT_DAY, "under 24 months of age", SOFT),
        ([DOSE, STEROID], INFANT_DAY, "under 24 months of age, steroids", ON_STEROIDS),
        # 24 months old on 2026-03-01
        ([DOSE, STEROID], date(2026, 2, 28), "under 24 months of age, steroids", ON_STEROIDS),
        ([DOSE, STEROID], date(2026, 3, 1), "steroids", SOFT),
        ([DOSE, STEROID], OLD_ENOUGH, "steroids", SOFT),
        ([DOSE, a_side_effect("low lymphocytes", DAY)], OLD_ENOUGH, "lymphopenia", IN_LYMPHOPENIA),
        ([DOSE, lymphocytes("1.4", "2026-11-10T08:00")], OLD_ENOUGH, "lymphopenia",
         IN_LYMPHOPENIA),
        ([HIGH], OLD_ENOUGH, "a target of 10-15.1 ng/mL", SOFT),
    ],
)  # fmt: skip
def test_prophylaxis_is_advised_or_considered_for_each_reason(
    entries: list[Entry], day: date, reasons: str, code: tuple[str, AlertKind, str]
) -> None:
    alert = consider_prophylaxis(a_record(*entries), day)
    assert alert is not None
    assert (alert.code, alert.kind, alert.source) == code
    assert f"({reasons})" in alert.message
    for given in ("co-trimoxazole 480 mg", "Pentamidine"):
        assert consider_prophylaxis(a_record(*entries, a_drug(given, "2026-01-01")), day) is None


@pytest.mark.parametrize(
    ("entries", "day"),
    [
        ([DOSE], OLD_ENOUGH),
        ([DOSE], date(2026, 3, 1)),  # 24 months
        ([REVIEWS], OLD_ENOUGH),  # at 15 and not above it
        ([a_drug("prednisolone", NEW_YEAR)], INFANT_DAY),  # no sirolimus
        ([DOSE], date(2026, 1, 4)),  # the day before it was started
        ([DOSE, a_drug("vincristine", "2026-01-01")], OLD_ENOUGH),
        ([DOSE, a_drug("prednisolone", date(2026, 11, 21))], OLD_ENOUGH),
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
    assert consider_prophylaxis(a_record(*entries), day) is None


def test_prophylaxis_that_ended_no_longer_counts_and_a_stopped_drug_asks_for_none() -> None:
    record = a_record(DOSE, a_drug("prednisolone", NEW_YEAR), a_drug("co-trimoxazole", NEW_YEAR))
    over = ended(record, 4, date(2026, 11, 1))
    assert consider_prophylaxis(over, date(2026, 11, 1)) is None
    assert consider_prophylaxis(over, date(2026, 11, 2)) is not None
    stopped = ended(over, 2, "2026-11-10T08:00")
    assert consider_prophylaxis(stopped, date(2026, 11, 10)) is not None
    assert consider_prophylaxis(stopped, date(2026, 11, 11)) is None


def test_all_reasons_are_told_together_and_once() -> None:
    record = a_record(
        HIGH, a_drug("prednisolone", NEW_YEAR), a_side_effect("lymphopenia", date(2026, 2, 1)),
         lymphocytes("1.0", "2026-02-02T08:00")
    )  # fmt: skip
    alert = consider_prophylaxis(record, INFANT_DAY)
    assert alert is not None
    told = "(under 24 months of age, lymphopenia, steroids, a target of 10-15.1 ng/mL)"
    assert told in alert.message
    assert alert.code == "advise-prophylaxis-on-steroids"  # the strongest


def test_each_reason_has_its_strength_its_first_day_and_its_source() -> None:
    record = a_record(
        HIGH, a_drug("prednisolone", date(2026, 1, 20)),
        a_side_effect("lymphopenia", date(2026, 2, 1)),
    )  # fmt: skip
    found = {
        each.words: (each.strong, str(each.since), each.source)
        for each in prophylaxis_reasons(record, INFANT_DAY)
    }
    assert found == {
        "under 24 months of age": (False, "2024-02-29", "proposed"),
        "lymphopenia": (True, "2026-02-01", "jop2023"),
        "steroids": (True, "2026-01-20", "kalbfell"),
        "a target of 10-15.1 ng/mL": (False, "2026-01-05", "proposed"),
    }
    older = {each.words: each.strong for each in prophylaxis_reasons(record, OLD_ENOUGH)}
    assert older == {"lymphopenia": True, "steroids": False, "a target of 10-15.1 ng/mL": False}


def test_the_figures_about_prophylaxis_are_those_of_their_sources() -> None:
    """Kalbfell: 1,182 patients, 6 deaths, 2 cases. OJRD 2023: 195 with it, 112 without."""
    strong = consider_prophylaxis(a_record(DOSE, STEROID), INFANT_DAY)
    soft = consider_prophylaxis(a_record(DOSE), INFANT_DAY)
    assert strong is not None
    assert soft is not None
    assert "Both published cases were infants on steroids without prophylaxis." in strong.message
    assert "Infection killed 6 of 1,182 patients, all under 2 years." in strong.message
    assert "With co-trimoxazole (195 patients) and without (112)" in soft.message


def test_of_several_open_events_the_first_alone_has_the_alert() -> None:
    record = a_record(
        HIGH, a_side_effect("fatigue", DAY), a_side_effect("nausea", DAY),
        a_side_effect("headache", DAY),
    )  # fmt: skip

    def carriers(of: Record) -> list[str]:
        return [
            each.event.entry.term
            for each in assess_events(of)
            if any("prophylaxis" in alert.code for alert in each.alerts)
        ]

    assert carriers(record) == ["fatigue"]
    assert carriers(ended(record, 3, date(2026, 11, 20))) == ["nausea"]
    assert carriers(voided(record, 3)) == ["nausea"]


def test_an_open_event_brings_the_prophylaxis_along() -> None:
    assert "consider-pneumocystis-prophylaxis" in kinds(assessed("fatigue", 1, HIGH))
    assert "consider-pneumocystis-prophylaxis" not in kinds(assessed("fatigue", 1, DOSE))


@pytest.mark.parametrize(
    ("term", "ctcae_term"),
    [("fatigue", "Fatigue"), ("cough", "Cough"), ("ovarian cyst", None), ("no such term", None)],
)
def test_json_has_the_ctcae_term_where_its_cut_offs_are_not_described_too(
    term: str, ctcae_term: str | None
) -> None:
    assert EventMeaning().columns(assessed(term, 1))["ctcae_term"] == ctcae_term

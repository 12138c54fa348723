"""The clinic's choices: read from one section, checked, and used by command and app alike."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dosing import REVIEW, UserError
from dosing.knowledge.laboratory_grades import CTCAE_5, CTCAE_6
from dosing.knowledge.monitoring_schedule import GENEREVIEWS, JOP, PublishedRhythm, schedule_of
from dosing.knowledge.products import FINE_MARKS, STANDARD_MARKS
from monitoring.clinic_choices import (
    USUAL_CHOICES,
    ClinicChoices,
    choices_in,
    clinic_choices,
    read_settings_file,
)
from monitoring.due import Check, due
from monitoring.laboratory.assessment import assess_laboratory
from monitoring.recommendation.advice import advise
from monitoring.record.entry import Entry
from monitoring.summary import summarise
from monitoring.time_text import DateOrder
from tests.builders import (
    a_dose,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_record,
    a_side_effect,
    at,
)


def chosen(folder: Path, text: str) -> ClinicChoices:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return choices_in(read_settings_file(file), file)


@pytest.mark.parametrize("text", ["", "[clinic]", 'theme = "light"'])
def test_without_a_setting_the_choices_are_the_usual_ones(tmp_path: Path, text: str) -> None:
    found = chosen(tmp_path, text)
    assert found == USUAL_CHOICES
    assert (found.grading, found.marks, found.rhythm) == (CTCAE_5, STANDARD_MARKS, None)


def test_without_a_file_the_choices_are_the_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "none.toml"))
    assert clinic_choices() == USUAL_CHOICES


def test_every_choice_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[clinic]\ngrading = "CTCAE v6.0"\nsyringe_step_ml = "0.01"\nschedule = "jop2023"\n'
    found = chosen(tmp_path, text)
    assert (found.grading, found.marks, found.rhythm) == (CTCAE_6, FINE_MARKS, JOP)
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "settings.toml"))
    assert clinic_choices() == found
    assert chosen(tmp_path, '[clinic]\nschedule = "genereviews"').rhythm == GENEREVIEWS


@pytest.mark.parametrize("order", DateOrder)
def test_the_order_of_dates_is_that_of_a_mapping(tmp_path: Path, order: DateOrder) -> None:
    assert chosen(tmp_path, f'[clinic]\ndate_order = "{order.value}"').date_order is order


def test_a_rhythm_is_that_of_the_schedule(tmp_path: Path) -> None:
    found = chosen(tmp_path, '[clinic]\nschedule = "jop2023"')
    assert schedule_of(REVIEW, found.rhythm).laboratory.source == "jop2023"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("clinic = 1", r'\[clinic\] is a section\. Write grading = "CTCAE v5\.0"'),
        (
            '[clinic]\ngrading = "CTCAE v4.0"',
            r'is "CTCAE v5.0" or "CTCAE v6.0", not "CTCAE v4.0"\. Write grading = "CTCAE v5.0"',
        ),
        ("[clinic]\ngrading = 6", 'not "6"'),
        ("[clinic]\nsyringe_step_ml = 0.01", r'is "0.02" or "0.01", not "0.01"\. Write syringe'),
        ('[clinic]\nsyringe_step_ml = "0.05"', 'is "0.02" or "0.01", not "0.05"'),
        ('[clinic]\nschedule = "jop"', 'schedule in .* is "jop2023" or "genereviews", not "jop"'),
        ("[clinic]\nschedule = true", 'not "True"'),
        ('[clinic]\ndate_order = "day"', 'date_order in .* is "iso" or "dmy" or "mdy", not "day"'),
        ('[clinic]\nscale = "x"', r'"scale" in \[clinic\] is not a setting\. .* grading, syringe'),
        ('[clinic]\n"[/] =1+1\\u0000" = "x"', "is not a setting"),
        ("[clinic", "cannot be read"),
    ],
)
def test_a_wrong_choice_is_refused_with_the_file_and_how_to_write_it(
    tmp_path: Path, text: str, shown: str
) -> None:
    with pytest.raises(UserError, match=shown) as refused:
        chosen(tmp_path, text)
    assert str(tmp_path / "settings.toml") in str(refused.value)


def test_a_family_calls_the_clinic_by_its_name_and_number(tmp_path: Path) -> None:
    found = chosen(
        tmp_path, '[clinic]\nname = "Vascular  clinic"\ntelephone = "+44 20 7946-0000"\n'
    )
    assert (found.name, found.telephone) == ("Vascular clinic", "+44 20 7946-0000")
    assert (USUAL_CHOICES.name, USUAL_CHOICES.telephone) == ("", "")
    assert chosen(tmp_path, '[clinic]\ntelephone = " "').telephone == ""


@pytest.mark.parametrize("number", ["112", "(030) 450-1", "+44 20 7946 0000", "01/23.45"])
def test_a_telephone_number_may_have_the_usual_signs(number: str) -> None:
    assert ClinicChoices(telephone=number).telephone == number


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("telephone = 112", 'telephone in .* is a number, not "112"'),
        ('telephone = "12"', 'not "12"'),
        ('telephone = "the ward"', 'Write telephone = "'),
        ('telephone = "=1+1"', "is a number"),
        ('telephone = "<img src=x>123"', "is a number"),
        ('telephone = "\u0661\u0662\u0663"', "is a number"),
        ("recipient = 1", "recipient in .* is a text of at most 80 characters"),
        ("name = 1", "name in .* is a text of at most 80 characters"),
        (f'name = "{"x" * 81}"', "is a text of at most 80 characters"),
    ],
)
def test_a_wrong_name_or_number_is_refused(tmp_path: Path, text: str, shown: str) -> None:
    with pytest.raises(UserError, match=shown):
        chosen(tmp_path, f"[clinic]\n{text}")


SIX = ClinicChoices(grading=CTCAE_6)


def test_by_the_usual_choice_no_entry_changes() -> None:
    for entry in (a_laboratory_value(), a_side_effect("ALT increased", grade=2), a_level()):
        assert USUAL_CHOICES.graded(entry) is entry


def test_the_clinics_version_is_stored_with_a_value() -> None:
    value = a_laboratory_value()
    assert value.scale is None
    assert SIX.graded(value) == replace(value, scale=CTCAE_6)
    known = replace(value, scale=CTCAE_5)
    assert SIX.graded(known) is known


@pytest.mark.parametrize(
    ("count", "five", "six"),
    [("0.99 10*9/L", 3, 2), ("0.50 10*9/L", 3, 2), ("0.49 10*9/L", 4, 3)],
)
def test_a_neutrophil_count_is_graded_by_the_choice(count: str, five: int, six: int) -> None:
    """Course of treatment, section 12: v6.0 counts 1.5-1.0, 1.0-0.5, 0.5-0.1 and below."""
    value = a_laboratory_value("neutrophils", count)
    graded = [
        assess_laboratory(a_record(choices.graded(value)))[0].grade
        for choices in (USUAL_CHOICES, SIX)
    ]
    assert graded == [five, six]


@pytest.mark.parametrize(
    ("term", "scale"),
    [
        ("neutropenia", CTCAE_6),
        ("mouth sores", CTCAE_5),
        ("lymphopenia", CTCAE_5),  # its figures in v6.0 are not known here
        ("[/] =1+1", CTCAE_5),
    ],
)
def test_an_event_has_the_version_where_a_value_grades_it(term: str, scale: str) -> None:
    event = SIX.graded(a_side_effect(term, grade=3))
    assert (event.scale, SIX.scale_of_event(term)) == (scale, scale)
    assert USUAL_CHOICES.graded(a_side_effect(term, grade=3)).scale == CTCAE_5


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(UserError, match="Write grading"):
        ClinicChoices(grading="CTCAE v7.0")


def test_the_steps_are_those_of_the_marks() -> None:
    assert STANDARD_MARKS.smallest_ml == Decimal("0.02")
    assert FINE_MARKS.smallest_ml == Decimal("0.01")


NOW = at("2026-11-21T08:00")
TREATED = a_record(
    a_measurement(),
    a_dose("2026-11-01T08:00", "0.22"),
    a_level("20 ng/mL", "2026-11-20T08:00"),
)


@pytest.mark.parametrize(("rhythm", "source"), [(JOP, "jop2023"), (GENEREVIEWS, "genereviews")])
def test_what_is_due_follows_the_chosen_rhythm(rhythm: PublishedRhythm, source: str) -> None:
    clinic = ClinicChoices(rhythm=rhythm)
    for found in (due(TREATED, NOW, rhythm), summarise(TREATED, NOW, clinic).due):
        (tests,) = {each.source for each in found if each.check is Check.LABORATORY}
        assert tests == source


def test_genereviews_adds_the_thyroid_where_the_clinic_chose_it() -> None:
    """GeneReviews NBK1967, table 8: with TSH and T4."""
    thyroid = (a_laboratory_value("thyrotropin", "2.1 mIU/L", "2026-11-20T08:00"),
               a_laboratory_value("free T4", "14 pmol/L", "2026-11-20T08:00"))  # fmt: skip

    def asked(*values: Entry, rhythm: PublishedRhythm | None = GENEREVIEWS) -> list[date]:
        record = replace(TREATED, entries=(*TREATED.entries, *a_record(*values).entries[1:]))
        return [each.since for each in due(record, NOW, rhythm) if each.what == "thyroid function"]

    assert asked(rhythm=JOP) == asked(rhythm=None) == []
    (now,), (later,) = asked(), asked(*thyroid)
    assert now < later
    assert asked(thyroid[0]) == [now]


def test_without_a_choice_the_rhythm_is_the_stricter_one() -> None:
    found = {each.source for each in due(TREATED, NOW) if each.check is Check.LABORATORY}
    assert found == {"jop2023"}


def test_an_adjusted_dose_has_the_clinics_marks() -> None:
    """0.22 mg × 10 / 20 is 0.11 mg, which only marks of 0.01 mL give."""
    fine = ClinicChoices(marks=FINE_MARKS)
    for clinic, mg in ((USUAL_CHOICES, "0.1"), (fine, "0.11")):
        advice = advise(TREATED, NOW, clinic=clinic)
        assert advice.recommendation.label is not None
        assert advice.recommendation.label.measured.mg == Decimal(mg)
        shown = summarise(TREATED, NOW, clinic).advice
        assert shown.recommendation.label == advice.recommendation.label

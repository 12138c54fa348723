"""The banner: an age that is reached, and a warning only where there is something to warn of."""

from datetime import date

import pytest
from textual.content import Content

from dosing import Age
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entry import Entry
from monitoring.summary import summarise
from reports.presentation.ages import short_age
from tests.builders import (
    a_condition,
    a_dose,
    a_patient,
    a_record,
    a_side_effect,
    at,
    held_doses,
)
from tui.app.widgets.banner import banner_of
from tui.app.widgets.overview import overview_of


def banner(born: str, today: str, allergies: str = "") -> Content:
    record = a_record(patient=a_patient(born=born, allergies=allergies))
    return banner_of(summarise(record, at(f"{today}T08:00")))


@pytest.mark.parametrize(
    ("born", "today", "told", "short"),
    [
        ("2013-11-28", "2026-11-25", "12 years 11 months", "12.9 y"),
        ("2013-11-25", "2026-11-25", "13 years", "13 y"),
        ("2013-11-24", "2026-11-25", "13 years", "13 y"),
        ("2024-11-26", "2026-11-25", "23 months", "23 mo"),
        ("2024-11-25", "2026-11-25", "2 years", "2 y"),
        ("2026-10-26", "2026-11-25", "30 days", "0 mo"),
        ("2026-10-25", "2026-11-25", "1 month", "1 mo"),
    ],
)
def test_an_age_is_never_rounded_up(born: str, today: str, told: str, short: str) -> None:
    assert f"({told}, male)" in banner(born, today).plain
    age = Age.between(date.fromisoformat(born), date.fromisoformat(today))
    assert short_age(age) == short


@pytest.mark.parametrize(
    "none", ["none", "None known", "No known allergies.", "nil", "NKDA", "keine"]
)
def test_no_allergy_is_no_warning(none: str) -> None:
    shown = banner("2020-01-01", "2026-11-25", none)
    assert f"  allergies: {none}" in shown.plain
    assert "!" not in shown.plain
    assert not any("warning" in str(span.style) for span in shown.spans)


@pytest.mark.parametrize("some", ["peanuts", "none except latex", "none known? ask", "not known"])
def test_any_other_text_is_flagged(some: str) -> None:
    shown = banner("2020-01-01", "2026-11-25", some)
    assert f"! allergies: {some}" in shown.plain
    assert any("warning" in str(span.style) for span in shown.spans)


def test_an_allergy_among_the_conditions_is_flagged_too() -> None:
    record = a_record(a_condition("peanut allergy", "2020-01-01"), patient=a_patient(allergies=""))
    assert (
        "! allergies: peanut allergy" in banner_of(summarise(record, at("2026-11-25T08:00"))).plain
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (held_doses("2026-11-20T08:00", None, is_open=True), "▲ On hold since 20 Nov 2026"),
        (
            a_side_effect("headache", "2026-11-20", 2, action=ActionTaken.STOPPED),
            "▲ On 0.44 mg × 2 a day since 1 Nov 2026, in question",
        ),
        (a_side_effect("headache", "2026-11-20", 2), None),
    ],
)
def test_a_dose_that_is_not_surely_given_is_flagged(more: Entry, told: str | None) -> None:
    record = a_record(a_dose("2026-11-01T08:00"), more)
    shown = banner_of(summarise(record, at("2026-11-25T08:00"))).plain
    assert "▲" not in shown if told is None else told in shown


@pytest.mark.parametrize("is_step", [None, True])
def test_the_line_and_the_dose_panel_say_the_dose_to_come(*, is_step: bool | None) -> None:
    later = a_dose("2026-11-30T08:00", "0.36", is_taper_step=is_step)
    summary = summarise(a_record(a_dose("2026-11-01T08:00"), later), at("2026-11-29T08:00"))
    told = "from 30 Nov 2026, 08:00 0.36 mg × 2 a day"
    assert told in summary.where_things_stand
    panel = overview_of(summary, with_sources=False, key="w").plain
    assert panel.count(told) == 1

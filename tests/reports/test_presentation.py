"""What is shown to people is worded in one place, and never says more than is so."""

import ast
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import Age, AlertKind, read_date
from dosing.pharmacokinetics import Disposition, Interval
from dosing.quantities.formatting import duration, long_date, short_date, short_time
from reports.presentation.ages import age_words, short_age
from reports.presentation.alerts import LOOKS, Style
from reports.presentation.forecast import steady_state

ROOT = Path(__file__).parents[2]
ROOMS = ("dosing", "monitoring", "reports", "tui")


def test_every_kind_of_alert_has_a_look_that_needs_no_colour() -> None:
    assert set(LOOKS) == set(AlertKind)
    assert len({str(look) for look in LOOKS.values()}) == len(AlertKind)
    assert all(look.word.lower() == kind.word for kind, look in LOOKS.items())


def test_what_forbids_or_hurries_looks_stronger_than_the_rest() -> None:
    danger = {kind for kind, look in LOOKS.items() if look.style is Style.DANGER}
    assert danger == {AlertKind.STOP, AlertKind.OVERRIDE, AlertKind.URGENT}


@pytest.mark.parametrize(
    ("half_life_h", "words"),
    [
        (16.0, "7-14 days after a change, by the label"),
        (77.7, "7-14 days after a change, by the label"),
        (100.0, "7-14 days after a change, by the label; this half-life needs about 18 days"),
    ],
)
def test_the_time_to_steady_state_is_that_by_which_levels_are_assessed(
    half_life_h: float, words: str
) -> None:
    """At 77.7 h, 4.32 half-lives are 14 days: a shorter one contradicts no assessment."""
    one = Interval(value=7.0, low=6.0, high=8.0)
    patient = Disposition(
        clearance_l_h=one, laplace=one, population_clearance_l_h=7.0, volume_l=319.0,
        half_life_h=half_life_h, population_half_life_h=31.5, exposure_of_1_mg_a_day=one,
    )  # fmt: skip
    assert steady_state(patient) == words


@given(st.integers(min_value=72 * 3600, max_value=400 * 86400), st.integers(3, 400))
def test_a_duration_lies_on_the_side_of_a_limit_on_which_the_time_lies(
    seconds: int, limit_days: int
) -> None:
    shown = int(duration(seconds / 3600).split()[0])
    assert (shown >= limit_days) == (seconds >= limit_days * 86400)


@given(st.integers(min_value=0, max_value=72 * 3600 - 1))
def test_a_short_duration_keeps_every_second(seconds: int) -> None:
    parts = re.findall(r"([0-9]+) (h|min|s)", duration(seconds / 3600))
    assert sum(int(n) * {"h": 3600, "min": 60, "s": 1}[unit] for n, unit in parts) == seconds


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - clocks only
def test_a_short_time_is_read_back_as_it_was(local: datetime) -> None:
    local = local.replace(microsecond=0)
    form = "%d %b %Y, %H:%M:%S" if local.second else "%d %b %Y, %H:%M"
    assert datetime.strptime(short_time(local), form) == local  # noqa: DTZ007 - clocks only
    day = local.date()
    assert datetime.strptime(short_date(day), "%d %b %Y").date() == day  # noqa: DTZ007 - as above
    assert datetime.strptime(long_date(day), "%d %B %Y").date() == day  # noqa: DTZ007 - as above


@given(st.dates(date(1930, 1, 1), date(2026, 11, 28)))
def test_an_age_in_words_is_reached_and_no_longer_one_is(born: date) -> None:
    today = date(2026, 11, 28)
    age = Age.between(born, today)
    counts = {unit: int(n) for n, unit in re.findall(r"([0-9]+) (day|month|year)", age_words(age))}
    months = counts.get("year", 0) * 12 + counts.get("month", 0)
    if "day" in counts:
        assert born + timedelta(days=counts["day"]) == today
    else:
        assert months <= age.months < months + 1
    assert not short_age(age).startswith("-")


@pytest.mark.parametrize(
    ("born", "told"),
    [("2026-11-27", "1 day"), ("2026-10-28", "1 month"), ("2025-11-28", "12 months"),
     ("2024-11-28", "2 years"), ("2023-10-28", "3 years 1 month")],
)  # fmt: skip
def test_one_is_no_plural(born: str, told: str) -> None:
    assert age_words(Age.between(read_date(born), date(2026, 11, 28))) == told


def test_indented_json_is_written_in_one_place() -> None:
    found = [
        file.relative_to(ROOT).as_posix()
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and any(word.arg == "indent" for word in node.keywords)
    ]
    assert found == ["dosing/json_document.py"]

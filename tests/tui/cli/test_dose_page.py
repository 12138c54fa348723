"""The page of a proposal: how lines are broken, what stands on it."""

import re

import pytest

from tui.cli.main import main

CASES = [
    "--weight 12.4kg --height 88cm --age 2years",
    "--weight 6.2kg --height 61cm --age 3months --with rifampin --with nosuchdrug",
    "--weight 36kg --height 144cm --age 14years --protocol transplant --liver C",
    "--weight 70kg --height 175cm --age 30years --product tablets --protocol french",
]


@pytest.mark.parametrize("columns", ["40", "60", "80", "140"])
@pytest.mark.parametrize("case", CASES)
def test_a_number_and_its_unit_stay_on_one_line(
    case: str, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    main(["dose", *case.split(), "--explain"])
    page = capsys.readouterr().out
    assert not re.search(r"[0-9]\n *(mg|mL|ng/mL|kg|cm|m²|%|lb|hours|days|months|years)", page)


def test_every_row_of_a_stop_is_told_by_sign_and_word(capsys: pytest.CaptureFixture[str]) -> None:
    main(["dose", "--weight", "400kg", "--height", "88cm", "--age", "2years"])
    page = capsys.readouterr().out
    assert "No dose is proposed." in page
    assert page.count("■ STOP") == 2
    assert "Give" not in page


def test_an_override_that_would_pass_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    main(["dose", "--weight", "6.2kg", "--height", "61cm", "--age", "3months"])
    page = capsys.readouterr().out
    assert 'No dose is proposed without --override "REASON" --by "NAME".' in page
    assert "▲ OVERRIDE" in page


def test_a_loading_dose_stands_first(capsys: pytest.CaptureFixture[str]) -> None:
    main(["dose", *CASES[2].split()])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("  First, once  3.6 mg (3.6 mL of 1 mg/mL)") for line in lines)
    assert any(line.startswith("  Give         0.6 mg (0.6 mL of 1 mg/mL)") for line in lines)


def test_tablets_are_named_and_swallowed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    main(["dose", *CASES[3].split()])
    page = capsys.readouterr().out
    assert "3 mg (1 tablet of 2 mg and 1 tablet of 1 mg) by mouth" in page
    assert "Swallow the tablets whole: not crushed, chewed or split." in page
    assert "soya" not in page


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        ("12days", "12 days old"),
        ("1day", "1 day old"),
        ("213days", ", 6 months old"),
        ("7months", ", 7 months old"),
        ("215.99months", "17 years 11 months old"),
        ("18years", ", 18 years old"),
    ],
)
def test_an_age_is_never_rounded_up(
    age: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["dose", "--weight", "60kg", "--height", "165cm", "--age", age])
    assert shown in capsys.readouterr().out


def test_stops_and_cautions_stand_above_the_dose_and_notes_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["dose", "--weight", "6.2kg", "--height", "61cm", "--age", "3months", "--override",
          "levels twice a week", "--by", "Dr Example"])  # fmt: skip
    page = capsys.readouterr().out
    assert page.index("▲ OVERRIDE") < page.index("Give") < page.index("· note")

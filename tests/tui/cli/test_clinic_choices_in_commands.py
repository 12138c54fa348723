"""The clinic's choices in the commands: grades, marks of the syringes, and wrong settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.commands import Captured, read, run
from tests.tui.laboratory_file import GOOD, MAPPING

Choose = Callable[[str], Path]


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Return a function that writes the section [clinic] of the settings."""

    def write(lines: str) -> Path:
        file = tmp_path / "settings.toml"
        file.write_text(f"[clinic]\n{lines}\n", encoding="utf-8")
        monkeypatch.setenv("SIROLIMUS_SETTINGS", str(file))
        return file

    return write


NEWBORN = ("dose", "--weight", "3.6kg", "--height", "52cm", "--age", "4 weeks",
           "--protocol", "infant", "--override", "agreed", "--by", "Dr Example")  # fmt: skip


def test_the_marks_are_the_clinics_unless_others_are_typed(
    choose: Choose, capsys: Captured
) -> None:
    # 0.2 mg/m² at 0.2280 m² is 0.0456 mg: 0.04 mg is 12.3 % off it, 0.05 mg 9.6 %.
    assert read(capsys, *NEWBORN, code=3)["dose"] is None
    choose('syringe_step_ml = "0.01"')
    assert read(capsys, *NEWBORN)["dose"]["given_mg"] == 0.05
    assert read(capsys, *NEWBORN, "--syringe-step", "0.02mL", code=3)["dose"] is None


def test_an_accepted_dose_has_the_clinics_marks(
    sample: str, choose: Choose, capsys: Captured
) -> None:
    choose('syringe_step_ml = "0.01"')
    run("measure", "add", sample, "--weight", "8.1kg", "--height", "70cm", "--on", "2026-11-01")
    run("prescribe", sample, "--accept", "--from", "2026-11-01T08:00",
        "--override", "agreed", "--by", "Dr Example")  # fmt: skip
    (dose,) = read(capsys, "prescription", "list", sample)
    # 1.6 mg/m²/day at 0.3969 m² is 0.3175 mg a dose
    assert dose["dose_mg"] == 0.32
    assert dose["proposal"]["inputs"]["syringe_step_ml"] == 0.01


def test_a_typed_dose_is_checked_against_the_clinics_marks(
    sample: str, choose: Choose, capsys: Captured
) -> None:
    typed = ("prescribe", sample, "--times-a-day", "2", "--from")
    run(*typed, "2026-11-01T08:00", "--dose", "0.45mg")
    assert "0.45 mg (0.45 mL of 1 mg/mL) is off the marks" in capsys.readouterr().out
    choose('syringe_step_ml = "0.01"')
    run(*typed, "2026-11-02T08:00", "--dose", "0.43mg")
    assert "off the marks" not in capsys.readouterr().out


def test_a_value_keeps_the_version_of_its_day(
    sample: str, choose: Choose, capsys: Captured
) -> None:
    add = ("lab", "add", sample, "neutrophils", "0.7 10*9/L", "--at")
    run(*add, "2026-11-05T08:00")
    choose('grading = "CTCAE v6.0"')
    capsys.readouterr()
    run(*add, "2026-11-06T08:00")
    shown = capsys.readouterr().out
    assert "--grade 2" in shown
    found = read(capsys, "lab", "list", sample)
    assert [(each["scale"], each["grade"]) for each in found] == [
        ("CTCAE v5.0", 3),
        ("CTCAE v6.0", 2),
    ]
    run("event", "add", sample, "neutropenia", "--from", "2026-11-06", "--grade", "2")
    (event,) = read(capsys, "event", "list", sample)
    assert (event["scale"], event["grade_wording"][:9]) == ("CTCAE v6.0", "below 1.0")


def test_the_grades_are_those_of_the_clinics_version(choose: Choose, capsys: Captured) -> None:
    five = read(capsys, "event", "grades", "neutropenia")
    choose('grading = "CTCAE v6.0"')
    six = read(capsys, "event", "grades", "neutropenia")
    assert (five["scale"], six["scale"]) == ("CTCAE v5.0", "CTCAE v6.0")
    assert five["grades"] != six["grades"]
    assert read(capsys, "event", "grades", "mouth sores")["scale"] == "CTCAE v5.0"


def test_an_imported_value_has_the_clinics_version(
    sample: str, choose: Choose, capsys: Captured, tmp_path: Path
) -> None:
    choose('grading = "CTCAE v6.0"')
    file, mapping = tmp_path / "results.csv", tmp_path / "laboratory.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    file.write_text(GOOD, encoding="utf-8")
    run("import", str(file), "--mapping", str(mapping))
    assert [each["scale"] for each in read(capsys, "lab", "list", sample)] == ["CTCAE v6.0"]


def test_a_wrong_setting_is_shown_with_its_file(choose: Choose, capsys: Captured) -> None:
    file = choose('syringe_step_ml = "0.03"')
    run(*NEWBORN, code=2)
    shown = capsys.readouterr().err
    assert 'is "0.02" or "0.01", not "0.03"' in shown
    assert str(file) in shown

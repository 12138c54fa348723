"""Damaged and hostile tables: each patient has figures or a problem, and the rest goes on."""

from random import Random

import pandas as pd
import pytest

from dosing import UserError
from dosing.nonmem import fit_table, read_table
from tests.campaign import cases
from tests.dosing.nonmem.table_models import ONE_COMPARTMENT, TWO_COMPARTMENTS, fitted

NAMES = ["ID", "DAT2", "TIME", "EVID", "AMT", "DV", "MDV", "II", "ADDL", "SS", "CENS", "BLQ",
         "LLOQ", "CMT", "RATE", "DVID", "EXCL", "WT", "AGE", "OXC"]  # fmt: skip
CELLS = (
    "[/]", "<img src=x>", "Łukasz", "=1+1", "\u202eright to left", "\x1b[31m", "00123", "NA", "",
    ".", "-", "+", "e", "1e", "1d999", "1e308", "-1e308", "1e-308", "9" * 400, "0x10", "1_000",
    "1.2.3", "٣", "１", "inf", "-inf", "nan", "NaN", "None", "True", "1,5", "8:00", "8:61", "99:59",
    "-8:00", "2026-02-30", "2026-01-01", "9999-12-31", "0000-00-00", "31.12.26", "-99", "-1", "0",
    "0.0", "1", "2", "3", "4", "5", "1e7", "-1e7", "1e-300", "1D0", "C", "#", "@", "Y", "N", "yes",
    "depot", "central", "\ufeff1", "1\u200b", "\u00a05", " 7 ", "'", "\\", "%s", "{}", "1e5 ",
)  # fmt: skip


def study() -> list[list[str]]:
    """Return the rows of three patients, with every column that is read."""
    rows = []
    for patient in ("1", "2", "3"):
        usual = [".", "1", "0", "0", "16", "44", "0"]
        rows += [
            [patient, "2026-01-01", "8:00", "1", "0.5", ".", "1", "12", "20", "1", ".", ".",
             ".", "1", *usual[2:3], *usual[1:3], *usual[4:]],
            [patient, "2026-01-05", "7:30", "0", ".", "7", "0", ".", ".", ".", "0", "0",
             "2", "2", *usual[2:3], *usual[1:3], *usual[4:]],
            [patient, "2026-01-06", "7:30", "2", ".", ".", "1", ".", ".", ".", ".", ".",
             ".", ".", ".", ".", "0", "17", "44", "1"],
            [patient, "2026-01-09", "7:30", "0", ".", ".", "0", ".", ".", ".", ".", "1",
             "2", "2", *usual[2:3], *usual[1:3], *usual[4:]],
        ]  # fmt: skip
    return rows


def written(rows: list[list[str]], names: list[str] = NAMES) -> str:
    return "\n".join("\t".join(cells) for cells in (names, *rows)) + "\n"


def test_the_study_itself_is_fitted() -> None:
    for model in (ONE_COMPARTMENT, TWO_COMPARTMENTS):
        found = fitted(written(study()), model)
        assert list(found["problem"]) == [""] * 3
        assert list(found["levels"]) == [2, 2, 2]


@pytest.mark.parametrize("seed", range(cases(30, full=3_000)))
def test_hostile_cells_of_one_patient_are_its_own_problem(seed: int) -> None:
    random = Random(seed)
    model = random.choice((ONE_COMPARTMENT, TWO_COMPARTMENTS))
    rows = study()
    for _ in range(random.randint(1, 4)):
        rows[random.randrange(4, 8)][random.randrange(1, len(NAMES))] = random.choice(CELLS)
    found = fitted(written(rows), model)
    others = fitted(written(study()), model)
    assert list(found["ID"]) == ["1", "2", "3"]
    for place in (0, 2):
        pd.testing.assert_series_equal(found.iloc[place], others.iloc[place])
    is_fitted = bool(found["ofv"].notna()[1])
    assert is_fitted or found["problem"][1].startswith("line ") or "extreme" in found["problem"][1]
    assert "\n" not in found["problem"][1]


@pytest.mark.parametrize("seed", range(cases(30, full=2_000)))
def test_damaged_tables_are_fitted_or_refused_in_a_line(seed: int) -> None:
    """Cells, names and whole lines anywhere: also IDs, the header, and signs cut out or doubled."""
    random = Random(seed)
    rows, names = study(), list(NAMES)
    for _ in range(random.randint(1, 6)):
        random.choice([names, *rows])[random.randrange(len(names))] = random.choice(CELLS)
    text = written(random.sample(rows, len(rows)) if random.random() < 0.3 else rows, names)
    for _ in range(random.randint(0, 3)):
        at = random.randrange(len(text))
        text = text[:at] + random.choice(["", "\n", "\t", ",", '"', text[at] * 3]) + text[at + 1 :]
    try:
        found = fitted(text)
    except UserError as refused:
        problems = [str(refused)]
    else:
        problems = list(found["problem"])
        assert (found["ofv"].notna() | (found["problem"] != "")).all()
    assert not any("\n" in each for each in problems)


@pytest.mark.parametrize("seed", range(cases(15, full=500)))
def test_a_data_frame_of_anything_is_fitted_or_refused(seed: int) -> None:
    random = Random(seed)
    things = [None, True, 1, 1.5, -1, float("nan"), float("inf"), 2 + 1j, "1", "x", b"1", (), [1],
              pd.Timestamp("2026-01-01"), pd.NA, 10**400]  # fmt: skip
    names = [*NAMES[2:8], *NAMES[9:13], "WT", *random.sample(["DAT2", "EXCL", "C", "CMT"], 2)]
    table = pd.DataFrame(
        {"ID": ["1", "1", "2"]} | {name: random.choices(things, k=3) for name in names},
        dtype=object,
    )
    found = fit_table(table, ONE_COMPARTMENT)
    assert list(found["ID"]) == ["1", "2"]
    assert (found["ofv"].notna() | (found["problem"] != "")).all()


def test_very_many_columns_and_patients_of_one_row_are_no_fault() -> None:
    wide = read_table("ID,TIME,AMT,DV,WT" + ",X" * 900 + "\n" + "1,0,1,.,16" + ",0" * 900 + "\n")
    assert list(fit_table(wide.cells, ONE_COMPARTMENT)["converged"]) == [True]
    many = "ID TIME AMT DV WT\n" + "".join(f"{each} 0 1 . 16\n" for each in range(1_200))
    found = fitted(many)
    assert len(found) == 1_200
    assert found["eta_CL"].abs().max() < 1e-9

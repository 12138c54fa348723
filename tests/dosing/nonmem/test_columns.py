"""Each column that changes the meaning of a row: read by its definition, or refused by name.

The tables are written by hand; the definitions are those of NONMEM's help, of Monolix and nlmixr2.
"""

from math import exp

import pandas as pd
import pytest

from dosing import UserError
from dosing.nonmem import fit_table, read_table
from dosing.nonmem.columns import REFUSED, Columns
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from tests.dosing.nonmem.table_models import (
    DOSES,
    HEADER,
    ONE_COMPARTMENT,
    TWO_COMPARTMENTS,
    WEIGHT,
    fitted,
    only,
)

KG16 = (CovariateStep(0, {"weight": 16}),)
TWICE_A_DAY = (DoseRecord(0, 0.48, 12, 29),)


def fit_of(
    *levels: MeasuredLevel,
    doses: tuple[DoseRecord, ...] = TWICE_A_DAY,
    resets: tuple[float, ...] = (),
) -> float:
    return fit(ONE_COMPARTMENT, DosingHistory(doses, KG16, resets), levels).eta[0]


def with_column(column: str, dose: str, level: str, dv: str = "7") -> str:
    return (
        f"ID,TIME,EVID,AMT,DV,II,ADDL,WT,{column}\n"
        f"A,0,1,0.48,.,12,28,16,{dose}\nA,336,0,.,{dv},.,.,16,{level}\n"
    )


# --- refused by name

HARMLESS_AND_NOT = {
    "RATE": ("dose", ["0", ".", "NA"], ["-2", "-1", "5"]),
    "DUR": ("dose", ["0", "."], ["2", "1D0"]),
    "TINF": ("dose", ["0", "."], ["0.5"]),
    "ADM": ("dose", ["1", "."], ["0", "2", "oral"]),
    "ADMID": ("dose", ["1"], ["2"]),
    "INPUT": ("dose", ["1", "."], ["2", "0"]),
    "DVID": ("level", ["1", "1.0", "."], ["2", "0", "cp"]),
    "YTYPE": ("level", ["1"], ["2"]),
    "OBSID": ("level", ["1"], ["2"]),
    "OUTEQ": ("level", ["1", "."], ["2"]),
    "LIMIT": ("level", [".", "NA", ""], ["0", "1"]),
    "ALQ": ("level", ["0", "."], ["1"]),
    "MDVX": ("level", ["0"], ["1"]),
    "PCMT": ("level", ["0", "2"], ["1"]),
    "L2": ("level", ["0", "."], ["1"]),
    "CONT": ("both", ["0"], ["1"]),
    "RAW_": ("both", ["0"], ["1"]),
    "MRG_": ("both", ["0"], ["1"]),
    "RPT_": ("both", ["0"], ["1"]),
    "DROP": ("both", ["0", "."], ["1", "x"]),
    "SKIP": ("both", ["0"], ["1"]),
    "FLAG": ("both", ["0"], ["1", "2"]),
}


def test_every_refused_column_is_tried() -> None:
    assert {each.name for each in REFUSED} == set(HARMLESS_AND_NOT)


@pytest.mark.parametrize("column", HARMLESS_AND_NOT)
def test_a_value_that_changes_a_row_is_refused_and_one_that_changes_nothing_is_not(
    column: str,
) -> None:
    rows, harmless, others = HARMLESS_AND_NOT[column]
    expected = fit_of(MeasuredLevel(336, 7))
    for value in harmless:
        row = only(with_column(column, value, value))
        assert row["problem"] == "", value
        assert row["eta_CL"] == pytest.approx(expected, abs=1e-12)
    for value in others:
        line = 3 if rows == "level" else 2
        problem = only(with_column(column, value, value))["problem"]
        assert problem.startswith(f'line {line}, {column} "{value}": '), value
    if rows != "both":  # in a row of the other kind it says nothing
        cells = (others[0], ".") if rows == "level" else (".", others[0])
        assert only(with_column(column, *cells))["problem"] == ""


def test_a_level_that_is_not_fitted_may_be_of_any_kind() -> None:
    text = with_column("MDV,DVID", "1,.", "1,2")
    assert only(text)["levels"] == 0


@pytest.mark.parametrize(("dose", "level"), [("1", "2"), ("0", "0"), ("depot", "central")])
def test_the_compartments_of_an_oral_dose_and_of_a_level(dose: str, level: str) -> None:
    assert only(with_column("CMT", dose, level))["problem"] == ""
    assert "CMT" in only(with_column("CMT", level, level))["problem"] or level == "0"
    assert "CMT" in only(with_column("CMT", dose, "1"))["problem"]
    assert "CMT" in only(with_column("CMT", dose, "3"))["problem"]


def test_a_compartment_is_not_turned_off() -> None:
    text = "ID,TIME,EVID,AMT,DV,CMT,WT\nA,0,1,1,.,1,16\nA,5,2,.,.,{},16\nA,9,0,.,7,2,16\n"
    assert 'line 3, CMT "-1"' in only(text.format("-1"))["problem"]
    assert only(text.format("1"))["problem"] == ""


def test_the_columns_of_pmetrics_are_named() -> None:
    with pytest.raises(UserError, match=r'Rename "DOSE" of Pmetrics AMT\. Rename "OUT"'):
        fitted("#ID,EVID,TIME,DUR,DOSE,ADDL,II,INPUT,OUT,OUTEQ,WT\n1,1,0,0,5,.,.,1,.,.,16\n")


def test_columns_without_a_use_are_named_and_no_others() -> None:
    header = ["id", "Time", "AMT", "DV", "SEX", "WT", "EVID", "Ht", "DVID", "AGE", "C"]
    assert Columns.of(header, ONE_COMPARTMENT).unused == ("SEX", "Ht")
    assert Columns.of([*header, "OXC"], TWO_COMPARTMENTS).unused == ("SEX", "WT", "Ht")


@pytest.mark.parametrize("column", ["CENS", "rate", "Excl", "DAT2"])
def test_a_covariate_has_no_column_of_another_meaning(column: str) -> None:
    covariate = type(WEIGHT)(name="weight", column=column, unit="kg")
    model = type(ONE_COMPARTMENT)(
        **{
            name: getattr(ONE_COMPARTMENT, name)
            for name in ONE_COMPARTMENT.__dataclass_fields__
            if name != "covariates"
        },
        covariates=(covariate, ONE_COMPARTMENT.covariates[1]),
    )
    with pytest.raises(UserError, match="has another meaning in a table"):
        Columns.of(["ID", "TIME", "AMT", "DV", column], model)


# --- levels beyond a limit


@pytest.mark.parametrize("flag", ["BLQ", "BQL", "bloq"])
@pytest.mark.parametrize("dv", [".", "0", "1.5", "3", "NA"])
def test_a_flagged_level_is_below_its_limit_whatever_is_in_dv(flag: str, dv: str) -> None:
    row = only(with_column(f"{flag},LLOQ", "0,3", "1,3", dv))
    assert row["problem"] == ""
    assert row["levels"] == 1
    expected = fit_of(MeasuredLevel(336, 3, Censoring.BELOW))
    assert row["eta_CL"] == pytest.approx(expected, abs=1e-12)
    assert row["eta_CL"] != pytest.approx(fit_of(MeasuredLevel(336, 3)), abs=1e-3)


@pytest.mark.parametrize("yes", ["1", "1.0", "Y", "yes"])
def test_a_flag_is_1_or_y(yes: str) -> None:
    row = only(with_column("BLQ,LOQ", ".,.", f"{yes},3"))
    assert "flagged as below the limit of 3" in row["problem"]  # DV is 7
    assert only(with_column("BLQ,LOQ", ".,.", "N,3"))["problem"] == ""


@pytest.mark.parametrize(
    ("columns", "level", "dv", "why"),
    [
        ("BLQ", "1", "3", 'BLQ "1": its limit is unknown'),
        ("BLQ,LLOQ", "1,.", "3", 'BLQ "1": its limit is unknown'),
        ("BLQ,LLOQ", "1,0", ".", 'BLQ "1": its limit is unknown'),
        ("BLQ,LLOQ", "1,3", "3.1", 'DV "3.1": the level is flagged as below the limit of 3'),
        ("BLQ", "2", "3", 'BLQ "2": it is 1 (yes) or 0 (no)'),
        ("BLQ", "x", "3", 'BLQ "x": it is 1 (yes) or 0 (no)'),
        ("BLQ,CENS,LLOQ", "1,0,3", "3", 'BLQ "1": CENS is 0'),
        ("BLQ,CENS,LLOQ", "1,-1,3", "3", 'BLQ "1": CENS is -1'),
        ("BLQ,CENS", "0,1", "3", 'BLQ "0": CENS is 1'),
        ("CENS,LLOQ", "1,3", "1.5", 'DV "1.5": with CENS 1 it is the limit, but LLOQ is 3'),
        ("CENS,ULOQ", "-1,30", "31", 'DV "31": with CENS -1 it is the limit, but ULOQ is 30'),
        ("LLOQ", "3", "2.9", 'DV "2.9": it is not above LLOQ, 3'),
        ("LLOQ", "3", "3", 'DV "3": it is not above LLOQ, 3'),
        ("BLQ,LLOQ", "0,3", "2.9", 'DV "2.9": it is not above LLOQ, 3'),
        ("ULOQ", "30", "30", 'DV "30": it is not below ULOQ, 30'),
        ("ULOQ", "30", "31", 'DV "31": it is not below ULOQ, 30'),
    ],
)
def test_a_level_beyond_a_limit_that_nothing_explains_is_refused(
    columns: str, level: str, dv: str, why: str
) -> None:
    blank = ",".join("." for _ in columns.split(","))
    assert f"line 3, {why}" in only(with_column(columns, blank, level, dv))["problem"]


@pytest.mark.parametrize(
    ("columns", "level", "dv"),
    [
        ("LLOQ", "3", "3.1"),
        ("BLQ,LLOQ", "0,3", "3"),
        ("CENS,LLOQ", "0,3", "3"),
        ("CENS,ULOQ", "0,30", "30"),
        ("ULOQ", "30", "29.9"),
    ],
)
def test_a_level_within_its_limits_is_measured(columns: str, level: str, dv: str) -> None:
    blank = ",".join("." for _ in columns.split(","))
    row = only(with_column(columns, blank, level, dv))
    assert row["eta_CL"] == pytest.approx(fit_of(MeasuredLevel(336, float(dv))), abs=1e-12)


@pytest.mark.parametrize(("flag", "cens"), [("1", "1"), (".", "1"), ("1", ".")])
def test_both_flags_may_say_the_same(flag: str, cens: str) -> None:
    row = only(with_column("BLQ,CENS,LLOQ", ".,.,.", f"{flag},{cens},3", "3"))
    expected = fit_of(MeasuredLevel(336, 3, Censoring.BELOW))
    assert row["eta_CL"] == pytest.approx(expected, abs=1e-12)


# --- rows that are left out


@pytest.mark.parametrize("column", ["EXCL", "EXCLUDE", "IGNORE", "excl"])
def test_a_flagged_level_is_left_out_and_a_dose_is_asked_about(column: str) -> None:
    text = with_column(column, "0", "0") + "A,337,0,.,70,.,.,16,1\n"
    row = only(text)
    assert (row["levels"], row["problem"]) == (1, "")
    assert row["eta_CL"] == pytest.approx(fit_of(MeasuredLevel(336, 7)), abs=1e-12)
    dose = only(with_column(column, "1", "0"))["problem"]
    assert f'line 2, {column.upper()} "1": was the dose given?' in dose
    assert "it is 1 (yes) or 0 (no)" in only(with_column(column, "0", "3"))["problem"]


def test_a_patient_whose_rows_are_all_left_out_has_no_fit() -> None:
    text = "ID,TIME,AMT,DV,WT,EXCL\nA,1,.,5,16,1\nA,2,.,5,16,Y\n"
    assert only(text)["problem"] == "line 2: all rows of the patient are left out."


def test_a_comment_in_a_data_frame_is_one() -> None:
    table = read_table(with_column("D", ".", "C") + "A,337,0,.,9,.,.,16,.\n").cells
    found = fit_table(table.rename(columns={"D": "C"}), ONE_COMPARTMENT)
    assert list(found["levels"]) == [1]


# --- the event


def test_without_evid_a_row_with_an_amount_is_a_dose_and_one_with_a_level_a_level() -> None:
    text = "ID,TIME,AMT,DV,II,ADDL,WT\nA,0,0.48,.,12,28,10\nA,100,0,.,.,.,16\nA,336,.,7,.,.,16\n"
    row = only(text)
    steps = (CovariateStep(0, {"weight": 16}),)  # of the row that is neither, and after it
    expected = fit(ONE_COMPARTMENT, DosingHistory(TWICE_A_DAY, steps), [MeasuredLevel(336, 7)])
    assert (row["levels"], row["problem"]) == (1, "")
    assert row["eta_CL"] == pytest.approx(expected.eta[0], abs=1e-12)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,0,1,7,.,16", "a level has EVID 0 and its own row"),
        ("A,0,1,7,0,16", "a level has EVID 0 and its own row"),
        ("A,0,-1,.,.,16", "a dose is above zero"),
        ("A,0,1,.,.,16\nA,9,0,.,0,16", "the level is missing. Write MDV 1"),
    ],
)
def test_without_evid_a_row_is_a_dose_or_a_level(row: str, why: str) -> None:
    assert why in only(f"ID,TIME,AMT,DV,MDV,WT\n{row}\n")["problem"]


def test_without_evid_mdv_leaves_the_level_of_a_dose_out() -> None:
    row = only("ID,TIME,AMT,DV,MDV,WT\nA,0,1,7,1,16\nA,9,0,3,0,16\nA,10,0,3,1,16\n")
    assert (row["levels"], row["problem"]) == (1, "")


@pytest.mark.parametrize("at", ["-5", "0"])
def test_a_level_of_0_before_the_first_dose_is_left_out(at: str) -> None:
    rows = f"A,{at},0,.,0,0,.,.,.,16\n"
    row = only(HEADER + rows + DOSES + "A,336,0,.,7,0,.,.,.,16\n")
    assert (row["levels"], row["problem"]) == (1, "")
    assert row["eta_CL"] == pytest.approx(fit_of(MeasuredLevel(336, 7)), abs=1e-12)
    later = only(HEADER + DOSES + "A,0.1,0,.,0,0,.,.,.,16\n")["problem"]
    assert 'line 3, DV "0": a level is above zero' in later


# --- steady state and resets

SS = "ID,TIME,EVID,AMT,DV,II,ADDL,SS,WT\n"


def test_a_steady_state_has_the_trough_of_the_textbook() -> None:
    """Bateman's function, summed over all doses that were ever given."""
    clearance, volume, ka, dose, every = 4.06, 155.0, 0.485, 0.48, 12
    k = clearance / volume
    left = [exp(-rate * every) / (1 - exp(-rate * every)) for rate in (k, ka)]
    trough = 1000 * dose * ka / (volume * (ka - k)) * (left[0] - left[1])
    row = only(SS + f"A,0,1,{dose},.,{every},.,1,16\nA,0,0,.,{trough!r},.,.,.,16\n")
    assert (row["levels"], row["problem"]) == (1, "")
    assert row["eta_CL"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("more", ["0", "5"])
def test_a_steady_state_is_a_long_run_in_and_replaces_what_was_before(more: str) -> None:
    levels = "".join(f"A,{at},0,.,{dv},.,.,.,16\n" for at, dv in ((112, 9), (130, 6), (160, 8)))
    steady = only(SS + f"A,3,1,5,.,12,9,.,16\nA,100,1,0.48,.,12,{more},1,16\n" + levels)
    first = 100 - 12 * 2000
    run_in = only(SS + f"A,{first},1,0.48,.,12,{2000 + int(more)},.,16\n" + levels)
    assert steady["eta_CL"] == pytest.approx(run_in["eta_CL"], abs=1e-9)
    assert steady["ofv"] == pytest.approx(run_in["ofv"], rel=1e-9)
    assert "line 2: a reset or steady state cancels doses of its ADDL" in steady["problem"]


@pytest.mark.parametrize(("ii", "ss"), [(".", "1"), ("0", "1"), ("12", "2"), ("12", "3")])
def test_a_steady_state_needs_an_interval_and_is_1(ii: str, ss: str) -> None:
    problem = only(SS + f"A,0,1,1,.,{ii},.,{ss},16\nA,9,0,.,7,.,.,.,16\n")["problem"]
    assert problem.startswith("line 2, II" if ss == "1" else "line 2, SS")


def test_a_reset_begins_again_also_in_time() -> None:
    after = "A,{},0,.,6,.,.,.,16\n"
    before = "A,0,1,3,.,12,40,.,16\nA,90,0,.,20,.,.,.,16\n"
    text = SS + before + "A,{},3,.,.,.,.,.,16\nA,{},1,0.48,.,12,9,.,16\n" + after
    whole = only(text.format(100, 110, 206))
    again = only(text.format(0, 10, 106))  # the same, with a time that begins again
    by_hand = fit_of(
        MeasuredLevel(90, 20),
        MeasuredLevel(206, 6),
        doses=(DoseRecord(0, 3, 12, 9), DoseRecord(110, 0.48, 12, 10)),
        resets=(100,),
    )
    for row in (whole, again):
        assert row["levels"] == 2
        assert row["problem"] == "line 2: a reset or steady state cancels doses of its ADDL"
        assert row["eta_CL"] == pytest.approx(by_hand, abs=1e-9)


def test_a_reset_and_dose_is_a_reset_and_a_dose() -> None:
    before = "A,0,1,3,.,12,4,.,16\nA,90,0,.,20,.,.,.,16\n"
    after = "A,206,0,.,6,.,.,.,16\n"
    one = only(SS + before + "A,100,4,0.48,.,12,9,.,16\n" + after)
    two = only(SS + before + "A,100,3,.,.,.,.,.,16\nA,100,1,0.48,.,12,9,.,16\n" + after)
    assert one["problem"] == two["problem"] == ""
    assert one["eta_CL"] == pytest.approx(two["eta_CL"], abs=1e-12)
    # what was before is gone: the level after it is that of a patient who begins there
    alone = only(SS + "A,0,1,0.48,.,12,9,.,16\nA,106,0,.,6,.,.,.,16\n")
    mixed = only(SS + "A,0,1,3,.,12,4,.,16\nA,100,4,0.48,.,12,9,.,16\n" + after)
    assert mixed["eta_CL"] == pytest.approx(alone["eta_CL"], abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("A,100,3,.,.,.,.,.,16\nA,120,0,.,6,.,.,.,16", "line 4, DV: the doses before this level"),
        ("A,100,3,.,.,.,.,.,16\nA,100,0,.,6,.,.,.,16", "line 4, DV: a reset is at the time"),
        ("A,100,0,.,6,.,.,.,16\nA,100,1,1,.,12,.,1,16", "line 3, DV: a steady state begins at"),
        ("A,50,2,.,.,.,.,.,16\nA,40,2,.,.,.,.,.,16", "line 4, TIME: 40 h follows 50 h"),
    ],
)
def test_a_level_beside_a_reset_is_on_the_right_side(rows: str, why: str) -> None:
    assert why in only(SS + "A,0,1,3,.,12,4,.,16\n" + rows + "\n")["problem"]


def test_a_level_just_before_a_reset_is_one_of_before() -> None:
    row = only(SS + "A,0,1,1,.,12,4,.,16\nA,100,0,.,6,.,.,.,16\nA,100,4,3,.,.,.,.,16\n")
    expected = fit_of(MeasuredLevel(100, 6), doses=(DoseRecord(0, 1, 12, 5),))
    assert row["eta_CL"] == pytest.approx(expected, abs=1e-12)


# --- doses and covariates over time


@pytest.mark.parametrize(("addl", "is_past"), [(7, False), (8, True), (9, True)])
def test_further_doses_that_run_past_the_next_one_are_named(addl: int, *, is_past: bool) -> None:
    """Seven further doses end at 84 h, eight at 96 h, where the next row has a dose, too."""
    rows = f"A,0,1,1,.,1,12,{addl},.,16\nA,96,1,1,.,1,.,.,.,16\nA,100,0,.,9,0,.,.,.,16\n"
    row = only(HEADER + rows)
    said = "line 2: its ADDL runs past the dose of line 3; both count"
    assert row["problem"] == (said if is_past else "")
    doses = (DoseRecord(0, 1, 12, addl + 1), DoseRecord(96, 1))
    assert row["eta_CL"] == pytest.approx(fit_of(MeasuredLevel(100, 9), doses=doses), abs=1e-9)


def test_two_covariates_at_one_time_have_an_interval_of_no_length() -> None:
    """The weight of the level's row holds until 24 h, that of the dose's row at no time."""
    text = "ID,TIME,EVID,AMT,DV,WT\nA,0,1,2,.,10\nA,24,0,.,7,16\nA,24,1,2,.,18\nA,48,0,.,9,20\n"
    row = only(text)
    history = DosingHistory(
        (DoseRecord(0, 2), DoseRecord(24, 2)),
        (CovariateStep(0, {"weight": 16}), CovariateStep(24, {"weight": 20})),
    )
    levels = [MeasuredLevel(24, 7), MeasuredLevel(48, 9)]
    assert row["problem"] == ""
    assert row["eta_CL"] == pytest.approx(fit(ONE_COMPARTMENT, history, levels).eta[0], abs=1e-12)


# --- who is who


def test_an_id_that_returns_is_a_new_patient() -> None:
    rows = "1,0,1,1,.,1,.,.,.,16\n1.0,9,0,.,3,0,.,.,.,16\n"
    found = fitted(HEADER + rows + "2,0,1,1,.,1,.,.,.,16\n" + rows.replace("1.0", "1.0D0"))
    assert list(found["ID"]) == ["1", "2", "1"]
    assert list(found["levels"]) == [1, 0, 1]
    assert found["problem"][0] == ""
    assert found["problem"][2] == "a new patient: line 2 has this ID, too"
    assert found["eta_CL"][0] == found["eta_CL"][2]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("1", "1.0", True),
        ("1", "1.0000E+00", True),
        ("10", "1E1", True),
        ("0", "0.0", True),
        ("1", "01", False),
        ("00123", "123", False),
        ("9007199254740993", "9007199254740992", False),
        ("A", "a", False),
        ("1", "1 ", True),
    ],
)
def test_one_id_in_two_spellings(one: str, other: str, *, is_same: bool) -> None:
    found = fitted(f"{HEADER}{one},0,1,1,.,1,.,.,.,16\n{other},9,0,.,3,1,.,.,.,16\n")
    assert len(found) == (1 if is_same else 2)


def test_the_ids_of_a_data_frame_are_numbers_or_texts() -> None:
    table = pd.DataFrame(
        {"ID": [1, 1.0, 2], "TIME": [0, 9, 0], "AMT": [1, 0, 1], "DV": [0, 3, 0], "WT": 16}
    )
    assert list(fit_table(table, ONE_COMPARTMENT)["levels"]) == [1, 0]


# --- logarithms


@pytest.mark.parametrize(("levels", "is_asked"), [((2.2, 2.3), True), ((9, 10), False)])
def test_levels_that_look_like_logarithms_are_asked_about(
    levels: tuple[float, ...], *, is_asked: bool
) -> None:
    """8.85 ng/mL is typical: its logarithm is 2.18."""
    rows = "".join(f"A,336,0,.,{each},0,.,.,.,16\n" for each in levels)
    problem = only(HEADER + DOSES + rows)["problem"]
    assert (
        "DV as a logarithm? the median is 2.25 where 8.85 ng/mL is typical" in problem
    ) == is_asked


def test_a_low_level_is_not_taken_for_a_logarithm() -> None:
    for low in (1.5, 4.5, 5):
        problem = only(HEADER + DOSES + f"A,336,0,.,{low},0,.,.,.,16\n")["problem"]
        assert "logarithm" not in problem, low


def test_a_negative_level_may_be_a_logarithm_or_a_missing_one() -> None:
    problem = only(HEADER + DOSES + "A,336,0,.,-0.2,0,.,.,.,16\n")["problem"]
    assert "A logarithm is not a level: write ng/mL. For a missing level write MDV 1" in problem

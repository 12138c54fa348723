"""A table of many patients in the NONMEM convention: read as it says, refused where it does not."""

from itertools import accumulate, pairwise
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing import UserError
from dosing.nonmem import fit_table, read_table
from dosing.nonmem.event_rows import read_number
from dosing.pharmacokinetics.dosing_history import CovariateStep, DoseRecord, DosingHistory
from dosing.pharmacokinetics.map_estimate import fit
from dosing.pharmacokinetics.objective import Censoring, MeasuredLevel
from tests.campaign import cases
from tests.dosing.nonmem.table_models import (
    DOSES,
    HEADER,
    ONE_COMPARTMENT,
    TWO_COMPARTMENTS,
    fitted,
    only,
)

HOSTILE = ("[/]", "<img src=x>", "Łukasz", "=1+1", "\u202eright to left", "\x1b[31m", "00123", "NA")


# --- what a table says


def test_the_fit_of_the_clinical_reference() -> None:
    """25 kg, 0.875 mg every 12 h, a steady-state trough of 14: clinical.md section 9."""
    row = only(HEADER + "A,0,1,0.875,.,1,12,399,.,25\n" + "A,4800,0,.,14,0,.,.,.,25\n")
    assert row["eta_CL"] == pytest.approx(-0.1785, abs=5e-5)
    assert row["CL"] == pytest.approx(5.8805, abs=5e-5)
    assert row["V"] == pytest.approx(319.39, abs=5e-3)
    assert row["half_life_h"] == pytest.approx(log(2) * 319.39 / 5.8805, rel=1e-4)
    assert row["levels"] == 1
    assert row["converged"]
    assert row["problem"] == ""
    # what is minimised, written out: log v + (y - f)²/v + η²/ω², with the trough that is published
    ofv = log(3.41**2) + (14 - 11.509) ** 2 / 3.41**2 + 0.1785**2 / 0.06729
    assert row["ofv"] == pytest.approx(ofv, abs=1e-3)


def test_doses_by_addl_are_those_written_out_one_by_one() -> None:
    levels = "".join(f"A,{at},0,.,{dv},0,.,.,.,16\n" for at, dv in ((100, 7), (330, 9), (341, 12)))
    short = only(HEADER + DOSES + levels)
    rows = [(12.0 * number, f"A,{12 * number},1,0.48,.,1,.,.,.,16\n") for number in range(29)]
    rows += [(float(line.split(",")[1]), f"{line}\n") for line in levels.split("\n") if line]
    long = only(HEADER + "".join(line for _, line in sorted(rows)))
    for name in ("eta_CL", "ofv", "CL", "half_life_h"):
        assert short[name] == pytest.approx(long[name], rel=1e-9)  # the same sum in another order


def test_a_covariate_holds_over_the_interval_that_ends_with_its_row() -> None:
    text = (
        HEADER
        + "A,0,1,0.48,.,1,12,99,.,10\n"
        + "A,200,0,.,5,0,.,.,.,16\n"
        + "A,400,2,.,.,1,.,.,.,18\n"  # from 200 h to 400 h
        + "A,500,0,.,9,0,.,.,.,.\n"  # carried forward: 18 kg until 500 h
        + "A,900,0,.,8,0,.,.,.,22\n"
    )
    by_hand = DosingHistory(
        (DoseRecord(0, 0.48, 12, 100),),
        (
            CovariateStep(0, {"weight": 16}),
            CovariateStep(200, {"weight": 18}),
            CovariateStep(500, {"weight": 22}),
        ),
    )
    levels = [MeasuredLevel(200, 5), MeasuredLevel(500, 9), MeasuredLevel(900, 8)]
    expected = fit(ONE_COMPARTMENT, by_hand, levels)
    row = only(text)
    assert row["eta_CL"] == pytest.approx(expected.eta[0], abs=1e-12)
    assert row["ofv"] == pytest.approx(expected.objective, abs=1e-12)
    assert row["CL"] == pytest.approx(4.06 * (22 / 16) ** 1.23 * exp(expected.eta[0]))
    # and it is not the other convention, in which a value holds from its row on
    forward = DosingHistory(
        by_hand.doses,
        tuple(CovariateStep(at, {"weight": kg}) for at, kg in ((0, 10), (200, 16), (400, 18))),
    )
    assert fit(ONE_COMPARTMENT, forward, levels).eta[0] != pytest.approx(row["eta_CL"], abs=1e-3)


@pytest.mark.parametrize(("cens", "bound"), [("1", Censoring.BELOW), ("-1", Censoring.ABOVE)])
def test_a_censored_level_is_a_bound(cens: str, bound: Censoring) -> None:
    row = only(HEADER + DOSES + f"A,336,0,.,6,0,.,.,{cens},16\n")
    history = DosingHistory((DoseRecord(0, 0.48, 12, 29),), (CovariateStep(0, {"weight": 16}),))
    expected = fit(ONE_COMPARTMENT, history, [MeasuredLevel(336, 6, bound)])
    assert row["eta_CL"] == pytest.approx(expected.eta[0], abs=1e-12)
    # a trough of 8.85 is expected: "below 6" raises the clearance, "above 6" lowers it
    assert (row["eta_CL"] > 0) == (bound is Censoring.BELOW)


def test_two_compartments_with_a_drug_and_columns_in_any_case() -> None:
    text = (
        "oxc,comment,id,time,evid,amt,dv,AGE\n"
        "0,a\x1b,7,0,1,2,.,44\n"
        "0,=x,7,24,1,2,.,44\n"
        "1,,7,47.5,0,.,6,44\n"
    )
    row = only(text, TWO_COMPARTMENTS)
    history = DosingHistory(
        (DoseRecord(0, 2), DoseRecord(24, 2)),
        (CovariateStep(0, {"age": 44, "drug": 0}), CovariateStep(24, {"age": 44, "drug": 1})),
    )
    expected = fit(TWO_COMPARTMENTS, history, [MeasuredLevel(47.5, 6)])
    names = ("eta_CL", "eta_V", "eta_Vp", "eta_Q")
    assert [row[name] for name in names] == pytest.approx(list(expected.eta), abs=1e-12)
    # the last decline, from the two rates of the textbook
    k10, k12, k21 = (
        float(row[a]) / float(row[b]) for a, b in (("CL", "V"), ("Q", "V"), ("Q", "Vp"))
    )
    total = k10 + k12 + k21
    beta = (total - sqrt(total**2 - 4 * k10 * k21)) / 2
    assert row["half_life_h"] == pytest.approx(log(2) / beta, rel=1e-9)
    assert row["CL"] == pytest.approx(12.2 * 0.63 * (1 - 0.388) * exp(expected.eta[0]))


def test_numbers_and_texts_are_read_alike() -> None:
    text = (
        HEADER + DOSES + "A,336,0,.,6,0,.,.,.,16\n" + "B,0,1,0.5,.,1,24,9,0,16\nB,240,0,,4,0,,,0,\n"
    )
    as_numbers = read_table(text).cells.replace({".": None, "": None})
    for name in as_numbers.columns[1:]:
        as_numbers[name] = pd.to_numeric(as_numbers[name])
    pd.testing.assert_frame_equal(fit_table(as_numbers, ONE_COMPARTMENT), fitted(text))
    as_whole = as_numbers.convert_dtypes()
    pd.testing.assert_frame_equal(fit_table(as_whole, ONE_COMPARTMENT), fitted(text))


def test_a_level_with_mdv_1_is_not_fitted_and_without_levels_the_population_is_named() -> None:
    row = only(HEADER + DOSES + "A,336,0,.,60,1,.,.,.,16\n")
    assert row["levels"] == 0
    assert row["eta_CL"] == pytest.approx(0, abs=1e-12)
    assert row["problem"] == "no level: these are the typical values of the population"


@settings(max_examples=cases(25, full=500))
@given(
    doses=st.lists(
        st.tuples(st.floats(0, 2000), st.floats(0.05, 5), st.floats(6, 48), st.integers(0, 60)),
        min_size=1,
        max_size=4,
    ),
    levels=st.lists(st.tuples(st.floats(0.5, 900), st.floats(0.5, 60)), max_size=4),
    weights=st.lists(st.floats(3, 70), min_size=8, max_size=8),
)
def test_any_history_goes_through_a_table_and_back(
    doses: list[tuple[float, float, float, int]],
    levels: list[tuple[float, float]],
    weights: list[float],
) -> None:
    doses.sort()
    start = doses[0][0]
    events: list[tuple[float, str]] = [
        (at, f"{at!r},1,{mg!r},.,1,{every!r},{more}") for at, mg, every, more in doses
    ]
    events += [(start + after, f"{start + after!r},0,.,{dv!r},0,.,.") for after, dv in levels]
    events.sort(key=lambda each: each[0])
    times = sorted({at for at, _ in events})
    weight_at = dict(zip(times, weights, strict=False))
    text = "ID,TIME,EVID,AMT,DV,MDV,II,ADDL,WT\n" + "".join(
        f"x,{cells},{weight_at[at]!r}\n" for at, cells in events
    )
    intervals = list(pairwise(times)) or [(times[0], times[0])]
    history = DosingHistory(
        tuple(DoseRecord(at, mg, every, 1 + more) for at, mg, every, more in doses),
        tuple(CovariateStep(since, {"weight": weight_at[until]}) for since, until in intervals),
    )
    measured = [MeasuredLevel(start + after, dv) for after, dv in sorted(levels)]
    expected = fit(ONE_COMPARTMENT, history, measured)
    row = only(text)
    assert row["levels"] == len(levels)
    assert row["eta_CL"] == pytest.approx(expected.eta[0], abs=1e-9)
    assert row["ofv"] == pytest.approx(expected.objective, rel=1e-9)


@settings(max_examples=cases(25, full=500))
@given(
    st.lists(st.tuples(st.sampled_from([0, 6, 12, 12, 12, 24]), st.sampled_from([0.5, 0.5, 1])),
             min_size=1, max_size=30),
    st.integers(0, 3),
    st.integers(0, 29),
)  # fmt: skip
def test_doses_at_some_equal_intervals_are_what_each_of_them_is(
    doses: list[tuple[float, float]], more: int, which: int
) -> None:
    times = list(accumulate(after for after, _ in doses))
    rows = [f"A,{at},1,{mg},.,1,.,.,.,16\n" for at, (_, mg) in zip(times, doses, strict=True)]
    which %= len(rows)
    rows[which] = rows[which].replace("1,.,.,.,16", f"1,12,{more},.,16")
    single = [DoseRecord(at, mg) for at, (_, mg) in zip(times, doses, strict=True)]
    single += [DoseRecord(times[which] + 12 * (1 + each), doses[which][1]) for each in range(more)]
    history = DosingHistory(tuple(single), (CovariateStep(0, {"weight": 16}),))
    expected = fit(ONE_COMPARTMENT, history, [MeasuredLevel(times[-1] + 11, 6)])
    row = only(HEADER + "".join(rows) + f"A,{times[-1] + 11},0,.,6,0,.,.,.,16\n")
    assert row["eta_CL"] == pytest.approx(expected.eta[0], abs=1e-9)
    assert row["ofv"] == pytest.approx(expected.objective, rel=1e-9)


# --- one bad patient among good ones

BAD_ROWS = {
    'A,0,1,"0,48",.,1,12,9,.,16': 'line 2, AMT "0,48": it has a comma',
    "A,0,1,1_0,.,1,12,9,.,16": 'line 2, AMT "1_0": it is not one plain number',
    "A,0,1,nan,.,1,12,9,.,16": "it is not one plain number",
    "A,0,1,٣,.,1,12,9,.,16": "it is not one plain number",
    "A,0,1,1e9,.,1,12,9,.,16": "it is too large for a patient",
    "A,08:60,1,1,.,1,12,9,.,16": 'line 2, TIME "08:60": it is not one plain number',
    "A,.,1,1,.,1,12,9,.,16": "line 2, TIME: it is missing",
    "A,0,.,1,.,1,12,9,.,16": "line 2, EVID: it is missing",
    "A,0,5,1,.,1,.,.,.,16": "it is 0 (a level), 1 (a dose), 2 (neither), 3 or 4 (a reset)",
    "A,0,1.5,1,.,1,.,.,.,16": "it is 0 (a level), 1 (a dose), 2 (neither), 3 or 4 (a reset)",
    "A,0,3,1,.,1,.,.,.,16": "a dose has EVID 1, not 3",
    "A,0,4,.,.,1,.,.,.,16": "a dose is above zero",
    "A,0,1,0,.,1,.,.,.,16": "a dose is above zero",
    "A,0,1,-1,.,1,.,.,.,16": "a dose is above zero",
    "A,0,1,.,.,1,.,.,.,16": "a dose is above zero",
    "A,0,1,1,7,0,.,.,.,16": "a level has EVID 0 and its own row, not EVID 1",
    DOSES + "A,9,2,.,7,0,.,.,.,16": "a level has EVID 0 and its own row, not EVID 2",
    "A,0,1,1,.,1,.,3,.,16": "the hours between doses are above zero",
    "A,0,1,1,.,1,-12,3,.,16": "the hours between doses are above zero",
    "A,0,1,1,.,1,12,-1,.,16": "it is a whole number, not below zero",
    "A,0,1,1,.,1,12,1.5,.,16": "it is a whole number, not below zero",
    "A,0,2,1,.,1,.,.,.,16": "a dose has EVID 1, not 2",
    "A,0,2,.,.,1,12,3,.,16": "further doses follow a dose",
    "A,0,1,1,.,1,12,9,.,.": "line 2, WT: it is missing, in the rows before, too",
    "A,0,1,1,.,1,12,9,.,-99": "it is negative. Write a point for an unknown value",
    "A,0,1,1,.,1,12,9,.,0": "line 2: weight is 0. Write a number above 0",
    "A,0,0,.,7,0,.,.,.,16": "line 2, DV: the doses before this level are missing",
    DOSES + "A,9,0,.,.,0,.,.,.,16": 'line 3, DV ".": the level is missing. Write MDV 1',
    DOSES + "A,9,0,.,0,0,.,.,.,16": 'line 3, DV "0": a level is above zero',
    DOSES + "A,9,0,.,-7,0,.,.,.,16": "a level is above zero",
    DOSES + "A,9,0,.,0,0,.,.,1,16": "a level is above zero",
    DOSES + "A,9,0,.,BLQ,0,.,.,.,16": 'line 3, DV "BLQ": it is not one plain number',
    DOSES + "A,9,0,.,<2,0,.,.,.,16": "it is not one plain number",
    DOSES + "A,9,0,.,7,2,.,.,.,16": "it is 0 or 1",
    DOSES + "A,9,0,.,7,0,.,.,2,16": "it is 1 (below DV), -1 (above DV) or 0",
    DOSES + "A,9,0,2,7,0,.,.,.,16": "a dose has EVID 1, not 0",
    DOSES + "A,-1,0,.,7,0,.,.,.,16": "line 3, TIME: -1 h follows 0 h",
    DOSES + "A,9,2,.,.,1,.,.,.,17\nA,9,0,.,7,0,.,.,.,18": "line 4: a covariate changes between",
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_a_bad_patient_is_named_and_does_not_stop_the_rest(bad: str) -> None:
    good = "Z,0,1,0.48,.,1,12,28,.,16\nZ,336,0,.,8.8524,0,.,.,.,16\n"
    found = fitted(f"{HEADER}{bad.strip()}\n{good}").set_index("ID")
    assert BAD_ROWS[bad] in str(found.loc["A", "problem"])
    figures = found.drop(columns=["converged", "problem"]).loc["A"]
    assert figures.isna().all()
    assert not found.loc["A", "converged"]
    assert found.loc["Z", "problem"] == ""
    assert found.loc["Z", "eta_CL"] == pytest.approx(0, abs=1e-4)  # the published trough, 4 digits


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("SS", "2", "only 0 and 1 are supported"),
        ("SS", "1", "a steady state begins with a dose"),
        ("RATE", "-2", "infusions are not supported"),
        ("LIMIT", "0", "levels within an interval are not supported"),
        ("DVID", "2", "only one kind of level is supported"),
        ("CMT", "2", "oral doses go to 1"),
    ],
)
def test_what_would_change_the_meaning_of_a_row_is_not_passed_over(
    column: str, value: str, why: str
) -> None:
    is_level = column in {"LIMIT", "DVID"} or (column, value) == ("SS", "1")
    text = f"ID,TIME,EVID,AMT,DV,WT,{column}\nA,0,1,1,.,16,{{}}\nA,24,0,.,3,16,{{}}\n"
    cells, line = ((".", value), 3) if is_level else ((value, "."), 2)
    assert f'line {line}, {column} "{value}": {why}' in only(text.format(*cells))["problem"]
    assert only(text.format(".", "."))["problem"] == ""


@pytest.mark.parametrize(("oxc", "is_read"), [("0", True), ("1", True), ("2", False)])
def test_a_drug_is_taken_or_not(oxc: str, *, is_read: bool) -> None:
    row = only(f"ID,TIME,EVID,AMT,DV,AGE,OXC\nA,0,1,1,.,44,{oxc}\n", TWO_COMPARTMENTS)
    assert ("line 2: drug is 2. Write 1 for yes or 0 for no" not in row["problem"]) == is_read


def test_covariates_that_leave_no_clearance_are_refused() -> None:
    """1 − 0.388 · age / 44 is zero at 113.4 years."""
    text = "ID,TIME,EVID,AMT,DV,AGE,OXC\nA,0,1,1,.,{},0\n"
    assert np.isfinite(only(text.format(113), TWO_COMPARTMENTS)["CL"])
    row = only(text.format(114), TWO_COMPARTMENTS)
    assert "line 2: Two compartments has no CL for" in row["problem"]
    assert np.isnan(row["CL"])


@pytest.mark.parametrize("cells", ["1e-90,.,1,12,9,1e-90", "1e7,.,1,1e-90,1e7,1e7"])
def test_extreme_figures_never_stop_the_table(cells: str) -> None:
    found = fitted(
        f"ID,TIME,EVID,AMT,DV,MDV,II,ADDL,WT\nA,0,1,{cells}\nA,9,0,.,7,0,.,.,.\nB,0,1,1,.,1,.,.,9\n"
    )
    assert list(found["ID"]) == ["A", "B"]
    assert found["problem"][0] != ""
    assert found["converged"][1]


def test_a_search_that_finds_no_minimum_says_so() -> None:
    """Ten million mg and a level to match: the objective is no longer a smooth number there."""
    row = only(HEADER + "A,0,1,1e7,.,1,12,40,.,16\nA,13,0,.,1e7,0,.,.,.,16\n")
    assert not row["converged"]
    assert "the search did not end at a minimum: do not use these figures" in row["problem"]


def test_a_level_that_no_dose_explains_is_no_fit() -> None:
    """With a proportional error the prediction may go to nothing, which once overflowed."""
    text = "ID,TIME,EVID,AMT,DV,II,ADDL,AGE,OXC\nA,0,1,1e-6,.,12,40,44,0\nA,1,0,.,1e7,.,.,.,.\n"
    row = only(text, TWO_COMPARTMENTS)
    assert "farther than 4 standard deviations from the population" in row["problem"]


# --- cautions


@pytest.mark.parametrize(
    ("dv", "caution"),
    [("0.099", "DV in µg/mL?"), ("0.1", ""), ("250", ""), ("251", "DV in ng/L?")],
)
def test_a_slip_of_the_levels_unit(dv: str, caution: str) -> None:
    problem = only(HEADER + DOSES + f"A,336,0,.,{dv},0,.,.,.,16\n")["problem"]
    assert (caution in problem) if caution else ("DV in" not in problem)


@pytest.mark.parametrize(
    ("amt", "caution"), [("0.0099", "AMT in g?"), ("0.01", ""), ("40", ""), ("41", "AMT in µg?")]
)
def test_a_slip_of_the_doses_unit(amt: str, caution: str) -> None:
    row = only(HEADER + f"A,0,1,{amt},.,1,12,9,.,16\nA,1,0,.,5,0,.,.,.,16\n")
    assert (caution in row["problem"]) if caution else ("AMT in" not in row["problem"])
    assert np.isfinite(row["CL"])


@pytest.mark.parametrize(
    ("hours", "caution"), [("3.9", "days?"), ("4", ""), ("240", ""), ("720", "minutes?")]
)
@pytest.mark.parametrize("written_out", [False, True])
def test_a_slip_of_the_unit_of_time(hours: str, caution: str, *, written_out: bool) -> None:
    doses = f"A,0,1,1,.,1,{hours},9,.,16\n"
    if written_out:
        doses = f"A,0,1,1,.,1,.,.,.,16\nA,{hours},1,1,.,1,.,.,.,16\n"
    problem = only(HEADER + doses + "A,1000,0,.,5,0,.,.,.,16\n")["problem"]
    assert (f"TIME in {caution}" in problem) if caution else ("TIME" not in problem)


@pytest.mark.parametrize(
    ("weight", "is_outside"), [("3.2", True), ("3.3", False), ("65", False), ("66", True)]
)
def test_a_patient_outside_the_model_is_told(weight: str, *, is_outside: bool) -> None:
    row = only(HEADER + f"A,0,1,1,.,1,12,9,.,{weight}\nA,100,0,.,5,0,.,.,.,{weight}\n")
    assert ("the model holds for 3.3 to 65" in row["problem"]) == is_outside
    assert np.isfinite(row["CL"])


def test_a_covariate_that_only_has_a_range_is_looked_at_where_it_is_given() -> None:
    text = "ID,TIME,EVID,AMT,DV,WT,AGE\nA,0,1,1,.,5,{}\nA,100,0,.,5,.,.\n"
    problem = only(text.format("0.05"))["problem"]
    assert problem == "AGE 0.05 to 0.05 year; the model holds for 0.0833 to any"
    assert only(text.format("."))["problem"] == ""


def test_ii_without_addl_and_a_far_patient_are_told() -> None:
    text = HEADER + "A,0,1,0.48,.,1,12,.,.,16\n" + "A,{at},0,.,{dv},0,.,.,.,16\n"
    assert "II without ADDL" in only(text.format(at=12, dv=3))["problem"]
    # 90 ng/mL, five times over, after a dose that gives 9: far from the population
    far = HEADER + DOSES + "".join(f"A,{at},0,.,90,0,.,.,.,16\n" for at in range(300, 349, 4))
    row = only(far)
    assert abs(row["eta_CL"]) > 4 * sqrt(0.06729)
    assert "farther than 4 standard deviations" in row["problem"]


# --- what keeps the whole table from being read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The table is empty"),
        ("# only a comment\n", "The table is empty"),
        (HEADER, "has a header and no rows"),
        ("ID;TIME;EVID\n1;0;1\n", "is not a header"),
        ("1,0,1,0.48\n", "is not a header"),
        (HEADER + "A,0,1,0,48,.,1,12,28,.,16\n", "Line 2 has 11 cells, the header 10"),
        (HEADER + "A,0\n", "Line 2 has 2 cells"),
        (HEADER + '"A,0,1,1,.,1,.,.,.,16\n', "Line 2 is not CSV"),
        ("ID,TIME,WT\nA,0,1\n", "no column AMT, DV"),
        ("ID,TIME,EVID,AMT,DV\nA,0,1,1,.\n", "no column WT. One compartment needs it"),
        ("ID,TIME,EVID,AMT,DV,WT,wt\nA,0,1,1,.,1,1\n", "The column WT is there twice"),
        (
            "ID,DATE,DAT1,TIME,AMT,DV,WT\nA,1,1,0,1,.,1\n",
            "has the columns DATE and DAT1. Keep one.",
        ),
        (HEADER + DOSES + " ,9,0,.,7,0,.,.,.,16\n", "line 3, ID: it is missing"),
        (HEADER + DOSES + ".,9,0,.,7,0,.,.,.,16\n", "line 3, ID: it is missing"),
    ],
)
def test_a_table_that_cannot_be_read(text: str, why: str) -> None:
    with pytest.raises(UserError, match=r"^[^\n]*$") as error:
        fitted(text)
    assert why in str(error.value)


def test_a_missing_id_among_numbers_is_refused() -> None:
    table = pd.DataFrame(
        {"ID": [1.0, None], "TIME": 0, "EVID": 1, "AMT": 1.0, "DV": None, "WT": 16.0}
    )
    with pytest.raises(UserError, match="row 1, ID: it is missing"):
        fit_table(table, ONE_COMPARTMENT)


def test_comments_are_left_out_and_counted() -> None:
    read = read_table(
        "# made by hand\n\n#C,ID,TIME\r\n.,A,0\nC,A,1\nc,A,2\n@ note\n#,A,3\nC,ID,TIME\n,C,4\n"
    )
    assert read.cells["ID"].to_dict() == {4: "A", 10: "C"}  # an ID that is called C is none
    assert read.comments == 5


def test_a_cell_that_is_no_number_in_a_data_frame() -> None:
    table = pd.DataFrame(
        {
            "ID": ["a", "b", "c"],
            "TIME": 0,
            "EVID": 1,
            "AMT": [True, 2 + 1j, np.inf],
            "DV": None,
            "WT": 16.0,
        }
    )
    problems = fit_table(table, ONE_COMPARTMENT)["problem"]
    assert problems.str.match(r"row [012], AMT .*: it is (?:not a number|too large)").all()


@given(st.floats(-1e7, 1e7))
def test_every_number_that_a_program_writes_is_read_as_it_is(number: float) -> None:
    assert read_number(repr(number)) == number
    assert read_number(f" {number:.17e} ") == number


@pytest.mark.parametrize("name", HOSTILE)
def test_an_id_is_kept_as_it_stands(name: str) -> None:
    found = fitted(HEADER + f"{name},0,1,1,.,1,.,.,.,16\nB,0,1,1,.,1,.,.,.,16\n")
    assert list(found["ID"]) == [name, "B"]


def test_progress_is_told_for_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dosing.nonmem.patients_table.CHUNK_PATIENTS", 2)
    calls: list[tuple[int, int]] = []
    patients = "".join(f"{each},0,1,1,.,1,.,.,.,16\n" for each in range(5))
    table = read_table(HEADER + patients).cells
    fit_table(table, ONE_COMPARTMENT, lambda done, everything: calls.append((done, everything)))
    assert calls == [(2, 5), (4, 5), (5, 5)]

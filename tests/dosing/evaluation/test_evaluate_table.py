"""The evaluation of a table: predictions by single fits, baselines by hand, what is left out."""

import json
import math
from decimal import Decimal
from statistics import fmean, stdev

import numpy as np
import pandas as pd
import pytest

from dosing import UserError
from dosing.evaluation import EvaluationResult, Evaluator, ModelEvaluation, evaluate_table
from dosing.evaluation.evaluating import NO_BASELINE, NOTHING_BEFORE
from dosing.evaluation.subjects import Grouping
from dosing.evaluation.table_subjects import daily_mg, table_subjects
from dosing.knowledge.age_bands import age_band
from dosing.nonmem import read_table
from dosing.pharmacokinetics import (
    MODEL_KEYS,
    Concentrations,
    CovariateStep,
    DoseRecord,
    DosingHistory,
    MeasuredLevel,
    fit,
    model_named,
)
from dosing.pharmacokinetics.averaging import averaged

FAN, CHEN = model_named("fan2024"), model_named("chen2021")
HEADER = "ID,TIME,EVID,AMT,DV,II,ADDL,CENS,WT,AGE,OXC\n"
TWO = (
    HEADER
    + """\
A,0,1,0.875,.,12,49,.,25,7,0
A,480,0,.,9.1,.,.,0,25,7,0
A,600,1,1.75,.,12,49,.,25,7,0
A,1080,0,.,16.2,.,.,0,25,7,0
A,1188,0,.,21.5,.,.,0,25,7,0
B,0,1,0.5,.,12,99,.,16,4,0
B,600,0,.,4.1,.,.,0,16,4,0
B,900,0,.,2.0,.,.,1,16,4,0
B,1092,0,.,6.3,.,.,0,16,4,0
"""
)
"""A: 0.875 mg twice a day for 50 doses, then twice as much. B: 0.5 mg, with a level below 2."""


def cells(text: str) -> pd.DataFrame:
    return read_table(text).cells


def evaluated(text: str, *keys: str, outside_too: bool = True) -> EvaluationResult:
    models = [model_named(key) for key in keys or ("fan2024",)]
    return evaluate_table(cells(text), models, outside_too=outside_too)


def only(found: EvaluationResult) -> ModelEvaluation:
    (model,) = found.models
    return model


def collected(text: str, key: str = "fan2024") -> list[tuple[float, float, float | None]]:
    model = model_named(key)
    evaluator = Evaluator([model], simulations=0)
    evaluator.add(table_subjects(cells(text), [model], outside_too=True))
    return [
        (each.level.ng_ml, each.a_priori_ng_ml, each.forward_ng_ml)
        for each in evaluator.collected[key].levels
    ]


A_HISTORY = DosingHistory(
    (DoseRecord(0, 0.875, 12, 50), DoseRecord(600, 1.75, 12, 50)),
    (CovariateStep(0, {"weight": 25, "age": 7, "oxcarbazepine": 0}),),
)
A_LEVELS = [MeasuredLevel(480, 9.1), MeasuredLevel(1080, 16.2), MeasuredLevel(1188, 21.5)]


def predicted(eta: tuple[float, ...], at_h: float) -> float:
    return float(Concentrations(FAN, A_HISTORY, [at_h]).at(np.array([eta]))[0, 0])


def test_each_prediction_is_that_of_a_fit_to_the_earlier_levels_alone() -> None:
    found = collected(TWO)[:3]
    for place, (level, a_priori, forward) in enumerate(found):
        at_h = A_LEVELS[place].at_h
        assert level == A_LEVELS[place].ng_ml
        assert a_priori == pytest.approx(predicted((0.0,), at_h))
        if place == 0:
            assert forward is None
        else:
            eta = fit(FAN, A_HISTORY, A_LEVELS[:place]).eta
            assert forward == pytest.approx(predicted(eta, at_h))


def test_the_baselines_by_hand() -> None:
    """Of A: 9.1 again and 9.1 × 2; 16.2 again and 16.2 × 1. Of B the level before is a bound."""
    compared = only(evaluated(TWO)).compared
    assert compared.last_level is not None
    assert compared.label is not None
    assert compared.last_level.n == compared.label.n == 2
    again = fmean([(16.2 - 9.1) / 16.2, (21.5 - 16.2) / 21.5]) * 100
    label = fmean([(16.2 - 18.2) / 16.2, (21.5 - 16.2) / 21.5]) * 100
    assert compared.last_level.mpe_percent.value == pytest.approx(again)
    assert compared.label.mpe_percent.value == pytest.approx(label)


def test_what_is_left_out_is_counted_by_reason() -> None:
    left_out = {each.reason: each.levels for each in only(evaluated(TWO)).left_out}
    assert left_out == {NOTHING_BEFORE: 2, NO_BASELINE: 1, "the level is a bound": 1}
    compared = only(evaluated(TWO)).compared
    assert compared.a_priori is not None
    assert compared.a_priori.n == 5  # six levels, and one of them a bound


def test_nothing_from_later_changes_an_earlier_prediction() -> None:
    lines = TWO.splitlines(keepends=True)
    whole, cut = collected("".join(lines)), collected("".join(lines[:5]))
    assert whole[:2] == cut


def test_the_shrinkage_by_hand() -> None:
    """100 × (1 - SD of the estimates / ω), and the same of the weighted residuals against 1."""
    found = only(evaluated(TWO)).shrinkage
    assert found is not None
    b_history = DosingHistory((DoseRecord(0, 0.5, 12, 100),), (CovariateStep(0, {"weight": 16}),))
    subject = list(table_subjects(cells(TWO), [FAN], outside_too=True))[1].of_models["fan2024"]
    fits = [fit(FAN, A_HISTORY, A_LEVELS), fit(FAN, b_history, subject.whole)]
    eta = [each.eta[0] for each in fits]
    assert found.eta_percent[0] == pytest.approx(100 * (1 - stdev(eta) / 0.06729**0.5), abs=1e-3)
    residuals = [(each.ng_ml - predicted(fits[0].eta, each.at_h)) / 3.41 for each in A_LEVELS]
    own = Concentrations(FAN, b_history, [600.0, 1092.0]).at(np.array([fits[1].eta]))[0]
    residuals += [(4.1 - own[0]) / 3.41, (6.3 - own[1]) / 3.41]
    assert found.epsilon_percent == pytest.approx(100 * (1 - stdev(residuals)), abs=1e-3)
    assert (found.patients, found.levels) == (2, 5)


def test_the_groups_add_up() -> None:
    groups = dict(only(evaluated(TWO)).groups)
    order = dict(groups[Grouping.ORDER])
    assert list(order) == ["1", "2", "3"]
    counts = [(each.forward.n if each.forward else 0) for each in order.values()]
    assert counts == [0, 1, 1]
    assert [name for name, _ in groups[Grouping.AGE]] == ["2 to 12 years"]
    assert [name for name, _ in groups[Grouping.PRODUCT]] == ["not recorded"]


def test_the_average_is_weighted_as_a_forecast_weights_it() -> None:
    found = evaluated(TWO, "fan2024", "chen2021")
    average = found.answered_by
    assert (average.key, average.npde, average.shrinkage) == ("average", None, None)
    values = []
    for place in (1, 2):
        fits = [fit(model, A_HISTORY, A_LEVELS[:place]) for model in (FAN, CHEN)]
        at_h = [A_LEVELS[place].at_h]
        each = [
            float(Concentrations(one.model, A_HISTORY, at_h).at(np.array([one.eta]))[0, 0])
            for one in fits
        ]
        weights = [one.weight for one in averaged(fits)]
        values.append(sum(map(float.__mul__, weights, each)))
    errors = [(16.2 - values[0]) / 16.2, (21.5 - values[1]) / 21.5]
    assert average.compared.forward is not None
    assert average.compared.forward.mpe_percent.value == pytest.approx(100 * fmean(errors))


# --- who is evaluated


def test_outside_the_model_only_where_it_is_named() -> None:
    """Fan 2024 has no patient above 65 kg or 12 years."""
    adult = TWO.replace(",16,4,0", ",70,40,0")
    named = evaluated(adult, outside_too=True)
    assert only(named).patients == 2
    found = evaluated(adult, *MODEL_KEYS, outside_too=False)
    fan = next(each for each in found.models if each.key == "fan2024")
    assert fan.patients == 1
    assert "outside the ages or sizes of the model" in {each.reason for each in fan.left_out}


def test_a_model_whose_column_is_missing_is_left_out_or_refused() -> None:
    found = evaluated(TWO, "fan2024", "golubovic2019", outside_too=False)
    golubovic = found.models[1]
    assert golubovic.patients == 0
    assert "AST" in golubovic.left_out[0].example
    with pytest.raises(UserError, match="AST"):
        evaluated(TWO, "fan2024", "golubovic2019", outside_too=True)
    with pytest.raises(UserError, match="AST"):
        evaluated(TWO, "golubovic2019", outside_too=False)


def test_a_patient_whose_rows_cannot_be_used_leaves_the_others() -> None:
    found = only(evaluated(TWO + '=1+1,0,1,"0,48",.,12,28,.,16,4,0\n'))
    assert found.patients == 2
    (bad,) = [each for each in found.left_out if each.reason.startswith("the rows")]
    assert "0,48" in bad.example


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "A,0,1,0.875,.,12,49,.,25,7,0\n",
        HEADER + "A,0,1,0.875,.,12,49,.,25,7,0\nA,480,0,.,9.1,.,.,0,25,7,0\n",
        HEADER + "A,0,1,0.875,.,12,49,.,25,7,0\nA,480,0,.,2,.,.,1,25,7,0\n",
        HEADER + "A,0,1,1e6,.,12,49,.,25,7,0\nA,480,0,.,1e6,.,.,0,25,7,0\n",
        HEADER
        + "A,0,1,1e-9,.,12,49,.,25,7,0\nA,480,0,.,1e-9,.,.,0,25,7,0\n"
        + "A,492,0,.,9,.,.,0,25,7,0\n",
    ],
)  # fmt: skip
def test_hardly_anything_and_impossible_figures_are_no_fault(text: str) -> None:
    found = evaluated(text, "fan2024", "chen2021", outside_too=True)
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_document_has_the_promised_keys() -> None:
    document = evaluated(TWO).to_dict()
    json.dumps(document, allow_nan=False)
    models = document["models"]
    assert isinstance(models, list)
    (model,) = models
    promised = {
        "n", "mpe_percent", "mape_percent", "rmse", "relative_rmse", "f20", "f30", "npde",
        "shrinkage", "baselines", "predictive_check", "a_priori", "by_level_order", "by_age_band",
        "by_product", "by_assay", "left_out",
    }  # fmt: skip
    assert promised <= model.keys()
    assert model["baselines"].keys() == {"last_level", "label_arithmetic"}
    assert model["n"] == 2
    assert "does not validate" in str(document["note"])


def test_the_same_table_gives_the_same_document() -> None:
    assert evaluated(TWO).to_dict() == evaluated(TWO).to_dict()


# --- parts


@pytest.mark.parametrize(
    ("doses", "at_h", "expected"),
    [
        ((DoseRecord(0, 0.5, 12, 10),), 100, 1.0),
        ((DoseRecord(0, 0.5, 24, 10),), 100, 0.5),
        ((DoseRecord(0, 0.5, 24, 1),), 100, None),
        ((), 100, None),
        ((DoseRecord(0, 0.5, 12, 10), DoseRecord(120, 0.8, 12, 10)), 120, 1.0),
        ((DoseRecord(0, 0.5, 12, 10), DoseRecord(120, 0.8, 12, 10)), 121, 1.6),
        ((DoseRecord(0, 0.5, 12, 1, steady_state=True),), 12, 1.0),
    ],
)
def test_the_daily_dose_before_a_level(
    doses: tuple[DoseRecord, ...], at_h: float, expected: float | None
) -> None:
    found = daily_mg(DosingHistory(doses, (CovariateStep(0, {}),)), at_h)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("months", "name"),
    [
        ("6.9", "under 7 months"), ("7", "7 to 24 months"), ("7.1", "7 to 24 months"),
        ("23.9", "7 to 24 months"), ("24", "2 to 12 years"), ("24.1", "2 to 12 years"),
        ("143.9", "2 to 12 years"), ("144", "12 to 18 years"), ("144.1", "12 to 18 years"),
        ("215.9", "12 to 18 years"), ("216", "18 years and older"), ("900", "18 years and older"),
    ],
)  # fmt: skip
def test_the_edges_of_the_age_bands(months: str, name: str) -> None:
    assert age_band(Decimal(months)) == name


def test_a_large_table_is_evaluated_in_batches() -> None:
    """401 patients are three batches: the figures are those of the same patient, 401 times."""
    one = "".join(TWO.splitlines(keepends=True)[1:6])
    rows = "".join(one.replace("A,", f"P{number},") for number in range(401))
    evaluator = Evaluator([FAN], simulations=0)
    done: list[int] = []
    evaluator.add(table_subjects(cells(HEADER + rows), [FAN], outside_too=True), done.append)
    assert done == [200, 200, 1]
    predictions = {each.forward_ng_ml for each in evaluator.collected["fan2024"].levels}
    assert len(predictions) == 3
    assert not any(each is not None and math.isnan(each) for each in predictions)

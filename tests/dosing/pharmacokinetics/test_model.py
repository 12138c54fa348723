"""The published models against their publications, and what a model refuses to be.

The figures of the first part are typed from the clinical reference, section 9: Fan 2024, Front
Pharmacol 15:1457614; Chen 2021, Front Pharmacol 12:647232; Golubovic 2019, J Med Biochem 38:323.
Those of the others are of course.md, section 10.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dosing.errors import UserError
from dosing.knowledge.maturation import clearance_l_per_h
from dosing.knowledge.products import Product
from dosing.knowledge.references import SOURCES
from dosing.patient import Age, Weight
from dosing.pharmacokinetics.covariates import Covariate, CovariateEffect, CovariateForm
from dosing.pharmacokinetics.model import PARAMETERS_OF, UNIT_OF, Model, Parameter
from dosing.pharmacokinetics.model_checks import ModelError
from dosing.pharmacokinetics.model_file import MODEL_KEYS, model_named
from dosing.pharmacokinetics.variants import model_variants
from tests.dosing.pharmacokinetics.second_kinetics import SECOND_TYPICAL

FAN = model_named("fan2024")
CHEN = model_named("chen2021")
GOLUBOVIC = model_named("golubovic2019")
CHENG, CHEN_2020, MAO = map(model_named, ("cheng2020", "chen2020", "mao2024"))
INFANT = model_named("chen2021-mizuno")
NAN, INFINITY = math.nan, math.inf


def key_of(value: object) -> str | None:
    """Return a name for a model among the values of a test."""
    return value.key if isinstance(value, Model) else None


def by_name(model: Model, covariates: Mapping[str, float]) -> dict[str, float]:
    """Return the typical parameters by their names."""
    names = PARAMETERS_OF[model.compartments]
    return dict(zip(names, model.typical(covariates), strict=True))


def test_the_models_that_come_with_the_program() -> None:
    assert MODEL_KEYS == (
        "chen2020", "chen2021", "chen2021-mizuno", "cheng2020", "fan2024", "golubovic2019",
        "mao2024",
    )  # fmt: skip


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_a_model_is_cited_in_its_file_as_among_the_sources(key: str) -> None:
    model = model_named(key)
    assert model.key == model.source == key
    assert model.citation == SOURCES[key]


@pytest.mark.parametrize(
    ("model", "structure", "residual"),
    [
        (FAN, ("emit", 1, 0), (3.41, 0)),
        (CHEN, ("emit", 1, 0), (1.913, 0)),
        (GOLUBOVIC, ("cmia", 2, 0), (1.93, 0.249)),
        (CHENG, ("other", 1, 0), (0, 0.2245)),
        (CHEN_2020, ("emit", 1, 0), (0, 0.39)),
        (MAO, ("emit", 1, 0), (0, 0.033)),
        (INFANT, ("emit", 1, 0), (1.913, 0)),
    ],
    ids=key_of,
)
def test_assay_structure_and_residual_error(
    model: Model, structure: tuple[str, int, float], residual: tuple[float, float]
) -> None:
    assert (model.assay, model.compartments, model.lag_h) == structure
    assert (model.additive_ng_ml, model.proportional) == residual


@pytest.mark.parametrize(
    ("model", "variances"),
    [
        (FAN, {"CL": 0.06729}),
        (CHEN, {"CL": 0.0306}),
        (GOLUBOVIC, {"CL": 0.0547, "V": 0.306, "Vp": 0.0657, "Q": 0.103, "ka": 0.145}),
        (CHENG, {"CL": 0.0353, "V": 0.0727}),
        (CHEN_2020, {"CL": 0.1211}),
        (INFANT, {"CL": 0.0306}),
    ],
    ids=key_of,
)
def test_variability_between_patients(model: Model, variances: dict[str, float]) -> None:
    expected = np.diag([variances[name] for name in model.effects])
    assert set(model.effects) == set(variances)
    assert np.array_equal(np.array(model.omega), expected)


@pytest.mark.parametrize(
    ("model", "ranges"),
    [
        (FAN, {"weight": (3.3, 65), "age": (0.0833, 12)}),
        (CHEN, {"weight": (8, 68), "age": (0.6, 16.6), "oxcarbazepine": (None, None)}),
        (GOLUBOVIC, {"age": (16, 64), "ast": (None, None)}),
        (CHENG, {"weight": (7, 43), "age": (1, 15), "bilirubin": (None, 12.13 + 2 * 7.35)}),
        # 8.9 + 2 · 4.1 kg, 1.5 + 2 · 1.4 years; the lower ends are Fan's
        (CHEN_2020, {"weight": (3.3, 17.1), "age": (0.0833, 4.3), "cyp3a5": (None, None)}),
        (MAO, {"weight": (39, 90), "age": (28, 74), "haematocrit": (17.5, 49.5)}),
        (INFANT, {"weight": (3.3, 68), "age": (0.096, 1.998), "oxcarbazepine": (None, None)}),
    ],
    ids=key_of,
)
def test_the_range_of_its_patients(
    model: Model, ranges: dict[str, tuple[float | None, float | None]]
) -> None:
    found = {each.name: (each.lowest, each.highest) for each in model.covariates}
    assert found.keys() == ranges.keys()
    for name, ends in found.items():
        assert ends == pytest.approx(ranges[name])


def test_fan_begins_at_one_month_of_age() -> None:
    lowest = {each.name: each.lowest for each in FAN.covariates}["age"]
    assert lowest is not None
    assert 30 / 365.25 < lowest <= 1 / 12 < 31 / 365.25


def test_fan_at_25_kg() -> None:
    """The checks of the clinical reference: CL 7.0295 L/h, V 319.39 L, to the digits given."""
    typical = by_name(FAN, {"weight": 25})
    assert typical["CL"] == pytest.approx(7.0295, abs=5e-5)
    assert typical["V"] == pytest.approx(319.39, abs=5e-3)
    assert typical["ka"] == 0.485


@pytest.mark.parametrize("weight", [3.3, 15.9, 16, 16.1, 65])
def test_fan_by_weight(weight: float) -> None:
    """CL/F 4.06 · (W/16)^1.23 and V/F 155 · (W/16)^1.62, by logarithms."""
    typical = by_name(FAN, {"weight": weight})
    step = math.log(weight) - math.log(16)
    assert math.log(typical["CL"]) == pytest.approx(math.log(4.06) + 1.23 * step)
    assert math.log(typical["V"]) == pytest.approx(math.log(155) + 1.62 * step)


@pytest.mark.parametrize("weight", [8, 69.9, 70, 70.1])
@pytest.mark.parametrize(("oxcarbazepine", "factor"), [(0, 1), (1, 1.16)])
def test_chen_by_weight_and_oxcarbazepine(weight: float, oxcarbazepine: int, factor: float) -> None:
    """CL/F 8.59 · (W/70)^0.75 · 1.16^oxcarbazepine, V/F 294 · (W/70)."""
    typical = by_name(CHEN, {"weight": weight, "oxcarbazepine": oxcarbazepine})
    fourth_root = math.sqrt(math.sqrt(weight / 70))
    assert typical["CL"] == pytest.approx(8.59 * fourth_root**3 * factor)
    assert typical["V"] == pytest.approx(294 * weight / 70)
    assert typical["ka"] == 0.485


@pytest.mark.parametrize(("ast", "factor"), [(36.9, 1), (37, 1), (37.1, 0.63)])
@pytest.mark.parametrize(
    ("age", "share"),
    [(16, 1 - 0.388 * 16 / 44), (44, 0.612), (64, 1 - 0.388 * 64 / 44)],
)
def test_golubovic_by_ast_and_age(ast: float, factor: float, age: float, share: float) -> None:
    """CL/F 12.2 · 0.63^(AST > 37) · (1 − 0.388 · age/44); the rest is the same in everyone."""
    typical = by_name(GOLUBOVIC, {"ast": ast, "age": age})
    assert typical.pop("CL") == pytest.approx(12.2 * factor * share)
    assert typical == {"V": 118, "Vp": 609, "Q": 5.07, "ka": 2.19}


def test_golubovic_halves_the_clearance_from_16_to_64_years() -> None:
    """The publication's discussion: 49 % less, to the per cent given."""
    young, old = (by_name(GOLUBOVIC, {"ast": 20, "age": age})["CL"] for age in (16, 64))
    assert round(100 * (1 - old / young)) == 49


def test_what_a_model_needs_to_know() -> None:
    assert FAN.needed == ("weight",)
    assert set(CHEN.needed) == {"weight", "oxcarbazepine"}
    assert set(GOLUBOVIC.needed) == {"ast", "age"}
    with pytest.raises(UserError, match="Golubovic 2019 needs age, which is unknown"):
        GOLUBOVIC.typical({"ast": 20})


@pytest.mark.parametrize("weight", [0, -1, -0.001, NAN, INFINITY])
def test_a_weight_that_nobody_has_is_refused(weight: float) -> None:
    with pytest.raises(UserError, match="weight is"):
        FAN.typical({"weight": weight})


@pytest.mark.parametrize("taken", [-1, 0.5, 2, NAN])
def test_a_drug_is_taken_or_not(taken: float) -> None:
    with pytest.raises(UserError, match="oxcarbazepine is"):
        CHEN.typical({"weight": 20, "oxcarbazepine": taken})


def test_an_age_beyond_which_no_clearance_is_left_is_refused() -> None:
    """1 − 0.388 · age/44 is 0 at 113.4 years."""
    assert GOLUBOVIC.typical({"ast": 20, "age": 113})[0] > 0
    with pytest.raises(UserError, match="has no CL for ast 20, age 114"):
        GOLUBOVIC.typical({"ast": 20, "age": 114})


@pytest.mark.parametrize("kg", [3.3, 8.9, 17.1])
@pytest.mark.parametrize(("cyp3a5", "factor"), [(0, 1), (1, 1.999)])
def test_chen_2020_by_weight_and_genotype(kg: float, cyp3a5: int, factor: float) -> None:
    """CL/F 7.55 · (W/70)^0.75 · 1.999 with CYP3A5*1, V/F 1840 · (W/70)."""
    typical = by_name(CHEN_2020, {"weight": kg, "cyp3a5": cyp3a5})
    fourth_root = math.sqrt(math.sqrt(kg / 70))
    assert typical["CL"] == pytest.approx(7.55 * fourth_root**3 * factor)
    assert typical["V"] == pytest.approx(1840 * kg / 70)
    assert typical["ka"] == 0.485


@pytest.mark.parametrize("years", [0.096, 0.44, 1.998])
def test_the_maturation_of_mizuno_on_chen_2021(years: float) -> None:
    """Chen 2021 times age / (0.44 + age), as the explanation of an alert has it."""
    known = {"weight": 9.0, "oxcarbazepine": 0.0, "age": years}
    mature, infant = by_name(CHEN, known), by_name(INFANT, known)
    assert infant["CL"] == pytest.approx(mature["CL"] * years / (0.44 + years))
    assert {"V": infant["V"], "ka": infant["ka"]} == {"V": mature["V"], "ka": mature["ka"]}
    if years == 0.44:
        assert infant["CL"] == pytest.approx(mature["CL"] / 2)


def test_the_maturation_is_that_of_the_alert() -> None:
    """One figure, 0.44 years, in the model's file and in `dosing.knowledge.maturation`."""
    weight, infant, mature = Weight("9 kg"), Age("6 months"), Age("3 years")
    share = clearance_l_per_h(weight, infant) / clearance_l_per_h(weight, mature)
    known = {"weight": 9.0, "oxcarbazepine": 0.0, "age": float(infant.days) / 365.25}
    of_model = by_name(INFANT, known)["CL"] / by_name(CHEN, known)["CL"]
    assert of_model == pytest.approx(float(share), rel=1e-9)


def test_an_age_of_zero_has_no_matured_clearance() -> None:
    with pytest.raises(UserError, match="age is 0"):
        INFANT.typical({"weight": 9, "oxcarbazepine": 0, "age": 0})


@pytest.mark.parametrize("key", MODEL_KEYS)
@pytest.mark.parametrize("seed", range(20))
def test_the_typical_parameters_are_those_of_the_second_way(key: str, seed: int) -> None:
    chance = random.Random(f"{key} {seed}")
    model = model_named(key)
    known = {
        each.name: float(chance.randint(0, 1)) if each.is_two_valued
        else chance.uniform(each.lowest or 1, each.highest or 90)
        for each in model.covariates
    }  # fmt: skip
    assert model.typical(known) == pytest.approx(SECOND_TYPICAL[key](known))


# --- to whom a model applies

INSIDE = {
    "fan2024": {"weight": 16, "age": 4},
    "chen2021": {"weight": 30, "age": 9, "oxcarbazepine": 0},
    "golubovic2019": {"age": 40, "ast": 25},
    "cheng2020": {"weight": 27, "age": 8, "bilirubin": 12},
    "chen2020": {"weight": 9, "age": 1.5, "cyp3a5": 1},
    "mao2024": {"weight": 68, "age": 51, "haematocrit": 38},
    "chen2021-mizuno": {"weight": 6, "age": 0.5, "oxcarbazepine": 0},
}
"""A patient within each model."""

ENDS = [
    (key, each.name, end, inwards)
    for key in MODEL_KEYS
    for each in model_named(key).covariates
    for end, inwards in ((each.lowest, 1), (each.highest, -1))
    if end is not None
]


@pytest.mark.parametrize(("key", "name", "end", "inwards"), ENDS)
def test_a_model_applies_up_to_both_ends_of_each_range(
    key: str, name: str, end: float, inwards: int
) -> None:
    applied = [
        model_named(key).applies({**INSIDE[key], name: end + inwards * step})
        for step in (-1e-9, 0, 1e-9)
    ]
    assert applied == [False, True, True]


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_every_model_is_bound_to_the_ages_of_its_patients_at_both_ends(key: str) -> None:
    [age] = (each for each in model_named(key).covariates if each.name == "age")
    assert None not in {age.lowest, age.highest}
    weights = [each for each in model_named(key).covariates if each.name == "weight"]
    assert all(None not in {each.lowest, each.highest} for each in weights)
    assert bool(weights) is (key != "golubovic2019")  # its weights are in no source here


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_a_model_applies_only_where_all_it_needs_is_known(key: str) -> None:
    model, known = model_named(key), INSIDE[key]
    assert model.applies(known)
    assert model.applies({**known, "height": 100, "albumin": NAN})  # not its own
    for missing in known:
        without = {name: value for name, value in known.items() if name != missing}
        assert not model.applies(without), missing
        assert not model.applies({**known, missing: NAN}), missing
        assert not model.applies({**known, missing: INFINITY}), missing


@pytest.mark.parametrize("years", [0.05, 1, 5, 17.9])
def test_no_model_of_adults_ever_answers_for_a_child(years: float) -> None:
    """Golubovic's youngest patients were 16; Mao's 28."""
    mao = MAO.applies({**INSIDE["mao2024"], "age": years})
    golubovic = GOLUBOVIC.applies({**INSIDE["golubovic2019"], "age": years})
    assert (mao, golubovic) == (False, years >= 16)


def test_what_was_combined_here_or_is_a_reminder_is_only_shown_beside() -> None:
    beside = [key for key in MODEL_KEYS if model_named(key).only_beside]
    assert beside == ["chen2021-mizuno", "mao2024"]
    assert "combined here, not published" in INFANT.population
    assert "combined here, not published" in INFANT.citation


@pytest.mark.parametrize("x", [0, 1])
def test_a_genotype_is_one_of_two(x: float) -> None:
    assert CHEN_2020.applies({**INSIDE["chen2020"], "cyp3a5": x})
    assert not CHEN_2020.applies({**INSIDE["chen2020"], "cyp3a5": x + 0.5})


def test_the_variants_of_an_unknown_genotype() -> None:
    """Both answers, each with its label; a genotype that is known leaves one."""
    known = {"weight": 9.0, "age": 1.5}
    (without, one), (carrier, other) = model_variants(CHEN_2020, known)
    assert (without, carrier) == ("CYP3A5*3/*3", "CYP3A5*1 carrier")
    assert (dict(one), dict(other)) == ({**known, "cyp3a5": 0}, {**known, "cyp3a5": 1})
    assert CHEN_2020.applies(one)
    assert CHEN_2020.applies(other)
    for genotype in (0.0, 1.0):
        [(label, mapping)] = model_variants(CHEN_2020, {**known, "cyp3a5": genotype})
        assert (label, dict(mapping)) == ("", {**known, "cyp3a5": genotype})
    with pytest.raises(TypeError):
        one["weight"] = 10  # type: ignore[index] # frozen


def test_the_variants_of_an_unknown_drug_and_of_what_is_measured() -> None:
    assert [label for label, _ in model_variants(CHEN, {"weight": 30.0})] == [
        "without oxcarbazepine", "with oxcarbazepine",
    ]  # fmt: skip
    [(label, known)] = model_variants(CHENG, {"weight": 27.0})
    assert (label, dict(known)) == ("", {"weight": 27.0})  # a bilirubin is asked for


# --- products


@pytest.mark.parametrize(
    ("model", "product", "factor"),
    [
        (FAN, Product.SOLUTION, 1),
        (FAN, Product.TABLETS, 1 / 1.27),  # not named: taken for the solution
        (MAO, Product.TABLETS, 1),
        (MAO, Product.SOLUTION, 1.27),
        (GOLUBOVIC, Product.TABLETS, 1 / 1.27),
    ],
    ids=key_of,
)
def test_clearance_and_volumes_are_apparent_those_of_a_product(
    model: Model, product: Product, factor: float
) -> None:
    known = INSIDE[model.key]
    ours, theirs = by_name(model.on_product(product), known), by_name(model, known)
    assert ours.pop("ka") == theirs.pop("ka")
    assert ours == pytest.approx({name: factor * value for name, value in theirs.items()})
    assert (model.on_product(product) is model) is (factor == 1)


def relation(**figures: float) -> CovariateEffect:
    """Return a power of the weight."""
    return CovariateEffect(covariate="weight", kind=CovariateForm.POWER, **figures)


@pytest.mark.parametrize("bad", [NAN, INFINITY, -INFINITY])
@pytest.mark.parametrize("figure", ["reference", "exponent", "factor", "above", "slope", "half"])
def test_a_figure_of_a_relation_is_finite(figure: str, bad: float) -> None:
    with pytest.raises(ModelError, match="finite") as caught:
        relation(**{figure: bad})
    assert caught.value.place == (figure,)


@pytest.mark.parametrize("figure", ["reference", "factor", "half"])
def test_a_reference_or_factor_is_above_zero(figure: str) -> None:
    relation(**{figure: 1e-6})
    for bad in (0.0, -1e-6):
        with pytest.raises(ModelError, match="above 0"):
            relation(**{figure: bad})


@pytest.mark.parametrize(
    ("field", "bad", "words", "place"),
    [
        ("name", "Vd", "not a parameter. Use CL, V", ()),
        ("value", 0.0, "value is 0. Write a number above 0", ("value",)),
        ("value", -4.06, "value is -4.06", ("value",)),
        ("value", NAN, "value is nan. Write a finite number", ("value",)),
        ("value", INFINITY, "value is inf. Write a finite number", ("value",)),
        ("unit", "mL/h", 'the unit of CL is L/h, not "mL/h". Convert', ("unit",)),
        ("unit", "", "the unit of CL is L/h", ("unit",)),
        ("source", " ", "source is empty", ("source",)),
        ("source", "Table 2\x1b[31m", "source contains invisible characters", ("source",)),
        ("relations", (relation(), relation(exponent=2)), "two relations", ("relation", 1)),
    ],
)  # fmt: skip
def test_a_parameter_checks_itself(
    field: str, bad: object, words: str, place: tuple[str | int, ...]
) -> None:
    good: dict[str, object] = {"name": "CL", "value": 4.06, "unit": "L/h", "source": "Table 2"}
    with pytest.raises(ModelError, match=words) as caught:
        Parameter(**{**good, field: bad})  # type: ignore[arg-type] # a table of wrong values
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("fields", "words", "place"),
    [
        ({"name": "Weight"}, "not a covariate's name", ()),
        ({"name": "[/]"}, "not a covariate's name", ()),
        ({"column": "=1+1"}, "not a covariate's column", ("column",)),
        ({"column": ""}, "not a covariate's column", ("column",)),
        ({"column": "dv"}, "none of ID, TIME", ("column",)),
        ({"unit": "lb"}, 'the unit of weight is "kg", not "lb"', ("unit",)),
        ({"unit": ""}, 'the unit of weight is "kg"', ("unit",)),
        ({"name": "age", "unit": "month"}, 'the unit of age is "year"', ("unit",)),
        ({"name": "albumin", "unit": "\x1b"}, "unit is empty", ("unit",)),
        ({"name": "haematocrit", "unit": "%"}, 'is "percent", not "%"', ("unit",)),
        ({"name": "bilirubin", "unit": "mg/dL"}, 'is "umol/L", not', ("unit",)),
        ({"name": "cyp3a5", "unit": "", "lowest": 0.0}, "no unit and no range", ()),
        ({"lowest": 65.0, "highest": 3.3}, "from 65 to 3.3", ("lowest",)),
        ({"lowest": 65.0, "highest": 65.0}, "from 65 to 65", ("lowest",)),
        ({"lowest": -1.0}, "lowest is -1", ("lowest",)),
        ({"highest": NAN}, "highest is nan", ("highest",)),
        ({"name": "oxc", "unit": "", "drug": "oxcarbazepin"}, "mean oxcarbazepine", ("drug",)),
        ({"name": "oxc", "unit": "", "drug": "<img src=x>"}, "interaction table", ("drug",)),
        ({"name": "oxc", "unit": "mg", "drug": "oxcarbazepine"}, 'is "", not "mg"', ("unit",)),
        ({"name": "oxc", "unit": "", "drug": "oxcarbazepine", "lowest": 0.0}, "no range", ()),
        ({"unit": "", "drug": "oxcarbazepine"}, "weight is not a drug", ("drug",)),
    ],
)  # fmt: skip
def test_a_covariate_checks_itself(
    fields: dict[str, object], words: str, place: tuple[str, ...]
) -> None:
    good: dict[str, object] = {"name": "weight", "column": "WT", "unit": "kg"}
    with pytest.raises(ModelError, match=words) as caught:
        Covariate(**{**good, **fields})  # type: ignore[arg-type] # a table of wrong values
    assert caught.value.place == place


def parameter(name: str, *relations: CovariateEffect) -> Parameter:
    """Return a parameter of 1 in its unit."""
    return Parameter(name=name, value=1, unit=UNIT_OF[name], source="Table 2", relations=relations)


CL, V, Q, KA = (parameter(name) for name in ("CL", "V", "Q", "ka"))
WEIGHT = Covariate(name="weight", column="WT", unit="kg")
WEIGHT_AGAIN = replace(WEIGHT, column="KG")
TWIN = replace(WEIGHT, name="twin", column="wt")
SLOPE = replace(relation(reference=65, slope=-1), kind=CovariateForm.LINEAR)


@pytest.mark.parametrize(
    ("fields", "words", "place"),
    [
        ({"key": "Fan 2024"}, "is not a key", ("key",)),
        ({"key": "../fan2024"}, "is not a key", ("key",)),
        ({"name": "\u202e"}, "name is empty", ("name",)),
        ({"citation": ""}, "citation is empty", ("citation",)),
        ({"population": "a\nb"}, "contains invisible characters", ("population",)),
        ({"assay": "EMIT"}, "lc-ms/ms, cmia, emit, other", ("assay",)),
        ({"compartments": 0}, "1 or 2 compartments, not 0", ("compartments",)),
        ({"compartments": 3}, "1 or 2 compartments, not 3", ("compartments",)),
        ({"compartments": 2}, "Q, Vp is missing", ("parameter",)),
        ({"lag_h": -0.1}, "lag_h is -0.1", ("lag_h",)),
        ({"lag_h": NAN}, "lag_h is nan", ("lag_h",)),
        ({"parameters": (CL, V)}, "ka is missing", ("parameter",)),
        ({"parameters": (CL, V, Q, KA)}, "Q is not a parameter", ("parameter", "Q")),
        ({"parameters": (V, CL, KA)}, "not in order", ("parameter",)),
        ({"parameters": (CL, V, KA, KA)}, "not in order", ("parameter",)),
        ({"covariates": ()}, '"weight" of CL is not declared', ("parameter", "CL", "relation", 0)),
        ({"covariates": (WEIGHT, TWIN)}, "have the same column", ("covariate", "twin", "column")),
        ({"covariates": (WEIGHT, WEIGHT_AGAIN)}, "declared twice", ("covariate",)),
        ({"effects": (), "omega": ()}, "no parameter varies", ("parameter",)),
        ({"effects": ("Q",)}, "Use CL, V, ka", ("parameter",)),
        ({"effects": ("CL", "CL")}, "each once", ("parameter",)),
        ({"effects": ("CL", "V")}, "a row and a column", ("covariance",)),
        ({"omega": ((0.0,),)}, "variance is 0", ("parameter", "CL", "variance")),
        ({"omega": ((-0.1,),)}, "variance is -0.1", ("parameter", "CL", "variance")),
        ({"omega": ((NAN,),)}, "variance is nan", ("parameter", "CL", "variance")),
        ({"omega": ((25.9,),)}, "not a percentage", ("parameter", "CL", "variance")),
        ({"additive_ng_ml": -1.0}, "additive_ng_ml is -1", ("residual", "additive_ng_ml")),
        ({"additive_ng_ml": INFINITY}, "additive_ng_ml is inf", ("residual", "additive_ng_ml")),
        ({"proportional": -0.1}, "proportional is -0.1", ("residual", "proportional")),
        ({"proportional": 24.9}, "Write 0.249 for 24.9 %", ("residual", "proportional")),
        ({"additive_ng_ml": 0.0}, "the residual error is 0", ("residual",)),
    ],
)  # fmt: skip
def test_a_model_checks_itself(
    fields: dict[str, object], words: str, place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        replace(FAN, **fields)  # type: ignore[arg-type] # a table of wrong values
    assert caught.value.place == place


@pytest.mark.parametrize(("model", "name"), [(CHEN, "oxcarbazepine"), (CHEN_2020, "cyp3a5")])
def test_a_drug_or_genotype_changes_a_parameter_by_a_factor_only(model: Model, name: str) -> None:
    power = CovariateEffect(covariate=name, kind=CovariateForm.POWER, exponent=2)
    with pytest.raises(ModelError, match="of the kind factor"):
        replace(model, parameters=(parameter("CL", power), *model.parameters[1:]))


@pytest.mark.parametrize(
    ("highest", "words"),
    [
        (64.9, None),
        (65, "no positive parameter"),
        (65.1, "no positive parameter"),
        (None, "needs its range"),
    ],
)
def test_a_linear_relation_stays_above_zero_in_the_range(
    highest: float | None, words: str | None
) -> None:
    def make() -> Model:
        weight = replace(WEIGHT, highest=highest)
        return replace(FAN, parameters=(parameter("CL", SLOPE), V, KA), covariates=(weight,))

    if words is None:
        assert make().typical({"weight": 64.9})[0] == pytest.approx(1 - 64.9 / 65)
    else:
        with pytest.raises(ModelError, match=words):
            make()


@pytest.mark.parametrize(
    ("covariance", "accepted"),
    [(0.0, True), (0.0599, True), (-0.0599, True), (0.06, False), (0.0601, False), (-0.06, False)],
)
def test_a_correlation_is_below_one(covariance: float, *, accepted: bool) -> None:
    """√(0.04 · 0.09) = 0.06."""

    def make() -> Model:
        omega = ((0.04, covariance), (covariance, 0.09))
        return replace(FAN, effects=("CL", "V"), omega=omega)

    if accepted:
        assert make().omega[0][1] == covariance
    else:
        with pytest.raises(ModelError, match="too large for the variances"):
            make()


def test_a_covariance_is_symmetric_and_finite() -> None:
    for omega, words in (
        (((0.04, 0.01), (0.02, 0.09)), "not symmetric"),
        (((0.04, NAN), (NAN, 0.09)), "finite"),
    ):
        with pytest.raises(ModelError, match=words):
            replace(FAN, effects=("CL", "V"), omega=omega)


@given(
    st.integers(2, 5).flatmap(
        lambda size: st.lists(
            st.lists(st.floats(-1, 1), min_size=size, max_size=size), min_size=size, max_size=size
        )
    ),
    st.floats(-0.5, 0.5),
)
def test_positive_definite_as_its_eigenvalues_say(rows: list[list[float]], shift: float) -> None:
    """Against numpy's eigenvalues; within 1e-6 of singular either answer is right."""
    square = np.array(rows)
    symmetric = square @ square.T / len(rows) + shift * np.eye(len(rows))
    assume((np.diag(symmetric) > 1e-3).all())
    smallest = np.linalg.eigvalsh(symmetric)[0]
    omega = tuple(tuple(float(each) for each in row) for row in symmetric)
    effects = PARAMETERS_OF[2][: len(rows)]
    if smallest > 1e-6:
        assert replace(GOLUBOVIC, effects=effects, omega=omega).omega == omega
    elif smallest < -1e-6:
        with pytest.raises(ModelError, match="too large for the variances"):
            replace(GOLUBOVIC, effects=effects, omega=omega)

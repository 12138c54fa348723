"""A model's file is read as it is written, and refused with the line that is wrong."""

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.alerts import Alert, AlertKind
from dosing.errors import UserError
from dosing.knowledge.products import Product
from dosing.pharmacokinetics.covariates import (
    FIGURES_OF,
    UNIT_OF_RECORDED,
    Covariate,
    CovariateEffect,
    CovariateForm,
)
from dosing.pharmacokinetics.model import PARAMETERS_OF, UNIT_OF, Model, Parameter
from dosing.pharmacokinetics.model_file import MODEL_FILE, MODEL_KEYS, model_named, read_model
from dosing.quantities.text import clean
from tests.campaign import cases
from tests.project.render import DOCS, ROOT

PAGE = (DOCS / "kinetics-models.md").read_text(encoding="utf-8")
SAMPLE = PAGE.split("```toml\n")[1].split("```")[0]


def packaged(key: str) -> str:
    """Return the text of a file that comes with the program."""
    return (files("dosing.pharmacokinetics") / "models" / f"{key}.toml").read_text(encoding="utf-8")


FAN = packaged("fan2024").replace('key = "fan2024"', 'key = "mine"')


def test_the_complete_file_of_the_documents_is_read() -> None:
    """Each figure typed from the page's own comments and relations."""
    model = read_model(SAMPLE, "sample.toml")
    assert (model.key, model.assay, model.compartments, model.lag_h) == (
        "sample", "lc-ms/ms", 2, 0.25,
    )  # fmt: skip
    assert [each.name for each in model.parameters] == ["CL", "V", "Q", "Vp", "ka"]
    assert model.effects == ("CL", "V")
    assert model.omega == ((0.09, 0.06), (0.06, 0.16))
    assert (model.additive_ng_ml, model.proportional) == (1.5, 0.2)
    assert (model.product, model.only_beside) == (Product.SOLUTION, False)
    patient = {"weight": 35, "age": 10, "ast": 41, "carbamazepine": 1}
    expected = (10 * 0.5**0.75 * 1.2 * 0.7 * 0.9 * 10 / 10.4, 120, 5, 500, 0.5)
    assert model.typical(patient) == pytest.approx(expected)


def test_the_complete_file_of_the_documents_shows_every_key() -> None:
    keys = set(re.findall(r"^([a-z_]+) =", SAMPLE, re.MULTILINE))
    figures = {figure for names in FIGURES_OF.values() for figure in names}
    assert keys == figures | {
        "key", "name", "citation", "population", "assay", "compartments", "lag_h", "value", "unit",
        "variance", "source", "covariate", "kind", "between", "additive_ng_ml", "proportional",
        "column", "lowest", "highest", "drug", "product", "only_beside",
    }  # fmt: skip
    assert set(re.findall(r'^kind = "(.+)"', SAMPLE, re.MULTILINE)) == {
        kind.value for kind in CovariateForm
    }


def test_the_documents_name_the_models_that_there_are() -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| .+ \| (\d) \| ([A-Z/-]+) \|$", PAGE, re.MULTILINE)
    published = {key: (int(compartments), assay.lower()) for key, compartments, assay in rows}
    assert published == {
        key: (model_named(key).compartments, model_named(key).assay) for key in MODEL_KEYS
    }


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_a_copy_of_a_packaged_file_is_read_under_another_key(key: str) -> None:
    copy = read_model(packaged(key).replace(f'key = "{key}"', 'key = "mine"'), "mine.toml")
    assert copy == replace(model_named(key), key="mine", source=MODEL_FILE)


@pytest.mark.parametrize("key", MODEL_KEYS)
def test_a_file_of_a_person_cannot_pass_for_a_packaged_model(key: str) -> None:
    with pytest.raises(UserError, match=rf"line 5: {key} is a model of the program. Write another"):
        read_model(packaged(key), "mine.toml")


@pytest.mark.parametrize("key", ["fan2023", "", "../models/fan2024", "fan2024.toml", "[/]"])
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(UserError, match=r"no model .+\. Choose one of chen2020, .+fan2024"):
        model_named(key)


def test_an_alert_can_carry_the_source_of_any_model() -> None:
    for model in (read_model(SAMPLE, "sample.toml"), *map(model_named, MODEL_KEYS)):
        assert Alert("x", AlertKind.NOTE, "x", model.source).source == model.source


def line_with(text: str, beginning: str) -> int:
    """Return the number of the line that begins so; there is one."""
    numbers = [
        number for number, line in enumerate(text.split("\n"), 1) if line.startswith(beginning)
    ]
    assert len(numbers) == 1
    return numbers[0]


DAMAGED = [
    # the text in the sample, its replacement, the line in the message, the words in it
    ('key = "sample"', "key = sample", "key =", "Invalid value"),
    ('key = "sample"', 'key = "Sample"', "key =", "is not a key"),
    ('key = "sample"', "key = 1", "key =", "key is wrong. Write a text"),
    ('name = "Sample model"', 'name = "\\u001b"', "name =", "name is empty"),
    ('name = "Sample model"', f'name = "{"x" * 501}"', "name =", "501 characters"),
    ('name = "Sample model"', 'name = "Sample model', "name =", "Illegal character"),
    ('name = "Sample model"', 'name = "a"\nname = "b"', 'name = "b"', "there twice"),
    ('name = "Sample model"', 'names = "a"', "names =", '"names" is not a key here'),
    ('assay = "lc-ms/ms"', 'assay = "LCMS"', "assay =", "is not an assay"),
    ("compartments = 2", "compartments = 3", "compartments =", "not 3"),
    ("compartments = 2", "compartments = true", "compartments =", "Write a whole number"),
    ("compartments = 2", "compartments = 2.0", "compartments =", "Write a whole number"),
    ("compartments = 2", "compartments = 1", "[parameter.Q]", "Q is not a parameter"),
    ("lag_h = 0.25", "lag_h = -0.25", "lag_h =", "lag_h is -0.25"),
    ("lag_h = 0.25", "lag_h = 0,25", "lag_h =", "Expected newline"),
    ("lag_h = 0.25", 'lag_h = "0.25"', "lag_h =", "lag_h is wrong. Write a number"),
    ('product = "solution"', 'product = "granules"', "product =", "Write one of solution, tablets"),
    ('product = "solution"', "product = 1", "product =", "product is wrong. Write a text"),
    ("only_beside = false", "only_beside = 1", "only_beside =", "Write true or false"),
    ("only_beside = false", 'only_beside = "true"', "only_beside =", "Write true or false"),
    ("half = 0.4", "half = 0", "half = 0", "half is 0"),
    ("half = 0.4", "half = -0.4", "half = -0.4", "half is -0.4"),
    ("half = 0.4", "", "[[parameter.CL.relation]]   # × age", "half is missing"),
    ("value = 10.0", "value = nan", "value = nan", "value is nan"),
    ("value = 10.0", "value = -inf", "value = -inf", "value is -inf"),
    ("value = 10.0", "value = 0", "value = 0 ", "value is 0"),
    ("value = 10.0", "value = true", "value = true", "value is wrong. Write a number"),
    ("value = 10.0", f"value = 1{'0' * 400}", "value = 1000", "too large"),
    ("value = 10.0", "value = [\n10.0\n]", "value = [", "value is wrong. Write a number"),
    ("value = 10.0", "# value = 10.0", "[parameter.CL]", "value is missing"),
    ("variance = 0.09", "variance = 30", "variance = 30", "not a percentage"),
    ("variance = 0.09", "varianec = 0.09", "varianec =", '"varianec" is not a key here'),
    ('source = "Table 2, final model, row Vc/F"', "", "[parameter.V]", "source is missing"),
    ("reference = 70", "reference = 0", "reference = 0", "reference is 0"),
    ("exponent = 0.75", "", "[[parameter.CL.relation]]   # × (weight", "exponent is missing"),
    ("exponent = 0.75", "exponent = 0.75\nslope = 1", "slope = 1", '"slope" is not a key here'),
    ('kind = "power"', 'kind = "allometric"', 'kind = "allom', "is not a kind. Write one of power"),
    ('covariate = "ast"', 'covariate = "alt"', "[[parameter.CL.relation]]   # × 0.7", "not decl"),
    ('kind = "factor"', 'kind = "power"\nreference = 1\nexponent = 1', "factor = 1.2", "not a key"),
    ("slope = -0.1", "slope = -10", "[[parameter.CL.relation]]   # × (1", "no positive parameter"),
    ("[[parameter.CL.relation]]   # × 0.7", "[parameter.CL.relation]", "[parameter.CL.r", "Cannot"),
    ("[parameter.Vp]", "[parameter.V2]", "[parameter.V2]", '"V2" is not a parameter'),
    ("[parameter.Vp]", "[parameter.V]", "[parameter.V]              # with", "there twice"),
    ('unit = "1/h"', 'unit = "1/min"', 'unit = "1/min"', "the unit of ka is 1/h"),
    ('between = ["CL", "V"]', 'between = ["CL", "Q"]', "between =", "two different parameters"),
    ('between = ["CL", "V"]', 'between = ["CL", "CL"]', "between =", "two different parameters"),
    ('between = ["CL", "V"]', 'between = ["CL", 1]', "between =", "Write a list of texts"),
    ('between = ["CL", "V"]', 'between = "CL, V"', "between =", "Write a list of texts"),
    ("value = 0.06 ", "value = 0.12 ", "[[covariance]]", "too large for the variances"),
    ("proportional = 0.2 ", "proportional = 20 ", "proportional = 20", "Write 0.249 for 24.9 %"),
    ("additive_ng_ml = 1.5 ", "additive_mg_l = 1.5 ", "additive_mg_l", "is not a key here"),
    ('column = "WT" ', 'column = "ID" ', 'column = "ID"', "is not a covariate's column"),
    ('column = "AGE"', 'column = "WT"', 'column = "WT"\nunit = "year"', "have the same column"),
    ('unit = "year"', 'unit = "month"', 'unit = "month"', "the unit of age"),
    ("highest = 60", "highest = 6", "lowest = 8", "from 8 to 6"),
    ("highest = 15", "", "[covariate.age]", "needs its range"),
    ('drug = "carbamazepine"', 'drug = "carbamazepin"', "drug =", "Did you mean carbamazepine"),
    ("[covariate.carbamazepine]", "[covariates.carbamazepine]", "[covariates.", "not a key here"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "instead", "beginning", "words"), DAMAGED, ids=[row[1][:30] for row in DAMAGED]
)
def test_a_damaged_file_is_refused_with_its_line(
    found: str, instead: str, beginning: str, words: str
) -> None:
    assert found in SAMPLE
    text = SAMPLE.replace(found, instead, 1)
    first, _, following = beginning.partition("\n")
    numbers = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if line.startswith(first) and text.split("\n")[number].startswith(following)
    ]
    assert len(numbers) == 1
    with pytest.raises(UserError) as caught:
        read_model(text, "my-model.toml")
    message = str(caught.value)
    assert message.startswith(f"my-model.toml, line {numbers[0]}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "my.toml: key is missing. Write a text"),
        ('key = "x"\n', "my.toml: compartments is missing"),
        ('key = "x"\ncompartments = 1\n', r"my.toml: parameter is missing. Write a table"),
        ('key = "x"\ncompartments = 1\nparameter = 1', "line 3: parameter is wrong"),
        ('key = "x"\ncompartments = 1\n[parameter]\nCL = 4', r"line 4: CL is wrong. .+, as in \["),
        ('key = "x', "my.toml, line 1: "),
        ('a = 1\n\nkey = """x\n', "my.toml, line 3: "),
        ("a = " + "[" * 20_000, "more than 16 levels of nesting"),
        ("a = 1" + "0" * 10_000, "has a number that is too long"),
        ("#" * 50_001, "has more than 50,000 characters"),
        ("\0", "my.toml, line 1: "),
        ("PK\x03\x04", "my.toml, line 1: "),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_hardly_a_model_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_model(text, "my.toml")


def without(text: str, table: str) -> str:
    """Return the text without a table, which goes on to the next empty line."""
    return re.sub(rf"^\[{table}\].*?\n\n", "", text, count=1, flags=re.DOTALL | re.MULTILINE)


def test_a_missing_table_is_told() -> None:
    with pytest.raises(UserError, match=r"^my.toml: residual is missing\. .+\[residual\]\.$"):
        read_model(without(SAMPLE, "residual"), "my.toml")
    where = line_with(FAN, "[parameter.CL]")
    with pytest.raises(UserError, match=rf"^my.toml, line {where}: ka is missing\. .+ter.ka\]\.$"):
        read_model(without(FAN, r"parameter\.ka"), "my.toml")


def test_a_covariance_is_written_once() -> None:
    again = '[[covariance]]\nbetween = ["V", "CL"]\nvalue = 0.05\nsource = "Table 2"\n'
    text = SAMPLE + "\n" + again
    where = text[: text.rindex("[[covariance]]")].count("\n") + 1
    with pytest.raises(
        UserError, match=rf"line {where}: the covariance of V and CL is there twice"
    ):
        read_model(text, "my.toml")


def test_lines_end_as_any_system_ends_them() -> None:
    assert read_model("\ufeff" + SAMPLE.replace("\n", "\r\n"), "a") == read_model(SAMPLE, "a")
    damaged = SAMPLE.replace("reference = 70", "reference = 0").replace("\n", "\r\n")
    where = line_with(SAMPLE, "reference = 70")
    with pytest.raises(UserError, match=f"line {where}: reference is 0"):
        read_model(damaged, "my.toml")


def test_a_line_is_counted_past_texts_of_several_lines_and_signs_that_look_like_ends() -> None:
    citation = 'citation = """\\\n    [parameter.CL]\n    value = 0\n    """'
    text = re.sub(r"citation = .+", lambda _: citation, FAN)
    text = text.replace("# ω²", "# \u2028 \x0b").replace("\x0b", "\u2029")
    text = text.replace("value = 155 ", "value = -155 ")
    where = next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith("value = -155"))
    with pytest.raises(UserError, match=f"line {where}: value is -155"):
        read_model(text, "my.toml")


@pytest.mark.parametrize(
    "name",
    ["[/]", "<img src=x>", "Łukasz", "=1+1", "\u05d3\u05d5\u05d3.toml", "\x1b[31mred\x1b[0m",
     "a\nb", "\u202egnp.toml", "x" * 1000, "{0} %s", ""],
)  # fmt: skip
def test_hostile_names_of_files_are_shown_in_one_plain_line(name: str) -> None:
    with pytest.raises(UserError) as caught:
        read_model("x", name)
    message = str(caught.value)
    assert message == clean(message)
    assert len(message) < 200


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("[/]x", "[/]x"),
        ("<img src=x>", "<img src=x>"),
        ("=1+1", "=1+1"),
        ("Łukasz", "Łukasz"),
        ("a\u202eb", "ab"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\nb\tc", "a b c"),
        ('say "x" \\', 'say "x" \\'),
    ],
)
def test_hostile_texts_in_a_file_are_cleaned(written: str, kept: str) -> None:
    text = FAN.replace('name = "Fan 2024"', f"name = {json.dumps(written)}")
    text = re.sub(r"population = .+", lambda _: f"population = {json.dumps(written)}", text)
    model = read_model(text, "my.toml")
    assert (model.name, model.population) == (kept, kept)


# A model of random figures, written to TOML by the code below and read back.

_NUMBER = st.floats(1e-3, 1e4)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda text: clean(f"{text} x")
)
_DRUG = "oxcarbazepine"


@st.composite
def _relations(draw: st.DrawFn, covariates: list[Covariate]) -> tuple[CovariateEffect, ...]:
    made = []
    for covariate in covariates:
        kinds = [CovariateForm.FACTOR] if covariate.is_two_valued else list(CovariateForm)
        if not draw(st.booleans()):
            continue
        kind = draw(st.sampled_from(kinds))
        figures = {figure: draw(_NUMBER) for figure in FIGURES_OF[kind]}
        made.append(CovariateEffect(covariate=covariate.name, kind=kind, **figures))
    return tuple(made)


@st.composite
def _models(draw: st.DrawFn) -> Model:
    compartments = draw(st.sampled_from([1, 2]))
    names = PARAMETERS_OF[compartments]
    covariates = [
        Covariate(
            name=name,
            column=name.upper(),
            unit=unit,
            lowest=draw(st.sampled_from([None, 0.5])),
            highest=draw(_NUMBER) + 1,
        )
        for name, unit in (*UNIT_OF_RECORDED.items(), ("albumin", draw(_TEXT)))
        if unit
    ]
    covariates.append(Covariate(name="cyp3a5", column="CYP3A5", unit=""))
    covariates.append(Covariate(name="taken", column="TAKEN", unit="", drug=_DRUG))
    parameters = tuple(
        Parameter(
            name=name,
            value=draw(_NUMBER),
            unit=UNIT_OF[name],
            source=draw(_TEXT),
            relations=draw(_relations(covariates)),
        )
        for name in names
    )
    effects = tuple(
        name
        for name, varies in zip(
            names,
            draw(st.lists(st.booleans(), min_size=len(names), max_size=len(names)).filter(any)),
            strict=True,
        )
        if varies
    )
    variances = [draw(st.floats(0.01, 1)) for _ in effects]
    shared = draw(st.sampled_from([0.0, 0.001, -0.001]))
    omega = tuple(
        tuple(variances[row] if row == column else shared for column in range(len(effects)))
        for row in range(len(effects))
    )
    return Model(
        key=draw(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)) + "-x",
        name=draw(_TEXT),
        source=MODEL_FILE,
        citation=draw(_TEXT),
        population=draw(_TEXT),
        assay=draw(st.sampled_from(["lc-ms/ms", "cmia", "emit", "other"])),
        compartments=compartments,
        lag_h=draw(st.sampled_from([0, 0.25])),
        parameters=parameters,
        covariates=tuple(covariates),
        effects=effects,
        omega=omega,
        additive_ng_ml=draw(_NUMBER),
        proportional=draw(st.floats(0, 0.9)),
        product=draw(st.sampled_from([None, *Product])),
        only_beside=draw(st.booleans()),
    )


def _string(text: str) -> str:
    """Return a basic string of TOML: JSON's are, but for the one control sign JSON leaves."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def as_toml(model: Model) -> str:
    """Return the model as a file, tables in an order of their own."""
    lines = [f"{key} = {_string(getattr(model, key))}"
             for key in ("assay", "population", "citation", "name", "key")]  # fmt: skip
    lines += [f"lag_h = {model.lag_h}", f"compartments = {model.compartments}"]
    lines += [f'product = "{model.product.value}"'] if model.product else []
    lines += ["only_beside = true"] if model.only_beside else []
    for covariate in model.covariates:
        lines += [f"[covariate.{covariate.name}]", f'column = "{covariate.column}"']
        lines += [f"unit = {_string(covariate.unit)}"] if covariate.unit else []
        lines += [f'drug = "{covariate.drug}"'] if covariate.drug else []
        lines += [
            f"{end} = {value!r}"
            for end, value in (("lowest", covariate.lowest), ("highest", covariate.highest))
            if value is not None
        ]
    lines += ["[residual]", f"additive_ng_ml = {model.additive_ng_ml!r}", 'source = "x"']
    lines += [f"proportional = {model.proportional!r}"]
    for parameter in reversed(model.parameters):
        lines += [f"[parameter.{parameter.name}]", f"value = {parameter.value!r}"]
        lines += [f'unit = "{parameter.unit}"', f"source = {_string(parameter.source)}"]
        if parameter.name in model.effects:
            at = model.effects.index(parameter.name)
            lines += [f"variance = {model.omega[at][at]!r}"]
        for relation in parameter.relations:
            lines += [f"[[parameter.{parameter.name}.relation]]", f'kind = "{relation.kind.value}"']
            lines += [f'covariate = "{relation.covariate}"']
            lines += [f"{name} = {getattr(relation, name)!r}" for name in FIGURES_OF[relation.kind]]
    for row, one in enumerate(model.effects):
        for column, other in enumerate(model.effects[:row]):
            lines += ["[[covariance]]", f'between = ["{one}", "{other}"]', 'source = "x"']
            lines += [f"value = {model.omega[row][column]!r}"]
    return "\n".join(lines)


@settings(max_examples=cases(40, full=500))
@given(_models())
def test_a_model_written_to_a_file_is_read_back_the_same(model: Model) -> None:
    assert read_model(as_toml(model), "random.toml") == model


@given(st.text(st.characters(), max_size=60), st.integers(0, len(FAN)), st.integers(0, 60))
def test_whatever_is_written_over_a_file_is_read_or_refused_in_one_line(
    noise: str, start: int, length: int
) -> None:
    damaged = FAN[:start] + noise + FAN[start + length :]
    try:
        read_model(damaged, "noise.toml")
    except UserError as error:
        message = str(error)
        assert message.startswith("noise.toml")
        assert message == clean(message)


def test_the_files_of_the_models_are_in_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for key in MODEL_KEYS:
            content = archive.read(f"dosing/pharmacokinetics/models/{key}.toml").decode()
            assert content == packaged(key)

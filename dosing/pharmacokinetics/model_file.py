"""A population model parsed from its file: a small text in TOML, as docs/kinetics-models.md shows.

The published models of the program are the files in the folder `models`: one more file there is one
more model. An error names the line in the file.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from typing import TypeVar

from dosing.errors import UserError
from dosing.knowledge.products import Product
from dosing.knowledge.references import SOURCES
from dosing.pharmacokinetics.covariates import FIGURES_OF, Covariate, CovariateEffect, CovariateForm
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model, Parameter
from dosing.pharmacokinetics.model_checks import ModelError
from dosing.pharmacokinetics.toml_text import TomlTable, line_of, parsed
from dosing.quantities.text import quoted, shortened

MODEL_FILE = "model-file"
"""The source of a model that is not in `dosing.knowledge.references`: its file has the citation."""

_FILES = {
    each.name.removesuffix(".toml"): each
    for each in files("dosing.pharmacokinetics").joinpath("models").iterdir()
    if each.name.endswith(".toml")
}

MODEL_KEYS = tuple(sorted(_FILES))
"""The keys of the published models that come with the program."""

_Value = TypeVar("_Value")


@cache
def model_named(key: str) -> Model:
    """Return a published model that comes with the program.

    Raises `UserError` for another key.

    >>> model_named("golubovic2019").compartments
    2
    """
    if key not in _FILES:
        raise UserError(f"There is no model {quoted(key)}. Choose one of {', '.join(MODEL_KEYS)}.")
    model = _read(_FILES[key].read_text(encoding="utf-8"), f"{key}.toml", taken=())
    return replace(model, source=key) if key in SOURCES else model


def read_model(text: str, name: str) -> Model:
    """Return the model in a person's TOML text; `name` is the file's, for messages.

    Raises `UserError` with the file, the line, the error and what to write.

    >>> read_model("key = fan2024", "my-model.toml")
    Traceback (most recent call last):
    ...
    dosing.errors.UserError: my-model.toml, line 1: Invalid value (column 7). Write texts in ...
    """
    return _read(text, name, taken=MODEL_KEYS)


def _read(text: str, name: str, taken: tuple[str, ...]) -> Model:
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n")
    file = shortened(name)
    table = parsed(text, file)
    try:
        return _model(table, taken)
    except ModelError as error:
        line = line_of(text, error.place)
        where = file if line is None else f"{file}, line {line}"
        raise UserError(f"{where}: {error}") from None


def _model(table: TomlTable, taken: tuple[str, ...]) -> Model:
    table.allow(
        "key", "name", "citation", "population", "assay", "compartments", "lag_h",
        "parameter", "covariance", "residual", "covariate", "product", "only_beside",
    )  # fmt: skip
    key = table.text("key")
    if key in taken:
        raise table.wrong(f"{key} is a model of the program. Write another key.", "key")
    compartments = table.whole_number("compartments")
    tables = table.table("parameter")
    ordered = sorted(tables.keys, key=_place_among(PARAMETERS_OF.get(compartments, ())))
    parameters = tuple(_parameter(tables.table(name), name) for name in ordered)
    variances = {
        name: tables.table(name).number("variance")
        for name in ordered
        if "variance" in tables.table(name).keys
    }
    residual = table.table("residual")
    residual.allow("additive_ng_ml", "proportional", "source")
    residual.text("source")  # it is for the readers of the file
    return Model(
        key=key,
        name=table.text("name"),
        source=MODEL_FILE,
        citation=table.text("citation"),
        population=table.text("population"),
        assay=table.text("assay"),
        compartments=compartments,
        lag_h=table.optional_number("lag_h") or 0.0,
        parameters=parameters,
        covariates=_covariates(table),
        effects=tuple(variances),
        omega=_omega(variances, table.list_of_tables("covariance")),
        additive_ng_ml=residual.optional_number("additive_ng_ml") or 0.0,
        proportional=residual.optional_number("proportional") or 0.0,
        product=_product(table),
        only_beside=table.optional_truth("only_beside"),
    )


def _product(table: TomlTable) -> Product | None:
    word = table.optional_text("product")
    words = [each.value for each in Product]
    if word and word not in words:
        raise table.wrong(
            f"{quoted(word)} is not a product. Write one of {', '.join(words)}.", "product"
        )
    return Product(word) if word else None


def _place_among(names: tuple[str, ...]) -> Callable[[str], int]:
    return lambda name: names.index(name) if name in names else len(names)


def _parameter(table: TomlTable, name: str) -> Parameter:
    table.allow("value", "unit", "source", "variance", "relation")
    return _checked(
        table,
        partial(
            Parameter,
            name=name,
            value=table.number("value"),
            unit=table.text("unit"),
            source=table.text("source"),
            relations=tuple(map(_relation, table.list_of_tables("relation"))),
        ),
    )


def _relation(table: TomlTable) -> CovariateEffect:
    kind = _kind(table)
    figures = FIGURES_OF[kind]
    table.allow("covariate", "kind", *figures)
    return _checked(
        table,
        partial(
            CovariateEffect,
            covariate=table.text("covariate"),
            kind=kind,
            **{figure: table.number(figure) for figure in figures},
        ),
    )


def _kind(table: TomlTable) -> CovariateForm:
    word = table.text("kind")
    words = [each.value for each in CovariateForm]
    if word not in words:
        raise table.wrong(f"{quoted(word)} is not a kind. Write one of {', '.join(words)}.", "kind")
    return CovariateForm(word)


def _omega(
    variances: dict[str, float], covariances: tuple[TomlTable, ...]
) -> tuple[tuple[float, ...], ...]:
    """Return the covariance of the random effects: variances, and 0 where none is given."""
    found = {(name, name): variance for name, variance in variances.items()}
    for table in covariances:
        table.allow("between", "value", "source")
        table.text("source")  # it is for the readers of the file
        pair = table.texts("between")
        if len(set(pair)) != 2 or len(pair) != 2 or not set(pair) <= variances.keys():
            raise table.wrong(
                "between needs two different parameters, each with a variance.", "between"
            )
        if pair in found:
            raise table.wrong(f"the covariance of {' and '.join(pair)} is there twice. Keep one.")
        found[pair] = found[pair[1], pair[0]] = table.number("value")
    return tuple(tuple(found.get((row, column), 0.0) for column in variances) for row in variances)


def _covariates(table: TomlTable) -> tuple[Covariate, ...]:
    if "covariate" not in table.keys:
        return ()
    tables = table.table("covariate")
    return tuple(_covariate(tables.table(name), name) for name in tables.keys)


def _covariate(table: TomlTable, name: str) -> Covariate:
    table.allow("column", "unit", "lowest", "highest", "drug")
    return _checked(
        table,
        partial(
            Covariate,
            name=name,
            column=table.text("column"),
            unit=table.optional_text("unit"),
            lowest=table.optional_number("lowest"),
            highest=table.optional_number("highest"),
            drug=table.optional_text("drug"),
        ),
    )


def _checked(table: TomlTable, make: Callable[[], _Value]) -> _Value:
    """Return a value made from a table; its errors get the place of the table."""
    try:
        return make()
    except ModelError as error:
        raise table.wrong(str(error), *error.place) from None

"""The fits of all patients in a table of doses and levels, for research.

The result has one row a patient, in the order of the table:

| column | content |
| --- | --- |
| ID | as in the table |
| levels | the number of fitted levels |
| eta_NAME | each random effect |
| ofv | the objective at the fit (`dosing.pharmacokinetics.objective`) |
| converged | whether the search ended at a minimum; also false without a fit |
| CL, V, (Q, Vp,) ka | of the patient, L/h, L, 1/h, by the covariates of the last row |
| half_life_h | of the terminal phase, ln 2 / k or ln 2 / β |
| problem | why there is no fit, or what to check; else empty |

A patient without a fit has a problem and no figures; the others are fitted.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dosing.errors import UserError
from dosing.knowledge.forecast_rules import FARTHEST
from dosing.nonmem.event_rows import OPTIONAL, REQUIRED, EventRow, read_row
from dosing.nonmem.table_patient import TablePatient, cautions, patient_of
from dosing.pharmacokinetics.map_estimate import Fit, fit
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.prediction import half_life_h

if TYPE_CHECKING:
    import pandas as pd

Progress: TypeAlias = Callable[[int, int], None]
"""A function of the number of patients done, and of all patients."""
_Line: TypeAlias = tuple[str, dict[str, object]]
"""The place of a row, for a message, and its cells by the names of the columns."""


def fit_table(
    table: "pd.DataFrame", model: Model, progress: Progress = lambda _done, _all: None
) -> "pd.DataFrame":
    """Return the fit of each patient in a table in the NONMEM convention.

    The columns of `table` are described in `dosing.nonmem.event_rows`, those of the result above;
    cells are numbers or texts, times h, doses mg, levels ng/mL.

    Raises `UserError` for a column that is missing or there twice, and for a row without ID.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    places = _places(table, model)
    patients = _by_patient(table, places)
    rows = []
    for done, (patient, runs) in enumerate(patients.items(), start=1):
        rows.append({"ID": patient, **_row(runs, model)})
        progress(done, len(patients))
    columns = _columns(model)
    figures = dict.fromkeys(columns, "float64")
    types = figures | {"ID": "object", "levels": "Int64", "converged": "bool", "problem": "str"}
    return pd.DataFrame(rows, columns=columns).astype(types)


def _columns(model: Model) -> list[str]:
    effects = [f"eta_{name}" for name in model.effects]
    parameters = PARAMETERS_OF[model.compartments]
    return [
        "ID", "levels", *effects, "ofv", "converged", *parameters, "half_life_h", "problem",
    ]  # fmt: skip


def _places(table: "pd.DataFrame", model: Model) -> dict[str, int]:
    """Return the place of each column in use, by its name in capitals."""
    names = [str(name).strip().upper() for name in table.columns]
    needed = [each.column.upper() for each in model.covariates if each.name in model.needed]
    missing = [name for name in (*REQUIRED, *needed) if name not in names]
    if missing:
        raise UserError(f"The table has no column {', '.join(missing)}. {model.name} needs it.")
    if any(name in {"DATE", "DAT1", "DAT2", "DAT3"} for name in names):
        raise UserError("The table has dates. Write TIME in hours, and leave the dates out.")
    others = [each.column.upper() for each in model.covariates if each.name not in model.needed]
    used = [name for name in (*REQUIRED, *needed, *others, *OPTIONAL) if name in names]
    twice = [name for name in used if names.count(name) > 1]
    if twice:
        raise UserError(f"The column {twice[0]} is there twice. Keep one.")
    return {name: names.index(name) for name in used}


def _by_patient(table: "pd.DataFrame", places: dict[str, int]) -> dict[object, list[list[_Line]]]:
    """Return the rows of each patient, in runs of consecutive rows."""
    patients: dict[object, list[list[_Line]]] = {}
    for patient, run in groupby(_lines(table, places), key=lambda line: line[1]["ID"]):
        lines = list(run)
        if patient is None or (isinstance(patient, str) and patient.strip() in {"", "."}):
            raise UserError(f"{lines[0][0]}, ID: it is missing.")
        patients.setdefault(patient, []).append(lines)
    return patients


def _lines(table: "pd.DataFrame", places: dict[str, int]) -> Iterator[_Line]:
    columns = [_cells(table.iloc[:, place]) for place in places.values()]
    label = table.index.name or "row"
    for number, cells in zip(table.index, zip(*columns, strict=True), strict=True):
        yield f"{label} {number}", dict(zip(places, cells, strict=True))


def _cells(column: "pd.Series") -> list[object]:
    """Return the cells of a column; None where one is missing."""
    return list(column.astype(object).where(column.notna(), None))


def rows_of_patients(
    table: "pd.DataFrame", model: Model
) -> Iterator[tuple[str, list[EventRow] | UserError]]:
    """Yield each patient's ID and rows, or the error by which they cannot be used.

    Raises `UserError` as `fit_table` does.
    """
    for patient, runs in _by_patient(table, _places(table, model)).items():
        try:
            yield str(patient), [read_row(place, cells, model) for place, cells in _only(runs)]
        except UserError as error:
            yield str(patient), error


def _row(runs: list[list[_Line]], model: Model) -> dict[str, object]:
    """Return the figures of a patient, or the problem alone."""
    try:
        rows = [read_row(place, cells, model) for place, cells in _only(runs)]
        patient = patient_of(rows, model)
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            fitted = fit(model, patient.history, patient.levels)
            figures = _figures(fitted, patient)
    except UserError as error:
        return {"converged": False, "problem": str(error)}
    except (ArithmeticError, np.linalg.LinAlgError):
        return {"converged": False, "problem": "the figures are too extreme to calculate with"}
    problems = [*_doubts(fitted), *cautions(rows, model)]
    return {**figures, "problem": "; ".join(problems)}


def _only(runs: list[list[_Line]]) -> list[_Line]:
    """Return the one run of a patient; raise `UserError` where its rows are apart."""
    if len(runs) > 1:
        raise UserError(f"{runs[1][0][0]}: rows of others are between those of this patient.")
    return runs[0]


def _figures(fitted: Fit, patient: TablePatient) -> dict[str, object]:
    model = fitted.model
    own = dict(
        zip(PARAMETERS_OF[model.compartments], model.typical(patient.covariates), strict=True)
    )
    for name, eta in zip(model.effects, fitted.eta, strict=True):
        own[name] *= float(np.exp(eta))
    return {
        "levels": len(fitted.levels),
        **{f"eta_{name}": eta for name, eta in zip(model.effects, fitted.eta, strict=True)},
        "ofv": fitted.objective,
        "converged": fitted.converged,
        **own,
        "half_life_h": half_life_h(own),
    }


def _doubts(fitted: Fit) -> Iterator[str]:
    if not fitted.converged:
        yield "the search did not end at a minimum: do not use these figures"
    if fitted.is_far:
        yield f"farther than {FARTHEST} from the population"

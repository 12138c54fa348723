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

A patient without a fit has a problem and no figures; the others are fitted. Patients are read and
fitted in chunks, so that a table of any length needs little memory; the fit of a patient does not
depend on the others of its chunk.

The rows of a patient are together. Where an ID returns after rows of others, or in another file, it
is a new patient, as in NONMEM; its `problem` says so.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dosing.errors import UserError
from dosing.knowledge.forecast_rules import FARTHEST
from dosing.nonmem.cautions import cautions, logarithms, may_be_logarithms
from dosing.nonmem.columns import Columns
from dosing.nonmem.event_rows import NUMBER, EventRow, read_rows
from dosing.nonmem.table_patient import TablePatient, patient_of
from dosing.nonmem.table_text import TableLines
from dosing.pharmacokinetics.concentration import predict_many
from dosing.pharmacokinetics.map_estimate import Fit, fits_or_errors
from dosing.pharmacokinetics.model import PARAMETERS_OF, Model
from dosing.pharmacokinetics.prediction import half_life_h
from dosing.quantities.reading_limits import TABLE_PATIENT_ROWS

if TYPE_CHECKING:
    import pandas as pd

Progress: TypeAlias = Callable[[int, int], None]
"""A function of the number of patients done, and of all patients."""
_Result: TypeAlias = tuple[dict[str, object], list[str]]
"""The figures of a patient by their columns, and what to check."""
CHUNK_PATIENTS, CHUNK_ROWS = 500, 20_000
"""A chunk ends at the first of the two."""
_EXTREME = "the figures are too extreme to calculate with"


@dataclass(frozen=True, slots=True)
class PatientLines:
    """The lines of one patient: of each its number, and the cells of the columns in use."""

    patient: object
    lines: list[tuple[object, list[object]]]
    earlier: str = ""
    """The place of an earlier patient with this ID, or empty."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some patients of one table, to be fitted by one call, here or on another machine."""

    names: tuple[str, ...]
    """The columns of the cells, in capitals."""
    where: str
    """The words before the number of a line, in messages."""
    patients: list[PatientLines]


@dataclass(frozen=True, slots=True)
class ChunkFits:
    """The fits of a chunk: one row a patient, by `fit_columns`; None where there is no figure."""

    rows: list[tuple[object, ...]]
    left_out: int
    """The number of rows that EXCL left out."""
    predose: int
    """The number of levels of 0 before the first dose, which are left out, too."""


class KnownPatients:
    """The first line of each ID in the tables of a study."""

    def __init__(self) -> None:
        """Begin with no table."""
        self._tables: list[tuple[str, dict[object, object]]] = []

    def begin(self, where: str) -> None:
        """Begin a table; the words are those before the number of a line, in messages."""
        self._tables.append((where, {}))

    def earlier(self, patient: object, number: object) -> str:
        """Return the place of an earlier patient with this ID, or an empty text."""
        identity = _identity(patient)
        for where, lines in self._tables:
            if identity in lines:
                return f"{where} {lines[identity]}"
        self._tables[-1][1][identity] = number
        return ""


def fit_table(
    table: "pd.DataFrame", model: Model, progress: Progress = lambda _done, _all: None
) -> "pd.DataFrame":
    """Return the fit of each patient in a table in the NONMEM convention.

    The columns of `table` are described in `dosing.nonmem.event_rows`, those of the result above;
    cells are numbers or texts, times h, doses mg, levels ng/mL.

    Raises `UserError` for a column that is missing or there twice, and for a row without ID.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    chunks = list(_table_chunks(table, model))
    everyone, rows = sum(len(chunk.patients) for chunk in chunks), []
    for chunk in chunks:
        rows += fit_chunk(chunk, model).rows
        progress(len(rows), everyone)
    names = fit_columns(model)
    figures = dict.fromkeys(names, "float64")
    types = figures | {"ID": "object", "levels": "Int64", "converged": "bool", "problem": "str"}
    return pd.DataFrame(rows, columns=names).astype(types)


def rows_of_patients(
    table: "pd.DataFrame", model: Model
) -> Iterator[tuple[str, list[EventRow] | UserError]]:
    """Yield the ID of each patient in a table, with its rows or the error in them.

    Raises `UserError` as `fit_table` does.
    """
    for chunk in _table_chunks(table, model):
        for each in chunk.patients:
            try:
                yield str(each.patient), _rows(each, chunk, model)
            except UserError as error:
                yield str(each.patient), error


def _table_chunks(table: "pd.DataFrame", model: Model) -> Iterator[Chunk]:
    columns = Columns.of(table.columns, model)
    series = [_cells(table.iloc[:, place]) for place in columns.places.values()]
    lines = zip(table.index, map(list, zip(*series, strict=True)), strict=True)
    return _chunks(lines, columns, str(table.index.name or "row"), KnownPatients())


def text_chunks(
    table: TableLines, columns: Columns, known: KnownPatients, file: str = ""
) -> Iterator[Chunk]:
    """Yield the patients of a text in chunks, as they are read; `file` is named in messages.

    Raises `UserError` as `TableLines` does, and for a row without ID.
    """
    lines = ((number, columns.cells(cells)) for number, cells in table)
    return _chunks(lines, columns, f"{file}, line" if file else "line", known)


def fit_columns(model: Model) -> list[str]:
    """Return the names of the columns of a result."""
    effects = [f"eta_{name}" for name in model.effects]
    parameters = PARAMETERS_OF[model.compartments]
    return [
        "ID", "levels", *effects, "ofv", "converged", *parameters, "half_life_h", "problem",
    ]  # fmt: skip


def _cells(column: "pd.Series") -> list[object]:
    """Return the cells of a column; None where one is missing."""
    return list(column.astype(object).where(column.notna(), None))


def _chunks(
    lines: Iterable[tuple[object, list[object]]], columns: Columns, where: str, known: KnownPatients
) -> Iterator[Chunk]:
    names = tuple(columns.places)
    known.begin(where)
    patients: list[PatientLines] = []
    rows = 0
    for each in _patients(lines, names.index("ID"), where, known):
        patients.append(each)
        rows += len(each.lines)
        if len(patients) == CHUNK_PATIENTS or rows >= CHUNK_ROWS:
            yield Chunk(names, where, patients)
            patients, rows = [], 0
    if patients:
        yield Chunk(names, where, patients)


def _patients(
    lines: Iterable[tuple[object, list[object]]], place: int, where: str, known: KnownPatients
) -> Iterator[PatientLines]:
    """Yield the runs of consecutive lines of one ID."""
    now: object = None
    patient: PatientLines | None = None
    for number, cells in lines:
        found = cells[place]
        if patient is None or found != now:
            if found is None or (isinstance(found, str) and found.strip() in {"", "."}):
                raise UserError(f"{where} {number}, ID: it is missing.")
            if patient is None or _identity(found) != _identity(now):
                if patient:
                    yield patient
                patient = PatientLines(found, [], known.earlier(found, number))
            now = found
        patient.lines.append((number, cells))
        TABLE_PATIENT_ROWS.check(len(patient.lines), f"{where} {number}: the patient")
    if patient:
        yield patient


def _identity(patient: object) -> object:
    """Return the value by which an ID is the same: 1 and 1.0 are, 1 and 01 are not."""
    return _identity_of_text(patient.strip()) if isinstance(patient, str) else patient


@lru_cache(maxsize=1_000)
def _identity_of_text(text: str) -> object:
    if text.isascii() and text.isdigit():
        return text if text.startswith("0") and text != "0" else int(text)
    return Decimal(text.upper().replace("D", "E")) if NUMBER.fullmatch(text) else text


def fit_chunk(chunk: Chunk, model: Model) -> ChunkFits:
    """Return the fits of the patients of a chunk; the fit of each depends on its rows alone."""
    read = [_read(each, chunk, model) for each in chunk.patients]
    patients = [each for each in read if isinstance(each, TablePatient)]
    fits = iter(_results(patients, model))
    names = fit_columns(model)
    rows = []
    for lines, each in zip(chunk.patients, read, strict=True):
        figures, problems = _unfitted(each) if isinstance(each, UserError) else next(fits)
        if lines.earlier:
            problems.insert(0, f"a new patient: {lines.earlier} has this ID, too")
        row = {**figures, "ID": lines.patient, "problem": "; ".join(problems)}
        rows.append(tuple(map(row.get, names)))
    used = sum(len(each.rows) for each in patients)
    given = sum(
        len(lines.lines)
        for lines, each in zip(chunk.patients, read, strict=True)
        if isinstance(each, TablePatient)
    )
    zeros = sum(row.is_zero for each in patients for row in each.rows)
    return ChunkFits(rows, given - used, zeros)


def _read(patient: PatientLines, chunk: Chunk, model: Model) -> TablePatient | UserError:
    try:
        return patient_of(_rows(patient, chunk, model), model)
    except UserError as error:
        return error


def _rows(patient: PatientLines, chunk: Chunk, model: Model) -> list[EventRow]:
    lines = [(f"{chunk.where} {number}", cells) for number, cells in patient.lines]
    rows = read_rows(lines, chunk.names, model)
    if not rows:
        raise UserError(f"{lines[0][0]}: all rows of the patient are left out.")
    return rows


def _results(patients: Sequence[TablePatient], model: Model) -> Iterator[_Result]:
    """Yield the figures of each patient, and what to check."""
    questions = _questions(patients, model)
    for patient, fitted, asked in zip(patients, _fits(patients, model), questions, strict=True):
        if isinstance(fitted, UserError):
            yield _unfitted(fitted)
            continue
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                figures = _figures(fitted, patient)
        except ArithmeticError:
            yield _unfitted(UserError(_EXTREME))
        else:
            yield figures, [*_doubts(fitted), *asked, *cautions(patient.rows, model)]


def _unfitted(error: UserError) -> _Result:
    return {"converged": False}, [str(error)]


def _fits(patients: Sequence[TablePatient], model: Model) -> list[Fit | UserError]:
    """Return the fit of each patient, or the error by which there is none."""
    if not patients:
        return []
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return fits_or_errors(model, [(each.history, each.levels) for each in patients])
    except (ArithmeticError, np.linalg.LinAlgError):
        if len(patients) == 1:
            return [UserError(_EXTREME)]
    half = len(patients) // 2  # the others are fitted without the one that is the reason
    return _fits(patients[:half], model) + _fits(patients[half:], model)


def _questions(patients: Sequence[TablePatient], model: Model) -> list[list[str]]:
    """Return the questions about levels that look like logarithms."""
    asked: list[list[str]] = [[] for _ in patients]
    doubtful = [place for place, each in enumerate(patients) if may_be_logarithms(each.levels)]
    typical = np.zeros((1, len(model.effects)))
    for place in doubtful:
        each = patients[place]
        times = [level.at_h for level in each.levels]
        with np.errstate(all="ignore"):  # figures that are too extreme are the fit's problem
            [expected] = predict_many(model, [(each.history, times, typical)])
        asked[place] += logarithms(each.levels, expected[0].tolist())
    return asked


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

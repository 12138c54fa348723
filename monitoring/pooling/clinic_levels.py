"""The levels of many clinics from the tables of their exports, far past one machine's memory.

DuckDB, which is installed on request (`sirolimus-assistant[pool]`), groups the rows of all tables;
of them only the different values with their numbers come into memory. What it cannot keep there is
in a folder of its own until the end, which nobody else can read.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from math import floor, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dosing import UserError
from monitoring.terms import Status

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MEMORY = "256MB"
_ROWS_AT_ONCE = 10_000
_TRUTH = {"true": True, "false": False}
_PATTERN = frozenset("*?[{")
"""Signs that DuckDB reads as those of a pattern, in the name of a file."""
_NEEDED = (
    "kind", "record_number", "number", "level_ng_ml", "comparator", "counts", "status", "excluded",
    "voided",
)  # fmt: skip
_WRITE_AGAIN = "Write it again with sirolimus export --levels FILE.csv."

# By one thread: several have lost and doubled rows with line ends in quotes in silence.
_IN_USE = """
from read_csv(?, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
              union_by_name = true, filename = true, strict_mode = true, parallel = false)
where kind = 'level' and voided is null and excluded = 'false'
"""
_ROWS = f"""
select filename, level_ng_ml, comparator is not null, counts, status, count(*) {_IN_USE}
group by all
"""
_PATIENTS = f"""
select filename, count(distinct record_number), count(*),
       count(distinct record_number || chr(31) || number) {_IN_USE}
group by filename
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigures:
    """The levels in use of one clinic, or of all: neither voided nor excluded. Levels are in ng/mL.

    `below`, `within` and `above` are evaluable levels against the target of their time. `mean`,
    `sd` (with n-1) and `quantiles` are of the evaluable levels within the assay's range.
    """

    name: str
    patients: int
    levels: int
    evaluable: int
    below: int
    within: int
    above: int
    measured: int
    """The levels of which mean, deviation and quantiles are."""
    mean: float | None
    sd: float | None
    """None of fewer than two."""
    quantiles: tuple[Decimal, ...]
    """Lowest, first quartile, median, third quartile and highest; none without a level.

    Between two levels they are interpolated, as `statistics.quantiles` with "inclusive" does.
    """

    @property
    def percent_within(self) -> float | None:
        """The percentage of the evaluable levels within the target; None without any."""
        return 100 * self.within / self.evaluable if self.evaluable else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicLevels:
    """The levels of several clinics: of each, and of all patients together."""

    clinics: tuple[LevelFigures, ...]
    together: LevelFigures


@dataclass(slots=True)
class _Tally:
    """The counts of one clinic, or of all."""

    name: str
    levels: int = 0
    status: Counter[Status] = field(default_factory=Counter)
    """Of the evaluable ones."""
    values: Counter[Decimal] = field(default_factory=Counter)
    """The evaluable levels within the assay's range, in ng/mL."""

    def add(self, row: "_AlikeLevels") -> None:
        self.levels += row.times
        if row.is_evaluable:
            self.status[row.status] += row.times
            if not row.is_censored:
                self.values[row.level_ng_ml] += row.times

    def figures(self, patients: int) -> LevelFigures:
        n = self.values.total()
        total = sum((value * times for value, times in self.values.items()), Decimal())
        mean = total / n if n else None
        return LevelFigures(
            name=self.name,
            patients=patients,
            levels=self.levels,
            evaluable=self.status.total(),
            below=self.status[Status.BELOW],
            within=self.status[Status.WITHIN],
            above=self.status[Status.ABOVE],
            measured=n,
            mean=None if mean is None else float(mean),
            sd=_deviation(self.values, mean),
            quantiles=_quantiles(self.values),
        )


@dataclass(frozen=True, slots=True)
class _AlikeLevels:
    """Levels of one clinic that are alike in what is counted."""

    level_ng_ml: Decimal
    is_censored: bool
    is_evaluable: bool
    status: Status
    times: int


def levels_of_clinics(files: Sequence[Path]) -> ClinicLevels:
    """Return the figures of the tables of `sirolimus export --levels FILE.csv`, one of each clinic.

    Raises `UserError` without DuckDB, and for a file that cannot be read, is no such table, is
    given twice, or has a level twice.
    """
    names = _checked(files)
    together, tallies = _Tally("all"), {name: _Tally(name) for name in names}
    with TemporaryDirectory(prefix="sirolimus-") as scratch:
        connection = _connection(scratch)
        try:
            for name, row in _rows(connection, names):
                tallies[name].add(row)
                together.add(row)
            patients = _patients(connection, names)
        finally:
            connection.close()
    clinics = tuple(each.figures(patients.get(name, 0)) for name, each in tallies.items())
    return ClinicLevels(clinics=clinics, together=together.figures(sum(patients.values())))


def _checked(files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the files, after their headings were looked at."""
    seen: dict[Path, Path] = {}
    for file in files:
        if _PATTERN & set(str(file)):
            raise UserError(f"{file} has one of *, ?, [ or {{ in its name. Rename it.")
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                headings = next(csv.reader(stream), [])
        except (OSError, UnicodeDecodeError, csv.Error):
            raise UserError(f"{file} cannot be read. {_WRITE_AGAIN}") from None
        if not set(_NEEDED) <= set(headings):
            raise UserError(f"{file} is no table of levels. {_WRITE_AGAIN}")
        known = seen.setdefault(file.resolve(), file)
        if known is not file:
            raise UserError(f"{file} is given twice. Give one table of each clinic.")
    return tuple(map(str, files))


def _connection(scratch: str) -> "DuckDBPyConnection":
    try:
        import duckdb  # noqa: PLC0415 - optional
    except ImportError:
        raise UserError(
            "The tables of many clinics need DuckDB. Install it with sirolimus-assistant[pool]."
        ) from None
    return duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "temp_directory": scratch,
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def _answer(
    connection: "DuckDBPyConnection", query: str, names: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of an answer; the whole is never in memory."""
    import duckdb  # noqa: PLC0415 - optional

    try:
        answer = connection.execute(query, [list(names)])
        while rows := answer.fetchmany(_ROWS_AT_ONCE):
            yield from rows
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"The tables cannot be read ({reason}). Write them again.") from None


def _rows(
    connection: "DuckDBPyConnection", names: Iterable[str]
) -> Iterator[tuple[str, _AlikeLevels]]:
    for name, level, is_censored, counts, status, times in _answer(connection, _ROWS, names):
        try:
            row = _AlikeLevels(Decimal(level), is_censored, _TRUTH[counts], Status(status), times)
        except (InvalidOperation, KeyError, TypeError, ValueError):
            raise UserError(f"{name} has a level that cannot be read. {_WRITE_AGAIN}") from None
        if not (row.level_ng_ml.is_finite() and row.level_ng_ml >= 0):
            raise UserError(f"{name} has a level that cannot be read. {_WRITE_AGAIN}")
        yield name, row


def _patients(connection: "DuckDBPyConnection", names: Iterable[str]) -> dict[str, int]:
    found = {}
    for name, patients, rows, different in _answer(connection, _PATIENTS, names):
        if rows != different:
            raise UserError(f"{name} has a level twice. {_WRITE_AGAIN}")
        found[name] = patients
    return found


def _deviation(values: Mapping[Decimal, int], mean: Decimal | None) -> float | None:
    n = sum(values.values())
    if mean is None or n < 2:
        return None
    squares = sum(((value - mean) ** 2 * times for value, times in values.items()), Decimal())
    return sqrt(squares / (n - 1))


def _quantiles(values: Mapping[Decimal, int]) -> tuple[Decimal, ...]:
    """Return lowest, quartiles and highest of values with their numbers.

    >>> tuple(map(float, _quantiles({Decimal(5): 1, Decimal(9): 3})))
    (5.0, 8.0, 9.0, 9.0, 9.0)
    """
    if not values:
        return ()
    ordered = sorted(values)
    ends = list(accumulate(values[each] for each in ordered))

    def at(place: int) -> Decimal:
        return next(value for value, end in zip(ordered, ends, strict=True) if place < end)

    found = []
    for quarter in range(5):
        exact = Decimal(quarter) * (ends[-1] - 1) / 4
        low = floor(exact)
        part = exact - low
        found.append(at(low) + part * (at(low + 1) - at(low)) if part else at(low))
    return tuple(found)

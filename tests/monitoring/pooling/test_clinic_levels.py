"""The levels of many clinics by DuckDB: the figures of all rows counted in memory."""

import random
import statistics
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from dosing import UserError
from monitoring.exchange.levels_table import rows_of, write_table
from monitoring.pooling.clinic_levels import LevelFigures, levels_of_clinics
from monitoring.record.entries import Record
from tests.builders import a_dose, a_level, a_record, voided, with_patient

pytest.importorskip("duckdb", reason="DuckDB is an extra: sirolimus-assistant[pool]")

HOSTILE = ("=1+1", "<img src=x>", 'a"b,c', "two\nlines", "שלום", "\u202eevil", "[/] x")
CLINICS = 50


@cache
def patients() -> tuple[Record, ...]:
    """Return patients with levels of every kind: censored, early, voided, in another unit."""
    chance = random.Random(18)
    found = []
    for number in range(20):
        days = sorted(chance.sample(range(1, 29), chance.randrange(7)))
        levels = [
            a_level(
                chance.choice(["{} ng/mL", "{} ug/L", "{} nmol/L", "<{} ng/mL"]).format(
                    chance.randrange(20, 200) / 10
                ),
                f"2026-10-{day:02d}T08:00",
            )
            for day in days
        ]
        record = a_record(a_dose("2026-09-01T08:00"), *levels)
        found.append(voided(record, 3) if levels and number % 3 == 0 else record)
    return tuple(found)


def clinic(number: int, names: Iterable[str] = ("Sample",)) -> list[Record]:
    chance = random.Random(number)
    chosen = chance.choices(patients(), k=chance.randrange(1, 5))
    names = list(names)
    return [
        with_patient(each, record_number=f"{place}", name=names[place % len(names)])
        for place, each in enumerate(chosen)
    ]


def tables(folder: Path, clinics: Iterable[list[Record]]) -> list[Path]:
    files = []
    for number, records in enumerate(clinics):
        files.append(folder / f"clinic {number}.csv")
        write_table(records, files[-1])
    return files


def check(found: LevelFigures, records: list[Record]) -> None:
    """Compare with the rows of these records, counted and averaged in memory."""
    rows = [row for row in rows_of(records) if row["kind"] == "level"]
    rows = [row for row in rows if row["voided"] is None and not row["excluded"]]
    evaluable = [row for row in rows if row["counts"]]
    places = [row["status"] for row in evaluable]
    values = [float(str(r["level_ng_ml"])) for r in evaluable if r["comparator"] is None]
    assert found.levels == len(rows)
    assert found.evaluable == len(evaluable)
    assert [found.below, found.within, found.above] == [
        places.count(place) for place in ("below", "within", "above")
    ]
    assert found.measured == len(values)
    assert found.mean == (pytest.approx(statistics.fmean(values), rel=1e-9) if values else None)
    if len(values) > 1:
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        expected = [min(values), *quartiles, max(values)]
        assert list(map(float, found.quantiles)) == pytest.approx(expected, rel=1e-9)
        assert found.sd == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-9)
    else:
        assert found.sd is None


def test_fifty_clinics_are_the_figures_of_their_rows_together(tmp_path: Path) -> None:
    clinics = [clinic(number) for number in range(CLINICS)]
    found = levels_of_clinics(tables(tmp_path, clinics))
    assert len(found.clinics) == CLINICS
    for figures, records in zip(found.clinics, clinics, strict=True):
        check(figures, records)
    check(found.together, [record for records in clinics for record in records])
    # The patients of one number in two clinics are two.
    assert found.together.patients == sum(each.patients for each in found.clinics)
    assert found.clinics[0].patients == sum(
        any(row["kind"] == "level" and row["voided"] is None for row in rows_of([each]))
        for each in clinics[0]
    )


def test_hostile_names_with_line_ends_lose_no_row(tmp_path: Path) -> None:
    records = clinic(3, HOSTILE) + [
        with_patient(each, record_number=f"{name} {number}", name=name)
        for number, name in enumerate(HOSTILE)
        for each in patients()[:3]
    ]
    records = [
        with_patient(each, record_number=f"{place} {each.patient.entry.record_number}")
        for place, each in enumerate(records)
    ]
    (found,) = levels_of_clinics(tables(tmp_path, [records])).clinics
    check(found, records)


def test_a_clinic_without_levels_has_none(tmp_path: Path) -> None:
    found = levels_of_clinics(tables(tmp_path, [[a_record()], [patients()[1]]]))
    empty = found.clinics[0]
    assert (empty.patients, empty.levels, empty.evaluable) == (0, 0, 0)
    assert (empty.mean, empty.sd, empty.quantiles, empty.percent_within) == (None, None, (), None)


def test_a_table_given_twice_is_counted_once_by_nobody(tmp_path: Path) -> None:
    (file,) = tables(tmp_path, [clinic(1)])
    other = tmp_path / "sub" / ".." / file.name
    (tmp_path / "sub").mkdir()
    with pytest.raises(UserError, match="given twice"):
        levels_of_clinics([file, other])


def test_a_row_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (file,) = tables(tmp_path, [clinic(2)])
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file.write_text("".join([*lines, lines[1]]), encoding="utf-8-sig")
    with pytest.raises(UserError, match="a level twice"):
        levels_of_clinics([file])


@pytest.mark.parametrize("value", ["", "high", "-1", "NaN", "Infinity", "=1+1"])
def test_a_level_that_is_no_number_is_refused(value: str, tmp_path: Path) -> None:
    (file,) = tables(tmp_path, [[a_record(a_dose("2026-09-01T08:00"), a_level("7.123 ng/mL"))]])
    text = file.read_text(encoding="utf-8-sig")
    assert text.count(",7.123,") == 2
    head, tail = text.rsplit(",7.123,", 1)
    file.write_text(f"{head},{value},{tail}", encoding="utf-8-sig")
    with pytest.raises(UserError, match="cannot be read"):
        levels_of_clinics([file])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"kind\nlevel\n"])
def test_another_file_is_refused_by_its_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"other\.csv (is no table|cannot be read)"):
        levels_of_clinics([file])


def test_a_name_is_never_a_pattern(tmp_path: Path) -> None:
    file, *_ = tables(tmp_path, [clinic(1), clinic(2)])
    with pytest.raises(UserError, match="Rename it"):
        levels_of_clinics([tmp_path / "clinic*.csv"])
    assert file.exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv cannot be read"):
        levels_of_clinics([tmp_path / "none.csv"])


def test_without_duckdb_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tables(tmp_path, [clinic(1)])
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UserError, match=r"sirolimus-assistant\[pool\]"):
        levels_of_clinics(files)

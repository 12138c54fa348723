"""Export and import: complete, the same byte for byte, and nothing stored of what is not whole."""

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from dosing import UserError
from monitoring.exchange.export import export, preview_export, restore_export
from monitoring.exchange.spreadsheet import defused
from monitoring.record.kinds import KINDS
from monitoring.store.connection import Place
from monitoring.store.errors import RecordsError
from monitoring.store.store import Store
from monitoring.store.verify import verify
from tests.builders import AUTHOR, a_note, a_patient
from tests.stores import changes_of, fill, fill_0003, prepared, store_of


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_an_import_exports_the_same_bytes_again(
    engine: Engine, new_place: Callable[[], Place], tmp_path: Path
) -> None:
    store = store_of(engine)
    fill(store, patients=2)
    store.add(1, a_note('=1+1 "quoted", Łukasz; é 李 😀 می\u200cخواهم'))
    number = fill_0003(store)
    count = sum(1 for _ in changes_of(engine))
    assert export(engine, tmp_path / "first") == count
    other = prepared(new_place())
    assert restore_export(other, tmp_path / "first") == verify(engine)
    assert export(other, tmp_path / "second") == count
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert set(contents(tmp_path / "first")) == {"records.json", *(f"{kind}.csv" for kind in KINDS)}
    assert store_of(other).read(1) == store.read(1)
    assert store_of(other).read(number) == store.read(number)


def test_what_schema_0003_added_is_in_the_tables(sqlite_store: Store, tmp_path: Path) -> None:
    fill_0003(sqlite_store)
    export(sqlite_store.engine, tmp_path / "out")

    def rows(kind: str) -> list[dict[str, str]]:
        with (tmp_path / "out" / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    (dose,), (hold,), (level,) = rows("prescription"), rows("missed_dose"), rows("level")
    names = ("every_hours", "evening_mg", "strength_mg_per_ml", "given_reason", "is_taper_step")
    assert [dose[each] for each in names] == ["12", "0.40", "0.50", "as the family gave it", "1"]
    assert (hold["is_open"], level["last_dose_assumed"]) == ("1", "1")
    assert rows("adverse_event")[0]["attributed_to"] == "a viral infection"
    assert rows("laboratory_value")[0]["scale"] == "CTCAE v6.0"
    assert rows("patient")[0]["congenital"] == "0"
    assert rows("patient")[0]["severity"] == "[/] =1+1 large"
    assert rows("condition")[0]["name"] == "planned pregnancy"
    assert rows("level_cause")[0]["cause"] == "vomited"
    assert rows("settlement")[0]["what"] == "blood pressure"


def test_an_export_of_empty_records_can_be_imported(sqlite_store: Store, tmp_path: Path) -> None:
    assert export(sqlite_store.engine, tmp_path / "out") == 0
    assert restore_export(sqlite_store.engine, tmp_path / "out").changes == 0


def test_the_folder_and_files_are_this_users_alone(filled_store: Store, tmp_path: Path) -> None:
    export(filled_store.engine, tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()} == {0o600}


def test_an_export_into_an_empty_folder_takes_its_place(
    filled_store: Store, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    export(filled_store.engine, tmp_path / "out")
    assert restore_export(prepared(Place.of(str(tmp_path / "new.sqlite"))), tmp_path / "out")
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_folder_with_something_in_it_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(UserError, match="not empty"):
        export(sqlite_store.engine, tmp_path)
    with pytest.raises(UserError, match="cannot be written"):
        export(sqlite_store.engine, tmp_path / "mine")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-5 kg", "'-5 kg"),
        ("-5", "-5"),
        ("-0.50", "-0.50"),
        ("+5", "+5"),
        (-5, -5),
        (None, None),
        ("", ""),
        ("7.20", "7.20"),
        ("O'Neil", "O'Neil"),
        ("1e-05", "1e-05"),
        ("－5 kg", "'－5 kg"),
        ("Łukasz = [/]", "Łukasz = [/]"),
        ("−5 kg", "−5 kg"),
        ("<img src=x>", "<img src=x>"),
    ],
)
def test_formulas_are_defused_and_numbers_kept(cell: Any, shown: Any) -> None:
    assert defused(cell) == shown


@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", "\u00a0", "\u200b", "\ufeff", "\u202e", " \x00"]
)
@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦﹢﹣﹫⁼⁺₌₊⩵﬩")
def test_every_form_of_a_sign_is_defused(sign: str, before: str) -> None:
    assert defused(f"{before}{sign}SUM(A1)") == f"'{before}{sign}SUM(A1)"


def test_no_cell_of_an_export_is_a_formula(sqlite_store: Store, tmp_path: Path) -> None:
    store = store_of(sqlite_store.engine, author="=cmd()")
    patient = store.add_patient(a_patient("=1+1", "@Ann")).number
    store.add(patient, a_note("-2+3"))
    store.add(patient, a_note("00123"))
    export(store.engine, tmp_path / "out")
    rows = {}
    for kind in KINDS:
        with (tmp_path / "out" / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows[kind] = list(csv.DictReader(file))
    (row,) = rows["patient"]
    assert (row["record_number"], row["name"], row["written_by"]) == ("'=1+1", "'@Ann", "'=cmd()")
    assert [note["text"] for note in rows["note"]] == ["'-2+3", "00123"]
    assert rows["patient"][0]["born"] == "2024-02-29"


def spoilt(folder: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    file = folder / "records.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    spoil(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def of_change(**cells: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["changes"][9].update(cells)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document["changes"][4]["row"].update(value_number="7.2"),
        lambda document: document["changes"].pop(3),
        lambda document: document["changes"].append(document["changes"][0]),
        lambda document: document.pop("changes"),
        lambda document: document.update(format="another"),
        lambda document: document.update(schema="9999"),
        lambda document: document.update(schema=9),
        lambda document: document.update(changes={"a": 1}),
        lambda document: document.update(changes=[1]),
        lambda document: document["changes"][9]["row"].update(more="1"),
        lambda document: document["changes"][9]["row"].pop("text"),
        lambda document: document["changes"][9]["row"].update(text=None),
        lambda document: document["changes"][9]["row"].update(text=["a"]),
        of_change(by="Dr Nobody"),
        of_change(hash="0"),
        of_change(kind="unknown"),
        of_change(kind="level"),
        of_change(number="ten"),
        of_change(patient=2),
        of_change(number=2**70),
        of_change(kind=["note"]),
        of_change(row=["a"]),
        lambda document: document["changes"][9]["row"].update(text="\ud800"),
        lambda document: document["changes"][9]["row"].update(entry=1),
    ],
)
def test_an_export_that_is_not_whole_is_refused_and_nothing_stored(
    filled_store: Store,
    new_sqlite: Callable[[], Place],
    tmp_path: Path,
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    export(filled_store.engine, tmp_path / "out")
    spoilt(tmp_path / "out", spoil)
    other = prepared(new_sqlite())
    with pytest.raises(RecordsError) as refused:
        restore_export(other, tmp_path / "out")
    assert len(str(refused.value).splitlines()) == 1
    assert "Łukasz" not in str(refused.value)
    assert verify(other).changes == 0
    assert verify(other).is_whole


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"SQLite format 3\0",
        b'{"format": "sirolimus-assistant records", "schema": "0001", "changes": [',
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_export_is_refused(
    sqlite_store: Store, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "records.json").write_bytes(content)
    with pytest.raises(RecordsError, match=r"records\.json"):
        restore_export(sqlite_store.engine, tmp_path)


def test_a_missing_export_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="cannot be read"):
        restore_export(sqlite_store.engine, tmp_path / "nowhere")


def test_an_import_into_records_with_a_patient_is_refused(engine: Engine, tmp_path: Path) -> None:
    fill(store_of(engine))
    export(engine, tmp_path / "out")
    before = verify(engine)
    with pytest.raises(RecordsError, match="only be imported into empty records"):
        restore_export(engine, tmp_path / "out")
    assert verify(engine) == before


def test_a_preview_tells_what_an_import_then_writes(
    store: Store, sqlite_store: Store, tmp_path: Path
) -> None:
    fill(store)
    export(store.engine, tmp_path / "out")
    preview = preview_export(sqlite_store.engine, tmp_path / "out")
    assert preview.patients == tuple(each.entry for each in store.patients())
    assert preview.authors == (AUTHOR,)
    assert sqlite_store.last_change() == 0
    head = preview.verification.head
    assert restore_export(sqlite_store.engine, tmp_path / "out", head) == preview.verification


def test_an_export_that_is_another_than_the_one_seen_is_refused(
    store: Store, sqlite_store: Store, tmp_path: Path
) -> None:
    fill(store)
    export(store.engine, tmp_path / "out")
    with pytest.raises(RecordsError, match="changed after the preview"):
        restore_export(sqlite_store.engine, tmp_path / "out", "0" * 64)
    assert sqlite_store.last_change() == 0


def test_a_preview_refuses_what_an_import_would(store: Store, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="cannot be read"):
        preview_export(store.engine, tmp_path / "nowhere")
    fill(store)
    export(store.engine, tmp_path / "out")
    with pytest.raises(RecordsError, match="only be restored into empty records"):
        preview_export(store.engine, tmp_path / "out")

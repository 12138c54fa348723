"""Taking in a laboratory's file: nothing twice, nothing halfway, no value that was not reported.

The campaigns are small here; SIROLIMUS_CAMPAIGN=full runs them at full size.
"""

import codecs
import csv
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dosing import UserError
from monitoring.exchange.entry_identity import reported
from monitoring.exchange.importing import import_results
from monitoring.exchange.laboratory_file.layout import FileLayout
from monitoring.exchange.laboratory_file.row_parsing import sampled
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.store.connection import Place
from monitoring.store.errors import ConflictError, RecordsError
from monitoring.store.opening import Records
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.time_text import DateOrder
from tests.builders import a_note, a_patient, a_prescription, at
from tests.campaign import cases, sizes
from tests.monitoring.exchange.laboratory_files import (
    HEADINGS,
    ROW,
    a_mapping,
    csv_of,
    plan_file,
    plan_of,
    reasons,
)
from tests.stores import prepared, store_of

ALT = ("00123", "ALAT", "35", "U/L", ROW[4])


@pytest.fixture
def records(place: Place) -> Records:
    """Records on each database, with one patient."""
    store = store_of(prepared(place))
    store.add_patient(a_patient("00123"))
    return Records(store, place)


def levels_of(store: Store, record_number: str = "00123") -> list[str]:
    return [reported(each.entry) for each in store.find(record_number).of(Level)]


def test_what_is_taken_in_is_there_and_the_trail_is_whole(records: Records, tmp_path: Path) -> None:
    store = records.store
    plan = plan_of(store, tmp_path, csv_of(ROW, ALT))
    before = store.last_change()
    kept = import_results(records, plan)
    assert kept is not None
    assert verify(prepared(Place.of(str(kept)))).changes == before
    record = store.find("00123")
    (level,) = record.of(Level)
    assert (reported(level.entry), level.entry.sampled) == ("7.2 ng/mL", at("2026-11-05T07:45"))
    assert [str(each.entry) for each in record.of(LaboratoryValue)] == ["ALT 35 U/L"]
    assert level.author.by == "Dr Example"
    assert verify(store.engine).is_whole
    assert verify(store.engine).changes == before + 2


def test_a_level_of_a_file_has_the_last_dose_of_the_schedule_marked_as_assumed(
    records: Records, tmp_path: Path
) -> None:
    """The twice daily dose began on 1 November at 08:00; nobody states the doses of the file."""
    store = records.store
    store.add(1, a_prescription())
    second = store.add_patient(a_patient("00124", "Somebody Else")).number
    import_results(records, plan_of(store, tmp_path, csv_of(ROW, ALT, ("00124", *ROW[1:]))))
    (level,) = store.find("00123").of(Level)
    assert level.entry.last_dose == at("2026-11-04T20:00")
    assert level.entry.last_dose_assumed is True
    (unknown,) = store.read(second).of(Level)
    assert (unknown.entry.last_dose, unknown.entry.last_dose_assumed) == (None, None)


def test_the_same_file_again_adds_nothing_and_an_overlapping_one_the_rest(
    records: Records, tmp_path: Path
) -> None:
    store = records.store
    import_results(records, plan_of(store, tmp_path, csv_of(ROW, ALT)))
    changes = store.last_change()
    again = plan_of(store, tmp_path, csv_of(ROW, ALT))
    assert (again.additions, again.refused, again.already_there) == ((), (), 2)
    assert import_results(records, again) is None
    assert store.last_change() == changes
    later = ("00123", "SIRO", "8.0", "ng/mL", "2026-11-05 09:00")
    more = plan_of(store, tmp_path, csv_of(ALT, later, ROW))
    assert (len(more.additions), more.already_there) == (1, 2)
    import_results(records, more)
    assert levels_of(store) == ["7.2 ng/mL", "8.0 ng/mL"]


def test_the_same_instant_in_another_zone_and_more_zeros_are_the_same_value(
    records: Records, tmp_path: Path
) -> None:
    import_results(records, plan_of(records.store, tmp_path, csv_of(ROW)))
    row = ("00123", "SIRO", "7.20", "ng/mL", "2026-11-05T06:45:00Z")
    assert plan_of(records.store, tmp_path, csv_of(row)).already_there == 1


@pytest.mark.parametrize(
    "row",
    [
        ("00123", "SIRO", "7.3", "ng/mL", ROW[4]),
        ("00123", "SIRO", "7.2", "ug/L", ROW[4]),
        ("00123", "SIRO", "<7.2", "ng/mL", ROW[4]),
    ],
)
def test_another_value_of_the_same_time_is_a_conflict(
    records: Records, tmp_path: Path, row: tuple[str, ...]
) -> None:
    within = plan_of(records.store, tmp_path, csv_of(ROW, row, ALT))
    assert [refusal.place.number for refusal in within.refused] == [2, 3]
    assert "rows 2, 3 have several values" in reasons(within)[0]
    import_results(records, plan_of(records.store, tmp_path, csv_of(ROW)))
    plan = plan_of(records.store, tmp_path, csv_of(row))
    (reason,) = reasons(plan)
    assert "the records have 7.2 ng/mL for this patient, test and time" in reason
    assert plan.additions == ()


def test_a_row_twice_in_a_file_is_added_once(records: Records, tmp_path: Path) -> None:
    plan = plan_of(records.store, tmp_path, csv_of(ROW, ROW, ROW))
    assert (len(plan.additions), plan.already_there) == (1, 2)


def test_a_voided_value_is_not_added_again_but_a_corrected_one_is(
    records: Records, tmp_path: Path
) -> None:
    store = records.store
    import_results(records, plan_of(store, tmp_path, csv_of(ROW)))
    (level,) = store.find("00123").of(Level)
    store.void(level.number, "another patient's sample")
    again = plan_of(store, tmp_path, csv_of(ROW))
    assert (again.additions, again.already_there, again.voided_there) == ((), 1, 1)
    corrected = ("00123", "SIRO", "6.1", "ng/mL", ROW[4])
    import_results(records, plan_of(store, tmp_path, csv_of(corrected)))
    both = plan_of(store, tmp_path, csv_of(ROW))
    assert (both.refused, both.already_there, both.voided_there) == ((), 1, 1)


def test_a_level_that_was_typed_in_is_known_too(records: Records, tmp_path: Path) -> None:
    number = records.store.find("00123").number
    plan = plan_of(records.store, tmp_path, csv_of(ROW))
    records.store.add(number, plan.additions[0].entry)
    assert plan_of(records.store, tmp_path, csv_of(ROW)).already_there == 1


def test_a_change_between_plan_and_writing_stops_it(records: Records, tmp_path: Path) -> None:
    store = records.store
    plan = plan_of(store, tmp_path, csv_of(ROW))
    store.add(store.find("00123").number, a_note())
    with pytest.raises(ConflictError, match="changed the records meanwhile"):
        import_results(records, plan)
    assert levels_of(store) == []
    assert verify(store.engine).is_whole


def test_a_failure_midway_leaves_nothing(records: Records) -> None:
    store = records.store
    number = store.find("00123").number
    notes = [(number, a_note(str(index))) for index in range(1200)]

    def fail(done: int, _everything: int) -> None:
        if done >= 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add_all(notes, store.last_change(), fail)
    with pytest.raises(RecordsError, match="Patient 99 is not"):
        store.add_all([*notes, (99, a_note())], store.last_change())
    assert store.last_change() == 1
    assert verify(store.engine).is_whole
    done: list[tuple[int, int]] = []
    store.add_all(notes, store.last_change(), lambda some, every: done.append((some, every)))
    assert done == [(500, 1200), (1000, 1200), (1200, 1200)]
    assert store.last_change() == 1201
    assert verify(store.engine).is_whole


def test_a_voided_patient_gets_nothing(records: Records, tmp_path: Path) -> None:
    number = records.store.find("00123").number
    records.store.void(number, "entered twice")
    plan = plan_of(records.store, tmp_path, csv_of(ROW))
    assert (plan.additions, len(plan.waiting)) == ((), 1)
    with pytest.raises(RecordsError):
        records.store.add_all([(number, a_note())], records.store.last_change())


# --- campaigns


PATIENTS = (
    "00123",
    "1E5",
    "NA",
    "شمس-7",
    "דוגמה 1",
    "Łukasz [/]",
    "=1+1",
    "12;3",
    'a"b',
    "007",
    "7",
)
ZONE = "Europe/Paris"
HOSTILE = (
    "", "NA", "nan", "inf", "None", "null", "NULL", "-", "=1+1", "+1", "@x", "[/]", "<img src=x>",
    "00123", "123", "1E5", "100000", "2,0", "<2,0", "<2.0", "≤2", "7.2 ng/mL", "7,2 ng/mL",
    "1.234,5", "1_0", "٧", "７", "1e3", "7.2\u00a0", "7.2\u200f", "03/04/2026", "03/04/2026 08:00",
    "ng/dL", "ng/ml", "µg/L", "μg/L", "mg/L", "2026-10-25 02:30", "2026-03-29 02:30",
    "2099-01-01 08:00", "1999-01-01 08:00", "2026-11-04 8:05 PM", "\u202e12", "'7.2", "7.2 ",
    " 7.2", "0.10", "0", "\t8", "8\n", "999", "250.0", "250.01", "SIRO", "siro", "ALAT",
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """One line as the laboratory meant it."""

    record_number: str
    value: str  # with a decimal point
    unit: str
    local: datetime


truths = st.builds(
    Truth,
    st.sampled_from(PATIENTS),
    st.from_regex(r"[<>]?(0\.[1-9]|[1-9][0-9]?(\.[0-9]{1,2})?)", fullmatch=True),
    st.sampled_from(("ng/mL", "ug/L")),
    # Summer alone: no clock changes here, which have tests of their own.
    st.datetimes(datetime(2026, 5, 1), datetime(2026, 9, 30)).map(  # noqa: DTZ001 - local times
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
)
LAYOUTS = [
    ("utf-8", "comma", "point", DateOrder.ISO),
    ("utf-8-sig", "semicolon", "comma", DateOrder.DAY_FIRST),
    ("utf-16", "tab", "point", DateOrder.MONTH_FIRST),
    ("utf-8", "semicolon", "comma", DateOrder.ISO),
]
_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_DATES = {
    DateOrder.ISO: "%Y-%m-%d",
    DateOrder.DAY_FIRST: "%d/%m/%Y",
    DateOrder.MONTH_FIRST: "%m/%d/%Y",
}
Shape = tuple[str, str, str, DateOrder]


def cells_of(truth: Truth, shape: Shape) -> list[str]:
    """Write one line as a laboratory of this shape does."""
    value = truth.value.replace(".", ",") if shape[2] == "comma" else truth.value
    time = truth.local.strftime(f"{_DATES[shape[3]]} %H:%M")
    return [truth.record_number, "SIRO", value, truth.unit, time]


def file_of(rows: list[list[str]], shape: Shape) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=_SIGNS[shape[1]]).writerows([list(HEADINGS), *rows])
    return text.getvalue().encode(shape[0])


def read_independently(cells: list[str], shape: Shape) -> tuple[str, str, str, datetime] | None:
    """Read a line a second time, by other means: what it states without a doubt, or None."""
    number, test, value, unit, time = cells
    number = number.strip("\u202e\u200f \t\n\u00a0")
    if number not in PATIENTS or test.strip() not in {"SIRO", "ALAT"} or number.startswith("="):
        return None
    sign = "," if shape[2] == "comma" else r"\."
    value = value.replace("≤", "<").replace("\u00a0", "").strip(" \t\n")
    if sign == "," and value == "1.234,5":
        value = "1234,5"
    if unit.strip() in {"ng/mL", "ng/ml"}:
        value = re.sub(r" ng/mL$", "", value)
    if not re.fullmatch(rf"[<>]? *(0|[1-9][0-9]*)({sign}[0-9]+)?", value, re.ASCII):
        return None
    units = {"ng/mL": "ng/mL", "ng/ml": "ng/mL", "µg/L": "ug/L", "μg/L": "ug/L", "ug/L": "ug/L"}
    if unit.strip() not in units or test.strip() == "ALAT":
        return None
    stated = value.replace(",", ".").replace(" ", "").strip()
    amount = float(stated.lstrip("<>"))
    if not 0 < amount <= 250:
        return None
    for layout in (f"{_DATES[shape[3]]} %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %I:%M %p"):
        try:
            local = datetime.strptime(time.strip(), layout)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            continue
        moment = local.replace(tzinfo=ZoneInfo(ZONE))
        twice = moment.replace(fold=1).utcoffset() != moment.utcoffset()
        in_range = date(2024, 2, 29) <= local.date() <= date(2026, 11, 5)
        return (number, stated, units[unit.strip()], moment) if in_range and not twice else None
    return None


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Path]:
    """Records of the campaign's patients, which are only read, and a folder."""
    folder = tmp_path_factory.mktemp("clinic")
    store = store_of(prepared(Place.of(str(folder / "records.sqlite"))))
    for number in PATIENTS:
        store.add_patient(a_patient(number, f"Sample {number}"))
    return store, folder


@given(
    rows=st.lists(truths, min_size=1, max_size=12, unique_by=lambda each: each.local),
    shape=st.sampled_from(LAYOUTS),
    harm=st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 4), st.sampled_from(HOSTILE)), max_size=8
    ),
)
@settings(
    max_examples=cases(60, full=2000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_value_is_stored_that_an_independent_reading_does_not_find(
    clinic: tuple[Store, Path], rows: list[Truth], shape: Shape, harm: list[tuple[int, int, str]]
) -> None:
    store, folder = clinic
    table = [cells_of(truth, shape) for truth in rows]
    for row, column, text in harm:
        table[row % len(table)][column] = text
    mapping = a_mapping(
        layout=FileLayout(separator=shape[1]), decimal_sign=shape[2], date_order=shape[3]
    )
    plan = plan_of(store, folder, file_of(table, shape), mapping)
    meant = {index: read_independently(cells, shape) for index, cells in enumerate(table, start=2)}
    assert plan.rows == len(table)
    done = len(plan.additions) + plan.already_there + len(plan.refused)
    assert plan.rows == done + len(plan.waiting)
    for addition in plan.additions:
        entry = addition.entry
        if not isinstance(entry, Level):  # another test of the mapping took the place of SIRO
            assert table[addition.place.number - 2][1].strip() == "ALAT"
            continue
        expected = meant[addition.place.number]
        assert expected is not None, table[addition.place.number - 2]
        assert addition.patient.entry.record_number == expected[0]
        assert reported(entry) == f"{expected[1]} {expected[2]}"
        assert entry.sampled.utc == expected[3].astimezone(ZoneInfo("UTC"))
    refused = {refusal.place.number: str(refusal) for refusal in plan.refused}
    for row, told in refused.items():
        is_in_doubt = "several values" in told or "leading zeros" in told
        assert meant[row] is None or is_in_doubt, (table[row - 2], told)
    for each in plan.waiting:
        assert meant[each.item.place.number] is None


@given(content=st.binary(max_size=400), mark=st.sampled_from([b"", *(
    codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE,
    b"PK\x03\x04", csv_of(ROW), b"MRN,Test,Result,Unit,Collected\n",
)]))  # fmt: skip
@settings(
    max_examples=cases(80, full=3000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_bytes_make_it_fail(clinic: tuple[Store, Path], content: bytes, mark: bytes) -> None:
    store, folder = clinic
    told: list[str] = []
    for encoding in (None, "windows-1252", "utf-16"):
        try:
            plan = plan_of(
                store, folder, mark + content, a_mapping(layout=FileLayout(encoding=encoding))
            )
        except UserError as refused:
            told.append(str(refused))
        else:
            assert {"7.2 ng/mL"} >= {reported(each.entry) for each in plan.additions}
    assert [message for message in told if len(message.splitlines()) != 1] == []


def test_no_damaged_workbook_makes_it_fail(clinic: tuple[Store, Path]) -> None:
    store, folder = clinic
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (HEADINGS, ROW, ("1E5", "SIRO", 7.2, "ng/mL", datetime(2026, 11, 5, 7))):  # noqa: DTZ001
        sheet.append(cells)
    book.save(folder / "whole.xlsx")
    whole = (folder / "whole.xlsx").read_bytes()
    assert len(plan_of(store, folder, whole).additions) == 2
    rng = random.Random(20261105)
    told: list[str] = []
    for _ in range(cases(60, full=2000)):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 3, 30))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        if rng.random() < 0.3:
            del damaged[rng.randrange(len(damaged)) :]
        try:
            plan = plan_of(store, folder, bytes(damaged))
        except UserError as refused:
            told.append(str(refused))
        else:
            assert {"7.2 ng/mL"} >= {reported(each.entry) for each in plan.additions}
    assert [message for message in told if len(message.splitlines()) != 1] == []


@sizes(600, 3_000, 100_000)
def test_a_large_file_is_stored_value_for_value(
    new_place: Callable[[], Place], tmp_path: Path, size: int
) -> None:
    patients = size // 150
    place = new_place()
    records = Records(store_of(prepared(place)), place)
    numbers = [f"{index:05d}" for index in range(patients)]
    for number in numbers:
        records.store.add_patient(a_patient(number, f"Sample {number}"))
    rng, start = random.Random(4), datetime(2024, 3, 1, 6)  # noqa: DTZ001 - written as UTC below
    meant: dict[str, list[tuple[datetime, str]]] = {number: [] for number in numbers}
    lines = []
    for index in range(size):
        number = numbers[index % patients]
        moment = start + timedelta(minutes=8 * index)
        value = f"{rng.choice(('', '', '<', '>'))}{rng.randrange(1, 400) / 10:.1f}"
        meant[number].append((moment, f"{value} ng/mL"))
        lines.append(f"{number};SIRO;{value.replace('.', ',')};ng/mL;{moment:%d.%m.%Y %H:%M}")
    file = tmp_path / "large.csv"
    file.write_text("\n".join([";".join(HEADINGS), *lines]), encoding="utf-8")
    mapping = a_mapping(
        layout=FileLayout(separator="semicolon"), decimal_sign="comma",
        date_order=DateOrder.DAY_FIRST, time_zone="UTC",
    )  # fmt: skip
    plan = plan_file(records.store, file, mapping)
    assert (len(plan.additions), plan.refused) == (size, ())
    import_results(records, plan)
    for number in numbers:
        stored = [each.entry for each in records.store.find(number).of(Level)]
        assert [
            (sampled(each).utc.replace(tzinfo=None), reported(each)) for each in stored
        ] == meant[number]
    again = plan_file(records.store, file, mapping)
    assert (again.additions, again.refused, again.already_there) == ((), (), size)
    assert verify(records.store.engine).is_whole

"""Between entries and rows: every entry comes back identical, to the last digit."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing import PROTOCOLS, Product, Quantity, QuantityKind, Sex, TargetTrough, UserError
from dosing import accepted_units as units_of
from dosing.birth_date import BirthDate
from dosing.gestational_age import GestationalAge
from dosing.knowledge.laboratory_grades import SCALES_OF
from dosing.knowledge.products import TABLET_STRENGTHS_MG
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import StopRecord, Void
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS
from monitoring.record.laboratory_value import DIPSTICK, UNITS, LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level, LevelCause, LevelCauseAnswer
from monitoring.record.limit_set import LimitSet
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Cyp3a5, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.removal import Removal
from monitoring.record.response import Criterion, Response
from monitoring.record.settlement import Settlement
from monitoring.record.supply import Supply
from monitoring.store.rows import (
    ROW_ERRORS,
    Row,
    columns_of,
    entry_of,
    entry_of_cells,
    fields_of,
    read_utc,
    row_of,
    utc_text,
)
from monitoring.times import Moment

ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC", "UTC+05:30")

texts = st.text(max_size=30)
names = texts.map(lambda text: f"{text}a")
numbers = st.integers(0, 2**31 - 1)
days = st.dates()
moments = st.builds(
    Moment,
    st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from(ZONES),
)
decimals = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(1, 10**9), st.integers(0, 9)
)


def written(measure: QuantityKind) -> st.SearchStrategy[Quantity]:
    return st.builds(Quantity, decimals, st.sampled_from(units_of(measure)), st.just(measure))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def of(kind: type[Any], /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return entries of a kind; values that it refuses (crossed limits) are left out."""
    return st.fixed_dictionaries(values).map(lambda given: _made(kind, given)).filter(bool)


def _made(kind: Callable[..., Any], given: dict[str, Any]) -> Any:
    try:
        return kind(**given)
    except UserError:
        return None


quantities = st.builds(
    LaboratoryQuantity,
    decimals | st.just(Decimal("0.00")),
    st.sampled_from([spellings[0] for spellings in UNITS if spellings[0] != DIPSTICK]),
) | st.sampled_from(["negative", "trace", "1+", "4+"]).map(LaboratoryQuantity.read)
same_unit = st.builds(LaboratoryQuantity, decimals, st.just("10*9/L"))
overrides = st.sampled_from([("", ""), ("seen before", "Dr Example")])

ENTRIES: dict[type[Entry], st.SearchStrategy[Any]] = {
    Patient: of(
        Patient,
        record_number=names,
        name=names,
        born=days | st.builds(BirthDate, st.integers(1900, 2030), maybe(st.integers(1, 12))),
        sex=st.sampled_from(Sex),
        anomaly=st.sampled_from(Anomaly),
        diagnosis=texts,
        allergies=texts,
        congenital=maybe(st.booleans()),
        severity=maybe(names),
        gestation=maybe(st.integers(154, 314).map(GestationalAge)),
        cyp3a5=maybe(st.sampled_from(Cyp3a5)),
    ),
    Measurement: of(
        Measurement,
        on=days,
        weight=maybe(written(QuantityKind.WEIGHT)),
        height=maybe(written(QuantityKind.HEIGHT)),
        reason=texts,
    ),
    Prescription: overrides.flatmap(
        lambda override: of(
            Prescription,
            since=moments,
            dose_mg=decimals,
            times_a_day=st.integers(1, 4),
            product=st.sampled_from(Product),
            protocol=st.sampled_from(sorted(PROTOCOLS)),
            target=of(
                TargetTrough, low_ng_ml=maybe(decimals), high_ng_ml=decimals | st.just(Decimal(24))
            ),
            rule_version=st.just("0.1.0"),
            proposal=texts,
            loading=st.booleans(),
            override_reason=st.just(override[0]),
            override_by=st.just(override[1]),
            reason=texts,
            every_hours=maybe(st.sampled_from([6, 8, 12, 24, 48, 72])),
            evening_mg=maybe(decimals),
            strength_mg_per_ml=maybe(decimals),
            given_reason=maybe(names),
            is_taper_step=maybe(st.booleans()),
        )
    ),
    MissedDose: of(
        MissedDose,
        at=moments,
        kind=st.sampled_from(NotGiven),
        until=maybe(moments),
        reason=texts,
        is_open=maybe(st.booleans()),
    ),
    Level: of(
        Level,
        sampled=moments,
        value=written(QuantityKind.LEVEL),
        comparator=maybe(st.sampled_from(Comparator)),
        last_dose=maybe(moments),
        assay=maybe(st.sampled_from(Assay)),
        laboratory=texts,
        reason=texts,
        last_dose_assumed=maybe(st.booleans()),
    ),
    AdverseEvent: of(
        AdverseEvent,
        term=names,
        since=days,
        grade=maybe(st.integers(1, 5)),
        scale=names,
        action=st.sampled_from(ActionTaken),
        text=texts,
        attributed_to=maybe(names),
        reason=maybe(names),
    ),
    LaboratoryValue: of(
        LaboratoryValue,
        test=names,
        at=moments,
        value=quantities | same_unit,
        comparator=maybe(st.sampled_from(Comparator)),
        lower_limit=maybe(same_unit),
        upper_limit=maybe(same_unit),
        laboratory=texts,
        scale=maybe(st.sampled_from(sorted(SCALES_OF))),
        reason=maybe(names),
    ),
    CoMedication: of(CoMedication, drug=names, since=days, text=texts, reason=maybe(names)),
    Response: of(
        Response,
        on=days,
        criterion=st.sampled_from(Criterion),
        improved=st.booleans(),
        text=texts,
        reason=maybe(names),
    ),
    Note: of(Note, on=days, text=names, reason=maybe(names)),
    Condition: of(Condition, name=names, since=days, text=texts, reason=maybe(names)),
    LevelCauseAnswer: of(
        LevelCauseAnswer,
        of=numbers,
        on=days,
        cause=st.sampled_from(LevelCause),
        is_excluded=st.booleans(),
        text=texts,
    ),
    Settlement: of(Settlement, what=names, on=days, reason=names),
    DoseCheck: of(
        DoseCheck,
        of=numbers,
        on=days,
        dose_mg=decimals,
        every_hours=st.integers(1, 168),
        checked_by=names,
        volume_ml=maybe(decimals),
        evening_mg=maybe(decimals),
        evening_ml=maybe(decimals),
    ),
    LimitSet: of(
        LimitSet,
        on=days,
        figures=st.sets(st.sampled_from(("step-stop=4", "height-loss=1.5", "later=7"))).map(
            lambda chosen: tuple(sorted(chosen))
        ),
        decided_by=names,
        reason=names,
        is_signed=st.booleans(),
    ),
    StopRecord: of(StopRecord, of=numbers, at=st.none(), on=days, reason=texts)
    | of(StopRecord, of=numbers, at=moments, on=st.none(), reason=texts),
    Void: of(Void, of=numbers, reason=names),
    Removal: of(
        Removal,
        of=numbers,
        changes=numbers,
        seal=st.text("0123456789abcdef", min_size=64, max_size=64),
        signs=st.tuples(st.sampled_from(("0a1", "fff"))),
        reason=names,
    ),
    Supply: of(
        Supply,
        on=days,
        volume_ml=st.decimals(min_value="0.1", max_value=500, places=2),
        bottles=maybe(st.integers(1, 999)),
        strength_mg_per_ml=st.none(),
        tablets=st.none(),
        tablet_mg=st.none(),
        use_by=st.none(),
        reason=maybe(names),
    )
    | of(
        Supply,
        on=days,
        volume_ml=st.none(),
        bottles=st.none(),
        strength_mg_per_ml=st.none(),
        tablets=st.integers(1, 999),
        tablet_mg=st.sampled_from(TABLET_STRENGTHS_MG),
        use_by=st.none(),
        reason=maybe(names),
    ),
}


def exactly(value: Any) -> Any:
    """Return a value in a form in which 7.2 and 7.20, or 1 and True, are not equal."""
    if is_dataclass(value):
        inner = {field.name: exactly(getattr(value, field.name)) for field in fields(value)}
        return (type(value), inner)
    return (type(value), str(value))


def test_every_kind_of_entry_is_tried() -> None:
    assert set(ENTRIES) == set(KINDS.values())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@given(data=st.data())
def test_an_entry_comes_back_identical_from_its_row(kind: type[Entry], data: st.DataObject) -> None:
    entry = data.draw(ENTRIES[kind])
    row = row_of(entry)
    assert exactly(entry_of(kind, row)) == exactly(entry)
    assert row_of(entry_of(kind, row)) == row
    assert {type(cell) for cell in row.values()} <= {str, int, type(None)}
    assert list(row) == [column for field in fields_of(kind) for column in field.columns]


def read_simply(kind: type[Entry], row: Row) -> Entry:
    """Return the entry of a row field by field, by the names of its columns: a second reader."""
    values: dict[str, Any] = {}
    for field in fields_of(kind):
        cells = [row[column] for column in field.columns]
        absent = all(cell is None for cell in cells)
        values[field.name] = None if field.optional and absent else field.codec.read(*cells)
    return kind(**values)


def read_or_refused(read: Callable[[], Entry]) -> Any:
    """Return what is read, exactly, or None for a row that is refused."""
    try:
        return exactly(read())
    except ROW_ERRORS:
        return None


DAMAGE = st.sampled_from(
    ["", " ", "?", "-1", "NaN", "2026-13-01", "UTC", "mg", "\udcff", "5", None]
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
@given(data=st.data())
def test_a_damaged_row_is_refused_as_by_the_simple_reader(
    kind: type[Entry], data: st.DataObject
) -> None:
    row = dict(row_of(data.draw(ENTRIES[kind])))
    texts = [name for name, is_text in text_columns(kind).items() if is_text]
    row[data.draw(st.sampled_from(texts))] = data.draw(DAMAGE)
    cells = [row[column] for column in columns_of(kind)]
    found = [
        read_or_refused(lambda: read_simply(kind, row)),
        read_or_refused(lambda: entry_of(kind, row)),
        read_or_refused(lambda: entry_of_cells(kind, cells)),
        read_or_refused(lambda: entry_of_cells(kind, cells)),  # nothing refused was kept
    ]
    assert found == found[:1] * 4


def text_columns(kind: type[Entry]) -> dict[str, bool]:
    return {name: each.codec.is_text for each in fields_of(kind) for name in each.columns}


@given(moments)
def test_a_moment_comes_back_from_its_text(moment: Moment) -> None:
    assert read_utc(utc_text(moment.utc)) == moment.utc


def test_years_before_1000_come_back_too() -> None:
    moment = datetime(999, 1, 1, tzinfo=UTC)
    assert read_utc(utc_text(moment)) == moment


def test_a_row_that_the_program_could_not_have_written_is_refused() -> None:
    row = dict(row_of(Note(on=date(2026, 11, 5), text="Seen")))
    for cells in (
        {"text": " "},
        {"on": "2026-13-01"},
        {"on": "5 November"},
    ):
        with pytest.raises(ValueError, match=r"."):
            entry_of(Note, {**row, **cells})
    with pytest.raises(KeyError):
        entry_of(Note, {"text": "Seen"})


def test_a_comparator_is_never_dropped() -> None:
    sampled = Moment(datetime(2026, 11, 5, tzinfo=UTC) + timedelta(hours=8), "UTC")
    level = Level(
        sampled=sampled,
        value=Quantity(Decimal("2.0"), "ng/mL", QuantityKind.LEVEL),
        comparator=Comparator.BELOW,
    )
    row = row_of(level)
    assert (row["comparator"], row["value_number"], row["value_unit"]) == ("<", "2.0", "ng/mL")
    assert str(entry_of(Level, row)) == "<2.0 ng/mL"

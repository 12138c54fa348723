"""Levels and laboratory values as HL7 v2.5.1, checked by hl7apy and read back by our own reader."""

import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message
from hl7apy.parser import parse_message

from dosing import Sex, UserError
from dosing.birth_date import BirthDate
from monitoring.exchange.hl7.reading import read_hl7
from monitoring.exchange.hl7.writing import write_hl7
from monitoring.exchange.incoming import Incoming, ReadingChoices, ResultStatus
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Level, LevelCause, LevelCauseAnswer, read_level
from monitoring.store.connection import engine_in_memory
from monitoring.store.errors import NotFoundError
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.builders import AUTHOR, ZONE, Ticking, a_dose, a_level, a_patient, at, day
from tests.monitoring.exchange.hl7.messages import items

NOW = at("2026-11-29T09:00")


@pytest.fixture
def store() -> Iterator[Store]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield Store(engine, AUTHOR, Ticking("2026-11-28T08:00"))


def written(store: Store, folder: Path, name: str = "out.hl7") -> list[str]:
    """Return the segments of what is written."""
    write_hl7(store, None, folder / name, NOW)
    return (folder / name).read_bytes().decode("utf-8").rstrip("\r").split("\r")


def messages(segments: list[str]) -> list[Message]:
    """Return the messages, checked by hl7apy against the standard's tables of 2.5.1."""
    found: list[list[str]] = []
    for each in segments:
        if each.startswith("MSH"):
            found.append([])
        if found and not each.startswith(("BTS", "FTS")):
            found[-1].append(each)
    parsed = [
        parse_message("\r".join(each), validation_level=VALIDATION_LEVEL.STRICT) for each in found
    ]
    assert all(each.validate() for each in parsed)
    return parsed


a_plain_level = partial(a_level, hours=None)


def a_value(text: str, test: str = "ALT", **more: object) -> LaboratoryValue:
    return LaboratoryValue(
        test=test, at=at("2026-11-05T07:45"), value=LaboratoryQuantity.read(text), **more  # type: ignore[arg-type]
    )  # fmt: skip


def of(segments: list[str], name: str) -> list[str]:
    return [each for each in segments if each.startswith(name)]


def field(segment: str, number: int) -> str:
    return [*segment.split("|"), *[""] * 40][number]


def test_a_level_is_one_message_with_patient_order_and_result(store: Store, tmp_path: Path) -> None:
    patient = store.add_patient(a_patient("00123", "Sample Toddler")).number
    level = store.add(
        patient, a_plain_level("7.20 ng/mL", "2026-11-05T07:45", assay=Assay.CMIA)
    ).number
    segments = written(store, tmp_path)
    (message,) = messages(segments)
    assert str(message.msh.msh_9.to_er7()) == "ORU^R01^ORU_R01"
    assert str(message.msh.msh_12.to_er7()) == "2.5.1"
    assert str(message.msh.msh_18.to_er7()) == "UNICODE UTF-8"
    assert of(segments, "PID") == ["PID|1||00123^^^^MR||Sample Toddler||20240229|M"]
    (order,) = of(segments, "OBR")
    assert field(order, 3) == f"{level}^SIROLIMUS-ASSISTANT"
    assert field(order, 7) == "20261105074500+0100"
    (result,) = of(segments, "OBX")
    assert [field(result, place) for place in (2, 5, 6, 11, 14, 17)] == [
        "NM", "7.20", "ng/mL^ng/mL^UCUM", "F", "20261105074500+0100", "cmia^CMIA^99SIROLIMUS",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "code"), [("2026-11-05T20:00", "115766-8"), ("2026-11-05T12:00", "29247-4")]
)
def test_a_trough_has_its_own_code(store: Store, tmp_path: Path, hours: str, code: str) -> None:
    patient = store.add_patient(a_patient()).number
    store.add(patient, a_dose("2026-11-01T08:00", times_a_day=2))
    store.add(patient, a_plain_level("7.20 ng/mL", hours, last_dose="2026-11-05T08:00"))
    result, last_dose = of(written(store, tmp_path), "OBX")
    assert field(result, 3).startswith(f"{code}^")
    assert field(last_dose, 3) == "LAST-DOSE^Last dose^99SIROLIMUS"
    assert field(last_dose, 5) == "20261105080000+0100"


def test_a_comparator_is_a_part_of_its_own(store: Store, tmp_path: Path) -> None:
    patient = store.add_patient(a_patient()).number
    store.add(patient, a_plain_level("<2.0 ng/mL", "2026-11-05T07:45"))
    (result,) = of(written(store, tmp_path), "OBX")
    assert (field(result, 2), field(result, 5)) == ("SN", "<^2.0")


def test_a_voided_level_and_one_of_another_patient_are_withdrawn(
    store: Store, tmp_path: Path
) -> None:
    patient = store.add_patient(a_patient()).number
    voided = store.add(patient, a_plain_level("7.2 ng/mL", "2026-11-05T07:45")).number
    store.void(voided, "typed | twice")
    wrong = store.add(patient, a_plain_level("7.3 ng/mL", "2026-11-06T07:45")).number
    store.add(patient, LevelCauseAnswer.about(wrong, LevelCause.WRONG_PATIENT, day("2026-11-07")))
    early = store.add(patient, a_plain_level("7.4 ng/mL", "2026-11-08T07:45")).number
    store.add(patient, LevelCauseAnswer.about(early, LevelCause.SAMPLED_EARLY, day("2026-11-09")))
    segments = written(store, tmp_path)
    assert [field(each, 11) for each in of(segments, "OBX")] == ["W", "W", "F"]
    assert of(segments, "NTE") == [
        r"NTE|1|L|Voided: typed \F\ twice",
        "NTE|1|L|Excluded from assessment: wrong-patient",
        "NTE|1|L|Excluded from assessment: sampled-early",
    ]
    found = [
        each for each in items("\r".join([*segments, ""]).encode()) if isinstance(each, Incoming)
    ]
    assert [each.status for each in found] == [
        ResultStatus.WITHDRAWN, ResultStatus.WITHDRAWN, ResultStatus.FINAL,
    ]  # fmt: skip


def test_the_control_id_is_that_of_the_content(store: Store, tmp_path: Path) -> None:
    patient = store.add_patient(a_patient()).number
    first = store.add(patient, a_plain_level("7.2 ng/mL", "2026-11-05T07:45")).number
    before = [field(each, 9) for each in of(written(store, tmp_path, "1"), "MSH")]
    store.add(patient, a_plain_level("7.2 ng/mL", "2026-11-06T07:45"))
    write_hl7(store, (patient,), tmp_path / "2", at("2026-12-24T09:00"))
    segments = (tmp_path / "2").read_bytes().decode("utf-8").split("\r")
    after = [field(each, 9) for each in of(segments, "MSH")]
    assert after[:1] == before
    assert len(set(after)) == 2
    assert all(len(each) == 20 for each in after)
    store.void(first, "wrong")
    voided = [field(each, 9) for each in of(written(store, tmp_path, "3"), "MSH")]
    assert voided[1] == after[1]
    assert voided[0] not in after


def test_the_batch_counts_its_messages(store: Store, tmp_path: Path) -> None:
    patient = store.add_patient(a_patient()).number
    for hour in range(3):
        store.add(patient, a_plain_level("7.2 ng/mL", f"2026-11-0{hour + 1}T07:45"))
    segments = written(store, tmp_path)
    assert [each[:3] for each in segments[:3]] == ["FHS", "BHS", "MSH"]
    assert segments[-2:] == ["BTS|3", "FTS|1"]
    assert write_hl7(store, (), tmp_path / "none", NOW) == 0
    assert (tmp_path / "none").read_bytes().endswith(b"BTS|0\rFTS|1\r")


@pytest.mark.parametrize(
    ("test", "text", "code", "unit"),
    [
        ("ALT", "35 U/L", "1742-6^ALT^LN^ALT^ALT^99SIROLIMUS", "U/L^U/L^UCUM"),
        ("creatinine", "40 umol/L", "14682-9^creatinine^LN^creatinine^creatinine^99SIROLIMUS",
         "umol/L^umol/L^UCUM"),
        ("creatinine", "0.4 mg/dL", "2160-0^creatinine^LN^creatinine^creatinine^99SIROLIMUS",
         "mg/dL^mg/dL^UCUM"),
        ("TSH", "2.1 mU/L", "TSH^TSH^99SIROLIMUS", "mU/L^mU/L^UCUM"),
        ("urine protein", "0.3 g/24h", "urine protein^urine protein^99SIROLIMUS",
         "g/(24.h)^g/(24.h)^UCUM^g/24h^g/24h^99SIROLIMUS"),
        ("urine protein", "2+", "urine protein^urine protein^99SIROLIMUS", ""),
        ("a|b^c&d~e\\f", "1 g/L", r"a\F\b\S\c\T\d\R\e\E\f^a\F\b\S\c\T\d\R\e\E\f^99SIROLIMUS",
         "g/L^g/L^UCUM"),
    ],
)  # fmt: skip
def test_a_laboratory_value_has_its_code_and_unit(  # noqa: PLR0913, PLR0917 - one row of a table
    store: Store, tmp_path: Path, test: str, text: str, code: str, unit: str
) -> None:
    patient = store.add_patient(a_patient()).number
    value = a_value(text, test)
    store.add(patient, value)
    segments = written(store, tmp_path)
    assert len(messages(segments)) == 1
    (result,) = of(segments, "OBX")
    assert (field(result, 3), field(result, 6)) == (code, unit)
    (back,) = items("\r".join([*segments, ""]).encode())
    assert isinstance(back, Incoming)
    assert back.entry == value


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [("150 10*9/L", "450.0 10*9/L", "150-450.0"), (None, "450 10*9/L", "<450"),
     ("150 10*9/L", None, ">150"), (None, None, "")],
)  # fmt: skip
def test_limits_of_normal_are_written_as_a_range(
    store: Store, tmp_path: Path, lower: str | None, upper: str | None, text: str
) -> None:
    patient = store.add_patient(a_patient()).number
    limits = {
        "lower_limit": LaboratoryQuantity.read(lower) if lower else None,
        "upper_limit": LaboratoryQuantity.read(upper) if upper else None,
    }
    value = a_value("112 10*9/L", "platelets", **limits)
    store.add(patient, value)
    segments = written(store, tmp_path)
    assert field(of(segments, "OBX")[0], 7) == text
    (back,) = items("\r".join([*segments, ""]).encode())
    assert isinstance(back, Incoming)
    assert back.entry == value


@pytest.mark.parametrize(
    ("name", "sex", "born"),
    [
        ("O|Neil^[/] ~ & \\", Sex.FEMALE, day("2024-02-29")),
        ("Sample عينة", Sex.OTHER, BirthDate.read("2024-02")),
        ("=1+1 <img src=x>", Sex.UNKNOWN, BirthDate.read("2024")),
    ],
)
def test_a_patient_is_read_back(
    store: Store, tmp_path: Path, name: str, sex: Sex, born: BirthDate
) -> None:
    patient = store.add_patient(a_patient("1E5|^", name, sex=sex, born=born)).number
    store.add(patient, a_plain_level("7.2 ng/mL", "2026-11-05T07:45"))
    segments = written(store, tmp_path)
    assert len(messages(segments)) == 1
    (back,) = items("\r".join([*segments, ""]).encode())
    assert isinstance(back, Incoming)
    assert back.patient.identifiers[0].value == "1E5|^"
    assert (back.patient.name, back.patient.sex) == (name, sex)
    assert back.patient.born == (born if not isinstance(born, BirthDate) else None)


def test_levels_written_and_read_into_empty_records_are_equal(store: Store, tmp_path: Path) -> None:
    patient = store.add_patient(a_patient()).number
    sent: list[Level] = [
        a_plain_level("7.20 ng/mL", "2026-11-05T07:45", last_dose="2026-11-04T20:00"),
        a_plain_level("<2.0 ug/L", "2026-11-06T07:45:30", assay=Assay.LC_MS_MS),
        a_plain_level(
            ">30 nmol/L", "2026-11-07T07:45", assay=Assay.OTHER, laboratory="Lab | 1 & ^"
        ),
        a_plain_level("16.40 nmol/L", "2026-10-25T02:30+01:00", assay=Assay.EMIT),
        a_plain_level("7.2 ng/mL", "2026-10-25T02:30+02:00"),
        a_plain_level(
            "7.3 ng/mL", "2026-11-09T07:45", last_dose="2026-11-08T20:00", last_dose_assumed=True
        ),
        Level(sampled=at("2026-11-10T00:00", "UTC"), value=read_level("0.5 ng/mL")[0]),
    ]
    for level in sent:
        store.add(patient, level)
    assert write_hl7(store, None, tmp_path / "out.hl7", NOW) == len(sent)
    content = (tmp_path / "out.hl7").read_bytes()
    found = [each.entry for each in read_hl7(content, ReadingChoices(time_zone=ZONE))]  # type: ignore[union-attr]
    kept = ("value", "comparator", "assay", "laboratory", "last_dose", "last_dose_assumed")
    assert [[getattr(each, name) for name in kept] for each in found] == [
        [getattr(each, name) for name in kept] for each in sent
    ]
    assert [each.sampled.utc for each in found] == [each.sampled.utc for each in sent]  # type: ignore[union-attr]


def test_the_file_is_private_new_and_whole_or_absent(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "out.hl7"
    write_hl7(store, None, file, NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(UserError, match="exists already"):
        write_hl7(store, None, file, NOW)
    with pytest.raises(NotFoundError):
        write_hl7(store, (99,), tmp_path / "other.hl7", NOW)
    assert [each.name for each in tmp_path.iterdir()] == ["out.hl7"]

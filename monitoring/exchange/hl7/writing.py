"""Writing of levels and laboratory values as HL7 v2.5.1: one ORU^R01 for each of them.

A message for each result, because its control id is made from its content: the same result has the
same id in every export, whatever else was recorded, and one that changed has another. All are one
batch, whose count shows a file that was cut. A voided result is sent as withdrawn (W), since a
receiver may have it from an earlier export.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from pathlib import Path

from dosing import VERSION, Sex
from monitoring.exchange.coded_test import LEVEL_LOINC, TROUGH_LOINC
from monitoring.exchange.hl7.tables import LAST_DOSE, LAST_DOSE_ASSUMED, OWN_SYSTEM
from monitoring.files import placed_file
from monitoring.laboratory.tests import find_test
from monitoring.levels.assess import assess_levels
from monitoring.levels.level_assessment import LevelAssessment
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level, LevelCause
from monitoring.record.patient import Patient
from monitoring.store.store import Store
from monitoring.times import Moment

_END = "\r"
_APPLICATION = "SIROLIMUS-ASSISTANT"
_DELIMITERS = r"^~\&"
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_FINAL, _WITHDRAWN, _CORRECTED = "F", "W", "C"
_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "O", Sex.UNKNOWN: "U"}
_METHODS = {
    Assay.LC_MS_MS: "LC-MS/MS",
    Assay.CMIA: "CMIA",
    Assay.EMIT: "EMIT",
    Assay.OTHER: "other",
}
_LEVEL_CODES = {
    False: (LEVEL_LOINC, "Sirolimus in blood", "LN"),
    True: (TROUGH_LOINC, "Sirolimus trough in blood", "LN"),
}
_CREATININE_OF_UMOL = "14682-9"
_UCUM = {"g/24h": "g/(24.h)"}


def write_hl7(store: Store, numbers: Iterable[int] | None, file: Path, now: Moment) -> int:
    """Write the levels and laboratory values of some patients, or of all; return their number.

    Raises `UserError` where the file exists or cannot be written, `NotFoundError` for an unknown
    number of a patient.
    """
    count = 0
    with placed_file(file) as part, part.open("w", encoding="utf-8", newline="") as stream:
        header = _fields(_APPLICATION, "", "", "", _time(now))
        stream.write(f"FHS|{_DELIMITERS}|{header}{_END}BHS|{_DELIMITERS}|{header}{_END}")
        records = store.records() if numbers is None else (store.read(each) for each in numbers)
        for record in records:
            for message in _messages(record, now):
                count += 1
                stream.write(message)
        stream.write(f"BTS|{count}{_END}FTS|1{_END}")
    return count


def _messages(record: Record, now: Moment) -> Iterator[str]:
    """Yield the messages of a record, by the number of the entry."""
    assessed = {each.level.number: each for each in assess_levels(record)}
    results = [(each.number, _level(each, assessed[each.number])) for each in record.of(Level)]
    results += [(each.number, _laboratory(each)) for each in record.of(LaboratoryValue)]
    patient = _patient(record.patient.entry)
    for _, segments in sorted(results):
        body = "".join(f"{each}{_END}" for each in (patient, *segments))
        control_id = f"S{sha256(body.encode()).hexdigest()[:19]}"
        yield f"{_header(control_id, now)}{_END}{_software()}{_END}{body}"


def _header(control_id: str, now: Moment) -> str:
    fields = {
        3: _APPLICATION,
        7: _time(now),
        9: "ORU^R01^ORU_R01",
        10: control_id,
        11: "P",
        12: "2.5.1",
        18: "UNICODE UTF-8",
    }
    return f"MSH|{_DELIMITERS}|{_numbered(fields, 3)}"


def _software() -> str:
    return f"SFT|{_fields(_APPLICATION, VERSION, _APPLICATION, VERSION)}"


def _patient(patient: Patient) -> str:
    fields = {
        1: "1",
        3: _composed(patient.record_number, "", "", "", "MR"),
        5: _composed(patient.name),
        7: str(patient.born).replace("-", ""),
        8: _SEXES[patient.sex],
    }
    return f"PID|{_numbered(fields)}"


def _level(stored: StoredEntry[Level], assessed: LevelAssessment) -> tuple[str, ...]:
    level, cause = stored.entry, assessed.cause
    code = _composed(*_LEVEL_CODES[assessed.is_trough is True])
    wrong_patient = cause is not None and cause.entry.cause is LevelCause.WRONG_PATIENT
    status = _WITHDRAWN if not stored.is_active or wrong_patient else _FINAL
    unit = level.value.unit
    segments = [
        _request(stored, level.sampled, code, status),
        _result(
            {
                1: "1",
                3: code,
                6: _composed(unit, unit, "UCUM"),
                11: status,
                14: _time(level.sampled),
                17: _composed(level.assay.value, _METHODS[level.assay], OWN_SYSTEM)
                if level.assay
                else "",
                23: _composed(level.laboratory),
            },
            level.comparator,
            f"{level.value.number:f}",
        ),
    ]
    comments = []
    if stored.void:
        comments.append(f"Voided: {stored.void.entry.reason}")
    if cause and cause.entry.is_excluded:
        comments.append(f"Excluded from assessment: {cause.entry.cause.value}")
    if level.reason:
        comments.append(f"Recorded with a reason: {level.reason}")
    segments += _notes(comments)
    if level.last_dose:
        segments.append(_last_dose(level, level.last_dose))
    return tuple(segments)


def _last_dose(level: Level, at: Moment) -> str:
    is_assumed = level.last_dose_assumed is True
    code = LAST_DOSE_ASSUMED if is_assumed else LAST_DOSE
    words = "Last dose, assumed from the schedule" if is_assumed else "Last dose"
    fields = {
        1: "2",
        2: "TS",
        3: _composed(code, words, OWN_SYSTEM),
        5: _time(at),
        11: _FINAL,
        14: _time(at),
    }
    return f"OBX|{_numbered(fields)}"


def _laboratory(stored: StoredEntry[LaboratoryValue]) -> tuple[str, ...]:
    value = stored.entry
    code = _laboratory_code(value)
    status = _FINAL if stored.is_active else _WITHDRAWN
    fields = {
        1: "1",
        3: code,
        7: _escaped(_limits(value)),
        11: status,
        14: _time(value.at),
        23: _composed(value.laboratory),
    }
    unit = value.value.unit
    if unit == DIPSTICK:
        result = f"OBX|{_numbered({**fields, 2: 'ST', 5: _escaped(str(value.value))})}"
    else:
        ucum = _UCUM.get(unit)
        fields[6] = (
            _composed(ucum, ucum, "UCUM", unit, unit, OWN_SYSTEM)
            if ucum
            else _composed(unit, unit, "UCUM")
        )
        result = _result(fields, value.comparator, f"{value.value.number:f}")
    comments = [f"Voided: {stored.void.entry.reason}"] if stored.void else []
    return (_request(stored, value.at, code, status), result, *_notes(comments))


def _laboratory_code(value: LaboratoryValue) -> str:
    """Return the LOINC code where the test has one for its unit, and our own name beside it."""
    own = (value.test, value.test, OWN_SYSTEM)
    test = find_test(value.test)
    codes = test.loinc if test else ()
    if len(codes) > 1:
        is_molar = value.value.unit == "umol/L"
        codes = tuple(each for each in codes if (each == _CREATININE_OF_UMOL) == is_molar)
    return _composed(codes[0], value.test, "LN", *own) if codes else _composed(*own)


def _limits(value: LaboratoryValue) -> str:
    lower, upper = value.lower_limit, value.upper_limit
    if lower and upper:
        return f"{_number(lower)}-{_number(upper)}"
    if upper:
        return f"<{_number(upper)}"
    return f">{_number(lower)}" if lower else ""


def _number(limit: LaboratoryQuantity) -> str:
    return f"{limit.number:f}"


def _request(
    stored: StoredEntry[Level] | StoredEntry[LaboratoryValue], at: Moment, code: str, status: str
) -> str:
    fields = {
        1: "1",
        3: _composed(str(stored.number), _APPLICATION),
        4: code,
        7: _time(at),
        22: _time(stored.author.at),
        25: _FINAL if status == _FINAL else _CORRECTED,
    }
    return f"OBR|{_numbered(fields)}"


def _result(fields: dict[int, str], comparator: Comparator | None, number: str) -> str:
    """Return an OBX: a number, or with a comparator a structured one."""
    kind, value = ("SN", _composed(comparator.value, number)) if comparator else ("NM", number)
    return f"OBX|{_numbered({**fields, 2: kind, 5: value})}"


def _notes(comments: list[str]) -> list[str]:
    return [f"NTE|{number}|L|{_escaped(text)}" for number, text in enumerate(comments, 1)]


def _time(moment: Moment) -> str:
    """Return a time in its zone with the offset; in UTC where that has seconds."""
    local = moment.local
    offset = local.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        local = moment.utc.astimezone(UTC)
    return f"{local:%Y%m%d%H%M%S%z}"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)


def _composed(*parts: str) -> str:
    return "^".join(_escaped(part) for part in parts).rstrip("^")


def _fields(*texts: str) -> str:
    return "|".join(_escaped(each) for each in texts)


def _numbered(fields: dict[int, str], first: int = 1) -> str:
    """Return fields by their numbers in the standard, with the empty ones between them."""
    last = max(number for number, text in fields.items() if text)
    return "|".join(fields.get(number, "") for number in range(first, last + 1))

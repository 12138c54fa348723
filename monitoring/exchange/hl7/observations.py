"""The results of an order as entries: value, unit, time of the sample, status, method, comments."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from dosing import QuantityKind, UserError, clean, read_quantity
from dosing.knowledge.limits import FUTURE_TOLERANCE_MINUTES, LEVEL_ASKED_AGAIN_ABOVE_NG_ML
from dosing.quantities.text import quoted, shortened
from monitoring.exchange.coded_test import Code, CodedTest, Measurand, coded_test
from monitoring.exchange.hl7.message import Component, FieldError, Segment
from monitoring.exchange.hl7.orders import Observation, Order
from monitoring.exchange.hl7.stamps import Stamp, stamp
from monitoring.exchange.hl7.tables import (
    BECAME_FINAL,
    LAST_DOSE,
    LAST_DOSE_ASSUMED,
    METHODS,
    OWN_SYSTEM,
    PEAK,
    RANDOM,
    STATUSES,
    TIMINGS,
    TROUGH,
)
from monitoring.exchange.hl7.value_text import (
    NO_LIMITS,
    Limits,
    ReportedValue,
    laboratory_of,
    level_of,
    limits_of,
    unit_of,
    value_in_parts,
    value_in_text,
)
from monitoring.exchange.incoming import (
    Incoming,
    Item,
    LeftOut,
    ReadingChoices,
    Refusal,
    ResultStatus,
    Skipped,
    SourcePlace,
)
from monitoring.laboratory.tests import find_test
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import (
    BloodPressure,
    LaboratoryQuantity,
    LaboratoryValue,
    kept_unit,
    read_laboratory,
)
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.times import Moment

_LONGEST_COMMENT = 300
_TEXT_TYPES = frozenset(("NM", "ST", "TX", "FT"))
_CODED_TYPES = frozenset(("CE", "CWE", "CNE"))
_STRUCTURED = "SN"
_PRESSURE_UNIT = "mm[Hg]"
_SYSTOLIC, _DIASTOLIC = "systolic blood pressure", "diastolic blood pressure"
_TOLERANCE = timedelta(minutes=FUTURE_TOLERANCE_MINUTES)
_SECONDS = 14
_EMPTY = Component(("",), ())
_CANCELLED = "X"
_DIGITS_OF_TIME = re.compile(r"(?:19|20)[0-9]{6,12}(?:\.[0-9]+)?(?:[+-][0-9]{4})?")
_ENTER = "Enter the level with sirolimus level add, with its --last-dose."
_AGAIN = "Ask the sender to send the message again."
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Sender:
    """The facts of a message that hold for each of its results."""

    message: int
    control_id: str
    usual_offset: str
    """The offset of MSH-7: that of the times without one."""
    sent: Stamp | None
    choices: ReadingChoices
    comments: tuple[str, ...]
    """Sentences about the message, for each of its results."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The time of a sample, and sentences about it."""

    at: Moment
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _LastDose:
    """The time of the last dose, as this program writes it."""

    at: Moment
    is_assumed: bool


def results_of(order: Order, sender: Sender, place: Callable[[str], SourcePlace]) -> Iterator[Item]:
    """Yield what each result of an order is; `place` makes a place of its words."""
    last_doses = [each for each in order.observations if _own_code(each.segment)]
    for each in order.observations:
        if each in last_doses:
            continue
        where = place(f"message {sender.message}, OBX {each.count} (line {each.segment.line})")
        reader = _ResultReader(order, each, sender, where, last_doses)
        try:
            yield from reader.items()
        except FieldError as error:
            yield Refusal(where, error.part, str(error))
        except UserError as error:
            yield Refusal(where, "", str(error))


def _own_code(segment: Segment) -> str:
    """Return an own code of the time of the last dose, or nothing."""
    found = segment.repetitions(3)
    if len(found) == 1 and len(found[0]) >= 3 and found[0][2].text == OWN_SYSTEM:
        code = found[0][0].text
        return code if code in {LAST_DOSE, LAST_DOSE_ASSUMED} else ""
    return ""


class _ResultReader:
    """The reader of one OBX."""

    def __init__(
        self,
        order: Order,
        observation: Observation,
        sender: Sender,
        where: SourcePlace,
        last_doses: list[Observation],
    ) -> None:
        self._order, self._observation, self._sender = order, observation, sender
        self._where, self._last_doses = where, last_doses
        self._obx = observation.segment
        self._told: list[str] = list(sender.comments)

    def items(self) -> Iterator[Item]:
        codes = self._codes()
        test = self._test(codes)
        if test is None:
            named = next((each for each in codes if each.value), None)
            what = shortened(f"{named.value} {named.words}") if named else ""
            yield LeftOut(self._where, Skipped.OTHER_TEST, what)
            return
        if self._order.trouble:
            raise self._order.trouble
        status, letter = self._status()
        if isinstance(status, Skipped):
            yield LeftOut(self._where, status, test.test or test.measured.value)
            return
        if not self._obx.raw(5):
            yield self._without_value(test, status, letter)
            return
        for entry in self._entries(test, codes):
            yield self._incoming(entry, status)

    def _without_value(self, test: CodedTest, status: ResultStatus, letter: str) -> Item:
        what = test.test or test.measured.value
        if letter == BECAME_FINAL:
            reason = f"the {what} became final and was not sent again. Ask for its value."
            return Refusal(self._where, "OBX-5", reason)
        if status in {ResultStatus.WITHDRAWN, ResultStatus.CORRECTED}:
            reason = f"the {what} is {status.value}, and its value was not sent. Check the records."
            return Refusal(self._where, "OBX-5", reason)
        return LeftOut(self._where, Skipped.WITHOUT_VALUE, what)

    def _incoming(self, entry: Entry, status: ResultStatus) -> Incoming:
        patient = self._order.patient
        if patient is None:
            raise FieldError("PID", f"the message has no patient. {_AGAIN}")
        order = self._order.request.first(3) if self._order.request else ""
        whose = f"order {order}" if order else f"message {self._sender.control_id}"
        return Incoming(
            place=self._where,
            patient=patient,
            entry=entry,
            status=status,
            part="OBX-5",
            time_part="OBX-14" if self._obx.raw(14) else "OBR-7",
            remarks=tuple(dict.fromkeys((*self._told, *self._comments()))),
            source=f"{whose}, OBX {self._obx.raw(1)[:10] or self._observation.count}",
        )

    # --- the test

    def _codes(self) -> tuple[Code, ...]:
        parts = self._obx.components(3)
        triplets = (parts[0:3], parts[3:6], parts[9:12])
        codes = (_code(each) for each in triplets)
        return tuple(code for code in codes if code.value or code.words)

    def _test(self, codes: tuple[Code, ...]) -> CodedTest | None:
        found = _in_part("OBX-3", coded_test, codes, self._sender.choices.tests)
        own = [each.value for each in codes if each.system == OWN_SYSTEM]
        if not own:
            return found
        known = find_test(own[0])
        if found and found.test != (known.name if known else own[0]):
            meaning = found.test or found.measured.value
            raise FieldError("OBX-3", f"the codes mean {meaning} and {quoted(own[0])}. Send one.")
        return CodedTest(Measurand.LABORATORY, own[0])

    # --- the status

    def _status(self) -> tuple[ResultStatus | Skipped, str]:
        """Return the status by OBX-11, and its letter.

        The status of the order (OBR-25) never takes the place of an empty one: a lost letter would
        make a preliminary result final.
        """
        letter = self._obx.raw(11)
        if not letter:
            raise FieldError(
                "OBX-11", "the status is empty: it may be preliminary. Send it, such as F."
            )
        if letter not in STATUSES:
            raise FieldError(
                "OBX-11", f"{quoted(letter)} is not a status of table 0085. Correct it."
            )
        status = STATUSES[letter]
        request = self._order.request
        is_cancelled = request is not None and request.raw(25) == _CANCELLED
        if is_cancelled and status in {ResultStatus.FINAL, ResultStatus.CORRECTED}:
            raise FieldError(
                "OBR-25", f"the order is cancelled (X), and the result is {status.value}. Ask the "
                "laboratory."
            )  # fmt: skip
        return status, letter

    # --- the value

    def _entries(self, test: CodedTest, codes: tuple[Code, ...]) -> Iterator[Entry]:
        unit = self._unit()
        if not unit and not self._has_own_unit():
            unit = self._default_unit(codes)
        match test.measured:
            case Measurand.LEVEL | Measurand.TROUGH:
                yield self._level(unit, is_trough=test.measured is Measurand.TROUGH)
            case Measurand.WEIGHT | Measurand.HEIGHT:
                yield self._measurement(unit, test.measured)
            case Measurand.BLOOD_PRESSURE:
                yield from self._pressures(unit)
            case Measurand.LABORATORY:
                yield self._laboratory_value(test.test, unit)

    def _unit(self) -> str:
        """Return the unit of OBX-6."""
        parts = self._obx.components(6)
        texts = tuple(each.text for each in parts)
        candidates = (texts[0:1] + texts[3:4]) if texts else ()
        if not any(candidates):
            candidates = texts[1:2] + texts[4:5]
        return _in_part("OBX-6", unit_of, candidates)

    def _has_own_unit(self) -> bool:
        """Return whether the value is a text with a unit, such as 7.2 ng/mL."""
        return self._obx.raw(2) in _TEXT_TYPES and self._reported().has_unit

    def _default_unit(self, codes: tuple[Code, ...]) -> str:
        """Return the unit of the mapping for a value without one."""
        defaults = self._sender.choices.default_units
        return next((defaults[each.value] for each in codes if each.value in defaults), "")

    def _reported(self) -> ReportedValue:
        """Return the value of OBX-5 by the type in OBX-2."""
        kind = self._obx.raw(2)
        if kind == _STRUCTURED:
            return self._structured()
        if kind in _TEXT_TYPES:
            found = self._obx.text(5)
        elif kind in _CODED_TYPES:
            found = self._coded_text()
        else:
            raise FieldError(
                "OBX-2", f"{quoted(kind)} is not a type of a value that is read. Send NM, SN or ST."
            )
        if found.unknown:
            raise FieldError("OBX-5", f"{quoted(found.text)} has an unknown escape sequence.")
        return value_in_text(found.parts[0].replace("\n", " "))

    def _coded_text(self) -> Component:
        """Return the text of a coded value, or else its code; two numbers have no meaning."""
        code, *texts = [each for each in self._obx.components(5)[:2] if each.text] or [_EMPTY]
        numbers = {each.text for each in (code, *texts) if each.text[0:1].isdigit()}
        if len(numbers) > 1 or any(len(each.parts) > 1 for each in (code, *texts)):
            raise self._not_a_number()
        return texts[0] if texts else code

    def _structured(self) -> ReportedValue:
        parts = self._obx.components(5)
        if any(len(each.parts) > 1 or each.unknown for each in parts) or len(parts) > 4:
            raise self._not_a_number()
        comparator, number, separator, second = (
            parts[place].parts[0].strip(" ") if len(parts) > place else "" for place in range(4)
        )
        if separator == "+" and not second and not comparator:
            return ReportedValue(None, f"{number}+")
        if separator or second or not number:
            raise self._not_a_number()
        return _in_part("OBX-5", value_in_parts, comparator, number)

    def _not_a_number(self) -> FieldError:
        return FieldError(
            "OBX-5", f"{quoted(self._obx.raw(5))} is not one number. Send one number."
        )

    def _value_told(self, value: ReportedValue) -> ReportedValue:
        self._told += value.remarks
        return value

    # --- entries

    def _level(self, unit: str, *, is_trough: bool) -> Level:
        value = self._value_told(self._reported())
        quantity = _in_part("OBX-5", level_of, value, unit)
        if quantity.value > LEVEL_ASKED_AGAIN_ABOVE_NG_ML:
            raise FieldError(
                "OBX-5",
                f"{quantity} is above {LEVEL_ASKED_AGAIN_ABOVE_NG_ML} ng/mL. If it is right, use "
                "sirolimus level add with --reason.",
            )
        drawn, last_dose = self._drawn(), self._last_dose()
        self._told += drawn.remarks
        self._note_timing(last_dose, is_trough=is_trough)
        return Level(
            sampled=drawn.at,
            value=quantity,
            comparator=value.comparator,
            last_dose=last_dose.at if last_dose else None,
            last_dose_assumed=True if last_dose and last_dose.is_assumed else None,
            assay=self._assay(),
            laboratory=self._laboratory(),
        )

    def _laboratory_value(self, test: str, unit: str) -> LaboratoryValue:
        if "sirolimus" in test.casefold():
            raise FieldError(
                "OBX-3",
                f"{quoted(test)} is not a laboratory value. Map it to sirolimus level.",
            )
        value = self._value_told(self._reported())
        quantity = _in_part("OBX-5", laboratory_of, value, unit)
        drawn = self._drawn()
        self._told += drawn.remarks
        limits = self._limits(quantity)
        return LaboratoryValue(
            test=test,
            at=drawn.at,
            value=quantity,
            comparator=value.comparator,
            lower_limit=limits.lower,
            upper_limit=limits.upper,
            laboratory=self._laboratory(),
        )

    def _limits(self, quantity: LaboratoryQuantity) -> Limits:
        text = clean(self._obx.delimiters.plain(self._obx.raw(7))[0])
        if not text:
            return NO_LIMITS
        found = limits_of(text, quantity.unit)
        if found is None:
            self._told.append(f"The reference range {quoted(text)} is not read.")
        return found or NO_LIMITS

    def _pressures(self, unit: str) -> Iterator[LaboratoryValue]:
        """Yield the two pressures of a text such as 128/84, or of SN with the separator `/`."""
        parts = self._obx.components(5)
        texts = [each.parts[0].strip(" ") for each in parts]
        if self._obx.raw(2) == _STRUCTURED and len(texts) == 4 and not texts[0]:
            text = "".join(texts)
        else:
            text = self._obx.text(5).text
        if kept_unit(unit) != _PRESSURE_UNIT:
            raise FieldError("OBX-6", f"{quoted(unit)} is not mmHg. Send mm[Hg].")
        value, _ = _in_part("OBX-5", read_laboratory, f"{text} {_PRESSURE_UNIT}")
        if not isinstance(value, BloodPressure):
            raise FieldError("OBX-5", f"{quoted(text)} is not two pressures. Send 128/84.")
        drawn = self._drawn()
        self._told += drawn.remarks
        for test, each in ((_SYSTOLIC, value.systolic), (_DIASTOLIC, value.diastolic)):
            yield LaboratoryValue(test=test, at=drawn.at, value=each)

    def _measurement(self, unit: str, measured: Measurand) -> Measurement:
        value = self._value_told(self._reported())
        if value.comparator:
            raise FieldError("OBX-5", "a weight or height has no comparator. Send the number.")
        is_weight = measured is Measurand.WEIGHT
        kind = QuantityKind.WEIGHT if is_weight else QuantityKind.HEIGHT
        quantity = _in_part("OBX-5", read_quantity, value.with_unit(unit), kind)
        own, requested = stamp(self._obx, 14), self._requested_at()
        stated = own or requested
        if stated is None:
            raise FieldError("OBX-14", "the day of the measurement is missing. Send it.")
        self._refuse_doubtful_place(own, requested)
        day = stated.day()
        if is_weight:
            return Measurement(on=day, weight=quantity)
        return Measurement(on=day, height=quantity)

    # --- times

    def _requested_at(self) -> Stamp | None:
        return stamp(self._order.request, 7) if self._order.request else None

    def _moment(self, stated: Stamp) -> Moment:
        return stated.moment(self._sender.choices.time_zone, self._sender.usual_offset)

    def _drawn(self) -> _Drawn:
        """Return the time of the sample: OBX-14, else OBR-7, else SPM-17.

        OBR-22 is the time of the report, and never taken. Raises `FieldError` for times that
        contradict each other.
        """
        own, requested = stamp(self._obx, 14), self._requested_at()
        collected = [found for each in self._order.samples if (found := stamp(each, 17))]
        stated = own or requested or (collected[0] if collected else None)
        if stated is None:
            raise FieldError(
                "OBX-14",
                "the time of the sample is missing (OBX-14, OBR-7, SPM-17). The time of the report "
                "(OBR-22) is not taken for it.",
            )
        at, told = self._moment(stated), []
        self._refuse_doubtful_place(own, requested)
        for other in collected:
            if not self._is_same(other, stated):
                raise FieldError(
                    stated.part,
                    f"it differs from {other.part}, the time of collection. Ask the laboratory.",
                )
        if own and requested and not self._is_same(requested, own):
            told.append(f"The order states another time of collection (OBR-7 {requested.digits}).")
        self._refuse_later(stated, at)
        if stated.fraction.strip(".0"):
            told.append("The fraction of a second is left out.")
        if stated.digits[8:].strip("0") == "":
            told.append("The time is midnight. Check that it is not a day without a time.")
        return _Drawn(at, tuple(told))

    def _is_same(self, first: Stamp, second: Stamp) -> bool:
        """Return whether two times agree, to the precision that both have."""
        if not (first.has_minute and second.has_minute):
            return first.day() == second.day()
        one, two = self._moment(first).utc, self._moment(second).utc
        if min(len(first.digits), len(second.digits)) < _SECONDS:
            one, two = one.replace(second=0), two.replace(second=0)
        return one == two

    def _refuse_doubtful_place(self, own: Stamp | None, requested: Stamp | None) -> None:
        """Refuse a time that may be another's, in another field, or cut by the end of the file."""
        for field in (13, 15):
            if own is None and _DIGITS_OF_TIME.fullmatch(self._obx.raw(field)):
                raise FieldError(
                    self._obx.part(field), f"it is a time, and OBX-14 is empty. {_AGAIN}"
                )
        if own is None and self._observation.is_misplaced:
            raise FieldError(
                "OBX-1",
                f"its number does not follow that of the OBX before: its OBR may be missing. "
                f"{_AGAIN}",
            )
        if self._obx.is_ended:
            return
        others = (each.segment for each in self._order.observations)
        forms = {each.form for each in (requested, self._sender.sent) if each}
        is_open = 11 < self._obx.last < 14  # it ends with a separator: a field may follow
        if own is None and (is_open or any(each.raw(14) for each in others)):
            raise FieldError("OBX-14", f"the file ends before it: it may be cut. {_AGAIN}")
        if own is not None and self._obx.last == 14 and own.form not in forms:
            raise FieldError("OBX-14", f"the file ends in it: it may be cut. {_AGAIN}")
        self._told.append("The file ends without the end of this segment. Check that it is whole.")

    def _refuse_later(self, stated: Stamp, at: Moment) -> None:
        """Refuse a sample after its receipt, its report or its message."""
        request = self._order.request
        later = [(each, 18) for each in self._order.samples]
        if request:
            later += [(request, 14), (request, 22)]
        known = [found for segment, field in later if (found := stamp(segment, field))]
        for other in (*known, self._sender.sent):
            if other is None or not other.has_minute:
                continue
            if at.utc - self._moment(other).utc > _TOLERANCE:
                raise FieldError(
                    stated.part,
                    f"the sample is after {other.part} ({other.digits}): it may be the time of the "
                    "analysis. Ask the laboratory.",
                )

    # --- what a level has besides

    def _last_dose(self) -> _LastDose | None:
        """Return the time of the last dose as this program writes it."""
        if not self._last_doses:
            return None
        if len(self._last_doses) > 1:
            raise FieldError("OBX-3", "the time of the last dose is stated twice. Send one.")
        segment = self._last_doses[0].segment
        stated = stamp(segment, 5)
        if stated is None:
            raise FieldError("OBX-5", "the time of the last dose is empty. Send it.")
        return _LastDose(self._moment(stated), _own_code(segment) == LAST_DOSE_ASSUMED)

    def _note_timing(self, last_dose: _LastDose | None, *, is_trough: bool) -> None:
        """Refuse a peak or random sample that could be assessed as a trough."""
        timings = {*self._timings(), *((TROUGH,) if is_trough else ())}
        if len(timings) > 1:
            named = " and ".join(sorted(timings))
            raise FieldError("OBX-3", f"it is called {named}. Ask the laboratory.")
        for timing in timings & {PEAK, RANDOM}:
            if last_dose is None:
                raise FieldError(
                    "OBX-3", f"the laboratory calls it {timing}, and the last dose is not stated: "
                    f"it could be assessed as a trough. {_ENTER}"
                )  # fmt: skip
            self._told.append(f"The laboratory calls it {timing}. The last dose decides.")
        if TROUGH in timings:
            self._told.append("The laboratory calls it TROUGH. The last dose decides.")

    def _timings(self) -> Iterator[str]:
        """Yield the words of table 0256 in the names of test, order and sample."""
        fields = [(self._obx, 3)]
        if self._order.request:
            fields += [(self._order.request, 4), (self._order.request, 15)]
        for sample in self._order.samples:
            fields += [(sample, field) for field in (4, 5, 11, 14)]
        for segment, field in fields:
            raw = segment.raw(field).upper()
            if not any(timing in raw for timing in TIMINGS):
                continue
            for repetition in segment.repetitions(field):
                for part in repetition:
                    for text in part.parts:
                        yield from TIMINGS & set(_words(text))

    def _assay(self) -> Assay | None:
        """Return the assay by OBX-17, or None for no method and for an unknown one."""
        found: set[Assay] = set()
        methods = self._obx.repetitions(17)
        for method in methods:
            for part in method[:2] + method[3:5]:
                assay = self._sender.choices.assays.get(part.text) or METHODS.get(_key(part.text))
                if assay is None and len(method) > 2 and method[2].text == OWN_SYSTEM:
                    assay = next((each for each in Assay if each.value == part.text), None)
                if assay:
                    found.add(assay)
        if len(found) == 1:
            return found.pop()
        if methods:
            names = " ".join(part.text for method in methods for part in method[:2] if part.text)
            self._told.append(
                f"The method {quoted(names)} is not known: no assay is recorded. Name it in the "
                "mapping's assays."
            )
        return None

    def _laboratory(self) -> str:
        """Return the laboratory by OBX-23, or else OBX-15."""
        performing = self._obx.first(23)
        if performing:
            return performing
        found = self._obx.repetitions(15)
        return next((each.text for each in found[0][1::-1] if each.text), "") if found else ""

    def _comments(self) -> Iterator[str]:
        """Yield the comments of order and result, and the escape sequences that are unknown."""
        for note in (*self._order.comments, *self._observation.comments):
            for repetition in note.repetitions(3):
                text = clean(" ".join(part for each in repetition for part in each.parts))
                if text:
                    yield f"The laboratory's comment: {_cut(text)}"
                for unknown in (sequence for each in repetition for sequence in each.unknown):
                    yield f"The escape sequence {quoted(unknown)} has no known meaning."


def _code(parts: tuple[Component, ...]) -> Code:
    """Return a code; a suffix of table 0256 (29247-4&TROUGH) is not a part of it."""
    texts = [each.text for each in parts]
    value, words, system = (texts[place] if len(texts) > place else "" for place in range(3))
    if parts and len(parts[0].parts) > 1:
        suffixes = {each.strip(" ").upper() for each in parts[0].parts[1:] if each.strip(" ")}
        if not suffixes <= TIMINGS:
            value = "&".join(parts[0].parts)
    return Code(value, system, words)


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.upper()).split()


def _key(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_COMMENT else f"{text[: _LONGEST_COMMENT - 1]}…"


def _in_part(part: str, read: Callable[..., Value], *arguments: object) -> Value:
    """Return `read` of the arguments; its error gets the field."""
    try:
        return read(*arguments)
    except FieldError:
        raise
    except UserError as error:
        raise FieldError(part, str(error)) from None

"""Times of HL7 v2 (TS, DTM): digits to the precision that is known, and an offset from UTC."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dosing import UserError
from dosing.quantities.text import quoted
from monitoring.exchange.hl7.message import FieldError, Segment
from monitoring.times import Moment

_STAMP = re.compile(
    r"(?P<digits>(?:19|20)[0-9]{2}(?:[0-9]{2}){0,5})(?P<fraction>\.[0-9]{1,4})?(?P<offset>[+-][0-9]{4})?"
)
_DAY, _HOUR, _MINUTE, _SECOND = 8, 10, 12, 14
# The second component of TS in older versions: the digits that mean something.
_PRECISION = {"Y": 4, "L": 6, "D": _DAY, "H": _HOUR, "M": _MINUTE, "S": _SECOND}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as it was stated, and the field that states it."""

    digits: str
    fraction: str
    offset: str
    part: str

    @property
    def has_day(self) -> bool:
        """Return whether the day is known."""
        return len(self.digits) >= _DAY

    @property
    def has_minute(self) -> bool:
        """Return whether the time of day is known to the minute."""
        return len(self.digits) >= _MINUTE

    @property
    def form(self) -> tuple[int, int, bool]:
        """The length of its parts: a stamp that was cut has another one than the others."""
        return len(self.digits), len(self.fraction), bool(self.offset)

    def day(self) -> date:
        """Return the day. Raises `FieldError` for another precision, and for no day."""
        try:
            # Without a month or day int refuses an empty text.
            return date(int(self.digits[:4]), int(self.digits[4:6]), int(self.digits[6:8]))
        except ValueError:
            raise FieldError(
                self.part,
                f"{quoted(self.digits)} is not a day. Send year, month and day, as in 20261105.",
            ) from None

    def moment(self, zone: str, usual_offset: str) -> Moment:
        """Return the moment; without an offset of its own, by that of the message, or the zone.

        Raises `FieldError` for a stamp without hour and minute, and for a time that the clocks
        skipped or showed twice.
        """
        if not self.has_minute:
            raise FieldError(
                self.part,
                f"{quoted(self.digits)} has no hour and minute. Send the time of day, as in "
                "202611050750.",
            )
        try:
            return _moment(self.digits, self.offset or usual_offset, zone)
        except UserError as error:
            raise FieldError(self.part, str(error)) from None


@lru_cache(maxsize=1024)
def _moment(digits: str, offset: str, zone: str) -> Moment:
    """Return a moment; many results have the same."""
    day, clock = digits[:_DAY], digits[_DAY:]
    text = f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}"
    if len(clock) > 4:
        text += f":{clock[4:]}"
    if offset:
        text += f"{offset[:3]}:{offset[3:]}"
    return Moment.read(text, zone)


def stamp(segment: Segment, field: int) -> Stamp | None:
    """Return the time of a field, the first of a range, or None for an empty one.

    Raises `FieldError` for a text that is not a time.
    """
    found = segment.repetitions(field)
    if not found:
        return None
    part, is_repeated = segment.part(field), segment.delimiters.repetition in segment.raw(field)
    first = found[0][0].parts[0].strip(" \t")
    if not first and not is_repeated:
        return None
    parts = _STAMP.fullmatch(first)
    if parts is None or is_repeated or (parts["fraction"] and len(parts["digits"]) < _SECOND):
        raise FieldError(
            part,
            f"{quoted(segment.raw(field))} is not a time. Send one, as in 20261105075000.",
        )
    digits = parts["digits"]
    if len(found[0]) > 1 and (known := _PRECISION.get(found[0][1].text)):
        digits = digits[:known]
    return Stamp(digits, parts["fraction"] or "", parts["offset"] or "", part)

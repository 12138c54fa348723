"""Dates and times of FHIR: 2026-11 is not a day, and a day is not a time."""

import re
from dataclasses import dataclass
from datetime import date

from dosing import ReadingError, read_date
from dosing.quantities.text import quoted
from monitoring.exchange.fhir.reading.element import PERIOD, Element
from monitoring.times import Moment, zone_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LESS_THAN_A_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")
_TIME = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9])"
    r"(?P<second>:[0-5][0-9])?(?:\.(?P<fraction>[0-9]{1,9}))?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class FhirTime:
    """A day, or a moment of it; a moment has the day of the clinic's own clocks."""

    day: date
    moment: Moment | None = None
    comment: str = ""
    """A sentence about the fraction of a second that is not kept."""

    def is_same(self, other: "FhirTime") -> bool:
        """Return whether the two can be the same time: a day holds all its moments."""
        if self.moment is None or other.moment is None:
            return self.day == other.day
        return self.moment.utc == other.moment.utc


def read_fhir_time(text: str, zone: str) -> FhirTime:
    """Return the day or the moment of a text; one without an offset is local in `zone`.

    Raises `ReadingError` for less than a day, and for another text.

    >>> read_fhir_time("2026-11-05", "Europe/Paris").day
    datetime.date(2026, 11, 5)
    >>> read_fhir_time("2026-11-05T07:45:00+01:00", "Europe/Paris").moment
    <Moment 2026-11-05T07:45+01:00 Europe/Paris>
    """
    if _DAY.fullmatch(text):
        return FhirTime(read_date(text))
    if _LESS_THAN_A_DAY.fullmatch(text):
        raise ReadingError(f"{quoted(text)} is not a whole day. Ask the sender for the day.")
    parts = _TIME.fullmatch(text)
    if parts is None:
        raise ReadingError(
            f"{quoted(text)} is not a time of FHIR. Write it as in 2026-11-05T08:00:00+01:00."
        )
    whole = f"{parts['minute']}{parts['second'] or ''}{parts['offset'] or ''}"
    moment = Moment.read(whole, zone)
    is_whole = not (parts["fraction"] or "").strip("0")
    comment = "" if is_whole else f"The time {text} is kept in whole seconds."
    return FhirTime(moment.utc.astimezone(zone_of(zone)).date(), moment, comment)


def time_in(element: Element, name: str, zone: str) -> FhirTime | None:
    """Return the time of a text in an element, or None without one."""
    text = element.text(name)
    if not text:
        return None
    try:
        return read_fhir_time(text, zone)
    except ReadingError as error:
        raise element.error(name, str(error)) from None


def time_or_period(element: Element, begins: str, zone: str) -> FhirTime | None:
    """Return the one time of a choice such as effective[x], or None without one.

    A period is one time where its start is its end. Raises `PartError` for a longer period, for
    several times, and for a timing.
    """
    found = element.names(begins)
    if not found:
        return None
    if len(found) > 1:
        raise element.error(found[1], f"{found[0]} is there, too. Correct the file.")
    (name,) = found
    if name in {f"{begins}DateTime", f"{begins}Instant"}:
        return time_in(element, name, zone)
    period = element.one(name, PERIOD) if name == f"{begins}Period" else None
    if period is None:
        raise element.error(name, "it is not one time. Enter the result by hand.")
    start, end = time_in(period, "start", zone), time_in(period, "end", zone)
    if (
        start is None
        or end is None
        or not start.is_same(end)
        or ((start.moment is None) != (end.moment is None))
    ):
        raise element.error(
            name, "its start and its end are not one time. Enter the result by hand."
        )
    return start

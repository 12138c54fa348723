"""Moments: points in time in UTC, each with the time zone in which it was recorded.

Hours between two moments are true hours, even across a change of the clocks or a journey. A local
time that the clocks skipped is refused; for one that they showed twice the offset is requested.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dosing import ReadingError, UserError
from dosing.quantities.formatting import short_date, short_time
from dosing.quantities.text import quoted

_WRITTEN = re.compile(
    r"(?P<local>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?P<offset>Z|[+-][0-9]{2}:[0-5][0-9](?::[0-5][0-9])?)?"
)
_OFFSET_ZONE = re.compile(r"UTC([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_EXAMPLE = "2026-11-05T08:00"
_MOST_SHORT = 4096  # moments in words kept at a time: those of a few patients
_MOST_ZONES = 64  # kept at a time: a clinic has a few

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""The days of the week, in their order from `date.weekday`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, in whole seconds of UTC, and the zone in which it was recorded.

    Moments are ordered and subtracted by UTC; only two of the same zone are equal. Raises
    `UserError` for a time without a zone, with fractions of a second, or in an unknown zone.

    >>> before = Moment.read("2026-10-25T00:00", "Europe/Paris")
    >>> after = Moment.read("2026-10-25T06:00", "Europe/Paris")
    >>> after.hours_since(before)
    7.0
    """

    utc: datetime
    zone: str

    def __post_init__(self) -> None:
        """Check that the zone is known, and the time in UTC and whole seconds."""
        if self.utc.tzinfo is not UTC or self.utc.microsecond:
            raise UserError("A moment is in UTC and whole seconds. Give it without fractions.")
        zone_of(self.zone)

    def __lt__(self, other: "Moment") -> bool:
        """Return whether this moment is the earlier one, whatever the zones."""
        return self.utc < other.utc

    def __le__(self, other: "Moment") -> bool:
        """Return whether this moment is not the later one, whatever the zones."""
        return self.utc <= other.utc

    def __gt__(self, other: "Moment") -> bool:
        """Return whether this moment is the later one, whatever the zones."""
        return self.utc > other.utc

    def __ge__(self, other: "Moment") -> bool:
        """Return whether this moment is not the earlier one, whatever the zones."""
        return self.utc >= other.utc

    @classmethod
    def read(cls, text: str, zone: str | None = None) -> "Moment":
        """Return the moment of an ISO 8601 text, local in `zone` unless it has an offset.

        The default zone is this machine's.

        Raises `ReadingError` for anything else, for a local time that the clocks skipped, and for
        one that they showed twice, with the two ways to write it.
        """
        zone = local_zone() if zone is None else zone
        parts = _WRITTEN.fullmatch(text.strip(" "))
        if parts is None:
            raise ReadingError(
                f"{quoted(text)} is not a valid time. Write date and time as in {_EXAMPLE}."
            )
        try:
            local = datetime.fromisoformat(parts["local"])
            if parts["offset"] is None:
                return cls.of_local(local, zone)
            offset = parts["offset"].replace("Z", "+00:00")
            written = datetime.fromisoformat(f"{parts['local']}{offset}")
            same_clock = written.astimezone(zone_of(zone)).replace(tzinfo=None) == local
            return cls(written.astimezone(UTC), zone if same_clock else f"UTC{offset}")
        except UserError:
            raise
        except (ValueError, OverflowError):
            raise ReadingError(
                f"{quoted(text)} is not in the calendar. Check the date and the hours."
            ) from None

    @classmethod
    def of_local(cls, local: datetime, zone: str) -> "Moment":
        """Return the moment at which the clocks of `zone` show `local`; see `read`."""
        first, second = (
            local.replace(tzinfo=zone_of(zone), fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        shown = first.astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)
        if shown != local:
            raise ReadingError(
                f"{local:%Y-%m-%dT%H:%M} does not exist in {zone}: the clocks went forward. Check "
                "the time."
            )
        if first != second:
            ways = " or ".join(
                each.astimezone(zone_of(zone)).isoformat(timespec="minutes")
                for each in (first, second)
            )
            raise ReadingError(
                f"{local:%Y-%m-%dT%H:%M} occurred twice in {zone}: the clocks went back. "
                f"Write {ways}."
            )
        return cls(first, zone)

    @classmethod
    def now(cls, zone: str | None = None) -> "Moment":
        """Return the present moment; the default zone is this machine's."""
        return cls(datetime.now(UTC).replace(microsecond=0), local_zone() if zone is None else zone)

    @property
    def local(self) -> datetime:
        """The local time in its zone, with its offset."""
        return self.utc.astimezone(zone_of(self.zone))

    @property
    def minute(self) -> "Moment":
        """The beginning of its minute."""
        return Moment(self.utc.replace(second=0), self.zone)

    def hours_since(self, earlier: "Moment") -> float:
        """Return the true hours from `earlier` to this moment."""
        return (self.utc - earlier.utc) / timedelta(hours=1)

    def __repr__(self) -> str:
        """Return the moment in ISO 8601, and its zone."""
        return f"<{type(self).__name__} {self} {self.zone}>"

    def __str__(self) -> str:
        """Return the moment in ISO 8601 with its offset.

        >>> str(Moment.read("2026-11-05T08:00", "America/New_York"))
        '2026-11-05T08:00-05:00'
        """
        whole_minutes = self.local.second == 0
        return self.local.isoformat(timespec="minutes" if whole_minutes else "seconds")


def short(when: Moment | date, reader: str | None = None) -> str:
    """Return a moment, to the minute, or a day for people; with the offset of an ambiguous time.

    Ambiguous is a time in a zone without a name, in the hour that the clocks showed twice, and in
    another zone than that of the reader, if that is given.

    >>> short(Moment.read("2026-11-05T08:00", "Europe/Paris")), short(date(2026, 11, 5))
    ('5 Nov 2026, 08:00', '5 Nov 2026')
    >>> short(Moment.read("2026-11-05T08:00+05:30", "Europe/Paris"))
    '5 Nov 2026, 08:00 (+0530)'
    >>> short(Moment.read("2026-11-05T08:00", "America/New_York"), reader="Europe/Paris")
    '5 Nov 2026, 08:00 (-0500)'
    """
    return _short_moment(when, reader) if isinstance(when, Moment) else short_date(when)


@lru_cache(_MOST_SHORT)
def _short_moment(when: Moment, reader: str | None) -> str:
    local = when.local
    occurred_twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    is_elsewhere = reader not in (None, when.zone)
    is_ambiguous = occurred_twice or is_elsewhere or _OFFSET_ZONE.fullmatch(when.zone)
    minute = short_time(local.replace(second=0))
    return f"{minute} ({local:%z})" if is_ambiguous else minute


def in_full(when: Moment | date) -> str:
    """Return a moment or a day with its weekday, a moment with its zone too, to read it back.

    >>> in_full(Moment.read("2026-11-29T08:00", "Europe/Paris")), in_full(date(2026, 11, 29))
    ('Sunday 29 Nov 2026, 08:00, Europe/Paris', 'Sunday 29 Nov 2026')
    """
    if not isinstance(when, Moment):
        return f"{WEEKDAYS[when.weekday()]} {short(when)}"
    return f"{WEEKDAYS[when.local.weekday()]} {short(when)}, {when.zone}"


def field_text(when: Moment, zone: str) -> str:
    """Return a moment as it is typed by somebody in `zone`; it is read back the same.

    The offset is written in another zone, and where the clocks of the zone show that time twice.

    >>> field_text(Moment.read("2026-11-05T08:00", "Europe/Paris"), "Europe/Paris")
    '2026-11-05T08:00'
    >>> field_text(Moment.read("2026-10-25T02:30+02:00", "Europe/Paris"), "Europe/Paris")
    '2026-10-25T02:30+02:00'
    """
    local = when.local
    occurred_twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    if when.zone != zone or occurred_twice:
        return str(when)
    return local.replace(tzinfo=None).isoformat(timespec="seconds" if local.second else "minutes")


@lru_cache(_MOST_ZONES)
def zone_of(name: str) -> tzinfo:
    """Return the zone of a name such as Europe/Paris or UTC+02:00; else raise `UserError`."""
    offset = _OFFSET_ZONE.fullmatch(name)
    try:
        if offset:
            sign, *parts = offset.groups(default="0")
            hours, minutes, seconds = map(int, parts)
            ahead = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return timezone(-ahead if sign == "-" else ahead)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError(
            f"{quoted(name)} is not a known time zone. Write it as in Europe/Paris."
        ) from None


def local_zone() -> str:
    """Return the name of this machine's time zone."""
    from tzlocal import get_localzone_name  # noqa: PLC0415 - only for a local time

    return get_localzone_name() or "UTC"


def today() -> date:
    """Return the present day on this machine's clock."""
    return datetime.now().astimezone().date()

"""A row of the worklist: one patient on one day, by the urgency of what is needed.

A row is made of a basis that holds dates: it says what is urgent, overdue and due on any day
up to the next change. The imports are few: the first rows are shown before SQLAlchemy, pint and
numpy are imported.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from dosing.knowledge.intervals import Every
from dosing.quantities.formatting import count_of, short_date
from monitoring.terms import StateKind, Status, Urgency

if TYPE_CHECKING:
    from dosing import Alert
    from monitoring.due import Due
    from monitoring.levels import LevelAssessment
    from monitoring.summary import PatientSummary

_LEVELS_SHOWN = 8
_NAMED = 2
_ACTS_FIRST = frozenset({"pneumonitis-severe", "pneumonitis-open"})
"""The codes of what threatens life: before every other reason."""
_BEFORE_EVERY_ALERT = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPoint:
    """A level of the sparkline, with the target at the time of its sample, in ng/mL."""

    text: str
    """The level as it was reported, with its unit."""
    ng_ml: Decimal
    on: date
    status: Status
    is_evaluable: bool
    mark: str
    """Its sign and word: above, below, within, or not evaluable."""
    low: Decimal | None
    """The lower end of the target; None without one."""
    high: Decimal | None
    """The upper end of the target; None without a dose at the time of the sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDates:
    """A check as dates, from which its urgency on any day follows."""

    what: str
    since: date
    until: date
    is_urgent: bool = False
    is_ever_overdue: bool = True
    again: Every | None = None
    """The interval after which it is due again once it was missed."""
    why: str = ""
    """The reason of an urgent check; empty for others."""

    def on(self, day: date) -> "CheckDates":
        """Return it with the days of its last time on a day, as it is due again in its rhythm."""
        if self.again is None or day <= self.until:
            return self
        last = self.again.last_before(day, self.until)
        if last == self.until:
            return self
        return replace(self, since=self.since + (last - self.until), until=last)

    def overdue_days(self, day: date) -> int:
        """Return the days since its last day; 0 up to it."""
        return max(0, (day - self.until).days) if self.is_ever_overdue else 0

    def urgency(self, day: date) -> Urgency:
        """Return its rank on a day."""
        if self.is_urgent:
            return Urgency.URGENT
        if self.overdue_days(day):
            return Urgency.OVERDUE
        return Urgency.DUE if self.since <= day else Urgency.LATER


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """The part of a patient's row that does not depend on the day."""

    patient: int
    """The patient's number in the store."""
    record_number: str
    name: str
    born: date
    diagnosis: str
    gravity: int
    """The order of the urgent: what threatens life, then by the kind of the strongest alert."""
    state: StateKind
    is_on_hold: bool
    dose: str
    """The dose in the twelve signs of a list, or that it is on hold; empty without one."""
    protocol: str
    """The protocol and its target; empty without a dose."""
    daily_mg: Decimal | None
    mg_per_m2_per_day: Decimal | None
    levels: tuple[LevelPoint, ...]
    """The last eight in use, oldest first."""
    grade: int | None
    """The highest grade of an open adverse event."""
    authors: tuple[str, ...]
    """Who made entries about the patient, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow(RowFacts):
    """A patient on the worklist on one day."""

    urgency: Urgency
    reason: str
    """The reason for its place, one line."""
    urgent: int
    overdue: int
    due: int
    next_due: date | None
    """The first day of the next check that is not open yet; None without one."""
    overdue_days: int
    """The days of the check that is overdue longest."""

    @property
    def order(self) -> tuple[int, int, int, str, int]:
        """The usual order: by urgency, then the most overdue, then by name."""
        return (self.urgency.rank, -self.gravity, -self.overdue_days, self.name, self.patient)

    @property
    def last_level(self) -> LevelPoint | None:
        """The newest level in use."""
        return self.levels[-1] if self.levels else None

    @property
    def off_target(self) -> Status | None:
        """Above or below, where the last level is and a dose is prescribed; else None."""
        last = self.last_level
        is_off = last is not None and last.status in {Status.ABOVE, Status.BELOW}
        return last.status if last is not None and is_off and self.dose else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBasis(RowFacts):
    """A patient's row without the day: the checks are dates.

    `alarm` is the text of the strongest alert to act on now; empty without one.
    """

    alarm: str
    checks: tuple[CheckDates, ...]
    """In the order of the schedule."""

    def on(self, day: date) -> "RowBasis":
        """Return it with the days of every check as they are due again on a day."""
        return replace(self, checks=tuple(each.on(day) for each in self.checks))

    def row_on(self, day: date) -> WorklistRow:
        """Return the row on a day."""
        ranked = _ranked(self.checks, day)
        urgent, overdue, due, later = ranked
        urgency = next((rank for rank in Urgency if ranked[rank.rank]), Urgency.LATER)
        if self.alarm:
            urgency = Urgency.URGENT
        facts = {each.name: getattr(self, each.name) for each in fields(RowFacts)}
        return WorklistRow(
            **facts,
            urgency=urgency,
            reason=self.alarm or _reason(urgency, ranked[urgency.rank], day),
            urgent=len(urgent),
            overdue=len(overdue),
            due=len(due),
            next_due=min((each.since for each in later), default=None),
            overdue_days=max((each.overdue_days for each in (*urgent, *overdue)), default=0),
        )


class _OnDay(NamedTuple):
    """A check on a day."""

    until: date
    since: date
    overdue_days: int
    what: str
    why: str


def _ranked(checks: Iterable[CheckDates], day: date) -> tuple[list[_OnDay], ...]:
    """Return the checks of each rank by their days; those of the same days by the schedule.

    Most checks have the days of others: each is worked out once.
    """
    ranked: tuple[list[_OnDay], ...] = ([], [], [], [])
    known: dict[object, tuple[int, date, date, int]] = {}
    for check in checks:
        alike = (check.since, check.until, check.is_urgent, check.is_ever_overdue, check.again)
        found = known.get(alike)
        if found is None:
            each = check.on(day)
            overdue = each.overdue_days(day)
            found = known[alike] = (each.urgency(day).rank, each.until, each.since, overdue)
        rank, until, since, overdue = found
        ranked[rank].append(_OnDay(until, since, overdue, check.what, check.why))
    for found_checks in ranked:
        found_checks.sort(key=_BY_DAYS)
    return ranked


_BY_DAYS = itemgetter(0, 1)


def _reason(urgency: Urgency, checks: list[_OnDay], day: date) -> str:
    """Return the reason of a rank, from the checks of that rank in their order."""
    match urgency:
        case Urgency.URGENT:
            return f"{_names(checks)}: {checks[0].why}"
        case Urgency.OVERDUE:
            longest = max(each.overdue_days for each in checks)
            return f"{_names(checks)} overdue {count_of(longest, 'day')}"
        case Urgency.DUE:
            last = min(each.until for each in checks)
            if last < day:  # a question, which is never overdue
                return _names(checks)
            return f"{_names(checks)} due until {short_date(last)}"
        case Urgency.LATER:
            if not checks:
                return ""
            first_day = min(each.since for each in checks)
            names = _names([each for each in checks if each.since == first_day])
            return f"{names} from {short_date(first_day)}"


def _names(checks: list[_OnDay]) -> str:
    """Return the first names, and the number of the others."""
    names = ", ".join(each.what for each in checks[:_NAMED])
    more = len(checks) - _NAMED
    return f"{names} and {more} more" if more > 0 else names


def row_of(summary: "PatientSummary") -> WorklistRow:
    """Return the row of a patient at the moment of the summary."""
    return basis_of(summary).row_on(summary.made.local.date())


def basis_of(summary: "PatientSummary") -> RowBasis:
    """Return the row of a patient without the day."""
    patient, state = summary.record.patient.entry, summary.state
    alarm = _alarm(summary)
    current = summary.current
    return RowBasis(
        patient=summary.record.number,
        record_number=patient.record_number,
        name=patient.name,
        born=patient.born,
        diagnosis=patient.diagnosis or patient.anomaly.value.replace("-", " "),
        gravity=_gravity(alarm) if alarm else 0,
        alarm=_in_a_line(alarm) if alarm else "",
        checks=_dates_of(summary.due),
        state=state.kind,
        is_on_hold=state.hold is not None,
        dose=_dose(summary),
        protocol=_protocol(summary),
        daily_mg=current.prescription.daily_mg if current else None,
        mg_per_m2_per_day=current.mg_per_m2_per_day if current else None,
        levels=tuple(map(_point, [e for e in summary.levels if e.is_in_use][-_LEVELS_SHOWN:])),
        grade=summary.highest_open_grade,
        authors=tuple(sorted(set(_authors(summary)))),
    )


def _dates_of(due: "Iterable[Due]") -> tuple[CheckDates, ...]:
    """Return checks as dates, in the order of the schedule, which is the same on every day.

    Left out is the question of the next visit, which is never due by itself.
    """
    from monitoring.due import Check  # noqa: PLC0415 - the first rows need no checks
    from monitoring.due.checks import LABORATORY_CHECKS  # noqa: PLC0415 - as above

    names = [each.what for each in LABORATORY_CHECKS]
    kinds = list(Check)

    def place(check: "Due") -> tuple[int, int, str]:
        of_laboratory = names.index(check.what) if check.what in names else len(names)
        return kinds.index(check.check), of_laboratory, check.what

    found = sorted((each for each in due if each.check is not Check.FERTILITY), key=place)
    return tuple(map(_dates, found))


def _gravity(alarm: "Alert") -> int:
    return _BEFORE_EVERY_ALERT if alarm.code in _ACTS_FIRST else int(alarm.kind)


def _alarm(summary: "PatientSummary") -> "Alert | None":
    """Return the strongest alert to act on now; None without one.

    A drug given with sirolimus is urgent by the trough that it asks for, until that is taken: it is
    among the checks.
    """
    from dosing import AlertKind  # noqa: PLC0415 - the first rows need no alerts

    of_drugs = {alert.message for drug in summary.drugs for alert in drug.alerts}
    found = [
        each
        for each in summary.alerts
        if each.kind >= AlertKind.URGENT and each.message not in of_drugs
    ]
    return max(found, key=_gravity, default=None)


def _in_a_line(alarm: "Alert") -> str:
    """Return the fact of an alert, and the first thing to do."""
    first = ". ".join(alarm.message.split(". ")[:2])
    return first if first.endswith(".") else f"{first}."


def _dates(check: "Due") -> CheckDates:
    is_dated = check.is_ever_overdue or not check.is_urgent  # else today's date says nothing
    return CheckDates(
        what=check.what,
        since=check.since if is_dated else date.min,
        until=check.until if is_dated else date.min,
        is_urgent=check.is_urgent,
        is_ever_overdue=check.is_ever_overdue,
        again=check.again,
        why=_why(check) if check.is_urgent else "",
    )


def _why(check: "Due") -> str:
    """Return the reason without the day since which it was missed: that is another with time."""
    words, missed, _ = check.why.partition("; missed since ")
    return f"{words}." if missed else words


def _dose(summary: "PatientSummary") -> str:
    if summary.current is None:
        return ""
    if not summary.state.is_given:
        return "on hold" if summary.state.hold else "in question"
    return summary.current.prescription.regimen


def _protocol(summary: "PatientSummary") -> str:
    from monitoring.record.listing import protocol_words  # noqa: PLC0415 - the first rows need none

    return protocol_words(summary.current.prescription) if summary.current else ""


def _point(level: "LevelAssessment") -> LevelPoint:
    from monitoring.levels.wording import mark  # noqa: PLC0415 - the first rows need none

    target = level.target
    return LevelPoint(
        text=str(level.level.entry),
        ng_ml=level.level_ng_ml,
        on=level.level.entry.sampled.local.date(),
        status=level.status,
        is_evaluable=level.is_evaluable,
        mark=mark(level),
        low=target.low_ng_ml if target else None,
        high=target.high_ng_ml if target else None,
    )


def _authors(summary: "PatientSummary") -> Iterator[str]:
    for each in summary.record.entries:
        yield each.author.by
        for mark in (each.ending, each.void):
            if mark is not None:
                yield mark.author.by

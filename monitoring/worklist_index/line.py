"""The text of a line of the index: a patient's row as pieces of time, in JSON.

Days are numbers of the calendar (`date.toordinal`), moments are seconds since 1970, and decimals
are texts. What is the same in every piece is written once.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from dosing.birth_date import is_exact, read_birth
from dosing.knowledge.intervals import Every
from monitoring.terms import StateKind, Status, Urgency
from monitoring.times import Moment
from monitoring.worklist_index.row import CheckDates, LevelPoint, RowBasis

LINE_ERRORS = (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError)
"""The errors of a text that another program wrote."""
_STATUSES, _STATES = tuple(Status), tuple(StateKind)
_URGENT, _OVERDUE = 1, 2


@dataclass(frozen=True, slots=True)
class Piece:
    """The basis of a row from a moment on, up to the next piece."""

    since: datetime
    """Its beginning, in UTC."""
    basis: RowBasis


@dataclass(frozen=True, slots=True)
class RowPieces:
    """The pieces of one patient, from the moment of the summary up to the horizon."""

    zone: str
    """The zone whose clocks begin a day."""
    pieces: tuple[Piece, ...]
    until: datetime
    """The end of the last piece, in UTC."""

    def basis_at(self, now: Moment) -> RowBasis | None:
        """Return the basis of the row at a moment; None outside the pieces, and in another zone."""
        if now.zone != self.zone or not self.pieces[0].since <= now.utc < self.until:
            return None
        return next(each.basis for each in reversed(self.pieces) if each.since <= now.utc)


def line_text(pieces: RowPieces) -> str:
    """Return the text of a line."""
    first = pieces.pieces[0].basis
    document = {
        "until": _seconds(pieces.until),
        "fixed": [
            first.patient,
            first.record_number,
            first.name,
            first.born.isoformat() if not is_exact(first.born) else first.born.toordinal(),
            first.diagnosis,
            first.grade,
            first.authors,
            [_of_level(each) for each in first.levels],
        ],
        "pieces": [[_seconds(each.since), *_of_basis(each.basis)] for each in pieces.pieces],
    }
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))


def read_line(text: str, now: Moment) -> RowBasis | None:
    """Return the basis of the row at a moment; None outside the line's pieces.

    Raises one of `LINE_ERRORS` for another text.
    """
    document = json.loads(text)
    seconds = _seconds(now.utc)
    if seconds >= document["until"]:
        return None
    begun = [each for each in document["pieces"] if each[0] <= seconds]
    return _basis(document["fixed"], begun[-1]) if begun else None


def order_of_line(text: str, now: Moment) -> tuple[int, int, int, str, int] | None:
    """Return the order of the row at a moment, without the rest of it; else as `read_line`."""
    document = json.loads(text)
    seconds = _seconds(now.utc)
    begun = [each for each in document["pieces"] if each[0] <= seconds]
    if seconds >= document["until"] or not begun:
        return None
    (patient, _, name, *_), piece, day = document["fixed"], begun[-1], now.local.date()
    gravity, alarm = piece[1], piece[2]
    rank, overdue = Urgency.URGENT.rank if alarm else Urgency.LATER.rank, 0
    for each in _checks([[*days, names[:1], []] for *days, names, _ in piece[-1]]):
        on_day = each.on(day)
        rank = min(rank, on_day.urgency(day).rank)
        overdue = max(overdue, on_day.overdue_days(day))
    return (rank, -gravity, -overdue, name, patient)


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH) / _SECOND)


_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


def _of_level(level: LevelPoint) -> list[object]:
    return [
        level.text,
        str(level.ng_ml),
        level.on.toordinal(),
        _STATUSES.index(level.status),
        int(level.is_evaluable),
        level.mark,
        _text(level.low),
        _text(level.high),
    ]


def _of_basis(basis: RowBasis) -> list[object]:
    return [
        basis.gravity,
        basis.alarm,
        _STATES.index(basis.state),
        int(basis.is_on_hold),
        basis.dose,
        basis.protocol,
        _text(basis.daily_mg),
        _text(basis.mg_per_m2_per_day),
        [
            [*days, [each.what for each in checks], [each.why for each in checks if each.why]]
            for days, checks in _alike(basis.checks)
        ],
    ]


def _alike(
    checks: Sequence[CheckDates],
) -> Iterator[tuple[tuple[int, ...], list[CheckDates]]]:
    """Yield checks that follow each other and have the same days, with these days."""
    for days, alike in groupby(checks, _days):
        yield days, list(alike)


def _days(check: CheckDates) -> tuple[int, ...]:
    kind = check.is_urgent * _URGENT + check.is_ever_overdue * _OVERDUE
    again = check.again or Every()
    return check.since.toordinal(), check.until.toordinal(), kind, again.months, again.days


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


@lru_cache(maxsize=2_000)
def _number(text: str) -> Decimal:
    return Decimal(text)


def _known(text: str | None) -> Decimal | None:
    return None if text is None else _number(text)


_interval = lru_cache(maxsize=100)(Every)


def _basis(fixed: Sequence[Any], piece: Sequence[Any]) -> RowBasis:
    patient, record_number, name, born, diagnosis, grade, authors, levels = fixed
    _, gravity, alarm, state, is_on_hold, dose, protocol, daily, per_m2, checks = piece
    return RowBasis(
        patient=patient,
        record_number=record_number,
        name=name,
        born=read_birth(born) if isinstance(born, str) else date.fromordinal(born),
        diagnosis=diagnosis,
        gravity=gravity,
        alarm=alarm,
        checks=tuple(_checks(checks)),
        state=_STATES[state],
        is_on_hold=bool(is_on_hold),
        dose=dose,
        protocol=protocol,
        daily_mg=_known(daily),
        mg_per_m2_per_day=_known(per_m2),
        levels=tuple(map(_level, levels)),
        grade=grade,
        authors=tuple(authors),
    )


def _checks(groups: Sequence[Any]) -> Iterator[CheckDates]:
    for since, until, kind, months, days, names, reasons in groups:
        again = _interval(months=months, days=days) if months or days else None
        for name, why in zip(names, reasons or [""] * len(names), strict=True):
            yield CheckDates(
                what=name,
                since=date.fromordinal(since),
                until=date.fromordinal(until),
                is_urgent=bool(kind & _URGENT),
                is_ever_overdue=bool(kind & _OVERDUE),
                again=again,
                why=why,
            )


def _level(written: Sequence[Any]) -> LevelPoint:
    text, ng_ml, on, status, is_evaluable, mark, low, high = written
    return LevelPoint(
        text=text,
        ng_ml=_number(ng_ml),
        on=date.fromordinal(on),
        status=_STATUSES[status],
        is_evaluable=bool(is_evaluable),
        mark=mark,
        low=_known(low),
        high=_known(high),
    )

"""The end of a supply: the first dose, by the record, that it does not cover.

Every dose of the schedule is taken out of the newest supply of its product, dose by dose: planned
changes and holds, missed and loading doses count as they are recorded. An opened bottle counts for
`OPENED_BOTTLE_KEEPS`; what is left in it then, or is less than a dose, is thrown away. What was
spilled, or drawn up twice after vomiting, is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from dosing import Product
from dosing.knowledge.monitoring_schedule import (
    OPENED_BOTTLE_KEEPS,
    OPENED_BOTTLE_SOURCE,
    ORDER_BEFORE_DAYS,
)
from dosing.knowledge.products import STRENGTH_MG_PER_ML
from dosing.knowledge.references import PROPOSED
from dosing.quantities.formatting import plain, short_date
from monitoring.record.entries import StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.record.supply import Supply
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

LOOKED_AHEAD = timedelta(days=400)
"""How far the doses of a supply are followed from its day on; a longer one is not ordered yet."""

_Form = tuple[Product, Decimal | None]
"""A product, with the strength of a solution: what can take the place of each other."""


class SupplyEnd(Enum):
    """The cause of a dose without a supply."""

    USED_UP = "used-up"
    PAST_ITS_TIME = "past-its-time"
    NOT_RECORDED = "not-recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyCourse:
    """The first dose without a supply, and why; by the record."""

    missing: Moment
    end: SupplyEnd
    product: Product
    strength_mg_per_ml: Decimal | None
    """Of a pharmacy's dilution; None for the product's own and for tablets."""
    newest: StoredEntry[Supply] | None
    """The last entry, of the product; None if no supply of it is recorded."""

    @property
    def day(self) -> date:
        """The day of the first dose without a supply."""
        return self.missing.local.date()

    @property
    def order_by(self) -> date:
        """The last day for an order that arrives in time."""
        return self.day - timedelta(days=ORDER_BEFORE_DAYS)

    @property
    def source(self) -> str:
        """The source of the end: the label's for the time after opening, else proposed."""
        return OPENED_BOTTLE_SOURCE if self._is_by_label else PROPOSED

    @property
    def _is_by_label(self) -> bool:
        return self.end is SupplyEnd.PAST_ITS_TIME and not self._is_past_its_day

    @property
    def _is_past_its_day(self) -> bool:
        """True where the day of the pharmacy's label is over, and not the time after opening."""
        supply = self.newest.entry if self.newest else None
        return supply is not None and supply.use_by is not None and self.day > supply.use_by

    @property
    def what(self) -> str:
        """The product in words."""
        if self.product is Product.TABLETS:
            return "tablets"
        strength = self.strength_mg_per_ml
        return f"solution of {plain(strength)} mg/mL" if strength else "solution"

    @property
    def words(self) -> str:
        """The answer in words, without a full stop."""
        day = short_date(self.day)
        if self.newest is None:
            return f"no supply of {self.what} is recorded for the dose of {day}"
        of = f"{self.newest.entry.amount} of {short_date(self.newest.entry.on)}"
        if self.end is SupplyEnd.USED_UP:
            return f"{of}: used up by the dose of {day}, by the recorded doses"
        if self._is_past_its_day and self.newest.entry.use_by:
            return f"{of}: not to be used after {short_date(self.newest.entry.use_by)}"
        return f"{of}: the last bottle is open for a {OPENED_BOTTLE_KEEPS} on {day}"

    def to_dict(self) -> dict[str, object]:
        """Return the answer for JSON."""
        return {
            "product": self.product.value,
            "first_dose_without": str(self.missing),
            "why": self.end.value,
            "order_by": str(self.order_by),
        }


def supply_course(history: TreatmentHistory, now: Moment) -> SupplyCourse | None:
    """Return the first dose without a supply; None where no supply is recorded, or all are covered.

    While doses are on hold until a restart, and after the end of the treatment, none is needed.
    Doses of before the first recorded supply are left out.
    """
    today = now.local.date()
    known = [each for each in history.record.active(Supply) if each.entry.on <= today]
    if not known or _is_on_open_hold(history, now):
        return None
    stocks = {form: _Stock(_newest(known, form)) for form in {_form(each.entry) for each in known}}
    last = max(each.entry.on for each in known)
    first = min(stock.since for stock in stocks.values())
    needed = _needed(history, now)
    for dose in _doses(history, first, last + LOOKED_AHEAD):
        stock = stocks.get(dose.form)
        day = dose.at.local.date()
        if dose.form not in needed or day < (stock.since if stock else last):
            continue
        end = stock.take(day, dose.mg) if stock else SupplyEnd.NOT_RECORDED
        if end is not None:
            product, strength = dose.form
            return SupplyCourse(
                missing=dose.at,
                end=end,
                product=product,
                strength_mg_per_ml=None if strength == STRENGTH_MG_PER_ML else strength,
                newest=stock.newest if stock else None,
            )
    return None


@dataclass(frozen=True, slots=True)
class _Dose:
    at: Moment
    mg: Decimal
    form: _Form


def _doses(history: TreatmentHistory, first: date, until: date) -> Iterator[_Dose]:
    """Yield the doses that are to be given from a day to another, in order of time."""
    since, end = _midnight(history, first), _midnight(history, until)
    due = (each for each in history.due_doses(since, end) if not each.is_held)
    found = [_Dose(each.at, each.mg, _form_of(each.period.prescription.entry)) for each in due]
    loads = (each.entry for each in history.loading_doses if since <= each.entry.since < end)
    found += [_Dose(each.since, each.dose_mg, _form_of(each)) for each in loads]
    yield from sorted(found, key=lambda each: each.at.utc)


def _midnight(history: TreatmentHistory, day: date) -> Moment:
    """Return the beginning of a day by the clocks of the prescriptions."""
    zones = [each.entry.since.zone for each in history.record.active(Prescription)]
    return Moment.read(f"{day}T00:00", zones[-1] if zones else "UTC")


def _needed(history: TreatmentHistory, now: Moment) -> set[_Form]:
    """Return what is given now or later, as far as the doses are planned."""
    going_on = (each for each in history.periods if each.until is None or now < each.until)
    loads = (each.entry for each in history.loading_doses if now <= each.entry.since)
    return {_form_of(each) for each in (*(e.prescription.entry for e in going_on), *loads)}


def _is_on_open_hold(history: TreatmentHistory, now: Moment) -> bool:
    hold = history.hold_at(now)
    return hold is not None and hold.until is None


def _form_of(dose: Prescription) -> _Form:
    if dose.product is Product.TABLETS:
        return Product.TABLETS, None
    return Product.SOLUTION, dose.strength_mg_per_ml or STRENGTH_MG_PER_ML


def _form(supply: Supply) -> _Form:
    if supply.product is Product.TABLETS:
        return Product.TABLETS, None
    return Product.SOLUTION, supply.mg_per_ml


def _newest(known: list[StoredEntry[Supply]], form: _Form) -> list[StoredEntry[Supply]]:
    """Return the last entries of a product: the last bottle, or all tablets of the last day."""
    of_form = [each for each in known if _form(each.entry) == form]
    of_form.sort(key=lambda each: (each.entry.on, each.number))
    if form[0] is Product.SOLUTION:
        return of_form[-1:]
    return [each for each in of_form if each.entry.on == of_form[-1].entry.on]


class _Stock:
    """The rest of a product while doses are taken out of it."""

    def __init__(self, entries: list[StoredEntry[Supply]]) -> None:
        """Take the entries of one product that count."""
        self.newest = entries[-1]
        self.since = self.newest.entry.on
        is_solution = self.newest.entry.product is Product.SOLUTION
        self._of = _Bottles(self.newest.entry) if is_solution else _Tablets(entries)

    def take(self, day: date, mg: Decimal) -> SupplyEnd | None:
        """Take a dose on a day; return why it is not possible, or None."""
        return self._of.take(day, mg)


class _Bottles:
    """Bottles of the solution, opened one after the other."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self._full = self._left = supply.volume_ml or Decimal()
        self._opened, self._unopened = supply.on, (supply.bottles or 1) - 1

    def take(self, day: date, mg: Decimal) -> SupplyEnd | None:
        """Take a dose out of the open bottle, or out of the next one."""
        if self._supply.use_by is not None and day > self._supply.use_by:
            return SupplyEnd.PAST_ITS_TIME
        volume, is_past = mg / self._supply.mg_per_ml, self._is_past(day)
        if is_past or volume > self._left:
            if not self._unopened or volume > self._full:
                return SupplyEnd.PAST_ITS_TIME if is_past else SupplyEnd.USED_UP
            self._unopened -= 1
            self._opened, self._left = day, self._full
        self._left -= volume
        return None

    def _is_past(self, day: date) -> bool:
        """Return whether the open bottle is past the label's time; a dilution has its own day."""
        is_own = self._supply.mg_per_ml == STRENGTH_MG_PER_ML
        return is_own and day >= OPENED_BOTTLE_KEEPS.after(self._opened)


class _Tablets:
    """Tablets of some strengths, of which a dose is made up: the largest first."""

    def __init__(self, entries: list[StoredEntry[Supply]]) -> None:
        self._left: dict[tuple[Decimal, date | None], int] = {}
        for entry in (each.entry for each in entries):
            kind = (entry.tablet_mg or Decimal(), entry.use_by)
            self._left[kind] = self._left.get(kind, 0) + (entry.tablets or 0)

    def take(self, day: date, mg: Decimal) -> SupplyEnd | None:
        """Take the tablets of a dose; each strength divides the next, so the largest fit first."""
        usable = {kind for kind in self._left if kind[1] is None or day <= kind[1]}
        taken, missing = dict[tuple[Decimal, date | None], int](), mg
        for kind in sorted(usable, key=lambda each: (-each[0], each[1] or date.max)):
            taken[kind] = min(self._left[kind], int(missing // kind[0]))
            missing -= taken[kind] * kind[0]
        if missing:
            is_past = any(count for kind, count in self._left.items() if kind not in usable)
            return SupplyEnd.PAST_ITS_TIME if is_past else SupplyEnd.USED_UP
        for kind, number in taken.items():
            self._left[kind] -= number
        return None

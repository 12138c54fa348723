"""Holds, switches of product and other drugs as bars of time, for charts on screen and paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from dosing.knowledge.products import Product
from dosing.quantities.formatting import strength
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory
from monitoring.treatment.exposure import start_of

_ONE_DAY = timedelta(days=1)


class BarKind(Enum):
    """The kinds of bars, in their order below a chart; the value is the word beside them."""

    HOLD = "hold"
    PRODUCT = "form"
    DRUG = "drug"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentBar:
    """One bar, from one moment to another.

    A drug's bar reaches to the end of its last day.
    """

    kind: BarKind
    label: str
    """The reason of a hold, the name of a product or drug; as recorded, not cleaned."""
    since: datetime
    """In UTC."""
    until: datetime | None
    """In UTC; None while it lasts."""

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        """Return whether a part of it is between two moments."""
        return self.since < end and (self.until is None or begin < self.until)


def treatment_bars(history: TreatmentHistory, now: Moment) -> tuple[TreatmentBar, ...]:
    """Return the holds, the products if there is more than one, and the other drugs.

    Days begin by the clocks of `now`. Bars of one kind are in the order of their beginning; a drug
    planned for later is among them.
    """
    return (*_holds(history), *_products(history.periods), *_drugs(history, now))


def _holds(history: TreatmentHistory) -> Iterator[TreatmentBar]:
    for hold in history.holds:
        until = hold.until.utc if hold.until else None
        yield TreatmentBar(
            kind=BarKind.HOLD, label=hold.reason or "on hold", since=hold.at.utc, until=until
        )


def _products(periods: Sequence[DosingPeriod]) -> tuple[TreatmentBar, ...]:
    """Return a bar for each time on one product; none where there is one product only."""
    found: list[TreatmentBar] = []
    for period in periods:
        name = _product_name(period)
        until = period.until.utc if period.until else None
        before = found[-1] if found else None
        if before and before.label == name and before.until == period.since.utc:
            found[-1] = replace(before, until=until)
        else:
            found.append(
                TreatmentBar(kind=BarKind.PRODUCT, label=name, since=period.since.utc, until=until)
            )
    return tuple(found) if len({each.label for each in found}) > 1 else ()


def _product_name(period: DosingPeriod) -> str:
    dose = period.prescription.entry
    if dose.product is not Product.SOLUTION or dose.strength_mg_per_ml is None:
        return dose.product.value
    return f"{dose.product.value} {strength(dose.strength_mg_per_ml)}"


def _drugs(history: TreatmentHistory, now: Moment) -> tuple[TreatmentBar, ...]:
    found = (
        TreatmentBar(
            kind=BarKind.DRUG,
            label=drug.name,
            since=start_of(drug.since, now).utc,
            until=start_of(drug.until + _ONE_DAY, now).utc if drug.until else None,
        )
        for drug in history.drugs
    )
    return tuple(sorted(found, key=lambda each: each.since))


def lanes_of(extents: Iterable[tuple[float, float]]) -> tuple[int, ...]:
    """Return a lane for each extent: the first one in which it overlaps none before it.

    Each extent is its beginning and its end, the end not included.

    >>> lanes_of([(0, 5), (3, 8), (5, 9), (4, 6)])
    (0, 1, 0, 2)
    """
    lanes: list[list[tuple[float, float]]] = []
    found = []
    for begin, end in extents:
        free = (
            number
            for number, lane in enumerate(lanes)
            if all(end <= other or until <= begin for other, until in lane)
        )
        number = next(free, len(lanes))
        if number == len(lanes):
            lanes.append([])
        lanes[number].append((begin, end))
        found.append(number)
    return tuple(found)

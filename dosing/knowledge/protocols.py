"""The published protocols for a start of treatment, as one table.

Figures: clinical reference, section 3; each protocol names its source. A protocol states its dose
per day or per administration; `Start` always gives both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from dosing.errors import ReadingError, UserError
from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, Product
from dosing.patient import Age, LiverImpairment, Weight
from dosing.quantities.formatting import often_a_day
from dosing.quantities.parsing import QuantityKind, read_quantity
from dosing.quantities.text import quoted
from dosing.quantities.units import counts_doses, quantity

if TYPE_CHECKING:
    from dosing.quantities.units import PintQuantity

_HIGHEST_TARGET_NG_ML = Decimal(24)
ADULT_FROM_MONTHS = Decimal(18 * 12)


@dataclass(frozen=True, slots=True)
class TargetTrough:
    """The range of trough levels aimed at, in ng/mL, both ends included."""

    low_ng_ml: Decimal | None
    high_ng_ml: Decimal

    def __repr__(self) -> str:
        """Return the range in words."""
        return f"<{type(self).__name__} {self}>"

    def __post_init__(self) -> None:
        """Raise `UserError` for ends in the wrong order, or above 24 ng/mL."""
        if not (self.low_ng_ml or 0) < self.high_ng_ml <= _HIGHEST_TARGET_NG_ML:
            raise UserError(
                f"A target is from a lower to a higher level of at most {_HIGHEST_TARGET_NG_ML} "
                "ng/mL."
            )

    @classmethod
    def read(cls, text: str) -> "TargetTrough":
        """Return the range that `text` states: two levels with their unit, as in 4-10 ng/mL.

        The name of a later target (`LATER_TARGETS`) is read as its range. Raises `ReadingError`
        with an example, and `UserError` for an impossible range.

        >>> str(TargetTrough.read("4-10 ng/mL")), str(TargetTrough.read("khe-maintenance"))
        ('4-10 ng/mL', '5-7 ng/mL')
        """
        named = LATER_TARGETS.get(text.strip(" "))
        if named is not None:
            return named.target
        low, dash, high = text.replace("–", "-").partition("-")
        if not dash:
            raise ReadingError(f"{quoted(text)} is not a target. Write it as in 4-10 ng/mL.")
        upper = read_quantity(high, QuantityKind.LEVEL)
        has_unit = not low.strip(" ")[-1:].isdigit()
        lower = read_quantity(low if has_unit else f"{low} {upper.unit}", QuantityKind.LEVEL)
        return cls(lower.value, upper.value)

    def __str__(self) -> str:
        """Return the range as on screen and paper."""
        if self.low_ng_ml is None:
            return f"at most {self.high_ng_ml} ng/mL"
        return f"{self.low_ng_ml}-{self.high_ng_ml} ng/mL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The patients of one row of a protocol: every `from` is included, every `below` is not."""

    age_from_months: Decimal = Decimal(0)
    age_below_months: Decimal | None = None
    area_from_m2: Decimal = Decimal(0)
    area_below_m2: Decimal | None = None
    weight_below_kg: Decimal | None = None
    products: tuple[Product, ...] = (ORAL_SOLUTION, TABLETS)

    def holds(self, weight: Weight, age: Age, area_m2: Decimal, product: Product) -> bool:
        """Return whether the row is for this patient and product."""
        return (
            _within(age.months, self.age_from_months, self.age_below_months)
            and _within(area_m2, self.area_from_m2, self.area_below_m2)
            and _within(weight.kg, Decimal(0), self.weight_below_kg)
            and product in self.products
        )


def _within(number: Decimal, lowest: Decimal, below: Decimal | None) -> bool:
    return lowest <= number and (below is None or number < below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One row of a protocol: the dose as its source states it, and its frequency.

    `unit` is an expression of the registry's: mg/m**2/day, mg/m**2/dose, mg/kg/day or mg/day.
    """

    amount: str
    unit: str
    times_a_day: int
    band: Band = Band()
    ceiling_factor: int | None = None
    """The daily dose never exceeds this many times the row's own."""
    remark: str = ""
    every_hours: int | None = None
    """The hours between doses; None for `times_a_day` doses spread over the day."""
    or_every_hours: tuple[int, ...] = ()
    """Other intervals of the same dose that the source states, too."""

    def __repr__(self) -> str:
        """Return the row as its source states it."""
        return f"<{type(self).__name__} {self.amount} {self.unit}, {often_a_day(self.times_a_day)}>"

    @property
    def stated(self) -> "PintQuantity":
        """The dose as its source states it."""
        return quantity(self.amount, self.unit)

    @property
    def per_day(self) -> "PintQuantity":
        """The stated dose per day: in mg/m²/day, mg/kg/day or mg/day."""
        stated = self.stated
        return stated * self._doses_per_day if counts_doses(stated) else stated

    @property
    def per_dose(self) -> "PintQuantity":
        """The stated dose per administration: in mg/m²/dose, mg/kg/dose or mg/dose."""
        stated = self.stated
        return stated if counts_doses(stated) else stated / self._doses_per_day

    @property
    def interval_hours(self) -> int:
        """The hours between doses."""
        return self.every_hours or 24 // self.times_a_day

    def at_interval(self, hours: int | None) -> "Start":
        """Return the row with the interval chosen, or as it is where none is.

        Raises `UserError` for an interval that its source does not state.
        """
        stated = (self.interval_hours, *self.or_every_hours)
        if hours is None or hours == self.interval_hours:
            return self
        if hours not in stated:
            raise UserError(
                "The protocol's source gives doses every "
                f"{' or '.join(map(str, stated))} hours. Leave out the interval, or choose one."
            )
        return replace(self, every_hours=hours)

    @property
    def _doses_per_day(self) -> "PintQuantity":
        return quantity(Decimal(24) / self.interval_hours, "dose/day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A published way to start, with its target and its source."""

    key: str
    name: str
    source: str
    starts: tuple[Start, ...]
    """Empty where the source states a target and no starting dose."""
    target: TargetTrough
    target_source: str
    first_level_days: tuple[int, int] = (7, 14)
    """The first and the last day for the first trough level, after the start."""
    first_level_source: str = "rapalimus-label"
    loading_mg_per_m2: Decimal | None = None
    """One dose on the first day, before the daily doses, in mg/m²/dose."""
    ceiling_mg_per_day: Decimal | None = None
    also_mg_per_kg_per_day: tuple[Decimal, Decimal] | None = None
    """The range by weight that the source also states."""
    halved_in: frozenset[LiverImpairment] | None = None
    """The liver impairments in which the protocol's own source halves the dose; None if silent."""
    whom: str = "every age and weight"
    remark: str = ""
    is_low_dose: bool = False
    """True where doses below the usual ones are meant."""

    def __repr__(self) -> str:
        """Return the protocol by its key."""
        return f"<{type(self).__name__} {self.key}>"

    @property
    def loading_dose(self) -> "PintQuantity | None":
        """The loading dose with its unit."""
        per_m2 = self.loading_mg_per_m2
        return None if per_m2 is None else quantity(per_m2, "mg/m**2/dose")

    def start_for(
        self, weight: Weight, age: Age, area_m2: Decimal, product: Product
    ) -> Start | None:
        """Return the row for this patient, or None where the protocol has none."""
        return next(
            (row for row in self.starts if row.band.holds(weight, age, area_m2, product)), None
        )


REVIEW = Protocol(
    key="review",
    name="Nadal 2016, most common regimen",
    source="nadal2016",
    starts=(Start(amount="1.6", unit="mg/m**2/day", times_a_day=2),),
    target=TargetTrough(Decimal(5), Decimal(15)),
    target_source="nadal2016",
)

PHASE2 = Protocol(
    key="phase2",
    name="Phase II trial",
    source="adams2016",
    starts=(Start(amount="0.8", unit="mg/m**2/dose", times_a_day=2),),
    target=TargetTrough(Decimal(10), Decimal(15)),
    target_source="adams2016",
)

FRENCH = Protocol(
    key="french",
    name="French head and neck guidance",
    source="jop2023",
    starts=(
        Start(
            amount="1.6",
            unit="mg/m**2/day",
            times_a_day=2,
            band=Band(age_below_months=ADULT_FROM_MONTHS),
        ),
        Start(
            amount="1.6",
            unit="mg/m**2/day",
            times_a_day=1,
            band=Band(age_from_months=ADULT_FROM_MONTHS),
        ),
    ),
    target=TargetTrough(Decimal(4), Decimal(12)),
    target_source="jop2023",
    first_level_days=(14, 14),
    first_level_source="jop2023",
    also_mg_per_kg_per_day=(Decimal("0.08"), Decimal("0.1")),
    whom="children in two doses a day, adults in one",
    remark="After the first level, one every month.",
)

_GRANULES = (
    "Below 0.6 m² the label's bands are for its 0.2 % granules, whose trough is 1.23 times the "
    "tablets'; this oral solution is a third product."
)


def _by_age_on_granules(mg_per_kg: str, from_months: int, below_months: int | None) -> Start:
    return Start(
        amount=mg_per_kg,
        unit="mg/kg/day",
        times_a_day=1,
        band=Band(
            age_from_months=Decimal(from_months),
            age_below_months=None if below_months is None else Decimal(below_months),
            area_below_m2=Decimal("0.6"),
            products=(ORAL_SOLUTION,),
        ),
        ceiling_factor=4,
        remark=_GRANULES,
    )


JAPAN = Protocol(
    key="japan",
    name="Japanese label (vascular anomalies)",
    source="rapalimus-label",
    starts=(
        Start(amount="2", unit="mg/day", times_a_day=1, band=Band(area_from_m2=Decimal(1))),
        Start(
            amount="1",
            unit="mg/day",
            times_a_day=1,
            band=Band(area_below_m2=Decimal(1), products=(TABLETS,)),
            remark="Tablets start at 1 mg below 1 m² and are not split.",
        ),
        Start(
            amount="1",
            unit="mg/day",
            times_a_day=1,
            band=Band(area_from_m2=Decimal("0.6"), area_below_m2=Decimal(1)),
        ),
        _by_age_on_granules("0.02", 0, 3),
        _by_age_on_granules("0.04", 3, 6),
        _by_age_on_granules("0.06", 6, 12),
        _by_age_on_granules("0.08", 12, None),
    ),
    target=TargetTrough(None, Decimal(15)),
    target_source="rapalimus-label",
    ceiling_mg_per_day=Decimal(4),
    halved_in=frozenset({LiverImpairment.B, LiverImpairment.C}),
    whom="once a day, by body surface area and, below 0.6 m², by weight and age",
)

TRANSPLANT = Protocol(
    key="transplant",
    name="Kidney transplant, for comparison",
    source="us-label",
    starts=(
        Start(
            amount="1",
            unit="mg/m**2/day",
            times_a_day=1,
            band=Band(age_from_months=Decimal(13 * 12), weight_below_kg=Decimal(40)),
        ),
    ),
    target=TargetTrough(Decimal(4), Decimal(12)),
    target_source="nadal2016",
    first_level_days=(3, 4),
    first_level_source="us-label",
    loading_mg_per_m2=Decimal(3),
    whom="13 years and older and under 40 kg",
    remark=(
        "For comparison only: with ciclosporin, in kidney transplantation; the target in "
        "maintenance is 12-20 ng/mL (Nadal 2016)."
    ),
)

INFANT = Protocol(
    key="infant",
    name="Young infants, low doses (BJCP 2022)",
    source="bjcp2022",
    starts=(
        Start(
            amount="0.2",
            unit="mg/m**2/dose",
            times_a_day=1,
            or_every_hours=(48,),
            band=Band(age_below_months=Decimal(7)),
        ),
    ),
    target=TargetTrough(Decimal(4), Decimal(6)),
    target_source="bjcp2022",
    whom="infants under 7 months",
    remark="Five infants, aged 4 days to 7 months, four of them with prednisone.",
    is_low_dose=True,
)

LOW = Protocol(
    key="low",
    name="Low target (Harbers 2021)",
    source="harbers2021",
    starts=(),
    target=TargetTrough(Decimal(4), Decimal(10)),
    target_source="harbers2021",
    whom="every age and weight, as a target",
)

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        protocol.key: protocol
        for protocol in (REVIEW, PHASE2, FRENCH, JAPAN, TRANSPLANT, INFANT, LOW)
    }
)


@dataclass(frozen=True, slots=True)
class LaterTarget:
    """A published target for later in the course, which no protocol starts with."""

    key: str
    name: str
    target: TargetTrough
    source: str


LATER_TARGETS: Mapping[str, LaterTarget] = MappingProxyType(
    {
        later.key: later
        for later in (
            LaterTarget(
                "khe-maintenance",
                "Kaposiform haemangioendothelioma, maintenance",
                TargetTrough(Decimal(5), Decimal(7)),
                "nct04448873",
            ),
            LaterTarget(
                "khe-long-term",
                "Kaposiform haemangioendothelioma, long term",
                TargetTrough(Decimal(2), Decimal(5)),
                "khe-review2020",
            ),
        )
    }
)

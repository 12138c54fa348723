"""The limits that guard a proposal, in one table.

Most values are proposed (see `docs/clinical-basis.md`): a clinic that wants others changes the rows
here. Extremes stop; cautions stay rare, or nobody reads them. Limits guard what is proposed or
prescribed; what really happened can always be recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from dosing.alerts import Alert, AlertKind
from dosing.body import Age, Weight
from dosing.protocols import ADULT_FROM_MONTHS
from dosing.sources import PROPOSED
from dosing.writing import plain, rounded

ADULT_SIZE_KG = Decimal(40)
INFANT_BELOW_MONTHS = Decimal(24)
YOUNG_INFANT_BELOW_MONTHS = Decimal(7)
NEONATE_BELOW_MONTHS = Decimal(1)

# Figures are compared to so many decimals, so that 1.6 mg/m²/day that went through a multiplication
# and a division by the same area is 1.6 again.
_COMPARED_DECIMALS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the limits look at. None: not measured, or not yet calculated."""

    weight: Weight
    age: Age
    height_cm: Decimal | None = None
    body_mass_index: Decimal | None = None
    weight_for_age_z: Decimal | None = None
    height_for_age_z: Decimal | None = None
    measured_days_ago: Decimal | None = None
    area_m2: Decimal | None = None
    formula_difference_percent: Decimal | None = None
    weight_only_difference_percent: Decimal | None = None
    daily_mg: Decimal | None = None
    daily_mg_per_m2: Decimal | None = None
    largest_day_mg: Decimal | None = None
    rounding_percent: Decimal | None = None
    volume_ml: Decimal | None = None

    @property
    def weight_kg(self) -> Decimal:
        """The weight as a plain number."""
        return self.weight.kg

    @property
    def age_years(self) -> Decimal:
        """The age as a plain number."""
        return self.age.years


class Figure(Enum):
    """One of the facts, as (attribute of `Facts`, how it is called, unit)."""

    WEIGHT = ("weight_kg", "Weight", "kg")
    HEIGHT = ("height_cm", "Height", "cm")
    BODY_MASS = ("body_mass_index", "Body mass index", "kg/m²")
    AGE = ("age_years", "Age", "years")
    WEIGHT_Z = ("weight_for_age_z", "WHO z score of weight for age", "")
    HEIGHT_Z = ("height_for_age_z", "WHO z score of height for age", "")
    MEASURED_AGO = ("measured_days_ago", "Time since the weight was measured:", "days")
    AREA = ("area_m2", "Body surface area", "m²")
    FORMULA = ("formula_difference_percent", "Difference from the Haycock formula:", "%")
    WEIGHT_ONLY = ("weight_only_difference_percent", "Difference from the area by weight:", "%")
    DAILY = ("daily_mg", "Daily dose", "mg/day")
    LARGEST_DAY = ("largest_day_mg", "Dose on the first day", "mg")
    DAILY_BY_AREA = ("daily_mg_per_m2", "Daily dose", "mg/m²/day")
    ROUNDING = ("rounding_percent", "Change of the dose by rounding:", "%")
    VOLUME = ("volume_ml", "Volume", "mL")


def _neonate(facts: Facts) -> bool:
    return facts.age.months < NEONATE_BELOW_MONTHS


def _young_infant(facts: Facts) -> bool:
    return facts.age.months < YOUNG_INFANT_BELOW_MONTHS


def _older_infant(facts: Facts) -> bool:
    return YOUNG_INFANT_BELOW_MONTHS <= facts.age.months < INFANT_BELOW_MONTHS


def _infant(facts: Facts) -> bool:
    return facts.age.months < INFANT_BELOW_MONTHS


def _child(facts: Facts) -> bool:
    return INFANT_BELOW_MONTHS <= facts.age.months < ADULT_FROM_MONTHS


def _adult(facts: Facts) -> bool:
    return facts.age.months >= ADULT_FROM_MONTHS


def _adult_sized(facts: Facts) -> bool:
    return _adult(facts) or (_child(facts) and facts.weight.kg >= ADULT_SIZE_KG)


def _child_sized(facts: Facts) -> bool:
    return _child(facts) and facts.weight.kg < ADULT_SIZE_KG


class Whom(Enum):
    """Whom a limit is for, as (words, test)."""

    ANYONE = ("anyone", lambda _facts: True)
    NEONATE = ("under 1 month", _neonate)
    YOUNG_INFANT = ("under 7 months", _young_infant)
    OLDER_INFANT = ("7 to 24 months", _older_infant)
    INFANT = ("under 24 months", _infant)
    CHILD = ("2 to 18 years", _child)
    CHILD_SIZED = ("2 to 18 years and under 40 kg", _child_sized)
    ADULT = ("18 years and older", _adult)
    ADULT_SIZED = ("18 years and older, or a child of 40 kg and more", _adult_sized)

    def includes(self, facts: Facts) -> bool:
        """Return whether the limit is for this patient."""
        test: Callable[[Facts], bool] = self.value[1]
        return test(facts)


class Bound(Enum):
    """How a figure is out of bounds, as (sign in the table, words, test)."""

    BELOW = ("<", "below", lambda figure, limit: figure < limit)
    AT_MOST = ("<=", "at or below", lambda figure, limit: figure <= limit)
    AT_LEAST = (">=", "at or above", lambda figure, limit: figure >= limit)
    ABOVE = (">", "above", lambda figure, limit: figure > limit)
    BEYOND = ("±>", "beyond ±", lambda figure, limit: abs(figure) > limit)

    def crossed(self, figure: Decimal, limit: Decimal) -> bool:
        """Return whether `figure` is out of bounds."""
        test: Callable[[Decimal, Decimal], bool] = self.value[2]
        return test(figure, limit)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: a figure of whom, on which side of what value, gives which alert."""

    code: str
    kind: AlertKind
    figure: Figure
    bound: Bound
    value: Decimal
    whom: Whom
    advice: str
    source: str

    def alert_for(self, facts: Facts) -> Alert | None:
        """Return the alert where the figure is known and out of bounds, else None."""
        attribute, called, unit = self.figure.value
        found: Decimal | None = getattr(facts, attribute)
        if found is None or not self.whom.includes(facts):
            return None
        compared = rounded(found, _COMPARED_DECIMALS)
        if not self.bound.crossed(compared, self.value):
            return None
        value = f"{_shown(compared, self.value)} {unit}".rstrip()
        limit = f"{plain(self.value)} {unit}".rstrip()
        bound = f"{self.bound.value[1]} {limit}".replace("± ", "±")
        whom = "" if self.whom is Whom.ANYONE else f" ({self.whom.value[0]})"
        message = f"{called} {value}, {bound}{whom}. {self.advice}"
        return Alert(self.code, self.kind, message, self.source, value, limit)


def _shown(figure: Decimal, limit: Decimal) -> str:
    """Return `figure` with as few decimals as still show on which side of the limit it lies."""
    decimals = next(
        (few for few in range(2, _COMPARED_DECIMALS) if rounded(figure, few) != limit), 2
    )
    return plain(figure, decimals)


def _limit(  # noqa: PLR0913, PLR0917 - a row of the table has these columns
    code: str, kind: AlertKind, figure: Figure, out: str, whom: Whom, advice: str,
    source: str = PROPOSED,
) -> Limit:  # fmt: skip
    sign, value = out.split()
    bound = next(bound for bound in Bound if bound.value[0] == sign)
    return Limit(code, kind, figure, bound, Decimal(value), whom, advice, source)


_STOP, _OVERRIDE, _CAUTION = AlertKind.STOP, AlertKind.OVERRIDE, AlertKind.CAUTION
_ANYONE = Whom.ANYONE

_RE_ENTER = "Check the value and its unit, and enter it again."
_BORN = "The date of birth lies in the future: enter it again."
_SWAPPED = "Weight and height do not belong together: swapped, or in a wrong unit?"
_ASK_GROWTH = "Unusual for the age: check weight, height, their units and the age."
_RE_ENTER_GROWTH = "Hardly possible at this age: enter weight, height and age again."
_WEIGH = "Weigh again before dosing."
_FORMULAS = "Compare all formulas (--explain) before choosing this one."
_HIGH = "Check the dose."
_LOW = "Check the dose: a lost decimal point?"
_MATURING = "Clearance matures until 2 years: check the dose."
_EARLY = "Clearance is immature at this age: take the first level early."
_YOUNG = "Standard doses made levels far too high in neonates: only a documented override passes."
_TWICE = "Twice the review's dose, where the review's dose is already too much."
_LABEL_MAXIMUM = "The label allows at most 40 mg on any day."
_PRODUCT = "This product cannot give the dose: take the other one, or ask the pharmacy to dilute."
_OTHER_PRODUCT = "Consider the other product."
_SYRINGE = (
    "1 mL oral syringes are off by more than 10 % at such a volume: ask for a pharmacy dilution, "
    "or consider a longer interval."
)

# Of two rows with the same code and kind the stronger one stands first: only one of them is told.
# fmt: off
LIMITS = (
    # what was typed
    _limit("weight-out-of-range", _STOP, Figure.WEIGHT, "< 0.5", _ANYONE, _RE_ENTER),
    _limit("weight-out-of-range", _STOP, Figure.WEIGHT, "> 350", _ANYONE, _RE_ENTER),
    _limit("height-out-of-range", _STOP, Figure.HEIGHT, "< 25", _ANYONE, _RE_ENTER),
    _limit("height-out-of-range", _STOP, Figure.HEIGHT, "> 250", _ANYONE, _RE_ENTER),
    _limit("body-mass-index-out-of-range", _STOP, Figure.BODY_MASS, "< 7.5", _ANYONE, _SWAPPED),
    _limit("body-mass-index-out-of-range", _STOP, Figure.BODY_MASS, "> 105", _ANYONE, _SWAPPED),
    _limit("body-mass-index-unusual", _CAUTION, Figure.BODY_MASS, "< 15", Whom.ADULT, _SWAPPED),
    _limit("body-mass-index-unusual", _CAUTION, Figure.BODY_MASS, "> 50", Whom.ADULT, _SWAPPED),
    _limit("age-out-of-range", _STOP, Figure.AGE, "< 0", _ANYONE, _BORN),
    _limit("age-out-of-range", _STOP, Figure.AGE, "> 120", _ANYONE, _RE_ENTER),
    _limit("weight-unusual-for-age", _CAUTION, Figure.WEIGHT_Z, "±> 8", _ANYONE, _RE_ENTER_GROWTH),
    _limit("weight-unusual-for-age", _CAUTION, Figure.WEIGHT_Z, "±> 3.5", _ANYONE, _ASK_GROWTH),
    _limit("height-unusual-for-age", _CAUTION, Figure.HEIGHT_Z, "±> 8", _ANYONE, _RE_ENTER_GROWTH),
    _limit("height-unusual-for-age", _CAUTION, Figure.HEIGHT_Z, "±> 3.5", _ANYONE, _ASK_GROWTH),
    _limit("measurement-in-future", _STOP, Figure.MEASURED_AGO, "< 0", _ANYONE, _RE_ENTER),
    _limit("measurement-old", _CAUTION, Figure.MEASURED_AGO, "> 14", Whom.INFANT, _WEIGH),
    _limit("measurement-old", _CAUTION, Figure.MEASURED_AGO, "> 30", Whom.CHILD, _WEIGH),
    _limit("measurement-old", _CAUTION, Figure.MEASURED_AGO, "> 180", Whom.ADULT, _WEIGH),

    # the body surface area
    _limit("area-out-of-range", _STOP, Figure.AREA, "< 0.1", _ANYONE, _RE_ENTER),
    _limit("area-out-of-range", _STOP, Figure.AREA, "> 3.5", _ANYONE, _RE_ENTER),
    _limit("formulas-differ", _CAUTION, Figure.FORMULA, "±> 5", _ANYONE, _FORMULAS),
    _limit("weight-only-differs", _CAUTION, Figure.WEIGHT_ONLY, "±> 25", _ANYONE, _SWAPPED),

    # the dose
    _limit("dose-above-maximum", _STOP, Figure.LARGEST_DAY, "> 40", _ANYONE, _LABEL_MAXIMUM,
           "us-label"),
    _limit("dose-high", _OVERRIDE, Figure.DAILY, "> 20", Whom.ADULT_SIZED, _HIGH),
    _limit("dose-high", _CAUTION, Figure.DAILY, "> 6", Whom.ADULT_SIZED, _HIGH),
    _limit("dose-high", _STOP, Figure.DAILY_BY_AREA, ">= 8", Whom.CHILD_SIZED, _HIGH),
    _limit("dose-high", _OVERRIDE, Figure.DAILY_BY_AREA, "> 4", Whom.CHILD_SIZED, _HIGH),
    _limit("dose-high", _CAUTION, Figure.DAILY_BY_AREA, "> 3", Whom.CHILD_SIZED, _HIGH),
    _limit("dose-high", _STOP, Figure.DAILY_BY_AREA, ">= 4", Whom.OLDER_INFANT, _MATURING),
    _limit("dose-high", _CAUTION, Figure.DAILY_BY_AREA, "> 1.8", Whom.OLDER_INFANT, _MATURING),
    _limit("age-under-7-months", _STOP, Figure.DAILY_BY_AREA, ">= 3.2", Whom.YOUNG_INFANT, _TWICE,
           "czechowicz2018"),
    _limit("age-under-7-months", _OVERRIDE, Figure.DAILY_BY_AREA, ">= 1.6", Whom.YOUNG_INFANT,
           _YOUNG, "czechowicz2018"),
    _limit("age-under-7-months", _CAUTION, Figure.DAILY_BY_AREA, "> 0.8", Whom.YOUNG_INFANT,
           _EARLY, "czechowicz2018"),
    _limit("age-under-1-month", _OVERRIDE, Figure.DAILY_BY_AREA, "> 0.4", Whom.NEONATE, _YOUNG,
           "czechowicz2018"),
    _limit("dose-not-positive", _STOP, Figure.DAILY, "<= 0", _ANYONE, _RE_ENTER),
    _limit("dose-low", _CAUTION, Figure.DAILY_BY_AREA, "< 0.15", Whom.INFANT, _LOW),
    _limit("dose-low", _CAUTION, Figure.DAILY_BY_AREA, "< 0.4", Whom.CHILD, _LOW),
    _limit("dose-low", _CAUTION, Figure.DAILY, "< 0.5", Whom.ADULT, _LOW),

    # what can be measured out
    _limit("rounding", _STOP, Figure.ROUNDING, "±> 10", _ANYONE, _PRODUCT),
    _limit("rounding", _CAUTION, Figure.ROUNDING, "±> 5", _ANYONE, _OTHER_PRODUCT),
    _limit("volume-small", _CAUTION, Figure.VOLUME, "<= 0.1", _ANYONE, _SYRINGE,
           "arenas-lopez2017"),
)
# fmt: on


def check(*facts: Facts) -> tuple[Alert, ...]:
    """Return the alerts that these facts raise: of each code the strongest, in the table's order.

    Several `Facts` are looked at together, such as a dose before and after rounding.
    """
    strongest: dict[str, Alert] = {}
    for limit in LIMITS:
        for alert in filter(None, map(limit.alert_for, facts)):
            known = strongest.get(alert.code)
            if known is None or alert.kind > known.kind:
                strongest[alert.code] = alert
    return tuple(strongest.values())

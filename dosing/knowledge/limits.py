"""The limits that guard a proposal, in one table.

Most values are proposed (see `docs/clinical-basis.md`). A clinic changes the rows that have a
name (`dosing.knowledge.clinic_limits`). Extremes stop; cautions are rare, or nobody reads them.
Limits guard a proposal or a prescription; what really happened can always be recorded.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import chain
from types import MappingProxyType

from dosing.alerts import Alert, AlertKind, AlertRow, Alerts
from dosing.knowledge.alert_catalogue import AGE_UNSURE
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.knowledge.references import PROPOSED
from dosing.patient import Age, Weight
from dosing.quantities.formatting import plain, rounded, signed

ADULT_SIZE_KG = Decimal(40)
INFANT_BELOW_MONTHS = Decimal(24)
YOUNG_INFANT_BELOW_MONTHS = Decimal(7)
NEONATE_BELOW_MONTHS = Decimal(1)
ROUNDED_DOWN_BELOW_MONTHS = YOUNG_INFANT_BELOW_MONTHS
"""Below this age rounding never raises a dose (proposed): clearance is low, and the doses are."""

# Proposed, as most of the table is: a level above this is confirmed before it is stored, and a time
# farther ahead of the clock is refused.
LEVEL_ASKED_AGAIN_ABOVE_NG_ML = Decimal(250)
FUTURE_TOLERANCE_MINUTES = 5

# Figures are compared to so many decimals: 1.6 mg/m²/day, multiplied and divided by the same area,
# must be 1.6 again.
_COMPARED_DECIMALS = 9
_COMPARED = Decimal(1).scaleb(-_COMPARED_DECIMALS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInput:
    """The input of the limits. None: not measured, or not yet calculated."""

    age: Age
    weight: Weight | None = None
    height_cm: Decimal | None = None
    body_mass_index: Decimal | None = None
    weight_for_age_z: Decimal | None = None
    height_for_age_z: Decimal | None = None
    body_mass_index_for_age_z: Decimal | None = None
    measured_days_ago: Decimal | None = None
    area_m2: Decimal | None = None
    formula_difference_percent: Decimal | None = None
    weight_only_difference_percent: Decimal | None = None
    daily_mg: Decimal | None = None
    daily_mg_per_m2: Decimal | None = None
    largest_day_mg: Decimal | None = None
    rounding_percent: Decimal | None = None
    loading_rounding_percent: Decimal | None = None
    is_tablets: bool = False
    """True for a dose of tablets: whole tablets round more than marks of a syringe do."""
    is_low_intended: bool = False
    """True where a low dose is meant: a protocol of low doses, or a taper."""
    volume_ml: Decimal | None = None
    weight_ratio: Decimal | None = None
    """The weight divided by the last one within six months."""
    shrunk_cm: Decimal | None = None
    """The height loss since the last height."""
    dose_ratio: Decimal | None = None
    """The daily dose divided by the previous one."""
    former_dose_ratio: Decimal | None = None
    """The daily dose divided by the one before an interacting drug, or before a hold.

    Given only where that drug or that hold has ended, and the end is documented."""
    target_high_ng_ml: Decimal | None = None
    target_width_ng_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """One of the inputs: its label, its unit, and its place in `CheckInput`."""

    label: str
    unit: str
    of: Callable[[CheckInput], Decimal | None]


WEIGHT = Variable("Weight", "kg", lambda inputs: inputs.weight.kg if inputs.weight else None)
HEIGHT = Variable("Height", "cm", lambda inputs: inputs.height_cm)
BODY_MASS_INDEX = Variable("Body mass index", "kg/m²", lambda inputs: inputs.body_mass_index)
AGE = Variable("Age", "years", lambda inputs: inputs.age.years)
WEIGHT_Z = Variable("WHO z score of weight for age", "", lambda inputs: inputs.weight_for_age_z)
HEIGHT_Z = Variable("WHO z score of height for age", "", lambda inputs: inputs.height_for_age_z)
BODY_MASS_INDEX_Z = Variable(
    "WHO z score of body mass index for age", "", lambda inputs: inputs.body_mass_index_for_age_z
)
MEASURED = Variable("Weight measured", "days ago", lambda inputs: inputs.measured_days_ago)
AREA = Variable("Body surface area", "m²", lambda inputs: inputs.area_m2)
FORMULA = Variable(
    "Difference from the Haycock formula", "%", lambda inputs: inputs.formula_difference_percent
)
WEIGHT_ONLY = Variable(
    "Difference from the weight-only formula",
    "%",
    lambda inputs: inputs.weight_only_difference_percent,
)
DAILY = Variable("Daily dose", "mg/day", lambda inputs: inputs.daily_mg)
DAILY_BY_AREA = Variable("Daily dose", "mg/m²/day", lambda inputs: inputs.daily_mg_per_m2)
LOW_DAILY = Variable(
    "Daily dose", "mg/day", lambda inputs: None if inputs.is_low_intended else inputs.daily_mg
)
LOW_DAILY_BY_AREA = Variable(
    "Daily dose",
    "mg/m²/day",
    lambda inputs: None if inputs.is_low_intended else inputs.daily_mg_per_m2,
)
LARGEST_DAY = Variable("Dose on the first day", "mg", lambda inputs: inputs.largest_day_mg)
_ROUNDED = "Change of the dose by rounding"
_LOADING_ROUNDED = "Change of the loading dose by rounding"
ROUNDING = Variable(
    _ROUNDED, "%", lambda inputs: None if inputs.is_tablets else inputs.rounding_percent
)
TABLET_ROUNDING = Variable(
    _ROUNDED, "%", lambda inputs: inputs.rounding_percent if inputs.is_tablets else None
)
LOADING_ROUNDING = Variable(
    _LOADING_ROUNDED,
    "%",
    lambda inputs: None if inputs.is_tablets else inputs.loading_rounding_percent,
)
LOADING_TABLET_ROUNDING = Variable(
    _LOADING_ROUNDED,
    "%",
    lambda inputs: inputs.loading_rounding_percent if inputs.is_tablets else None,
)
WEIGHT_RATIO = Variable(
    "Weight as a multiple of the last one", "", lambda inputs: inputs.weight_ratio
)
SHRUNK = Variable("Height loss since the last one", "cm", lambda inputs: inputs.shrunk_cm)


def returns_to_former_dose(inputs: CheckInput) -> bool:
    """Return whether a step goes back, at most to the dose before a drug or a hold that ended.

    >>> from dosing.patient import Age
    >>> returns_to_former_dose(CheckInput(age=Age("2 years"), former_dose_ratio=Decimal(1)))
    True
    """
    ratio = inputs.former_dose_ratio
    return ratio is not None and ratio.quantize(_COMPARED, ROUND_HALF_EVEN) <= 1


_STEPPED = "Daily dose as a multiple of the previous one"
DOSE_RATIO = Variable(_STEPPED, "", lambda inputs: inputs.dose_ratio)
FORWARD_RATIO = Variable(
    _STEPPED, "", lambda inputs: None if returns_to_former_dose(inputs) else inputs.dose_ratio
)
RETURN_RATIO = Variable(
    _STEPPED, "", lambda inputs: inputs.dose_ratio if returns_to_former_dose(inputs) else None
)
VOLUME = Variable("Volume", "mL", lambda inputs: inputs.volume_ml)
TARGET_HIGH = Variable("Upper end of the target", "ng/mL", lambda inputs: inputs.target_high_ng_ml)
TARGET_WIDTH = Variable("Width of the target", "ng/mL", lambda inputs: inputs.target_width_ng_ml)


@dataclass(frozen=True, slots=True)
class Population:
    """The patients whom a limit is for."""

    words: str
    includes: Callable[[CheckInput], bool]


def _child(inputs: CheckInput) -> bool:
    return INFANT_BELOW_MONTHS <= inputs.age.months < ADULT_FROM_MONTHS


def _adult(inputs: CheckInput) -> bool:
    return inputs.age.months >= ADULT_FROM_MONTHS


def _may_be_adult_sized(inputs: CheckInput) -> bool:
    """Return whether the limits per day apply: without a weight those per m² cannot."""
    return inputs.weight is None or inputs.weight.kg >= ADULT_SIZE_KG


def _older_infant(inputs: CheckInput) -> bool:
    return YOUNG_INFANT_BELOW_MONTHS <= inputs.age.months < INFANT_BELOW_MONTHS


ANYONE = Population("anyone", lambda _facts: True)
NEONATE = Population("under 1 month", lambda inputs: inputs.age.months < NEONATE_BELOW_MONTHS)
YOUNG_INFANT = Population(
    "under 7 months", lambda inputs: inputs.age.months < YOUNG_INFANT_BELOW_MONTHS
)
OLDER_INFANT = Population("7 to 24 months", _older_infant)
INFANT = Population("under 24 months", lambda inputs: inputs.age.months < INFANT_BELOW_MONTHS)
CHILD = Population("2 to 18 years", _child)
UNDER_AGE = Population("under 18 years", lambda inputs: not _adult(inputs))
CHILD_SIZED = Population(
    "2 to 18 years and under 40 kg",
    lambda inputs: _child(inputs) and not _may_be_adult_sized(inputs),
)
ADULT = Population("18 years and older", _adult)
ADULT_SIZED = Population(
    "18 years and older, or a child of 40 kg and more",
    lambda inputs: _adult(inputs) or (_child(inputs) and _may_be_adult_sized(inputs)),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The side of a limit on which a figure is out of bounds."""

    words: str
    crossed: Callable[[Decimal, Decimal], bool]


BOUNDS: Mapping[str, Comparison] = MappingProxyType(
    {
        "<": Comparison("below ", operator.lt),
        "<=": Comparison("at or below ", operator.le),
        ">=": Comparison("at or above ", operator.ge),
        ">": Comparison("above ", operator.gt),
        "more than": Comparison("more than ", operator.gt),
        "±": Comparison("beyond ±", lambda figure, limit: abs(figure) > limit),
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table: a variable, a side, a value and a population, and their alert."""

    row: AlertRow
    """The code, the kind, the sentences and the source of its alert."""
    figure: Variable
    bound: Comparison
    value: Decimal
    whom: Population
    name: str = ""
    """The name under which a clinic changes its value; empty for a fixed one."""

    @property
    def code(self) -> str:
        """The code of its alert."""
        return self.row.code

    @property
    def kind(self) -> AlertKind:
        """The kind of its alert."""
        return self.row.kind

    @property
    def source(self) -> str:
        """The source of the value."""
        return self.row.source

    def alert_for(self, figure: Decimal, inputs: CheckInput) -> Alert | None:
        """Return the alert where the figure is out of bounds for this patient, else None."""
        if not (self.bound.crossed(figure, self.value) and self.whom.includes(inputs)):
            return None
        value = f"{_shown(figure, self.value)} {self.figure.unit}".rstrip()
        limit = f"{plain(self.value)} {self.figure.unit}".rstrip()
        return self.row.alert(value=value, limit=limit)

    @property
    def out_of_bounds(self) -> str:
        """The side and the value in words, such as "above 3 mg/m²/day"."""
        return f"{self.bound.words}{plain(self.value)} {self.figure.unit}".rstrip()


def _shown(figure: Decimal, limit: Decimal) -> str:
    """Return `figure` with the fewest decimals that still differ from the limit."""
    decimals = next(
        (few for few in range(2, _COMPARED_DECIMALS) if rounded(figure, few) != limit), 2
    )
    return signed(figure, decimals)


def _limit(  # noqa: PLR0913, PLR0917 - a row of the table has these columns
    code: str,
    kind: AlertKind,
    figure: Variable,
    bound: str,
    value: str,
    whom: Population,
    advice: str,
    source: str = PROPOSED,
    name: str = "",
) -> Limit:
    found = f"{figure.label} {{value}}, {BOUNDS[bound].words}{{limit}}"
    of = "" if whom == ANYONE else f" ({whom.words})"
    row = AlertRow(code, kind, (f"{found}{of}.", advice), source)
    return Limit(row, figure, BOUNDS[bound], Decimal(value), whom, name)


_STOP, _OVERRIDE, _CAUTION = AlertKind.STOP, AlertKind.OVERRIDE, AlertKind.CAUTION

ROUNDING_CODE = "rounding"
"""The code of the limits on rounding a dose."""

WEIGHT_CHANGED = "weight-changed"
"""The code of the limits on a change of weight."""

_RE_ENTER = "Check the value and its unit, and enter it again."
_BORN = "The date of birth is in the future. Enter it again."
_MEASURED_LATER = "The day of the measurement is in the future. Enter it again."
_SWAPPED = "Weight and height do not fit each other. Check for swapped values or a wrong unit."
_ASK_GROWTH = "This is unusual for the age. Check weight, height, their units and the age."
_RE_ENTER_GROWTH = "This is hardly possible at the age. Enter weight, height and age again."
_WEIGH = "Weigh again before dosing."
_FORMULAS = "Compare all formulas before choosing this one."
_HIGH = "Check the dose."
_LOW = "Check the dose for a lost decimal point."
_MATURING = "Clearance matures until 2 years of age. Check the dose."
_EARLY = "Clearance is immature at this age. Take the first level early."
_YOUNG = (
    "Standard doses caused far too high levels in neonates. Only a documented override allows it."
)
_TWICE = "This is twice the Nadal 2016 dose, itself too much at this age."
_LABEL_MAXIMUM = "The label allows at most 40 mg on any day."
_PRODUCT = (
    "The marks of the syringe do not give this dose. Order a pharmacy dilution, use a syringe "
    "with 0.01 mL marks, or consider a longer interval."
)
_OTHER_TABLETS = (
    "Whole tablets do not give this dose. Compare the other tablet doses, or use the oral solution."
)
_FORMER = "An interacting drug or a hold has ended: go at most to the former dose."
_TARGET = "Check the target."
_MARKS = "A syringe with 0.01 mL marks or a pharmacy dilution comes closer."
_SYRINGE = (
    "1 mL oral syringes err by more than 10 % at this volume. Order a pharmacy dilution, or "
    "consider a longer interval."
)

# Of two rows with the same code and kind the stronger one comes first: only one of them is shown.
# fmt: off
LIMITS = (
    # the measurements
    _limit("weight-out-of-range", _STOP, WEIGHT, "<", "0.5", ANYONE, _RE_ENTER,
           name="weight-lowest"),
    _limit("weight-out-of-range", _STOP, WEIGHT, ">", "350", ANYONE, _RE_ENTER,
           name="weight-highest"),
    _limit("height-out-of-range", _STOP, HEIGHT, "<", "25", ANYONE, _RE_ENTER,
           name="height-lowest"),
    _limit("height-out-of-range", _STOP, HEIGHT, ">", "250", ANYONE, _RE_ENTER,
           name="height-highest"),
    _limit("body-mass-index-out-of-range", _STOP, BODY_MASS_INDEX, "<", "7.5", ANYONE, _SWAPPED,
           name="body-mass-index-lowest"),
    _limit("body-mass-index-out-of-range", _STOP, BODY_MASS_INDEX, ">", "105", ANYONE, _SWAPPED,
           name="body-mass-index-highest"),
    _limit("body-mass-index-unusual", _CAUTION, BODY_MASS_INDEX, "<", "15", ADULT, _SWAPPED,
           name="body-mass-index-low-adult"),
    _limit("body-mass-index-unusual", _CAUTION, BODY_MASS_INDEX, ">", "50", ADULT, _SWAPPED,
           name="body-mass-index-high-adult"),
    _limit("age-out-of-range", _STOP, AGE, "<", "0", ANYONE, _BORN),
    _limit("age-out-of-range", _STOP, AGE, ">", "120", ANYONE, _RE_ENTER),
    _limit("weight-unusual-for-age", _CAUTION, WEIGHT_Z, "±", "8", ANYONE, _RE_ENTER_GROWTH,
           "who-growth"),
    _limit("weight-unusual-for-age", _CAUTION, WEIGHT_Z, "±", "3.5", ANYONE, _ASK_GROWTH,
           "who-growth"),
    _limit("height-unusual-for-age", _CAUTION, HEIGHT_Z, "±", "8", ANYONE, _RE_ENTER_GROWTH,
           "who-growth"),
    _limit("height-unusual-for-age", _CAUTION, HEIGHT_Z, "±", "3.5", ANYONE, _ASK_GROWTH,
           "who-growth"),
    _limit("body-mass-index-unusual-for-age", _CAUTION, BODY_MASS_INDEX_Z, "±", "8", ANYONE,
           _RE_ENTER_GROWTH, "who-growth"),
    _limit("body-mass-index-unusual-for-age", _CAUTION, BODY_MASS_INDEX_Z, "±", "3.5", ANYONE,
           _ASK_GROWTH, "who-growth"),
    _limit("measurement-in-future", _STOP, MEASURED, "<", "0", ANYONE, _MEASURED_LATER),
    _limit("measurement-old", _CAUTION, MEASURED, "more than", "14", INFANT, _WEIGH),
    _limit("measurement-old", _CAUTION, MEASURED, "more than", "30", CHILD, _WEIGH),
    _limit("measurement-old", _CAUTION, MEASURED, "more than", "180", ADULT, _WEIGH),

    _limit(WEIGHT_CHANGED, _CAUTION, WEIGHT_RATIO, "<", "0.8", ANYONE, _RE_ENTER,
           name="weight-drop"),
    _limit(WEIGHT_CHANGED, _CAUTION, WEIGHT_RATIO, ">", "1.25", ANYONE, _RE_ENTER,
           name="weight-rise"),
    _limit("height-shrunk", _CAUTION, SHRUNK, ">", "2", UNDER_AGE, _RE_ENTER, name="height-loss"),

    # the body surface area
    _limit("area-out-of-range", _STOP, AREA, "<", "0.1", ANYONE, _RE_ENTER, name="area-lowest"),
    _limit("area-out-of-range", _STOP, AREA, ">", "3.5", ANYONE, _RE_ENTER, name="area-highest"),
    _limit("formulas-differ", _CAUTION, FORMULA, "±", "5", ANYONE, _FORMULAS,
           name="formula-difference"),
    _limit("weight-only-differs", _CAUTION, WEIGHT_ONLY, "±", "25", ANYONE, _SWAPPED,
           name="weight-only-difference"),

    # the dose
    _limit("dose-above-maximum", _STOP, LARGEST_DAY, ">", "40", ANYONE, _LABEL_MAXIMUM,
           "us-label"),
    _limit("dose-high", _OVERRIDE, DAILY, ">", "20", ADULT_SIZED, _HIGH,
           name="dose-override-adult"),
    _limit("dose-high", _CAUTION, DAILY, ">", "6", ADULT_SIZED, _HIGH, name="dose-caution-adult"),
    _limit("dose-high", _STOP, DAILY_BY_AREA, ">=", "8", CHILD_SIZED, _HIGH,
           name="dose-stop-child"),
    _limit("dose-high", _OVERRIDE, DAILY_BY_AREA, ">", "4", CHILD_SIZED, _HIGH,
           name="dose-override-child"),
    _limit("dose-high", _CAUTION, DAILY_BY_AREA, ">", "3", CHILD_SIZED, _HIGH,
           name="dose-caution-child"),
    _limit("dose-high", _STOP, DAILY_BY_AREA, ">=", "4", OLDER_INFANT, _MATURING,
           name="dose-stop-infant"),
    _limit("dose-high", _CAUTION, DAILY_BY_AREA, ">", "1.8", OLDER_INFANT, _MATURING,
           name="dose-caution-infant"),
    _limit("age-under-7-months", _STOP, DAILY_BY_AREA, ">=", "3.2", YOUNG_INFANT, _TWICE),
    _limit("age-under-7-months", _OVERRIDE, DAILY_BY_AREA, ">=", "1.6", YOUNG_INFANT,
           _YOUNG, "czechowicz2018"),
    _limit("age-under-7-months", _OVERRIDE, DAILY_BY_AREA, ">", "0.4", NEONATE, _YOUNG,
           name="dose-override-neonate"),
    _limit("age-under-7-months", _CAUTION, DAILY_BY_AREA, ">", "0.8", YOUNG_INFANT, _EARLY,
           name="dose-caution-young-infant"),
    _limit("dose-step", _STOP, FORWARD_RATIO, ">", "5", ANYONE, _HIGH, name="step-stop"),
    _limit("dose-step", _OVERRIDE, RETURN_RATIO, ">", "5", ANYONE, _FORMER,
           name="step-override-return"),
    _limit("dose-step", _CAUTION, DOSE_RATIO, ">", "1.5", ANYONE, _HIGH, name="step-caution-up"),
    _limit("dose-step", _CAUTION, DOSE_RATIO, "<", "0.4", ANYONE, _LOW, name="step-caution-down"),
    _limit("dose-not-positive", _STOP, DAILY, "<=", "0", ANYONE, _RE_ENTER),
    _limit("dose-low", _CAUTION, LOW_DAILY_BY_AREA, "<", "0.15", INFANT, _LOW,
           name="dose-low-infant"),
    _limit("dose-low", _CAUTION, LOW_DAILY_BY_AREA, "<", "0.4", CHILD, _LOW, name="dose-low-child"),
    _limit("dose-low", _CAUTION, LOW_DAILY, "<", "0.5", ADULT, _LOW, name="dose-low-adult"),

    # measuring it out
    _limit(ROUNDING_CODE, _STOP, ROUNDING, "±", "10", ANYONE, _PRODUCT,
           name="rounding-stop-solution"),
    _limit(ROUNDING_CODE, _OVERRIDE, TABLET_ROUNDING, "±", "25", ANYONE, _OTHER_TABLETS,
           name="rounding-override-tablets"),
    _limit(ROUNDING_CODE, _CAUTION, TABLET_ROUNDING, "±", "10", ANYONE, _OTHER_TABLETS,
           name="rounding-caution-tablets"),
    _limit(ROUNDING_CODE, _CAUTION, ROUNDING, "±", "5", ANYONE, _MARKS,
           name="rounding-caution-solution"),
    _limit("loading-rounding", _STOP, LOADING_ROUNDING, "±", "10", ANYONE, _PRODUCT,
           name="loading-rounding-stop-solution"),
    _limit("loading-rounding", _OVERRIDE, LOADING_TABLET_ROUNDING, "±", "25", ANYONE,
           _OTHER_TABLETS, name="loading-rounding-override-tablets"),
    _limit("loading-rounding", _CAUTION, LOADING_TABLET_ROUNDING, "±", "10", ANYONE,
           _OTHER_TABLETS, name="loading-rounding-caution-tablets"),
    _limit("loading-rounding", _CAUTION, LOADING_ROUNDING, "±", "5", ANYONE, _MARKS,
           name="loading-rounding-caution-solution"),
    _limit("volume-small", _CAUTION, VOLUME, "<=", "0.1", ANYONE, _SYRINGE,
           "arenas-lopez2017"),

    # a target other than the protocol's
    _limit("target-high", _CAUTION, TARGET_HIGH, ">", "15", ANYONE, _TARGET, name="target-high"),
    _limit("target-narrow", _CAUTION, TARGET_WIDTH, "<", "2", ANYONE, _TARGET,
           name="target-narrow"),
)
# fmt: on


class LimitTable:
    """The rows of limits by which inputs are checked: those here, or with a clinic's own values."""

    def __init__(self, rows: Sequence[Limit]) -> None:
        """Take the rows, of one code and kind the stronger first."""
        self.rows = tuple(rows)
        self._of: Mapping[Variable, Sequence[tuple[int, Limit]]] = {
            figure: tuple((place, row) for place, row in enumerate(rows) if row.figure == figure)
            for figure in dict.fromkeys(row.figure for row in rows)
        }
        """The rows of each variable, with their places in the table."""

    def raised(self, inputs: CheckInput) -> Iterator[tuple[int, Alert]]:
        """Yield the alerts that the inputs raise, each with the place of its row in the table."""
        for figure, rows in self._of.items():
            found = figure.of(inputs)
            if found is None:
                continue
            number = found.quantize(_COMPARED, ROUND_HALF_EVEN)
            for place, row in rows:
                alert = row.alert_for(number, inputs)
                if alert:
                    yield place, alert


LIMIT_TABLE = LimitTable(LIMITS)
"""The table without any value of a clinic's own."""


_OF_GROWTH = frozenset(
    row.code for row in LIMITS if row.figure in {WEIGHT_Z, HEIGHT_Z, BODY_MASS_INDEX_Z}
)
"""The codes of the limits whose figure depends on the age."""


def check(*inputs: CheckInput, table: LimitTable) -> Alerts:
    """Return the alerts that the inputs raise: of each code the strongest, in the table's order.

    `table` is that of the clinic's limits, `ClinicLimits.table`.

    Several inputs are checked together, such as a dose before and after rounding. Where the birth
    date is not known exactly, the alerts of the least and of the greatest possible age count.
    """
    ages = next((each.age.ends for each in inputs if each.age and each.age.oldest), None)
    if ages is None:
        return _strongest(inputs, table)
    of_youngest, of_oldest = (
        _strongest([replace(each, age=age) if each.age else each for each in inputs], table)
        for age in ages
    )
    both = of_youngest + of_oldest
    if of_youngest == of_oldest and not _OF_GROWTH.intersection(each.code for each in both):
        return of_youngest
    by_code = {each.code: each for each in sorted(both, key=lambda alert: alert.kind)}
    return Alerts(by_code.values()) + Alerts((age_unsure(*ages),))


def age_unsure(youngest: Age, oldest: Age) -> Alert:
    """Return what is said where the two ends of a range of ages give different answers."""
    return AGE_UNSURE.alert(youngest=int(youngest.months), oldest=int(oldest.months))


def _strongest(inputs: Sequence[CheckInput], table: LimitTable) -> Alerts:
    strongest: dict[str, Alert] = {}
    raised = chain.from_iterable(map(table.raised, inputs))
    for _, alert in sorted(raised, key=operator.itemgetter(0)):
        known = strongest.get(alert.code)
        if known is None or alert.kind > known.kind:
            strongest[alert.code] = alert
    return Alerts(strongest.values())

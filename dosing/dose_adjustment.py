"""A dose adjusted after a trough level: the request, the arithmetic, the guards, and the answer.

The label's arithmetic: new dose = current dose × aim / level, and on request a loading dose of
3 × (new − current maintenance dose) (`us-label`; clinical reference, section 6). The factor is
capped at `LARGEST_FACTOR` without a documented reason, the dose is rounded to the product and goes
through `dosing.knowledge.limits`. Below the target there is also the dose for its lower edge. A
dose that a stop prevents is not shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from dosing.alerts import Alert, Alerts
from dosing.calculation import (
    ceiling_mg_per_day,
    ceiling_step,
    given_step,
    measured_step,
    per_dose_step,
    rounding_ceiling,
    shown,
)
from dosing.dosage import HOURS_A_DAY, Dosage, per_dose
from dosing.errors import UserError
from dosing.knowledge.alert_catalogue import (
    CEILING,
    DOSE_UNCHANGED,
    FACTOR_BEYOND_CAP,
    FACTOR_CAPPED,
    LEVEL_TOO_HIGH_TO_ADJUST,
    LOADING_IN_INFANCY,
    NEXT_LEVEL,
    NO_CHANGE,
    NO_LOADING_DOSE,
    OVERRIDE_NOT_NEEDED,
    ROUNDING_TURNED_ROUND,
    WEIGHT_UNKNOWN,
)
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from dosing.knowledge.limits import INFANT_BELOW_MONTHS, CheckInput, check
from dosing.knowledge.products import (
    STANDARD_MARKS,
    STRENGTH_MG_PER_ML,
    TABLETS,
    NothingMeasurableError,
    Product,
    SyringeMarks,
    measure_out,
)
from dosing.knowledge.protocols import Protocol, TargetTrough
from dosing.knowledge.references import PROPOSED
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    HOLDING_CONSIDERED_ABOVE,
    LARGEST_FACTOR,
    LOADING_FACTOR,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
    LevelRule,
)
from dosing.patient import Age, Height, Weight
from dosing.proposal import Dose, Override, Step
from dosing.quantities.formatting import plain, rounded
from dosing.surface_area import MOSTELLER, WEIGHT_ONLY, Formula, body_surface_area

# Proposed: the aim of a target without a lower end, as a part of the upper end. The middles of 5-15
# and of 4-12 ng/mL are the same part.
_AIM_PART_OF_UPPER_END = Decimal(2) / Decimal(3)
_AIM_DECIMALS = 1
LABEL = LOADING_FACTOR.source
_FACTOR_DECIMALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """The request for an adjusted dose: a trough level, and the dose that led to it.

    `weight`, `height` and `measured_days_ago` are None where they are unknown. Raises `UserError`
    for a level or dose that is not above zero, and for an aim outside the target.
    """

    level_ng_ml: Decimal
    dose_mg: Decimal
    """The current dose, per administration."""
    times_a_day: int
    product: Product
    protocol: Protocol
    target: TargetTrough
    age: Age
    weight: Weight | None = None
    height: Height | None = None
    measured_days_ago: Decimal | None = None
    """The age of the weight in days."""
    chosen_aim_ng_ml: Decimal | None = None
    """A level inside the target to aim at instead of the usual one."""
    loading: bool = False
    """True if a loading dose is wanted when the dose rises."""
    override: Override | None = None
    beyond_cap: bool = False
    """True where the override's reason is for a step beyond the cap, up to the arithmetic."""
    every_hours: int | None = None
    """The hours between doses; None for `times_a_day` doses spread over the day."""
    evening_mg: Decimal | None = None
    """The current dose in the evening, where it differs; the new doses are equal."""
    former_daily_mg: Decimal | None = None
    """The daily dose before an interacting drug or a hold, where that has ended (documented)."""
    strength_mg_per_ml: Decimal = STRENGTH_MG_PER_ML
    """The strength of the solution that is drawn up."""
    marks: SyringeMarks = STANDARD_MARKS
    """The marks of the clinic's oral syringes."""
    limits: ClinicLimits = DEFAULT_LIMITS
    """The limits in force in the clinic."""

    def __post_init__(self) -> None:
        """Check the figures, and that the aim is inside the target, its ends included."""
        for figure, what in ((self.level_ng_ml, "level"), (self.dose_mg, "dose")):
            if not figure.is_finite() or figure <= 0:
                raise UserError(f"A {what} is a number above zero, not {figure}.")
        if self.beyond_cap and self.override is None:
            raise UserError("A step beyond the cap needs a reason and a name. Give both.")
        aim = self.chosen_aim_ng_ml
        if aim is not None and (aim <= 0 or not lies_in(aim, self.target)):
            raise UserError(
                f"{aim} ng/mL is outside the target {self.target}. Choose an aim inside it."
            )

    def __repr__(self) -> str:
        """Return the level and the dose that led to it."""
        return f"<{type(self).__name__} {plain(self.level_ng_ml)} ng/mL on {self.dosage}>"

    @property
    def dosage(self) -> Dosage:
        """The current dose, and how often it is given."""
        return Dosage.of(self.dose_mg, self.times_a_day, self.every_hours, self.evening_mg)

    @property
    def daily_mg(self) -> Decimal:
        """The current dose, per day, as the mean over days."""
        return self.dosage.daily_mg

    @property
    def aim_ng_ml(self) -> Decimal:
        """The level aimed at: the chosen one, else the middle of the target.

        For a target without a lower end it is two thirds of the upper end, to one decimal
        (proposed).
        """
        if self.chosen_aim_ng_ml is not None:
            return self.chosen_aim_ng_ml
        low, high = self.target.low_ng_ml, self.target.high_ng_ml
        if low is None:
            return rounded(high * _AIM_PART_OF_UPPER_END, _AIM_DECIMALS)
        return (low + high) / 2

    @property
    def suggested_daily_mg(self) -> Decimal:
        """Current dose × aim / level, before any cap; the division comes last, to stay exact."""
        return self.daily_mg * self.aim_ng_ml / self.level_ng_ml

    @property
    def factor_cap(self) -> LevelRule[Decimal]:
        """The factor beyond which the dose rises only with a documented reason."""
        return self.limits.rule(LARGEST_FACTOR)

    @property
    def highest_daily_mg(self) -> Decimal:
        """The most that the level may suggest: the cap, or the arithmetic with a reason."""
        capped = self.daily_mg * self.factor_cap.value
        return max(capped, self.suggested_daily_mg) if self.beyond_cap else capped

    @property
    def in_target(self) -> bool:
        """Return whether the level is inside the target, its ends included."""
        return lies_in(self.level_ng_ml, self.target)


def lies_in(level_ng_ml: Decimal, target: TargetTrough) -> bool:
    """Return whether a level is inside a target, both ends included.

    >>> lies_in(Decimal("15.0"), TargetTrough(Decimal(5), Decimal(15)))
    True
    """
    return (target.low_ng_ml or 0) <= level_ng_ml <= target.high_ng_ml


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedDose:
    """The dose that the level suggests.

    `dose` is None inside the target, where the dose stays, and where a stop prevented it; then
    `steps` are empty, too.
    """

    request: Adjustment
    alerts: Alerts
    """The strongest first."""
    factor: Decimal | None = None
    """The factor of the dose, before ceiling and rounding: 1 inside the target, None where a stop
    prevented a dose."""
    dose: Dose | None = None
    loading_dose: Dose | None = None
    """One dose on the day of the change, if it was wanted and the dose rises."""
    steps: tuple[Step, ...] = ()
    lower_edge_dose: Dose | None = None
    """Below the target the dose for its lower edge, beside the one for the aim."""

    def __repr__(self) -> str:
        """Return the dose and the factor, or the codes that prevented one."""
        return f"<{type(self).__name__} {self.words}>"

    @property
    def words(self) -> str:
        """The answer in one line: the dose and the factor, no change, or what prevented it."""
        if self.factor is None:
            return f"no dose: {', '.join(self.alerts.blocking_codes)}"
        if self.dose is None:
            return f"no change of {plain(self.request.daily_mg)} mg a day"
        return f"{self.dose.words}, factor {plain(self.factor, 4)}"

    @property
    def stopped(self) -> bool:
        """Return whether an alert prevented an answer."""
        return self.factor is None

    @property
    def awaits_override(self) -> bool:
        """Return whether a documented override would allow the dose."""
        return self.stopped and self.alerts.awaits_override

    @property
    def overridden(self) -> tuple[str, ...]:
        """The codes of the overridden alerts."""
        return self.alerts.passed_by(self.request.override)

    @property
    def override(self) -> Override | None:
        """The override, if an alert needed one."""
        return self.request.override if self.overridden else None


def adjust_dose(request: Adjustment) -> AdjustedDose:
    """Return the dose that a trough level suggests, or the alerts that prevent it.

    >>> from dosing import ORAL_SOLUTION, REVIEW, Age, Weight
    >>> adjusted = adjust_dose(Adjustment(
    ...     level_ng_ml=Decimal("4.1"), dose_mg=Decimal("0.44"), times_a_day=2,
    ...     product=ORAL_SOLUTION, protocol=REVIEW, target=REVIEW.target,
    ...     age=Age.read("2 years"), weight=Weight.read("12.4 kg"),
    ... ))
    >>> adjusted.factor, adjusted.dose.measured.mg
    (Decimal('1.5'), Decimal('0.66'))
    """
    if request.level_ng_ml > request.limits.rule(HOLDING_CONSIDERED_ABOVE).value:
        return AdjustedDose(request=request, alerts=Alerts([_too_high(request)]))
    if request.in_target:
        return AdjustedDose(
            request=request, alerts=Alerts([_no_change(request)]), factor=Decimal(1)
        )

    by_level = request.aim_ng_ml / request.level_ng_ml
    factor = by_level if request.beyond_cap else min(by_level, request.factor_cap.value)
    formula, area = area_known(request.weight, request.height)
    ceiling = ceiling_known(request.protocol, request.weight, request.age, area)
    if ceiling is not None and factor > 1 and ceiling <= request.daily_mg:
        return AdjustedDose(request=request, alerts=Alerts([_no_room(request, ceiling)]))
    try:
        dose = _work_out(request, ceiling, area)
        loading = _loading_dose(request, dose) if request.loading else None
    except NothingMeasurableError as error:
        return AdjustedDose(request=request, alerts=Alerts([_nothing_measurable(request, error)]))

    body = CheckInput(
        weight=request.weight,
        age=request.age,
        measured_days_ago=request.measured_days_ago,
        area_m2=area,
        is_tablets=request.product is TABLETS,
        is_low_intended=request.protocol.is_low_dose,
        former_dose_ratio=(
            dose.daily_mg / request.former_daily_mg if request.former_daily_mg else None
        ),
    )
    found = check(
        *inputs_of_dose(body, dose, request.daily_mg, loading), table=request.limits.table
    )
    if (dose.daily_mg - request.daily_mg) * (factor - 1) < 0:
        found += [ROUNDING_TURNED_ROUND.alert(target=request.target)]
    if request.beyond_cap and by_level > request.factor_cap.value:
        found += [_beyond_cap(request, by_level)]
    if factor < 1 and dose.daily_mg < request.daily_mg:
        found = found.forbidding_nothing()  # a reduction is never forbidden
    alerts = found + _cautions(request, by_level) + request.limits.alerts
    adjusted = AdjustedDose(request=request, alerts=alerts.strongest_first())
    if alerts.forbid(request.override):
        return adjusted
    alerts = adjusted.alerts + _notes_on_dose(request, dose, loading)
    if request.override and not found.awaits_override:
        alerts += [OVERRIDE_NOT_NEEDED.alert()]
    return replace(
        adjusted,
        alerts=alerts.strongest_first(),
        factor=factor,
        dose=dose,
        loading_dose=loading,
        steps=(
            *_steps_to_factor(request, by_level),
            *_steps_to_dose(request, ceiling, dose, formula),
            *_steps_to_loading(request, dose, loading),
        ),
        lower_edge_dose=_lower_edge_dose(request, ceiling, area),
    )


def _work_out(request: Adjustment, ceiling_mg: Decimal | None, area: Decimal | None) -> Dose:
    """Return the dose, rounded to the product, never above the ceiling or the cap.

    Raises `NothingMeasurableError` where the smallest dose of the product exceeds that.
    """
    every = request.dosage.every_hours
    highest = request.highest_daily_mg
    ceiling = highest if ceiling_mg is None else min(ceiling_mg, highest)
    exact = per_dose(min(request.suggested_daily_mg, ceiling), every)
    return _measured(request, exact, per_dose(ceiling, every), every, area)


def _measured(
    request: Adjustment, exact: Decimal, ceiling: Decimal | None, every: int, area: Decimal | None
) -> Dose:
    measured = measure_out(
        exact,
        request.product,
        rounding_ceiling(request.protocol, request.age, exact, ceiling),
        strength_mg_per_ml=request.strength_mg_per_ml,
        marks=request.marks,
    )
    return Dose(exact, measured, every, area)


def _loading_dose(request: Adjustment, dose: Dose) -> Dose | None:
    """Return the loading dose, or None where the dose does not rise."""
    exact = LOADING_FACTOR.value * (dose.daily_mg - request.daily_mg)
    if exact <= 0:
        return None
    return _measured(request, exact, None, HOURS_A_DAY, dose.area_m2)


def _lower_edge_dose(
    request: Adjustment, ceiling_mg: Decimal | None, area: Decimal | None
) -> Dose | None:
    """Return the dose for the lower edge of the target, for a level below it.

    None where the product cannot give a dose that is higher than the current one.
    """
    low = request.target.low_ng_ml
    if not low or request.level_ng_ml >= low:
        return None
    try:
        dose = _work_out(replace(request, chosen_aim_ng_ml=low), ceiling_mg, area)
    except NothingMeasurableError:
        return None
    return dose if dose.daily_mg > request.daily_mg else None


def _steps_to_factor(request: Adjustment, by_level: Decimal) -> Iterator[Step]:
    aim, level, daily = (
        plain(request.aim_ng_ml),
        plain(request.level_ng_ml),
        shown(request.daily_mg),
    )
    if request.chosen_aim_ng_ml is None:
        yield Step("Aim", shown_target(request.target, request.aim_ng_ml), PROPOSED)
    else:
        working = f"{aim} ng/mL, chosen inside the target {request.target}"
        yield Step("Aim", working, request.protocol.target_source)
    working = (
        f"{daily} mg/day × {aim} / {level} = {shown(request.suggested_daily_mg)} mg/day, "
        f"factor {plain(by_level, _FACTOR_DECIMALS)}"
    )
    yield Step("Current dose × aim / level", working, LABEL)
    cap = request.factor_cap.value
    if by_level > cap and not request.beyond_cap:
        working = (
            f"capped at {cap}: {daily} mg/day × {cap} = {shown(request.daily_mg * cap)} mg/day"
        )
        yield Step("Factor", working, PROPOSED)


def _steps_to_dose(
    request: Adjustment, ceiling_mg: Decimal | None, dose: Dose, formula: Formula
) -> Iterator[Step]:
    wanted = min(request.suggested_daily_mg, request.highest_daily_mg)
    if ceiling_mg is not None and wanted > ceiling_mg:
        yield ceiling_step(wanted, ceiling_mg, request.protocol.source)
    yield per_dose_step(dose.exact_daily_mg, dose.every_hours, LABEL)
    yield measured_step(dose, request.product)
    if request.weight and dose.area_m2:
        working = f"{formula.in_numbers(request.weight, request.height)} = {shown(dose.area_m2)} m²"
        yield Step(f"Body surface area ({formula.name})", working, formula.source)
    yield given_step(dose)


def _steps_to_loading(request: Adjustment, dose: Dose, loading: Dose | None) -> Iterator[Step]:
    if loading is None:
        return
    rise = f"({shown(dose.daily_mg)} − {shown(request.daily_mg)})"
    working = f"{LOADING_FACTOR.value} × {rise} mg = {shown(loading.exact_mg)} mg, once"
    yield Step("Loading dose", working, LABEL)
    yield measured_step(loading, request.product)


def _too_high(request: Adjustment) -> Alert:
    value = f"{plain(request.level_ng_ml)} ng/mL"
    return LEVEL_TOO_HIGH_TO_ADJUST.alert(
        value=value, limit=str(request.limits.rule(HOLDING_CONSIDERED_ABOVE))
    )


def _no_change(request: Adjustment) -> Alert:
    return NO_CHANGE.alert(
        source=request.protocol.target_source,
        level=plain(request.level_ng_ml),
        target=request.target,
        daily=shown(request.daily_mg),
    )


def _no_room(request: Adjustment, ceiling_mg: Decimal) -> Alert:
    return CEILING.alert(
        source=request.protocol.source,
        protocol=request.protocol.key,
        most=shown(ceiling_mg),
        daily=shown(request.daily_mg),
        unmeasurable=None,
        instead=None,
    )


def _nothing_measurable(request: Adjustment, error: NothingMeasurableError) -> Alert:
    return CEILING.alert(
        source=request.protocol.source,
        unmeasurable=error,
        instead="a longer interval",
        protocol=None,
        most=None,
        daily=None,
    )


def _cautions(request: Adjustment, by_level: Decimal) -> Iterator[Alert]:
    """Yield the cautions that apply with a dose or without."""
    if by_level > request.factor_cap.value and not request.beyond_cap:
        yield FACTOR_CAPPED.alert(
            value=plain(by_level, _FACTOR_DECIMALS),
            limit=str(request.factor_cap.value),
            times=plain(by_level, 2),
        )
    if request.weight is None:
        yield WEIGHT_UNKNOWN.alert()


def _beyond_cap(request: Adjustment, by_level: Decimal) -> Alert:
    return FACTOR_BEYOND_CAP.alert(
        value=plain(by_level, _FACTOR_DECIMALS),
        limit=str(request.factor_cap.value),
        times=plain(by_level, 2),
    )


def _notes_on_dose(request: Adjustment, dose: Dose, loading: Dose | None) -> Iterator[Alert]:
    """Yield the alerts about a dose that is shown."""
    yield from check(
        CheckInput(weight=request.weight, age=request.age, volume_ml=dose.measured.volume_ml),
        table=request.limits.table,
    )
    if dose.daily_mg == request.daily_mg:
        yield DOSE_UNCHANGED.alert(daily=plain(dose.daily_mg), chance=None, gain=None)
    else:
        yield _next_level(loading)
    if request.loading and loading is None:
        yield NO_LOADING_DOSE.alert()
    if loading and request.age.months < INFANT_BELOW_MONTHS:
        yield LOADING_IN_INFANCY.alert()


def _next_level(loading: Dose | None) -> Alert:
    days = f"{STEADY_STATE_NOT_BEFORE.value}-{STEADY_STATE_SURELY_FROM}"
    return NEXT_LEVEL.alert(days=days, after_loading=AFTER_LOADING_FROM if loading else None)


def shown_target(target: TargetTrough, aim_ng_ml: Decimal) -> str:
    """Return the calculation of the usual aim, with its numbers filled in.

    >>> shown_target(TargetTrough(Decimal(4), Decimal(12)), Decimal(8))
    '(4 + 12) / 2 = 8 ng/mL, the middle of the target'
    """
    aim, high = plain(aim_ng_ml), plain(target.high_ng_ml)
    if target.low_ng_ml is None:
        return f"{high} × 2 / 3 = {aim} ng/mL, two thirds of the target's upper end"
    return f"({plain(target.low_ng_ml)} + {high}) / 2 = {aim} ng/mL, the middle of the target"


def area_known(weight: Weight | None, height: Height | None) -> tuple[Formula, Decimal | None]:
    """Return the body surface area and its formula: by weight alone without a height."""
    formula = MOSTELLER if height else WEIGHT_ONLY
    return formula, body_surface_area(formula, weight, height) if weight else None


def ceiling_known(
    protocol: Protocol, weight: Weight | None, age: Age, area: Decimal | None
) -> Decimal | None:
    """Return the ceiling of the protocol, mg/day, as far as weight and area are known."""
    if weight is None or area is None:
        return protocol.ceiling_mg_per_day
    return ceiling_mg_per_day(protocol, weight, age, area)


def inputs_of_dose(
    body: CheckInput, dose: Dose, current_daily_mg: Decimal, loading: Dose | None = None
) -> Iterator[CheckInput]:
    """Yield the inputs of the limits: the dose before and after rounding, and the loading dose."""
    for daily_mg in (dose.exact_daily_mg, dose.daily_mg):
        yield replace(
            body,
            daily_mg=daily_mg,
            daily_mg_per_m2=daily_mg / dose.area_m2 if dose.area_m2 else None,
            dose_ratio=daily_mg / current_daily_mg,
        )
    yield replace(
        body,
        largest_day_mg=dose.dosage.largest_day_mg + (loading.measured.mg if loading else 0),
        rounding_percent=dose.rounding_percent,
        loading_rounding_percent=loading.rounding_percent if loading else None,
    )

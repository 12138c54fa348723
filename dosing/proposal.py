"""A proposed starting dose with its inputs, steps, alerts and sources."""

import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from dosing.alerts import NO_ALERTS, Alerts
from dosing.build import this_build
from dosing.dosage import Dosage, per_day
from dosing.errors import UserError
from dosing.gestational_age import GestationalAge
from dosing.json_document import json_number
from dosing.knowledge.clinic_limits import DEFAULT_LIMITS, ClinicLimits
from dosing.knowledge.counselling import Precaution, precautions_for
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS, NO_ADVERSE_EVENT
from dosing.knowledge.nadal2016 import SOURCE as REVIEW_SOURCE
from dosing.knowledge.products import (
    ORAL_SOLUTION,
    STANDARD_MARKS,
    STRENGTH_MG_PER_ML,
    TABLETS,
    Measured,
    Product,
    SyringeMarks,
)
from dosing.knowledge.protocols import REVIEW, Protocol, Start, TargetTrough
from dosing.knowledge.references import SOURCES, cite
from dosing.measuring import TabletOption
from dosing.notebook import Result
from dosing.patient import Age, Height, LiverImpairment, Sex, Weight
from dosing.quantities.formatting import measured_dose, plain, rate
from dosing.quantities.text import required_text, shortened
from dosing.surface_area import MOSTELLER, Formula, FormulaArea, body_surface_areas


@dataclass(frozen=True, slots=True)
class Override:
    """A named person's reason to override the alerts that await one.

    Raises `UserError` for a reason or a name that is empty or too long.
    """

    reason: str
    by: str

    def __post_init__(self) -> None:
        """Clean both texts."""
        object.__setattr__(self, "reason", required_text(self.reason, "The reason to override"))
        object.__setattr__(
            self, "by", required_text(self.by, "The name of the person who overrides")
        )

    def to_dict(self, overridden: Sequence[str]) -> dict[str, object]:
        """Return the override and its codes as every JSON document holds them."""
        return {"reason": self.reason, "by": self.by, "passed": list(overridden)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The request for a starting dose."""

    weight: Weight
    age: Age
    height: Height | None = None
    sex: Sex | None = None
    protocol: Protocol = REVIEW
    formula: Formula = MOSTELLER
    product: Product = ORAL_SOLUTION
    drugs: tuple[str, ...] = ()
    """Names of the concomitant drugs, as typed."""
    liver: LiverImpairment = LiverImpairment.NONE
    measured_days_ago: Decimal = Decimal(0)
    """The age of the weight in days."""
    override: Override | None = None
    every_hours: int | None = None
    """The interval chosen among those that the protocol's source states; None for the usual."""
    strength_mg_per_ml: Decimal | None = None
    """The strength of a pharmacy's dilution of the solution; None for the solution itself."""
    marks: SyringeMarks = STANDARD_MARKS
    """The marks of the clinic's oral syringes."""
    gestation: GestationalAge | None = None
    """The gestational age at birth, for the growth tables; None if it is not known."""
    limits: ClinicLimits = DEFAULT_LIMITS
    """The limits in force in the clinic."""

    def __post_init__(self) -> None:
        """Check the days and the strength, and clean the names of the drugs."""
        strength = self.strength_mg_per_ml
        if strength is not None:
            if not strength.is_finite() or strength <= 0:
                raise UserError(f"A strength is above zero, not {strength} mg/mL. Correct it.")
            if self.product is TABLETS:
                raise UserError("Only the solution has a strength per mL. Leave it out.")
        if not self.measured_days_ago.is_finite():
            raise UserError("The age of the weight is a number of days.")
        object.__setattr__(self, "drugs", _drug_names(self.drugs))

    def __repr__(self) -> str:
        """Return the body and the protocol."""
        height = f"{plain(self.height.cm)} cm" if self.height else "no height"
        body = f"{plain(self.weight.kg)} kg, {height}, {plain(self.age.months, 2)} months"
        return f"<{type(self).__name__} {body}, protocol {self.protocol.key}>"

    def to_dict(self) -> dict[str, object]:
        """Return the inputs as the JSON document of a proposal holds them."""
        return {
            "weight_kg": json_number(self.weight.kg),
            "height_cm": json_number(self.height.cm) if self.height else None,
            "age_months": json_number(self.age.months, 4),
            "age_months_at_most": json_number(self.age.oldest.months, 4)
            if self.age.oldest
            else None,
            "sex": self.sex.value if self.sex else None,
            "product": self.product.value,
            "with": list(self.drugs),
            "liver": self.liver.value,
            "measured_days_ago": json_number(self.measured_days_ago),
            "every_hours": self.every_hours,
            "strength_mg_per_ml": json_number(self.strength_mg_per_ml),
            "syringe_step_ml": json_number(self.marks.smallest_ml),
            "gestation_days": self.gestation.days if self.gestation else None,
        }

    @property
    def drawn_mg_per_ml(self) -> Decimal:
        """The strength of the solution that is drawn up."""
        return self.strength_mg_per_ml or STRENGTH_MG_PER_ML


def _drug_names(given: Iterable[str]) -> tuple[str, ...]:
    """Return the names cleaned; raise `UserError` for a single text instead of a list."""
    if isinstance(given, str):
        raise UserError(f'The drugs are a list of names. Write ["{shortened(given)}"].')
    return tuple(required_text(name, "The name of a drug") for name in given)


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose per administration, before and after rounding, and per day.

    Raises `UserError` for a figure that is not above zero, and for an interval that fits no day.
    """

    exact_mg: Decimal
    measured: Measured
    every_hours: int
    """The hours from one administration to the next."""
    area_m2: Decimal | None
    """The body surface area, or None where no weight is known."""

    def __post_init__(self) -> None:
        """Check the figures; the dosage checks the interval."""
        no_area = self.area_m2 is not None and self.area_m2 <= 0
        if self.exact_mg <= 0 or no_area:
            raise UserError("A dose and the area are above zero.")
        Dosage(self.measured.mg, self.every_hours)

    def __repr__(self) -> str:
        """Return the dose and its interval."""
        return f"<{type(self).__name__} {self.words}>"

    @property
    def words(self) -> str:
        """The dose and its interval, in one line."""
        return f"{measured_dose(self.measured)} every {self.every_hours} hours"

    @property
    def dosage(self) -> Dosage:
        """The dose that is given, and how often."""
        return Dosage(self.measured.mg, self.every_hours)

    @property
    def times_a_day(self) -> int | None:
        """The number of doses a day, or None above 24 hours."""
        return self.dosage.times_a_day

    @property
    def exact_daily_mg(self) -> Decimal:
        """The daily dose before rounding, as the mean over days."""
        return per_day(self.exact_mg, self.every_hours)

    @property
    def daily_mg(self) -> Decimal:
        """The daily dose that is given, as the mean over days."""
        return self.dosage.daily_mg

    @property
    def mg_per_m2_per_dose(self) -> Decimal | None:
        """The dose that is given, per m² and administration."""
        return self.measured.mg / self.area_m2 if self.area_m2 else None

    @property
    def mg_per_m2_per_day(self) -> Decimal | None:
        """The dose that is given, per m² and day."""
        return self.daily_mg / self.area_m2 if self.area_m2 else None

    @property
    def rounding_percent(self) -> Decimal:
        """The change by rounding, in percent of the exact dose."""
        return (self.measured.mg - self.exact_mg) / self.exact_mg * 100

    def to_dict(self) -> dict[str, object]:
        """Return the dose as every JSON document of the program holds it."""
        measured = self.measured
        return {
            "exact_mg": json_number(self.exact_mg, 6),
            "given_mg": json_number(measured.mg),
            "volume_ml": json_number(measured.volume_ml),
            "syringe_ml": json_number(measured.syringe_ml),
            "strength_mg_per_ml": (
                None if measured.volume_ml is None else json_number(measured.strength_mg_per_ml)
            ),
            "tablets": {f"{plain(mg)} mg": count for mg, count in measured.tablets} or None,
            "times_a_day": self.times_a_day,
            "every_hours": self.every_hours,
            "parts": [part.to_dict() for part in self.dosage.parts],
            "daily_mg": json_number(self.daily_mg),
            "mg_per_m2_per_dose": json_number(self.mg_per_m2_per_dose, 4),
            "mg_per_m2_per_day": json_number(self.mg_per_m2_per_day, 4),
            "rounding_percent": json_number(self.rounding_percent, 2),
        }


class _Overridable(typing.Protocol):
    @property
    def awaits_override(self) -> bool: ...


_Result = TypeVar("_Result", bound=_Overridable)


def override_where_needed(
    make: Callable[[Override | None], _Result], override: Override | None
) -> tuple[_Result, bool]:
    """Return the result, made with the override only where it awaits one, and whether it does."""
    made = make(None)
    if made.awaits_override and override is not None:
        return make(override), True
    return made, made.awaits_override


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the calculation with its numbers filled in."""

    title: str
    working: str
    source: str

    def __post_init__(self) -> None:
        """Raise `KeyError` where the source has no citation."""
        SOURCES[self.source]

    def to_dict(self) -> dict[str, str]:
        """Return the step as every JSON document of the program holds it."""
        return {"title": self.title, "working": self.working, "source": self.source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Result):
    """The proposal for a request; `dose` is None where a stop prevented it."""

    request: Request
    version: str
    """The version of the program whose rules made the proposal."""
    alerts: Alerts = NO_ALERTS
    """The strongest first."""
    area_m2: Decimal | None = None
    start: Start | None = None
    """The protocol's row for this patient."""
    dose: Dose | None = None
    loading_dose: Dose | None = None
    """One dose on the first day, before the daily doses, if the protocol has one."""
    steps: tuple[Step, ...] = ()
    tablet_options: tuple[TabletOption, ...] = ()
    """The doses of whole tablets near the exact one, the nearest first; empty for the solution.

    They stay where nothing but the rounding to tablets awaits an override."""

    def __repr__(self) -> str:
        """Return the dose, or the codes of the alerts that prevented it."""
        if self.dose:
            return (
                f"<{type(self).__name__} {self.dose.words}, protocol {self.request.protocol.key}>"
            )
        return f"<{type(self).__name__} no dose: {', '.join(self.alerts.blocking_codes)}>"

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus dose --json` prints."""
        request, target, loading = self.request, self.target, self.loading_dose
        return {
            "protocol": request.protocol.key,
            "formula": request.formula.key,
            "body_surface_area_m2": json_number(self.area_m2, 6),
            "dose": self.dose.to_dict() if self.dose else None,
            "protocol_dose": (
                {"per_day": rate(self.start.per_day), "per_dose": rate(self.start.per_dose)}
                if self.start
                else None
            ),
            "loading_dose_mg": json_number(loading.measured.mg) if loading else None,
            "loading_dose": loading.to_dict() if loading else None,
            "tablet_options": [option.to_dict() for option in self.tablet_options],
            "target_ng_ml": [json_number(target.low_ng_ml), json_number(target.high_ng_ml)],
            "first_level_days": list(request.protocol.first_level_days),
            "early_level": self.needs_early_level,
            "alerts": [alert.to_dict() for alert in self.alerts],
            "override": self.override.to_dict(self.overridden) if self.override else None,
            "precautions": [each.to_dict() for each in self.precautions],
            "review_adverse_events": {
                "patients": NO_ADVERSE_EVENT.of,
                "none": NO_ADVERSE_EVENT.count,
                **{event.name: event.count for event in ADVERSE_EVENTS},
            },
            "inputs": request.to_dict(),
            "steps": [step.to_dict() for step in self.steps],
            "formulas_m2": {each.formula.key: json_number(each.m2, 6) for each in self.areas},
            "sources": self.sources,
            **replace(this_build(), version=self.version).to_dict(),
            "limits": self.request.limits.to_dict(),
        }

    @property
    def areas(self) -> tuple[FormulaArea, ...]:
        """The body surface area by each formula that the measurements allow."""
        if self.area_m2 is None:
            return ()
        return body_surface_areas(self.request.weight, self.request.height)

    @property
    def target(self) -> TargetTrough:
        """The target of the protocol."""
        return self.request.protocol.target

    @property
    def override(self) -> Override | None:
        """The override, if an alert needed one."""
        return self.request.override if self.overridden else None

    @property
    def overridden(self) -> tuple[str, ...]:
        """The codes of the overridden alerts."""
        return self.alerts.passed_by(self.request.override)

    @property
    def needs_early_level(self) -> bool:
        """Return whether an alert asks for an earlier level than the protocol."""
        return any(alert.asks_early_level for alert in self.alerts)

    @property
    def precautions(self) -> tuple[Precaution, ...]:
        """The precautions before the first dose, which a person must check."""
        return precautions_for(self.request.product)

    @property
    def stopped(self) -> bool:
        """Return whether an alert prevented a dose."""
        return self.dose is None

    @property
    def awaits_override(self) -> bool:
        """Return whether a documented override would allow the dose."""
        return self.stopped and self.alerts.awaits_override

    @property
    def sources(self) -> dict[str, str]:
        """The citations of all sources used, by their keys."""
        protocol = self.request.protocol
        keys = [protocol.source]
        keys += [step.source for step in self.steps]
        keys += self.alerts.sources
        if self.dose:
            keys += [protocol.target_source, protocol.first_level_source, REVIEW_SOURCE]
            keys += [each.source for each in self.precautions]
        return cite(keys)

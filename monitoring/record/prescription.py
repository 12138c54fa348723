"""A prescription with its accepted proposal, and missed or held doses."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from dosing import (
    PROTOCOLS,
    Product,
    QuantityKind,
    ReadingError,
    TargetTrough,
    UserError,
    clean,
    read_quantity,
)
from dosing.build import Build
from dosing.dosage import Dosage
from dosing.quantities.formatting import plain, regimen_words
from dosing.quantities.text import quoted
from monitoring.record.entry import (
    Entry,
    check_overridden_alerts,
    codes_in_column,
    free_text,
    keep,
    name_text,
)
from monitoring.times import Moment

_NOON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription(Entry):
    """A dose of `dose_mg` per administration, `times_a_day`, from a moment on.

    It is in force until the next one begins or until it is ended. `proposal` is the JSON document
    of the accepted proposal, with its inputs; `rule_version` is the build that made it.

    Raises `UserError` for a dose of zero or less, a number of doses a day other than 1 to 4, an
    interval that fits neither a day nor whole days, an unknown protocol, or overridden alerts
    without an override.
    """

    since: Moment
    dose_mg: Decimal
    times_a_day: int
    product: Product
    protocol: str
    target: TargetTrough
    rule_version: str
    """The label of a `Build`; earlier programs stored their version alone."""
    proposal: str = ""
    loading: bool = False
    """True for a loading dose, given once."""
    override_reason: str = ""
    override_by: str = ""
    reason: str = ""
    """The reason for the dose or its change, in the clinic's own words."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the override passed, or the dose as it was given."""
    every_hours: int | None = None
    """The hours between doses; None for `times_a_day` doses spread over the day."""
    evening_mg: Decimal | None = None
    """The dose from noon on, where it differs from that of the morning, `dose_mg`."""
    strength_mg_per_ml: Decimal | None = None
    """The strength of a pharmacy's dilution; None for the product's own."""
    given_reason: str | None = None
    """Why it is recorded as really given, past every limit; None for a dose that is prescribed."""
    is_taper_step: bool | None = None
    """True for a step of a plan to stop."""

    def __post_init__(self) -> None:
        """Check the figures and clean the texts."""
        for mg in (self.dose_mg, self.evening_mg):
            if mg is not None and (not mg.is_finite() or mg <= 0):
                raise UserError(f"A dose is above zero, not {mg} mg. Correct the dose.")
        if self.times_a_day not in range(1, 5):
            raise UserError(
                f"A dose is given 1 to 4 times a day, not {self.times_a_day}. Correct the number."
            )
        self._check_interval()
        strength = self.strength_mg_per_ml
        if strength is not None and (not strength.is_finite() or strength <= 0):
            raise UserError(f"A strength is above zero, not {strength} mg/mL. Correct it.")
        if strength is not None and self.product is not Product.SOLUTION:
            raise UserError("Only the solution has a strength per mL. Leave it out for tablets.")
        if self.protocol not in PROTOCOLS:
            raise UserError(f"The protocol is unknown. Choose one of {', '.join(PROTOCOLS)}.")
        if self.given_reason is not None:
            keep(self, "given_reason", name_text(self.given_reason, "The reason it was given"))
        keep(self, "reason", free_text(self.reason, "The reason"))
        keep(self, "rule_version", free_text(self.rule_version, "The rule version"))
        keep(self, "proposal", clean(self.proposal))
        keep(self, "override_reason", free_text(self.override_reason, "The reason of the override"))
        keep(self, "override_by", free_text(self.override_by, "The name for the override"))
        if bool(self.override_reason) != bool(self.override_by):
            raise UserError("An override needs both a reason and a name. Enter both.")
        passed_by = self.override_reason or self.given_reason or ""
        check_overridden_alerts(self.overridden_alerts, passed_by)

    def _check_interval(self) -> None:
        every = self.every_hours
        if every is None:
            if self.times_a_day != 2 and self.evening_mg is not None:
                raise UserError("An evening dose needs two doses a day. Correct one of them.")
            return
        fits = every > 0 and (24 % every == 0 or every % 24 == 0)
        if not fits or self.times_a_day != max(1, 24 // every):
            raise UserError(
                f"Doses every {every} hours do not fit the day. Write 6, 8, 12, 24 or whole days."
            )
        if self.evening_mg is not None and every != 12:
            raise UserError("An evening dose needs two doses a day. Correct one of them.")

    @property
    def interval_hours(self) -> int:
        """The hours between two doses."""
        return self.every_hours or 24 // self.times_a_day

    @property
    def daily_mg(self) -> Decimal:
        """The dose per day, as the mean over days."""
        if self.evening_mg is not None:
            return self.dose_mg + self.evening_mg
        if self.interval_hours > 24:
            return self.dose_mg * 24 / self.interval_hours
        return self.dose_mg * self.times_a_day

    @property
    def dosage(self) -> Dosage:
        """The dose of each administration, and how often it is given."""
        return Dosage.of(self.dose_mg, self.times_a_day, self.every_hours, self.evening_mg)

    @property
    def made_by(self) -> Build:
        """The build whose rules made it; of an earlier program the version alone."""
        return Build.of_label(self.rule_version)

    @property
    def assessed_target(self) -> TargetTrough:
        """The target for the assessment of a level: while tapering it has no lower end."""
        return replace(self.target, low_ng_ml=None) if self.is_taper_step else self.target

    def mg_at(self, local: datetime) -> Decimal:
        """Return the dose at a time of the day: the evening's from noon on, if it differs."""
        if self.evening_mg is not None and local.hour >= _NOON:
            return self.evening_mg
        return self.dose_mg

    def __repr__(self) -> str:
        """Return the dose and when it begins."""
        return f"<{type(self).__name__} {self} from {self.since}>"

    def __str__(self) -> str:
        """Return the dose with the times a day, or its interval.

        >>> from tests.builders import a_dose
        >>> str(a_dose(mg="0.44")), str(a_dose(mg="1", times_a_day=1, every_hours=48))
        ('0.44 mg × 2 a day', '1 mg every 48 hours')
        """
        if self.evening_mg is not None:
            return f"{plain(self.dose_mg)} mg in the morning, {plain(self.evening_mg)} mg at night"
        if self.interval_hours > 24:
            return f"{plain(self.dose_mg)} mg every {self.interval_hours} hours"
        return f"{self.regimen} a day"

    @property
    def regimen(self) -> str:
        """The dose and how often it is given, in the twelve signs of a list.

        >>> from tests.builders import a_dose
        >>> a_dose(mg="0.44").regimen, a_dose(mg="1", times_a_day=1, every_hours=48).regimen
        ('0.44 mg × 2', '1 mg/48 h')
        >>> a_dose(mg="0.4", evening_mg=Decimal("0.5")).regimen
        '0.4+0.5 mg'
        """
        if self.evening_mg is not None:
            return f"{plain(self.dose_mg)}+{plain(self.evening_mg)} mg"
        if self.interval_hours > 24:
            return f"{plain(self.dose_mg)} mg/{self.interval_hours} h"
        return regimen_words(self.dose_mg, self.times_a_day)


def read_strength(text: str) -> Decimal:
    """Return the mg in a mL; raises `ReadingError` for another text.

    >>> read_strength("0.5 mg/mL")
    Decimal('0.5')
    """
    mg, slash, unit = text.strip(" \t").rpartition("/")
    if not slash or unit.casefold() != "ml":
        raise ReadingError(f"{quoted(text)} is not a strength. Write it as in 0.5 mg/mL.")
    return read_quantity(mg, QuantityKind.DOSE).value


class NotGiven(Enum):
    """The kind of a dose that was not given: by chance or on purpose."""

    MISSED = "missed"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDose(Entry):
    """A missed dose, or doses held from one moment to another, or until a restart.

    A hold with neither `until` nor `is_open` was recorded before a hold could be open: its end is
    not known. Raises `UserError` for an end before the beginning, and for an open hold with an
    end or of a dose missed.
    """

    at: Moment
    kind: NotGiven
    until: Moment | None = None
    reason: str = ""
    is_open: bool | None = None
    """True for a hold that lasts until the doses are given again."""

    def __post_init__(self) -> None:
        """Check the order of the times and clean the reason."""
        if self.is_open and (self.until is not None or self.kind is not NotGiven.HELD):
            raise UserError("Only a hold without an end is open. Leave out the end, or the hold.")
        keep(self, "reason", free_text(self.reason, "The reason"))
        if self.until is not None and self.until < self.at:
            raise UserError("The hold ends before it begins. Check both times.")

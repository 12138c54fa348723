"""A prescription with its accepted proposal, and missed or held doses."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from dosing import PROTOCOLS, Product, TargetTrough, UserError, clean
from dosing.quantities.formatting import plain
from monitoring.record.entry import Entry, check_overridden_alerts, codes_in_column, free_text, keep
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription(Entry):
    """A dose of `dose_mg` per administration, `times_a_day`, from a moment on.

    It is in force until the next one begins or until it is ended. `proposal` is the JSON document
    of the accepted proposal, with its inputs; `rule_version` is the version that made it.

    Raises `UserError` for a dose of zero or less, a number of doses a day other than 1 to 4, an
    unknown protocol, or overridden alerts without an override.
    """

    since: Moment
    dose_mg: Decimal
    times_a_day: int
    product: Product
    protocol: str
    target: TargetTrough
    rule_version: str
    proposal: str = ""
    loading: bool = False
    """True for a loading dose, given once."""
    override_reason: str = ""
    override_by: str = ""
    reason: str = ""
    """The reason for the dose or its change, in the clinic's own words."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the override passed."""

    def __post_init__(self) -> None:
        """Check the figures and clean the texts."""
        if not self.dose_mg.is_finite() or self.dose_mg <= 0:
            raise UserError(f"A dose is above zero, not {self.dose_mg} mg. Correct the dose.")
        if self.times_a_day not in range(1, 5):
            raise UserError(
                f"A dose is given 1 to 4 times a day, not {self.times_a_day}. Correct the number."
            )
        if self.protocol not in PROTOCOLS:
            raise UserError(f"The protocol is unknown. Choose one of {', '.join(PROTOCOLS)}.")
        keep(self, "reason", free_text(self.reason, "The reason"))
        keep(self, "rule_version", free_text(self.rule_version, "The rule version"))
        keep(self, "proposal", clean(self.proposal))
        keep(self, "override_reason", free_text(self.override_reason, "The reason of the override"))
        keep(self, "override_by", free_text(self.override_by, "The name for the override"))
        if bool(self.override_reason) != bool(self.override_by):
            raise UserError("An override needs both a reason and a name. Enter both.")
        check_overridden_alerts(self.overridden_alerts, self.override_reason)

    @property
    def daily_mg(self) -> Decimal:
        """The dose per day."""
        return self.dose_mg * self.times_a_day

    def __repr__(self) -> str:
        """Return the dose and when it begins."""
        return f"<{type(self).__name__} {self} from {self.since}>"

    def __str__(self) -> str:
        """Return the dose with the times a day."""
        return f"{plain(self.dose_mg)} mg × {self.times_a_day} a day"


class NotGiven(Enum):
    """The kind of a dose that was not given: by chance or on purpose."""

    MISSED = "missed"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDose(Entry):
    """A missed dose, or doses held from one moment to another.

    Raises `UserError` for an end before the beginning.
    """

    at: Moment
    kind: NotGiven
    until: Moment | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Check the order of the times and clean the reason."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        if self.until is not None and self.until < self.at:
            raise UserError("The hold ends before it begins. Check both times.")

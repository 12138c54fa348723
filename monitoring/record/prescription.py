"""A prescribed dose, the accepted proposal it came from, and doses that were not given."""

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

    It holds until the next one begins or until it is ended. `proposal` is the JSON document of the
    proposal that was accepted, with its inputs; `rule_version` is the version that made it.

    Raises `UserError` for a dose that is not above zero, a number of doses a day other than 1 to 4,
    a protocol that is not known, or alerts passed without an override.
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
    """Whether this is a loading dose, given once."""
    override_reason: str = ""
    override_by: str = ""
    reason: str = ""
    """Why the dose was chosen or changed, in the clinic's own words."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the override passed."""

    def __post_init__(self) -> None:
        """Check the figures and keep the texts cleaned."""
        if not self.dose_mg.is_finite() or self.dose_mg <= 0:
            raise UserError(f"A dose is above zero, not {self.dose_mg} mg.")
        if self.times_a_day not in range(1, 5):
            raise UserError(f"A dose is given 1 to 4 times a day, not {self.times_a_day}.")
        if self.protocol not in PROTOCOLS:
            raise UserError(f"The protocol is one of {', '.join(PROTOCOLS)}.")
        keep(self, "reason", free_text(self.reason, "The reason"))
        keep(self, "rule_version", free_text(self.rule_version, "The version of the rules"))
        keep(self, "proposal", clean(self.proposal))
        keep(self, "override_reason", free_text(self.override_reason, "The reason to override"))
        keep(self, "override_by", free_text(self.override_by, "The name of who overrides"))
        if bool(self.override_reason) != bool(self.override_by):
            raise UserError("An override needs both a reason and a name.")
        check_overridden_alerts(self.overridden_alerts, self.override_reason)

    @property
    def daily_mg(self) -> Decimal:
        """The dose per day."""
        return self.dose_mg * self.times_a_day

    def __repr__(self) -> str:
        """Return the dose and when it begins."""
        return f"<{type(self).__name__} {self} from {self.since}>"

    def __str__(self) -> str:
        """Return the dose as it is read in a list."""
        return f"{plain(self.dose_mg)} mg × {self.times_a_day} a day"


class NotGiven(Enum):
    """Why a dose was not given."""

    MISSED = "missed"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDose(Entry):
    """One dose that was missed, or doses held from a moment to another.

    Raises `UserError` where the end lies before the beginning.
    """

    at: Moment
    kind: NotGiven
    until: Moment | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        """Check the order of the moments and keep the reason cleaned."""
        keep(self, "reason", free_text(self.reason, "The reason"))
        if self.until is not None and self.until < self.at:
            raise UserError("Doses cannot be held until before they began to be held.")

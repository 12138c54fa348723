"""A set of the clinic's limits: an entry of the clinic in the audit trail, about no patient."""

from dataclasses import dataclass
from datetime import date

from dosing.knowledge.clinic_limits import ClinicLimits, read_value_texts
from monitoring.record.entry import Entry, keep, name_text

CLINIC = 0
"""The number in the place of a patient's: the entry belongs to the clinic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSet(Entry):
    """Every value of a set, who decided on it, when and why; in force once it is signed.

    A set holds all values, and not only the changed ones: a later version of the program never
    changes what somebody signed. Raises `UserError` without a name or a reason, and for a value
    that cannot be read.
    """

    on: date
    """The day of the decision, or of the signature."""
    figures: tuple[str, ...]
    """Each as `name=value`; see `dosing.knowledge.clinic_limits.value_texts`."""
    decided_by: str
    reason: str
    is_signed: bool

    def __post_init__(self) -> None:
        """Check the values and clean the texts."""
        read_value_texts(self.figures)
        keep(self, "decided_by", name_text(self.decided_by, "The name"))
        keep(self, "reason", name_text(self.reason, "The reason"))

    @property
    def limits(self) -> ClinicLimits:
        """The set as what checks a dose or a level takes it."""
        values = read_value_texts(self.figures)
        if not self.is_signed:
            return ClinicLimits(values=values)
        return ClinicLimits(values=values, signed_by=self.decided_by, signed_on=self.on)

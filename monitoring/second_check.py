"""The second check of a dose: another person types mg, mL and interval anew.

The figures are compared with the prescription. Without the clinic's setting nothing asks for it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dosing import UserError
from dosing.knowledge.products import STRENGTH_MG_PER_ML, volume_ml
from dosing.quantities.formatting import rounded
from monitoring.record.dose_check import DoseCheck
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.times import Moment, short
from monitoring.treatment import TreatmentHistory

_TYPED_DECIMALS = 3
"""Of a volume: no syringe has finer marks, and a third of a mL has no end."""
_ON_BEHALF = " on behalf of "


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseFigures:
    """The figures of a dose that a second person confirms."""

    dose_mg: Decimal
    """Of one administration; in the morning, where the evening has another."""
    every_hours: int
    volume_ml: Decimal | None = None
    """None for tablets."""
    evening_mg: Decimal | None = None
    evening_ml: Decimal | None = None

    @classmethod
    def of(cls, prescription: Prescription) -> "DoseFigures":
        """Return the figures of a prescription, as the dose card has them."""
        evening = prescription.evening_mg
        return cls(
            dose_mg=prescription.dose_mg,
            every_hours=prescription.interval_hours,
            volume_ml=_volume(prescription, prescription.dose_mg),
            evening_mg=evening,
            evening_ml=None if evening is None else _volume(prescription, evening),
        )

    @classmethod
    def confirmed_by(cls, check: DoseCheck) -> "DoseFigures":
        """Return the figures that a check confirmed."""
        return cls(
            dose_mg=check.dose_mg,
            every_hours=check.every_hours,
            volume_ml=check.volume_ml,
            evening_mg=check.evening_mg,
            evening_ml=check.evening_ml,
        )

    def other_than(self, right: "DoseFigures") -> tuple[str, ...]:
        """Return the names of the figures that are others than the right ones."""
        pairs = (
            ("the dose in mg", self.dose_mg, right.dose_mg),
            ("the volume in mL", self.volume_ml, right.volume_ml),
            ("the interval", self.every_hours, right.every_hours),
            ("the evening dose in mg", self.evening_mg, right.evening_mg),
            ("the evening volume in mL", self.evening_ml, right.evening_ml),
        )
        return tuple(name for name, one, other in pairs if one != other)


def _volume(prescription: Prescription, mg: Decimal) -> Decimal | None:
    strength = prescription.strength_mg_per_ml or STRENGTH_MG_PER_ML
    volume = volume_ml(mg, prescription.product, strength)
    return None if volume is None else rounded(volume, _TYPED_DECIMALS)


def dose_to_check(record: Record, now: Moment) -> StoredEntry[Prescription]:
    """Return the prescription of the current dose, or else of the next one.

    Raises `UserError` without either.
    """
    history = TreatmentHistory.of(record)
    current = history.period_at(now)
    later = (each for each in history.periods if each.since > now)
    period = current or next(later, None)
    if period is None:
        raise UserError("The patient has no dose to check. Record a prescription first.")
    return period.prescription


def check_of_dose(
    recorded: StoredEntry[Prescription], typed: DoseFigures, by: str, on: date
) -> DoseCheck:
    """Return the check of a prescription by a second person, who typed its figures anew.

    Raises `UserError` where a figure is another one, without the right one: the person looks it up
    again. Raises it too for the person who prescribed the dose.
    """
    wrong = typed.other_than(DoseFigures.of(recorded.entry))
    if wrong:
        raise UserError(
            f"Not confirmed: {' and '.join(wrong)} differ{'s' if len(wrong) == 1 else ''} from the "
            "prescription. Check order, label and syringe, and ask the prescriber."
        )
    if _key(by) in _prescribers(recorded):
        raise UserError("Not confirmed: this person prescribed the dose. Another person checks it.")
    return DoseCheck(
        of=recorded.number,
        on=on,
        dose_mg=typed.dose_mg,
        every_hours=typed.every_hours,
        checked_by=by,
        volume_ml=typed.volume_ml,
        evening_mg=typed.evening_mg,
        evening_ml=typed.evening_ml,
    )


def check_in_force(
    record: Record, recorded: StoredEntry[Prescription]
) -> StoredEntry[DoseCheck] | None:
    """Return the check of exactly this dose by another person; None without one.

    A voided check is none, and a changed dose is another prescription.
    """
    right, prescribers = DoseFigures.of(recorded.entry), _prescribers(recorded)
    return next(
        (
            each
            for each in reversed(record.active(DoseCheck))
            if each.entry.of == recorded.number
            and not DoseFigures.confirmed_by(each.entry).other_than(right)
            and _key(each.entry.checked_by) not in prescribers
        ),
        None,
    )


def words_of_check(check: DoseCheck) -> str:
    """Return a check in words, to read it back."""
    return f"dose checked by {check.checked_by} on {short(check.on)}"


def _prescribers(recorded: StoredEntry[Prescription]) -> frozenset[str]:
    """Return the names of who recorded the dose or passed its limits; a login and its person."""
    names = (*recorded.author.by.split(_ON_BEHALF), recorded.author.by, recorded.entry.override_by)
    return frozenset(_key(name) for name in names if name)


def _key(name: str) -> str:
    """Return a name by which spellings of one person are the same."""
    return "".join(filter(str.isalnum, name.casefold()))

"""The subject of a laboratory value: what the grades of some tests ask of the patient."""

from dataclasses import dataclass
from decimal import Decimal

from dosing import Age, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The patient on the day of a value; None for what is not known."""

    age: Age | None = None
    sex: Sex | None = None
    height_z: Decimal | None = None
    """The z score of the last height for its age, by the WHO tables."""
    is_height_at_corrected_age: bool = False
    """True where that is the corrected age of a child born preterm."""
    either: tuple[tuple[str, "Subject"], ...] = ()
    """What the patient may be, each in words: of two sexes, or of the ends of a range of ages."""


NOBODY = Subject()

"""The bands of age that levels and patients are counted by."""

from dataclasses import dataclass
from decimal import Decimal

from dosing.knowledge.limits import INFANT_BELOW_MONTHS, YOUNG_INFANT_BELOW_MONTHS
from dosing.knowledge.protocols import ADULT_FROM_MONTHS


@dataclass(frozen=True, slots=True)
class AgeBand:
    """The ages from some months on and below others; the last band has no end."""

    name: str
    from_months: Decimal
    below_months: Decimal | None

    def holds(self, months: Decimal) -> bool:
        """Return whether an age is in the band."""
        return self.from_months <= months and (
            self.below_months is None or months < self.below_months
        )


AGE_BANDS = (
    AgeBand("under 7 months", Decimal(0), YOUNG_INFANT_BELOW_MONTHS),
    AgeBand("7 to 24 months", YOUNG_INFANT_BELOW_MONTHS, INFANT_BELOW_MONTHS),
    AgeBand("2 to 12 years", INFANT_BELOW_MONTHS, Decimal(144)),
    AgeBand("12 to 18 years", Decimal(144), ADULT_FROM_MONTHS),
    AgeBand("18 years and older", ADULT_FROM_MONTHS, None),
)


def age_band(months: Decimal) -> str:
    """Return the name of the band of an age.

    >>> age_band(Decimal("6.99")), age_band(Decimal(7)), age_band(Decimal(216))
    ('under 7 months', '7 to 24 months', '18 years and older')
    """
    return next((band.name for band in AGE_BANDS if band.holds(months)), AGE_BANDS[0].name)

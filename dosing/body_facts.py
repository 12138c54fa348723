"""What the limits look at in a body: size, growth scores and body mass index."""

from dosing.body import Age, Height, Sex, Weight
from dosing.body_size import body_mass_index
from dosing.growth import (
    BODY_MASS_INDEX_FOR_AGE,
    HEIGHT_FOR_AGE,
    WEIGHT_FOR_AGE,
    growth_scores,
)
from dosing.limits import CheckInput


def body_facts(weight: Weight, height: Height | None, age: Age, sex: Sex | None) -> CheckInput:
    """Return the facts of a body for `dosing.limits.check`."""
    scores = {score.name: score.z for score in growth_scores(weight, height, age, sex)}
    return CheckInput(
        weight=weight,
        age=age,
        height_cm=height.cm if height else None,
        body_mass_index=body_mass_index(weight, height) if height else None,
        weight_for_age_z=scores.get(WEIGHT_FOR_AGE),
        height_for_age_z=scores.get(HEIGHT_FOR_AGE),
        body_mass_index_for_age_z=scores.get(BODY_MASS_INDEX_FOR_AGE),
    )

"""The input of the limits for a body: size, growth scores and body mass index."""

from dosing.growth import (
    BODY_MASS_INDEX_FOR_AGE,
    HEIGHT_FOR_AGE,
    WEIGHT_FOR_AGE,
    growth_scores,
)
from dosing.knowledge.limits import CheckInput
from dosing.patient import Age, Height, Sex, Weight
from dosing.surface_area import body_mass_index


def check_input(weight: Weight, height: Height | None, age: Age, sex: Sex | None) -> CheckInput:
    """Return the input of `dosing.knowledge.limits.check` for a body."""
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

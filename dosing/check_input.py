"""The input of the limits for a body: size, growth scores and body mass index."""

from decimal import Decimal

from dosing.alerts import NO_ALERTS, Alerts
from dosing.gestational_age import GestationalAge, growth_age
from dosing.growth import (
    BODY_MASS_INDEX_FOR_AGE,
    HEIGHT_FOR_AGE,
    WEIGHT_FOR_AGE,
    growth_scores,
)
from dosing.knowledge.alert_catalogue import BORN_PRETERM
from dosing.knowledge.limits import CheckInput
from dosing.patient import Age, Height, Sex, Weight
from dosing.quantities.formatting import plain
from dosing.surface_area import body_mass_index


def check_input(
    weight: Weight,
    height: Height | None,
    age: Age,
    sex: Sex | None,
    gestation: GestationalAge | None = None,
) -> CheckInput:
    """Return the input of `dosing.knowledge.limits.check` for a body.

    Growth is compared at the corrected age, all else goes by the age since birth.
    """
    scores: dict[str, Decimal] = {}
    for each in age.ends:  # of a range of ages the more unusual score counts
        for score in growth_scores(weight, height, growth_age(each, gestation), sex):
            scores[score.name] = max(scores.get(score.name, score.z), score.z, key=abs)
    return CheckInput(
        weight=weight,
        age=age,
        height_cm=height.cm if height else None,
        body_mass_index=body_mass_index(weight, height) if height else None,
        weight_for_age_z=scores.get(WEIGHT_FOR_AGE),
        height_for_age_z=scores.get(HEIGHT_FOR_AGE),
        body_mass_index_for_age_z=scores.get(BODY_MASS_INDEX_FOR_AGE),
    )


def preterm_alerts(age: Age, gestation: GestationalAge | None) -> Alerts:
    """Return what is said beside every answer by the age, where growth has another one."""
    corrected = growth_age(age, gestation)
    if corrected is age:
        return NO_ALERTS
    months = plain(corrected.months, 1)
    return Alerts((BORN_PRETERM.alert(gestation=gestation, corrected=months),))

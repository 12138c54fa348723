"""A taper in words, for the command line and the app."""

from collections.abc import Iterator

from dosing.knowledge.later_evidence import RELAPSE_AFTER_STOPPING
from dosing.quantities.formatting import measured_dose, plain
from dosing.taper import LARGEST_PART_A_MONTH, SHORTEST_STEP_DAYS, SOURCE
from monitoring.tapering import PlannedDose, TaperPlan
from monitoring.times import short


def taper_rows(plan: TaperPlan) -> Iterator[tuple[str, str, str]]:
    """Yield each step: its first time, the dose as it is measured, and the part of the start."""
    for each in plan.doses:
        yield short(each.since), _dose(each), f"{plain(each.percent_of_start, 0)} %"
    if plan.ends:
        yield short(plan.ends), "stop: no dose from then on", "0 %"


def _dose(dose: PlannedDose) -> str:
    first, *evening = map(measured_dose, dose.measured)
    if evening:
        return f"{first} in the morning, {evening[0]} in the evening"
    return f"{first} every {dose.dosage.every_hours} hours"


def taper_lines() -> tuple[str, ...]:
    """Return the rules of every taper, and what is known of the time after it."""
    most, weeks = plain(100 * LARGEST_PART_A_MONTH), SHORTEST_STEP_DAYS // 7
    rule = (
        f"At most {most} % a month of the dose at the start, at least {weeks} weeks between two "
        f"steps, a level every month [{SOURCE}]."
    )
    known = f"After stopping, {RELAPSE_AFTER_STOPPING} [{RELAPSE_AFTER_STOPPING.source}]."
    return rule, known

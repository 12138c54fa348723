"""A dose in rows of a label and a text, for page, app and advice."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from dosing import Dose, Formula, FormulaArea, Proposal, Protocol, Start, Weight
from dosing.knowledge.counselling import Precaution
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS, NO_ADVERSE_EVENT, RARE_AND_SERIOUS
from dosing.knowledge.nadal2016 import SOURCE as NADAL_2016
from dosing.measuring import TabletOption
from dosing.quantities.formatting import (
    count_of,
    four_digits,
    how_often,
    how_to_measure,
    measured_dose,
    percent,
    plain,
    rate,
    rounded,
)

if TYPE_CHECKING:
    from monitoring.record.prescription import Prescription

_HOURS_A_DAY = 24


def both_units(weight: Weight) -> str:
    """Return a weight in kg and lb."""
    return f"{few(weight.kg, 3)} kg = {few(weight.lb, 1)} lb"


def few(number: Decimal, decimals: int) -> str:
    """Return `number` with few decimals, or in full where few would show zero."""
    return plain(number, decimals) if rounded(number, decimals) else plain(number)


def how_often_given(dose: "Prescription") -> str:
    """Return how often a prescribed dose is given, in words.

    >>> from tests.builders import a_dose
    >>> how_often_given(a_dose(mg="1", times_a_day=1, every_hours=48))
    'every 48 hours, on every second day'
    """
    hours = dose.interval_hours
    return how_often(dose.times_a_day if hours <= _HOURS_A_DAY else None, hours)


def dose_rows(dose: Dose) -> Iterator[tuple[str, str]]:
    """Yield the dose, how often it is given, how it is measured, and its amounts."""
    measured = dose.measured
    yield "Give", f"{measured_dose(measured)} by mouth"
    yield "How often", how_often(dose.times_a_day, dose.every_hours)
    yield "Measure", how_to_measure(measured)
    yield "Per dose", _amount(measured.mg, "per dose", dose.mg_per_m2_per_dose, "mg/m²/dose")
    yield "Per day", _amount(dose.daily_mg, "per day", dose.mg_per_m2_per_day, "mg/m²/day")
    exact = f"{four_digits(dose.exact_mg)} mg per dose"
    yield "Rounding", f"{percent(dose.rounding_percent)} from {exact} [proposed]"


def _amount(mg: Decimal, per: str, by_area: Decimal | None, unit: str) -> str:
    given = f"{plain(mg)} mg {per}"
    return given if by_area is None else f"{given} = {four_digits(by_area)} {unit}"


def tablet_rows(options: Iterable[TabletOption]) -> Iterator[tuple[str, str]]:
    """Yield the difference per day of each dose of whole tablets, and the dose."""
    for option in options:
        daily = plain(option.dosage.daily_mg)
        yield percent(option.off_percent), f"{option.dosage}: {daily} mg per day [proposed]"


def proposal_rows(proposal: Proposal, start: Start, dose: Dose) -> Iterator[tuple[str, str]]:
    """Yield the dose, its protocol and target, and the day of the first level."""
    request = proposal.request
    protocol = request.protocol
    if proposal.loading_dose:
        loading = proposal.loading_dose.measured
        yield "First, once", f"{measured_dose(loading)} by mouth. {how_to_measure(loading)}"
    yield from dose_rows(dose)
    if dose.area_m2:
        area, formula = four_digits(dose.area_m2), request.formula
        yield "Surface", f"{area} m² by {formula.name} [{formula.source}]"
    yield "Protocol", _protocol(protocol, start)
    yield "Target", f"trough {proposal.target} [{protocol.target_source}]"
    yield "First level", _first_level(proposal)
    if proposal.override:
        yield "Override", f"{proposal.override.reason} (by {proposal.override.by})"


def _protocol(protocol: Protocol, start: Start) -> str:
    doses = f"{protocol.name}: {rate(start.per_day)} = {rate(start.per_dose)} [{protocol.source}]"
    return f"{doses}. {protocol.remark}" if protocol.remark else doses


def _first_level(proposal: Proposal) -> str:
    protocol = proposal.request.protocol
    days = f"{_days(protocol.first_level_days)} after the start"
    if proposal.needs_early_level:
        days = f"earlier than the usual {days}: see the alerts and notes"
    return f"{days}; in whole blood (EDTA), just before a dose [{protocol.first_level_source}]"


def _days(days: tuple[int, int]) -> str:
    first, last = days
    return count_of(last, "day") if first == last else f"{first}-{last} days"


def formula_rows(
    areas: Iterable[FormulaArea], chosen: Formula, chosen_m2: Decimal
) -> Iterator[tuple[str, str, str, str]]:
    """Yield each formula, its area in m², its difference from the chosen one, and a remark."""
    for each in areas:
        remarks = ["chosen"] if each.formula == chosen else []
        remarks += [each.formula.remark] if each.formula.remark else []
        difference = percent((each.m2 / chosen_m2 - 1) * 100)
        yield each.formula.name, f"{rounded(each.m2, 4)}", difference, ", ".join(remarks)


def before_rows(precautions: Iterable[Precaution]) -> Iterator[tuple[str, str]]:
    """Yield the checks and the counselling before the first dose."""
    for topic, same in groupby(precautions, key=lambda each: each.topic):
        yield topic, "; ".join(f"{each.text} [{each.source}]" for each in same)


def watch_rows() -> Iterator[tuple[str, str]]:
    """Yield the adverse events of Nadal 2016."""
    none = f"{NO_ADVERSE_EVENT.name} in {NO_ADVERSE_EVENT.count} ({NO_ADVERSE_EVENT.percent} %)"
    seen = ", ".join(f"{event.name} {event.count}" for event in ADVERSE_EVENTS)
    yield "Nadal 2016", f"of {NO_ADVERSE_EVENT.of} patients: {seen}; {none} [{NADAL_2016}]"
    yield "Rare", f"{RARE_AND_SERIOUS}, potentially serious [{NADAL_2016}]"

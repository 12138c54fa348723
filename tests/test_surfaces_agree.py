"""Every surface tells one truth: page, JSON, summary, card and forecast of random courses agree.

SIROLIMUS_CAMPAIGN=full compares 300 courses; the usual campaign compares 40, and 5 always run. The
answers of one page are compared at every visit of as many walked courses, too.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from io import StringIO
from math import sqrt
from random import Random

from dosing import AlertKind
from monitoring.due import Check, Urgency, due
from monitoring.recommendation.advice import Advice, advise, forecast_for
from monitoring.recommendation.dose_recommendation import DoseAction
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.state import card_safety, state_at
from monitoring.summary import PatientSummary, summarise
from monitoring.times import Moment
from monitoring.worklist_index.row import row_of
from reports.dose_card import DoseCardError, dose_card
from reports.patient_summary import patient_summary_pdf
from reports.presentation.due import days
from tests.builders import (
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_patient,
    a_record,
    a_side_effect,
    at,
    ended,
    held_doses,
    later,
)
from tests.campaign import sizes
from tests.courses.generator import eventful, moment
from tests.courses.test_courses import Whimsical
from tests.reports.paper import squeezed
from tests.reports.pdf_marks import text_of
from tui.cli.advise_page import print_advice
from tui.cli.forecast_page import print_forecast

NOW = at("2026-11-24T16:00")
TODAY = NOW.local.date()
SEEDS = 2026


# --- random courses


def ago(days: float, clock: str = "08:00") -> Moment:
    day = TODAY - timedelta(days=int(days))
    return at(f"{day}T{clock}")


def random_course(seed: int) -> Record:
    """Return a course of some weeks, with something happening in most of them."""
    random = Random(seed)
    months = random.choice((3, 14, 40, 70, 110, 150, 190))
    born = TODAY - timedelta(days=int(months * 30.4))
    weight = 3.5 + months * 0.6 if months < 12 else 8 + 0.2 * months
    height = 50 * (weight / 3.5) ** 0.45
    area = sqrt(weight * height / 3600)
    mg = max(Decimal("0.04"), Decimal(f"{0.8 * area:.2f}") // Decimal("0.02") * Decimal("0.02"))
    begun = random.choice((5, 20, 60, 120))
    entries: list[Entry] = [
        a_measurement(f"{weight:.1f} kg", f"{height:.0f} cm", TODAY - timedelta(days=begun)),
        a_dose(ago(begun, "20:00"), str(mg)),
    ]
    level = random.choice((3.1, 6.5, 9.8, 14.2, 17.0, 24.0, 46.0))
    for days_ago in sorted({random.randint(1, begun) for _ in range(3)}, reverse=True):
        value = level * random.uniform(0.85, 1.2)
        hours = 12 if random.random() < 0.9 else 2
        entries.append(a_level(f"{value:.1f} ng/mL", ago(days_ago), hours=hours))
    for happens in random.sample(_HAPPENINGS, random.choice((0, 1, 1, 2))):
        entries += happens(random, begun)
    record = a_record(*entries, patient=a_patient(born=born, allergies=""))
    return ended(record, 3, ago(2, "20:00")) if random.random() < 0.08 else record


def _held(random: Random, begun: int) -> list[Entry]:
    since = ago(random.randint(1, begun), "12:00")
    until = None if random.random() < 0.6 else later(since, days=3)
    return [held_doses(since, until, is_open=until is None or None)]


def _event(random: Random, begun: int) -> list[Entry]:
    term = random.choice(("mouth ulcers", "pneumonitis", "neutropenia", "cough", "fever"))
    action = random.choice(list(ActionTaken))
    since = TODAY - timedelta(days=random.randint(0, begun))
    return [a_side_effect(term, since, random.randint(1, 4), action=action)]


def _value(random: Random, begun: int) -> list[Entry]:
    number = random.choice(("3.1", "0.9", "0.4"))
    when = ago(random.randint(0, begun))
    return [a_laboratory_value("Neutrophils", f"{number} 10*9/L", when, lower="1.5 10*9/L")]


def _drug(random: Random, begun: int) -> list[Entry]:
    name = random.choice(("voriconazole", "rifampicin", "clarithromycin"))
    return [a_drug(name, TODAY - timedelta(days=random.randint(0, begun)))]


def _condition(random: Random, begun: int) -> list[Entry]:
    name = random.choice(("pregnancy", "surgery", "infection"))
    return [a_condition(name, TODAY - timedelta(days=random.randint(0, begun)))]


_HAPPENINGS: tuple[Callable[[Random, int], list[Entry]], ...] = (
    _held, _event, _event, _value, _drug, _condition,
)  # fmt: skip


# --- the surfaces


def printed(show: Callable[[], None]) -> str:
    """Return what is printed to standard output, its lines joined."""
    with redirect_stdout(StringIO()) as out:
        show()
    return " ".join(out.getvalue().split())


@dataclass
class Surfaces:
    """What each surface says about one record."""

    record: Record

    @cached_property
    def advice(self) -> Advice:
        return advise(self.record, NOW)

    @cached_property
    def summary(self) -> PatientSummary:
        return summarise(self.record, NOW)

    @cached_property
    def advise_page(self) -> str:
        return printed(lambda: print_advice(self.advice, self.record.patient.entry))

    @cached_property
    def forecast_page(self) -> str:
        found = forecast_for(self.record, NOW)
        return printed(lambda: print_forecast(found, self.record.patient.entry, NOW))

    @cached_property
    def pdf(self) -> str:
        forecast = forecast_for(self.record, NOW)
        return text_of(patient_summary_pdf(self.summary, head="0" * 64, forecast=forecast))

    @cached_property
    def card(self) -> str | None:
        try:
            return text_of(dose_card(self.summary))
        except DoseCardError:
            return None

    def recommendation_on_paper(self) -> str:
        return self.pdf.split("Recommendation", 1)[1].split("Due", 1)[0]

    def forecast_on_paper(self) -> str:
        return self.pdf.split("Forecast by a population model")[1].split("Dose history")[0]


_DOSES = re.compile(r"(\d+(?:\.\d+)?) mg (?:\(|× )")


def doses_named(text: str) -> set[Decimal]:
    return {Decimal(each) for each in _DOSES.findall(text)}


def compare(seed: int) -> None:
    found = Surfaces(random_course(seed))
    record, advice = found.record, found.advice
    state, recommendation = state_at(record, NOW), advice.recommendation
    # the state
    document = advice.to_dict()
    assert document["state"] == state.to_dict() == found.summary.state.to_dict()
    for surface in (found.advise_page, found.pdf, found.summary.where_things_stand):
        assert squeezed(state.words) in squeezed(surface)
    # the action and its dose
    assert document["recommendation"]["action"] == recommendation.action.value  # type: ignore[index]
    said = squeezed(f"{recommendation.words}.")
    assert said in squeezed(found.advise_page)
    assert squeezed(recommendation.words) in squeezed(found.forecast_page)
    if state.kind.is_treated:
        assert said in squeezed(found.recommendation_on_paper())
    assert document["dose"] == (advice.dose.to_dict() if advice.dose else None)
    # no dose above the current one where it is not raised, and none but the recommended where it is
    current = state.prescription
    if current is not None and recommendation.action is not DoseAction.RAISE:
        texts = [found.advise_page, found.forecast_page]
        if state.kind.is_treated:
            texts += [found.recommendation_on_paper(), found.forecast_on_paper()]
        for text in texts:
            assert all(mg <= current.dose_mg for mg in doses_named(text)), text
    # one day of the next level
    level = next((each for each in due(record, NOW) if each.check is Check.LEVEL), None)
    assert found.summary.next_level == level
    if level is not None:
        assert squeezed(days(level)) in squeezed(found.pdf)
        if advice.dose is None:
            assert squeezed(days(level)) in squeezed(found.advise_page)
            assert document["next_level"] == level.to_dict()
    # no card while forbidden, on hold or in question
    blocked = any(each.kind >= AlertKind.OVERRIDE for each in card_safety(state))
    if recommendation.is_forbidden or blocked or current is None:
        assert found.card is None
    if found.card is not None and level is not None and not level.overdue_days:
        assert str(level.until.day) in found.card


@sizes(5, 40, 300)
def test_every_surface_says_the_same(size: int) -> None:
    for seed in range(SEEDS, SEEDS + size):
        compare(seed)


# --- the answers of one page


OF_NO_USE = {
    "doses-held", "level-not-trough", "last-dose-unknown", "last-dose-in-question",
    "interval-unknown", "level-too-early",
}  # fmt: skip
"""The stops of the arithmetic by which a level is of no use, and is never called evaluable."""
WEEKS = timedelta(days=14)


def contradictions(record: Record, now: Moment) -> Iterator[str]:
    """Yield what two answers about a record at a moment contradict each other in."""
    summary = summarise(record, now)
    yield from _two_urgencies(summary)
    yield from _level_asked_for(summary)
    yield from _severe_findings(summary)
    yield from _level_called(summary)
    yield from _worklist(summary)


def _two_urgencies(summary: PatientSummary) -> Iterator[str]:
    """One fact has one urgency, wherever it is listed.

    A drug to avoid is an override where a dose is asked for, and a caution beside an advised raise.
    """
    advice = summary.advice
    of_drugs = {alert.message for drug in summary.drugs for alert in drug.alerts}
    kinds = defaultdict(set)
    for each in (*summary.alerts, *advice.alerts, *advice.recommendation.reasons):
        if each.message not in of_drugs:
            kinds[each.message].add(each.kind)
    yield from (f"{message} is {found}" for message, found in kinds.items() if len(found) > 1)


def _level_asked_for(summary: PatientSummary) -> Iterator[str]:
    """What the recommendation asks for is due within two weeks; nothing else repeats a level."""
    found, level, today = summary.advice.recommendation, summary.next_level, summary.made.local
    asks = found.action is DoseAction.REPEAT_LEVEL
    if asks and (level is None or level.since > today.date() + WEEKS):
        yield f"the level is to be repeated, and due {level}"
    asks_first = found.reasons.of_code("level-not-repeated")
    if level and "answer about the dose" in level.why and not (asks or asks_first):
        yield f"the level is due again, but: {found.words}"
    # A level after an interacting drug may be awaited beside a raise from the one before it.
    urgent = [e.what for e in summary.due if e.is_urgent and e.check is not Check.LEVEL]
    if urgent and found.action is DoseAction.RAISE:
        yield f"raised beside what is urgent: {urgent}"


def _severe_findings(summary: PatientSummary) -> Iterator[str]:
    """An open grade 3 or 4 is in every answer, with one wording, and urgent on treatment."""
    state, advice = summary.state, summary.advice
    told = {each.message for each in (*advice.alerts, *advice.recommendation.reasons)}
    listed = summary.alerts.of_code("severe-finding")
    if len(listed) < len(state.severe_numbers):
        yield f"a severe finding is not listed: {listed}"
    for each in listed:
        if state.kind.is_treated and each.kind is not AlertKind.URGENT:
            yield f"{each} is not urgent"
        if each.message not in told:
            yield f"{each} is not in the advice"
        if not any(item.is_urgent and item.why == each.message for item in summary.due):
            yield f"{each} is not due"


def _level_called(summary: PatientSummary) -> Iterator[str]:
    """A level of which a new one is asked for is not called evaluable, nor at steady state."""
    level, label = summary.last_level, summary.advice.label
    if level is None:
        return
    stops = {each.code for each in label.alerts.of_kind(AlertKind.STOP)} & OF_NO_USE
    if stops and level.is_evaluable:
        yield f"{stops} beside an evaluable level"
    if level.is_in_question and (level.is_trough or level.steady_state):
        yield "a level by a last dose in question is assessed"


def _worklist(summary: PatientSummary) -> Iterator[str]:
    """The row is as urgent as what is listed."""
    ranks = [each.urgency for each in summary.due if each.check is not Check.FERTILITY]
    # A drug given with sirolimus is urgent by the trough that it asks for, which is due.
    of_drugs = {alert.message for drug in summary.drugs for alert in drug.alerts}
    pressing = [each for each in summary.alerts if each.kind >= AlertKind.URGENT]
    ranks += [Urgency.URGENT for each in pressing if each.message not in of_drugs]
    worst = min(ranks, key=lambda each: each.rank, default=Urgency.LATER)
    row = row_of(summary)
    if row.urgency is not worst:
        yield f"the row is {row.urgency}, and {worst} is listed"
    if row.is_on_hold is not (summary.state.hold is not None):
        yield "the row and the state differ in the hold"


@sizes(8, 100, 2000)
def test_no_two_answers_of_a_page_contradict_each_other(size: int) -> None:
    for seed in range(SEEDS, SEEDS + size):
        assert list(contradictions(random_course(seed), NOW)) == [], seed


@sizes(1, 15, 500)
def test_no_two_answers_contradict_each_other_at_any_visit(size: int) -> None:
    for seed in range(size):
        for walk in eventful(seed, Whimsical()):
            assert list(contradictions(walk.record, moment(walk.now))) == [], (seed, walk.told)


def test_the_courses_hold_what_must_be_compared() -> None:
    """Each action and each kind of state is among the first 60."""
    advices = [advise(random_course(seed), NOW) for seed in range(SEEDS, SEEDS + 60)]
    assert {each.recommendation.action for each in advices} == set(DoseAction)
    assert {each.state.kind.value for each in advices} >= {"on", "on-hold", "stopped"}
    assert any(each.stopped for each in advices)
    assert any(each.recommendation.model for each in advices)

"""Random courses of treatment, held against a second, plain implementation of their rules.

A failure prints the course as it was told up to the visit. `-s` prints the figures of uneventful
courses. An alert is *told at a visit* if it is stronger than a note, stands in the summary or
in the advice of that visit, and its sentence stood in neither at the visit before.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from statistics import median

from dosing import AlertKind, Product
from monitoring.due.due import due
from monitoring.prescribing import check_prescription
from monitoring.recommendation.advice import advise
from monitoring.recommendation.dose_recommendation import DoseRecommendation
from monitoring.record.prescription import Prescription
from monitoring.state import state_at
from monitoring.summary import summarise
from tests.campaign import sizes
from tests.courses import second_rules as rules
from tests.courses.generator import Follow, Walk, eventful, moment, uneventful

MORE, LESS = 1.3, 0.75


def recommended(walk: Walk) -> Prescription | None:
    """Return the recommended dose as a prescription; None to go on as before."""
    found = advise(walk.record, moment(walk.now)).recommendation
    current = rules.dose_at(walk.facts, walk.now)
    if found.dose is None or current is None:
        return None
    product = Product.SOLUTION if current.product == "solution" else Product.TABLETS
    return walk.prescription(float(found.dose.measured.mg), found.dose.every_hours, product)


class Advised(Follow):
    """A clinician who follows the advice."""

    def __call__(self, walk: Walk) -> Prescription | None:
        return recommended(walk)


class Whimsical(Follow):
    """A clinician who follows the advice mostly, and otherwise changes the dose at will."""

    def __call__(self, walk: Walk) -> Prescription | None:
        if walk.random.random() < 0.6:
            return recommended(walk)
        if walk.random.random() < 0.5:
            return None
        return changed(walk, walk.random.uniform(0.6, 1.4))


def changed(walk: Walk, factor: float) -> Prescription | None:
    """Return the current dose times a factor; None where rounding gives the same again."""
    current = rules.dose_at(walk.facts, walk.now)
    if current is None:
        return None
    product = Product.SOLUTION if current.product == "solution" else Product.TABLETS
    new = walk.prescription(current.mg * factor, current.every_hours, product)
    is_changed = (float(new.dose_mg) - current.mg) * (factor - 1) > 0
    return new if is_changed else None


# --- what is held at each visit of an eventful course


def broken_rules(walk: Walk) -> Iterator[str]:
    """Yield each rule that the program breaks at a visit, in a few words."""
    yield from _state(walk)
    yield from _recommendation(walk)
    yield from _prescriptions(walk)
    yield from _urgent_levels(walk)


def _state(walk: Walk) -> Iterator[str]:
    found, facts = state_at(walk.record, moment(walk.now)), walk.facts
    expected = rules.state(facts, walk.now)
    if found.kind.value != expected:
        yield f"state: {found.kind.value}, not {expected}"
    if rules.conflict(facts, walk.now) is (found.conflict is None):
        yield f"conflict: {found.conflict}"
    if expected in {"on", "tapering"}:
        change = found.last_exposure_change
        by_text = rules.last_exposure_change(facts, walk.now)
        day = change.at.local.date() if change else None
        if by_text is None or day is None or abs(day - by_text.date()) > timedelta(days=1):
            yield f"last change of exposure: {day}, not {by_text}"


def _recommendation(walk: Walk) -> Iterator[str]:
    facts = walk.facts
    found = advise(walk.record, moment(walk.now)).recommendation
    action = found.action.value
    if (found.dose is not None) != (action in {"raise", "lower"}):
        yield f"one dose: {action} with {found.dose}"
    if action == "raise":
        for objection in rules.objections_to_a_raise(facts, walk.now):
            yield f"raise over: {objection}"
    if action == "lower":
        for objection in rules.objections_to_a_reduction(facts, walk.now):
            yield f"lower over: {objection}"
    if rules.must_not_go_on(facts, walk.now) and action not in {"lower", "hold"}:
        yield f"above the target and not lowered: {action}, {found.reasons}"
    yield from _step(found, rules.dose_at(facts, walk.now))


def _step(found: DoseRecommendation, current: rules.Dose | None) -> Iterator[str]:
    """A recommended dose goes where the action says, at most 1.5 times, by both lines."""
    if found.dose is None or current is None:
        return
    action, step = found.action.value, float(found.dose.daily_mg) / current.daily_mg
    if (step > 1) != (action == "raise"):
        yield f"{action} in the other direction: {step:.2f}"
    # Half a mark of the syringe, or of a tablet, is left to the rounding.
    if step > 1.5 * 1.11 and found.dose.measured.mg > Decimal("0.1"):
        yield f"more than 1.5 times at once: {step:.2f}"
    model = found.model
    if model is not None and model.is_used and model.dose is not None and found.label:
        ups = {float(each.daily_mg) > current.daily_mg for each in (model.dose, found.label)}
        if len(ups) > 1:
            yield "label and model differ in direction: and the model is used"


def _prescriptions(walk: Walk) -> Iterator[str]:
    """A raise over a fact that forbids is stopped; a reduction never is, on treatment."""
    if rules.state(walk.facts, walk.now) not in {"on", "tapering"}:
        return
    more, less = changed(walk, MORE), changed(walk, LESS)
    now = moment(walk.now)
    later = walk.now + timedelta(hours=4)  # the dose begins in the evening
    if rules.dose_at(walk.facts, later) != rules.dose_at(walk.facts, walk.now):
        return
    if more is not None:
        against = rules.forbids_more(walk.facts, later)
        if against and not check_prescription(walk.record, more, now).stopped:
            yield f"prescription raised over: {against[0]}"
    if less is not None and rules.state(walk.facts, later) in {"on", "tapering"}:
        checked = check_prescription(walk.record, less, now)
        if checked.stopped:
            yield f"reduction blocked: {checked.alerts[0].code}"


def _urgent_levels(walk: Walk) -> Iterator[str]:
    expected = rules.urgent_levels(walk.facts, walk.now)
    if isinstance(expected, str):
        return
    found = [
        each
        for each in due(walk.record, moment(walk.now))
        if each.check.value == "level" and each.urgency.value == "urgent"
    ]
    if expected and not found:
        yield f"no urgent level: {expected[0].why}"
    # A level that was missed for a month is asked for again, and stays open all the time.
    if expected and found and found[0].until > expected[0].last and not found[0].is_open:
        yield f"urgent level too late: {expected[0].why}, {found[0].until} > {expected[0].last}"
    if found and not expected:
        yield f"an urgent level for nothing: {found[0].why}"


@dataclass
class Findings:
    """The rules broken in many courses, each with its shortest course."""

    visits: int = 0
    count: Counter[str] = field(default_factory=Counter)
    shortest: dict[str, list[str]] = field(default_factory=dict)

    def look(self, seed: int) -> None:
        """Walk one eventful course."""
        for walk in eventful(seed, Whimsical()):
            self.visits += 1
            for broken in broken_rules(walk):
                name = broken if "over:" in broken else broken.split(":")[0]
                self.count[name] += 1
                story = [f"seed {seed}, {walk.months:.0f} months", *walk.told, broken]
                if len(story) < len(self.shortest.get(name, [*story, ""])):
                    self.shortest[name] = story

    def __str__(self) -> str:
        """Return each broken rule with how often, and its shortest course."""
        lines = [f"{self.visits} visits"]
        for name, count in self.count.most_common():
            lines += [f"{count} × {name}", *(f"      {each}" for each in self.shortest[name])]
        return "\n".join(lines)


@sizes(6, 25, 5000)
def test_eventful_courses_keep_every_rule(size: int) -> None:
    findings = Findings()
    for seed in range(size):
        findings.look(seed)
    print(f"\neventful courses: {size}, {findings}")
    assert not findings.count, str(findings)


# --- uneventful courses


@dataclass
class Figures:
    """What is counted over the visits of uneventful courses."""

    visits: int = 0
    stops: int = 0
    blocked: int = 0
    repeated: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    alerts: list[int] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    stories: list[list[str]] = field(default_factory=list)

    def look(self, seed: int) -> None:
        """Walk one uneventful course."""
        before: set[str] = set()
        for walk in uneventful(seed, Advised()):
            now = moment(walk.now)
            advice, summary = advise(walk.record, now), summarise(walk.record, now)
            shown = {
                alert.message: alert
                for alert in (*advice.alerts, *advice.recommendation.reasons, *summary.alerts)
                if alert.kind > AlertKind.NOTE
            }
            new = [alert for message, alert in shown.items() if message not in before]
            self.visits += 1
            self.alerts.append(len(new))
            self.told.update(alert.code for alert in new)
            action = advice.recommendation.action.value
            self.actions[action] += 1
            self.stops += advice.stopped
            self.repeated += action == "repeat-level"
            self.blocked += action in {"repeat-level", "ask"}
            if advice.stopped or action in {"repeat-level", "ask"}:
                why = [each.message for each in advice.alerts]
                self.stories.append([f"seed {seed}: {action}", *walk.told[-3:], *why])
            before = set(shown)

    @property
    def centile_95(self) -> int:
        return sorted(self.alerts)[int(len(self.alerts) * 0.95)]

    def __str__(self) -> str:
        """Return the figures in a few lines."""
        return (
            f"{self.visits} visits; stops {self.stops}; blocked {self.blocked} "
            f"({self.blocked / self.visits:.1%}); repeat-level {self.repeated} "
            f"({self.repeated / self.visits:.1%}); alerts a visit: median {median(self.alerts)}, "
            f"95th centile {self.centile_95}\nactions {dict(self.actions)}\n"
            f"told {self.told.most_common(12)}"
        )


@sizes(3, 20, 1000)
def test_uneventful_courses_are_left_in_peace(size: int) -> None:
    figures = Figures()
    for seed in range(size):
        figures.look(seed)
    print(f"\nuneventful courses: {size}, {figures}")
    for story in figures.stories[:10]:
        print(*story, sep="\n      ")
    if size < 100:
        assert figures.stops == 0
        return
    assert figures.stops == 0, figures
    assert figures.blocked <= 0.02 * figures.visits, figures
    assert figures.repeated <= 0.03 * figures.visits, figures
    assert median(figures.alerts) <= 1, figures
    assert figures.centile_95 <= 3, figures

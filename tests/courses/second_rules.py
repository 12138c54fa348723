"""A second, plain implementation of the rules of a course, by their text and nothing else.

It shares no code with the program: the facts are lists of plain values, times are without a zone,
figures are written here a second time. Where the text leaves a case open, the answer says so
(`UNSURE`), and nothing is compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

UNSURE = "unsure"
DAY = timedelta(days=1)
SMALLEST_MG = 0.02
"""One mark of the usual syringe, of a solution of 1 mg/mL."""

# Drugs of the label's list "avoid", and others that change the exposure by half or more.
MOVES_EXPOSURE = {
    "voriconazole", "itraconazole", "clarithromycin", "erythromycin", "rifampicin", "diltiazem",
}  # fmt: skip
# Drugs that interact otherwise: a level follows, but steady state is not counted anew from them.
INTERACTS = MOVES_EXPOSURE | {"fluconazole", "carbamazepine", "phenytoin"}


@dataclass(frozen=True)
class Dose:
    """A dose from a moment on, every so many hours."""

    at: datetime
    mg: float
    every_hours: int
    product: str
    low: float | None
    high: float
    loading: bool = False
    taper: bool = False

    @property
    def daily_mg(self) -> float:
        return self.mg * 24 / self.every_hours

    @property
    def regimen(self) -> tuple[float, int, str]:
        return self.mg, self.every_hours, self.product


@dataclass
class Span:
    """Something with a beginning and an end that may not have come."""

    since: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


@dataclass
class Days:
    """Something of whole days: a drug, a condition. Its last day belongs to it."""

    name: str
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass
class Event:
    """An adverse event: `action` is none, reduced, held or stopped."""

    term: str
    grade: int | None
    action: str
    since: date
    until: date | None = None
    attributed: bool = False

    def is_open(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Level:
    """A level: `comparator` is "", "<" or ">", `excluded` an error that was answered."""

    at: datetime
    ng_ml: float
    last_dose: datetime | None
    comparator: str = ""
    excluded: bool = False
    real_cause: bool = False
    number: int = 0

    @property
    def hours(self) -> float | None:
        return None if self.last_dose is None else (self.at - self.last_dose).total_seconds() / 3600


@dataclass(frozen=True)
class Value:
    """A laboratory value by its grade (0 for none)."""

    test: str
    at: datetime
    grade: int


@dataclass
class Course:
    """All facts of a patient that are known."""

    born: date
    allergies: str = ""
    doses: list[Dose] = field(default_factory=list)
    ends: list[datetime] = field(default_factory=list)
    holds: list[Span] = field(default_factory=list)
    drugs: list[Days] = field(default_factory=list)
    conditions: list[Days] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    missed: list[datetime] = field(default_factory=list)


# --- 1. the state at a moment


def dose_at(course: Course, now: datetime) -> Dose | None:
    """Return the dose last begun, ended or not."""
    begun = [each for each in course.doses if each.at <= now and not each.loading]
    return max(begun, key=lambda each: each.at, default=None)


def state(course: Course, now: datetime) -> str:
    """Return not-started, on, tapering, on-hold or stopped."""
    dose = dose_at(course, now)
    if dose is None:
        return "not-started"
    if any(dose.at <= end <= now for end in course.ends):
        return "stopped"
    if any(hold.holds(now) for hold in course.holds):
        return "on-hold"
    return "tapering" if dose.taper else "on"


def conflict(course: Course, now: datetime) -> bool | str:
    """Return whether an event says held or stopped, and the record goes on as if it did not.

    UNSURE where the event of a hold has ended, or on its day a dose was prescribed or an earlier
    hold ended: the text does not say whether that answers.
    """
    open_questions = [each for each in course.events if _is_contradicted(course, each, now)]
    sure = [
        each
        for each in open_questions
        if (each.until is None or each.action == "stopped") and not _restarted_on(course, each)
    ]
    last = dose_at(course, now)
    if any(last is None or last.at.date() != each.since for each in sure):
        return True
    return UNSURE if open_questions else False


def _is_contradicted(course: Course, event: Event, now: datetime) -> bool:
    if event.action not in {"held", "stopped"} or event.since > now.date():
        return False
    day = datetime.combine(event.since, datetime.min.time())
    # A hold or an end from that day on answers it, and so does a dose prescribed afterwards.
    if any(day <= end for end in course.ends):
        return False
    if any(
        hold.until is None or hold.until >= day + DAY or hold.since >= day for hold in course.holds
    ):
        return False
    if any(day + DAY <= dose.at <= now for dose in course.doses):
        return False
    return state(course, now) in {"on", "tapering"}


def _restarted_on(course: Course, event: Event) -> bool:
    """Return whether a hold from before an event ended on its very day."""
    return any(
        hold.until is not None
        and hold.since.date() < event.since
        and hold.until.date() == event.since
        for hold in course.holds
    )


def drugs_at(course: Course, day: date) -> list[str]:
    return [each.name for each in course.drugs if each.holds(day)]


# --- 2. the last change of exposure


def exposure_changes(course: Course) -> Iterator[datetime]:
    """Yield every moment from which steady state counts anew."""
    before: Dose | None = None
    for dose in sorted(course.doses, key=lambda each: each.at):
        ended = before is not None and any(before.at <= end <= dose.at for end in course.ends)
        if dose.loading or before is None or ended or dose.regimen != before.regimen:
            yield dose.at
        if not dose.loading:
            before = dose
    for hold in course.holds:
        if hold.until is not None and hold.until - hold.since >= 3 * DAY:
            yield hold.until
    for drug in course.drugs:
        if drug.name in MOVES_EXPOSURE:
            yield datetime.combine(drug.since, datetime.min.time())
            if drug.until is not None:
                yield datetime.combine(drug.until, datetime.min.time())


def last_exposure_change(course: Course, now: datetime) -> datetime | None:
    """Return the latest of them; a drug's end or begin is known by its day only."""
    first = min((each.at for each in course.doses), default=None)
    if first is None or first > now:
        return None
    return max(each for each in exposure_changes(course)
               if first.date() <= each.date() and each <= now)  # fmt: skip


# --- 3. what forbids, and what holds back


def forbids_more(course: Course, now: datetime) -> list[str]:
    """Return what stands against a raise (and against a start) by the record's facts."""
    found = [*_open_events(course, now.date()), *_severe_values(course, now)]
    found += _contraindications(course, now)
    if state(course, now) == "on-hold":
        found.append("on hold")
    if conflict(course, now) is True:
        found.append("a conflict")
    return found


def _open_events(course: Course, day: date) -> Iterator[str]:
    for event in course.events:
        grade = event.grade or 0
        if event.term == "pneumonitis" and event.since <= day:
            if grade >= 3:
                yield "pneumonitis of grade 3 or 4, ever"
            elif grade == 2 and event.is_open(day):
                yield "pneumonitis of grade 2, open"
        elif grade >= 3 and event.is_open(day) and not event.attributed:
            yield f"{event.term} of grade {grade}, open"


def _contraindications(course: Course, now: datetime) -> Iterator[str]:
    day = now.date()
    for condition in course.conditions:
        planned = day < condition.since <= day + 84 * DAY
        if condition.name == "pregnancy" and (condition.holds(day) or planned):
            yield "pregnancy"
    if "sirolimus" in course.allergies:
        yield "hypersensitivity"
    dose = dose_at(course, now)
    oily = dose is not None and dose.product == "solution"
    if oily and ("peanut" in course.allergies or "soya" in course.allergies):
        yield "soya or peanut, and the solution"


def _severe_values(course: Course, now: datetime) -> list[str]:
    """Return the newest values of grade 3-4 that are new or worse than before the first dose."""
    start = min((dose.at for dose in course.doses), default=now)
    newest: dict[str, Value] = {}
    baseline: dict[str, int] = {}
    for value in sorted(course.values, key=lambda each: each.at):
        if value.at <= now:
            newest[value.test] = value
        if value.at <= start:
            baseline[value.test] = value.grade
    return [
        f"{value.test} of grade {value.grade}"
        for value in newest.values()
        if value.grade >= 3
        and value.grade > baseline.get(value.test, 0)
        and (now - value.at) <= 90 * DAY
    ]


# --- 5. levels that do not fit


def used_levels(course: Course, now: datetime) -> list[Level]:
    """Return the levels that count, oldest first."""
    kept = [each for each in course.levels if each.at <= now and not each.excluded]
    return sorted(kept, key=lambda each: each.at)


def is_peak(level: Level) -> bool:
    """Return whether it was sampled within 6 h of a dose."""
    return level.hours is not None and level.hours < 6


def jumped(course: Course, level: Level, now: datetime) -> bool | str:
    """Return whether it is three times or a third of the last on the same dose.

    UNSURE where one of the two is no trough at steady state: the text speaks of levels on the same
    dose, and does not say what such a level counts for.
    """
    before = [each for each in used_levels(course, now) if each.at < level.at]
    before = [each for each in before if not is_peak(each)]  # it is held against nothing
    if not before:
        return False
    last, dose = before[-1], dose_at(course, level.at)
    other = dose_at(course, last.at)
    if dose is None or other is None or dose.regimen != other.regimen:
        return False
    if not (level.ng_ml >= 3 * last.ng_ml or level.ng_ml * 3 <= last.ng_ml):
        return False
    if abs(level.ng_ml - 3 * last.ng_ml) < 1e-9 or abs(level.ng_ml * 3 - last.ng_ml) < 1e-9:
        return UNSURE  # exactly three times: one page says "three times", the other "more than"
    change = last_exposure_change(course, level.at)
    steady = change is not None and last.at - change >= 7 * DAY - timedelta(hours=4)
    gap = any(last.at - 7 * DAY <= each <= level.at for each in course.missed) or any(
        hold.since <= level.at and (hold.until is None or hold.until >= last.at - 7 * DAY)
        for hold in course.holds
    )
    troughs = all(each.hours is not None and 10 <= each.hours <= 28 for each in (level, last))
    censored = any(each.comparator for each in (level, last))
    return True if steady and troughs and not gap and not censored else UNSURE


def does_not_fit(course: Course, level: Level, now: datetime) -> bool:
    """Return whether no proportional dose follows at once (the model's interval left out)."""
    dose = dose_at(course, level.at)
    high = dose.high if dose else 15
    return jumped(course, level, now) is True or level.ng_ml > 20 or level.ng_ml > 2 * high


# --- 6. whether a raise or a reduction may be recommended


def objections_to_a_raise(course: Course, now: datetime) -> list[str]:
    """Return everything that stands against a raise after the levels so far."""
    found = forbids_more(course, now)
    dose = dose_at(course, now)
    levels = used_levels(course, now)
    if dose is None or state(course, now) in {"stopped", "not-started"}:
        return [*found, "no dose"]
    if state(course, now) == "tapering":
        found.append("tapering")
    if not levels:
        return [*found, "no level"]
    return [*found, *_against_this_level(course, dose, levels[-1], now)]


def _against_this_level(course: Course, dose: Dose, newest: Level, now: datetime) -> Iterator[str]:
    change = last_exposure_change(course, now)
    if change is not None and (newest.at - change) < 7 * DAY - timedelta(hours=4):
        yield "not at steady state"
    if is_peak(newest):
        yield "no trough"
    if newest.ng_ml > dose.high:
        yield "the newest level is above the target"
    elif dose.low is None or newest.ng_ml >= dose.low:
        if not near_an_edge(course, dose, now, lower=True):
            yield "the newest level is inside the target"
    elif jumped(course, newest, now) is True and not newest.real_cause:
        yield "a fall to a third without a second level"
    first, last = newest.at - 7 * DAY, newest.at
    if any(first <= each <= last for each in course.missed) or any(
        hold.since <= last and (hold.until is None or hold.until >= first) for hold in course.holds
    ):
        yield "doses not given in the week before the sample"


def objections_to_a_reduction(course: Course, now: datetime) -> list[str]:
    """Return why no reduction may be recommended *for the level*."""
    dose = dose_at(course, now)
    levels = used_levels(course, now)
    if dose is None or not levels:
        return ["no dose or no level"]
    newest = levels[-1]
    if newest.ng_ml > dose.high:
        return []
    if dose.low is not None and newest.ng_ml < dose.low and not dose.taper:
        return ["the newest level is below the target"]
    if near_an_edge(course, dose, now, lower=False):
        return []
    return ["the newest level is inside the target"]


def must_not_go_on(course: Course, now: datetime) -> bool:
    """Return whether a sure level above the target calls for a reduction, or a hold.

    Sure is a trough at steady state without any question open about it. A dose of one mark of the
    syringe cannot be reduced at its interval.
    """
    dose, levels = dose_at(course, now), used_levels(course, now)
    if dose is None or not levels or state(course, now) != "on" or dose.mg < 2 * SMALLEST_MG:
        return False
    newest, change = levels[-1], last_exposure_change(course, now)
    return (
        newest.ng_ml > dose.high
        and newest.hours is not None
        and abs(newest.hours - dose.every_hours) <= 1
        and change is not None
        and newest.at - change >= 7 * DAY
        and all(each.at < newest.at for each in course.doses)
        and now - newest.at <= 14 * DAY
        and conflict(course, now) is False
        and not forbids_more(course, now)
        and not does_not_fit(course, newest, now)
    )


def near_an_edge(course: Course, dose: Dose, now: datetime, *, lower: bool) -> bool:
    """Return whether two in a row, on this dose, lie within 10 % of the same edge, inside."""
    last = used_levels(course, now)[-2:]
    if len(last) < 2:
        return False
    if lower:
        low = dose.low or 0
        return all(low <= each.ng_ml <= low * 1.1 for each in last)
    return all(dose.high * 0.9 <= each.ng_ml <= dose.high for each in last)


# --- 4. urgent levels


@dataclass(frozen=True)
class UrgentLevel:
    """A trough asked for by a level or by a drug: why, from which day, until which day."""

    why: str
    asked: date
    first: date
    last: date
    is_first: bool = True


def urgent_levels(course: Course, now: datetime) -> list[UrgentLevel] | str:
    """Return the troughs asked for and not yet taken; UNSURE where the text leaves it open."""
    kind = state(course, now)
    if kind not in {"on", "tapering"}:
        return UNSURE if kind == "on-hold" else []
    if any(jumped(course, each, now) == UNSURE for each in used_levels(course, now)):
        return UNSURE
    if any(each.excluded for each in course.levels):
        return UNSURE  # it is repeated; the text does not say by when
    answers = [(need, _is_open(course, need, now)) for need in _asked(course, now)]
    found = [need for need, answer in answers if answer is True]
    unsure = [need for need, answer in answers if answer == UNSURE]
    if any(need.is_first for need in unsure) or (unsure and not found):
        return UNSURE
    return sorted(found, key=lambda each: each.last)


def _is_open(course: Course, need: UrgentLevel, now: datetime) -> bool | str:
    """Return whether a trough is still to be taken."""
    later = [each for each in course.levels if need.asked < each.at.date() and each.at <= now]
    troughs = [
        each.at.date()
        for each in later
        if each.hours and 10 <= each.hours <= 28
        if each.at - timedelta(hours=float(each.hours)) not in course.missed  # not given after all
    ]
    if any(day >= need.first for day in troughs):
        return False
    # The text does not say what becomes of a question that a hold or a stop came over.
    ends = [*course.ends, *(hold.until for hold in course.holds if hold.until is not None)]
    if any(need.asked <= end.date() and end <= now for end in ends):
        return UNSURE
    if need.is_first:
        return UNSURE if later else True
    about = any(day >= need.first - 6 * DAY for day in troughs)
    return True if now.date() >= need.last and not about else UNSURE


def _asked(course: Course, now: datetime) -> Iterator[UrgentLevel]:
    for level in used_levels(course, now):
        day = level.at.date()
        if level.ng_ml > 30:
            yield UrgentLevel("above 30", day, day + 1 * DAY, day + 3 * DAY)
        elif jumped(course, level, now) is True:
            yield UrgentLevel("three times or a third", day, day + 1 * DAY, day + 3 * DAY)
        elif level.ng_ml > 20 and not is_peak(level):
            yield UrgentLevel("above 20", day, day + 3 * DAY, day + 7 * DAY)
    start = min(dose.at for dose in course.doses).date()
    changes = [
        (day, drug.name)
        for drug in course.drugs
        if drug.name in INTERACTS
        for day in (drug.since, drug.until)
        if day is not None
        and start < day <= now.date()
        and state(course, min(now, datetime.combine(day, datetime.max.time()))) != "stopped"
    ]
    if changes:  # a later change of a drug asks anew; the level before it can no longer be taken
        day, name = max(changes)
        yield UrgentLevel(name, day, day + 3 * DAY, day + 7 * DAY)
        yield UrgentLevel(name, day, day + 14 * DAY, day + 14 * DAY, is_first=False)

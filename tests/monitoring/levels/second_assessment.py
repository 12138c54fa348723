"""The assessment of levels written a second time: plain Python, one level at a time.

It looks at the entries alone and uses nothing of `monitoring.levels` or `monitoring.treatment`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from dosing import TargetTrough
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level, LevelCauseAnswer
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.times import Moment

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BEFORE = 4 * HOUR  # a trough is sampled before a dose: a day is reached so long before
CHANGING = {"fluconazole", "rifampicin"}  # of the drugs in the random histories
AVOIDED = {"rifampicin"}  # of these the ones that change the exposure
ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass
class Judged:
    """The assessment of one level by the rules."""

    level: StoredEntry[Level]
    status: str = "not-assessed"
    is_trough: bool | None = None
    steady_state: bool | None = None
    hours: Fraction | None = None
    days: Fraction | None = None
    target: TargetTrough | None = None
    is_evaluable: bool = False
    change_percent: Fraction | None = None
    is_excluded: bool = False
    has_cause: bool = False
    is_peak: bool = False
    double: str = ""
    misfit: str = ""
    compared: StoredEntry[Level] | None = None
    since: datetime | None = None  # of the exposure, with a dose and not on hold
    is_settled: bool = False  # three days on that exposure
    is_in_question: bool = False  # the last dose was held or missed, by another entry
    is_after_hold: bool = False  # doses were held less than three days before
    early: timedelta = BEFORE
    shown: datetime | None = None  # the moment whose dose it reflects

    @property
    def at(self) -> datetime:
        return self.level.entry.sampled.utc

    @property
    def value(self) -> Fraction:
        return Fraction(self.level.entry.value.value)

    @property
    def in_use(self) -> bool:
        return self.level.is_active and not self.is_excluded

    @property
    def sign(self) -> str:
        comparator = self.level.entry.comparator
        return comparator.value if comparator else ""


def begun(record: Record, *, loading: bool) -> list[StoredEntry[Prescription]]:
    doses = [each for each in record.active(Prescription) if each.entry.loading == loading]
    return sorted(doses, key=lambda each: (each.entry.since.utc, each.number))


def in_force(record: Record, moment: datetime) -> StoredEntry[Prescription] | None:
    """The last maintenance dose at a moment, unless it had ended."""
    doses = [each for each in begun(record, loading=False) if each.entry.since.utc <= moment]
    if not doses:
        return None
    last = doses[-1]
    end = last.ending.entry.at if last.ending else None
    return None if end and end.utc <= moment else last


@dataclass
class Change:
    """A change of exposure."""

    at: datetime
    kind: str


def ended(dose: StoredEntry[Prescription]) -> datetime:
    return dose.ending.entry.at.utc if dose.ending and dose.ending.entry.at else ALWAYS


def given(record: Record) -> list[tuple[datetime, datetime, Prescription]]:
    """The beginning and end of each maintenance dose that was really given."""
    doses = begun(record, loading=False)
    following = [*(each.entry.since.utc for each in doses[1:]), ALWAYS][: len(doses)]
    spans = [
        (each.entry.since.utc, min(ended(each), end), each.entry)
        for each, end in zip(doses, following, strict=True)
    ]
    return [span for span in spans if span[0] < span[1]]


def holds(record: Record) -> list[tuple[datetime, datetime]]:
    """The beginning of each hold, and its end as recorded or as later entries show it."""
    found = []
    for each in record.active(MissedDose):
        hold, begin = each.entry, each.entry.at.utc
        if hold.kind is NotGiven.MISSED and hold.until is None:
            continue
        ends = [each.ending.entry.at.utc] if each.ending and each.ending.entry.at else []
        if hold.until:
            ends.append(hold.until.utc)
        else:
            for dose in record.active(Prescription):
                is_told = dose.number > each.number or not hold.is_open
                if dose.entry.since.utc > begin and is_told:
                    ends.append(dose.entry.since.utc)
            if not hold.is_open:
                answers = causes(record)
                for level in record.active(Level):
                    answer, last = answers.get(level.number), level.entry.last_dose
                    if answer is not None and answer.is_excluded:
                        continue
                    if last and last.utc > begin:
                        ends.append(last.utc)
        found.append((begin, min(ends, default=ALWAYS)))
    return found


def changes(record: Record) -> Iterator[Change]:
    """Every change of exposure but for loads."""
    spans = given(record)
    for number, (since, _, dose) in enumerate(spans):
        if number == 0:
            yield Change(since, "start")
            continue
        _, until, before = spans[number - 1]
        if since - until >= 3 * DAY:
            yield Change(since, "restart")
        elif since > until or any(
            getattr(before, name) != getattr(dose, name)
            for name in (
                "dose_mg", "evening_mg", "interval_hours", "product", "strength_mg_per_ml",
            )
        ):  # fmt: skip
            yield Change(since, "dose")
    for begin, end in without_doses(record):
        if end - begin >= 3 * DAY:
            yield Change(end, "restart")
    yield from changes_by_drugs(record)


def without_doses(record: Record) -> list[tuple[datetime, datetime]]:
    """The times without a dose that have ended; missed doses in a row, and holds, are one."""
    found = [(begin, end, 0 * HOUR) for begin, end in holds(record) if end != ALWAYS]
    for each in record.active(MissedDose):
        missed, at = each.entry, each.entry.at.utc
        dose = in_force(record, at)
        if missed.kind is NotGiven.MISSED and missed.until is None and dose is not None:
            every = dose.entry.interval_hours * HOUR
            found.append((at, at + every, every / 2))
    found.sort()
    whole: list[tuple[datetime, datetime]] = []
    slack = 0 * HOUR
    for begin, end, half in found:
        if whole and begin <= whole[-1][1] + slack:
            if end > whole[-1][1]:
                slack = half
                whole[-1] = (whole[-1][0], end)
        else:
            whole.append((begin, end))
            slack = half
    return whole


def changes_by_drugs(record: Record) -> Iterator[Change]:
    spans = given(record)
    firsts = [dose.since for _, _, dose in spans]
    firsts += [load.entry.since for load in begun(record, loading=True)]
    if not firsts:
        return
    first = min(firsts, key=lambda each: each.utc)
    for drug in record.active(CoMedication):
        days = [drug.entry.since, drug.ending.entry.on if drug.ending else None]
        for day in days:
            if day and drug.entry.drug in AVOIDED:
                at = datetime.combine(day, time(), ZoneInfo(first.zone)).astimezone(UTC)
                if at > first.utc:
                    yield Change(at, "drug")


def causes(record: Record) -> dict[int, LevelCauseAnswer]:
    """The last answer about each level."""
    found: dict[int, LevelCauseAnswer] = {}
    for each in sorted(record.active(LevelCauseAnswer), key=lambda each: each.number):
        found[each.entry.of] = each.entry
    return found


def judge(record: Record) -> list[Judged]:
    """Every level, the oldest first."""
    levels = sorted(record.of(Level), key=lambda each: (each.entry.sampled.utc, each.number))
    answers = causes(record)
    judged = [judge_alone(record, each, answers.get(each.number)) for each in levels]
    for number, each in enumerate(judged):
        each.double = double(judged, number)
        each.is_evaluable = each.is_evaluable and not each.double
    for number, each in enumerate(judged):
        earlier = [
            other
            for other in judged[:number]
            if other.is_evaluable and other.level.entry.assay is each.level.entry.assay
        ]
        if each.is_evaluable and each.level.entry.assay and earlier:
            last = earlier[-1]
            if not last.sign and not each.sign:
                each.change_percent = 100 * (each.value / last.value - 1)
        set_misfit(judged, number)
    return judged


def are_double(one: Judged, other: Judged) -> bool:
    assays = {one.level.entry.assay, other.level.entry.assay} - {None}
    return one.at == other.at and one.in_use and other.in_use and len(assays) < 2


def says_the_same(one: Judged, other: Judged) -> bool:
    return (one.value, one.sign) == (other.value, other.sign)


def double(judged: list[Judged], which: int) -> str:
    each = judged[which]
    others = [
        (number, other)
        for number, other in enumerate(judged)
        if number != which and are_double(each, other)
    ]
    if any(not says_the_same(each, other) for _, other in others):
        return "contradicted"
    return "repeated" if any(number < which for number, _ in others) else ""


def set_misfit(judged: list[Judged], which: int) -> None:
    each = judged[which]
    if each.double == "repeated":
        first = next(
            other for other in judged[:which] if are_double(each, other)
            and says_the_same(each, other)
        )  # fmt: skip
        each.misfit, each.compared = first.misfit, first.compared
        return
    if not each.in_use or each.is_peak or each.double:
        return
    top = Fraction(each.target.high_ng_ml) if each.target else None
    if top is not None and surely_above(each, 2 * top):
        each.misfit = "twice-the-top"
    if surely_above(each, Fraction(20)):
        each.misfit = "above-20"
    last = [
        other
        for other in judged[:which]
        if other.in_use and not other.is_peak and not other.double
        and other.since and other.since == each.since and other.is_settled
    ]  # fmt: skip
    if not last or not each.is_settled:
        return
    if surely_times(last[-1], each, 3):
        each.misfit, each.compared = "three-times", last[-1].level
    elif surely_times(each, last[-1], 3):
        each.misfit, each.compared = "a-third", last[-1].level


def surely_above(each: Judged, limit: Fraction) -> bool:
    return each.sign != "<" and (each.value > limit or (each.sign == ">" and each.value == limit))


def surely_times(less: Judged, more: Judged, times: int) -> bool:
    """Whether one level is surely more than so many times another."""
    if less.sign == ">" or more.sign == "<":
        return False
    is_open = bool(less.sign or more.sign)
    return more.value > times * less.value or (is_open and more.value == times * less.value)


def judge_alone(
    record: Record, level: StoredEntry[Level], answer: LevelCauseAnswer | None
) -> Judged:
    judged = Judged(level)
    judged.has_cause = answer is not None
    judged.is_excluded = answer is not None and answer.is_excluded
    sampled, last_dose = level.entry.sampled.utc, level.entry.last_dose
    set_last_dose(record, judged)
    dose = in_force(record, sampled)
    judged.shown = sampled
    if dose:
        # the level shows the doses up to the last one before it; without its time, all before it
        shown = min(last_dose.utc, sampled) if last_dose else sampled - SECOND
        loads = [
            each.entry.since.utc
            for each in begun(record, loading=True)
            if each.entry.since.utc <= shown
        ]
        past = [each for each in changes(record) if each.at <= sampled]
        newest = max(each.at for each in past)
        is_restarted = newest > shown and any(
            each.at == newest and each.kind == "restart" for each in past
        )
        then = in_force(record, shown)
        if then and not is_restarted:
            dose, judged.shown = then, shown
            past = [each for each in past if each.at <= shown]
        change = max(each.at for each in past)
        is_restart = any(each.at == change and each.kind == "restart" for each in past)
        since = max([change, *loads])
        judged.days = Fraction((sampled - since) // SECOND, 86400)
        early = BEFORE
        if is_restart or since in loads or is_young(record, level.entry.sampled.local.date()):
            early = timedelta(0)
        if any(abs(load - change) <= 24 * HOUR for load in loads):
            early = timedelta(0)
        judged.target = dose.entry.target
        judged.early = early
        judged.steady_state = steady(sampled, change, loads, early)
        judged.is_after_hold = not judged.is_in_question and any(
            begin < shown and begin < sampled and end > sampled - 3 * DAY
            for begin, end in holds(record)
        )
        if not judged.is_in_question and not judged.is_trough:
            judged.is_after_hold |= any(begin < sampled < end for begin, end in holds(record))
        if judged.is_after_hold:
            judged.steady_state = False
        elif judged.is_in_question and judged.steady_state:
            judged.steady_state = None
        if not any(begin < sampled < end for begin, end in holds(record)):
            judged.since = since
            judged.is_settled = sampled - since >= 3 * DAY - early
    if judged.in_use and judged.is_trough and judged.target:
        judged.status = place(judged, judged.target)
    judged.is_evaluable = judged.status != "not-assessed" and judged.steady_state is not False
    return judged


def set_last_dose(record: Record, judged: Judged) -> None:
    sampled, last_dose = judged.at, judged.level.entry.last_dose
    if not last_dose:
        return
    judged.hours = Fraction((sampled - last_dose.utc) // SECOND, 3600)
    then = in_force(record, last_dose.utc)
    if then:
        interval = Fraction(then.entry.interval_hours)
        judged.is_trough = interval * 5 / 6 <= judged.hours <= interval * 7 / 6
    judged.is_peak = judged.hours <= 6 and not judged.is_trough
    judged.is_in_question = was_not_given(record, last_dose.utc) or any(
        since < last_dose.local.date() for since in unanswered(record, judged.level.entry.sampled)
    )
    if judged.is_in_question:
        judged.is_trough = None


def was_not_given(record: Record, dose: datetime) -> bool:
    missed = (each.entry for each in record.active(MissedDose))
    return any(begin < dose < end for begin, end in holds(record)) or any(
        each.kind is NotGiven.MISSED and each.until is None and each.at.utc == dose
        for each in missed
    )


def unanswered(record: Record, sampled: Moment) -> Iterator[date]:
    """The days of events by which sirolimus was held or stopped, and no other entry shows it."""
    doses = given(record)
    for each in record.active(AdverseEvent):
        event, day = each.entry, each.entry.since
        says = event.action is ActionTaken.STOPPED
        says |= event.action is ActionTaken.HELD and each.ending is None
        if not says or day > sampled.local.date():
            continue
        zones = {dose.since.utc: dose.since for _, _, dose in doses}
        on_a_dose = any(
            zones[begin].local.date() <= day <= last_day(record, begin, end)
            for begin, end, _ in doses
        )
        held = any(first >= day or last is None or last > day for first, last in days_held(record))
        stopped = any(
            stop.ending and stop.ending.entry.at and stop.ending.entry.at.utc == end
            and stop.ending.entry.at.local.date() >= day - DAY
            for begin, end, _ in doses
            for stop in begun(record, loading=False) if stop.entry.since.utc == begin
        )  # fmt: skip
        again = any(
            dose.entry.since.utc <= sampled.utc
            and dose.entry.since.local.date() >= day
            and (each.number < dose.number or dose.entry.since.local.date() > day)
            for dose in begun(record, loading=False)
        )
        if on_a_dose and not held and not stopped and not again:
            yield day


def last_day(record: Record, begin: datetime, end: datetime) -> date:
    """The day on which a dose ended, by the clocks of the entry that ended it."""
    if end == ALWAYS:
        return date.max
    for each in begun(record, loading=False):
        at = each.ending.entry.at if each.ending else None
        if each.entry.since.utc == begin and at and at.utc == end:
            return at.local.date()
    return next(
        each.entry.since.local.date()
        for each in begun(record, loading=False)
        if each.entry.since.utc == end
    )


def days_held(record: Record) -> Iterator[tuple[date, date | None]]:
    """The first and the last day of each hold, by the clocks of the entries that say so."""
    zones = {}
    for dose in record.active(Prescription):
        zones[dose.entry.since.utc] = dose.entry.since
    for level in record.active(Level):
        if level.entry.last_dose:
            zones[level.entry.last_dose.utc] = level.entry.last_dose
    for each in record.active(MissedDose):
        zones[each.entry.at.utc] = each.entry.at
        ends = [each.entry.until, each.ending.entry.at if each.ending else None]
        zones.update({end.utc: end for end in ends if end})
    for begin, end in holds(record):
        yield zones[begin].local.date(), None if end == ALWAYS else zones[end].local.date()


def is_young(record: Record, day: date) -> bool:
    """Whether the seventh month is not over; all are born on a day that every month has."""
    born = record.patient.entry.born
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day) < 7


def steady(
    sampled: datetime, change: datetime, loads: list[datetime], early: timedelta
) -> bool | None:
    if loads and sampled - loads[-1] < 3 * DAY:
        return False
    if any(abs(load - change) <= 24 * HOUR for load in loads):
        return sampled - change >= 3 * DAY
    if sampled - change < 7 * DAY - early:
        return False
    return True if sampled - change >= 14 * DAY - early else None


def place(judged: Judged, target: TargetTrough) -> str:
    low = None if target.low_ng_ml is None else Fraction(target.low_ng_ml)
    high, value = Fraction(target.high_ng_ml), judged.value
    if judged.sign == "<":  # the level is anything below
        if low is not None and value <= low:
            return "below"
        return "within" if low is None and value <= high else "not-assessed"
    if judged.sign == ">":  # the level is anything above
        return "above" if value >= high else "not-assessed"
    if low is not None and value < low:
        return "below"
    return "above" if value > high else "within"


def codes(record: Record, judged: list[Judged], which: int) -> set[tuple[str, str]]:
    """The kind and code of each alert of one level."""
    each = judged[which]
    if not each.in_use:
        return set()
    return {*about_level(record, each), *about_others(record, judged, which)}


def about_height(each: Judged) -> Iterator[tuple[str, str]]:
    is_asked = bool(each.misfit) and not each.has_cause
    if is_asked and each.misfit in {"twice-the-top", "a-third"}:
        yield "caution", "level-misfit"
    elif is_asked and each.misfit == "three-times":
        yield "caution", "level-jump"
    for above, kind in ((30, "urgent"), (20, "caution"), (15, "note")):
        if surely_above(each, Fraction(above)):
            is_said = is_asked and each.misfit == "twice-the-top"
            if not is_said and (not each.is_peak or above == 30):
                yield kind, "level-high"
            break


def about_level(record: Record, each: Judged) -> Iterator[tuple[str, str]]:
    yield from about_height(each)
    if each.double == "repeated":
        yield "note", "level-repeated"
    if each.double == "contradicted":
        yield "caution", "level-contradicted"
    if each.target is None:
        doses = [*begun(record, loading=True), *begun(record, loading=False)]
        is_early = bool(doses) and all(each.at < dose.entry.since.utc for dose in doses)
        yield "caution", "level-before-first-dose" if is_early else "no-dose-in-force"
    if each.hours is None:
        yield "caution", "last-dose-unknown"
    elif each.is_in_question:
        yield "caution", "last-dose-in-question"
    elif each.is_trough is None:
        yield "caution", "interval-unknown"
    elif not each.is_trough:
        yield "caution", "level-not-trough"
    is_late = each.days is not None and each.days >= 7 - each.early / DAY
    if each.steady_state is False and not (each.is_after_hold and is_late):
        yield "caution", "level-too-early"
    if each.is_trough and each.target and each.sign and each.status == "not-assessed":
        yield "note", "level-censored"


def about_others(record: Record, judged: list[Judged], which: int) -> Iterator[tuple[str, str]]:
    each = judged[which]
    before = [other for other in judged[:which] if other.in_use]
    alike = [other for other in before if not other.is_peak and not other.double]
    is_compared = not each.is_peak and not each.double and each.misfit != "three-times"
    if alike and is_compared and surely_times(alike[-1], each, 3):
        yield "caution", "level-jump"
    assay = each.level.entry.assay
    known = [other.level.entry.assay for other in before if other.level.entry.assay]
    if assay is None:
        yield "note", "assay-unknown"
    elif known and known[-1] is not assay:
        yield "caution", "assay-changed"
    single = [
        (missed.entry.at.utc, missed.entry.at.utc)
        for missed in record.active(MissedDose)
        if missed.entry.kind is NotGiven.MISSED and missed.entry.until is None
    ]
    for begin, end in () if each.is_in_question else (*single, *holds(record)):
        if begin <= each.at and end >= each.at - 7 * DAY:
            yield "caution", "doses-not-given"
    today = each.level.entry.sampled.local.date()
    for drug in record.active(CoMedication):
        ended_on = drug.ending.entry.on if drug.ending else None
        days = [(today - day).days for day in (drug.entry.since, ended_on) if day]
        if drug.entry.drug in CHANGING and any(0 <= number <= 13 for number in days):
            yield "caution", "interacting-drug-changed"


@dataclass
class Range:
    """Days below, within and above, the levels they come from, and the largest gap."""

    below: Fraction = Fraction(0)
    within: Fraction = Fraction(0)
    above: Fraction = Fraction(0)
    largest: Fraction = Fraction(0)
    levels: int = 0


def time_in_range(record: Record, judged: list[Judged]) -> Range:
    """Line by line, each cut where it crosses an end of the target."""
    counting = [each for each in judged if each.is_evaluable]
    found, used = Range(), set()
    for one, other in pairwise(counting):
        days = Fraction((other.at - one.at) // SECOND, 86400)
        if not 0 < days <= 60 or not joined(record, one, other):
            continue
        assert one.target
        low, high = Fraction(one.target.low_ng_ml or 0), Fraction(one.target.high_ng_ml)
        start, rise = one.value, other.value - one.value
        crossings = [(end - start) / rise for end in (low, high)] if rise else []
        cuts = sorted({Fraction(0), Fraction(1), *(cut for cut in crossings if 0 < cut < 1)})
        for left, right in pairwise(cuts):
            middle, part = start + rise * (left + right) / 2, days * (right - left)
            if middle < low:
                found.below += part
            elif middle > high:
                found.above += part
            else:
                found.within += part
        found.largest = max(found.largest, days)
        used |= {one.level.number, other.level.number}
    found.levels = len(used)
    return found


def joined(record: Record, one: Judged, other: Judged) -> bool:
    assays = {one.level.entry.assay, other.level.entry.assay}
    if one.sign or other.sign or len(assays) > 1 or None in assays:
        return False
    doses = begun(record, loading=False)
    held = [each for hold in holds(record) for each in hold]
    assert one.shown
    assert other.shown
    if any(one.shown < each <= other.shown for each in held):
        return False
    moments = [each.entry.since.utc for each in doses]
    moments += [each.ending.entry.at.utc for each in doses if each.ending and each.ending.entry.at]
    between = [each for each in moments if one.shown < each <= other.shown]
    found = [in_force(record, each) for each in (one.shown, *between)]
    return all(each is not None and each.entry.target == one.target for each in found)

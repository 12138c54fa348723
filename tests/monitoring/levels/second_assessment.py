"""The assessment of levels written a second time: plain Python, one level at a time.

It looks at the entries alone and uses nothing of `monitoring.levels` or `monitoring.treatment`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from dosing import TargetTrough
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose, Prescription

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BEFORE = 4 * HOUR  # a trough is sampled before a dose: a day is reached so long before
CHANGING = {"fluconazole", "rifampicin"}  # of the drugs in the random histories


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

    @property
    def at(self) -> datetime:
        return self.level.entry.sampled.utc

    @property
    def value(self) -> Fraction:
        return Fraction(self.level.entry.value.value)

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


def changed(record: Record, moment: datetime) -> datetime:
    """The last change of the dose at a moment."""
    dose = in_force(record, moment)
    assert dose
    since = dose.entry.since.utc
    before = in_force(record, since - SECOND)
    if before is None or any(
        getattr(before.entry, name) != getattr(dose.entry, name)
        for name in ("dose_mg", "times_a_day", "product")
    ):
        return since
    return changed(record, since - SECOND)


def judge(record: Record) -> list[Judged]:
    """Every level, the oldest first."""
    levels = sorted(record.of(Level), key=lambda each: (each.entry.sampled.utc, each.number))
    judged = [judge_alone(record, each) for each in levels]
    for place, each in enumerate(judged):
        earlier = [
            other
            for other in judged[:place]
            if other.is_evaluable and other.level.entry.assay is each.level.entry.assay
        ]
        if each.is_evaluable and each.level.entry.assay and earlier:
            last = earlier[-1]
            if not last.sign and not each.sign:
                each.change_percent = 100 * (each.value / last.value - 1)
    return judged


def judge_alone(record: Record, level: StoredEntry[Level]) -> Judged:
    judged = Judged(level)
    sampled, last_dose = level.entry.sampled.utc, level.entry.last_dose
    if last_dose:
        judged.hours = Fraction((sampled - last_dose.utc) // SECOND, 3600)
        then = in_force(record, last_dose.utc)
        if then:
            interval = Fraction(24, then.entry.times_a_day)
            judged.is_trough = interval * 5 / 6 <= judged.hours <= interval * 7 / 6
    dose = in_force(record, sampled)
    if dose:
        judged.target = dose.entry.target
        loads = [
            each.entry.since.utc
            for each in begun(record, loading=True)
            if each.entry.since.utc <= sampled
        ]
        change = changed(record, sampled)
        judged.days = Fraction((sampled - max([change, *loads])) // SECOND, 86400)
        judged.steady_state = steady(sampled, change, loads)
    if level.is_active and judged.is_trough and judged.target:
        judged.status = place(judged, judged.target)
    judged.is_evaluable = judged.status != "not-assessed" and judged.steady_state is not False
    return judged


def steady(sampled: datetime, change: datetime, loads: list[datetime]) -> bool | None:
    if loads and sampled - loads[-1] < 3 * DAY - BEFORE:
        return False
    if any(abs(load - change) <= 24 * HOUR for load in loads):
        return sampled - change >= 3 * DAY - BEFORE
    if sampled - change < 7 * DAY - BEFORE:
        return False
    return True if sampled - change >= 14 * DAY - BEFORE else None


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
    if not each.level.is_active:
        return set()
    return {*about_level(record, each), *about_others(record, judged, which)}


def about_level(record: Record, each: Judged) -> Iterator[tuple[str, str]]:
    for above, kind in ((30, "urgent"), (20, "caution"), (15, "note")):
        if each.sign != "<" and (each.value > above or (each.sign and each.value == above)):
            yield kind, "level-high"
            break
    if each.target is None:
        doses = [*begun(record, loading=True), *begun(record, loading=False)]
        is_early = bool(doses) and all(each.at < dose.entry.since.utc for dose in doses)
        yield "caution", "level-before-first-dose" if is_early else "no-dose-in-force"
    if each.hours is None:
        yield "caution", "last-dose-unknown"
    elif each.is_trough is None:
        yield "caution", "interval-unknown"
    elif not each.is_trough:
        yield "caution", "level-not-trough"
    if each.steady_state is False:
        yield "caution", "level-too-early"
    if each.is_trough and each.target and each.sign and each.status == "not-assessed":
        yield "note", "level-censored"


def about_others(record: Record, judged: list[Judged], which: int) -> Iterator[tuple[str, str]]:
    each = judged[which]
    before = [other for other in judged[:which] if other.level.is_active]
    if before:
        last = before[-1]
        # The least that the ratio of the two can be, and whether it is surely more than that.
        least = each.value / last.value
        is_more = bool(each.sign or last.sign)
        if each.sign != "<" and last.sign != ">" and (least > 3 or (is_more and least == 3)):
            yield "caution", "level-jump"
    assay = each.level.entry.assay
    known = [other.level.entry.assay for other in before if other.level.entry.assay]
    if assay is None:
        yield "note", "assay-unknown"
    elif known and known[-1] is not assay:
        yield "caution", "assay-changed"
    for missed in record.active(MissedDose):
        end = missed.entry.until or missed.entry.at
        if missed.entry.at.utc <= each.at and end.utc >= each.at - 7 * DAY:
            yield "caution", "doses-not-given"
    today = each.level.entry.sampled.local.date()
    for drug in record.active(CoMedication):
        ended = drug.ending.entry.on if drug.ending else None
        days = [(today - day).days for day in (drug.entry.since, ended) if day]
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
    holds = [each.entry for each in record.active(MissedDose) if each.entry.until]
    held = [each for hold in holds for each in (hold.at, hold.until) if each]
    if any(one.at < each.utc <= other.at for each in held):
        return False
    moments = [each.entry.since.utc for each in doses]
    moments += [each.ending.entry.at.utc for each in doses if each.ending and each.ending.entry.at]
    between = [each for each in moments if one.at < each <= other.at]
    found = [in_force(record, each) for each in (one.at, *between)]
    return all(each is not None and each.entry.target == one.target for each in found)

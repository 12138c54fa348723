"""Advice after a level: what the label's arithmetic suggests, or why the level cannot bear it.

The arithmetic supposes a trough at steady state on a known dose. Where that is not so there is no
advice but the reason, as a stop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from dosing import (
    PROTOCOLS,
    VERSION,
    AdjustedDose,
    Adjustment,
    Alert,
    AlertKind,
    Dose,
    Override,
    adjust_dose,
    cite,
    plain,
    strongest_first,
)
from dosing.alerts import blocking_codes, has_stop
from dosing.interactions import find_drugs
from dosing.level_rules import (
    DRUG_JUST_CHANGED,
    FAR_TOO_EARLY,
    OLDEST_TO_ADJUST,
    is_reached,
)
from dosing.notebook import Result
from dosing.plain_text import shortened
from dosing.review import (
    DOSE_DECREASED_IN,
    KEPT_IN_INFECTION,
    PATIENTS_WITH_ADVERSE_EVENT_DATA,
    STOPPED_GRADUALLY_IN,
)
from dosing.review import SOURCE as REVIEW_SOURCE
from dosing.sources import PROPOSED, UNCONFIRMED
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, Recorded
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.recording import body_on
from monitoring.times import Moment
from monitoring.treatment import Course, course_at, courses, loading_doses

_HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Result):
    """What the last level suggests, or the alerts that say why it suggests nothing."""

    alerts: tuple[Alert, ...]
    """The strongest first: those of the level, of the advice and of the dose."""
    version: str
    assessment: LevelAssessment | None = None
    """The newest level that stands, or None without one."""
    request: Adjustment | None = None
    """The level beside the dose in force, or None where one of the two is not known."""
    adjusted: AdjustedDose | None = None
    """The answer, or None where the level cannot bear one."""

    def __repr__(self) -> str:
        """Return the dose that is suggested, or the codes of the alerts that prevented it."""
        blocked = ", ".join(blocking_codes(self.alerts))
        words = self.adjusted.words if self.adjusted else f"no dose: {blocked}"
        return f"<{type(self).__name__} {words}>"

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus advise --json` prints."""
        from monitoring.advice_document import advice_document  # noqa: PLC0415 - it needs this file

        return advice_document(self)

    @property
    def dose(self) -> Dose | None:
        """The dose that is suggested; None where there is no change, or where it was stopped."""
        return self.adjusted.dose if self.adjusted else None

    @property
    def stopped(self) -> bool:
        """Whether something prevented an answer."""
        return self.adjusted is None or self.adjusted.stopped

    @property
    def awaits_override(self) -> bool:
        """Whether a documented override would let the dose through."""
        return self.adjusted is not None and self.adjusted.awaits_override

    @property
    def sources(self) -> dict[str, str]:
        """The citation of every source used, by its key."""
        keys = [self.request.protocol.target_source] if self.request else []
        keys += [step.source for step in self.adjusted.steps] if self.adjusted else []
        return cite([*keys, *(alert.source for alert in self.alerts)])


def advise(
    record: Record,
    now: Moment,
    *,
    aim_ng_ml: Decimal | None = None,
    override: Override | None = None,
    loading: bool = False,
) -> Advice:
    """Return what the newest level that stands suggests.

    `aim_ng_ml` is a point inside the target to aim at, where it is not to be the usual one;
    `loading` asks for a loading dose where the dose rises.

    Raises `UserError` for an aim outside the target.
    """
    standing = [each for each in assess_levels(record) if each.level.stands]
    newest = standing[-1] if standing else None
    choice = Choice(aim_ng_ml=aim_ng_ml, override=override, loading=loading)
    return advise_on(record, newest, now, choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person chose for the adjusted dose."""

    aim_ng_ml: Decimal | None = None
    override: Override | None = None
    loading: bool = False


def advise_on(
    record: Record, assessment: LevelAssessment | None, now: Moment, choice: Choice
) -> Advice:
    """Return what one level suggests; see `advise`."""
    if assessment is None:
        return Advice(alerts=(_no_level(),), version=VERSION)
    course = course_at(record, now)
    request = _request(record, assessment, course, now, choice) if course else None
    found = (
        *_about_level(assessment),
        *_about_dose(record, assessment, course),
        *_about_drugs(record, assessment),
        *_about_time(assessment, now),
    )
    adjusted = None if request is None or has_stop(found) else adjust_dose(request)
    if adjusted:
        found += adjusted.alerts
        if not adjusted.stopped:
            found += (_what_the_authors_did(),)
    told = {alert.code for alert in found}
    of_level = (alert for alert in assessment.alerts if alert.code not in told)
    return Advice(
        alerts=strongest_first([*found, *of_level]),
        version=VERSION,
        assessment=assessment,
        request=request,
        adjusted=adjusted,
    )


def _request(
    record: Record, assessment: LevelAssessment, course: Course, now: Moment, choice: Choice
) -> Adjustment:
    body, prescription = body_on(record, now.local.date()), course.prescription.entry
    return Adjustment(
        level_ng_ml=assessment.level_ng_ml,
        dose_mg=prescription.dose_mg,
        times_a_day=prescription.times_a_day,
        product=prescription.product,
        protocol=PROTOCOLS[prescription.protocol],
        target=prescription.target,
        age=body.age,
        weight=body.weight,
        height=body.height,
        measured_days_ago=body.measured_days_ago,
        chosen_aim_ng_ml=choice.aim_ng_ml,
        loading=choice.loading,
        override=choice.override,
    )


def _stop(
    code: str, message: str, source: str = PROPOSED, value: str | None = None,
    limit: str | None = None,
) -> Alert:  # fmt: skip
    return Alert(code, AlertKind.STOP, message, source, value, limit)


def _no_level() -> Alert:
    return _stop("no-level", "No level is written down yet.")


def _about_level(assessment: LevelAssessment) -> Iterator[Alert]:
    """Yield why the level itself cannot bear the arithmetic."""
    level = assessment.level.entry
    if level.comparator:
        message = f"{level} is no number to calculate with: it says only where the assay ends."
        yield _stop("level-censored", message)
    if assessment.is_trough is False:
        yield _stop("level-not-trough", "The level is not a trough: take one just before a dose.")
    elif assessment.is_trough is None and level.last_dose is None:
        message = (
            "When the last dose before the sample was given is not written down, so that it may be "
            "no trough."
        )
        yield _stop("last-dose-unknown", message)
    elif assessment.is_trough is None:
        message = (
            "No dose was in force when the last one before the sample was given, so that it may be "
            "no trough."
        )
        yield _stop("interval-unknown", message)


def _about_dose(
    record: Record, assessment: LevelAssessment, course: Course | None
) -> Iterator[Alert]:
    """Yield why the dose that the level was reached with is not the one to multiply."""
    sampled, days = assessment.level.entry.sampled, assessment.days_since_change
    if assessment.target is None or days is None:
        yield _stop("no-dose-in-force", "No dose is written down for the time of the sample.")
    elif not is_reached(days, FAR_TOO_EARLY):
        message = (
            f"Sampled {_days(days)} after the dose was last changed or a loading dose given: "
            f"before {FAR_TOO_EARLY} the level says nothing of the dose."
        )
        yield _stop(
            "level-too-early", message, FAR_TOO_EARLY.source, _days(days), str(FAR_TOO_EARLY)
        )
    if course is None:
        yield _stop("no-dose-now", "No dose is in force now that could be adjusted.")
    changes = [each.since for each in courses(record) if each.is_change]
    changes += [each.entry.since for each in loading_doses(record)]
    later = [each for each in changes if sampled < each]
    if later:
        message = f"A change of the dose or a loading dose, at {min(later)}, lies after the sample."
        yield _stop("dose-changed-since", message)
    for held in _held_before(record, sampled):
        message = f"Doses were held from {held.at}, so shortly before that the level is not theirs."
        yield _stop("doses-held", message, limit=str(FAR_TOO_EARLY))


def _held_before(record: Record, sampled: Moment) -> Iterator[MissedDose]:
    """Yield the doses that were held later than `FAR_TOO_EARLY` before the sample."""
    for each in record.standing(MissedDose):
        held = each.entry
        last = min(held.until or held.at, sampled)
        days = sampled.hours_since(last) / _HOURS_PER_DAY
        if held.kind is NotGiven.HELD and held.at <= sampled and days < FAR_TOO_EARLY.value:
            yield held


def _about_drugs(record: Record, assessment: LevelAssessment) -> Iterator[Alert]:
    """Yield the drugs that may change the level and were just changed, or after the sample.

    Of a drug that no source confirms it is a caution.
    """
    sampled = assessment.level.entry.sampled.local.date()
    for each in record.standing(CoMedication):
        drugs = [drug for drug in find_drugs(each.entry.drug) if drug.may_change_level]
        confirmed = [drug for drug in drugs if drug.source != UNCONFIRMED]
        for what, day in _changes(each) if drugs else ():
            days = (sampled - day).days
            if days < DRUG_JUST_CHANGED.value:
                yield Alert(
                    "drug-just-changed",
                    AlertKind.STOP if confirmed else AlertKind.CAUTION,
                    f"{shortened(each.entry.drug)}, which may change the level, was {what} on "
                    f"{day}, {_before(days)}: take a level when it has settled.",
                    PROPOSED,
                    _before(days),
                    str(DRUG_JUST_CHANGED),
                )


def _changes(drug: Recorded[CoMedication]) -> Iterator[tuple[str, date]]:
    yield "begun", drug.entry.since
    if drug.ending and drug.ending.entry.on:
        yield "ended", drug.ending.entry.on


def _before(days: int) -> str:
    if days < 0:
        return "after the sample"
    return "on the day of the sample" if days == 0 else f"{_days(days)} before the sample"


def _about_time(assessment: LevelAssessment, now: Moment) -> Iterator[Alert]:
    """Yield whether the level is too old."""
    days = now.hours_since(assessment.level.entry.sampled) / _HOURS_PER_DAY
    if days > OLDEST_TO_ADJUST.value:
        limit = str(OLDEST_TO_ADJUST)
        message = f"The level is more than {limit} old: take a new one."
        yield _stop("level-old", message, value=_days(days), limit=limit)


def _days(days: float) -> str:
    """Return a number of days, to one decimal and never rounded up over a limit.

    >>> _days(2.99), _days(1)
    ('2.9 days', '1 day')
    """
    shown = plain(Decimal(days).quantize(Decimal("0.1"), ROUND_FLOOR))
    return f"{shown} day" if shown == "1" else f"{shown} days"


def _what_the_authors_did() -> Alert:
    kept = KEPT_IN_INFECTION
    message = (
        f"In the review, of {PATIENTS_WITH_ADVERSE_EVENT_DATA} patients with data on side-effects, "
        f"the dose was decreased in {DOSE_DECREASED_IN} and treatment stopped gradually in "
        f"{STOPPED_GRADUALLY_IN}; in {kept.count} of {kept.of} with an infection sirolimus was "
        "kept."
    )
    return Alert("review-authors", AlertKind.NOTE, message, REVIEW_SOURCE)

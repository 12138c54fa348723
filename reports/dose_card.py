"""The dose card for the family: one half page in plain words; below it the clinic's checks.

It repeats the prescription that a named person recorded, and calculates nothing beyond it. An open
alert against that prescription, without a documented reason, prevents the card.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dosing import Alert, AlertKind, UserError, cite, plain
from dosing.knowledge.counselling import CounsellingPoint, Topic, advice_for
from dosing.knowledge.products import TABLETS, Measured
from dosing.quantities.formatting import measured_dose, often_a_day, product_name
from monitoring.due import Due
from monitoring.record.entry_checks import prescription_alerts
from monitoring.record.prescription import Prescription
from monitoring.second_check import check_in_force
from monitoring.state import card_safety
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from monitoring.treatment import DosingPeriod
from reports.card_code import CardCode, card_code
from reports.family_page import FamilyPage, page_in, prescriber, rule
from reports.fonts import register_fonts
from reports.languages import ENGLISH, LANGUAGES
from reports.page import Paper, height_of, pdf_of
from reports.presentation.times import clock_anywhere
from reports.translations import Language

if TYPE_CHECKING:
    from reportlab.platypus import Flowable, Table

_OR_DOCUMENT = ", or prescribe it again with the reason (--override and --by)"
_HOURS_OF_A_DAY = 24
_QR_WIDTH = 50
_ABOVE_THE_CUT = 10
"""Points that stay free above the line to cut at."""
_SCALES = tuple(percent / 100 for percent in range(100, 18, -2))
_CHANGE_WITHIN = timedelta(days=7)
"""A family is handed no card of a dose that changes or ends so soon: it would go on with it."""
_COLUMNS = (
    ((Topic.GIVE, Topic.KEEP), 0.24),
    ((Topic.AVOID,), 0.24),
    ((Topic.CALL,), 0.25),
    ((Topic.ASK,), 0.27),
)


class DoseCardError(UserError):
    """A dose card cannot be printed."""


class ForbiddenCardError(DoseCardError):
    """The record forbids a dose card: a hold, an open question, a contraindication or a limit."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The current dose as it is measured out, with no undocumented alert against it."""

    period: DosingPeriod
    advice: tuple[CounsellingPoint, ...]
    """For this product and the patient's age."""
    measured: Measured
    """Of the morning, where the evening has another."""
    evening: Measured | None = None

    @property
    def prescription(self) -> Prescription:
        """The prescription of the dose."""
        return self.period.prescription.entry


def dose_card(summary: PatientSummary, paper: Paper = Paper.A4, language: str = ENGLISH) -> bytes:
    """Return the card as PDF: the family's half above the cut line, the clinic's below it.

    The family's half is in a language of `reports.translations.LANGUAGES`, by its code.

    Raises `DoseCardError` without a current dose and within 7 days of its change or end, and
    `ForbiddenCardError` on hold and where a stop or an undocumented override is open against it.
    """
    dose = dose_to_hand_out(summary)
    _check_no_change_soon(summary, dose.period)
    register_fonts()
    page, english = page_in(language, paper), page_in(ENGLISH, paper)
    frame = page.frame(summary, page.language.text("card_title"))
    code = card_code(summary, [dose.period], "card")
    content = [*_family(page, summary, dose, code), *_clinic(english, dose, page.language)]
    return pdf_of(frame, content)


def _check_no_change_soon(summary: PatientSummary, period: DosingPeriod) -> None:
    """Raise `DoseCardError` for a dose that changes or ends within `_CHANGE_WITHIN`."""
    latest = summary.made.utc + _CHANGE_WITHIN
    coming, ends = summary.state.next_dose, period.until
    if coming is not None and coming.since.utc <= latest:
        raise DoseCardError(
            f"The dose changes on {short(coming.since)}. Print the card of the new dose then, or "
            "the give-log now."
        )
    if ends is not None and ends.utc <= latest and summary.history.period_at(ends) is None:
        following = summary.history.scheduled_dose_after(summary.made)
        last = "Print the give-log: it shows the last day."
        if following is None or following >= ends:
            last = "Until then none is due: nothing is to be given."
        raise DoseCardError(f"The dose ends on {short(ends)}. {last}")


# --- the dose to hand out


def dose_to_hand_out(summary: PatientSummary) -> HandedOut:
    """Return the current dose, where nothing in the record forbids handing it out.

    Raises `DoseCardError` without a current dose, and `ForbiddenCardError` on hold and where a stop
    or an undocumented override is open against the dose, and without the second check that the
    clinic wants.
    """
    current = summary.current
    if current is None:
        later = next((each for each in summary.history.periods if each.since > summary.made), None)
        if later is not None:
            raise DoseCardError(
                f"The dose of {later.prescription.entry} begins in the future, "
                f"{clock_anywhere(later.since)}. Print the page for the family from then on."
            )
        raise DoseCardError("The patient has no current dose. Record a prescription first.")
    for alert in card_safety(summary.state):
        if alert.kind >= AlertKind.OVERRIDE:
            raise ForbiddenCardError(_refusal(alert))
    if current.measured is None:
        raise DoseCardError(
            f"{current.prescription} of {product_name(current.prescription.product)} cannot be "
            "measured exactly. Prescribe a dose that can."
        )
    advice = advice_for(current.prescription.product, summary.age)
    dose = HandedOut(current.period, advice, current.measured, current.evening)
    for alert in _undocumented(summary, dose):
        raise ForbiddenCardError(f"{_refusal(alert)} {_change(alert)}")
    _refuse_unchecked(summary, current.period)
    return dose


def check_later_dose(summary: PatientSummary, period: DosingPeriod) -> None:
    """Check a dose that is prescribed for later; raise `ForbiddenCardError` where it is forbidden.

    It is so by a stop, by an override of which no reason is recorded, and without the second check
    that the clinic wants.
    """
    recorded = period.prescription
    others = tuple(each for each in summary.record.entries if each.number != recorded.number)
    found = prescription_alerts(replace(summary.record, entries=others), recorded.entry)
    for alert in found.of_kind(AlertKind.STOP, AlertKind.OVERRIDE):
        if alert.kind is AlertKind.STOP or alert.code not in recorded.entry.overridden_alerts:
            raise ForbiddenCardError(f"{_refusal(alert)} {_change(alert)}")
    _refuse_unchecked(summary, period)


def _refuse_unchecked(summary: PatientSummary, period: DosingPeriod) -> None:
    """Refuse a dose that no second person confirmed, where the clinic wants it."""
    recorded = period.prescription
    if summary.clinic.second_check and check_in_force(summary.record, recorded) is None:
        raise ForbiddenCardError(
            f"No second person has checked the dose of {recorded.entry}. Another person than the "
            f"prescriber runs sirolimus prescribe check, for prescription {recorded.number}."
        )


def _refusal(alert: Alert) -> str:
    return f"No card for a dose with an open {alert.kind.word}: {alert.message}"


def _change(alert: Alert) -> str:
    return f"Change the dose{'' if alert.kind is AlertKind.STOP else _OR_DOCUMENT}."


def _undocumented(summary: PatientSummary, dose: HandedOut) -> Iterator[Alert]:
    """Yield the stops and the undocumented overrides, those of the dose itself first."""
    recorded, last = dose.period.prescription, summary.last_level
    overridden_alerts = {
        # What a dose recorded as it was given is past, nobody has overridden.
        *(recorded.entry.overridden_alerts if recorded.entry.override_by else ()),
        *(last.level.entry.overridden_alerts if last else ()),
    }
    others = tuple(each for each in summary.record.entries if each.number != recorded.number)
    of_dose = prescription_alerts(replace(summary.record, entries=others), recorded.entry)
    for alert in of_dose.of_kind(AlertKind.STOP, AlertKind.OVERRIDE):
        if alert.kind is AlertKind.STOP or alert.code not in overridden_alerts:
            yield alert
    # What the record forbids was asked before, with its force for the same dose.
    told = {*overridden_alerts, *(each.code for each in card_safety(summary.state))}
    yield from summary.alerts.without(told).of_kind(AlertKind.STOP, AlertKind.OVERRIDE)


# --- the family's half


def _family(
    page: FamilyPage, summary: PatientSummary, dose: HandedOut, code: CardCode
) -> list["Flowable"]:
    from reports.scaled_content import ScaledContent  # noqa: PLC0415 - ReportLab is heavy

    width, height = page.width, page.paper.height_above_the_middle
    room = height - _ABOVE_THE_CUT
    for scale in _SCALES:  # the columns are as much wider as the letters are smaller
        scaled = replace(page, scale=scale)
        content = list(_lines(scaled, summary, dose, code))
        if height_of(content, scaled.width) * scale <= room:
            break
    return [ScaledContent(content, (width, height), scale), _cut()]


def _lines(
    page: FamilyPage, summary: PatientSummary, dose: HandedOut, code: CardCode
) -> Iterator["Flowable"]:
    yield from page.identity(summary)
    yield rule()
    yield _dose(page, dose, summary.made)
    yield _picture(page, dose)
    yield page.line(_instruction(page, dose), "measure")
    yield rule()
    yield _advice_columns(page, dose)
    yield rule()
    yield _last_row(page, summary, dose, code)
    yield from page.ending(_validity(page, summary, dose), code)


def _dose(page: FamilyPage, dose: HandedOut, made: Moment) -> "Table":
    size = "amount" if dose.evening is None else "often"
    left = [
        line
        for measured, when in parts_of(dose)
        for line in (
            page.line(page.language.text(when, dose=page.amount(measured)), size, 0.56),
            page.line(page.what(measured), "plain", 0.56),
        )
    ]
    right = [
        page.line(page.how_often(dose.prescription), "often", 0.44),
        page.line(hours_and_times(page, dose.period, made), "plain", 0.44),
    ]
    return page.columns([(left, 0.56), (right, 0.44)])


def parts_of(dose: HandedOut) -> tuple[tuple[Measured, str], ...]:
    """Return the doses, each with the name of the text that says when it is given."""
    if dose.evening is None:
        return ((dose.measured, "each_time"),)
    return (dose.measured, "in_the_morning"), (dose.evening, "in_the_evening")


def _instruction(page: FamilyPage, dose: HandedOut) -> str:
    measure = page.how_to_measure
    if dose.evening is None:
        return measure(dose.measured)
    morning = page.language.text("morning", text=measure(dose.measured))
    return f"{morning} {page.language.text('evening', text=measure(dose.evening))}"


def hours_and_times(page: FamilyPage, period: DosingPeriod, made: Moment) -> str:
    """Return the interval with the times of day.

    The first dose has its time, and the others follow at even intervals. Above 24 hours the day of
    the next dose is named.
    """
    hours = period.prescription.entry.interval_hours
    return page.language.text(
        "hours_and_times",
        hours=page.language.counted("every_hours", hours),
        times=_clock_times(page, period, made),
    )


def _clock_times(page: FamilyPage, period: DosingPeriod, made: Moment) -> str:
    first, hours = period.since.local, period.prescription.entry.interval_hours
    clock = first.replace(tzinfo=None)
    if hours > _HOURS_OF_A_DAY:
        step, passed = timedelta(hours=hours), made.local.replace(tzinfo=None) - clock
        following = clock + -(-passed // step) * step
        date = page.language.long_date(following.date())
        return page.language.text("next_on", time=f"{clock:%H:%M}", date=date)
    step, number = timedelta(hours=hours), _HOURS_OF_A_DAY // hours
    times = sorted(f"{clock + step * place:%H:%M}" for place in range(number))
    return page.language.listed(tuple(times))


def _picture(page: FamilyPage, dose: HandedOut) -> "Flowable":
    parts = parts_of(dose)
    width = page.width / len(parts)
    pictures = [page.picture(measured, width, is_alone=len(parts) == 1) for measured, _ in parts]
    if len(pictures) == 1:
        return pictures[0]
    return page.columns([([each], 1 / len(pictures)) for each in pictures])


def _advice_columns(page: FamilyPage, dose: HandedOut) -> "Table":
    cells = [
        ([line for topic in topics for line in _topic(page, topic, dose.advice, share)], share)
        for topics, share in _COLUMNS
    ]
    return page.columns(cells)


def _topic(
    page: FamilyPage, topic: Topic, advice: tuple[CounsellingPoint, ...], share: float
) -> Iterator["Flowable"]:
    found = [each for each in advice if each.topic is topic]
    if found:
        yield page.line(page.language.topic(topic), "heading", share)
    for each in found:
        yield page.line(page.language.point(each), "plain", share)


def _last_row(
    page: FamilyPage, summary: PatientSummary, dose: HandedOut, code: CardCode
) -> "Table":
    advice = [page.language.point(each) for each in dose.advice if each.topic is Topic.LEVEL]
    next_level = _next_level(page.language, summary.next_level)
    left = [
        page.line(page.language.topic(Topic.LEVEL), "heading", 0.52),
        page.line(f"{next_level} {' '.join(advice)}", "plain", 0.52),
    ]
    middle = page.whom_to_call(summary, 0.36)
    return page.columns([(left, 0.52), (middle, 0.36), ([page.qr(code, _QR_WIDTH)], 0.12)])


def _next_level(language: Language, level: Due | None) -> str:
    if level is None:
        return language.text("level_ask")
    if level.overdue_days:
        return language.text("level_was_due", date=language.long_date(level.until))
    if level.since == level.until:
        return language.text("level_on", date=language.long_date(level.since))
    return language.text(
        "level_between", first=language.long_date(level.since), last=language.long_date(level.until)
    )


def _validity(page: FamilyPage, summary: PatientSummary, dose: HandedOut) -> str:
    language, until = page.language, dose.period.until
    author = prescriber(dose.period.prescription.author.by)
    since = language.long_date(dose.period.since.local.date())
    sentences = [language.text("prescribed", name=author, date=since)]
    if until:
        ends = language.long_date(until.local.date())
        sentences.append(language.text("only_until", date=ends, time=f"{until.local:%H:%M}"))
    sentences.append(language.text("replaced", date=language.long_date(summary.made.local.date())))
    return " ".join(sentences)


# --- the clinic's half


def _clinic(page: FamilyPage, dose: HandedOut, language: Language) -> Iterator["Flowable"]:
    """Yield the lines for the clinic, in English: `page` is an English one."""
    yield page.line("For the clinic: this half stays here", "heading")
    for line in _basis(dose):
        yield page.outside_text(line, "small")
    if language.code != ENGLISH:
        state = "reviewed" if language.is_reviewed else "not yet reviewed"
        yield page.line(
            f"The card is in {LANGUAGES[language.code]}: translation {state}. Below are its "
            "sentences in English.",
            "small",
        )
    yield page.line("Sources of the sentences on the card", "heading")
    yield page.line(
        "The sources name the risks. Calling the clinic for them is a proposal of this project, "
        "which the clinic has to confirm.",
        "small",
    )
    for source, citation in cite(each.source for each in dose.advice).items():
        sentences = " ".join(each.text for each in dose.advice if each.source == source)
        yield page.line(f"{sentences} [{source}] {citation}.", "small")
    yield page.line("Checked against the prescription: dose, volume, syringe, times", "heading")
    yield page.columns([([page.line(f"Name, date: {'_' * 26}", "to fill in", 0.5)], 0.5)] * 2)


def _basis_of(dose: HandedOut) -> str:
    if dose.evening is None and dose.prescription.interval_hours <= _HOURS_OF_A_DAY:
        times = dose.prescription.times_a_day
        often = often_a_day(times) if times == 1 else f"× {times} a day"
        return f"{measured_dose(dose.measured)} {often}"
    return str(dose.prescription)


def _basis(dose: HandedOut) -> Iterator[str]:
    recorded, entry = dose.period.prescription, dose.prescription
    yield (
        f"Prescription {recorded.number}: {_basis_of(dose)}, "
        f"{plain(entry.daily_mg)} mg a day, from {clock_anywhere(entry.since)}; "
        f"target {entry.target}; protocol {entry.protocol}."
    )
    accepted = "an accepted proposal" if entry.proposal else "a typed dose"
    yield (
        f"From {accepted}, recorded by {recorded.author.by} at "
        f"{clock_anywhere(recorded.author.at)}, rules version {entry.made_by.version}."
    )
    if entry.override_reason:
        yield f"Override by {entry.override_by}: {entry.override_reason}"
    if entry.given_reason:
        yield f"Recorded as it was given, not proposed here: {entry.given_reason}"
    if entry.product is not TABLETS:
        yield "The marks in the picture may be further apart than those of the dispensed syringe."


def _cut() -> "Flowable":
    from reportlab.platypus import HRFlowable  # noqa: PLC0415 - ReportLab is heavy

    return HRFlowable(width="100%", thickness=0.8, color="#000000", dash=(4, 3), spaceBefore=0,
                      spaceAfter=8)  # fmt: skip

"""The give-log for the family: four weeks of doses, each with boxes for given, missed and vomited.

It repeats the prescriptions of the record, as the dose card does, and is refused wherever the card
is. A dose that changes, a step of a plan to stop and a hold that is recorded for later are shown on
their days; where no dose is due there is no box.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from dosing.knowledge.counselling import Topic
from dosing.knowledge.products import Measured
from monitoring.summary import PatientSummary, measured_of
from monitoring.times import Moment
from monitoring.treatment import DosingPeriod, TreatmentHistory
from monitoring.treatment.administrations import DueDose
from reports.card_code import CardCode, card_code
from reports.dose_card import (
    DoseCardError,
    check_later_dose,
    dose_to_hand_out,
    hours_and_times,
)
from reports.family_page import FamilyPage, page_in, prescriber, rule
from reports.fonts import register_fonts
from reports.give_grid import (
    HIGHEST_ROW,
    LOWEST_ROW,
    GridDay,
    GridDose,
    grid_drawing,
    row_height,
)
from reports.languages import ENGLISH
from reports.page import Paper, height_of, pdf_of

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

DAYS = 28
_QR_WIDTH = 50
_SPARE = 4
"""Points that stay free at the end of a page."""
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class LogStep:
    """A dose as it is measured out, from its first day in the log on."""

    period: DosingPeriod
    first: date
    parts: tuple[tuple[Measured, str], ...]
    """Each with the name of the text that says when it is given."""


@dataclass(frozen=True, slots=True)
class GiveLog:
    """The doses of four weeks."""

    first: date
    doses: tuple[DueDose, ...]
    """Those on hold too, which are marked."""
    steps: tuple[LogStep, ...]
    ends: Moment | None
    """The end of the last dose, where none follows it within the four weeks."""

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=DAYS - 1)

    @property
    def held(self) -> tuple[tuple[date, date], ...]:
        """The first and last day of each run of doses that are not to be given."""
        runs = groupby(self.doses, key=lambda each: each.is_held)
        found = [[each.at.local.date() for each in run] for is_held, run in runs if is_held]
        return tuple((days[0], days[-1]) for days in found)


def give_log(summary: PatientSummary, paper: Paper = Paper.A4, language: str = ENGLISH) -> bytes:
    """Return the log as PDF, in a language of `reports.translations.LANGUAGES`, by its code.

    Raises `DoseCardError` without a current dose or where a later one cannot be measured, and
    `ForbiddenCardError` where the record forbids one of the doses.
    """
    log = _log_of(summary)
    register_fonts()
    page = page_in(language, paper)
    code = card_code(summary, [each.period for each in log.steps], "log")
    frame = page.frame(summary, page.language.text("log_title"))
    return pdf_of(frame, [*_content(page, summary, log, code)])


# --- the doses of four weeks


def _log_of(summary: PatientSummary) -> GiveLog:
    dose_to_hand_out(summary)
    history = TreatmentHistory.of(summary.record)
    begun = history.scheduled_dose_after(summary.made)
    first = (begun or summary.made).local.date()
    until = _midnight_after(first + timedelta(days=DAYS - 1), summary.made)
    doses = history.due_doses(summary.made, until)
    periods = list(dict.fromkeys(each.period for each in doses if not each.is_held))
    if not periods:
        raise DoseCardError(
            "No dose is due in the next four weeks. Print the give-log once there is one."
        )
    current = summary.current.period if summary.current else None
    for period in periods:
        if period != current:
            check_later_dose(summary, period)
    steps = tuple(_step(period, doses) for period in periods)
    last = doses[-1].period
    ends = last.until if last.until is not None and last.until < until else None
    return GiveLog(first, doses, steps, ends)


def _midnight_after(day: date, made: Moment) -> Moment:
    return Moment.read(f"{day + timedelta(days=1)}T00:00", made.zone)


def _step(period: DosingPeriod, doses: tuple[DueDose, ...]) -> LogStep:
    given = [each for each in doses if each.period == period and not each.is_held]
    dose = period.prescription.entry
    amounts = [(dose.dose_mg, "each_time")]
    if dose.evening_mg is not None and dose.evening_mg != dose.dose_mg:
        amounts = [(dose.dose_mg, "in_the_morning"), (dose.evening_mg, "in_the_evening")]
    parts = tuple((_measured(period, mg), when) for mg, when in amounts)
    return LogStep(period, given[0].at.local.date(), parts)


def _measured(period: DosingPeriod, mg: Decimal) -> Measured:
    measured = measured_of(period.prescription.entry, mg)
    if measured is None:
        raise DoseCardError(
            f"{period.prescription} cannot be measured exactly. Prescribe a dose that can."
        )
    return measured


# --- the page


def _content(
    page: FamilyPage, summary: PatientSummary, log: GiveLog, code: CardCode
) -> Iterator["Flowable"]:
    """Yield one page, where all has room; else the doses on one and the days on the next."""
    from reportlab.platypus import PageBreak  # noqa: PLC0415 - ReportLab is heavy

    from reports.marked_parts import MarkedDrawing  # noqa: PLC0415 - ReportLab is heavy

    doses = [*_doses(page, summary, log)]
    days = f"{page.language.text('log_days', **_ends(page, log))}. {page.language.text('tick')}"
    above, below = page.line(days, "strong"), [*_ending(page, summary, log, code)]
    height = page.paper.height_of_content - _SPARE
    row = row_height(height - height_of([*doses, above, *below], page.width), DAYS)
    is_one_page = row >= LOWEST_ROW
    yield from doses
    if not is_one_page:
        yield from below
        yield PageBreak()
    yield above
    yield MarkedDrawing(
        grid_drawing(page, _days(page, log), row if is_one_page else HIGHEST_ROW), days
    )
    if is_one_page:
        yield from below


def _doses(page: FamilyPage, summary: PatientSummary, log: GiveLog) -> Iterator["Flowable"]:
    yield from page.identity(summary)
    yield rule()
    for step in log.steps:
        yield from _dose(page, step, summary.made, is_only=len(log.steps) == 1)
    for sentence in _nothing(page, log):
        yield page.line(sentence, "strong")


def _ends(page: FamilyPage, log: GiveLog) -> dict[str, str]:
    return {"first": page.language.long_date(log.first), "last": page.language.long_date(log.last)}


def _dose(page: FamilyPage, step: LogStep, made: Moment, *, is_only: bool) -> Iterator["Flowable"]:
    language = page.language
    often = page.how_often(step.period.prescription.entry)
    if not is_only:
        yield page.line(language.text("from_day", date=language.long_date(step.first)), "heading")
    amounts = [language.text(when, dose=page.amount(measured)) for measured, when in step.parts]
    yield page.line(" · ".join([*amounts, often]), "measure")
    times = hours_and_times(page, step.period, max(made, step.period.since))
    whats = dict.fromkeys(page.what(measured) for measured, _ in step.parts)
    yield page.line(" · ".join([*whats, times]), "plain")
    if len(step.parts) == 1:
        ((measured, _),) = step.parts
        yield page.picture(measured, page.width, is_alone=True)
        yield page.line(page.how_to_measure(measured), "plain")
        return
    pictures: list[tuple[list[Flowable], float]] = [
        (
            [
                page.picture(measured, page.width * _HALF, is_alone=False),
                page.line(page.how_to_measure(measured), "plain", _HALF),
            ],
            _HALF,
        )
        for measured, _ in step.parts
    ]
    yield page.columns(pictures)


def _nothing(page: FamilyPage, log: GiveLog) -> Iterator[str]:
    """Yield the sentences about times in which nothing is to be given."""
    language = page.language
    for first, last in log.held:
        yield language.text("hold", first=language.long_date(first), last=language.long_date(last))
    if log.ends is not None:
        yield language.text("ended", date=language.long_date(log.ends.local.date()))


def _ending(
    page: FamilyPage, summary: PatientSummary, log: GiveLog, code: CardCode
) -> Iterator["Flowable"]:
    language = page.language
    ask = page.line(language.text("not_given_right"), "measure", 0.5)
    asked = [page.line(language.topic(Topic.ASK), "heading", 0.5), ask]
    call = page.whom_to_call(summary, 0.38)
    yield page.columns([(asked, 0.5), (call, 0.38), ([page.qr(code, _QR_WIDTH)], 0.12)])
    period = log.steps[0].period
    author = prescriber(period.prescription.author.by)
    since = language.long_date(period.since.local.date())
    made = language.long_date(summary.made.local.date())
    sentences = (
        f"{language.text('prescribed', name=author, date=since)} "
        f"{language.text('log_replaced', date=made)}"
    )
    yield from page.ending(sentences, code)


def _days(page: FamilyPage, log: GiveLog) -> tuple[GridDay, ...]:
    changes = {each.first for each in log.steps[1:]}
    by_day: dict[date, list[GridDose]] = {}
    for dose in log.doses:
        local = dose.at.local
        amount = None
        if not dose.is_held:
            amount = page.amount(_measured(dose.period, dose.mg))
        by_day.setdefault(local.date(), []).append(GridDose(f"{local:%H:%M}", amount))
    return tuple(
        GridDay(day, tuple(by_day.get(day, ())), is_change=day in changes)
        for day in (log.first + timedelta(days=number) for number in range(DAYS))
    )

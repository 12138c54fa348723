"""The dose card for the family: one half page in plain words; below it the clinic's checks.

It repeats the prescription that a named person recorded, and calculates nothing beyond it. An open
alert against that prescription, without a documented reason, prevents the card.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dosing import Alert, AlertKind, UserError, cite, plain
from dosing.knowledge.counselling import CounsellingPoint, Topic, advice_for
from dosing.knowledge.products import TABLETS, Measured
from dosing.quantities.formatting import (
    how_to_measure,
    long_date,
    measured_dose,
    product_name,
)
from monitoring.due import Due
from monitoring.record.entry_checks import prescription_alerts
from monitoring.record.prescription import Prescription
from monitoring.state import card_safety
from monitoring.summary import PatientSummary
from monitoring.times import Moment, short
from monitoring.treatment import DosingPeriod
from reports.fonts import BOLD, REGULAR, register_fonts
from reports.page import Frame, Paper, pdf_of
from reports.presentation.doses import how_often_given
from reports.presentation.times import clock_anywhere
from reports.printed_text import letters_note, missing_letters, safe_lines
from reports.syringe import syringe_drawing, tablets_drawing

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Flowable, Paragraph, Table

TITLE = "Sirolimus dose card"
_OR_DOCUMENT = ", or prescribe it again with the reason (--override and --by)"
_HOURS_OF_A_DAY = 24
_CHANGE_WITHIN = timedelta(days=7)
"""A family is handed no card of a dose that changes so soon: it would go on with the old one."""
_ROOM = 10
_COLUMNS = (
    ((Topic.GIVE, Topic.KEEP), 0.29),
    ((Topic.AVOID,), 0.33),
    ((Topic.CALL, Topic.ASK), 0.38),
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


def dose_card(summary: PatientSummary, paper: Paper = Paper.A4) -> bytes:
    """Return the card as PDF: the family's half above the cut line, the clinic's below it.

    Raises `DoseCardError` without a current dose or within 7 days of the next, and
    `ForbiddenCardError` on hold and where a stop
    or an undocumented override is open against the dose.
    """
    dose = _dose_to_hand_out(summary)
    register_fonts()
    patient = summary.record.patient.entry
    frame = Frame(
        title=TITLE,
        head=patient.name,
        identity=f"Record number {patient.record_number} · born {long_date(patient.born)}",
        made=summary.made,
        paper=paper,
    )
    return pdf_of(frame, [*_family(summary, dose, paper), *_clinic(dose, paper)])


# --- the dose to hand out


def _dose_to_hand_out(summary: PatientSummary) -> HandedOut:
    current = summary.current
    if current is None:
        later = next((each for each in summary.history.periods if each.since > summary.made), None)
        if later is not None:
            raise DoseCardError(
                f"The dose of {later.prescription.entry} begins in the future, "
                f"{clock_anywhere(later.since)}. Print the card from then on."
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
    coming = summary.state.next_dose
    if coming is not None and coming.since.utc - summary.made.utc <= _CHANGE_WITHIN:
        raise DoseCardError(
            f"The dose changes on {short(coming.since)}. Print the card of the new dose then."
        )
    return dose


def _refusal(alert: Alert) -> str:
    return f"No card for a dose with an open {alert.kind.word}: {alert.message}"


def _change(alert: Alert) -> str:
    return f"Change the dose{'' if alert.kind is AlertKind.STOP else _OR_DOCUMENT}."


def _undocumented(summary: PatientSummary, dose: HandedOut) -> Iterator[Alert]:
    """Yield the stops and the undocumented overrides, those of the dose itself first."""
    recorded, last = dose.period.prescription, summary.last_level
    overridden_alerts = {
        *recorded.entry.overridden_alerts,
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


def _family(summary: PatientSummary, dose: HandedOut, paper: Paper) -> list["Flowable"]:
    from reportlab.platypus import KeepInFrame, Table  # noqa: PLC0415 - ReportLab is heavy

    width, height = paper.width_between_margins, paper.height_above_the_middle
    content = [
        *_identity(summary),
        _rule(),
        _dose(dose, summary.made, width),
        _picture(dose, width),
        _line(_instruction(dose), "measure"),
        _rule(),
        _advice_columns(dose, width),
        _rule(),
        _last_row(summary, dose, width),
        _line(_validity(summary, dose), "small"),
    ]
    fitted = KeepInFrame(width, height - 10, content, mode="shrink")
    half = Table([[fitted]], colWidths=[width], rowHeights=[height], style=_bare(), hAlign="LEFT")
    return [half, _cut()]


def _identity(summary: PatientSummary) -> Iterator["Flowable"]:
    patient = summary.record.patient.entry
    yield _line(patient.name, "name")
    lacking = missing_letters(patient.name + patient.record_number)
    if lacking:
        yield _line(letters_note(lacking), "strong")


def _dose(dose: HandedOut, made: Moment, width: float) -> "Table":
    hours, times = how_often_given(dose.prescription).split(", ")
    size = "amount" if dose.evening is None else "often"
    left = [
        line
        for measured, when in _parts(dose)
        for line in (_line(f"{_amount(measured)} {when}", size), _line(_what(measured), "plain"))
    ]
    right = [_line(times, "often"), _line(f"{hours}: {_clock_times(dose, made)}", "plain")]
    return _columns([(left, 0.56), (right, 0.44)], width)


def _parts(dose: HandedOut) -> tuple[tuple[Measured, str], ...]:
    """Return the doses by when they are given."""
    if dose.evening is None:
        return ((dose.measured, "each time"),)
    return (dose.measured, "in the morning"), (dose.evening, "in the evening")


def _amount(measured: Measured) -> str:
    volume = measured.volume_ml
    return f"{plain(measured.mg)} mg" if volume is None else f"{plain(volume)} mL"


def _what(measured: Measured) -> str:
    if measured.volume_ml is None:
        return "of sirolimus, tablets"
    product = product_name(measured.product, measured.strength_mg_per_ml)
    return f"= {plain(measured.mg)} mg of sirolimus, {product}"


def _instruction(dose: HandedOut) -> str:
    if dose.evening is None:
        return how_to_measure(dose.measured)
    return f"Morning: {how_to_measure(dose.measured)} Evening: {how_to_measure(dose.evening)}"


def _clock_times(dose: HandedOut, made: Moment) -> str:
    """Return the times of day: the first dose, and the others at even intervals from it.

    Above 24 hours they name the day of the next dose.
    """
    first, hours = dose.period.since.local, dose.prescription.interval_hours
    clock = first.replace(tzinfo=None)
    if hours > _HOURS_OF_A_DAY:
        step, passed = timedelta(hours=hours), made.local.replace(tzinfo=None) - clock
        following = clock + -(-passed // step) * step
        return f"{clock:%H:%M}, next on {long_date(following.date())}"
    step, number = timedelta(hours=hours), _HOURS_OF_A_DAY // hours
    times = sorted(f"{clock + step * place:%H:%M}" for place in range(number))
    return " and ".join(filter(None, (", ".join(times[:-1]), times[-1])))


def _picture(dose: HandedOut, width: float) -> "Flowable":
    parts = _parts(dose)
    pictures = [
        _drawing(measured, width / len(parts), is_alone=len(parts) == 1) for measured, _ in parts
    ]
    if len(pictures) == 1:
        return pictures[0]
    return _columns([([each], 1 / len(pictures)) for each in pictures], width)


def _drawing(measured: Measured, width: float, *, is_alone: bool) -> "Flowable":
    volume, syringe = measured.volume_ml, measured.syringe_ml
    if volume is None or syringe is None:
        return tablets_drawing(measured.tablets, width)
    return syringe_drawing(volume, syringe, width, half_as_long=not is_alone)


def _advice_columns(dose: HandedOut, width: float) -> "Table":
    cells = [
        ([line for topic in topics for line in _topic(topic, dose.advice)], share)
        for topics, share in _COLUMNS
    ]
    return _columns(cells, width)


def _topic(topic: Topic, advice: tuple[CounsellingPoint, ...]) -> Iterator["Flowable"]:
    found = [each for each in advice if each.topic is topic]
    if found:
        yield _line(topic.value, "heading")
    for each in found:
        yield _line(each.text, "plain")


def _last_row(summary: PatientSummary, dose: HandedOut, width: float) -> "Table":
    level = summary.next_level
    advice = [each for each in dose.advice if each.topic is Topic.LEVEL]
    left = [
        _line(Topic.LEVEL.value, "heading"),
        _line(f"{_next_level(level)} {' '.join(each.text for each in advice)}", "plain"),
    ]
    right = [_line("Whom to call", "heading"), _line("_" * 32, "to fill in")]
    return _columns([(left, 0.62), (right, 0.38)], width)


def _next_level(level: Due | None) -> str:
    if level is None:
        return "Ask your clinic when."
    if level.overdue_days:
        return f"It was due by {long_date(level.until)}. Call your clinic."
    if level.since == level.until:
        return f"On {long_date(level.since)}."
    return f"Between {long_date(level.since)} and {long_date(level.until)}."


def _validity(summary: PatientSummary, dose: HandedOut) -> str:
    until = dose.period.until
    ends = f" Only until {long_date(until.local.date())}, {until.local:%H:%M}." if until else ""
    author = dose.period.prescription.author.by
    return (
        f"Prescribed by {author}, from {long_date(dose.period.since.local.date())}.{ends} Card of "
        f"{long_date(summary.made.local.date())}: a new card replaces it."
    )


# --- the clinic's half


def _clinic(dose: HandedOut, paper: Paper) -> Iterator["Flowable"]:
    width = paper.width_between_margins
    yield _line("For the clinic: this half stays here", "heading")
    for line in _basis(dose):
        yield _line(line, "small")
    yield _line("Sources of the sentences on the card", "heading")
    yield _line(
        "The sources name the risks. Calling the clinic for them is a proposal of this project, "
        "which the clinic has to confirm.",
        "small",
    )
    for source, citation in cite(each.source for each in dose.advice).items():
        sentences = " ".join(each.text for each in dose.advice if each.source == source)
        yield _line(f"{sentences} [{source}] {citation}.", "small")
    yield _line("Checked against the prescription: dose, volume, syringe, times", "heading")
    yield _columns([([_line(f"Name, date: {'_' * 30}", "to fill in")], 0.5)] * 2, width)


def _basis_of(dose: HandedOut) -> str:
    if dose.evening is None and dose.prescription.interval_hours <= _HOURS_OF_A_DAY:
        return f"{measured_dose(dose.measured)} × {dose.prescription.times_a_day} a day"
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
        f"{clock_anywhere(recorded.author.at)}, rules version {entry.rule_version}."
    )
    if entry.override_reason:
        yield f"Override by {entry.override_by}: {entry.override_reason}"
    if entry.product is not TABLETS:
        yield "The marks in the picture may be further apart than those of the dispensed syringe."


# --- style


def _line(text: str, style: str) -> "Paragraph":
    from reportlab.platypus import Paragraph  # noqa: PLC0415 - ReportLab is heavy

    font, size, *_ = _STYLES[style]
    marked = safe_lines(text, font, size, Paper.A4.width_between_margins)
    return Paragraph(marked, _style(style))


# name: font, size, space before, space after
_STYLES = {
    "name": (BOLD, 17.0, 0, 1),
    "amount": (BOLD, 26.0, 2, 6),
    "often": (BOLD, 17.0, 8, 7),
    "measure": (BOLD, 10.5, 1, 0),
    "heading": (BOLD, 10.0, 3, 1),
    "plain": (REGULAR, 9.5, 0, 1.5),
    "strong": (BOLD, 9.5, 0, 1),
    "small": (REGULAR, 7.5, 2, 0),
    "to fill in": (REGULAR, 9.5, 8, 0),
}


def _style(name: str) -> "ParagraphStyle":
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - ReportLab is heavy

    font, size, before, after = _STYLES[name]
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.22,
                          spaceBefore=before, spaceAfter=after)  # fmt: skip


def _columns(cells: Sequence[tuple[Sequence["Flowable"], float]], width: float) -> "Table":
    from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

    return Table(
        [[content for content, _ in cells]],
        colWidths=[share * width for _, share in cells],
        style=_bare(_ROOM),
        hAlign="LEFT",
    )


def _bare(room: float = 0) -> list[tuple[Any, ...]]:
    everything = ((0, 0), (-1, -1))
    return [
        ("FONT", *everything, REGULAR),  # set for every cell, also one that holds a paragraph
        ("VALIGN", *everything, "TOP"),
        ("LEFTPADDING", *everything, 0),
        ("RIGHTPADDING", *everything, room),
        ("TOPPADDING", *everything, 0),
        ("BOTTOMPADDING", *everything, 0),
    ]


def _rule() -> "Flowable":
    from reportlab.platypus import HRFlowable  # noqa: PLC0415 - ReportLab is heavy

    return HRFlowable(width="100%", thickness=0.5, color="#888888", spaceBefore=3, spaceAfter=3)


def _cut() -> "Flowable":
    from reportlab.platypus import HRFlowable  # noqa: PLC0415 - ReportLab is heavy

    return HRFlowable(width="100%", thickness=0.8, color="#000000", dash=(4, 3), spaceBefore=0,
                      spaceAfter=8)  # fmt: skip

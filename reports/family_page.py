"""The parts that the family's pages share: text in their language, columns, doses and the code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dosing import clean, plain
from dosing.build import this_build
from dosing.knowledge.products import Measured
from dosing.version import PROGRAM
from monitoring.record.prescription import Prescription
from monitoring.summary import PatientSummary
from reports.card_code import CardCode, qr_drawing
from reports.fonts import BOLD, REGULAR
from reports.languages import ENGLISH, LANGUAGES
from reports.page import Frame, PageWords, Paper
from reports.presentation.times import clock_anywhere
from reports.printed_text import (
    as_drawn,
    in_order,
    isolated,
    kept_apart,
    marked_lines,
    missing_letters,
    safe_lines,
)
from reports.syringe import syringe_drawing, tablets_drawing
from reports.translations import Language, language_of

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Flowable, Paragraph, Table

_ROOM = 10
_HOURS_OF_A_DAY = 24
_LONGEST_NAME, _LINES_OF_A_NAME = 90, 1.8
_LONGEST_INDICATION = 120
_LONGEST_ALLERGIES = 200
_LEADING = 1.22
_DRUG = 0.4
"""The share of the width for the name of the drug, beside that of the patient."""
_DAYS = {2: "every_second_day", 3: "every_third_day"}

# name: font, size, space before, space after
_STYLES = {
    "name": (BOLD, 17.0, 0, 1),
    "long name": (BOLD, 11.5, 0, 1),
    "amount": (BOLD, 26.0, 2, 6),
    "often": (BOLD, 17.0, 8, 7),
    "measure": (BOLD, 10.5, 1, 0),
    "heading": (BOLD, 10.0, 3, 1),
    "plain": (REGULAR, 9.5, 0, 1.5),
    "strong": (BOLD, 9.5, 0, 1),
    "small": (REGULAR, 7.5, 2, 0),
    "to fill in": (REGULAR, 9.5, 8, 0),
}


@dataclass(frozen=True)
class FamilyPage:
    """The language and paper of a page for the family, and its parts."""

    language: Language
    paper: Paper
    scale: float = 1
    """At most 1: the size at which all will be drawn."""

    @property
    def width(self) -> float:
        """The width of the content in points, before it is drawn at its scale."""
        return self.paper.width_between_margins / self.scale

    @cached_property
    def base(self) -> str:
        """The direction of the lines: L or R."""
        return "R" if self.language.is_right_to_left else "L"

    # --- text

    def line(self, text: str, style: str, share: float = 1) -> "Paragraph":
        """Return a paragraph of the language's own text, in a column of this share of the width."""
        from reports.marked_parts import MarkedParagraph  # noqa: PLC0415 - ReportLab is heavy

        font, size, *_ = _STYLES[style]
        room = share * self.width - (_ROOM if share < 1 else 0)
        marked = marked_lines(text, font, size, room - 1, base=self.base)
        return MarkedParagraph(marked, style_of(style, at_the_right=self.language.is_right_to_left))

    def outside_text(self, text: str, style: str, share: float = 1) -> "Paragraph":
        """Return a paragraph of a text from the record, in the direction of its own letters."""
        from reports.marked_parts import MarkedParagraph  # noqa: PLC0415 - ReportLab is heavy

        font, size, *_ = _STYLES[style]
        room = share * self.width - (_ROOM if share < 1 else 0)
        marked = safe_lines(text, font, size, room - 1)
        return MarkedParagraph(marked, style_of(style, at_the_right=self.language.is_right_to_left))

    def drawn(self, text: str) -> str:
        """Return a line of the language's own text as it is drawn."""
        return in_order(text, base=self.base)

    def columns(self, cells: Sequence[tuple[Sequence["Flowable"], float]]) -> "Table":
        """Return columns with their shares of the width, from the side where a line begins."""
        from reportlab.platypus import Table  # noqa: PLC0415 - ReportLab is heavy

        placed = list(reversed(cells)) if self.language.is_right_to_left else cells
        sides = (_ROOM, 0) if self.language.is_right_to_left else (0, _ROOM)
        return Table(
            [[content for content, _ in placed]],
            colWidths=[share * self.width for _, share in placed],
            style=bare_cells(*sides),
            hAlign="RIGHT" if self.language.is_right_to_left else "LEFT",
        )

    # --- the patient and the page

    def frame(self, summary: PatientSummary, title: str) -> Frame:
        """Return head and foot: in English as on every report, else in the language."""
        patient, language = summary.record.patient.entry, self.language
        born = language.long_date(patient.born)
        number = clean(patient.record_number)
        return Frame(
            title=title,
            head=patient.name,
            identity=language.text("record", number=number, born=born),
            made=summary.made,
            paper=self.paper,
            words=self._words(summary),
        )

    def _words(self, summary: PatientSummary) -> PageWords:
        language, made = self.language, summary.made
        clock = f"{made.local:%H:%M} {made.local:%z}"
        when = f"{kept_apart(language.long_date(made.local.date()))} · {kept_apart(clock)}"
        program = f"{PROGRAM} {this_build().label}, {summary.record.limits.code}"
        if language.code == ENGLISH:
            return PageWords(made=f"Made {clock_anywhere(made)} by {program}")
        return PageWords(
            language=language.code,
            is_right_to_left=language.is_right_to_left,
            made=language.text("made", when=when, program=program),
            disclaimer=language.text("disclaimer"),
            page=lambda number, pages: language.text("page", number=str(number), pages=str(pages)),
        )

    def identity(self, summary: PatientSummary) -> Iterator["Flowable"]:
        """Yield the drug and the name in large letters, the reason for the drug and allergies."""
        patient, language = summary.record.patient.entry, self.language
        name = self._name(patient.name)
        drug = self.line(language.text("drug"), "name", _DRUG)
        yield self.columns([([name], 1 - _DRUG), ([drug], _DRUG)])
        facts = []
        if patient.diagnosis:
            text = _cut_short(patient.diagnosis, _LONGEST_INDICATION)
            facts.append(language.text("given_for", text=text))
        facts.append(
            language.text("allergies", text=_cut_short(patient.allergies, _LONGEST_ALLERGIES))
            if patient.allergies
            else language.text("allergies_unknown")
        )
        yield self.line(" · ".join(facts), "strong")
        shown = f"{patient.name}{patient.record_number}{patient.diagnosis}{patient.allergies}"
        lacking = missing_letters(shown)
        if lacking:
            codes = ", ".join(f"U+{ord(sign):04X}" for sign in lacking)
            yield self.line(language.text("letters_missing", codes=codes), "strong")

    def _name(self, name: str) -> "Paragraph":
        """Return the name in large letters; in smaller ones where it has no room on two lines.

        The head of the page has a name in full that is shortened here.
        """
        from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - ReportLab is heavy

        shown, (font, size, *_) = _cut_short(name, _LONGEST_NAME), _STYLES["name"]
        room = _LINES_OF_A_NAME * (1 - _DRUG) * self.paper.width_between_margins
        style = "name" if stringWidth(as_drawn(shown), font, size) <= room else "long name"
        return self.outside_text(shown, style, 1 - _DRUG)

    def whom_to_call(self, summary: PatientSummary, share: float) -> list["Flowable"]:
        """Return the clinic's name and telephone of the settings, or a line to fill in."""
        clinic = summary.clinic
        heading = self.line(self.language.text("call_heading"), "heading", share)
        known = [each for each in (clinic.name, clinic.telephone) if each]
        if not known:
            return [heading, self.line("_" * 26, "to fill in", share)]
        return [heading, *(self.line(isolated(each), "strong", share) for each in known)]

    def review_note(self) -> Iterator["Flowable"]:
        """Yield the note that nobody has reviewed the translation, or who did and when."""
        language, review = self.language, self.language.review
        if language.code == ENGLISH:
            return
        if review is None:
            note = language.text("not_reviewed")
            english = f"Translation into {LANGUAGES[language.code]} not yet reviewed."
            yield self.line(f"{note} {kept_apart(english)}", "small")
        else:
            yield self.line(
                language.text(
                    "reviewed", name=clean(review.by), date=language.long_date(review.on)
                ),
                "small",
            )

    def code_words(self, code: CardCode) -> str:
        """Return the code in letters, for a reader without a camera."""
        return self.language.text("code", id=code.card_id, version=code.version, check=code.check)

    def ending(self, sentences: str, code: CardCode) -> Iterator["Flowable"]:
        """Yield the last small lines: who and until when, the code, the state of translation."""
        yield self.line(f"{sentences} {self.code_words(code)}.", "small")
        yield from self.review_note()

    def qr(self, code: CardCode, width: float) -> "Flowable":
        """Return the QR code."""
        from reports.marked_parts import MarkedDrawing  # noqa: PLC0415 - ReportLab is heavy

        return MarkedDrawing(qr_drawing(code, width), self.code_words(code))

    # --- a dose

    def amount(self, measured: Measured) -> str:
        """Return what is given: the volume, or the mg of tablets."""
        volume = measured.volume_ml
        return _quantity(measured.mg, "mg") if volume is None else _quantity(volume, "mL")

    def what(self, measured: Measured) -> str:
        """Return the mg of sirolimus and the product."""
        if measured.volume_ml is None:
            return self.language.text("tablets")
        return self.language.text(
            "solution", mg=_quantity(measured.mg, "mg"), strength=_strength(measured)
        )

    def how_to_measure(self, measured: Measured) -> str:
        """Return the instruction: the syringe and the volume, or the tablets."""
        volume, syringe = measured.volume_ml, measured.syringe_ml
        if volume is None or syringe is None:
            return self.language.text("swallow")
        return self.language.text(
            "draw_several" if volume > syringe else "draw",
            volume=_quantity(volume, "mL"),
            mg=_quantity(measured.mg, "mg"),
            strength=_strength(measured),
            syringe=_quantity(syringe, "mL"),
        )

    def how_often(self, dose: Prescription) -> str:
        """Return how often a day, or on which days, a dose is given."""
        hours = dose.interval_hours
        if hours <= _HOURS_OF_A_DAY:
            return self.language.counted("times_a_day", dose.times_a_day)
        days = hours // _HOURS_OF_A_DAY
        if days in _DAYS:
            return self.language.text(_DAYS[days])
        return self.language.counted("once_in_days", days)

    def picture(self, measured: Measured, width: float, *, is_alone: bool) -> "Flowable":
        """Return the syringe at its mark, or the tablets; half as long where it is not alone."""
        from reports.marked_parts import MarkedDrawing  # noqa: PLC0415 - ReportLab is heavy

        volume, syringe = measured.volume_ml, measured.syringe_ml
        if volume is None or syringe is None:
            said = f"{self.amount(measured)} {self.what(measured)}"
            return MarkedDrawing(tablets_drawing(measured.tablets, width), said)
        name = self.language.text("oral_syringe", size=_quantity(syringe, "mL"))
        drawing = syringe_drawing(
            volume, syringe, width, half_as_long=not is_alone, name=self.drawn(name)
        )
        return MarkedDrawing(drawing, f"{_quantity(volume, 'mL')}: {name}")


def prescriber(author: str) -> str:
    """Return the name of who prescribed, or a line to fill in for the account of a computer.

    An account is one word in small letters: a family needs the name of a person.

    >>> prescriber("Dr Sample"), prescriber("root"), prescriber("Łukasz")
    ('Dr Sample', '____________', 'Łukasz')
    """
    name = clean(author)
    is_account = name.isascii() and name == name.lower() and " " not in name
    return "_" * 12 if is_account else name


def page_in(language: str, paper: Paper) -> FamilyPage:
    """Return the page of a language by its code."""
    return FamilyPage(language_of(language), paper)


def _strength(measured: Measured) -> str:
    return _quantity(measured.strength_mg_per_ml, "mg/mL")


def _quantity(number: Decimal, unit: str) -> str:
    """Return a figure with its unit, between which no line is broken."""
    return f"{plain(number)}\N{NO-BREAK SPACE}{unit}"


def _cut_short(text: str, longest: int) -> str:
    cleaned = clean(text)
    return cleaned if len(cleaned) <= longest else f"{cleaned[: longest - 1]}…"


def style_of(name: str, *, at_the_right: bool = False) -> "ParagraphStyle":
    """Return a style of the family's pages by its name."""
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - see above

    font, size, before, after = _STYLES[name]
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * _LEADING,
                          alignment=TA_RIGHT if at_the_right else TA_LEFT,
                          spaceBefore=before, spaceAfter=after)  # fmt: skip


def bare_cells(left: float = 0, right: float = 0) -> list[tuple[Any, ...]]:
    """Return the style of a table without lines, with room at the sides of each cell."""
    everything = ((0, 0), (-1, -1))
    return [
        ("FONT", *everything, REGULAR),  # set for every cell, also one that holds a paragraph
        ("VALIGN", *everything, "TOP"),
        ("LEFTPADDING", *everything, left),
        ("RIGHTPADDING", *everything, right),
        ("TOPPADDING", *everything, 0),
        ("BOTTOMPADDING", *everything, 0),
    ]


def rule() -> "Flowable":
    """Return a thin line across the page."""
    from reportlab.platypus import HRFlowable  # noqa: PLC0415 - ReportLab is heavy

    return HRFlowable(width="100%", thickness=0.5, color="#888888", spaceBefore=3, spaceAfter=3)

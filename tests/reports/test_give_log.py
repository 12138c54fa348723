"""The family's give-log, and both of the family's pages in every language."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
import segno
from PIL import Image  # ReportLab brings it
from reportlab.graphics.shapes import Rect

from monitoring.clinic_choices import ClinicChoices
from monitoring.record.entries import Author, Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.summary import summarise
from reports.card_code import card_code, qr_drawing
from reports.dose_card import DoseCardError, ForbiddenCardError, dose_card
from reports.give_log import DAYS, give_log
from reports.languages import LANGUAGES
from reports.page import Paper
from tests.reports.paper import run_on
from tests.reports.pdf_marks import fonts_not_embedded, lines_of, marks, outside, text_of, words_of
from tests.reports.test_dose_card import WEIGHED, at
from tests.reports.treated import AUTHOR, NOW, patient, prescription, record

CLINIC = ClinicChoices(name="Vascular clinic", telephone="+44 20 7946 0000")
KNOWN = replace(patient(), diagnosis="KHE", allergies="Penicillin")
MARGIN_PT = 41.9
HELD = MissedDose(at=at("2026-12-02T08:00"), kind=NotGiven.HELD, until=at("2026-12-06T07:00"))
TWICE = (prescription(),)
EVENING = (replace(prescription("0.6"), evening_mg=Decimal("0.8")),)
CHANGE = (prescription(), replace(prescription("0.9"), since=at("2026-12-05T08:00")))
TAPER = (
    prescription(),
    *(
        replace(prescription(mg), since=at(f"2026-12-{day}T08:00"), is_taper_step=True)
        for mg, day in (("0.6", "01"), ("0.4", "08"), ("0.2", "15"))
    ),
)
CASES = {
    "once a day": (prescription("0.8", 1),),
    "four times a day": (prescription("0.42", 4),),
    "every second day": (replace(prescription("0.4", 1), every_hours=48),),
    "another in the evening": EVENING,
    "another from a day on": CHANGE,
    "a hold": (prescription(), HELD),
    "a taper": TAPER,
}


@cache
def log(*entries: Entry, who: Patient = KNOWN, paper: Paper = Paper.A4, code: str = "en") -> bytes:
    return give_log(summarise(record(WEIGHED, *entries, who=who), NOW, CLINIC), paper, code)


@cache
def card(*entries: Entry, who: Patient = KNOWN, paper: Paper = Paper.A4, code: str = "en") -> bytes:
    return dose_card(summarise(record(WEIGHED, *entries, who=who), NOW, CLINIC), paper, code)


def boxes(pdf: bytes) -> int:
    """Return the number of boxes to tick."""
    pages = range(len(pypdf.PdfReader(BytesIO(pdf)).pages))
    sizes = [(round(b.width, 1), round(b.height, 1)) for n in pages for b in marks(pdf, n).boxes]
    return sizes.count((9.0, 9.0))


@cache
def read(pdf: bytes) -> str:
    """Return what another program reads on the pages, without the signs of direction."""
    signs = str.maketrans("", "", "\u200e\u200f\u202a\u202b\u202c")
    return " ".join(" ".join(lines_of(pdf)).translate(signs).split())


def figures(pdf: bytes) -> Counter[str]:
    """Return each figure on the pages, and how often it is there."""
    return Counter(re.findall(r"\d[\d.:]*\d|\d", read(pdf)))


# --- the days


def test_the_log_has_four_weeks_from_the_next_dose_on_with_three_boxes_a_dose() -> None:
    pdf = log(*TWICE)
    told = text_of(pdf)
    assert "From 25 November 2026 to 22 December 2026. Tick one box after each dose." in told
    assert "Wed 25 November" in told
    assert "Tue 22 December" in told
    assert boxes(pdf) == DAYS * 2 * 3
    for each in ("Given", "Missed", "Vomited", "08:00 Morning", "20:00 Evening", "Penicillin"):
        assert each in told
    assert "Draw 0.8 mL (0.8 mg) of 1 mg/mL into a 1 mL oral syringe." in told


@pytest.mark.parametrize(
    ("case", "doses"),
    [("once a day", 28), ("four times a day", 112), ("every second day", 14), ("a hold", 48),
     ("a taper", 56)],
)  # fmt: skip
def test_only_a_dose_that_is_due_has_boxes(case: str, doses: int) -> None:
    assert boxes(log(*CASES[case])) == doses * 3


def test_a_dose_that_changes_has_its_amount_on_each_day() -> None:
    told = text_of(log(*CHANGE))
    assert "From 25 November 2026" in told
    assert "From 5 December 2026" in told
    assert told.count("Draw 0.9 mL (0.9 mg)") == 1
    rows = re.findall(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d+) \w+ (0\.\d) mL (0\.\d) mL", told)
    assert len(rows) == DAYS
    assert [(one, two) for day, one, two in rows if day == "4"] == [("0.8", "0.8")]
    assert [(one, two) for day, one, two in rows if day == "5"] == [("0.9", "0.9")]


def test_a_hold_says_that_nothing_is_given() -> None:
    told = text_of(log(prescription(), HELD))
    assert "From 2 December 2026 to 5 December 2026: give no sirolimus. Ask your clinic." in told
    assert "Wed 2 December no dose no dose" in told
    assert "Sun 6 December 0.8 mL" in told


def test_after_the_end_of_the_last_dose_nothing_is_given() -> None:
    made = record(WEIGHED, *TWICE, who=KNOWN)
    end = StoredEntry(
        number=9, patient=1, entry=StopRecord(of=3, at=at("2026-12-05T08:00")),
        author=Author(AUTHOR, NOW),
    )  # fmt: skip
    entries = (*made.entries[:-1], replace(made.entries[-1], ending=end))
    pdf = give_log(summarise(Record(patient=made.patient, entries=entries), NOW, CLINIC))
    told = text_of(pdf)
    assert "From 5 December 2026: give no sirolimus. Ask your clinic." in told
    assert boxes(pdf) == 10 * 2 * 3


def test_what_to_do_after_a_missed_or_vomited_dose_is_to_ask_the_clinic() -> None:
    told = text_of(log(*TWICE))
    assert "A dose was missed, vomited or given twice: ask your clinic." in told
    assert "Vascular clinic +44 20 7946 0000" in told
    unknown = text_of(give_log(summarise(record(WEIGHED, *TWICE), NOW)))
    assert "Whom to call ____" in unknown


# --- when there is none


def test_a_hold_now_or_a_stop_prints_no_dose() -> None:
    held = replace(HELD, at=at("2026-11-23T08:00"), until=None, is_open=True)
    for make in (log, card):
        with pytest.raises(ForbiddenCardError, match="on hold"):
            make(prescription(), held)
        with pytest.raises(DoseCardError, match="no current dose"):
            make()


def test_a_later_dose_that_is_forbidden_prevents_the_log() -> None:
    huge = replace(prescription("9"), since=at("2026-12-05T08:00"))
    with pytest.raises(ForbiddenCardError, match="open stop"):
        log(prescription(), huge)
    odd = replace(prescription("0.333"), since=at("2026-12-05T08:00"))
    with pytest.raises(DoseCardError):
        log(prescription(), odd)


# --- every language


@pytest.mark.parametrize("code", [each for each in LANGUAGES if each != "en"])
@pytest.mark.parametrize("make", [log, card])
def test_figures_units_and_drawings_are_those_of_the_english_page(
    code: str, make: Callable[..., bytes]
) -> None:
    for entries in (EVENING, (prescription("0.42", 3),)):
        english, other = make(*entries), make(*entries, code=code)
        assert figures(other) == figures(english)
        for unit in ("mL", "mg/mL", "mg"):
            alone = re.compile(rf"(?<![a-zA-Z]){unit}(?![a-zA-Z])")
            count = [len(alone.findall(read(each))) for each in (english, other)]
            assert count[0] == count[1] > 0, unit
        drawn = [[(b.width, b.height) for b in marks(each).boxes] for each in (english, other)]
        assert len(drawn[0]) == len(drawn[1])


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_leaves_the_page_in_any_language(code: str, paper: Paper) -> None:
    young = replace(KNOWN, born=date(2012, 2, 29))
    for make in (log, card):
        pdf = make(*EVENING, who=young, paper=paper, code=code)
        assert len(pypdf.PdfReader(BytesIO(pdf)).pages) == 1
        assert outside(pdf, MARGIN_PT) == []
        assert fonts_not_embedded(pdf) == []
        assert str(pypdf.PdfReader(BytesIO(pdf)).root_object["/Lang"]) == code


@pytest.mark.parametrize("case", CASES)
def test_every_course_of_doses_has_room_on_letter(case: str) -> None:
    for code in ("de", "ar"):
        assert outside(log(*CASES[case], paper=Paper.LETTER, code=code), MARGIN_PT) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_says_that_nobody_has_reviewed_it(code: str) -> None:
    for make in (log, card):
        told = text_of(make(*TWICE, code=code))
        note = f"Translation into {LANGUAGES[code]} not yet reviewed."
        assert (note in told) == (code != "en")


def test_arabic_is_copied_from_the_page_in_reading_order() -> None:
    told = read(log(*TWICE, code="ar"))
    for each in ("جدول إعطاء سيروليموس", "بعد كل جرعة ضع علامة في مربع واحد", "الأربعاء 25 نوفمبر",
                 "كل 12 ساعة: 08:00 و 20:00", "0.8 mL في كل مرة"):  # fmt: skip
        assert each in told


@pytest.mark.parametrize(
    "name",
    ["[/] & <b>", "<img src='x'>", "=1+1", "{dose}", "a\u202eb", "שלום 12", "سارة علي", "W" * 150],
)
def test_a_hostile_name_is_a_name_on_every_page(name: str) -> None:
    who = replace(patient(name), diagnosis=name, allergies=name)
    for code in ("en", "ar"):
        for make in (log, card):
            pdf = make(*TWICE, who=who, code=code)
            assert outside(pdf, MARGIN_PT) == []
            assert b"/Annot" not in pdf
            assert figures(pdf)["0.8"] >= 4


LETTER_HEIGHT = 1.164
"""Of a word's box, by the size of its letters: the font's rise and fall."""


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("entries", "least"), [(TWICE, 7.2), (EVENING, 6.1)], ids=["twice", "evening"]
)
def test_the_letters_of_a_card_can_be_read_whatever_the_length_of_a_name(
    code: str, entries: tuple[Entry, ...], least: float
) -> None:
    long = replace(
        patient("Maximiliana Alexandrina von und zu Beispielberg-Musterhausen de la Santísima"),
        allergies="Penicillin, latex, plasters",
    )
    sizes = []
    for who in (KNOWN, long):
        pdf = card(*entries, who=who, code=code)
        word = next(each for each in words_of(pdf) if each.text == "7946")
        sizes.append((word.bottom - word.top) / LETTER_HEIGHT)
        assert outside(pdf, MARGIN_PT) == []
    assert min(sizes) >= least
    assert sizes[1] > sizes[0] * 0.93


def test_a_long_list_of_allergies_ends_in_an_ellipsis() -> None:
    who = replace(patient(), allergies="Penicillin " * 100)
    told = text_of(card(*TWICE, who=who))
    assert "Penicillin…" in told.replace(" …", "…") or "…" in told


@pytest.mark.parametrize(
    ("name", "shown"),
    [("root", "____________"), ("l.sample-2", "____________"), ("Dr Sample", "Dr Sample"),
     ("سارة", None)],
)  # fmt: skip
def test_the_account_of_a_computer_prescribes_to_no_family(name: str, shown: str | None) -> None:
    found = record(WEIGHED, *TWICE, who=KNOWN)
    by = replace(found.entries[-1].author, by=name)
    entries = tuple(replace(each, author=by) for each in found.entries)
    summary = summarise(replace(found, entries=entries), NOW, CLINIC)
    for pdf in (give_log(summary), dose_card(summary)):
        family = text_of(pdf).split("For the clinic", 1)[0]
        assert f"Prescribed by {shown}" in family if shown else "____________" not in family


# --- the code


def test_the_code_holds_neither_name_nor_record_number() -> None:
    summary = summarise(record(WEIGHED, *TWICE, who=KNOWN), NOW, CLINIC)
    periods = summary.history.periods
    code = card_code(summary, periods, "card")
    assert re.fullmatch(r"SIROLIMUS-CARD:1:[A-Z2-7]{10}:[^:]+:[A-Z2-7]{6}", code.payload)
    for private in ("00123", "Sample", "Child", "2016"):
        assert private not in code.payload
    assert f"Card {code.card_id}, version {code.version}, check code {code.check}" in text_of(
        card(*TWICE)
    )


def test_another_figure_gives_another_check_code() -> None:
    codes = set()
    for dose in (
        prescription(),
        prescription("0.82"),
        prescription("0.8", 3),
        replace(prescription(), strength_mg_per_ml=Decimal("0.5")),
        replace(prescription(), since=at("2026-10-20T08:30")),
    ):
        summary = summarise(record(WEIGHED, dose), NOW)
        codes.add(card_code(summary, summary.history.periods, "card").check)
    assert len(codes) == 5


def test_the_drawn_code_is_the_matrix_of_its_text() -> None:
    summary = summarise(record(WEIGHED, *TWICE), NOW)
    code = card_code(summary, summary.history.periods, "card")
    rows = segno.make_qr(code.payload, error="m").matrix
    module = 50 / (len(rows) + 8)
    drawn = [[0] * len(rows) for _ in rows]
    for shape in qr_drawing(code, 50).contents:
        assert isinstance(shape, Rect)
        row = round((50 - shape.y) / module) - 1 - 4
        left = round(shape.x / module) - 4
        for place in range(round(shape.width / module)):
            drawn[row][left + place] = 1
    assert drawn == [[int(bool(each)) for each in row] for row in rows]


@pytest.mark.parametrize(("make", "code"), [(log, "en"), (log, "ar"), (card, "de")])
def test_a_reader_of_codes_finds_the_code_on_the_printed_page(
    make: Callable[..., bytes], code: str, tmp_path: Path
) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is a package for development")
    run_on(make(*TWICE, code=code), tmp_path, "pdftoppm", "-r", "150", "-gray", "-singlefile",
           "-png", "-", str(tmp_path / "page"))  # fmt: skip
    with Image.open(tmp_path / "page.png") as page:
        (found,) = zxingcpp.read_barcodes(page)
    summary = summarise(record(WEIGHED, *TWICE, who=KNOWN), NOW, CLINIC)
    expected = card_code(summary, summary.history.periods, "log" if make is log else "card")
    assert found.text == expected.payload

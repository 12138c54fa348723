"""The first page of the summary: read in half a minute by a person, and by any program."""

import re
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pypdf
import pytest

from monitoring.clinic_choices import ClinicChoices
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.level import Assay, Level, read_level
from monitoring.record.note import Note
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.page import Frame, Paper, pdf_of
from reports.patient_summary import patient_summary_pdf
from reports.sheet import PrintedRow, ReportBuilder
from reports.style import Align, TableColumn, Text
from tests.builders import a_dose, a_measurement, a_record, at
from tests.reports.demo import NUMBERS, demo_records
from tests.reports.paper import HEAD, HOSTILE, front_pdf, named, pages_of, run_on, squeezed
from tests.reports.pdf_marks import outside, words_of
from tests.reports.treated import NOW

TWO_PAGES = {
    Paper.A4: {"DEMO-11"},  # held for a grade 3, with four open events and five values out of range
    Paper.LETTER: {"DEMO-02", "DEMO-03", "DEMO-10", "DEMO-11"},
}
MARGIN_PT = 41.9
CLINIC = ClinicChoices(
    name="Vascular clinic", telephone="+44 20 7946 0000", recipient="Dr Colleague"
)
TITLES = (
    "Current dose and target", "Levels", "Recommendation", "Due, with the proposed owner",
    "Also to know", "Levels over time", "Sources and audit trail",
)  # fmt: skip


def demo(number: str) -> Record:
    return next(each for each in demo_records() if each.patient.entry.record_number == number)


@cache
def front(number: str, paper: Paper = Paper.A4) -> bytes:
    return front_pdf(demo(number), paper, NOW)


@cache
def full(number: str, paper: Paper = Paper.A4) -> bytes:
    summary = summarise(demo(number), NOW)
    return patient_summary_pdf(summary, head=HEAD, forecast=None, paper=paper)


# --- the page


def test_the_pages_are_those_of_the_whole_synthetic_clinic() -> None:
    numbers = sorted(each.patient.entry.record_number for each in demo_records())
    assert tuple(numbers) == NUMBERS


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("number", NUMBERS)
def test_nearly_every_synthetic_patient_has_one_page_and_none_more_than_two(
    number: str, paper: Paper
) -> None:
    pages = len(pages_of(front(number, paper)))
    assert pages == (2 if number in TWO_PAGES[paper] else 1)


def test_a_chart_is_lower_only_where_that_saves_a_page() -> None:
    for number in ("DEMO-01", "DEMO-11"):
        assert _height_of_chart(front(number)) == pytest.approx(
            _height_of_chart(full(number)), abs=1
        )
    lower = _height_of_chart(full("DEMO-03")) - _height_of_chart(front("DEMO-03"))
    assert 5 < lower <= 18


def _height_of_chart(pdf: bytes) -> float:
    """Return the points from the title of the chart to its legend."""
    words = words_of(pdf)
    title = next(
        each for each, after in pairwise(words) if (each.text, after.text) == ("over", "time")
    )
    return next(each.top for each in words if each.text == "grey:") - title.top


def test_a_routine_check_is_short_on_the_front_and_its_reason_follows() -> None:
    assert "Every month in the first" not in "".join(pages_of(front("DEMO-01")))
    text = " ".join("".join(pages_of(full("DEMO-01"))).split())
    assert "overdue 21 days (clinic) Phosphate, urine protein, blood pressure [3]" in text
    reasons = text[text.index("Reasons of the due checks") :]
    assert reasons.index("Phosphate, urine protein, blood pressure 20 Oct 2026 to 3 Nov 2026") < (
        reasons.index("Every month in the first 3 months of treatment")
    )


def test_an_urgent_check_keeps_its_reason_on_the_front() -> None:
    (page,) = pages_of(front("DEMO-03"))
    assert "14 days after fluconazole was started on 5 Nov 2026" in " ".join(page.split())


@pytest.mark.parametrize("number", NUMBERS)
def test_counts_and_dates_are_as_people_write_them(number: str) -> None:
    text = " ".join("".join(pages_of(full(number))).split())
    assert not re.search(
        r"(?<![\d.])1 (times|years|months|weeks|days|hours|levels|checks|values)\b", text
    )
    assert not re.search(r"\b\d{4}-\d{2}-\d{2}\b", text)


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_leaves_the_page_and_no_page_holds_sources_alone(number: str, paper: Paper) -> None:
    for pdf in (front(number, paper), full(number, paper)):
        assert outside(pdf, MARGIN_PT) == []
        for page in pages_of(pdf):
            lines = page.splitlines()
            assert not lines[0].startswith(("Sources", "[1]", "Audit trail", "Prepared by"))


def test_the_order_is_state_dose_levels_next_steps_and_the_rest_after_it() -> None:
    (page,) = pages_of(front("DEMO-01"))
    places = [page.index("On 0.42 mg × 2 a day"), *(page.index(f"{each}\n") for each in TITLES)]
    assert places == sorted(places)
    assert "Dose history" not in page
    assert (
        "Full summary (sirolimus report --full): 1 prescription, 54 laboratory values, 68 entries"
        in page
    )
    whole = "".join(pages_of(full("DEMO-01")))
    assert whole.index("Levels\n") < whole.index("Dose history\n")


def test_the_body_of_every_page_has_nine_points() -> None:
    assert {Text.BODY.size, Text.CELL.size, Text.STRONG_CELL.size} == {9}


@pytest.mark.parametrize("number", NUMBERS)
def test_each_due_check_has_an_owner_and_each_drug_a_dose(number: str) -> None:
    text = squeezed("".join(pages_of(front(number))))
    summary = summarise(demo(number), NOW)
    for each in summary.due:
        owned = r"(urgent|overdue|due|later)[^()]*\((prescriber|clinic)\).*"
        assert re.search(owned + re.escape(squeezed(each.what)), text, re.IGNORECASE)
    for drug in summary.drugs:
        entry = drug.drug.entry
        assert squeezed(f"{entry.drug}, {entry.text or 'dose not recorded'} (from") in text


def test_the_clinic_and_the_recipient_of_the_settings_are_on_the_page() -> None:
    record = a_record(a_dose("2026-11-01T08:00"))
    (page,) = pages_of(front_pdf(record, clinic=CLINIC))
    assert page.startswith("From: Vascular clinic, telephone +44 20 7946 0000. To: Dr Colleague")
    assert page.count("+44 20 7946 0000") == 2  # and in the foot
    (bare,) = pages_of(front_pdf(record))
    assert "From:" not in bare


@pytest.mark.parametrize("text", [HOSTILE[:80], "=1+1", "שלום", "a\x1b[31m\u202eb"])
def test_a_hostile_clinic_is_text(text: str) -> None:
    clinic = ClinicChoices(name=text, recipient=text)
    pdf = front_pdf(a_record(a_dose("2026-11-01T08:00")), clinic=clinic)
    assert outside(pdf, MARGIN_PT) == []
    assert b"/Annot" not in pdf
    assert not set("".join(pages_of(pdf))) & {"\x1b", "\u202e"}


def test_the_newest_is_first_in_every_list() -> None:
    levels = [level_of(f"2026-11-{day:02d}", f"{day} ng/mL") for day in range(2, 10)]
    notes = [Note(on=date(2026, 10, day), text="note") for day in (3, 4, 5)]
    record = a_record(
        a_dose("2026-09-01T08:00"), a_dose("2026-10-01T08:00", "0.5"), *levels, *notes
    )
    text = "".join(pages_of(patient_summary_pdf(summarise(record, NOW), head=HEAD, forecast=None)))
    for section, days in (
        ("Levels, the last 5", ["9 Nov", "8 Nov", "5 Nov"]),
        ("Levels, earlier", ["4 Nov", "2 Nov"]),
        ("Dose history", ["1 Oct", "1 Sep"]), ("Notes", ["5 Oct", "4 Oct", "3 Oct"]),
    ):  # fmt: skip
        part = text.split(f"{section}\n", 1)[1]
        places = [part.index(f"{day} 2026") for day in days]
        assert places == sorted(places), section


@pytest.mark.parametrize(
    ("reported", "shown"),
    [
        ("8.2 ng/mL", "last level 8.2 ng/mL 15 days ago"),
        ("8.2 ug/L", "last level 8.2 ng/mL (reported as 8.2 ug/L) 15 days ago"),
        ("<2.0 ug/L", "last level <2.0 ng/mL (reported as <2.0 ug/L) 15 days ago"),
        # 8 nmol/L × 914.17 g/mol = 7313.36 ng/L
        ("8 nmol/L", "last level 7.313 ng/mL (reported as 8 nmol/L) 15 days ago"),
    ],
)
def test_a_level_is_in_the_unit_of_its_target(reported: str, shown: str) -> None:
    record = a_record(a_dose("2026-10-01T08:00"), level_of("2026-11-09", reported))
    page = " ".join(pages_of(front_pdf(record))[0].split())
    assert shown in page
    assert (f"Reported as {reported}" in page) is not reported.endswith("ng/mL")
    row = page[page.index("Target then") :]
    assert shown.split()[2] in row[: row.index("lc-ms/ms")]


def level_of(day: str, text: str) -> Level:
    value, comparator = read_level(text)
    return Level(
        sampled=Moment.read(f"{day}T07:50", NOW.zone), value=value, comparator=comparator,
        last_dose=Moment.read(f"{day}T00:00", NOW.zone), assay=Assay.LC_MS_MS,
    )  # fmt: skip


# --- read by programs


@pytest.mark.parametrize("way", [[], ["-layout"], ["-raw"]], ids=["plain", "layout", "raw"])
def test_a_name_and_its_fact_are_read_together(way: list[str], tmp_path: Path) -> None:
    text = run_on(front("DEMO-01"), tmp_path, "pdftotext", *way, "-", "/dev/stdout")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for begin in (
        "Action Keep the dose.", "Dose 0.42 mg (0.42 mL of 1 mg/mL) by mouth",
        "How to give Draw 0.42 mL", "Target trough 5-15 ng/mL",
        "overdue 21 days (clinic) Phosphate", "Results awaited see the due tests",
        "Body used 12.9 kg",
    ):  # fmt: skip
        assert any(line.startswith(begin) for line in lines), begin


@pytest.mark.parametrize("number", ["DEMO-01", "DEMO-11", "DEMO-14"])
def test_each_section_is_a_bookmark_of_its_page_and_names_nobody(number: str) -> None:
    pdf = full(number)
    texts = pages_of(pdf)
    reader = pypdf.PdfReader(BytesIO(pdf))
    found = [
        (str(each.title), reader.get_destination_page_number(each))
        for each in reader.outline
        if isinstance(each, pypdf.generic.Destination)
    ]
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.docinfo.Title) == "Sirolimus summary"
        assert "what to do next" in str(document.docinfo.Subject)
        assert document.Root.ViewerPreferences.DisplayDocTitle
    titles = [title for title, _ in found]
    assert titles[0] in {"Current dose and target", "Dose before the hold, and target"}
    assert titles[-1] == "Sources and audit trail"
    assert len(set(titles)) == len(titles)
    for title, page in found:
        assert page is not None
        assert f"{title}\n" in texts[page]
    assert demo(number).patient.entry.name not in " ".join(titles)


def test_a_name_in_arabic_does_not_reorder_a_sentence_of_the_program() -> None:
    drug = CoMedication(drug="ريفامبيسين", since=date(2026, 11, 1))
    record = a_record(a_dose("2026-10-01T08:00"), a_measurement("12.4 kg", "88 cm"), drug)
    page = " ".join(pages_of(front_pdf(record))[0].split())
    assert "dose not recorded (from 1 Nov 2026)" in page


@pytest.mark.parametrize(
    ("drug", "remark"),
    [("ريفامبيسين", "لا 150 mg"), ("תרופה", "150 mg"), ("rifampicin", "مرة 150 mg"),
     ("[/] <img src=x>", "=1+1")],
)  # fmt: skip
def test_the_dose_of_a_drug_in_other_letters_stays_together(
    drug: str, remark: str, tmp_path: Path
) -> None:
    given = CoMedication(drug=drug, since=date(2026, 11, 1), text=remark)
    pdf = front_pdf(a_record(a_dose("2026-10-01T08:00"), given))
    found = run_on(pdf, tmp_path, "pdftotext", "-layout", "-", "/dev/stdout")
    line = next(each for each in found.splitlines() if each.startswith("Other drugs"))
    plain = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", line)
    assert plain.endswith("from 1 Nov 2026).")
    assert re.match(f"Other drugs +{re.escape(drug)}, ", plain)
    if "150" in remark:  # from the right within Arabic, from the left elsewhere: never apart
        assert "150 mg" in plain or "mg 150" in plain


# --- the tables of every report


def test_two_columns_never_touch() -> None:
    """Cells as wide as fits keep more than a space between them, whatever their alignment."""
    columns = tuple(
        TableColumn(f"head {number}", 0.2, align)
        for number, align in enumerate(
            (Align.LEFT, Align.RIGHT, Align.LEFT, Align.DECIMAL, Align.LEFT)
        )
    )
    rows = [PrintedRow(("n" * size,) * 5) for size in range(8, 20)]
    for (_, *one), (_, *other) in pairwise(sorted(_boxes(columns, rows))):
        if abs(one[1] - other[1]) < 1:
            assert other[0] - one[2] > 5


def _boxes(
    columns: tuple[TableColumn, ...], rows: list[PrintedRow]
) -> list[tuple[float, float, float, float]]:
    sheet = ReportBuilder(Paper.A4.width_between_margins)
    sheet.table("A table", columns, rows)
    pdf = pdf_of(Frame(title="t", head="h", made=NOW), sheet.content)
    words = [each for each in words_of(pdf) if set(each.text) == {"n"}]
    return [(round(each.top), each.left, each.top, each.right) for each in words]


@pytest.mark.parametrize("above", range(36, 48, 2))
def test_a_row_is_not_split_from_its_details(above: int) -> None:
    sheet = ReportBuilder(Paper.A4.width_between_margins)
    sheet.space(above * 15)
    rows = [
        PrintedRow((f"row {n}", "b"), (f"first {n} " + "x " * 60, f"second {n}")) for n in range(9)
    ]
    sheet.table("A table", (TableColumn("One", 0.5), TableColumn("Two", 0.5)), rows)
    for page in pages_of(pdf_of(Frame(title="t", head="h", made=NOW), sheet.content)):
        for word in ("first", "second"):
            assert re.findall(r"row (\d)", page) == re.findall(rf"{word} (\d)", page)
        assert page.count("One") == ("row" in page)


def test_the_title_on_the_next_page_says_that_it_goes_on() -> None:
    sheet = ReportBuilder(Paper.A4.width_between_margins)
    sheet.facts("Facts", [(f"name {n}", "text " * 30) for n in range(40)])
    first, second = pages_of(pdf_of(Frame(title="t", head="h", made=NOW), sheet.content))
    assert "Facts\n" in first
    assert "Facts, continued\n" in second


def test_a_long_name_and_a_hebrew_fact_stay_within_the_page() -> None:
    record = named(a_record(a_dose("2026-11-01T08:00")), diagnosis="שלום " * 60)
    drugs = [CoMedication(drug="תרופה " * 12, since=date(2026, 11, 1), text="מינון " * 40)]
    entries = (*record.entries, *a_record(*drugs).entries[1:])
    pdf = front_pdf(replace(record, entries=entries), now=at("2026-11-24T22:00"))
    assert outside(pdf, MARGIN_PT) == []

"""The patient summary: what other programs read on its pages is what stands in the record.

SIROLIMUS_CAMPAIGN=full reads 300 random records instead of 12.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dosing import Product, QuantityKind, TargetTrough, read_quantity
from dosing.knowledge.nadal2016 import MEDIAN_WEEKS_TO_RESPONSE, WEEKS_TO_RESPONSE_95_PERCENT
from monitoring.laboratory import flowsheet_of
from monitoring.laboratory.flowsheet import RULE
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Cyp3a5
from monitoring.record.prescription import Prescription
from monitoring.record.response import Criterion, Response
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.page import DISCLAIMER, Paper
from reports.patient_summary import patient_summary_pdf, proposed_file_name
from tests.builders import (
    a_dose,
    a_laboratory_value,
    a_measurement,
    a_record,
    at,
    ended,
    every_kind,
    voided,
    with_patient,
)
from tests.campaign import cases
from tests.reports.paper import (
    HEAD,
    HOSTILE,
    NOW,
    a_level_of,
    front_pdf,
    long_record,
    named,
    pages_of,
    run_on,
    squeezed,
    summary_pdf,
    words_of,
)

MARGIN = 42
USUAL = a_record(*every_kind(), *map(a_level_of, range(4)))
RECORDS = {
    "usual": USUAL,
    "long": voided(long_record(), 20),
    "empty": a_record(),
    "one entry": a_record(a_level_of(0)),
    "hostile": named(USUAL, name=HOSTILE, diagnosis=f"{HOSTILE} " * 9, allergies="W" * 2000),
}
every_record = pytest.mark.parametrize("record", list(RECORDS.values()), ids=list(RECORDS))


def text_of(record: Record) -> str:
    return squeezed(" ".join(pages_of(summary_pdf(record))))


# --- the text is the record

ALPHABET = "abcXYZ łŁéñüöÅØžőßΩλЖдяễạđ0159'-.,()[]/<>&=+;:%"
words = st.text(ALPHABET, min_size=1, max_size=40).filter(
    lambda text: any(sign.isalnum() for sign in text)
)
moments = st.builds(
    lambda minutes, zone: Moment(at("2024-06-01T08:00").utc + timedelta(minutes=minutes), zone),
    st.integers(0, 1_200_000),
    st.sampled_from(["Europe/Paris", "Europe/Paris", "America/New_York"]),
)
days = st.dates(date(2024, 6, 1), date(2026, 11, 20))
tenths = st.integers(1, 400).map(lambda tenth: f"{Decimal(tenth) / 10}")


@st.composite
def levels(draw: st.DrawFn) -> Level:
    sampled = draw(moments)
    hours = draw(st.none() | st.sampled_from([3, 11, 12, 24]))
    return Level(
        sampled=sampled,
        value=read_quantity(f"{draw(tenths)} {draw(st.sampled_from(['ng/mL', 'nmol/L']))}",
                           QuantityKind.LEVEL),
        comparator=draw(st.none() | st.sampled_from(Comparator)),
        last_dose=replace(sampled, utc=sampled.utc - timedelta(hours=hours)) if hours else None,
        assay=draw(st.none() | st.sampled_from(Assay)),
        reason=draw(st.just("") | words),
    )  # fmt: skip


prescriptions = st.builds(
    Prescription,
    since=moments,
    dose_mg=st.integers(1, 10).map(lambda half: Decimal(half) / 2),
    times_a_day=st.integers(1, 4),
    product=st.sampled_from(Product),
    protocol=st.just("review"),
    target=st.just(TargetTrough(Decimal(5), Decimal(15))),
    rule_version=st.just("0.1.0"),
    reason=st.just("") | words,
)
others = st.one_of(
    st.builds(
        AdverseEvent, term=words, since=days, grade=st.none() | st.integers(1, 5),
        action=st.sampled_from(ActionTaken), text=st.just("") | words,
    ),
    st.builds(CoMedication, drug=words, since=days),
    st.builds(Note, on=days, text=words),
    st.builds(
        Response, on=days, criterion=st.sampled_from(Criterion), improved=st.booleans(), text=words
    ),
    st.builds(
        Measurement, on=days,
        weight=tenths.map(lambda kg: read_quantity(f"{kg} kg", QuantityKind.WEIGHT)),
    ),
    st.builds(
        LaboratoryValue, test=st.just("ALT"), at=moments,
        value=st.integers(61, 900).map(lambda value: LaboratoryQuantity(Decimal(value), "U/L")),
        upper_limit=st.just(LaboratoryQuantity(Decimal(60), "U/L")),
    ),
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> Record:
    entries: list[Entry] = [
        *draw(st.lists(levels(), max_size=8)),
        *draw(st.lists(prescriptions, max_size=4)),
        *draw(st.lists(others, max_size=8)),
    ]
    record = named(a_record(*entries), name=draw(words), record_number=draw(words))
    is_voided: bool = draw(st.booleans())
    if entries and is_voided:
        record = voided(record, draw(st.integers(2, len(entries) + 1)))
    return record


def day_words(day: date) -> str:
    return f"{day:%-d %b %Y}"


def clock(moment: Moment) -> str:
    """Return a time as a reader expects it, worked out apart from the program."""
    local = moment.utc.astimezone(moment.local.tzinfo)
    offset = local.strftime("%z")
    twice = {local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()}
    plainly = moment.zone == "Europe/Paris" and len(twice) == 1
    return local.strftime("%-d %b %Y, %H:%M") + ("" if plainly else f" ({offset})")


def number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def expected(record: Record) -> list[str]:
    """Return what must stand on the page for each entry, without spaces."""
    patient, found = record.patient.entry, []
    born = day_words(patient.born)
    found += [patient.name, f"record number {patient.record_number} · born {born}"]
    for each in record.entries[1:]:
        if each.void:
            found.append(f"Voided: {each.void.entry.reason} ({each.void.author.by}")
        found += _expected_of(each.entry)
    return [squeezed(text) for text in found]


def _expected_of(entry: Entry) -> list[str]:
    match entry:
        case Level(sampled=sampled, value=value, comparator=comparator, assay=assay):
            sign = comparator.value if comparator else ""
            measured = assay.value if assay else "not known"
            reported = f"{sign}{value.number}"
            if value.unit == "ng/mL":
                return [f"{clock(sampled)} {reported} {measured}", entry.reason]
            return [
                f"{clock(sampled)} {sign}",
                f"Reported as {reported} {value.unit}",
                entry.reason,
            ]
        case Prescription(since=since, dose_mg=mg, times_a_day=times):
            often = {1: "once", 2: "twice"}.get(times, f"{times} times")
            every = f"every {24 // times} hours, {often} a day"
            row = f"{number(mg)} {every} {number(mg * times)} {entry.product.value}"
            return [row, clock(since), entry.reason]
        case AdverseEvent(term=term, grade=grade, since=day, action=action, text=text):
            return [
                f"{term} {grade or 'not graded'}",
                f"from {day_words(day)} {action.value}",
                text,
            ]
        case LaboratoryValue(at=when, value=value, test=test):
            return [f"{test} {clock(when)} {value.number} {value.unit} up to 60"]
    return [_expected_of_day(entry)]


def _expected_of_day(entry: Entry) -> str:
    match entry:
        case CoMedication(drug=drug, since=day):
            return f"{drug} from {day_words(day)}"
        case Note(on=day, text=text):
            return f"{day_words(day)} {text}"
        case Response(on=day, criterion=criterion, improved=improved, text=text):
            better = "improved" if improved else "not improved"
            return f"{day_words(day)} {criterion.value} {better} {text}"
        case Measurement(on=day, weight=weight):
            return f"{weight} on {day_words(day)}"
    raise AssertionError(entry)


campaign = settings(
    max_examples=cases(12, full=300),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes of pages
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@campaign
@given(record=records())
def test_two_programs_read_what_stands_in_the_record(record: Record, tmp_path: Path) -> None:
    for text in (text_of(record), as_pdftotext_reads(record, tmp_path)):
        assert [each for each in expected(record) if each not in text] == []


def as_pdftotext_reads(record: Record, folder: Path) -> str:
    return squeezed(run_on(summary_pdf(record), folder, "pdftotext", "-raw", "-", "/dev/stdout"))


# --- what it says


def test_the_dose_stands_per_dose_and_per_day_with_volume_strength_and_syringe() -> None:
    measured = a_measurement("12.40 kg", "88 cm", "2026-11-05")
    record = a_record(measured, a_dose("2026-11-01T08:00"))
    text = " ".join(pages_of(summary_pdf(record))[0].split())
    assert "0.44 mg (0.44 mL of 1 mg/mL) by mouth every 12 hours, twice a day" in text
    assert "Draw 0.44 mL (0.44 mg) of 1 mg/mL into a 0.5 mL oral syringe." in text
    # By hand: √(88 × 12.4 / 3600) = 0.550555 m²; 0.44 / 0.550555 = 0.7992; twice that 1.5984.
    assert "per dose 0.44 mg = 0.7992 mg/m²/dose; per day 0.88 mg = 1.598 mg/m²/day" in text
    assert "12.40 kg on 5 Nov 2026 (19 days ago); 88 cm on 5 Nov 2026" in text
    assert "0.5506 m² by Mosteller" in text


@pytest.mark.parametrize("is_step", [None, True])
def test_a_dose_to_come_stands_beside_the_present_one(*, is_step: bool | None) -> None:
    later = a_dose("2026-11-30T08:00", "0.36", is_taper_step=is_step)
    record = a_record(a_measurement("12.40 kg", "88 cm", "2026-11-05"), a_dose(), later)
    page = " ".join(pages_of(summary_pdf(record))[0].split())
    assert "Planned from 30 Nov 2026, 08:00 0.36 mg × 2 a day" in page


def test_a_dose_of_another_interval_evening_or_strength_is_given_as_it_is_prescribed() -> None:
    begun = "2026-11-01T08:00"
    rare = text_of(a_record(a_dose(begun, "0.2", times_a_day=1, every_hours=48)))
    assert rare.count(squeezed("every 48 hours, on every second day")) == 2  # and in the history
    assert "onceaday" not in rare
    uneven = text_of(a_record(a_dose(begun, "0.4", evening_mg=Decimal("0.5"))))
    assert squeezed("0.5 mg (0.5 mL of 1 mg/mL) in the evening") in uneven
    diluted = text_of(a_record(a_dose(begun, "0.2", strength_mg_per_ml=Decimal("0.5"))))
    assert squeezed("Draw 0.4 mL (0.2 mg) of 0.5 mg/mL") in diluted


def test_a_genotype_is_in_the_summary_where_it_is_known() -> None:
    record = with_patient(USUAL, cyp3a5=Cyp3a5.ONE)
    assert squeezed("CYP3A5 *1/*3") in text_of(record)
    assert "CYP3A5" not in text_of(USUAL)


def test_how_to_give_a_dose_is_not_said_where_something_forbids_it() -> None:
    """An allergy to peanut forbids the solution; the dose is named, its syringe is not."""
    text = text_of(USUAL)
    assert squeezed("0.44 mg (0.44 mL of 1 mg/mL) by mouth") in text
    assert "Howtogive" not in text


def test_tablets_are_counted() -> None:
    dose = replace(a_dose("2026-11-01T08:00", "1.5"), product=Product.TABLETS)
    assert squeezed("1.5 mg (1 tablet of 1 mg and 1 tablet of 0.5 mg)") in text_of(a_record(dose))


def test_a_dose_that_cannot_be_measured_out_is_told() -> None:
    text = text_of(a_record(a_dose("2026-11-01T08:00", "0.453")))
    assert squeezed("0.453 mg by mouth every 12 hours") in text
    assert squeezed("cannot be measured exactly with solution") in text
    assert "0.453mL" not in text


def test_the_response_stands_beside_the_reviews() -> None:
    better = Response(on=date(2026, 11, 11), criterion=Criterion.CLINICAL, improved=True)
    text = text_of(a_record(a_dose("2026-11-01T08:00"), better))
    assert (MEDIAN_WEEKS_TO_RESPONSE, WEEKS_TO_RESPONSE_95_PERCENT) == (2, (1, 10))  # Nadal 2016
    assert squeezed("First improvement 10 days after the first dose (1.4 weeks)") in text
    assert squeezed("Median time to response in Nadal 2016: 2 weeks (95 % CI 1-10)") in text


def test_an_override_is_told_with_its_reason_and_name() -> None:
    dose = replace(
        a_dose("2026-11-01T08:00"), override_reason="Bleeding", override_by="Dr Consultant",
        overridden_alerts=("age-under-7-months",),
    )  # fmt: skip
    text = text_of(a_record(dose))
    assert squeezed("Override: Bleeding (Dr Consultant; passed age-under-7-months)") in text


def test_a_dose_recorded_as_it_was_given_says_so() -> None:
    given = a_dose(
        given_reason="prescribed elsewhere: clinic [/]", overridden_alerts=("dose-high",)
    )
    text = text_of(a_record(given))
    assert squeezed("as it was given: prescribed elsewhere: clinic [/]; passed dose-high") in text


def test_every_number_of_a_source_has_its_citation_and_the_other_way_round() -> None:
    text = text_of(USUAL)
    body, sources = text.split(squeezed("Sources and audit trail"))
    cited = set(re.findall(r"\[\d+\]", body))
    assert cited
    assert set(re.findall(r"\[\d+\]", sources)) == cited


def test_the_head_of_the_audit_trail_and_room_for_two_signatures_stand_at_the_end() -> None:
    last = pages_of(summary_pdf(USUAL))[-1]
    assert HEAD in squeezed(last)
    assert last.count("(name, date, signature)") == 2


def test_a_record_without_an_entry_makes_an_honest_page() -> None:
    (text,) = pages_of(summary_pdf(RECORDS["empty"]))
    assert "Not started; no level yet; nothing overdue." in text
    assert "No entries" in text
    for title in (
        "Levels",
        "dose history",
        "adverse events",
        "laboratory",
        "other drugs",
        "weight",
    ):
        assert title in text


def test_an_ended_dose_has_its_end_and_the_reason() -> None:
    text = text_of(ended(a_record(a_dose("2026-11-01T08:00")), 2, "2026-11-10T08:00"))
    assert squeezed("1 Nov 2026, 08:00 10 Nov 2026, 08:00 0.44 every 12 hours") in text
    assert squeezed("Stopped since 10 Nov 2026") in text


def test_a_usual_course_fits_on_one_page() -> None:
    record = a_record(a_dose("2024-02-15T08:00"), *map(a_level_of, range(5)))
    assert len(pages_of(front_pdf(record))) == 1


# --- nothing is lost, hidden or active


@every_record
def test_every_page_tells_who_it_is_about(record: Record) -> None:
    patient = record.patient.entry
    for page in pages_of(summary_pdf(record)):
        assert f"record number {patient.record_number} · born {day_words(patient.born)}" in page
        assert squeezed(patient.name) in squeezed(page)
        assert DISCLAIMER in page


@every_record
@pytest.mark.parametrize("paper", list(Paper))
def test_nothing_stands_outside_the_margins(record: Record, paper: Paper, tmp_path: Path) -> None:
    width, height = paper.points
    outside = [
        word
        for word, left, top, right, bottom in words_of(summary_pdf(record, paper), tmp_path)
        if left < MARGIN - 0.5 or right > width - MARGIN + 0.5 or top < 15 or bottom > height - 15
    ]
    assert outside == []


@every_record
def test_no_link_no_image_no_annotation(record: Record) -> None:
    with pikepdf.open(BytesIO(summary_pdf(record))) as document:
        for page in document.pages:
            assert "/Annots" not in page
            assert not page.resources.get("/XObject")
        assert "/AcroForm" not in document.Root
        assert "/OpenAction" not in document.Root
        kinds = {
            str(each.get("/S")) for each in document.objects if isinstance(each, pikepdf.Dictionary)
        }
    assert not kinds & {"/URI", "/JavaScript", "/Launch", "/GoToR"}


def test_every_hostile_text_is_printed_as_it_is_written() -> None:
    event = AdverseEvent(term=HOSTILE, since=date(2026, 1, 1), text=f"remark {HOSTILE}")
    drug = CoMedication(drug=HOSTILE, since=date(2026, 1, 1), text=f"drug {HOSTILE}")
    record = named(a_record(event, drug, Note(on=date(2026, 1, 2), text=HOSTILE)), name=HOSTILE)
    text = text_of(record)
    assert text.count(squeezed(HOSTILE)) >= 6
    assert squeezed(f"remark {HOSTILE}") in text


def test_escapes_and_direction_signs_do_not_reach_the_page() -> None:
    text = text_of(named(USUAL, name="Sample\x1b[31m \u202eName"))
    assert squeezed("Sample[31m Name") in text
    assert not set(text) & {"\x1b", "\u202e"}


@pytest.mark.parametrize(
    "length", [40, 120, 2000, *(pytest.param(n, marks=pytest.mark.campaign) for n in (119, 121))]
)
def test_a_text_of_any_length_is_whole(length: int) -> None:
    long = ("Wm1 " * 500)[:length]
    event = AdverseEvent(term=long, since=date(2026, 1, 1), text=f"told {long}"[:2000])
    drug = CoMedication(drug=f"drug {long}"[:2000], since=date(2026, 1, 1))
    dose = replace(a_dose("2026-11-01T08:00"), reason=f"why {long}"[:2000])
    text = text_of(named(a_record(event, drug, dose), diagnosis=f"what {long}"[:2000]))
    for whole in (event.term, event.text, drug.drug, dose.reason, f"what {long}"[:2000]):
        assert squeezed(whole) in text


def test_a_name_too_long_for_the_head_stands_whole_on_the_first_page() -> None:
    name = "Sample Name " * 100
    first, *_ = pages_of(summary_pdf(named(USUAL, name=name)))
    assert squeezed(f"Name: {name}") in squeezed(first)


@pytest.mark.parametrize("name", ["Łukasz O'Neil", "Nguyễn Thị Ánh", "Дарья", "Ελένη Ωδή"])
def test_names_in_other_letters_can_be_searched(name: str) -> None:
    assert squeezed(name) in text_of(named(USUAL, name=name))
    assert "not in the font" not in " ".join(pages_of(summary_pdf(named(USUAL, name=name))))


def test_the_words_of_a_hebrew_name_can_be_searched(tmp_path: Path) -> None:
    name = "\u05de\u05e8\u05d9\u05dd \u05db\u05d4\u05df"
    pdf = summary_pdf(named(USUAL, name=name))
    text = run_on(pdf, tmp_path, "pdftotext", "-raw", "-", "/dev/stdout")
    # It reads word by word, and marks the direction of each.
    assert set(name.split()) <= set(re.sub("[\u202a-\u202e]", "", text).split())


def test_lines_from_right_to_left_follow_each_other_downwards() -> None:
    """The first word of a long text must stand on its first line, not on its last."""
    text = " ".join(
        ["\u05d0\u05d0\u05d0\u05d0", *["\u05d1\u05d1\u05d1\u05d1"] * 60, "\u05d2\u05d2"]
    )
    page = pages_of(summary_pdf(a_record(Note(on=date(2026, 1, 2), text=text))))[0]
    assert page.index("\u05d0\u05d0\u05d0\u05d0") < page.index("\u05d2\u05d2")


def test_a_letter_that_the_font_lacks_is_told_on_the_page() -> None:
    for record in (
        named(USUAL, name="山田"),
        a_record(
            CoMedication(drug="山", since=date(2026, 1, 1)), Note(on=date(2026, 1, 1), text="田")
        ),
    ):
        first = " ".join(pages_of(summary_pdf(record))[0].split())
        assert "U+5C71" in first
        assert "U+7530" in first
        assert "Identify the patient by record number and date of birth" in first


# --- the laboratory flowsheet


def test_the_flowsheet_on_paper_is_the_one_of_the_app() -> None:
    values = [
        a_laboratory_value("ALT", f"{20 + month * 20} U/L", f"2026-{month:02d}-01T08:00",
                           upper="90 U/L")
        for month in range(1, 11)
    ]  # fmt: skip
    record = a_record(*values, a_laboratory_value(HOSTILE, "3 U/L", "2026-03-01T08:00"))
    text = text_of(record)
    found = flowsheet_of(summarise(record, NOW).laboratory)
    for row in found.rows:
        for cell in filter(None, row.cells):
            assert squeezed(cell.words) in text
    newest, oldest = (squeezed(found.columns[place].heading) for place in (0, -1))
    sheet = text[text.index(squeezed("Laboratory values by dates")) :]
    assert sheet.index(newest) < sheet.index(squeezed("1 Mar 2026"))
    assert oldest in text
    assert squeezed(RULE) in text


@pytest.mark.parametrize(("dates", "left_out"), [(12, 0), (13, 1), (20, 8)])
def test_the_flowsheet_on_paper_has_twelve_dates_and_names_the_rest(
    dates: int, left_out: int
) -> None:
    values = [
        a_laboratory_value("ALT", "30 U/L", f"2026-10-{day:02d}T08:00")
        for day in range(1, dates + 1)
    ]
    text = text_of(a_record(*values))
    words = {0: "", 1: "1 earlier date in the record.", 8: "8 earlier dates in the record."}
    assert squeezed(words[left_out]) in text
    assert (squeezed("in the record.") in text) is bool(left_out)
    assert text.count("→") >= 11


# --- the pages


def test_a_long_table_repeats_its_headings_and_loses_no_row() -> None:
    pages = pages_of(summary_pdf(RECORDS["long"]))
    rows = re.compile(r"\d+ [A-Z][a-z]{2} 20\d\d, \d\d:\d\d\n\d+(\.\d+)?\nlc-ms/ms")
    with_levels = [page for page in pages if rows.search(page)]
    assert len(with_levels) >= 2
    assert sum(len(rows.findall(page)) for page in pages) == 59
    assert sum(page.count("○ voided") for page in pages) == 1
    for page in with_levels:
        assert page.index("Levels, ") < page.index("After the dose") < rows.search(page).start()  # type: ignore[union-attr]


TITLES = {
    "Current dose and target", "Due, with the proposed owner", "Open alerts", "Levels over time",
    "Levels", "Levels, the last 5", "Levels, earlier", "Dose history", "Also to know",
    "Doses not given", "Adverse events", "Laboratory values out of range", "Other drugs",
    "Laboratory values by dates", "Laboratory values by dates, earlier",
    "Reasons of the due checks",
    "Response", "Weight and height", "Notes", "No entries", "Sources and audit trail",
    "Forecast by a population model", "Forecast course on the current dose",
}  # fmt: skip


@pytest.mark.parametrize(
    "count",
    [
        *range(0, 60, 15),
        *(pytest.param(n, marks=pytest.mark.campaign) for n in range(0, 60, 3) if n % 15),
    ],
)
def test_no_page_ends_with_a_heading(count: int) -> None:
    record = a_record(*every_kind(), *map(a_level_of, range(count)))
    for page in pages_of(summary_pdf(record)):
        content = page.split("Łukasz O'Neil\nSirolimus summary")[0].strip().splitlines()
        content = [line.removesuffix(", continued") for line in content]
        assert len(content) > 2
        assert content[-1] not in TITLES
        assert content[-1] not in {"Steady state", "Target", "Interaction", "In Nadal 2016"}


@pytest.mark.parametrize("paper", list(Paper))
def test_the_same_record_and_time_give_the_same_bytes(paper: Paper) -> None:
    first = summary_pdf(USUAL, paper)
    assert summary_pdf.__wrapped__(USUAL, paper) == first
    later = replace(NOW, utc=NOW.utc + timedelta(minutes=1))
    assert summary_pdf(USUAL, paper, later) != first


def test_the_metadata_tell_nothing_of_the_patient() -> None:
    pdf = summary_pdf(named(USUAL, name="Samplename", record_number="NUMBER77"))
    with pikepdf.open(BytesIO(pdf)) as document:
        told = " ".join(str(value) for value in document.docinfo.values())
        assert "/Metadata" not in document.Root
    assert "Sirolimus summary" in told
    for secret in ("Samplename", "NUMBER77", "2024-02-29"):
        assert secret not in told
        assert secret.encode() not in pdf


@every_record
def test_qpdf_finds_nothing_wrong(record: Record, tmp_path: Path) -> None:
    found = run_on(summary_pdf(record), tmp_path, "qpdf", "--check", "-")
    assert "No syntax or stream encoding errors found" in found


@every_record
def test_every_font_is_embedded(record: Record, tmp_path: Path) -> None:
    _, _, *fonts = run_on(summary_pdf(record), tmp_path, "pdffonts", "-").splitlines()
    assert fonts
    for font in fonts:
        name, *_, embedded, subset, unicode, _, _ = font.split()
        assert "DejaVuSans" in name
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


def test_the_proposed_file_name_has_no_name_and_no_path() -> None:
    def proposed(number: str) -> str:
        return proposed_file_name(summarise(named(USUAL, record_number=number), NOW))

    assert proposed("00123") == "sirolimus-summary-2026-11-24-00123.pdf"
    assert proposed("../../É 7/x") == "sirolimus-summary-2026-11-24-E-7-x.pdf"
    assert proposed("山") == "sirolimus-summary-2026-11-24-patient.pdf"
    assert "ukasz" not in proposed("00123")


def test_the_head_that_is_printed_is_the_one_given() -> None:
    pdf = patient_summary_pdf(summarise(USUAL, NOW), head="f" * 64, forecast=None)
    assert "f" * 64 in squeezed(" ".join(pages_of(pdf)))

"""The clinic on paper: each figure is the cohort's and the review's own, nothing is cut off."""

import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise

import pytest
from reportlab.graphics.shapes import PolyLine, String
from scipy.stats import beta

from dosing import QuantityKind, read_quantity
from dosing.knowledge.later_evidence import LATER_EVIDENCE
from dosing.knowledge.references import SOURCES
from monitoring.cohort import Cohort, LevelsInRange, ResponseTimes, cohort
from monitoring.due import worklist
from monitoring.record.entries import Record
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from monitoring.response import TimeToResponse, kaplan_meier
from monitoring.times import Moment
from reports.clinic_report import clinic_report
from reports.cohort_charts import range_bar, response_chart
from reports.page import Paper
from reports.presentation.evaluation import shown_figures
from tests.reports.demo import MARGIN_PT, demo_records
from tests.reports.pdf_marks import fonts_not_embedded, lines_of, outside, text_of
from tests.reports.treated import NOW, ZONE, patient, prescription, record

# The review's own counts, from its text and tables (Nadal 2016).
REVIEW = {
    "tumours": (30, 84, "35.7"),
    "malformations": (54, 84, "64.3"),
    "lymphatic component": (73, 84, "86.9"),
    "1.6 mg/m²/day in 2 doses": (16, 24, "66.7"),
    "5-15 ng/mL": (26, 27, "96.3"),
    "any": (27, 41, "65.9"),
    "still on treatment": (11, 14, "78.6"),
    "no data": (24, 84, "28.6"),
    "none": (40, 60, "66.7"),
    "mouth sores": (12, 60, "20.0"),
    "high cholesterol": (9, 60, "15.0"),
    "infection": (3, 60, "5.0"),
    "raised liver enzymes": (3, 60, "5.0"),
    "headache": (1, 60, "1.7"),
    "high blood pressure": (1, 60, "1.7"),
    "dose reduced": (4, 60, "6.7"),
    "stopped": (1, 60, "1.7"),
}
ROW = re.compile(
    r" *(?:– )?(?P<name>\S.*?) {2,}(?P<count>\d+)/(?P<of>\d+) +(?P<percent>[\d.]+) %"
    r" +(?P<low>[\d.]+)-(?P<high>[\d.]+) % +(?P<review>\d+/\d+ +[\d.]+ %|\d+/\? +-|- +-)"
)


def printed(records: tuple[Record, ...], paper: Paper = Paper.A4) -> bytes:
    return clinic_report(cohort(records, NOW), worklist(records, NOW), paper)


@cache
def demo_report(paper: Paper = Paper.A4) -> bytes:
    return printed(demo_records(), paper)


def rows() -> list[re.Match[str]]:
    return [found for line in lines_of(demo_report()) if (found := ROW.match(line))]


def test_the_reviews_figures_are_the_reviews_own() -> None:
    shown = {found["name"]: found["review"] for found in rows()}
    for name, (count, of, percent) in REVIEW.items():
        share = (Decimal(100) * count / of).quantize(Decimal("0.1"), ROUND_HALF_UP)
        assert str(share) == percent  # the table above is right in itself
        assert shown[name].split() == [f"{count}/{of}", percent, "%"], name


def test_every_row_of_the_cohort_is_printed_with_its_figures() -> None:
    found = cohort(demo_records(), NOW)
    expected = [
        (row.name.strip(), row.count, row.of)
        for table in found.tables
        for row in table.rows
        if row.of
    ]
    shown = [(each["name"], int(each["count"]), int(each["of"])) for each in rows()]
    assert [each[1:] for each in shown] == [each[1:] for each in expected]
    for (printed_name, _, _), (name, _, _) in zip(shown, expected, strict=True):
        assert name == printed_name or name.startswith(f"{printed_name} ")  # goes on below


def test_the_printed_shares_and_intervals_are_exact() -> None:
    """Beside scipy's beta distribution; the report rounds to one decimal."""
    for each in rows():
        count, of = int(each["count"]), int(each["of"])
        assert float(each["percent"]) == pytest.approx(100 * count / of, abs=0.0501)
        low = 0.0 if count == 0 else beta.ppf(0.025, count, of - count + 1)
        high = 1.0 if count == of else beta.ppf(0.975, count + 1, of - count)
        assert float(each["low"]) == pytest.approx(100 * low, abs=0.0501)
        assert float(each["high"]) == pytest.approx(100 * high, abs=0.0501)


def test_every_denominator_is_named() -> None:
    told = text_of(demo_report())
    for table in cohort(demo_records(), NOW).tables:
        assert f"Of {table.of} {table.whom}." in told
        assert table.title in told
        assert table.note in told
        assert table.review_note in told


def test_a_count_without_a_total_has_no_percent() -> None:
    """Nadal 2016 has 7 patients on steroids and vincristine, without a denominator."""
    (found,) = [each for each in rows() if each["name"] == "steroids and vincristine"]
    assert found["review"].split() == ["7/?", "-"]
    assert "no total for the 7 with steroids and vincristine" in text_of(demo_report())


def test_a_table_without_patients_shows_nadal_2016_alone() -> None:
    """No patient of the synthetic clinic has the answer whether the anomaly is congenital."""
    assert "congenital 0/0 - - 12/27 44.4 %" in text_of(demo_report())


def test_the_rest_of_nadal_2016_and_the_later_evidence_are_printed() -> None:
    told = text_of(demo_report())
    for words in ("Of publications (14): 25 patients.", "Of posters (9): 59 patients.",
                  "Efficacy: 100 %, by its authors probably publication bias.",
                  "Lesions shrank by 20-80 %.", "Bioavailability: about 15 %."):  # fmt: skip
        assert words in told
    for each in LATER_EVIDENCE:
        assert f"{each.name} {each.year or ''}".strip() in told
        for fact in each.facts:
            assert fact in told
        assert SOURCES[each.source] in told


def test_time_to_response_stands_beside_the_reviews() -> None:
    told = text_of(demo_report())
    assert "25 patients behind its curve, from 24 hours to 6 months" in told
    assert "2 weeks 1-10 weeks" in told
    assert "Nadal 2016 p 0.241" in told
    found = cohort(demo_records(), NOW)
    for times in found.response_times:
        curve = times.curve
        assert f"{times.group} {curve.responded}/{curve.patients} {curve.median_days} days" in told


def test_time_in_range_is_the_cohorts() -> None:
    levels = cohort(demo_records(), NOW).levels
    told = text_of(demo_report())
    assert f"{levels.percent_within:.1f} % of {levels.days_covered:.0f} days within" in told
    assert f"in {levels.patients} patients" in told


# --- the worklist


def test_the_worklist_has_every_open_check_and_the_most_overdue_first() -> None:
    work = worklist(demo_records(), NOW)
    assert len(work) > 30
    told = text_of(demo_report()).split("Worklist:", 1)[1]
    found = re.findall(r"(urgent, )?overdue (\d+) days?", told)
    ranks = [(not urgent, -int(days)) for urgent, days in found]
    assert len(ranks) > 5
    assert ranks == sorted(ranks)
    assert {int(days) for _, days in found} == {
        each.overdue_days for _, each in work if each.overdue_days
    }
    for who, each in work:
        assert who.record_number in told
        assert each.why.split(";")[0] in told
        assert f"{each.since:%-d %b %Y}" in told


def test_the_figures_name_no_patient() -> None:
    figures = text_of(demo_report()).split("Worklist:")[0]
    for each in demo_records():
        assert each.patient.entry.record_number not in figures
        assert each.patient.entry.name not in figures


# --- the curves


def curves() -> tuple[ResponseTimes, ...]:
    """Two small groups whose curves can be worked out by hand."""
    tumours = [TimeToResponse(day, responded=day != 20) for day in (7, 14, 20, 28)]
    malformations = [TimeToResponse(day, responded=day == 30) for day in (10, 30)]
    return (
        ResponseTimes("all", kaplan_meier([*tumours, *malformations])),
        ResponseTimes("tumours", kaplan_meier(tumours)),
        ResponseTimes("malformations", kaplan_meier(malformations)),
    )


def test_the_steps_are_drawn_where_the_curve_has_them() -> None:
    drawing = response_chart(curves(), 511)
    lines = [each for each in drawing.contents if isinstance(each, PolyLine)]
    assert len(lines) == 2
    xs, ys = lines[0].points[::2], lines[0].points[1::2]
    full = ys[0]
    floor = lines[0].points[-1]  # everybody had responded: a share of 0
    shares = [(y - floor) / (full - floor) for y in ys]
    # by hand: 4 followed, 1 responds (3/4), 1 of 3 (1/2), 1 leaves, the last responds (0)
    assert shares == pytest.approx([1, 1, 0.75, 0.75, 0.5, 0.5, 0, 0], abs=1e-9)
    per_day = (xs[1] - xs[0]) / 7
    assert [(x - xs[0]) / per_day for x in xs] == pytest.approx([0, 7, 7, 14, 14, 28, 28, 28])


def test_groups_are_told_apart_without_colour() -> None:
    drawing = response_chart(curves(), 511)
    lines = [each for each in drawing.contents if isinstance(each, PolyLine)]
    dashes = [tuple(each.strokeDashArray or ()) for each in lines]
    assert len(set(dashes)) == 2
    words = [each.text for each in drawing.contents if isinstance(each, String)]
    assert words.count("tumours") == words.count("malformations") == 2  # at the curve, at the risk


def test_the_numbers_at_risk_are_counted() -> None:
    drawing = response_chart(curves(), 511)
    words = [each for each in drawing.contents if isinstance(each, String)]
    row = next(each.y for each in words if each.text == "malformations" and each.x == 0)
    first = next(each.y for each in words if each.text == "tumours" and each.x == 0)
    # at days 0, 14, 28, 42, 56, 70: who left on a day is still followed on it
    for y, expected in ((first, ["4", "3", "1", "0", "0", "0"]),
                        (row, ["2", "1", "1", "0", "0", "0"])):  # fmt: skip
        assert [each.text for each in words if each.y == y and each.x > 60] == expected


@pytest.mark.parametrize("shares", [(0, 100, 0), (1, 98, 1), (33, 33, 34), (100, 0, 0)])
def test_the_bar_tells_each_part_in_figures_that_do_not_overlap(
    shares: tuple[int, int, int],
) -> None:
    below, within, above = map(float, shares)
    levels = LevelsInRange(
        patients=1, days_below=below, days_within=within, days_above=above, largest_gap_days=7
    )
    words = [each for each in range_bar(levels, 511).contents if isinstance(each, String)]
    assert [each.text for each in words] == [
        f"{name} {share:.1f} %"
        for name, share in zip(("below", "within", "above"), shares, strict=True)
        if share
    ]
    places = [each.x for each in words]
    assert all(right - left >= 60 for left, right in pairwise(places))
    assert all(0 <= place <= 511 - 60 for place in places)


# --- the pages


@pytest.mark.parametrize("paper", list(Paper))
def test_nothing_leaves_the_page(paper: Paper) -> None:
    assert outside(demo_report(paper), MARGIN_PT) == []


@pytest.mark.parametrize("paper", list(Paper))
def test_an_empty_clinic_makes_an_honest_report(paper: Paper) -> None:
    pdf = printed((), paper)
    told = text_of(pdf)
    assert "0 of 0 patients were given sirolimus" in told
    assert "Of 0 patients who were given sirolimus and have data." in told
    assert "mouth sores 0/0 - - 12/60 20.0 %" in told
    assert "Not calculable: no two levels can be joined." in told
    assert "Nothing is due." in told
    assert outside(pdf, MARGIN_PT) == []


HOSTILE = ["<img src='x'>", "[/] & <b>", "=1+1", "</para>", "a\x1b[31mb", "W" * 200, "Łukasz"]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_name_is_mark_up(name: str) -> None:
    treated = record(prescription(), who=patient(name))
    pdf = printed((treated,))
    told = text_of(pdf).replace(" ", "")
    assert treated.patient.entry.name.replace(" ", "")[:40] in told
    assert b"/Annot" not in pdf
    assert outside(pdf, MARGIN_PT) == []


def test_a_letter_that_the_font_lacks_is_told() -> None:
    told = text_of(printed((record(prescription(), who=patient("山田")),)))
    assert "printed as boxes (U+5C71, U+7530)" in told


def test_other_side_effects_in_any_words_and_many_levels_fit() -> None:
    levels = [
        Level(sampled=Moment.read(f"2026-11-{day:02d}T07:45", ZONE),
              value=read_quantity(f"{day}.5 ng/mL", QuantityKind.LEVEL),
              last_dose=Moment.read(f"2026-11-{day - 1:02d}T20:00", ZONE))
        for day in range(4, 24)
    ]  # fmt: skip
    many = tuple(
        replace_number(record(prescription(), *levels, who=a_patient(number)), number)
        for number in range(1, 40)
    )
    pdf = printed(many)
    assert outside(pdf, MARGIN_PT) == []
    told = text_of(pdf)
    assert all(f"record number {number:05d}, born" in told for number in range(1, 40))


def a_patient(number: int) -> Patient:
    return replace(patient(f"Sample {number}", f"{number:05d}"), born=date(2012, 1, 1))


def replace_number(made: Record, number: int) -> Record:
    """Return the record as that of another patient of the same store."""
    first = number * 1000
    entries = tuple(
        replace(each, number=first + each.number, patient=first) for each in made.entries
    )
    return Record(patient=replace(made.patient, patient=first), entries=entries)


def test_the_same_records_and_time_give_the_same_bytes() -> None:
    assert printed(demo_records()) == demo_report()


def test_the_cohort_is_only_read() -> None:
    found: Cohort = cohort(demo_records(), NOW)
    clinic_report(found, worklist(demo_records(), NOW))
    assert found == cohort(demo_records(), NOW)


def test_every_font_is_embedded() -> None:
    assert fonts_not_embedded(demo_report()) == []


# --- the forecasts' track record


def test_the_track_record_stands_with_every_interval() -> None:
    found = cohort(demo_records(), NOW).forecasts
    told = text_of(demo_report())
    assert f"Each of {found.levels} levels of {found.patients} patients is predicted" in told
    assert all(each.population in told for each in found.models)
    names = (found.answered_by.name, "the last level again", "label arithmetic")
    for name, each in zip(names, found.methods, strict=True):
        figures = [
            f"{figure.value:.1f} % {figure.low:.1f} to {figure.high:.1f} %"
            for figure in shown_figures(each)
        ]
        assert " ".join([name, *figures]) in told


def test_one_patient_gives_no_interval_and_none_no_track_record() -> None:
    one = next(each for each in demo_records() if each.patient.entry.record_number == "DEMO-01")
    found = cohort((one,), NOW).forecasts
    assert (found.patients, found.levels) == (1, 4)
    told = text_of(printed((one,)))
    assert "Each of 4 levels of 1 patient is predicted" in told
    bias, error, close = (each.value for each in shown_figures(found.methods[-1]))
    assert f"label arithmetic {bias:.1f} % - {error:.1f} % - {close:.1f} % -" in told
    assert "No level could be predicted from earlier ones." in text_of(printed(()))

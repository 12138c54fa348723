"""The forecast on paper: the engine's own figures, or a line that says why there are none.

SIROLIMUS_CAMPAIGN=full prints 200 random treatments instead of 8.
"""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, PolyLine, Rect, String

from dosing import AlertKind, QuantityKind, read_quantity
from dosing.knowledge.references import SOURCES
from monitoring.recommendation.advice import forecast_for
from monitoring.recommendation.forecast import FittedForecast, PatientForecast
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.level import Assay, Level
from monitoring.record.measurement import Measurement
from monitoring.summary import summarise
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory
from reports.forecast_chart import (
    ForecastContent,
    forecast_chart,
    forecast_content,
    forecast_legend,
)
from reports.level_chart import PointScale
from reports.page import Paper
from reports.patient_summary import patient_summary_pdf
from tests.builders import voided
from tests.campaign import cases
from tests.reports.demo import MARGIN_PT, NUMBERS, demo_records
from tests.reports.paper import HEAD, HOSTILE, named, pages_of, squeezed
from tests.reports.pdf_marks import lines_of, outside, text_of
from tests.reports.treated import NOW, prescription
from tests.reports.treated import record as a_record

WIDTH, HEIGHT = 511.0, 120.0
STOPPED = ("DEMO-03", "DEMO-08", "DEMO-11", "DEMO-17")
ON_HOLD = "DEMO-13"
TITLE = "Forecast by a population model"

Places = list[tuple[float, float]]


def demo(number: str) -> Record:
    return next(each for each in demo_records() if each.patient.entry.record_number == number)


ANSWERED = tuple(each for each in NUMBERS if each not in STOPPED)


@lru_cache(maxsize=32)
def forecast_of(record: Record, now: Moment = NOW) -> PatientForecast:
    return forecast_for(record, now)


def printed(record: Record, paper: Paper = Paper.A4) -> bytes:
    """Return the summary printed anew, with the forecast of the same record."""
    forecast = forecast_of(record)
    return patient_summary_pdf(summarise(record, NOW), head=HEAD, forecast=forecast, paper=paper)


@cache
def of_demo(number: str) -> tuple[PatientForecast, bytes]:
    record = demo(number)
    return forecast_of(record), printed(record)


def answer_of(record: Record, now: Moment = NOW) -> FittedForecast:
    found = forecast_of(record, now).answer
    assert found is not None
    return found


# --- the figures


@pytest.mark.parametrize("number", [each for each in ANSWERED if each != ON_HOLD])
def test_the_figures_of_the_forecast_stand_on_the_page(number: str) -> None:
    """Two programs read the page; the figures are set here a second time, from the answer."""
    found, pdf = of_demo(number)
    answer = found.answer
    assert answer is not None
    patient = answer.disposition
    own = patient.clearance_l_h
    last = answer.troughs[-1]
    expected = [
        f"Model {found.model.name}; based on",
        f"{own.low:.1f}-{own.high:.1f} L/h, most probably {own.value:.2f} L/h",
        f"typical for this size {patient.population_clearance_l_h:.2f} L/h",
        f"{patient.half_life_h:.0f} hours; typical",
    ]
    for each in (answer.troughs[0], answer.troughs[7], last):
        level = each.forecast
        expected.append(
            f"{each.at.local:%-d %b %Y, %H:%M} trough {level.low_ng_ml:.1f}-{level.high_ng_ml:.1f} "
            f"ng/mL, most probably {level.ng_ml:.1f} ng/mL; a measured level "
            f"{level.measured_low_ng_ml:.1f}-{level.measured_high_ng_ml:.1f} ng/mL"
        )
    for share in answer.models:
        supposed = f", as {share.supposed}" if share.supposed else ""
        expected.append(
            f"{supposed}: trough {share.trough_ng_ml:.1f} ng/mL on this dose; by "
            f"{share.model.assay}, {share.model.population}"
        )
        if share.weight is not None:
            expected.append(f"Weight {100 * share.weight:.0f} % {share.model.name} [")
    assert answer.auc24 is not None
    assert answer.next_sample is not None
    expected.append(f"{answer.auc24.low:.0f}-{answer.auc24.high:.0f} ng·h/mL, most probably")
    expected.append(f"the trough of {answer.next_sample.at.local:%-d %b %Y, %H:%M} would narrow")
    for told in (text_of(pdf), " ".join(" ".join(lines_of(pdf)).split())):
        for words in expected:
            assert squeezed(words) in squeezed(told)


@pytest.mark.parametrize("number", ANSWERED)
def test_each_dose_that_is_printed_has_its_own_chances(number: str) -> None:
    found, pdf = of_demo(number)
    assert found.answer is not None
    recommendation = found.answer.recommendation
    assert recommendation is not None
    rows = [match for line in lines_of(pdf) if (match := DOSE.fullmatch(line.strip()))]
    if not recommendation.outcomes:
        assert rows == []
        assert "Doses and the target" not in text_of(pdf)
        return
    assert 3 <= len(rows) <= 8
    current = "before the hold" if number == ON_HOLD else "current"
    outcomes = {f"{each.regimen.dose_mg.normalize():f}": each for each in recommendation.outcomes}
    for row in rows:
        outcome = outcomes[row["mg"]]
        assert (row["low"], row["high"], row["likely"]) == (
            f"{outcome.low_ng_ml:.1f}", f"{outcome.high_ng_ml:.1f}", f"{outcome.trough_ng_ml:.1f}",
        )  # fmt: skip
        shares = [outcome.within, outcome.below, outcome.above]
        # printed in whole percent, so that each may be half a point off
        printed_shares = [int(row[name]) for name in ("within", "below", "above")]
        assert printed_shares == pytest.approx([100 * share for share in shares], abs=0.5001)
        assert (current in row["which"]) == (outcome == recommendation.current)
        chosen = recommendation.dose is not None and outcome == recommendation.chosen
        assert ("recommended" in row["which"]) == chosen
    assert sum(current in row["which"] for row in rows) == 1


DOSE = re.compile(
    r"(?P<mg>[\d.]+) mg × \d +(?P<low>[\d.]+)-(?P<high>[\d.]+) ng/mL +(?P<likely>[\d.]+) ng/mL"
    r" +(?P<within>\d+) ?% +(?P<below>\d+) ?% +(?P<above>\d+) ?%(?P<which>.*)"
)


@pytest.mark.parametrize("number", [*ANSWERED, *STOPPED])
def test_the_section_says_the_recommendation_and_no_other_dose(number: str) -> None:
    found, pdf = of_demo(number)
    assert found.recommendation is not None
    told = text_of(pdf)
    section = told.split(TITLE, 1)[1].split("Dose history")[0]
    is_treated = summarise(demo(number), NOW).advice.state.kind.is_treated
    assert told.count(f"Action {found.recommendation.words}.") == is_treated
    assert "Best dose" not in told
    if found.answer is not None:
        assert f"Recommendation {found.recommendation.words}; see above" in section
    if found.recommendation.dose is None:
        assert "recommended" not in section.split("Doses and the target")[-1]
        assert not {"dose-unchanged", "dose-at-the-edge"} & {each.code for each in found.alerts}


@pytest.mark.parametrize("number", ANSWERED)
def test_the_last_level_stands_beside_its_prediction(number: str) -> None:
    found, pdf = of_demo(number)
    assert found.answer is not None
    observed, told = found.answer.observed, " ".join(text_of(pdf).split())
    assert (observed is None) == ("Last level observed" not in told)
    if observed is not None:
        low, high = observed.predicted.measured_low_ng_ml, observed.predicted.measured_high_ng_ml
        assert f"observed {observed.level.entry}, predicted" in told
        is_outside = not low <= float(observed.level.entry.value.value) <= high
        assert observed.is_missed is is_outside
        assert ("the forecast missed" in told) is is_outside


@pytest.mark.parametrize("number", ANSWERED)
def test_alerts_that_are_no_notes_are_told_once_and_sources_are_numbered(number: str) -> None:
    found, pdf = of_demo(number)
    told = squeezed(text_of(pdf))
    for alert in found.alerts:
        if alert.kind is not AlertKind.NOTE:
            assert told.count(squeezed(alert.message)) == 1
            cited = re.search(re.escape(squeezed(alert.message)) + r"\[(\d+)\]", told)
            assert cited
            assert f"[{cited[1]}]{squeezed(SOURCES[alert.source])}" in told
    assert found.answer is not None
    for each in found.answer.models:
        name, cited_as = squeezed(each.model.name), squeezed(each.model.citation)
        model = re.search(re.escape(name) + r"\[(\d+)\](?:,as.{1,20})?:trough", told)
        assert model
        assert f"[{model[1]}]{cited_as}({each.model.source})" in told


def test_without_a_level_the_forecast_is_named_weak() -> None:
    found, pdf = of_demo("DEMO-09")
    assert found.answer is not None
    assert found.answer.is_population_only
    told = text_of(pdf)
    assert "based on the population only (weak)" in told
    assert "Based on no level: a weak forecast, that of a typical patient of this size." in told


@pytest.mark.parametrize("number", STOPPED)
def test_where_it_is_stopped_there_is_the_reason_and_no_figure(number: str) -> None:
    found, pdf = of_demo(number)
    assert found.stopped
    told = squeezed(text_of(pdf))
    stops = [each.message for each in found.alerts if each.kind is AlertKind.STOP]
    assert stops
    section = told.split(squeezed(TITLE), 1)[1].split("Dosehistory")[0]
    section = section.split(squeezed(demo(number).patient.entry.name))[0]  # the next page's head
    section = re.sub(r"\[\d+\]", "", section)
    assert section == squeezed(" ".join(["No forecast.", *stops]))
    for absent in ("mostprobably", "Forecastcourse", "Mostprobable"):
        assert absent not in told


def test_without_a_forecast_the_section_is_left_out() -> None:
    record = demo("DEMO-06")
    pdf = patient_summary_pdf(summarise(record, NOW), head=HEAD, forecast=None)
    told = text_of(pdf)
    assert TITLE not in told
    assert "Fan 2024" not in told
    assert "forecast" not in told.lower()


# --- the pages


@pytest.mark.parametrize(
    ("number", "paper"),
    [
        *((number, Paper.A4) for number in (*ANSWERED, *STOPPED)),
        *((number, Paper.LETTER) for number in (ANSWERED[0], STOPPED[0])),
        *(
            pytest.param(number, Paper.LETTER, marks=pytest.mark.campaign)
            for number in (*ANSWERED[1:], *STOPPED[1:])
        ),
    ],
)
def test_nothing_leaves_the_page_and_no_page_ends_with_a_heading(number: str, paper: Paper) -> None:
    pdf = of_demo(number)[1] if paper is Paper.A4 else printed(demo(number), paper)
    assert outside(pdf, MARGIN_PT) == []
    last_lines = []
    name = demo(number).patient.entry.name
    for page in pages_of(pdf):
        before_foot = page.split("Sirolimus summary")[0].strip().splitlines()
        last_lines.append(before_foot[-2] if name in before_foot[-1] else before_foot[-1])
    assert not {TITLE, "Forecast course on the current dose", "above"} & set(last_lines)


@pytest.mark.parametrize("number", ANSWERED)
def test_the_forecast_costs_at_most_one_page(number: str) -> None:
    record, (_, pdf) = demo(number), of_demo(number)
    without = patient_summary_pdf(summarise(record, NOW), head=HEAD, forecast=None)
    assert len(pages_of(pdf)) - len(pages_of(without)) in {0, 1}


@pytest.mark.parametrize("name", [HOSTILE, "Łukasz", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "W" * 200])
def test_hostile_names_change_nothing_of_the_section(name: str) -> None:
    pdf = printed(named(demo("DEMO-09"), name=name))
    assert b"/Annot" not in pdf
    assert outside(pdf, MARGIN_PT) == []
    assert section_of(pdf) == section_of(of_demo("DEMO-09")[1])


def section_of(pdf: bytes) -> str:
    """Return the section without the doses, and without the head and foot of its pages."""
    pages = (page.split("Sirolimus summary")[0].rsplit("\n", 2)[0] for page in pages_of(pdf))
    return " ".join(" ".join(pages).split()).split(TITLE, 1)[1].split("Doses and the")[0]


def test_a_hostile_drug_in_a_refusal_is_text() -> None:
    """The reason names the drug that was begun, as somebody typed it."""
    record = demo("DEMO-03")
    hostile = f"fluconazole {HOSTILE}"
    entries = tuple(
        replace(each, entry=replace(each.entry, drug=hostile))
        if isinstance(each.entry, CoMedication)
        else each
        for each in record.entries
    )  # fmt: skip
    pdf = printed(replace(record, entries=entries))
    assert b"/Annot" not in pdf
    section = squeezed(text_of(pdf)).split(squeezed(TITLE), 1)[1].split("Dosehistory")[0]
    assert squeezed("No forecast. Fluconazole [/] Ann & <Bob> <img") in section


def test_the_same_forecast_gives_the_same_bytes() -> None:
    record = demo("DEMO-06")
    anew = patient_summary_pdf(
        summarise(record, NOW), head=HEAD, forecast=forecast_for(record, NOW), paper=Paper.A4
    )
    assert anew == of_demo("DEMO-06")[1]


@st.composite
def treated(draw: st.DrawFn) -> Record:
    """Return a child on a steady dose: any weight, dose and times a day, up to four levels."""
    kg, tenths = draw(st.integers(3, 66)), st.integers(10, 300)
    per_day, mg = draw(st.integers(1, 3)), draw(st.integers(1, 30))
    weight = read_quantity(f"{kg} kg", QuantityKind.WEIGHT)
    levels = [
        Level(
            sampled=Moment.read(f"2026-11-{day:02d}T07:50", NOW.zone),
            value=read_quantity(f"{Decimal(draw(tenths)) / 10} ng/mL", QuantityKind.LEVEL),
            last_dose=Moment.read(f"2026-11-{day - 1:02d}T20:00", NOW.zone),
            assay=Assay.EMIT,
        )
        for day in range(5, 5 + 5 * draw(st.integers(0, 4)), 5)
    ]
    dose = prescription(str(Decimal(mg) / 10), per_day)
    return a_record(dose, Measurement(on=date(2026, 10, 19), weight=weight), *levels)


@settings(deadline=None, max_examples=cases(8, full=200))  # each is fitted and printed
@given(treated())
def test_whatever_the_treatment_the_page_holds_the_answer_or_its_absence(record: Record) -> None:
    found, pdf = forecast_of(record), printed(record)
    told = squeezed(text_of(pdf))
    assert outside(pdf, MARGIN_PT) == []
    if found.answer is None:
        for alert in found.alerts:
            assert (alert.kind is not AlertKind.STOP) or squeezed(alert.message) in told
        assert "Noforecast." in told
        return
    assert "Noforecast." not in told
    first = found.answer.troughs[0].forecast
    assert f"trough{first.low_ng_ml:.1f}-{first.high_ng_ml:.1f}ng/mL" in told
    assert found.recommendation is not None
    assert squeezed(f"Recommendation {found.recommendation.words}; see above") in told
    drawing = forecast_chart(content_of(record), summarise(record, NOW), WIDTH, HEIGHT)
    _, bottom, right, top = drawing.getBounds()
    assert bottom >= -1
    assert right <= WIDTH + 1
    assert top <= HEIGHT + 1


# --- the drawing


def content_of(record: Record, now: Moment = NOW) -> ForecastContent:
    return forecast_content(answer_of(record, now), summarise(record, now))


def drawn(record: Record, kind: type, now: Moment = NOW) -> list:  # type: ignore[type-arg]  # whatever shape is asked for
    drawing: Drawing = forecast_chart(
        content_of(record, now), summarise(record, now), WIDTH, HEIGHT
    )
    return [shape for shape in drawing.contents if isinstance(shape, kind)]


def band_of(record: Record, now: Moment = NOW) -> tuple[Places, Places]:
    """Return the lower and the upper edge of the band, both from the left."""
    outline = max(drawn(record, Polygon, now), key=lambda each: len(each.points)).points
    places = list(zip(outline[::2], outline[1::2], strict=True))
    half = len(places) // 2
    return places[:half], places[half:][::-1]


@pytest.mark.parametrize("number", ANSWERED)
def test_the_course_lies_in_its_band_on_the_drawing(number: str) -> None:
    record = demo(number)
    (line,) = drawn(record, PolyLine)
    low, high = band_of(record)
    assert len(low) == len(line.points) // 2
    for place, ((x, below), (_, above)) in enumerate(zip(low, high, strict=True)):
        assert line.points[2 * place] == pytest.approx(x)
        assert below <= line.points[2 * place + 1] <= above
    drawing = forecast_chart(content_of(record), summarise(record, NOW), WIDTH, HEIGHT)
    left, bottom, right, top = drawing.getBounds()
    assert left >= -1
    assert bottom >= -1
    assert right <= WIDTH + 1
    assert top <= HEIGHT + 1


def test_the_course_and_the_target_are_drawn_to_the_scale_of_the_axis() -> None:
    """The place of a level is found from the written figures of the axis, not from the scale."""
    record = demo("DEMO-01")
    figures = {
        each.text: each.y + 2.3 for each in drawn(record, String) if each.text in {"0", "5", "15"}
    }
    (target,) = drawn(record, Rect)
    assert target.y == pytest.approx(figures["5"])
    assert target.y + target.height == pytest.approx(figures["15"])
    answer = answer_of(record)
    first = answer.troughs[0]
    (line,) = drawn(record, PolyLine)
    per_ng = (figures["15"] - figures["0"]) / 15
    xs, ys = line.points[::2], line.points[1::2]
    begin = NOW.utc - timedelta(days=14)
    share = (first.at.utc - begin) / timedelta(days=28)
    x = xs[0] + share * (xs[-1] - xs[0])
    nearest = min(range(len(xs)), key=lambda place: abs(xs[place] - x))
    # the course is sampled every 2 hours and falls by less than 1 ng/mL in one of them
    assert (ys[nearest] - figures["0"]) / per_ng == pytest.approx(first.forecast.ng_ml, abs=1)


def test_now_is_in_the_middle_and_written() -> None:
    record = demo("DEMO-01")
    (now,) = [each for each in drawn(record, String) if each.text == "now"]
    (line,) = [each for each in drawn(record, Line) if each.strokeWidth == 1]
    axis = max(drawn(record, Line), key=lambda each: each.x2 - each.x1)
    assert line.x1 == line.x2 == pytest.approx((axis.x1 + axis.x2) / 2)
    assert now.x > line.x1


def test_measured_levels_of_the_last_two_weeks_are_drawn_and_no_other() -> None:
    record = demo("DEMO-01")
    levels = list(record.active(Level))
    recent = [each for each in levels if NOW.utc - each.entry.sampled.utc <= timedelta(days=14)]
    assert len(recent) == 1
    assert len(levels) == 5
    assert len(drawn(record, Circle)) == 1
    assert drawn(voided(record, recent[0].number), Circle) == []


def test_nothing_is_drawn_from_before_the_first_dose() -> None:
    """A treatment of a few days begins on the drawing where it began."""
    record = demo("DEMO-09")
    since = TreatmentHistory.of(record).periods[0].since
    now = Moment(since.utc + timedelta(days=3), NOW.zone)
    low, _ = band_of(record, now)
    days = (answer_of(record, now).troughs[-1].at.utc - since.utc) / timedelta(days=1)
    assert days == pytest.approx(17, abs=1)
    room = timedelta(hours=12)
    end = now.utc + timedelta(days=14) + room
    scale = PointScale(since.utc - room, end, 10, WIDTH, HEIGHT)
    assert low[0][0] == pytest.approx(scale.x(since.utc))


def test_no_level_is_on_the_frame_and_the_legend_has_no_absent_sign() -> None:
    record = demo("DEMO-01")
    (level,) = drawn(record, Circle)
    axis = max(drawn(record, Line), key=lambda each: each.x2 - each.x1)
    assert axis.x1 + 3 < level.cx < axis.x2 - 3
    legend = forecast_legend(content_of(record))
    assert "● within" in legend
    assert "▲" not in legend
    assert "▼" not in legend


def test_the_troughs_are_one_line_and_the_peaks_faint() -> None:
    """A zigzag of two doses a day before: the troughs alone rise and fall with the treatment."""
    course = content_of(demo("DEMO-01")).course
    assert len(course.troughs) == pytest.approx(56, abs=2)  # two a day for four weeks
    figures = [each.ng_ml for each in course.troughs[4:]]
    assert max(figures) - min(figures) < 0.5
    assert min(each.ng_ml for each in course.peaks) > max(figures)


def test_the_band_lets_the_target_through_and_has_an_edge() -> None:
    band = max(drawn(demo("DEMO-09"), Polygon), key=lambda each: len(each.points))
    assert 0 < band.fillColor.alpha < 0.5
    assert band.strokeColor is not None
    assert band.strokeWidth > 0


# --- the modules loaded


def test_reports_load_numpy_only_for_a_forecast() -> None:
    told = "import sys, reports.patient_summary, reports.batch; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_the_report_of_one_patient_needs_no_pandas() -> None:
    """Its time in range, too: the import would take longer than the report."""
    script = (
        "import sys; from monitoring.summary import summarise; "
        "from reports.patient_summary import patient_summary_pdf; "
        "from tests.reports.demo import NOW, demo_records; "
        "made = [summarise(each, NOW) for each in demo_records()]; "
        "printed = [patient_summary_pdf(each, head='0' * 64, forecast=None) for each in made]; "
        "print('pandas' in sys.modules, any(each.time_in_range for each in made))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["False", "True"]

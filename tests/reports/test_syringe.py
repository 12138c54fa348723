"""The syringe on paper: the plunger at the volume, to 0.1 mm, for every dose that is measurable."""

from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from reportlab.graphics import renderPDF
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from dosing import ORAL_SOLUTION, measure_out, plain
from dosing.knowledge.products import SYRINGES_ML
from reports.syringe import LOOKS, draws_ml, mark_step_ml, syringe_drawing, tablets_drawing
from tests.reports.pdf_marks import Marks, marks, text_of

MM = 72 / 25.4
TOLERANCE_PT = 0.1 * MM
POINTER = 1.8


def measurable() -> list[Decimal]:
    """Return every volume up to 10 mL that a dose of the solution can have."""
    hundredths = (Decimal(number) / 100 for number in range(2, 1001, 2))
    return [volume for volume in hundredths if measure_out(volume, ORAL_SOLUTION).mg == volume]


def drawn(drawing: Drawing) -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(600, 200))
    renderPDF.draw(drawing, canvas, 40, 40)
    canvas.save()
    return stream.getvalue()


@cache
def picture(volume: Decimal) -> bytes:
    syringe = measure_out(volume, ORAL_SOLUTION).syringe_ml
    assert syringe is not None
    return drawn(syringe_drawing(volume, syringe, 511))


@cache
def marks_of(volume: Decimal) -> Marks:
    return marks(picture(volume))


def numbered(found: Marks) -> list[float]:
    """Return where the long marks stand: upright lines of 8 points that begin at the barrel."""
    return sorted(
        line.x0
        for line in found.segments
        if line.x0 == line.x1 and abs(abs(line.y1 - line.y0) - 8) < 0.01
    )


def pointers(found: Marks) -> list[float]:
    return sorted(line.x0 for line in found.segments if abs(line.pen - POINTER) < 0.001)


def test_there_are_many_measurable_doses_and_all_sizes_are_used() -> None:
    volumes = measurable()
    assert len(volumes) == 50 + 20 + 35  # by 0.02 to 1, by 0.1 to 3, by 0.2 to 10
    assert {measure_out(each, ORAL_SOLUTION).syringe_ml for each in volumes} == set(SYRINGES_ML)
    assert set(LOOKS) == set(SYRINGES_ML)


@pytest.mark.parametrize("volume", [each for each in measurable() if each <= 5], ids=str)
def test_the_plunger_stands_at_the_volume(volume: Decimal) -> None:
    syringe = next(size for size in (0.5, 1, 3, 5) if volume <= Decimal(str(size)))
    found = marks_of(volume)
    zero, full = numbered(found)[0], numbered(found)[-1]
    assert full - zero > 60 * MM
    wanted = zero + float(volume) / syringe * (full - zero)
    (pointer,) = pointers(found)
    assert pointer == pytest.approx(wanted, abs=TOLERANCE_PT)
    # the liquid reaches from zero to the mark, and the plunger's black edge begins there
    assert any(
        box.x == pytest.approx(zero, abs=TOLERANCE_PT)
        and box.x + box.width == pytest.approx(wanted, abs=TOLERANCE_PT)
        for box in found.boxes
    )
    assert any(
        box.x == pytest.approx(wanted, abs=TOLERANCE_PT) and box.width == pytest.approx(4)
        for box in found.boxes
    )


@pytest.mark.parametrize("volume", [each for each in measurable() if each <= 5], ids=str)
def test_a_mark_of_the_syringe_stands_at_every_measurable_volume(volume: Decimal) -> None:
    found = marks_of(volume)
    (pointer,) = pointers(found)
    ticks = [
        line.x0
        for line in found.segments
        if line.x0 == line.x1 and round(abs(line.y1 - line.y0), 2) in {4, 8}
    ]
    assert min(abs(tick - pointer) for tick in ticks) < TOLERANCE_PT


def test_volume_and_syringe_stand_in_figures_beside_the_mark() -> None:
    for volume in measurable():
        if volume > 5:
            continue
        syringe = measure_out(volume, ORAL_SOLUTION).syringe_ml
        assert syringe is not None
        told = text_of(picture(volume))
        assert f"{plain(volume)} mL" in told
        assert f"{plain(syringe)} mL oral syringe" in told


@pytest.mark.parametrize(("one", "other"), [("0.1", "1"), ("0.2", "2"), ("0.3", "3"), ("0.4", "4")])
def test_a_tenfold_dose_never_looks_alike(one: str, other: str) -> None:
    """Another size of syringe with another length, thickness and scale, and other figures."""
    small, large = (marks(picture(Decimal(volume))) for volume in (one, other))
    lengths = [numbered(found)[-1] - numbered(found)[0] for found in (small, large)]
    assert abs(lengths[0] - lengths[1]) > 10 * MM
    thickness = [max(box.height for box in found.boxes) for found in (small, large)]
    assert thickness[1] > thickness[0] * 1.2
    words = [set(text_of(picture(Decimal(volume))).split()) for volume in (one, other)]
    assert one in words[0] - words[1] or other in words[1] - words[0]


@pytest.mark.parametrize(
    ("volume", "draws"),
    [("5", [(1, "5")]), ("5.2", [(1, "5"), (1, "0.2")]), ("8", [(1, "5"), (1, "3")]),
     ("10", [(2, "5")]), ("13", [(2, "5"), (1, "3")])],
)  # fmt: skip
def test_a_large_volume_is_drawn_in_several_draws(
    volume: str, draws: list[tuple[int, str]]
) -> None:
    assert [(n, plain(ml)) for n, ml in draws_ml(Decimal(volume), Decimal(5))] == draws
    assert sum(n * Decimal(ml) for n, ml in draws) == Decimal(volume)


def test_each_of_several_draws_has_its_own_plunger() -> None:
    pdf = picture(Decimal(8))
    found = marks(pdf)
    ticks, (first, second) = numbered(found), pointers(found)
    left, right = ticks[:6], ticks[6:]  # 0 to 5 mL each
    assert first == pytest.approx(left[-1], abs=TOLERANCE_PT)
    assert second == pytest.approx(right[0] + 0.6 * (right[-1] - right[0]), abs=TOLERANCE_PT)
    assert "1 × 5 mL" in text_of(pdf)
    assert "1 × 3 mL" in text_of(pdf)


@pytest.mark.parametrize(
    ("syringe", "step"), [("0.5", "0.02"), ("1", "0.02"), ("3", "0.1"), ("5", "0.2")]
)
def test_marks_are_those_that_the_clinical_reference_names(syringe: str, step: str) -> None:
    """Section 5: 1 mL has 0.01 or 0.02 mL by brand, 3 mL 0.1 mL, 5 mL 0.2 mL."""
    assert mark_step_ml(Decimal(syringe)) == Decimal(step)


def test_tablets_are_counted_before_their_strength() -> None:
    drawing = tablets_drawing(((Decimal(2), 2), (Decimal(1), 0), (Decimal("0.5"), 1)), 511)
    assert text_of(drawn(drawing)) == "2 × 2 mg 1 × 0.5 mg"

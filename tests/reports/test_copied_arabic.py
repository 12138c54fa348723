"""Arabic and Hebrew on paper are copied in reading order, as the letters that were typed."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import BOLD, REGULAR, register_fonts
from reports.fonts.copied_letters import COPIED_LAM, copied_letter, is_lam_with_alef
from reports.printed_text import as_drawn, drawn_lines, isolated
from tests.reports.pdf_marks import lines_of

_SIGNS_OF_DIRECTION = str.maketrans(
    "", "", "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
)
RIGHT_TO_LEFT = [
    "سارة علي محمد",
    "علامة الجرعة",  # lam with alef in the middle of a word
    "الآن لأن إلى الإبرة لا",  # each lam with alef, alone and after another letter
    "מרים כהן",
]


@pytest.fixture(autouse=True)
def fonts() -> None:
    """Register the fonts by which lines are measured, as every page does."""
    register_fonts()


def copied(text: str, font: str = REGULAR) -> str:
    """Return a line of text as it is copied from a page on which it was drawn."""
    stream = BytesIO()
    canvas = Canvas(stream)
    canvas.setFont(font, 14)
    canvas.drawRightString(560, 700, text)
    canvas.save()
    return " ".join(lines_of(stream.getvalue())).translate(_SIGNS_OF_DIRECTION).strip()


@pytest.mark.parametrize("font", [REGULAR, BOLD])
@pytest.mark.parametrize("text", RIGHT_TO_LEFT)
def test_text_from_right_to_left_is_copied_as_it_was_typed(text: str, font: str) -> None:
    assert copied(as_drawn(text), font) == text


@pytest.mark.parametrize("figure", ["0.8 mL", "08:00", "1 mg/mL", "2-8 °C"])
def test_a_figure_kept_apart_stays_in_its_order_within_arabic(figure: str) -> None:
    (line,) = drawn_lines(f"اسحب {isolated(figure)} الآن", REGULAR, 14, 500, base="R")
    assert f" {figure} " in line.translate(_SIGNS_OF_DIRECTION)
    assert copied(line) == f"اسحب {figure} الآن"


@pytest.mark.parametrize("name", ["\u202eevil", "a\u2069b) שלום (12", "[/] <img src=x>"])
def test_a_name_moves_nothing_around_it(name: str) -> None:
    (line,) = drawn_lines(f"اسحب {isolated(name)} الآن", REGULAR, 14, 500, base="R")
    assert line.startswith(as_drawn("الآن"))
    assert line.endswith(as_drawn("اسحب"))


@given(st.text("abc אבג 12 شسي", min_size=1, max_size=60), st.integers(40, 200))
def test_a_broken_line_keeps_every_letter(text: str, width: int) -> None:
    register_fonts()
    lines = drawn_lines(isolated(text), REGULAR, 12, width, base="R")
    unbroken = drawn_lines(isolated(text), REGULAR, 12, 10_000, base="R")
    assert letters_of(lines) == letters_of(unbroken)


def letters_of(lines: list[str]) -> list[str]:
    """Return the letters that are copied from lines, in no order."""
    signs = "".join(lines).translate(_SIGNS_OF_DIRECTION).replace(" ", "")
    return sorted(map(copied_letter, signs))


@pytest.mark.parametrize("sign", ["\ufef5", "\ufef8", "\ufefb", "\ufefc"])
def test_lam_with_alef_is_copied_as_two_letters_of_two_signs(sign: str) -> None:
    assert is_lam_with_alef(sign)
    assert copied_letter(COPIED_LAM) == "ل"
    assert copied_letter(sign) in "آأإا"


def test_a_sign_that_is_no_joined_form_is_copied_as_it_is() -> None:
    assert [copied_letter(each) for each in "aש12ﬁ"] == [*"aש12ﬁ"]

"""Text of the record on paper: nothing in it is mark-up, and no letter is lost in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from dosing import clean
from reports.fonts import REGULAR, register_fonts
from reports.printed_text import as_drawn, missing_letters, safe

NAMES = ["Łukasz O'Neil", "Nguyễn Thị Ánh", "Дарья", "Ελένη Ωδή", "José Müller", "Åse Ñandú"]


@pytest.mark.parametrize("name", NAMES)
def test_latin_greek_cyrillic_and_vietnamese_names_are_printed_as_they_are(name: str) -> None:
    assert as_drawn(name) == name
    assert missing_letters(name) == ""


@pytest.mark.parametrize("name", ["מרים כהן", "محمد بن سلمان", "عبد الله", "فاطمة", "יוסף 12"])
def test_arabic_and_hebrew_letters_are_all_in_the_font(name: str) -> None:
    assert missing_letters(name) == ""


def test_hebrew_is_drawn_from_right_to_left_with_its_numbers_in_order() -> None:
    assert as_drawn("\u05d0\u05d1\u05d2 12") == "12 \u05d2\u05d1\u05d0"


@pytest.mark.parametrize("name", ["\u05d0\u05d1\u05d2", "\u0631\u064a\u0641\u0627", "\u05d0"])
def test_a_sentence_that_begins_with_a_name_from_right_to_left_stays_in_its_order(
    name: str,
) -> None:
    drawn = as_drawn(f"{name} raises the level (x). Avoid it. [3]")
    assert drawn.endswith(" raises the level (x). Avoid it. [3]")


@pytest.mark.parametrize(
    ("text", "is_from_right"),
    [("\u05d0\u05d1\u05d2 ab", True), ("\u05d0\u05d1 ab", True), ("\u05d0\u05d1 abc", False),
     ("ab \u05d0\u05d1\u05d2", False)],
)  # fmt: skip
def test_the_direction_is_from_right_only_if_it_begins_so_and_most_letters_are(
    text: str, *, is_from_right: bool
) -> None:
    latin = "abc" if "abc" in text else "ab"
    assert as_drawn(text).startswith(latin) is (is_from_right or text.startswith("ab"))


def test_arabic_letters_are_joined() -> None:
    # meem, hah, meem, dal: initial, medial, medial, final forms, drawn from the right
    assert as_drawn("\u0645\u062d\u0645\u062f") == "\ufeaa\ufee4\ufea4\ufee3"


@pytest.mark.parametrize("sign", ["山", "田", "가", "ไ"])
def test_a_letter_that_the_font_lacks_is_told(sign: str) -> None:
    assert missing_letters(f"A{sign}B{sign}") == sign


HOSTILE = [
    "[/]",
    "a<b",
    "Ann & <Bob>",
    "<img src='/etc/passwd'>",
    '<a href="file:///x">y</a>',
    "</para><para>",
    "<font color=red>",
    "&lt;",
    "=1+1",
    "\x1b[31mred",
    "a\u202eb",
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_text_is_mark_up(text: str) -> None:
    assert not set(safe(text)) & {"<", ">", "\x1b", "\u202e", "\x00"}


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_plain_letters_are_drawn_as_they_are_cleaned(text: str) -> None:
    assert as_drawn(text) == clean(text)


@given(st.text(max_size=60))
def test_any_text_is_a_paragraph(text: str) -> None:
    register_fonts()
    paragraph = Paragraph(safe(text), ParagraphStyle("any", fontName=REGULAR))
    assert paragraph.getPlainText() == as_drawn(text)

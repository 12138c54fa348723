"""Text from outside, made safe: names are kept, what could steer a screen is not."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dosing.errors import UserError
from dosing.quantities.text import clean, quoted, required_text

# Control signs (C0, delete, C1), direction signs, separators of lines and paragraphs, signs without
# width save the two joiners, and halves of surrogate pairs: none of these may be shown.
HIDDEN_SIGNS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0001\U000e0020-\U000e007f]"
)

LUKASZ = "\N{LATIN CAPITAL LETTER L WITH STROKE}ukasz"
ZOE_NFC = "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"
ZOE_NFD = "Zoe\N{COMBINING DIAERESIS}"
HEBREW = "\u05d3\u05d5\u05d3"
ARABIC = "\u0645\u062d\u0645\u062f"
PERSIAN = "\u0645\u06cc\N{ZERO WIDTH NON-JOINER}\u062e\u0648\u0627\u0647\u0645"
FAMILY = "\U0001f468\N{ZERO WIDTH JOINER}\U0001f469\N{ZERO WIDTH JOINER}\U0001f467"

_ANY_TEXT = st.text(
    st.one_of(st.characters(), st.characters(categories=["Cc", "Cf", "Cs", "Z", "M"]))
)


@pytest.mark.parametrize(
    "name",
    ["[/]", "[red]x[/red]", "[@click=app.quit]", "<img src=x>", "Ann & <Bob>", "=1+1", "+1", "@SUM",
     "O'Brien", '"x"', "{0} %s", "'; DROP TABLE patients;--", "../../etc/passwd", "NA", "00123",
     LUKASZ, ZOE_NFC, HEBREW, ARABIC, PERSIAN, FAMILY, "\N{CJK UNIFIED IDEOGRAPH-674E}"],
)  # fmt: skip
def test_a_name_of_visible_signs_is_kept_to_the_letter(name: str) -> None:
    assert clean(name) == name
    assert quoted(name) == f'"{name}"'
    assert required_text(name + "a", "A name") == name + "a"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (ZOE_NFD, ZOE_NFC),
        (f"{LUKASZ} Zo\N{ZERO WIDTH SPACE}e\N{COMBINING DIAERESIS}", f"{LUKASZ} {ZOE_NFC}"),
        ("Ann\nLee", "Ann Lee"),
        ("Ann\r\n\t Lee", "Ann Lee"),
        ("Ann\N{LINE SEPARATOR}Lee", "Ann Lee"),
        ("Ann\N{NO-BREAK SPACE}Lee", "Ann Lee"),
        ("  Ann   Lee  ", "Ann Lee"),
        ("Ann \N{ZERO WIDTH SPACE} Lee", "Ann Lee"),
        ("\N{ZERO WIDTH SPACE} Ann", "Ann"),
        ("\x1b[31mAnn\x1b[0m", "[31mAnn[0m"),
        ("\x1b]0;title\x07Ann", "]0;titleAnn"),
        ("\x9b2JAnn", "2JAnn"),
        ("A\0n\x7fn\x08", "Ann"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}Ann", "Ann"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}nnA\N{POP DIRECTIONAL FORMATTING}", "nnA"),
        ("\N{RIGHT-TO-LEFT ISOLATE}Ann\N{POP DIRECTIONAL ISOLATE}", "Ann"),
        (f"{HEBREW}\N{RIGHT-TO-LEFT MARK}", HEBREW),
        (f"{ARABIC}\N{ARABIC LETTER MARK}", ARABIC),
        ("An\ud800n\udfff", "Ann"),
        ("\0\x1b\N{ZERO WIDTH SPACE}\n", ""),
    ],
)
def test_hidden_signs_go_and_the_rest_is_one_line_in_nfc(typed: str, shown: str) -> None:
    assert clean(typed) == shown


@given(_ANY_TEXT)
@example(" \N{ZERO WIDTH SPACE} ")
@example("e\N{ZERO WIDTH SPACE}\N{COMBINING DIAERESIS}")
def test_cleaning_is_done_once_and_for_all(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not HIDDEN_SIGNS.search(cleaned)
    assert cleaned == " ".join(cleaned.split())


@given(_ANY_TEXT)
def test_a_quotation_is_short_and_hides_nothing(text: str) -> None:
    shown = quoted(text)
    assert not HIDDEN_SIGNS.search(shown)
    assert len(shown) <= 42
    assert shown[0] == shown[-1] == '"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 40, '"' + "x" * 40 + '"'), ("x" * 41, '"' + "x" * 39 + '…"'), ("", '""')],
)
def test_a_quotation_of_more_than_40_signs_is_cut_visibly(text: str, shown: str) -> None:
    assert quoted(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "\0", "...", "-", "[/]", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH JOINER}",
     "\N{NO-BREAK SPACE}", "\ud800", "\N{BRAILLE PATTERN BLANK}", "\N{HANGUL FILLER}"],
    ids=ascii,
)  # fmt: skip
def test_a_required_text_with_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"A reason is empty\. Write it in words"):
        required_text(text, "A reason")


def test_a_required_text_is_cleaned() -> None:
    assert required_text("  under\x1b\nstudy ", "A reason") == "under study"


def test_a_required_text_has_at_most_500_signs() -> None:
    assert required_text("x" * 500 + "\0", "A reason") == "x" * 500
    with pytest.raises(UserError, match=r"A reason has 501 characters\. Use at most 500"):
        required_text("x" * 501, "A reason")


@given(st.text(st.characters(max_codepoint=0x7F)))
@example("")
@example(" a")
@example("a ")
@example("a  b")
@example("a\tb")
@example("a\x7fb")
def test_text_of_ascii_is_cleaned_as_any_other(text: str) -> None:
    """A shortcut leaves clean text as it is: it is held to what is not taken by it."""
    kept = "".join(sign for sign in text if 0x20 <= ord(sign) < 0x7F or sign.isspace())
    assert clean(text) == " ".join(kept.split())

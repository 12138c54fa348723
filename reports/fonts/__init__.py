"""DejaVu Sans, which is embedded in every report; its licence is in this folder."""

from functools import cache
from pathlib import Path
from typing import Any

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"

_FOLDER = Path(__file__).parent


@cache
def register_fonts() -> None:
    """Make the two fonts known to ReportLab, the bold one as the other's."""
    from reportlab.graphics.shapes import STATE_DEFAULTS  # noqa: PLC0415 - ReportLab is heavy
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - see above

    from reports.fonts.copied_font import CopiedFont  # noqa: PLC0415 - see above

    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(CopiedFont(name, _FOLDER / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
    # Each drawing begins in this font; else Helvetica, which is not embedded, is in the list of
    # the page's fonts although nothing is drawn in it.
    STATE_DEFAULTS["fontName"] = REGULAR


@cache
def letters_of_the_font() -> frozenset[int]:
    """Return the code points for which the regular font has a glyph, and the bold one too."""
    register_fonts()
    faces = (_face(name).charToGlyph for name in (REGULAR, BOLD))
    return frozenset.intersection(*map(frozenset, faces))


def _face(name: str) -> Any:  # the stubs know nothing of the face of a TrueType font
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - ReportLab is heavy

    return pdfmetrics.getFont(name).face  # type: ignore[attr-defined]  # see above

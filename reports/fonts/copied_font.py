"""DejaVu Sans as it is embedded: Arabic is copied and searched as letters, not as joined forms."""

import re
from pathlib import Path
from typing import Any

from reportlab.pdfbase.ttfonts import TTFont

from reports.fonts.copied_letters import COPIED_LAM, copied_letter

_SPACE_WITHOUT_WIDTH = 0x200B
_SIGN = re.compile(r"(?<=> )<(00A0|F[8BDE][0-9A-F]{2})>")


class CopiedFont(TTFont):
    """DejaVu Sans as ReportLab embeds it, with another table for copying."""

    def __init__(self, name: str, file: Path) -> None:
        """Read the font, and give the lam that is only copied the glyph of a space of no width."""
        super().__init__(name, str(file))
        face: Any = self.face
        face.charToGlyph[ord(COPIED_LAM)] = face.charToGlyph[_SPACE_WITHOUT_WIDTH]
        face.charWidths[ord(COPIED_LAM)] = 0

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - ReportLab's name
        """Add the font's objects to a document, and correct its tables for copying."""
        super().addObjects(doc)
        for name, table in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                table.content = _SIGN.sub(_as_copied, table.content)


def _as_copied(entry: re.Match[str]) -> str:
    """Return the entry of one sign, as the letter that is copied for it."""
    sign = chr(int(entry[1], 16))
    return f"<{copied_letter(sign).encode('utf-16-be').hex().upper()}>"

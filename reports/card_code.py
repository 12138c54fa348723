"""The code of a page for the family: its number, the program's version and a check code, as QR.

It holds no name and no record number. The number is a hash of record, prescription and time; the
check code is a hash of the number and of every figure of the doses on the page.
"""

from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from dosing import VERSION, plain
from monitoring.summary import PatientSummary
from monitoring.treatment import DosingPeriod
from reports.pictograms import box

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

_ID_LETTERS, _CHECK_LETTERS = 10, 6
_QUIET_MODULES = 4
"""The white room that a reader needs around the code."""


@dataclass(frozen=True, slots=True)
class CardCode:
    """The code of one page."""

    card_id: str
    version: str
    check: str

    @property
    def payload(self) -> str:
        """The text in the QR code."""
        return f"SIROLIMUS-CARD:1:{self.card_id}:{self.version}:{self.check}"


def card_code(summary: PatientSummary, periods: Iterable[DosingPeriod], kind: str) -> CardCode:
    """Return the code of a page of this kind with the doses of these periods."""
    doses = [_figures(each) for each in periods]
    number = summary.record.patient.entry.record_number
    recorded = [str(each.prescription.number) for each in summary.history.periods]
    card_id = _letters(_ID_LETTERS, kind, number, *recorded, str(summary.made))
    return CardCode(card_id, VERSION, _letters(_CHECK_LETTERS, card_id, VERSION, *doses))


def _figures(period: DosingPeriod) -> str:
    """Return every figure of a dose: amount, interval, product, strength and times."""
    dose = period.prescription.entry
    parts = (dose.dose_mg, dose.evening_mg, dose.strength_mg_per_ml)
    amounts = [plain(each) if each is not None else "" for each in parts]
    return "|".join([*amounts, str(dose.interval_hours), dose.product.value, str(period.since),
                     str(period.until or "")])  # fmt: skip


def _letters(count: int, *parts: str) -> str:
    digest = sha256("\n".join(parts).encode()).digest()
    return b32encode(digest).decode()[:count]


def qr_drawing(code: CardCode, width: float) -> "Drawing":
    """Return the QR code as a drawing, so many points wide with its white room."""
    import segno  # noqa: PLC0415 - only a page for the family needs it
    from reportlab.graphics.shapes import Drawing  # noqa: PLC0415 - ReportLab is heavy

    rows = segno.make_qr(code.payload, error="m").matrix
    module = width / (len(rows) + 2 * _QUIET_MODULES)
    drawing = Drawing(width, width)
    for down, row in enumerate(rows):
        y = width - (down + 1 + _QUIET_MODULES) * module
        for left, wide in _runs(row):
            x = (left + _QUIET_MODULES) * module
            drawing.add(box((x, y, wide * module, module), 0, is_filled=True))
    return drawing


def _runs(row: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Yield the dark runs of a row, each with its place and length in modules."""
    begun = None
    for place, is_dark in enumerate([*row, 0]):
        if is_dark and begun is None:
            begun = place
        elif not is_dark and begun is not None:
            yield begun, place - begun
            begun = None

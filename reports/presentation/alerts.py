"""The look of alerts on every surface: one sign, one word and one style for each kind."""

from dataclasses import dataclass
from enum import Enum

from dosing.alerts import Alert, AlertKind


class Style(Enum):
    """The weight of an alert; each surface has its own colour for it, which carries no meaning."""

    DANGER = "danger"
    WARNING = "warning"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Look:
    """The sign and the word of a kind of alert, readable without colour, and its style."""

    sign: str
    word: str
    style: Style

    def __str__(self) -> str:
        """Return the sign and the word."""
        return f"{self.sign} {self.word}"


LOOKS = {
    AlertKind.STOP: Look("■", "STOP", Style.DANGER),
    AlertKind.OVERRIDE: Look("▲", "OVERRIDE", Style.DANGER),
    AlertKind.URGENT: Look("▲", "URGENT", Style.DANGER),
    AlertKind.CAUTION: Look("!", "caution", Style.WARNING),
    AlertKind.NOTE: Look("·", "note", Style.QUIET),
}


def alert_text(alert: Alert, source: str | None = None) -> str:
    """Return the message of an alert with its source in brackets.

    `source` replaces the key of the source, such as by its number on paper.
    """
    return f"{alert.message} {f'[{alert.source}]' if source is None else source}"


def alert_line(alert: Alert, source: str | None = None) -> str:
    """Return an alert in one line: its kind, its message and its source.

    >>> alert_line(Alert("level-early", AlertKind.CAUTION, "Too early.", "us-label"))
    'caution: Too early. [us-label]'
    """
    return f"{alert.kind.word}: {alert_text(alert, source)}"

"""What the program has to say: stops, overrides, urgent things, cautions and notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from dosing.sources import SOURCES


class AlertKind(IntEnum):
    """How strong an alert is; a higher number is stronger."""

    NOTE = 1
    CAUTION = 2
    URGENT = 3
    """To act on now; it says nothing against a dose that is yet to be proposed."""
    OVERRIDE = 4
    """A stop that a documented reason and a named person pass."""
    STOP = 5
    """No proposal until the input is changed."""

    @property
    def word(self) -> str:
        """The kind as it is written on screen and in JSON.

        >>> AlertKind.STOP.word
        'stop'
        """
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to know: what was found, what limit it met, and on whose authority."""

    code: str
    kind: AlertKind
    message: str
    source: str
    value: str | None = None
    limit: str | None = None
    asks_early_level: bool = False
    """Whether the first level is to be taken earlier than the protocol says."""

    def __post_init__(self) -> None:
        """Raise `KeyError` where the source has no citation."""
        SOURCES[self.source]

    def __repr__(self) -> str:
        """Return the kind, the code and the message."""
        return f"<{type(self).__name__} {self.kind.word} {self.code}: {self.message}>"


def blocking_codes(alerts: Iterable[Alert]) -> tuple[str, ...]:
    """Return the codes of what stands against a dose: stops, and what only an override passes."""
    return tuple(alert.code for alert in alerts if alert.kind >= AlertKind.OVERRIDE)


def strongest_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Return the alerts by their strength; those of one kind keep their order."""
    return tuple(sorted(alerts, key=lambda alert: -alert.kind))


def has_stop(alerts: Iterable[Alert]) -> bool:
    """Return whether a stop stands among the alerts."""
    return any(alert.kind is AlertKind.STOP for alert in alerts)


def needs_override(alerts: Iterable[Alert]) -> bool:
    """Return whether a stop that only an override passes stands among the alerts."""
    return any(alert.kind is AlertKind.OVERRIDE for alert in alerts)

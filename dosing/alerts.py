"""Alerts: stops, overrides, urgent findings, cautions and notes.

Every alert is made from a row of `dosing.knowledge.alert_catalogue` or `dosing.knowledge.limits`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from string import Formatter

from dosing.knowledge.references import PROPOSED, SOURCES

BY_ROW = "by row"
"""The source of a catalogue row whose alerts bring their own, from another table."""


class AlertKind(IntEnum):
    """The kind of an alert; a higher number is stronger."""

    NOTE = 1
    CAUTION = 2
    URGENT = 3
    """To act on now; it does not forbid a dose."""
    OVERRIDE = 4
    """A stop that a named person can override with a reason."""
    STOP = 5
    """No proposal until the input is changed."""

    @property
    def word(self) -> str:
        """The name of the kind on screen and in JSON.

        >>> AlertKind.STOP.word
        'stop'
        """
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding with its message, the value, the limit and the source."""

    code: str
    kind: AlertKind
    message: str
    source: str
    value: str | None = None
    limit: str | None = None
    asks_early_level: bool = False
    """True if the first level is due earlier than the protocol says."""

    def __post_init__(self) -> None:
        """Raise `KeyError` where the source has no citation."""
        SOURCES[self.source]

    def __repr__(self) -> str:
        """Return the kind, the code and the message."""
        return f"<{type(self).__name__} {self.kind.word} {self.code}: {self.message}>"

    @property
    def fact(self) -> str:
        """The fact of the message, without what to do.

        >>> Alert("code", AlertKind.STOP, "A weight of 3.2 kg is too low. Check it.", PROPOSED).fact
        'A weight of 3.2 kg is too low'
        """
        return self.message.partition(". ")[0].removesuffix(".")

    def to_dict(self) -> dict[str, str | None]:
        """Return the alert as every JSON document of the program holds it."""
        return {
            "code": self.code,
            "kind": self.kind.word,
            "message": self.message,
            "source": self.source,
            "value": self.value,
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One row of the catalogue: a code of one kind, its sentences and its source.

    A sentence with a figure that is None is left out; a figure that is not passed is an error.

    >>> row = AlertRow("level-high", AlertKind.NOTE, ("{level} is above {limit}.", "{more}."))
    >>> row.alert(level="16 ng/mL", limit="15 ng/mL", more=None).message
    '16 ng/mL is above 15 ng/mL.'
    """

    code: str
    kind: AlertKind
    sentences: tuple[str, ...]
    source: str = PROPOSED
    asks_early_level: bool = False

    @property
    def figures(self) -> frozenset[str]:
        """The names of the figures in the sentences."""
        return frozenset().union(*map(_figures_in, self.sentences))

    def alert(
        self,
        *,
        source: str | None = None,
        value: str | None = None,
        limit: str | None = None,
        **figures: object,
    ) -> Alert:
        """Return the alert with its figures filled in.

        `source` is given where the row's is `BY_ROW`, and nowhere else. `value` and `limit` are
        kept in the alert; a sentence may contain them, too.
        """
        if (source is None) is (self.source == BY_ROW):
            raise TypeError(f"The source of {self.code} is {self.source}, not {source}.")
        known = {**figures, "value": value, "limit": limit}
        sentences = (
            sentence.format_map(known)
            for sentence in self.sentences
            if all(known[name] is not None for name in _figures_in(sentence))
        )
        message = " ".join(sentences)
        return Alert(
            self.code,
            self.kind,
            message[:1].upper() + message[1:],
            source or self.source,
            value,
            limit,
            self.asks_early_level,
        )


@cache
def _figures_in(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


class Alerts(tuple[Alert, ...]):
    """Alerts in an order, with the questions about all of them."""

    __slots__ = ()

    def __add__(self, more: Iterable[Alert]) -> "Alerts":  # type: ignore[override]  # of alerts only
        """Return these alerts and more of them."""
        return Alerts((*self, *more))

    @property
    def stopped(self) -> bool:
        """Return whether a stop is among them, which cannot be overridden."""
        return bool(self.of_kind(AlertKind.STOP))

    @property
    def awaits_override(self) -> bool:
        """Return whether a documented override is needed, and would suffice."""
        return bool(self.of_kind(AlertKind.OVERRIDE)) and not self.stopped

    @property
    def blocking_codes(self) -> tuple[str, ...]:
        """The codes of the alerts that prevent a dose: stops, and those that await an override."""
        return tuple(alert.code for alert in self if alert.kind >= AlertKind.OVERRIDE)

    def forbid(self, override: object) -> bool:
        """Return whether they forbid a dose; `override` may be None or empty."""
        return self.stopped or (self.awaits_override and not override)

    def passed_by(self, override: object) -> tuple[str, ...]:
        """Return the codes that the override passes: none without one, or with a stop."""
        if not override or self.stopped:
            return ()
        return tuple(alert.code for alert in self.of_kind(AlertKind.OVERRIDE))

    @property
    def notes(self) -> "Alerts":
        """The notes among them."""
        return self.of_kind(AlertKind.NOTE)

    @property
    def pressing(self) -> "Alerts":
        """All but the notes."""
        return Alerts(alert for alert in self if alert.kind is not AlertKind.NOTE)

    def of_code(self, *codes: str) -> "Alerts":
        """Return the alerts of these codes."""
        return Alerts(alert for alert in self if alert.code in codes)

    def of_kind(self, *kinds: AlertKind) -> "Alerts":
        """Return the alerts of these kinds."""
        return Alerts(alert for alert in self if alert.kind in kinds)

    def codes_of(self, kind: AlertKind) -> tuple[str, ...]:
        """Return the codes of the alerts of a kind, each once."""
        return tuple(dict.fromkeys(alert.code for alert in self.of_kind(kind)))

    def strongest_first(self) -> "Alerts":
        """Return them by strength; alerts of one kind keep their order."""
        return Alerts(sorted(self, key=lambda alert: -alert.kind))

    def forbidding_nothing(self) -> "Alerts":
        """Return them with each stop and override as an urgent finding."""
        return Alerts(
            replace(alert, kind=AlertKind.URGENT) if alert.kind > AlertKind.URGENT else alert
            for alert in self
        )

    def distinct(self) -> "Alerts":
        """Return each different alert once."""
        return Alerts(dict.fromkeys(self))

    def without(self, codes: Collection[str]) -> "Alerts":
        """Return the alerts with other codes than these."""
        return Alerts(alert for alert in self if alert.code not in codes)

    def beyond(self, known: Iterable[Alert]) -> "Alerts":
        """Return those without an alert of the same code and kind among the known ones."""
        before = {(alert.code, alert.kind) for alert in known}
        return Alerts(alert for alert in self if (alert.code, alert.kind) not in before)

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of their sources."""
        return tuple(alert.source for alert in self)


NO_ALERTS = Alerts()

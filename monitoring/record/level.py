"""A sirolimus level, with everything needed to assess it later."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from dosing import Quantity, QuantityKind, ReadingError, UserError, plain, read_quantity
from monitoring.record.entry import Entry, check_overridden_alerts, codes_in_column, free_text, keep
from monitoring.times import Moment

_SECOND = timedelta(seconds=1)


class Comparator(Enum):
    """A level outside what the assay can measure."""

    BELOW = "<"
    ABOVE = ">"


def comparator_sign(comparator: Comparator | None) -> str:
    """Return the sign before a value, or nothing."""
    return comparator.value if comparator else ""


class Assay(Enum):
    """The assay of a level. Assays differ: CMIA results are about 22 % above LC-MS/MS."""

    LC_MS_MS = "lc-ms/ms"
    CMIA = "cmia"
    EMIT = "emit"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Entry):
    """A level in whole blood, in the reported unit, every digit kept.

    `comparator` marks a censored value (<2.0 or >30). Raises `UserError` for a last dose after
    the sample, and for overridden alerts without a reason.
    """

    sampled: Moment
    value: Quantity
    comparator: Comparator | None = None
    last_dose: Moment | None = None
    assay: Assay | None = None
    laboratory: str = ""
    reason: str = ""
    """The reason to record it although it exceeds a limit."""
    overridden_alerts: tuple[str, ...] = codes_in_column("passed")
    """The codes of the alerts that the reason overrides."""
    last_dose_assumed: bool | None = None
    """True if the time of the last dose is the schedule's, and nobody confirmed it."""

    def __post_init__(self) -> None:
        """Check the kind of quantity and the order of the times, and clean the texts."""
        keep(self, "laboratory", free_text(self.laboratory, "The laboratory"))
        keep(self, "reason", free_text(self.reason, "The reason"))
        check_overridden_alerts(self.overridden_alerts, self.reason)
        if self.value.kind is not QuantityKind.LEVEL:
            raise UserError(
                f"{self.value} is not a level. Write it with its unit, as in 7.2 ng/mL."
            )
        if self.last_dose is not None and self.sampled < self.last_dose:
            raise UserError("The last dose is after the sample. Check both times.")
        if self.last_dose_assumed and self.last_dose is None:
            raise UserError("An assumed last dose has no time. Enter the time.")

    def __str__(self) -> str:
        """Return the level as it was reported.

        >>> value, comparator = read_level("<2.0 ng/mL")
        >>> str(Level(sampled=Moment.read("2026-11-05T08:00", "UTC"), value=value,
        ...           comparator=comparator))
        '<2.0 ng/mL'
        """
        return f"{comparator_sign(self.comparator)}{self.value}"

    @property
    def reflects_until(self) -> Moment:
        """The last moment whose dose the level reflects.

        It is that of the last dose; without a known one, the second before the sample.
        """
        return self.last_dose or replace(self.sampled, utc=self.sampled.utc - _SECOND)

    def is_from_before(self, change: Moment) -> bool:
        """Return whether a change of the dose came after the doses that the level reflects."""
        return self.reflects_until < change


class LevelCause(Enum):
    """The cause of a level that does not fit: an error of dosing or sampling, or a real change."""

    GIVEN_TWICE = "given-twice"
    MISSED = "missed"
    VOMITED = "vomited"
    WRONG_VOLUME = "wrong-volume"
    SAMPLED_EARLY = "sampled-early"
    LINE_OR_FINGER = "line-or-finger"
    WRONG_PATIENT = "wrong-patient"
    NEW_DRUG = "new-drug"
    GRAPEFRUIT = "grapefruit"
    CANNABIDIOL = "cannabidiol"
    DIARRHOEA = "diarrhoea"
    LIVER = "liver"
    PRODUCT = "product"
    FOOD = "food"
    HAEMATOCRIT = "haematocrit"
    TRANSFUSION = "transfusion"
    NOT_FOUND = "not-found"

    @property
    def is_error(self) -> bool:
        """Return whether dosing or sampling was wrong: the level is excluded then."""
        return self in _ERRORS

    @property
    def is_real_change(self) -> bool:
        """Return whether the level is right, and its cause is dealt with first."""
        return not self.is_error and self is not LevelCause.NOT_FOUND


_ERRORS = {
    LevelCause.GIVEN_TWICE,
    LevelCause.MISSED,
    LevelCause.VOMITED,
    LevelCause.WRONG_VOLUME,
    LevelCause.SAMPLED_EARLY,
    LevelCause.LINE_OR_FINGER,
    LevelCause.WRONG_PATIENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCauseAnswer(Entry):
    """The cause of a level that does not fit; a later answer replaces an earlier one.

    `of` is the number of the level's entry. `is_excluded` takes the level out of every assessment
    and fit; it stays visible.
    """

    of: int
    on: date
    cause: LevelCause
    is_excluded: bool
    text: str = ""

    @classmethod
    def about(
        cls, level: int, cause: LevelCause, on: date, *, exclude: bool = False, text: str = ""
    ) -> "LevelCauseAnswer":
        """Return the answer about a level: an error of dosing or sampling excludes it."""
        is_excluded = cause.is_error or exclude
        return cls(of=level, on=on, cause=cause, is_excluded=is_excluded, text=text)

    def __post_init__(self) -> None:
        """Clean the remark."""
        keep(self, "text", free_text(self.text, "The remark"))


def read_level(text: str) -> tuple[Quantity, Comparator | None]:
    """Return a level as it was typed and its comparator, such as "7.2 ng/mL" or "<2.0 ng/mL".

    Raises `ReadingError` with an example.
    """
    stripped = text.strip(" \t")
    comparator = next((each for each in Comparator if stripped.startswith(each.value)), None)
    number = stripped[1:] if comparator else stripped
    if comparator and number.startswith("="):
        raise ReadingError("A censored level has < or > alone. Write it as in <2.0 ng/mL.")
    return read_quantity(number, QuantityKind.LEVEL), comparator


def written(level: Level) -> str:
    """Return the level as it was reported, and in ng/mL if that is another figure.

    >>> value, _ = read_level("16.40 nmol/L")
    >>> written(Level(sampled=Moment.read("2026-11-05T08:00", "UTC"), value=value))
    '16.40 nmol/L (14.9924 ng/mL)'
    """
    ng_ml = level.value.value
    return str(level) if ng_ml == level.value.number else f"{level} ({plain(ng_ml, 4)} ng/mL)"

"""Concomitant drugs: their days, and their effect on the sirolimus level."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dosing.knowledge.interactions import Drug, find_drugs, nearly_to_avoid
from dosing.knowledge.references import UNCONFIRMED
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StoredEntry


@dataclass(frozen=True)
class ConcomitantDrug:
    """A drug given with sirolimus from one day to another, both included."""

    recorded: StoredEntry[CoMedication]

    @property
    def name(self) -> str:
        """The drug as recorded."""
        return self.recorded.entry.drug

    @property
    def since(self) -> date:
        """The first day."""
        return self.recorded.entry.since

    @property
    def until(self) -> date | None:
        """The last day, or None if it continues."""
        return self.recorded.ending.entry.on if self.recorded.ending else None

    @cached_property
    def known(self) -> tuple[Drug, ...]:
        """The rows of the interaction table with its name, or with nearly that of one to avoid."""
        return find_drugs(self.name) or nearly_to_avoid(self.name)

    @property
    def changing_level(self) -> tuple[Drug, ...]:
        """The rows that may change the sirolimus level."""
        return tuple(drug for drug in self.known if drug.may_change_level)

    @property
    def surely_changing_level(self) -> tuple[Drug, ...]:
        """The rows that change the sirolimus level, confirmed by a source."""
        return tuple(drug for drug in self.changing_level if drug.source != UNCONFIRMED)

    @property
    def changes_exposure_much(self) -> bool:
        """Return whether it is to be avoided, or changes the exposure by half or more."""
        return any(drug.changes_exposure_much for drug in self.known)

    @property
    def is_strong_inducer(self) -> bool:
        """Return whether it lowers the level several-fold."""
        return any(drug.is_strong_inducer for drug in self.known)

    @property
    def changes(self) -> tuple["DrugChange", ...]:
        """Its start and, if it has ended, its end."""
        started = DrugChange(self, "started", self.since)
        return (
            (started,) if self.until is None else (started, DrugChange(self, "stopped", self.until))
        )

    def is_called(self, name: str) -> bool:
        """Return whether the table has it under this name, or it was recorded so."""
        return any(drug.name == name for drug in self.known) or self.name.lower() == name

    def is_given_on(self, day: date) -> bool:
        """Return whether it was given on a day."""
        return self.is_given_between(day, day)

    def is_given_between(self, first: date, last: date) -> bool:
        """Return whether it was given on at least one day, from the first to the last."""
        return self.since <= last and (self.until is None or first <= self.until)


@dataclass(frozen=True, slots=True)
class DrugChange:
    """The first or the last day of a drug."""

    drug: ConcomitantDrug
    verb: str
    """`started` or `stopped`."""
    day: date

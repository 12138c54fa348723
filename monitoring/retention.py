"""The patients whose record may be removed: nothing was recorded for the years of the clinic.

The law of the clinic's country decides for how long a record is kept, and for how long that of a
minor. Both are the clinic's to state: without them nobody is listed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.birth_date import last_day
from dosing.quantities.formatting import count_of
from dosing.quantities.text import quoted
from monitoring.exchange.merging import says_merged_into
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.patient import Patient
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

if TYPE_CHECKING:
    from monitoring.store.store import Store

_MOST_YEARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """The clinic's rule. Raises `UserError` for impossible years."""

    years: int
    """A record is kept for so many years after its last entry."""
    born_before: date
    """Only who was surely born before this day is listed: it is the clinic's rule for minors."""

    def __post_init__(self) -> None:
        """Check the years."""
        if not 1 <= self.years <= _MOST_YEARS:
            raise UserError(f"Records are kept for 1 to {_MOST_YEARS} years. Correct the years.")

    def last_kept(self, today: date) -> date:
        """Return the day before which the last entry must lie."""
        try:
            return today.replace(year=today.year - self.years)
        except ValueError:  # 29 February
            return today.replace(year=today.year - self.years, day=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedRecord:
    """A record whose time is over: the patient, the last day in it, and why it still stays."""

    record_number: str
    name: str
    born: date
    last_day: date
    """The last day on which something was recorded, or that an entry names."""
    keeps: str = ""
    """What must be answered before the removal; empty if nothing."""

    def to_dict(self) -> dict[str, object]:
        """Return the record as `sirolimus patient retention --json` prints it."""
        return {
            "record_number": self.record_number,
            "name": self.name,
            "born": str(self.born),
            "last_entry": str(self.last_day),
            "keeps": self.keeps or None,
        }


def retention_rule(years: str | None, born_before: str | None) -> RetentionRule | None:
    """Return the rule of two texts; None without either. Raises `UserError` for wrong ones."""
    if not years and not born_before:
        return None
    if not years or not born_before:
        missing = "years" if not years else "birth date before which nobody is a minor"
        raise UserError(
            f"The rule has no {missing}. Give both --years and --born-before, or set "
            "retention_years and retention_born_before."
        )
    if not (years.isascii() and years.isdigit() and len(years) <= 3):
        raise UserError(f"{quoted(years)} is not a number of years. Write it as in 10.")
    try:
        born = date.fromisoformat(born_before)
    except ValueError:
        raise UserError(
            f"{quoted(born_before)} is not a date. Write it as in 2008-11-30."
        ) from None
    return RetentionRule(years=int(years), born_before=born)


def retained(store: "Store", rule: RetentionRule, now: Moment) -> tuple[RetainedRecord, ...]:
    """Return the records whose time is over, voided ones too, the oldest first.

    A removal erases every record of a number, and those merged into them. A voided record is
    therefore left out while another one of its number goes on, and where it was merged into
    another: it goes with that.
    """
    numbers = [each.patient for each in store.patients(voided=True)]
    records = store.read_some(numbers)
    found = [(each, _retained(each, rule, now)) for each in records]
    ever = {row.entry.record_number for each in records for row in each.of(Patient)}
    going_on = {
        each.patient.entry.record_number for each, retained_now in found if retained_now is None
    }
    listed = [
        retained_now
        for each, retained_now in found
        if retained_now is not None
        and retained_now.record_number not in going_on
        and not _is_merged(each, ever)
    ]
    return tuple(sorted(listed, key=lambda each: (each.last_day, each.record_number)))


def _is_merged(record: Record, numbers: Iterable[str]) -> bool:
    void = record.entries[0].void
    return void is not None and any(says_merged_into(void.entry.reason, each) for each in numbers)


def _retained(record: Record, rule: RetentionRule, now: Moment) -> RetainedRecord | None:
    patient = record.patient.entry
    last = max(_days_of(record.entries))
    if last >= rule.last_kept(now.local.date()) or last_day(patient.born) >= rule.born_before:
        return None
    is_void = not record.entries[0].is_active
    is_given = not is_void and TreatmentHistory.of(record).period_at(now) is not None
    unreadable = count_of(len(record.unreadable), "entry", "entries")
    keeps = [
        "the dose has no end: record it" if is_given else "",
        f"{unreadable} cannot be read: run `sirolimus verify`" if record.unreadable else "",
    ]
    return RetainedRecord(
        record_number=patient.record_number,
        name=patient.name,
        born=patient.born,
        last_day=last,
        keeps="; ".join(filter(None, keeps)),
    )


def _days_of(entries: Iterable[StoredEntry]) -> Iterator[date]:  # type: ignore[type-arg]
    """Yield the days on which entries were recorded, and those that they name but for the birth."""
    for each in entries:
        for stored in filter(None, (each, each.ending, each.void)):
            yield stored.author.at.local.date()
            for field in fields(stored.entry):
                value = getattr(stored.entry, field.name)
                if isinstance(value, Moment):
                    yield value.local.date()
                elif isinstance(value, date) and field.name != "born":
                    yield value

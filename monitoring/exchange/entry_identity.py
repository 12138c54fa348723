"""The identity of an entry that comes from elsewhere: its kind, its subject, its time, its value.

Two entries of one patient with the same kind, subject and time are the same result. With the same
value the second adds nothing; with another value a person must decide.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, cast

from dosing.quantities.text import shortened
from monitoring.exchange import coded_test
from monitoring.laboratory.tests import find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.entry import Entry
from monitoring.record.kinds import NAMES, kind_of
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level, comparator_sign
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.record.response import Response
from monitoring.record.settlement import Settlement
from monitoring.times import Moment

Value = tuple[object, ...]
"""What must be equal in two entries of the same identity, or they are a conflict."""


class EntrySubject(NamedTuple):
    """The kind of an entry, its subject (a test, a term, a drug) and its time."""

    kind: str
    """The name of the kind in the store."""
    subject: str
    when: datetime
    """In UTC; midnight of UTC for a day."""

    @property
    def of_any_time(self) -> tuple[str, str]:
        """The kind and the subject."""
        return self.kind, self.subject


def about(entry: Entry) -> EntrySubject:
    """Return the identity of an entry."""
    return EntrySubject(
        NAMES[type(entry)], subject(entry), in_utc(getattr(entry, kind_of(entry).begins))
    )


def in_utc(when: Moment | date) -> datetime:
    """Return a time in UTC, or the midnight of a day."""
    return when.utc if isinstance(when, Moment) else datetime.combine(when, time(), UTC)


def subject(entry: Entry) -> str:  # noqa: PLR0911 - one for each kind
    """Return what an entry is about, whatever synonym was used."""
    match entry:
        case Level():
            return ""
        case LaboratoryValue():
            return subject_of_test(entry.test)
        case Measurement():
            return "weight" if entry.weight else "height"
        case MissedDose():
            return entry.kind.value
        case Note():
            return entry.text
        case Settlement():
            return entry.what
    named = kind_of(entry).about
    return " + ".join(sorted(str(each) for each in named(entry))) if named else ""


@lru_cache(maxsize=1000)
def subject_of_test(name: str) -> str:
    """Return the known name of a test, or else the name itself, in small letters."""
    known = find_test(name)
    return (known.name if known else name).casefold()


def value(  # noqa: PLR0911 - one for each kind
    entry: Entry, ended: datetime | None = None
) -> Value:
    """Return the value of an entry; `ended` is the end of a hold."""
    match entry:
        case Level() | LaboratoryValue():
            return MeasuredValue(
                entry.comparator.value if entry.comparator else None,
                entry.value.number,
                entry.value.unit,
            )
        case Measurement():
            size = entry.as_weight.kg if entry.as_weight else entry.as_height and entry.as_height.cm
            return (size,)
        case Prescription():
            return entry.dose_mg, entry.interval_hours, entry.evening_mg, entry.product
        case MissedDose():
            until = ended or (entry.until and entry.until.utc)
            return until, bool(entry.is_open) and until is None
        case AdverseEvent():
            return entry.grade, entry.action
        case Response():
            return (entry.improved,)
    return ()


class MeasuredValue(NamedTuple):
    """The value of a level or a laboratory value."""

    comparator: str | None
    number: Decimal
    unit: str

    def __str__(self) -> str:
        """Return the value as it was reported."""
        return f"{self.comparator or ''}{self.number:f} {self.unit}"


def parts_of(entry: Entry) -> tuple[Entry, ...]:
    """Return the entries of one subject each: weight and height, as other systems report them."""
    if isinstance(entry, Measurement) and entry.weight and entry.height:
        return replace(entry, height=None), replace(entry, weight=None)
    return (entry,)


def joined(first: Entry, second: Entry) -> Entry:
    """Return the weight and the height of one item as one measurement again."""
    one, other = cast("Measurement", first), cast("Measurement", second)
    return replace(one, weight=one.weight or other.weight, height=one.height or other.height)


# --- in words


def test_name(entry: Entry) -> str:
    """Return the name of the test, or of the kind of another entry."""
    if isinstance(entry, Level):
        return coded_test.Measurand.LEVEL.value
    return entry.test if isinstance(entry, LaboratoryValue) else kind_of(entry).what


def reported(entry: Entry) -> str:
    """Return the value of an entry as it was reported, such as "<2.0 ng/mL"."""
    match entry:
        case Level() | LaboratoryValue():
            return f"{comparator_sign(entry.comparator)}{entry.value}"
        case Measurement():
            return ", ".join(str(each) for each in (entry.weight, entry.height) if each)
        case Prescription():
            return str(entry)
    return shortened(kind_of(entry).in_words(entry))


def happened(entry: Entry) -> Moment | date:
    """Return the time of an entry, or the day."""
    return cast("Moment | date", getattr(entry, kind_of(entry).begins))

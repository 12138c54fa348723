"""The patient of a result: by the record number, and by the date of birth where both are known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dosing.birth_date import may_be_same_birth
from dosing.quantities.text import quoted
from monitoring.exchange.incoming import PatientIdentity
from monitoring.record.entries import StoredEntry
from monitoring.record.patient import Patient
from monitoring.times import short

Stored = StoredEntry[Patient]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The reason why it is not clear which patient it is, and the field that is wrong."""

    reason: str
    part: str


def without_zeros(number: str) -> str:
    """Return a record number without its leading zeros."""
    return number.lstrip("0") or "0"


class PatientIndex:
    """The active patients by their record numbers."""

    def __init__(self, patients: Iterable[Stored]) -> None:
        """Take the patients as last changed."""
        self._exact: dict[str, Stored] = {}
        self._alike: dict[str, list[Stored]] = {}
        for each in patients:
            number = each.entry.record_number
            self._exact[number] = each
            self._alike.setdefault(without_zeros(number), []).append(each)

    def find(self, identity: PatientIdentity) -> Stored | NoMatch | None:
        """Return the patient, the reason for a refusal, or None for an unknown patient.

        The first number that is in the records decides. Numbers that differ by leading zeros alone
        need the date of birth, where the zeros may be lost or no number is exact. A number that
        begins with a zero has lost none: a spreadsheet takes all of them away.
        """
        numbers = [each.value for each in identity.identifiers]
        exact = [self._exact[number] for number in numbers if number in self._exact]
        if len({each.patient for each in exact}) > 1:
            both = " and ".join(quoted(each.entry.record_number) for each in exact[:2])
            return NoMatch(
                f"the numbers {both} are of two patients in the records. Check them.", identity.part
            )
        if exact:
            number = exact[0].entry.record_number
            may_lack = identity.may_lack_zeros and not number.startswith("0")
            alike = self._alike[without_zeros(number)] if may_lack else exact[:1]
        else:
            number = numbers[0]
            alike = [
                each
                for key in dict.fromkeys(without_zeros(each) for each in numbers)
                for each in self._alike.get(key, ())
            ]
        if not alike:
            return None
        if exact and len(alike) == 1:
            return _born_alike(alike[0], identity)
        return _by_birth(number, alike, identity, is_exact=bool(exact))


def _born_alike(found: Stored, identity: PatientIdentity) -> Stored | NoMatch:
    """Return the patient unless the source states another date of birth."""
    born = found.entry.born
    if identity.born is None or may_be_same_birth(identity.born, born):
        return found
    return NoMatch(
        f"the patient {quoted(found.entry.record_number)} was born on {short(born)}, not on "
        f"{short(identity.born)}. Check the record number.",
        identity.born_part,
    )


def _by_birth(
    number: str, alike: Sequence[Stored], identity: PatientIdentity, *, is_exact: bool
) -> Stored | NoMatch:
    """Return the only one of patients with like numbers who was born on the stated day."""
    others = sorted(each.entry.record_number for each in alike)
    known = " and ".join(quoted(each) for each in others if each != number)
    if is_exact:
        problem = (
            f"{quoted(number)} may have lost leading zeros, and {known} is in the records, too"
        )
    else:
        problem = (
            f"no patient has the record number {quoted(number)}, and {known} differs by leading "
            "zeros"
        )
    if identity.born is None:
        return NoMatch(
            f"{problem}. Export the numbers as text, or add the date of birth.", identity.part
        )
    born = [each for each in alike if may_be_same_birth(identity.born, each.entry.born)]
    if len(born) == 1:
        return born[0]
    count = "several were" if born else "none was"
    return NoMatch(
        f"{problem}; {count} born on {short(identity.born)}. Check the record number.",
        identity.part,
    )

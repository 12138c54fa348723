"""Patients whom an import adds: only with a name, a date of birth and a sex, and never in doubt."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dosing import UserError
from monitoring.exchange.incoming import IncomingPatient, PatientIdentity, SourcePlace
from monitoring.exchange.patient_matching import without_zeros
from monitoring.record.name_keys import words_of
from monitoring.record.patient import Patient
from monitoring.times import Moment

if TYPE_CHECKING:
    from monitoring.store.store import Store


UNKNOWN_PATIENT = "The patient is not in the records."


@dataclass(frozen=True, slots=True)
class NewPatient:
    """A patient to add: below zero, a number for this import alone, and the particulars."""

    patient: int
    entry: Patient


@dataclass(slots=True)
class _Newcomer:
    """One unknown patient, by all items of one import."""

    number: int
    identity: PatientIdentity
    diagnosis: str = ""
    place: SourcePlace | None = None
    """The place of the particulars, where they came without a result."""
    stated: Patient | None = None
    """The whole patient, where the file is an export of this program."""
    doubt: str = ""
    made: NewPatient | None = None


def _is_same_person(patient: Patient, other: NewPatient) -> bool:
    return patient.born == other.entry.born and words_of(patient.name) == words_of(other.entry.name)


class NewPatients:
    """The unknown patients of one import, by their record numbers."""

    def __init__(self, store: "Store", now: Moment) -> None:
        """Begin without any."""
        self._store = store
        self._now = now
        self._by_number: dict[str, _Newcomer] = {}
        self._all: list[_Newcomer] = []
        self._alike: dict[str, set[int]] = {}

    def see(self, identity: PatientIdentity, item: IncomingPatient | None = None) -> None:
        """Note what an item says about an unknown patient."""
        numbers = [each.value for each in identity.identifiers]
        known = {id(each): each for number in numbers if (each := self._by_number.get(number))}
        if not known:
            newcomer = _Newcomer(-len(self._all) - 1, identity)
            self._all.append(newcomer)
        else:
            newcomer, *others = known.values()
            for each in (newcomer, *others) if others else ():
                each.doubt = "its numbers are of several patients in the file"
            self._compare(newcomer, identity)
        for number in numbers:
            self._by_number.setdefault(number, newcomer)
            self._alike.setdefault(without_zeros(number), set()).add(newcomer.number)
        if item is not None:
            newcomer.place = item.place
            newcomer.diagnosis = newcomer.diagnosis or item.diagnosis
            newcomer.stated = newcomer.stated or item.particulars

    @staticmethod
    def _compare(newcomer: _Newcomer, identity: PatientIdentity) -> None:
        """Complete the particulars by those of another item; a contradiction is a doubt."""
        before = newcomer.identity
        if before.born and identity.born and before.born != identity.born:
            newcomer.doubt = "the file states two dates of birth"
        if before.sex and identity.sex and before.sex is not identity.sex:
            newcomer.doubt = "the file states two sexes"
        if before.name and identity.name and words_of(before.name) != words_of(identity.name):
            newcomer.doubt = "the file states two names"
        newcomer.identity = replace(
            before,
            born=before.born or identity.born,
            name=before.name or identity.name,
            sex=before.sex or identity.sex,
        )

    def find(self, identity: PatientIdentity) -> NewPatient | str:
        """Return the new patient of an item, or the reason why there is none."""
        newcomer = next(
            (
                found
                for each in identity.identifiers
                if (found := self._by_number.get(each.value)) is not None
            ),
            None,
        )
        if newcomer is None:
            return UNKNOWN_PATIENT
        if newcomer.made is None and not newcomer.doubt:
            self._make(newcomer)
        return newcomer.made or f"The patient is not added: {newcomer.doubt}."

    def _make(self, newcomer: _Newcomer) -> None:
        from monitoring.record.duplicate_patients import (  # noqa: PLC0415 - for new patients alone
            duplicate_patients,
            duplicates_text,
            removed_before,
        )
        from monitoring.record.enter import check_patient  # noqa: PLC0415 - as above

        identity = newcomer.identity
        number = identity.identifiers[0].value
        missing = [
            what
            for what, known in (
                ("name", identity.name), ("date of birth", identity.born), ("sex", identity.sex),
            )
            if not known
        ]  # fmt: skip
        if len(self._alike[without_zeros(number)]) > 1:
            newcomer.doubt = "another number of the file differs by leading zeros"
        elif missing or identity.born is None or identity.sex is None:
            newcomer.doubt = f"the file does not state the {' and the '.join(missing)}"
        else:
            try:
                patient = newcomer.stated or Patient(
                    record_number=number, name=identity.name, born=identity.born,
                    sex=identity.sex, diagnosis=newcomer.diagnosis,
                )  # fmt: skip
                check_patient(patient, self._now.local.date())
            except UserError as error:
                newcomer.doubt = str(error).rstrip(".")
                return
            others = duplicate_patients(self._store, patient)
            if others:
                newcomer.doubt = duplicates_text(others).rstrip(".")
            elif before := removed_before(self._store, patient.record_number):
                newcomer.doubt = before.rstrip(".")
            elif any(_is_same_person(patient, each.made) for each in self._all if each.made):
                newcomer.doubt = "the file has this name and birth date under another number, too"
            else:
                newcomer.made = NewPatient(newcomer.number, patient)

    def needed(self, additions: Iterable[Any]) -> tuple[NewPatient, ...]:
        """Return the patients of additions, and those whose particulars came by themselves."""
        numbers = {each.patient.patient for each in additions}
        made = []
        for each in self._all:
            if each.place is not None and each.made is None and not each.doubt:
                self._make(each)
            if each.made and (each.number in numbers or each.place is not None):
                made.append(each.made)
        return tuple(made)

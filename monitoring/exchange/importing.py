"""The plan of an import: the results that are new, known, corrected, waiting or refused.

Whatever the format, a reader yields the items of `monitoring.exchange.incoming`, and here they are
compared with the records. The same result again adds nothing, even if it was voided; another value
is a conflict, which a person must resolve. A corrected result voids the former one visibly.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from operator import length_hint
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dosing import AlertKind, UserError
from dosing.knowledge.limits import LEVEL_ASKED_AGAIN_ABOVE_NG_ML
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.exchange.import_plan import (
    Addition,
    ImportChoices,
    Owner,
    Plan,
    PlannedMerge,
)
from monitoring.exchange.incoming import (
    Incoming,
    IncomingMerge,
    IncomingPatient,
    Item,
    LeftOut,
    Refusal,
    ResultStatus,
    Skipped,
    SourceKind,
)
from monitoring.exchange.known_entries import KnownEntries
from monitoring.exchange.merging import carry_out, patients_of, plan_merge
from monitoring.exchange.new_patients import UNKNOWN_PATIENT, NewPatient, NewPatients
from monitoring.exchange.patient_matching import NoMatch, PatientIndex
from monitoring.exchange.result_sorting import (
    MatchedResult,
    Sorting,
    ending_of,
    keyed_parts,
    what_of,
)
from monitoring.exchange.waiting import WaitingResult, keep_waiting, open_waiting
from monitoring.record.entries import Author, Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import check_times, measurement_alerts, with_last_dose
from monitoring.record.kinds import ENTRY_KINDS, check_ending, kind_of
from monitoring.record.level import Level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, Prescription
from monitoring.store.backup import automatic_backup
from monitoring.store.connection import reading
from monitoring.store.errors import ConflictError
from monitoring.store.opening import Records
from monitoring.store.store import Store
from monitoring.store.verify import Progress
from monitoring.times import Moment

_BATCH_PATIENTS = 500
_CACHED_PATIENTS = 10_000
_SHOWN_OF_A_KIND = 100
"""The results left out for one reason that a plan names; the others are counted."""
_DOSES = (Prescription, MissedDose)
_IMPORTABLE = tuple(each.of for each in ENTRY_KINDS if each.of is not Patient)
_NEVER_AN_ENTRY = {
    ResultStatus.PRELIMINARY: Skipped.PRELIMINARY,
    ResultStatus.CANCELLED: Skipped.CANCELLED,
}


def plan_import(  # noqa: PLR0913 - a source, the records, and the choices of an import
    store: Store,
    items: Iterable[Item],
    kind: SourceKind,
    now: Moment,
    progress: Progress = lambda _done, _all: None,
    *,
    clinic: ClinicChoices = USUAL_CHOICES,
    choices: ImportChoices | None = None,
) -> Plan:
    """Compare every item of a source with the records; nothing is stored.

    New laboratory values are graded by the clinic's choice. Results of unknown patients that wait
    from earlier imports are planned with them, once their patient is known.

    Raises `UserError` for an unreadable file, `RecordsError` for unreadable records.
    """
    planning = _Planning(store, kind, now, clinic, choices or ImportChoices())
    planning.read(items, progress)
    return planning.plan()


def plan_waiting(
    store: Store,
    now: Moment,
    *,
    clinic: ClinicChoices = USUAL_CHOICES,
    choices: ImportChoices | None = None,
) -> Plan:
    """Return the plan for the waiting results alone, whose patients are known by now."""
    return plan_import(store, (), SourceKind.WAITING, now, clinic=clinic, choices=choices)


def import_results(
    records: Records,
    plan: Plan,
    progress: Progress = lambda _done, _all: None,
    *,
    backs_up: bool = True,
) -> Path | None:
    """Carry out a plan in one transaction, then its merges, and return the backup made before.

    Raises `ConflictError` if the records were changed after the plan was made.
    """
    store = records.store
    if not plan.changes_records:
        if plan.stores_something:
            store.write_beside(
                "store the waiting results", partial(keep_waiting, plan.waiting, plan.taken)
            )
        return None
    kept = automatic_backup(store.engine, records.place, "before-import") if backs_up else None
    marks = [(_patient(each.patient), each.mark) for each in (*plan.to_void, *plan.to_end)]
    entries = [(_patient(each.patient), each.entry) for each in plan.additions]
    ends = {
        len(marks) + index: each.ending
        for index, each in enumerate(plan.additions)
        if each.ending is not None
    }
    if plan.adds_entries or plan.waiting or plan.taken:
        store.add_all(
            [*marks, *entries],
            plan.revision,
            progress,
            patients=[each.entry for each in plan.new_patients],
            ends=ends,
            together=partial(keep_waiting, plan.waiting, plan.taken),
        )
    for each in plan.merges:
        effects = carry_out(store, each.item, each.reason, each.now)
        if isinstance(effects, Refusal):
            raise ConflictError(f"The records were changed meanwhile: {effects}")
    return kept


def _patient(owner: Owner) -> int | Patient:
    return owner.entry if isinstance(owner, NewPatient) else owner.patient


class _Planning:
    """The steps from the items of a source to the plan."""

    def __init__(
        self,
        store: Store,
        kind: SourceKind,
        now: Moment,
        clinic: ClinicChoices,
        choices: ImportChoices,
    ) -> None:
        self._store = store
        self._kind = kind
        self._now = now
        self._clinic = clinic
        self._choices = choices
        self._rows = 0
        self._incoming: list[Incoming] = []
        self._particulars: list[IncomingPatient] = []
        self._to_merge: list[IncomingMerge] = []
        self._refused: list[Refusal] = []
        self._already_there = 0
        self._skipped: Counter[Skipped] = Counter()
        self._left_out: list[LeftOut] = []

    # --- reading

    def read(self, items: Iterable[Item], progress: Progress) -> None:
        """Read the items of a source, and leave out what never becomes an entry."""
        expected = length_hint(items, 0)
        for count, item in enumerate(items, start=1):
            self._rows = count
            match item:
                case Incoming():
                    self._keep(item)
                case IncomingPatient():
                    self._particulars.append(item)
                case IncomingMerge():
                    self._to_merge.append(item)
                case Refusal():
                    self._refused.append(item)
                case LeftOut():
                    self._leave_out(item)
            progress(count, max(expected, count))

    def _keep(self, item: Incoming) -> None:
        never = _NEVER_AN_ENTRY.get(item.status)
        if never is not None:
            self._leave_out(LeftOut(item.place, never, what_of(item.entry)))
        elif isinstance(item.entry, _DOSES) and not self._choices.take_doses:
            self._leave_out(LeftOut(item.place, Skipped.DOSE, what_of(item.entry)))
        elif not isinstance(item.entry, _IMPORTABLE):
            what = kind_of(item.entry).what
            self._refused.append(
                Refusal(item.place, item.part, f"a {what} cannot be imported. Record it here.")
            )
        else:
            self._incoming.append(item)

    def _leave_out(self, left: LeftOut) -> None:
        self._skipped[left.why] += 1
        if left.what and self._skipped[left.why] <= _SHOWN_OF_A_KIND:
            self._left_out.append(left)

    # --- planning

    def plan(self) -> Plan:
        """Return the plan for what was read."""
        revision = self._store.last_change()  # first: a change while the rest is read is later
        patients = PatientIndex(self._store.patients())
        newcomers = NewPatients(self._store, self._now) if self._choices.new_patients else None
        merges = self._merges()
        waiting: list[WaitingResult] = []
        results = self._owned(patients, newcomers, waiting)
        results += self._taken(patients, newcomers, first=len(results))
        results = self._without_merged(results, merges)
        keyed = keyed_parts(self._checked(results))
        with reading(self._store.engine, "read the records") as connection:
            known = KnownEntries(connection, keyed)
        sorting = Sorting(known)
        sorting.sort(keyed)
        refused = {**self._wrong, **sorting.refused}
        additions, beyond = self._completed(sorting.additions)
        refused |= beyond
        sorting.drop(beyond)
        alone = self._kind is SourceKind.WAITING
        shown = [each for index, each in refused.items() if alone or index not in self._waited]
        for left in sorting.left_out:
            self._leave_out(left)
        return Plan(
            kind=self._kind,
            rows=len(self._waited) if alone else self._rows,
            additions=tuple(
                replace(each, entry=self._clinic.graded(each.entry)) for each in additions
            ),
            new_patients=newcomers.needed(additions) if newcomers else (),
            to_void=tuple(each for _, each in sorting.voids),
            to_end=tuple(each for _, each in sorting.ends),
            merges=merges,
            waiting=tuple(waiting),
            taken=tuple(number for index, number in self._waited.items() if index not in refused),
            refused=tuple(sorted(self._refused + shown, key=lambda each: each.place)),
            already_there=self._already_there + self._count(sorting.already_there),
            voided_there=self._count(sorting.voided_there),
            skipped=MappingProxyType(dict(self._skipped)),
            left_out=tuple(self._left_out),
            remarks=tuple(sorting.remarks),
            revision=revision,
        )

    def _merges(self) -> tuple[PlannedMerge, ...]:
        """Return the merges that the source reports, but those that the records contradict."""
        planned = []
        for item in self._to_merge:
            effects = plan_merge(self._store, item)
            if isinstance(effects, Refusal):
                self._refused.append(effects)
            elif isinstance(effects, LeftOut):
                self._leave_out(effects)
            else:
                reason = f"reported as one person: {self._choices.file}, {item.place}"
                planned.append(
                    PlannedMerge(item=item, effects=effects, reason=reason, now=self._now)
                )
        return tuple(planned)

    def _without_merged(
        self, results: list[MatchedResult], merges: tuple[PlannedMerge, ...]
    ) -> list[MatchedResult]:
        """Return the results but those of records that the same source merges: they are refused."""
        merged = {
            number: each.item.place for each in merges for number in patients_of(each.effects)
        }
        kept = []
        for result in results:
            place = merged.get(result.number)
            if place is None:
                kept.append(result)
            else:
                self._wrong[result.index] = Refusal(
                    result.item.place, "",
                    f"{place} merges its patient's records. Import the file again after that.",
                )  # fmt: skip
        return kept

    def _count(self, indexes: set[int]) -> int:
        """Return how many results are of the source itself."""
        if self._kind is SourceKind.WAITING:
            return len(indexes)
        return len(indexes - self._waited.keys())

    def _owned(
        self, patients: PatientIndex, newcomers: NewPatients | None, waiting: list[WaitingResult]
    ) -> list[MatchedResult]:
        """Return the results with their patients; those of unknown ones wait."""
        self._wrong: dict[int, Refusal] = {}
        self._waited: dict[int, int] = {}
        for about_patient in self._particulars:
            self._see(about_patient, patients, newcomers)
        unknown: list[tuple[int, Incoming]] = []
        owned: list[MatchedResult] = []
        find = lru_cache(maxsize=_CACHED_PATIENTS)(patients.find)
        for index, item in enumerate(self._incoming):
            found = find(item.patient)
            if isinstance(found, NoMatch):
                self._wrong[index] = Refusal(item.place, found.part, found.reason)
            elif found is not None:
                owned.append(MatchedResult(index, item, found, self._choices.file))
            else:
                unknown.append((index, item))
                if newcomers:
                    newcomers.see(item.patient)
        for index, item in unknown:
            made = newcomers.find(item.patient) if newcomers else UNKNOWN_PATIENT
            if isinstance(made, NewPatient):
                owned.append(MatchedResult(index, item, made, self._choices.file))
            else:
                waiting.append(
                    WaitingResult(item=item, file=self._choices.file, kind=self._kind, why=made)
                )
        owned.sort(key=lambda each: each.index)
        return owned

    def _see(
        self, item: IncomingPatient, patients: PatientIndex, newcomers: NewPatients | None
    ) -> None:
        found = patients.find(item.patient)
        if isinstance(found, NoMatch):
            self._refused.append(Refusal(item.place, found.part, found.reason))
        elif found is not None:
            self._already_there += 1
        elif newcomers is None:
            number = item.patient.identifiers[0].value
            self._leave_out(LeftOut(item.place, Skipped.NEW_PATIENT, number))
        else:
            newcomers.see(item.patient, item)

    def _taken(
        self, patients: PatientIndex, newcomers: NewPatients | None, first: int
    ) -> list[MatchedResult]:
        """Return the waiting results of earlier imports whose patient is known by now."""
        alone = self._kind is SourceKind.WAITING
        taken = []
        index = max(first, len(self._incoming))
        for each in open_waiting(self._store.engine):
            if isinstance(each.item.entry, _DOSES) and not self._choices.take_doses:
                continue
            found: Any = patients.find(each.item.patient)
            if found is None and newcomers:
                if alone:
                    newcomers.see(each.item.patient)
                found = newcomers.find(each.item.patient)
            if isinstance(found, StoredEntry | NewPatient):
                taken.append(MatchedResult(index, each.item, found, each.file, each.number))
                self._waited[index] = each.number
                index += 1
        return taken

    def _checked(self, results: Iterable[MatchedResult]) -> Iterator[MatchedResult]:
        """Yield the results whose times and values may be recorded."""
        for each in results:
            item, born = each.item, each.owner.entry.born
            try:
                check_times(item.entry, born, self._now)
            except UserError as error:
                self._wrong[each.index] = each.refusal(str(error), item.time_part)
                continue
            try:
                self._check_value(each)
            except UserError as error:
                self._wrong[each.index] = each.refusal(str(error))
                continue
            yield each

    def _check_value(self, result: MatchedResult) -> None:
        entry, ending = result.item.entry, ending_of(result.item)
        if ending is not None:
            check_ending(entry, ending)
            check_times(ending, result.owner.entry.born, self._now)
        limit = LEVEL_ASKED_AGAIN_ABOVE_NG_ML
        if isinstance(entry, Level) and entry.value.value > limit and not entry.reason:
            raise UserError(
                f"{entry} is above {limit} ng/mL. If it is right, use sirolimus level add with "
                "--reason."
            )

    # --- completing from the record

    def _completed(
        self, results: Sequence[tuple[MatchedResult, Addition]]
    ) -> tuple[list[Addition], dict[int, Refusal]]:
        """Return the additions with the schedule's last doses, and the measurements refused."""
        by_patient: dict[int, list[int]] = {}
        for place, (result, each) in enumerate(results):
            if isinstance(each.entry, Measurement) or _lacks_last_dose(each.entry):
                by_patient.setdefault(result.number, []).append(place)
        additions = [each for _, each in results]
        refused: dict[int, Refusal] = {}
        doses = _planned_doses(results) if by_patient else {}
        for record in self._records_of(by_patient, results):
            with_doses = _with_planned(record, doses.get(record.number, ()), self._now)
            for place in by_patient[record.number]:
                result, each = results[place]
                if isinstance(each.entry, Level):
                    additions[place] = replace(each, entry=with_last_dose(with_doses, each.entry))
                elif isinstance(each.entry, Measurement) and not each.entry.reason:
                    stops = measurement_alerts(record, each.entry).of_kind(AlertKind.STOP)
                    if stops:
                        refused[result.index] = result.refusal(
                            f"{stops[0].message} If it is right, use sirolimus measure add with "
                            "--reason."
                        )
        if refused:
            kept = zip(results, additions, strict=True)
            additions = [each for (result, _), each in kept if result.index not in refused]
        return additions, refused

    def _records_of(
        self, wanted: Mapping[int, list[int]], results: Sequence[tuple[MatchedResult, Addition]]
    ) -> Iterator[Record]:
        """Yield the records of patients, in batches; a new patient's is empty."""
        stored = sorted(number for number in wanted if number > 0)
        for start in range(0, len(stored), _BATCH_PATIENTS):
            yield from self._store.read_some(stored[start:][:_BATCH_PATIENTS])
        for number in wanted:
            if number < 0:
                owner = results[wanted[number][0]][0].owner
                first = StoredEntry(
                    number=number, patient=number, entry=owner.entry, author=Author("", self._now)
                )
                alone: Any = (first,)
                yield Record(patient=first, entries=alone, limits=self._store.limits())


def _lacks_last_dose(entry: Entry) -> bool:
    return isinstance(entry, Level) and entry.last_dose is None


def _planned_doses(
    results: Sequence[tuple[MatchedResult, Addition]],
) -> dict[int, list[Addition]]:
    doses: dict[int, list[Addition]] = {}
    for result, each in results:
        if isinstance(each.entry, _DOSES):
            doses.setdefault(result.number, []).append(each)
    return doses


def _with_planned(record: Record, doses: Sequence[Addition], now: Moment) -> Record:
    """Return a record with the doses that are imported together with its levels."""
    if not doses:
        return record
    author, number = Author("", now), record.revision
    added = []
    for each in doses:
        number += 1
        ending = None
        if each.ending is not None:
            ending = StoredEntry(
                number=number, patient=record.number, entry=each.ending, author=author
            )
        added.append(
            StoredEntry(
                number=number, patient=record.number, entry=each.entry, author=author,
                ending=ending,
            )
        )  # fmt: skip
    return replace(record, entries=(*record.entries, *added))


__all__ = ["Addition", "ImportChoices", "Plan", "import_results", "plan_import", "plan_waiting"]

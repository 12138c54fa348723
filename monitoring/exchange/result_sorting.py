"""Sorting of results into new, known, corrected, withdrawn and conflicting ones.

Results of one patient about the same (`entry_identity.EntrySubject`) are sorted together: the
corrected one goes before the final one, whatever their order in the source, and a withdrawn one
takes its value away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dosing import clean
from monitoring.exchange.entry_identity import about, joined, parts_of, reported, value
from monitoring.exchange.import_plan import Addition, Owner, PlannedMark
from monitoring.exchange.incoming import (
    Incoming,
    LeftOut,
    Refusal,
    ResultStatus,
    Skipped,
    SourcePlace,
)
from monitoring.exchange.known_entries import NEAR, Key, Known, KnownEntries
from monitoring.record.entries import StopRecord, Void
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.record.prescription import MissedDose
from monitoring.times import Moment, short

_LONGEST_SOURCE = 200


@dataclass(slots=True)
class MatchedResult:
    """An item with its patient, on its way through the plan."""

    index: int
    item: Incoming
    owner: Owner
    file: str
    """The name of the file from which it came."""
    waited_as: int | None = None
    """Its number in the list of waiting results."""

    @property
    def number(self) -> int:
        """The number of the patient; below zero for a new one."""
        return self.owner.patient

    @property
    def place(self) -> SourcePlace:
        """The place in the source, or in the list of waiting results."""
        if self.waited_as is None:
            return self.item.place
        return SourcePlace(self.waited_as, f"waiting result {self.waited_as}")

    @property
    def origin(self) -> str:
        """The file and the place in it, as they were reported."""
        return ", ".join(filter(None, (clean(self.file), str(self.item.place))))

    def refusal(self, reason: str, part: str = "") -> Refusal:
        """Return the refusal of the result; the field is that of the value by default."""
        return Refusal(self.place, part or self.item.part, reason)


def ending_of(item: Incoming) -> StopRecord | None:
    """Return the end of an entry; `of` is set when the entry is stored."""
    if item.ended_at is None and item.ended_on is None:
        return None
    on = None if item.ended_at else item.ended_on
    return StopRecord(of=0, at=item.ended_at, on=on, reason=item.end_reason)


def what_of(entry: Entry) -> str:
    """Return the kind and the value of an entry in words."""
    return f"{kind_of(entry).what} {reported(entry)}"


Part = tuple[MatchedResult, Entry]
"""A result, and its entry or the part of it about one subject."""

Keyed = Mapping[Key, list[Part]]
"""Results by their identity, each with the part of its entry that has it."""


def keyed_parts(results: Iterable[MatchedResult]) -> Keyed:
    """Return results by their identity."""
    by_key: dict[Key, list[Part]] = {}
    for each in results:
        for part in parts_of(each.item.entry):
            by_key.setdefault((each.number, about(part)), []).append((each, part))
    return by_key


class Sorting:
    """Sorting of results into new, known, corrected, withdrawn and conflicting ones."""

    def __init__(self, known: KnownEntries) -> None:
        """Take the entries of the records."""
        self._known = known
        self._parts: dict[int, list[tuple[MatchedResult, Addition]]] = {}
        self._alone: list[tuple[Key, list[MatchedResult]]] = []
        self.refused: dict[int, Refusal] = {}
        self.already_there: set[int] = set()
        self.voided_there: set[int] = set()
        self.left_out: list[LeftOut] = []
        self.voids: list[tuple[int, PlannedMark]] = []
        self.ends: list[tuple[int, PlannedMark]] = []
        self.remarks: list[str] = []

    def sort(self, by_key: Keyed) -> None:
        """Sort the results of one import."""
        for key, alike in by_key.items():
            self._sort_alike(key, alike)
        self._refuse_corrected_of_another_time()
        self.already_there -= self._parts.keys() | self.refused.keys()
        self.voided_there &= self.already_there
        self.drop(self.refused)

    @property
    def additions(self) -> list[tuple[MatchedResult, Addition]]:
        """The new entries in the order of the source; the parts of one item are one entry."""
        added = []
        for index in sorted(self._parts):
            (result, first), *others = self._parts[index]
            for _, other in others:
                first = replace(first, entry=joined(first.entry, other.entry))
            added.append((result, first))
        return added

    def drop(self, refused: Mapping[int, Refusal]) -> None:
        """Take back all that was planned for refused results."""
        self._parts = {each: part for each, part in self._parts.items() if each not in refused}
        self.voids = [each for each in self.voids if each[0] not in refused]
        self.ends = [each for each in self.ends if each[0] not in refused]

    def _sort_alike(self, key: Key, alike: list[Part]) -> None:
        """Sort the results of one identity, by their status."""
        known = list(self._known.of(key))
        withdrawn = [each for each in alike if _status(each) is ResultStatus.WITHDRAWN]
        corrected = [each for each in alike if _status(each) is ResultStatus.CORRECTED]
        final = [each for each in alike if _status(each) is ResultStatus.FINAL]
        if withdrawn:
            known = self._withdraw(withdrawn, known)
            gone = {value(part) for _, part in withdrawn}
            corrected = self._superseded(corrected, gone)
            final = self._superseded(final, gone)
        if corrected:
            for result, part in final:
                self._supersede(result, part)
            self._correct(key, corrected, known)
        elif final:
            self._add(final, known)

    def _superseded(self, alike: list[Part], gone: set[Any]) -> list[Part]:
        for result, part in alike:
            if value(part) in gone:
                self._supersede(result, part)
        return [each for each in alike if value(each[1]) not in gone]

    def _supersede(self, result: MatchedResult, part: Entry) -> None:
        self.left_out.append(LeftOut(result.place, Skipped.SUPERSEDED, what_of(part)))

    def _withdraw(self, alike: list[Part], known: list[Known]) -> list[Known]:
        """Void the active entries of a withdrawn result; return what is known afterwards."""
        (first, part), *again = alike
        active = [each for each in known if each.is_active]
        if not active:
            for result, each in alike:
                self._known_or_left(result, each, known)
            return known
        for one in active:
            self._void(first, one, f"withdrawn by {_sender(part)}")
        self.already_there |= {result.index for result, _ in again}
        return [replace(one, is_active=False) for one in known]

    def _known_or_left(self, result: MatchedResult, part: Entry, known: list[Known]) -> None:
        if known:
            self.already_there.add(result.index)
            self.voided_there.add(result.index)
        else:
            what = what_of(part)
            self.left_out.append(LeftOut(result.place, Skipped.NOTHING_TO_WITHDRAW, what))

    def _correct(self, key: Key, alike: list[Part], known: list[Known]) -> None:
        """Replace the former value by a corrected one."""
        if len({value(part) for _, part in alike}) > 1:
            self._refuse(alike, _several(alike, "corrected values"))
            return
        (first, part), *again = alike
        active = [each for each in known if each.is_active]
        same = [each for each in known if each.value == value(part)]
        if same:
            for result, each in alike:
                self._there(result, each, same)
            if active and not any(each.is_active for each in same):
                self.remarks.append(
                    f"{first.place}: the corrected value {reported(part)} was voided here, and "
                    f"{active[0].shown} is current. Check which is right."
                )
            return
        if len(active) > 1:
            shown = " and ".join(f"{each.shown} (entry {each.number})" for each in active)
            self._refuse(alike, f"the records have {shown} for this patient, test and time")
            return
        for one in active:
            self._void(first, one, f"corrected by {_sender(part)} to {reported(part)}")
        self._plan(first, part, replaces=active[0].number if active else None)
        if not known:
            self._alone.append((key, [result for result, _ in alike]))
        self.already_there |= {result.index for result, _ in again}

    def _refuse_corrected_of_another_time(self) -> None:
        """Refuse corrected results without a former one where another one is near in time."""
        if not self._alone:
            return
        planned: dict[tuple[int, tuple[str, str]], list[tuple[Any, Addition]]] = {}
        for result, each in (part for parts in self._parts.values() for part in parts):
            which = about(each.entry)
            planned.setdefault((result.number, which.of_any_time), []).append((result, each))
        for key, alike in self._alone:
            near = [
                f"{known.shown} of {_when(known_at)} (entry {known.number})"
                for known_at, known in self._known.near(key)
            ]
            near += [
                f"{reported(each.entry)} ({other.place})"
                for other, each in planned.get((key[0], key[1].of_any_time), ())
                if other.item.status is ResultStatus.FINAL
                and abs(about(each.entry).when - key[1].when) <= NEAR
            ]
            for result in alike if near else ():
                self.refused[result.index] = result.refusal(
                    "it corrects a result of a time that the records do not have. Near it is "
                    f"{near[0]}. Check which one it replaces."
                )

    def _add(self, alike: list[Part], known: list[Known]) -> None:
        new = []
        for result, part in alike:
            same = [each for each in known if each.value == value(part, _ended(result.item))]
            if same:
                self._there(result, part, same)
            else:
                new.append((result, part))
        if not new:
            return
        active = next((each for each in known if each.is_active), None)
        if active is not None:
            self._refuse(new, f"the records have {active.shown} for this patient, test and time")
        elif len({value(part) for _, part in new}) > 1:
            self._refuse(new, _several(new, "values"))
        else:
            (first, part), *again = new
            self._plan(first, part)
            self.already_there |= {result.index for result, _ in again}

    def _there(self, result: MatchedResult, part: Entry, same: list[Known]) -> None:
        """Count a result that is known; end its entry if that has ended since."""
        current = next((each for each in same if each.is_active), None)
        self.already_there.add(result.index)
        if current is None:
            self.voided_there.add(result.index)
            return
        ending = ending_of(result.item)
        if ending is None or isinstance(part, MissedDose):
            return
        end = ending.at.utc if ending.at else ending.on
        if current.ended is None:
            mark = replace(ending, of=current.number)
            if all(planned.number != current.number for _, planned in self.ends):
                self.ends.append((result.index, _mark(result, current, mark)))
        elif current.ended != end:
            self.refused[result.index] = result.refusal(
                f"it ended on {_when(end)}, but the records have {_when(current.ended)}. Check "
                "which is right."
            )

    def _plan(self, result: MatchedResult, part: Entry, replaces: int | None = None) -> None:
        item = result.item
        addition = Addition(
            place=result.place, patient=result.owner, entry=part, ending=ending_of(item),
            remarks=item.remarks, replaces=replaces,
        )  # fmt: skip
        self._parts.setdefault(result.index, []).append((result, addition))

    def _void(self, result: MatchedResult, known: Known, why: str) -> None:
        item = result.item
        source = clean(item.source)[:_LONGEST_SOURCE]
        reason = f"{why} ({'; '.join(filter(None, (result.origin, source)))})"
        mark = Void(of=known.number, reason=reason)
        self.voids.append((result.index, _mark(result, known, mark)))

    def _refuse(self, alike: list[Part], reason: str) -> None:
        for result, part in alike:
            conflict = f"{reported(part)}, but {reason}. Check which is right."
            self.refused[result.index] = result.refusal(conflict)


def _status(part: Part) -> ResultStatus:
    return part[0].item.status


def _ended(item: Incoming) -> Any:
    return item.ended_at.utc if item.ended_at else None


def _mark(result: MatchedResult, known: Known, mark: Void | StopRecord) -> PlannedMark:
    return PlannedMark(
        place=result.place, patient=result.owner, number=known.number, shown=known.shown,
        mark=mark,
    )  # fmt: skip


def _sender(entry: Entry) -> str:
    return "the laboratory" if isinstance(entry, Level | LaboratoryValue) else "the sender"


def _when(moment: Any) -> str:
    if isinstance(moment, date) and not hasattr(moment, "hour"):
        return short(moment)
    return short(Moment(moment, "UTC"))


def _several(alike: Sequence[Part], what: str) -> str:
    words = [str(result.place) for result, _ in alike]
    if all(each.startswith("row ") for each in words):
        places = f"rows {', '.join(each.removeprefix('row ') for each in words)}"
    else:
        places = ", ".join(words)
    return f"{places} have several {what} for one patient, test and time"

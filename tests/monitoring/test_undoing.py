"""The undo of the last entry: one's own, for five minutes, and all parts of one input."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dosing import UserError
from monitoring.exchange.merging import MergePlan, read_merge, write_merge
from monitoring.record.entries import Record, StopRecord
from monitoring.record.entry import Entry
from monitoring.state import state_at
from monitoring.store.connection import engine_in_memory
from monitoring.store.errors import ConflictError
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from monitoring.times import Moment
from monitoring.undoing import UNDONE, last_input, undo
from tests.builders import (
    AUTHOR,
    Ticking,
    a_dose,
    a_level,
    a_measurement,
    a_note,
    a_patient,
    a_side_effect,
    at,
    held_doses,
)


class Bench:
    """One stored patient; the clock of the store goes on by a second a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = store.add_patient(a_patient()).number

    def add(self, *entries: Entry) -> None:
        for each in entries:
            self.store.add(self.number, each)

    @property
    def record(self) -> Record:
        return self.store.read(self.number)

    @property
    def last(self) -> Moment:
        """The moment of the last change."""
        return max(
            (change.author.at for each in self.record.entries
             for change in (each, each.ending, each.void) if change),
            key=lambda moment: moment.utc,
        )  # fmt: skip

    def undo(self, author: str = AUTHOR, after: timedelta = timedelta()) -> str:
        return undo(
            self.store,
            last_input(self.record, author, replace(self.last, utc=self.last.utc + after)),
        )

    def active(self) -> list[Entry]:
        return [each.entry for each in self.record.entries[1:] if each.is_active]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        yield Bench(Store(engine, AUTHOR, Ticking()))


def test_the_last_entry_alone_is_void_with_the_reason(bench: Bench) -> None:
    first, second = a_measurement(), a_note("seen [/] <img src=x>")
    bench.add(first, second)
    said = bench.undo()
    assert said == "Undone: note of 5 Nov 2026: seen [/] <img src=x>. It stays visible as void."
    assert bench.active() == [first]
    void = bench.record.entries[-1].void
    assert void is not None
    assert (void.entry.reason, void.author.by) == (UNDONE, AUTHOR)
    assert UNDONE == "entered by mistake, undone"


@pytest.mark.parametrize("after", [timedelta(minutes=5), timedelta(), timedelta(minutes=-1)])
def test_it_may_be_undone_for_five_minutes(bench: Bench, after: timedelta) -> None:
    bench.add(a_note())
    bench.undo(after=after)
    assert bench.active() == []


@pytest.mark.parametrize(
    "after", [timedelta(minutes=5, seconds=1), timedelta(days=1), timedelta(days=400)]
)
def test_it_may_not_be_undone_later(bench: Bench, after: timedelta) -> None:
    bench.add(a_note())
    with pytest.raises(UserError, match="more than 5 minutes ago"):
        bench.undo(after=after)
    assert bench.active() == [a_note()]


def test_only_ones_own_entry_is_undone(bench: Bench) -> None:
    bench.add(a_note())
    for other in ("Dr Other", AUTHOR.upper(), f"{AUTHOR} "):
        with pytest.raises(UserError, match="The last entry is by Dr Example"):
            bench.undo(author=other)
    assert bench.active() == [a_note()]


def test_nothing_is_undone_once_anything_was_entered_after_it(bench: Bench) -> None:
    bench.add(a_note())
    known = last_input(bench.record, AUTHOR, bench.last)
    bench.add(a_measurement())
    with pytest.raises(ConflictError):
        undo(bench.store, known)
    assert bench.active() == [a_note(), a_measurement()]


def test_all_parts_of_one_input_are_undone_together(bench: Bench) -> None:
    bench.add(a_note("before"))
    parts = [a_measurement(), a_level(), a_side_effect()]
    ends = [None, None, at("2026-11-04T08:00").local.date()]
    bench.store.add_together(
        bench.number, list(zip(parts, ends, strict=True)), bench.record.revision
    )
    said = bench.undo()
    assert bench.active() == [a_note("before")]
    for words in ("measurement 12.4 kg", "level 7.2 ng/mL", "adverse event mouth ulcers"):
        assert words in said
    assert "before" not in said


def test_a_course_is_undone_as_a_whole(bench: Bench) -> None:
    doses = [a_dose("2026-11-06T08:00", "0.3"), a_dose("2026-11-13T08:00", "0.2")]
    bench.store.add_course(
        bench.number, doses, at("2026-11-20T08:00"), "taper", bench.record.revision
    )
    bench.undo()
    assert bench.active() == []


def test_one_after_the_other_back_to_the_patient(bench: Bench) -> None:
    bench.add(a_measurement(), a_note())
    assert "note" in bench.undo()
    assert "measurement" in bench.undo()
    last = last_input(bench.record, AUTHOR, bench.last)
    assert last.removes_patient
    assert "the new patient Łukasz O'Neil, record number 00123" in undo(bench.store, last)
    assert bench.store.patients() == ()


def test_a_change_of_the_patient_is_undone_to_the_name_before(bench: Bench) -> None:
    changed = a_patient(name="Another Name")
    bench.store.change_patient(bench.number, changed, bench.record.revision)
    assert bench.record.patient.entry.name == "Another Name"
    assert "change of the patient Another Name" in bench.undo()
    assert bench.record.patient.entry.name == "Łukasz O'Neil"


def test_an_end_or_a_void_as_the_last_change_is_not_undone(bench: Bench) -> None:
    bench.add(a_dose(), held_doses("2026-11-04T08:00", None, is_open=True), a_note())
    _, dose, hold, note = bench.record.entries
    bench.store.void(note.number, "another patient")
    with pytest.raises(UserError, match=f"the void of note {note.number}. It cannot be undone"):
        bench.undo()
    bench.store.end(hold.number, StopRecord(of=hold.number, at=at("2026-11-05T08:00")))
    with pytest.raises(UserError, match=f"the end of missed dose {hold.number}"):
        bench.undo()
    bench.store.end(dose.number, StopRecord(of=dose.number, at=at("2026-11-05T08:00")))
    with pytest.raises(UserError, match=f"the end of prescription {dose.number}"):
        bench.undo()


def test_two_inputs_of_one_author_are_two(bench: Bench) -> None:
    """Also where no other patient's entry is between them."""
    bench.add(a_note("first"), a_note("second"))
    last = last_input(bench.record, AUTHOR, bench.last)
    assert [each.entry.text for each in last.entries] == ["second"]
    assert last.entries[0].author.at.utc - bench.record.entries[1].author.at.utc == timedelta(
        seconds=1
    )


def test_nothing_of_another_patient_is_voided(bench: Bench) -> None:
    other = bench.store.add_patient(a_patient("9", "Other")).number
    entry = bench.store.add(other, a_note())
    revision = bench.record.revision
    with pytest.raises(UserError, match="is of another patient"):
        bench.store.void_together(bench.number, [entry.number], UNDONE, revision)
    assert bench.store.read(other).entries[-1].is_active


def test_a_merge_is_not_undone_as_the_former_record_is_void_since_then(bench: Bench) -> None:
    former = bench.store.add_patient(a_patient("9")).number
    bench.store.add(former, a_level())
    revision, plan = read_merge(bench.store, "9", bench.record.patient.entry.record_number)
    assert isinstance(plan, MergePlan)
    write_merge(bench.store, plan, "one child", revision, bench.last)
    before = bench.active()
    assert a_level() in before
    with pytest.raises(UserError, match="wrote about other patients too"):
        bench.undo()
    assert bench.active() == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_an_input_about_several_patients_is_not_undone_for_one(
    bench: Bench, order: tuple[int, ...]
) -> None:
    owners = (bench.number, bench.store.add_patient(a_patient("9")).number)
    entries = [(owners[who], a_note(f"row {row}")) for row, who in enumerate(order)]
    bench.store.add_all(entries, bench.store.last_change())
    before = bench.active()
    with pytest.raises(UserError, match="wrote about other patients too"):
        bench.undo()
    assert bench.active() == before


def test_the_record_before_the_last_input_has_the_treatment_of_before(bench: Bench) -> None:
    bench.add(
        a_measurement(), a_dose("2026-11-01T08:00", "0.44"), a_dose("2026-11-05T08:00", "0.3")
    )
    record = bench.record
    last = last_input(record, AUTHOR, bench.last)
    assert len(last.before.entries) == len(record.entries) - len(last.entries)
    assert "0.44 mg" in state_at(last.before, at("2026-11-06T08:00")).words
    assert "0.3 mg" in state_at(record, at("2026-11-06T08:00")).words

"""Forged records: a chain made anew, every hash right, by someone who can write the file."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

from monitoring.store.audit_log import hash_of
from monitoring.store.connection import Place, writing
from monitoring.store.copying import Change, write_changes
from monitoring.store.rows import Cell, row_of
from monitoring.store.trail_end import START
from tests.builders import a_note
from tests.stores import changes_of, prepared

Forgery = Callable[[list[Change], Random], list[Change]]


def chained(changes: Iterable[Change]) -> list[Change]:
    """Return changes numbered and chained anew, with every reference to a number followed."""
    new: dict[int, int] = {}
    done, previous = list[Change](), START
    for number, change in enumerate(changes, start=1):
        new.setdefault(change.link.number, number)
        link = replace(change.link, number=number, patient=new[change.link.patient])
        row = dict(change.row)
        if isinstance(of := row.get("of"), int):
            row["of"] = new[of]
        previous = hash_of(previous, link, row)
        done.append(Change(link, previous, row))
    return done


def forge(file: Path, forgery: Forgery, random: Random) -> None:
    """Put a forged copy of the records in their place, with all that the schema has."""
    changes = forgery(changes_of(prepared(Place.of(str(file)))), random)
    new = file.with_name(f"{file.name}.forged")
    engine = prepared(Place.of(str(new)))
    with writing(engine, "forge the records") as connection:
        write_changes(connection, chained(changes))
    engine.dispose()
    new.replace(file)


def _one(changes: list[Change], kind: str, random: Random) -> int:
    """Return the place of a change of one kind."""
    return random.choice([at for at, each in enumerate(changes) if each.link.kind == kind])


def _with_row(changes: list[Change], at: int, **cells: Cell) -> list[Change]:
    """Return the changes with other cells in one row."""
    change = changes[at]
    changed = replace(change, row={**change.row, **cells})
    return [*changes[:at], changed, *changes[at + 1 :]]


def _without(changes: list[Change], at: int) -> list[Change]:
    """Return the changes without one, and without the marks of it."""
    number = changes[at].link.number
    return [each for each in changes if each.link.number != number and each.row.get("of") != number]


def edit_a_level(changes: list[Change], random: Random) -> list[Change]:
    value = f"{random.randint(2, 30)}.25"
    return _with_row(changes, _one(changes, "level", random), value_number=value)


def change_the_authors(changes: list[Change], _random: Random) -> list[Change]:
    return [replace(each, link=replace(each.link, by="Dr Forger")) for each in changes]


def date_all_in_2001(changes: list[Change], _random: Random) -> list[Change]:
    return [
        replace(each, link=replace(each.link, at_utc=f"2001{each.link.at_utc[4:]}"))
        for each in changes
    ]


def remove_an_adverse_event(changes: list[Change], random: Random) -> list[Change]:
    return _without(changes, _one(changes, "adverse_event", random))


def cut_the_last_ten(changes: list[Change], _random: Random) -> list[Change]:
    return changes[:-10]


def put_an_old_copy_back(changes: list[Change], random: Random) -> list[Change]:
    return changes[: random.randrange(1, len(changes))]


def insert_a_note(changes: list[Change], random: Random) -> list[Change]:
    at = random.randrange(1, len(changes))
    link = replace(changes[at - 1].link, kind="note", number=-1)
    return [*changes[:at], Change(link, START, row_of(a_note("forged"))), *changes[at:]]


def give_a_level_to_another_patient(changes: list[Change], _random: Random) -> list[Change]:
    """Give the last level to the first patient."""
    at = max(at for at, each in enumerate(changes) if each.link.kind == "level")
    link = replace(changes[at].link, patient=changes[0].link.patient)
    return [*changes[:at], replace(changes[at], link=link), *changes[at + 1 :]]


def remove_a_void(changes: list[Change], random: Random) -> list[Change]:
    return _without(changes, _one(changes, "void", random))


def rename_a_patient(changes: list[Change], random: Random) -> list[Change]:
    return _with_row(changes, _one(changes, "patient", random), name="Somebody Else")


FORGERIES: tuple[Forgery, ...] = (
    edit_a_level,
    change_the_authors,
    date_all_in_2001,
    remove_an_adverse_event,
    cut_the_last_ten,
    put_an_old_copy_back,
    insert_a_note,
    give_a_level_to_another_patient,
    remove_a_void,
    rename_a_patient,
)

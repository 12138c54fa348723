"""Entries about the same thing as a new one: recorded before, or of the same time and different.

What an entry is about is in its row of `monitoring.record.kinds`: the test, the drug, the term.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from dosing import Alerts
from dosing.knowledge.alert_catalogue import ENTRY_OF_SAME_TIME, SAME_ENTRY
from dosing.knowledge.conditions import ConditionKind, condition_kind
from dosing.knowledge.interactions import find_drugs
from dosing.quantities.text import shortened
from monitoring.adverse_events.finder import known_term
from monitoring.laboratory.tests import find_test
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.condition import Condition
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.measurement import Measurement
from monitoring.times import Moment, short

About = Mapping[object, object]
"""What an entry is about, with its value; None where the value makes no difference."""

_WHY_RECORDED = frozenset({
    "reason", "overridden_alerts", "override_reason", "override_by", "proposal", "rule_version",
})  # fmt: skip
"""The fields that say why and how an entry was recorded, not what happened."""
_OF_ONE_KIND = frozenset({
    ConditionKind.PREGNANCY, ConditionKind.PLANNED_PREGNANCY, ConditionKind.BREASTFEEDING,
})  # fmt: skip
"""The conditions that a person has once at a time, whatever their words."""


def same_entries(
    record: Record, entry: Entry, ended_on: date | None = None
) -> tuple[StoredEntry[Any], ...]:
    """Return the last active entry that is equal, or else the last one about the same time.

    Entries that last are about the same time while both go on. An entry that begins when another
    one ends is not.
    """
    before = record.active(type(entry))
    equal = [each for each in before if is_same(each.entry, entry)]
    if equal:
        return tuple(equal[-1:])
    return tuple(each for each in before if _is_about_the_same(entry, ended_on, each))[-1:]


def same_entry_alerts(record: Record, entry: Entry, ended_on: date | None = None) -> Alerts:
    """Return an alert where the same, or something else of the same time, was recorded before."""
    return alerts_of(entry, same_entries(record, entry, ended_on))


def alerts_of(entry: Entry, found: Iterable[StoredEntry[Any]]) -> Alerts:
    """Return the alerts of a new entry and those that `same_entries` found for it."""
    kind = kind_of(entry)
    what = f"{kind.what[0].upper()}{kind.what[1:]}"
    return Alerts(
        SAME_ENTRY.alert(number=each.number, at=short(each.author.at))
        if is_same(each.entry, entry)
        else ENTRY_OF_SAME_TIME.alert(
            what=what, number=each.number, entry=shortened(kind.in_words(each.entry))
        )
        for each in found
    )


def is_same(entry: Entry, other: Entry) -> bool:
    """Return whether two entries of one kind say the same, for whatever reason each was made."""
    return _stated(entry) == _stated(other)


def _stated(entry: Entry) -> tuple[object, ...]:
    stated = (getattr(entry, each.name) for each in fields(entry) if each.name not in _WHY_RECORDED)
    return tuple(each.utc if isinstance(each, Moment) else each for each in stated)


def _is_about_the_same(entry: Entry, ended_on: date | None, other: StoredEntry[Any]) -> bool:
    kind = kind_of(entry)
    if kind.about is None or not _is_of_one_time(entry, ended_on, other):
        return False
    ours, theirs = kind.about(entry), kind.about(other.entry)
    shared = ours.keys() & theirs.keys()
    differs = any(ours[each] is None or ours[each] != theirs[each] for each in shared)
    return differs or (bool(shared) and ours.keys() <= theirs.keys())


def _is_of_one_time(entry: Entry, ended_on: date | None, other: StoredEntry[Any]) -> bool:
    kind, ending = kind_of(entry), other.ending.entry if other.ending else None
    ours, theirs = getattr(entry, kind.begins), getattr(other.entry, kind.begins)
    if ours <= theirs <= ours:
        return True
    if not kind.overlaps:
        return False
    our_end = ended_on or kind.until(entry)
    their_end = (ending and (ending.at or ending.on)) or kind.until(other.entry)
    return (their_end is None or ours < their_end) and (our_end is None or theirs < our_end)


# --- what an entry is about


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def about_measures(measurement: Measurement) -> About:
    """Return the weight in kg and the height in cm, as far as they were measured."""
    weight, height = measurement.as_weight, measurement.as_height
    measured = {"weight": weight and weight.kg, "height": height and height.cm}
    return {name: value for name, value in measured.items() if value is not None}


def about_event(event: AdverseEvent) -> About:
    """Return the term, whatever synonym was typed."""
    term = known_term(event.term)
    return {term.name if term else _words(event.term): None}


def about_test(value: LaboratoryValue) -> About:
    """Return the test, whatever synonym was typed."""
    test = find_test(value.test)
    return {test.name if test else _words(value.test): None}


def about_drug(drug: CoMedication) -> About:
    """Return the known drugs in the name, or else the name."""
    known = find_drugs(drug.drug)
    return dict.fromkeys(each.name for each in known) if known else {_words(drug.drug): None}


def about_condition(condition: Condition) -> About:
    """Return the kind of a condition that a person has once at a time, or else its name."""
    kind = condition_kind(condition.name)
    return {kind if kind in _OF_ONE_KIND else _words(condition.name): None}

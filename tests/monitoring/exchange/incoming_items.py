"""Items as readers yield them, and plans of them, for the tests of the import."""

from datetime import date
from itertools import count
from typing import Any

from monitoring.exchange.import_plan import ImportChoices, Plan
from monitoring.exchange.importing import import_results, plan_import
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    Item,
    PatientIdentity,
    ResultStatus,
    SourceKind,
    SourcePlace,
)
from monitoring.record.entry import Entry
from monitoring.store.opening import Records
from tests.builders import a_level, at, day

NOW = at("2026-11-05T12:00")
MORNING = "2026-11-05T07:45"
FINAL, CORRECTED = ResultStatus.FINAL, ResultStatus.CORRECTED
PRELIMINARY, CANCELLED = ResultStatus.PRELIMINARY, ResultStatus.CANCELLED
WITHDRAWN = ResultStatus.WITHDRAWN
_places = count(1)


def who(*numbers: str, born: str | date | None = None, **more: Any) -> PatientIdentity:
    identifiers = tuple(Identifier(each) for each in numbers or ("00123",))
    return PatientIdentity(identifiers=identifiers, born=day(born) if born else None, **more)


def an_item(
    entry: Entry | str = "7.2 ng/mL",
    status: ResultStatus = FINAL,
    *,
    patient: PatientIdentity | None = None,
    when: str = MORNING,
    place: str = "",
    **more: Any,
) -> Incoming:
    """Return an item; a text is a level of the morning, without a last dose."""
    number = next(_places)
    if isinstance(entry, str):
        entry = a_level(entry, when, hours=None, assay=None)
    return Incoming(
        place=SourcePlace(number, place or f"message {number}"), patient=patient or who(),
        entry=entry, status=status, **more,
    )  # fmt: skip


def planned(records: Records, *items: Item, **choices: Any) -> Plan:
    stated = ImportChoices(**{"file": "results.hl7", **choices})
    return plan_import(records.store, items, SourceKind.HL7, NOW, choices=stated)


def brought_in(records: Records, *items: Item, **choices: Any) -> Plan:
    """Plan the items and store them, without a backup; nothing may be refused."""
    plan = planned(records, *items, **choices)
    assert reasons(plan) == []
    import_results(records, plan, backs_up=False)
    return plan


def reasons(plan: Plan) -> list[str]:
    return [str(each) for each in plan.refused]

"""The recall: what a faulty version or table row made is listed with what is said now."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from dosing import Override, Product, UserError, build, version
from dosing.build import Build, this_build
from dosing.knowledge.limits import DAILY_BY_AREA, LIMIT_TABLE
from monitoring.prescribing import (
    accept,
    check_prescription,
    propose_for,
    starting_request,
    typed_prescription,
)
from monitoring.recall.printing import log_page_of_clinic, log_page_of_patient
from monitoring.recall.recall import Recall, RecalledKind, WantedBuild, recall_of
from monitoring.record.prescription import Prescription
from monitoring.store.connection import Place
from monitoring.store.print_log import PrintedDocument
from monitoring.store.store import Store
from monitoring.summary import summarise
from tests.builders import a_dose, a_limit_set, a_measurement, a_note, a_patient, at
from tests.stores import fill, prepared, store_of

FAULTY = "0f" * 32
START = at("2026-11-10T08:00")


@pytest.fixture
def store(sqlite_place: Place) -> Store:
    """Give new records."""
    return store_of(prepared(sqlite_place))


@contextmanager
def other_tables(**changes: str) -> Iterator[None]:
    """Be a build whose limits of the daily dose per m² have other bounds, by their kinds."""
    rows = {
        figure: tuple(
            (place, replace(row, value=Decimal(changes[row.kind.name])))
            if figure is DAILY_BY_AREA and row.kind.name in changes
            else (place, row)
            for place, row in found
        )
        for figure, found in LIMIT_TABLE._of.items()  # noqa: SLF001 - the table itself
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LIMIT_TABLE, "_of", MappingProxyType(rows))
        patch.setattr(build, "tables_hash", lambda: FAULTY)
        this_build.cache_clear()
        yield
    this_build.cache_clear()


def child(store: Store, record_number: str) -> int:
    """Add a child of two years with a weight and a height; return the number."""
    number = store.add_patient(a_patient(record_number, born="2024-11-10")).number
    store.add(number, a_measurement("12.4 kg", "88 cm", "2026-11-10"))
    return number


def start(store: Store, patient: int) -> Prescription:
    """Accept the proposed starting dose."""
    record = store.read(patient)
    request = starting_request(record, START)
    proposal = propose_for(record, request, START, START, None)
    dose = accept(proposal, START)
    store.add(patient, dose)
    return dose


def recalled(store: Store, wanted: str) -> Recall:
    return recall_of(store, WantedBuild(wanted))


def test_three_proposals_of_a_wrong_limit_are_listed_with_the_difference(store: Store) -> None:
    """A child's dose of 1.6 mg/m² a day is usual; a faulty row calls all above 1 high."""
    numbers = [child(store, f"{each}") for each in range(4)]
    with other_tables(CAUTION="1"):
        for number in numbers[:3]:
            start(store, number)
    right = start(store, numbers[3])
    assert right.made_by.tables_hash == this_build().tables_short
    found = recalled(store, FAULTY[:8])
    assert [each.record.number for each in found.patients] == numbers[:3]
    for patient in found.patients:
        (each,) = patient.recalled
        assert each.kind is RecalledKind.PROPOSAL
        assert each.build.tables_hash == FAULTY[:12]
        (change,) = each.changes
        assert (change.name, change.then, change.now) == ("alerts", "dose-high", "none")
    assert [each.changes for each in recalled(store, this_build().tables_hash).every] == [()]
    assert len(recalled(store, version.VERSION).every) == 4


def test_a_typed_dose_that_should_have_been_stopped_is_shown(store: Store) -> None:
    """2.5 mg twice a day are 9.1 mg/m² a day (0.55 m²), which the limits of today forbid."""
    number = child(store, "1")
    with other_tables(CAUTION="90", OVERRIDE="91", STOP="92"):
        dose = typed_prescription(
            since=START, dose_mg=Decimal("2.5"), times_a_day=2, product=Product.SOLUTION,
            protocol=starting_request(store.read(number), START).protocol,
        )  # fmt: skip
        checked = check_prescription(store.read(number), dose, START)
        assert not checked.stopped
        store.add(number, checked.prescription)
    store.add(number, a_measurement("13 kg", None, "2026-11-11"))
    (each,) = recalled(store, FAULTY[:12]).every
    assert each.kind is RecalledKind.DOSE
    (change,) = each.changes
    assert change.then == "none"
    assert "dose-high" in change.now


def test_the_record_is_the_one_of_then(store: Store) -> None:
    """Entries since, a void and a new record number change nothing of what is compared."""
    number = child(store, "1")
    start(store, number)
    dose = store.read(number).of(Prescription)[0].number
    store.change_patient(number, a_patient("2", born="2020-01-01"), store.read(number).revision)
    store.add(number, a_measurement("30 kg", "120 cm", "2026-11-12"))
    store.void(dose, "typed twice")
    (patient,) = recalled(store, version.VERSION).patients
    assert patient.record.patient.entry.record_number == "2"
    (each,) = patient.recalled
    assert (each.is_active, each.changes, each.why_not) == (False, (), "")


def test_a_proposal_a_dose_and_a_page_are_compared_by_the_clinics_limits_of_today(
    store: Store,
) -> None:
    """1.6 mg/m² a day are high where a clinic is cautious from 1.5 on, and 2.2 ask an override."""
    number = child(store, "1")
    start(store, number)
    typed = typed_prescription(
        since=at("2026-11-11T08:00"), dose_mg=Decimal("0.6"), times_a_day=2,
        product=Product.SOLUTION, protocol=starting_request(store.read(number), START).protocol,
    )  # fmt: skip
    store.add(number, typed)
    summary = summarise(store.read(number), START)
    log_page_of_patient(store, PrintedDocument.SUMMARY, summary, pytest.fail)
    store.add_limits(a_limit_set(dose_caution_child="1.5", dose_override_child="2"), 0)
    found = recalled(store, version.VERSION)
    (patient,) = found.patients
    assert found.to_dict()["limits"] == store.limits().to_dict()
    assert store.limits().is_signed
    assert ["dose-high" in str(each.now) for each in patient.recalled] == [True, True, True]


def test_the_inputs_are_those_kept_with_the_proposal(store: Store) -> None:
    """An override, a strength and fine marks are inputs, too."""
    number = child(store, "1")
    record = store.read(number)
    request = replace(
        starting_request(record, START), strength_mg_per_ml=Decimal("0.5"), drugs=("fluconazole",)
    )
    override = Override("discussed", "Dr Example")
    proposal = propose_for(record, request, START, START, override)
    assert proposal.dose is not None
    store.add(number, accept(proposal, START))
    (each,) = recalled(store, version.VERSION).every
    assert (each.changes, each.why_not) == ((), "")
    assert each.then is not None
    assert "dose" in dict(each.then.facts)


def test_a_page_says_what_it_said(store: Store) -> None:
    number = child(store, "1")
    start(store, number)
    told: list[str] = []
    with other_tables(CAUTION="1"):
        summary = summarise(store.read(number), at("2026-11-12T10:00"))
        log_page_of_patient(store, PrintedDocument.DOSE_CARD, summary, told.append)
    log_page_of_clinic(store, PrintedDocument.CLINIC_REPORT, START, told.append)
    store.add(number, a_note("later"))
    found = recalled(store, FAULTY[:7])
    (each,) = found.every
    assert (each.kind, each.what, each.number) == (RecalledKind.PRINT, "dose-card", 1)
    (change,) = each.changes
    assert change.name == "alerts"
    assert set(change.then.split(", ")) - set(change.now.split(", ")) == {"dose-high"}
    of_now = recalled(store, this_build().label)
    assert [each.what for each in of_now.of_clinic] == ["clinic-report"]
    assert of_now.logged_since == at("2026-11-12T10:00")
    assert told == []


def test_a_page_of_a_voided_patient_is_listed(store: Store) -> None:
    number = child(store, "1")
    summary = summarise(store.read(number), START)
    log_page_of_patient(store, PrintedDocument.SUMMARY, summary, print)
    store.void(number, "a double")
    (patient,) = recalled(store, version.VERSION).patients
    assert patient.record.number == number


def test_doses_of_earlier_programs_are_found_by_their_version_and_pointed_to(store: Store) -> None:
    fill(store)  # with a proposal that lacks its inputs
    found = recalled(store, FAULTY)
    assert (found.every, found.unmarked) == ((), ("0.1.0",))
    old = recalled(store, "0.1.0")
    assert old.unmarked == ()
    assert {each.why_not[:30] for each in old.every} == {"The kept proposal cannot be re"}


@pytest.mark.parametrize(
    "text", ["", "0", "abcdef", "12345", "latest", "xyzxyzx", "[/]", "0.1.0+a"]
)
def test_a_text_that_is_no_version_and_no_hash_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="at least 7 digits"):
        WantedBuild(text)


def test_digits_of_two_builds_are_refused(store: Store) -> None:
    number = child(store, "1")
    for end in "ab":
        made = Build("0.1.0", "unknown", f"0123456{end}" * 8)
        store.add(number, a_dose(rule_version=made.label))
    with pytest.raises(UserError, match=r"0123456a0123 and tables 0123456b0123. Write more digits"):
        recalled(store, "0123456")
    assert len(recalled(store, "0123456a").every) == 1


def test_a_commit_is_found_and_no_unknown_one() -> None:
    made = Build("0.1.0", "abcdef012345", "unknown")
    assert WantedBuild("abcdef0").met_by(made) == "commit abcdef012345"
    assert WantedBuild("abcdef0123456789").met_by(made)
    assert not WantedBuild("fedcba9").met_by(Build("0.1.0"))

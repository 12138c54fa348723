"""The patient of a result: never another one, whatever the number looks like."""

from typing import Any

import pytest

from dosing.birth_date import read_birth
from monitoring.exchange.incoming import PatientIdentity
from monitoring.exchange.patient_matching import NoMatch, PatientIndex
from monitoring.record.entries import StoredEntry
from monitoring.record.patient import Patient
from tests.builders import BY, a_patient
from tests.monitoring.exchange.incoming_items import who

ANN, BEN, YEAR = "2020-01-01", "2021-02-02", "2022"


def index(**patients: str) -> PatientIndex:
    """Return the index of patients by name: the number after an underscore, and the birth."""
    stored: list[StoredEntry[Patient]] = [
        StoredEntry(
            number=number, patient=number, author=BY,
            entry=a_patient(name.removeprefix("n"), f"Sample {name}", born=read_birth(born)),
        )
        for number, (name, born) in enumerate(patients.items(), start=1)
    ]  # fmt: skip
    return PatientIndex(stored)


def found(patients: PatientIndex, identity: PatientIdentity) -> str:
    """Return the record number of the patient, "unknown", or the reason of the refusal."""
    match = patients.find(identity)
    if match is None:
        return "unknown"
    return match.reason if isinstance(match, NoMatch) else match.entry.record_number


LACKS: dict[str, Any] = {"may_lack_zeros": True}


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (who("00123"), "00123"),
        (who("00123", born=ANN), "00123"),
        (who("00123", born=BEN), "was born on 1 Jan 2020, not on 2 Feb 2021"),
        (who("00124"), "unknown"),
        (who("00124", born=ANN), "unknown"),
        (who("X", "00123"), "00123"),
        (who("00123", "77"), "are of two patients"),
        (who("00123", "77", born=ANN), "are of two patients"),
        (who("00123", "00123"), "00123"),
        (who("99", born="2022-07-01"), "99"),
        (who("99", born="2023-01-01"), "was born on 2022, not on 1 Jan 2023"),
    ],
)
def test_number_and_date_of_birth_decide(identity: PatientIdentity, expected: str) -> None:
    assert expected in found(index(n00123=ANN, n77=BEN, n99=YEAR), identity)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (who("123", **LACKS), "may have lost leading zeros"),
        (who("123", born=ANN, **LACKS), "00123"),
        (who("123", born=BEN, **LACKS), "123"),
        (who("123", born="2019-01-01", **LACKS), "none was born on"),
        (who("00123", **LACKS), "00123"),  # it has lost none
        (who("123"), "123"),
        (who("0123"), "differs by leading zeros"),
        (who("0123", born=ANN), "00123"),
        (who("0123", born="2019-01-01"), "none was born on"),
    ],
)
def test_two_numbers_that_differ_by_zeros_are_told_apart_by_birth_alone(
    identity: PatientIdentity, expected: str
) -> None:
    answer = found(index(n00123=ANN, n123=BEN), identity)
    assert answer == expected if expected.isdecimal() else expected in answer


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (who("123", **LACKS), "no patient has the record number"),
        (who("123"), "no patient has the record number"),
        (who("123", born=ANN, **LACKS), "00123"),
        (who("123", born=ANN), "00123"),
        (who("123", born=BEN), "none was born on"),
        (who("1230"), "unknown"),
        (who("0"), "unknown"),
    ],
)
def test_a_number_that_differs_by_zeros_from_the_only_one_needs_the_birth(
    identity: PatientIdentity, expected: str
) -> None:
    answer = found(index(n00123=ANN), identity)
    assert answer == expected if expected.isdecimal() else expected in answer


def test_twins_with_numbers_that_differ_by_zeros_are_refused() -> None:
    twins = index(n0123=ANN, n00123=ANN)
    assert "several were born on" in found(twins, who("123", born=ANN, **LACKS))


def test_zeros_alone_are_a_number() -> None:
    assert found(index(n000=ANN), who("000")) == "000"
    assert "differs by leading zeros" in found(index(n000=ANN), who("0"))

"""The meaning of a code: LOINC by its exact code, a sender's own by a mapping, not by likeness."""

import pytest

from dosing import UserError
from monitoring.exchange.coded_test import Code, CodedTest, Measurand, coded_test
from monitoring.laboratory.tests import TESTS

LOINC = "http://loinc.org"
LEVEL, TROUGH = Code("29247-4", LOINC), Code("115766-8", LOINC)


@pytest.mark.parametrize(
    ("code", "measured"),
    [
        ("29247-4", Measurand.LEVEL), ("115766-8", Measurand.TROUGH), ("29463-7", Measurand.WEIGHT),
        ("8302-2", Measurand.HEIGHT), ("8306-3", Measurand.HEIGHT),
        ("85354-9", Measurand.BLOOD_PRESSURE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("system", [LOINC, "urn:oid:2.16.840.1.113883.6.1", "LN"])
def test_a_code_of_loinc_by_each_name_of_it(code: str, measured: Measurand, system: str) -> None:
    assert coded_test([Code(code, system)], {}) == CodedTest(measured)


def test_every_code_of_a_known_test_is_that_test() -> None:
    for test in TESTS:
        for code in test.loinc:
            found = coded_test([Code(code, LOINC)], {})
            assert found == CodedTest(Measurand.LABORATORY, test.name)


@pytest.mark.parametrize("code", [Code("17426", LOINC), Code("1742-6"), Code("ALT", LOINC)])
def test_what_only_looks_like_a_code_is_another_test(code: Code) -> None:
    assert coded_test([code], {}) is None


def test_a_mapping_goes_before_loinc() -> None:
    own = Code("4711", "LAB")
    assert coded_test([own], {"4711": "ALT"}) == CodedTest(Measurand.LABORATORY, "ALT")
    assert coded_test([own, LEVEL], {"4711": "ALT"}) == CodedTest(Measurand.LABORATORY, "ALT")
    assert coded_test([own, LEVEL], {}) == CodedTest(Measurand.LEVEL)


def test_a_level_that_is_a_trough_too_is_one() -> None:
    assert coded_test([LEVEL, TROUGH], {}) == CodedTest(Measurand.TROUGH)


def test_two_meanings_are_refused() -> None:
    with pytest.raises(UserError, match="ALT and AST"):
        coded_test([Code("1742-6", LOINC), Code("1920-8", LOINC)], {})


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (Code("SIRO", "LAB", "Sirolimus trough"), "SIRO"),
        (Code("", "", "Rapamycin [/]"), "Rapamycin [/]"),
        (Code("SIROLIMUS"), "SIROLIMUS"),
    ],
)
def test_sirolimus_without_a_known_code_is_never_left_out_in_silence(code: Code, key: str) -> None:
    with pytest.raises(UserError, match="has no known code") as error:
        coded_test([code], {})
    assert f'"{key}" in the mapping' in str(error.value)
    assert coded_test([code], {key: "sirolimus level"}) == CodedTest(Measurand.LEVEL)

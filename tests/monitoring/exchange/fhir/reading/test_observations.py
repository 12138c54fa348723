"""Observations of FHIR: each digit, unit, comparator, status and time as reported, or refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dosing import QuantityKind, read_quantity
from monitoring.exchange.incoming import Incoming, LeftOut, Refusal, ResultStatus
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from tests.builders import at
from tests.monitoring.exchange.fhir.reading.resources import (
    CHOICES,
    SAMPLED,
    Made,
    bundle,
    component,
    concept,
    entry,
    incoming,
    items,
    json_text,
    laboratory,
    left_out,
    made,
    observation,
    of_patient,
    only,
    patient,
    pressures,
    quantity,
    refusal,
)


def level(**changes: Any) -> Level:
    found = entry(observation(**changes))
    assert isinstance(found, Level)
    return found


def value(made_of: Made) -> LaboratoryValue:
    found = entry(made_of)
    assert isinstance(found, LaboratoryValue)
    return found


# --- the number


@pytest.mark.parametrize("number", ["7.2", "7.20", "7.200", "7", "10.0", "0.30", "123456789.5"])
def test_a_level_keeps_every_digit(number: str) -> None:
    assert str(level(number=number)) == f"{number} ng/mL"


@pytest.mark.parametrize("number", ["1E2", "1e2", "7.2E+0", "72E-1"])
def test_an_exponent_is_refused(number: str) -> None:
    text = bundle(patient(), observation(number="7.77"))
    found = items(json_text(text).replace("7.77", number))[1]
    assert str(found) == (
        f'entry 2, Observation/o1, valueQuantity.value: "{number}" has an exponent. Write the '
        "number out."
    )


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("0", "is not above zero"),
        ("0.0", "is not above zero"),
        ("-1", "is not a value"),
        ("1234567890", "is not a value"),
        ("1." + "2" * 21, "is not a value"),
    ],
)
def test_an_impossible_level_is_refused(number: str, reason: str) -> None:
    assert reason in refusal(observation(number=number))


def test_a_laboratory_value_may_be_zero_and_long() -> None:
    assert value(laboratory(number="0")).value.number == 0
    assert str(value(laboratory(number="35.12345678901234")).value) == "35.12345678901234 U/L"


@pytest.mark.parametrize("wrong", ["7.2", True, None, [Decimal("7.2")], {"value": 7}])
def test_a_number_of_another_type_is_refused(wrong: object) -> None:
    found = refusal(observation(valueQuantity=quantity("7.2", value=wrong)))
    assert found.startswith("valueQuantity.value: it is ")


# --- the comparator


@pytest.mark.parametrize(
    ("sign", "kept", "shown"),
    [
        ("<", Comparator.BELOW, ()),
        (">", Comparator.ABOVE, ()),
        ("<=", Comparator.BELOW, ("It was reported as <=2.0, and is kept as <2.0.",)),
        (">=", Comparator.ABOVE, ("It was reported as >=2.0, and is kept as >2.0.",)),
    ],
)
def test_a_comparator_is_kept(sign: str, kept: Comparator, shown: tuple[str, ...]) -> None:
    found = incoming(observation(valueQuantity=quantity("2.0", comparator=sign)))
    assert isinstance(found.entry, Level)
    assert found.entry.comparator is kept
    assert found.remarks == shown


@pytest.mark.parametrize("sign", ["ad", "~", "", "=", "less than", "＜"])
def test_another_comparator_is_refused(sign: str) -> None:
    found = refusal(observation(valueQuantity=quantity("2.0", comparator=sign)))
    assert found.startswith("valueQuantity.comparator: ")


def test_a_misspelt_comparator_is_refused_and_never_lost() -> None:
    found = refusal(observation(valueQuantity=quantity("2.0", comparater="<")))
    assert found == ("valueQuantity.comparater: FHIR has no such element here. Correct the file.")


# --- the unit


@pytest.mark.parametrize(
    ("code", "unit"),
    [("ng/mL", "ng/mL"), ("ug/L", "ug/L"), ("ug/l", "ug/L"), ("nmol/L", "nmol/L"),
     ("ng/mL{blood}", "ng/mL")],
)  # fmt: skip
def test_the_code_of_ucum_decides(code: str, unit: str) -> None:
    assert level(valueQuantity=quantity("7.20", code=code, unit=code)).value.unit == unit


@pytest.mark.parametrize("text", ["µg/L", "μg/l", "ug/L", "ng/ml", "micrograms/L"])
def test_a_text_of_the_same_size_does_not_contradict(text: str) -> None:
    assert incoming(observation(valueQuantity=quantity("7.2", unit=text))).remarks == ()


@pytest.mark.parametrize(
    "text", ["mg/L", "pg/mL", "ng/dL", "ng/L", "ug/mL", "nmol/L", "kg", "mg", "U/L", "10*9/L"]
)
def test_a_text_of_another_unit_than_the_code_is_refused(text: str) -> None:
    found = refusal(observation(valueQuantity=quantity("7.2", unit=text, code="ng/mL")))
    assert found.startswith(f'valueQuantity.unit: "{text}" is not the unit of the code')


def test_a_text_that_names_no_unit_is_shown() -> None:
    found = incoming(observation(valueQuantity=quantity("7.2", unit="Nanogramm je mL")))
    assert found.remarks == ('The unit is that of the code, ng/mL; its text is "Nanogramm je mL".',)


@pytest.mark.parametrize(
    "code", ["\u202e", " ng/mL", "", "mg/L", "NG/ML", "ng/L", "ug/dL", "mg", "1", "U/L", "{ng}"]
)
def test_an_unknown_code_of_a_level_is_refused(code: str) -> None:
    for unit in (..., "ng/mL"):
        found = refusal(observation(valueQuantity=quantity("7.2", unit=unit, code=code)))
        assert found.startswith("valueQuantity.code: ")


def test_a_code_of_another_system_is_refused() -> None:
    found = refusal(observation(valueQuantity=quantity("7.2", system="http://snomed.info/sct")))
    assert found.startswith("valueQuantity.system: ")


def test_a_unit_in_text_alone_is_read_by_its_spelling() -> None:
    only_text = quantity("7.2", "µg/L", system=..., code=...)
    assert level(valueQuantity=only_text).value.unit == "ug/L"
    unknown = quantity("7.2", "ng", system=..., code=...)
    assert refusal(observation(valueQuantity=unknown)).startswith("valueQuantity.unit: ")


def test_a_code_without_its_system_must_agree_with_the_text() -> None:
    without = quantity("7.2", system=...)
    assert level(valueQuantity=without).value.unit == "ng/mL"
    found = refusal(observation(valueQuantity={**without, "unit": "nmol/L"}))
    assert found.startswith("valueQuantity.unit: ")


def test_a_missing_unit_is_refused_unless_the_mapping_names_it() -> None:
    without = observation(valueQuantity={"value": Decimal("7.20")})
    assert refusal(without).startswith("valueQuantity.unit: it is missing")
    named = replace(CHOICES, default_units={"29247-4": "ug/L"})
    found = entry(without, choices=named)
    assert isinstance(found, Level)
    assert str(found) == "7.20 ug/L"


@pytest.mark.parametrize(
    ("code", "number", "unit", "kept"),
    [
        ("777-3", "112", "10*9/L", "112 10*9/L"),
        ("777-3", "112", "10*3/uL", "112 10*9/L"),
        ("6690-2", "4.10", "/nL", "4.10 10*9/L"),
        ("718-7", "11.2", "g/dL", "11.2 g/dL"),
        ("2160-0", "35.0", "umol/L", "35.0 umol/L"),
        ("1742-6", "35", "[IU]/L", "35 U/L"),
        ("2890-2", "0.2", "g/g", "0.2 mg/mg"),
        ("2823-3", "4.1", "meq/L", "4.1 meq/L"),
    ],
)
def test_units_of_laboratory_values(code: str, number: str, unit: str, kept: str) -> None:
    assert str(value(laboratory(code, number, unit)).value) == kept


@pytest.mark.parametrize("unit", ["G/L", "u/L", "mg/dl/d", "10*9", "kg"])
def test_a_code_that_is_another_unit_in_ucum_is_refused(unit: str) -> None:
    assert refusal(laboratory("777-3", "112", unit)).startswith("valueQuantity.code: ")


# --- other values


@pytest.mark.parametrize(
    ("text", "kept"),
    [("7.20 ng/mL", "7.20 ng/mL"), ("<2.0 ng/mL", "<2.0 ng/mL"), ("> 30 µg/L", ">30 ug/L"),
     ("≤2.0 ng/mL", "<2.0 ng/mL")],
)  # fmt: skip
def test_a_text_with_one_meaning_is_read(text: str, kept: str) -> None:
    assert str(level(valueQuantity=..., valueString=text)) == kept


@pytest.mark.parametrize(
    "text",
    ["7,2 ng/mL", "7.2", "about 7 ng/mL", "7.2-8 ng/mL", "1e1 ng/mL", "", "[/]", "=1+1",
     "7.2 ng/mL (verified)", "7.2 mg/L", "07.2 ng/mL", "Łukasz", "\u202e7.2 ng/mL", "9" * 5000],
)  # fmt: skip
def test_another_text_is_refused(text: str) -> None:
    found = refusal(observation(valueQuantity=..., valueString=text))
    assert found.startswith("valueString: ")


def test_a_dipstick_is_read_as_one() -> None:
    strip = replace(CHOICES, tests={"STRIP": "urine protein"})
    made_of = observation("STRIP", code=concept("STRIP", "urn:local"), valueQuantity=...)
    for text, number in (("2+", 2), ("negative", 0), ("trace", Decimal("0.5"))):
        found = entry({**made_of, "valueString": text}, choices=strip)
        assert isinstance(found, LaboratoryValue)
        assert (found.value.number, found.value.unit) == (number, "dipstick")


@pytest.mark.parametrize(
    "other",
    [
        {"valueCodeableConcept": concept("260385009", "http://snomed.info/sct")},
        {"valueRange": {"low": quantity("5"), "high": quantity("7")}},
        {"valueRatio": {"numerator": quantity("5"), "denominator": quantity("7")}},
        {"valueBoolean": True},
        {"valueInteger": 7},
        {"valueSampledData": {"data": "7 8"}},
        {"valueDateTime": SAMPLED},
    ],
)
def test_another_type_of_value_is_refused_for_a_level_and_left_out_for_another_test(
    other: Made,
) -> None:
    assert refusal(observation(valueQuantity=..., **other)).startswith("value")
    assert left_out(observation("5778-6", valueQuantity=..., **other)) == (
        "of another test: LOINC 5778-6"
    )


def test_two_values_are_refused() -> None:
    assert refusal(observation(valueString="7.2 ng/mL")).startswith("valueString: ")
    absent = concept("unknown", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    assert refusal(observation(dataAbsentReason=absent)).startswith("dataAbsentReason: ")


def test_an_absent_value_is_left_out_only_with_its_reason() -> None:
    absent = concept("not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    without = observation(valueQuantity=...)
    assert left_out({**without, "dataAbsentReason": absent}) == "without a value: LOINC 29247-4"
    assert refusal(without).startswith("value: it is missing")


# --- the status


@pytest.mark.parametrize(
    ("status", "kept"),
    [("final", ResultStatus.FINAL), ("amended", ResultStatus.CORRECTED),
     ("corrected", ResultStatus.CORRECTED), ("entered-in-error", ResultStatus.WITHDRAWN)],
)  # fmt: skip
def test_a_status_that_makes_an_entry(status: str, kept: ResultStatus) -> None:
    assert incoming(observation(status=status)).status is kept


@pytest.mark.parametrize(
    ("status", "why"),
    [("registered", "preliminary"), ("preliminary", "preliminary"), ("cancelled", "cancelled")],
)
def test_a_status_that_makes_none(status: str, why: str) -> None:
    assert left_out(observation(status=status)) == f"{why}: LOINC 29247-4"
    assert left_out(observation(status=status, valueQuantity=..., effectiveDateTime=...)) == (
        f"{why}: LOINC 29247-4"
    )


@pytest.mark.parametrize("status", ["nonsense", "Final", "final ", "unknown", "", ..., 1, None])
def test_another_status_is_refused(status: object) -> None:
    assert refusal(observation(status=status)).startswith("status: ")


@pytest.mark.parametrize("status", ["entered-in-error", "corrected"])
def test_a_result_that_lost_its_value_is_never_passed_over(status: str) -> None:
    absent = concept("error", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    found = refusal(observation(status=status, valueQuantity=..., dataAbsentReason=absent))
    assert found == "value: it is withdrawn. Void the former result by hand."


# --- the code


def test_the_two_codes_of_a_level_and_both_together() -> None:
    both = {"coding": [*concept("29247-4")["coding"], *concept("115766-8")["coding"]]}
    for code in (concept("29247-4"), concept("115766-8"), both):
        assert str(level(code=code)) == "7.20 ng/mL"


def test_a_code_that_means_another_test_is_left_out() -> None:
    assert left_out(observation("5778-6")) == "of another test: LOINC 5778-6"
    assert left_out(observation(code={"text": "Colour of urine"})) == (
        "of another test: Colour of urine"
    )
    assert left_out(observation(code=...)) == "of another test: "


def test_a_code_of_another_system_is_not_loinc() -> None:
    assert left_out(observation(code=concept("29247-4", "urn:local"))).startswith("of another")


@pytest.mark.parametrize("code", ["29247-5", "29274-4", "92247-4", "2924-4", "1742-5"])
def test_a_loinc_code_with_a_wrong_last_digit_is_refused(code: str) -> None:
    assert refusal(observation(code)).startswith("code: ")


def test_sirolimus_under_an_unknown_code_is_refused_and_read_by_the_mapping() -> None:
    local = observation(code=concept("SIRO", "urn:lab", "Sirolimus i.B."))
    assert refusal(local).startswith("code: ")
    mapped = replace(CHOICES, tests={"SIRO": "sirolimus level"})
    assert isinstance(entry(local, choices=mapped), Level)


def test_codes_of_two_tests_are_refused() -> None:
    both = {"coding": [*concept("1742-6")["coding"], *concept("1920-8")["coding"]]}
    assert refusal(laboratory(code=both)) == (
        "code: The codes mean ALT and AST. Name one of them in the mapping."
    )


# --- the time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-05T07:45:00+01:00", "2026-11-05T07:45"),
        ("2026-11-05T06:45:00Z", "2026-11-05T06:45:00Z"),
        ("2026-11-05T07:45:30+01:00", "2026-11-05T07:45:30"),
        ("2026-11-05T07:45+01:00", "2026-11-05T07:45"),
        ("2026-11-05T07:45:00.000+01:00", "2026-11-05T07:45"),
        ("2026-11-05T07:45:00", "2026-11-05T07:45"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_time_is_read(text: str, moment: str) -> None:
    assert level(effectiveDateTime=text).sampled.utc == at(moment).utc
    assert level(effectiveDateTime=..., effectiveInstant=text).sampled.utc == at(moment).utc


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-11", "2026-11-05", "2026-11-05T24:00:00+01:00", "2026-11-05T07:60:00Z",
     "2026-11-31T08:00:00Z", "2026-02-29T08:00:00Z", "05.11.2026 08:00", "20261105T0745Z",
     "2026-11-05T07Z", "2026-11-05T07:45:61Z", "2026-03-29T02:30:00", "2026-10-25T02:30:00",
     "2026-11-05 07:45", " 2026-11-05T07:45:00Z", "٢٠٢٦-11-05T07:45:00Z", "0000-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_time_without_one_meaning_is_refused_for_a_level(text: str) -> None:
    assert refusal(observation(effectiveDateTime=text)).startswith("effective")


def test_the_fraction_of_a_second_is_shown() -> None:
    found = incoming(observation(effectiveDateTime="2026-11-05T07:45:00.750+01:00"))
    assert found.remarks == ("The time 2026-11-05T07:45:00.750+01:00 is kept in whole seconds.",)


def test_issued_is_never_the_time_of_the_sample() -> None:
    without = observation(effectiveDateTime=..., issued="2026-11-05T12:00:00Z")
    assert refusal(without).startswith("effective: the time of the sample is missing")


@pytest.mark.parametrize(
    ("start", "end", "is_read"),
    [
        ("2026-11-05T07:45:00+01:00", "2026-11-05T06:45:00Z", True),
        ("2026-11-05T07:45:00+01:00", "2026-11-05T07:46:00+01:00", False),
        ("2026-11-05T07:45:00+01:00", ..., False),
        (..., "2026-11-05T07:45:00+01:00", False),
        ("2026-11-05", "2026-11-05", False),
    ],
)
def test_a_period_is_a_time_where_it_is_one_moment(start: str, end: str, is_read: bool) -> None:  # noqa: FBT001 - a row of the table
    period = made({}, start=start, end=end)
    found = only(observation(effectiveDateTime=..., effectivePeriod=period))
    assert isinstance(found, Incoming if is_read else Refusal)


def test_two_times_and_a_timing_are_refused() -> None:
    assert refusal(observation(effectiveInstant=SAMPLED)).startswith("effectiveInstant: ")
    timing = {"event": ["2026-11-05T07:45:00+01:00"]}
    found = refusal(observation(effectiveDateTime=..., effectiveTiming=timing))
    assert found.startswith("effectiveTiming: ")


# --- specimens


def specimen(**changes: Any) -> Made:
    usual = {
        "resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/p1"},
        "collection": {"collectedDateTime": "2026-11-05T07:45:00+01:00"},
    }  # fmt: skip
    return made(usual, **changes)


def of_specimen(observed: Made, sampled: Made) -> Any:
    found = of_patient({**observed, "specimen": {"reference": "Specimen/s1"}}, sampled)
    assert isinstance(found[1], LeftOut)
    return found[0]


def test_the_specimen_gives_the_time_that_is_missing() -> None:
    found = of_specimen(observation(effectiveDateTime=...), specimen())
    assert found.entry.sampled == at("2026-11-05T07:45")
    of_the_day = of_specimen(observation(effectiveDateTime="2026-11-05"), specimen())
    assert of_the_day.entry.sampled == at("2026-11-05T07:45")


@pytest.mark.parametrize(
    ("time", "part"),
    [("2026-11-05T07:44:59+01:00", "effective"), ("2026-11-04", "effective")],
)
def test_a_specimen_of_another_time_is_refused(time: str, part: str) -> None:
    found = of_specimen(observation(), specimen(collection={"collectedDateTime": time}))
    assert found.part == part


def test_a_specimen_of_another_patient_or_unusable_is_refused() -> None:
    other = of_specimen(observation(), specimen(subject={"identifier": {"value": "99999"}}))
    assert other.reason == "it is of another patient. Ask the sender."
    for status in ("entered-in-error", "unsatisfactory", "nonsense"):
        assert of_specimen(observation(), specimen(status=status)).part == "specimen"


def test_the_time_at_which_a_specimen_was_received_is_never_taken() -> None:
    received = specimen(collection=..., receivedTime="2026-11-05T09:00:00Z")
    assert of_specimen(observation(effectiveDateTime=...), received).part == "effective"


# --- the body


def test_weight_and_height_are_of_a_day() -> None:
    weight = observation("29463-7", valueQuantity=quantity("12.40", "kg"))
    assert entry({**weight, "effectiveDateTime": "2026-11-05"}) == Measurement(
        on=date(2026, 11, 5), weight=read_quantity("12.40 kg", QuantityKind.WEIGHT)
    )
    height = observation("8302-2", valueQuantity=quantity("35", "[in_i]", unit="in"))
    found = entry(height)
    assert isinstance(found, Measurement)
    assert str(found.height) == "35 in"


def test_the_day_of_a_weight_is_that_of_the_clinics_clocks() -> None:
    found = entry(
        observation(
            "29463-7",
            valueQuantity=quantity("12.4", "kg"),
            effectiveDateTime="2026-11-05T23:30:00Z",
        )
    )
    assert isinstance(found, Measurement)
    assert found.on == date(2026, 11, 6)


@pytest.mark.parametrize("text", ["2026-11", "2026", ""])
def test_a_weight_needs_a_day(text: str) -> None:
    weight = observation("29463-7", valueQuantity=quantity("12.4", "kg"), effectiveDateTime=text)
    assert refusal(weight).startswith("effective")


def test_a_weight_has_no_comparator_and_no_other_unit() -> None:
    below = quantity("12.4", "kg", comparator="<")
    assert "no comparator" in refusal(observation("29463-7", valueQuantity=below))
    assert refusal(observation("29463-7", valueQuantity=quantity("88", "cm"))).startswith("value")


# --- panels


def test_a_blood_pressure_is_two_values() -> None:
    found = of_patient(pressures())
    assert [str(each.entry) for each in found if isinstance(each, Incoming)] == [
        "systolic blood pressure 101 mm[Hg]", "diastolic blood pressure 62 mm[Hg]",
    ]  # fmt: skip
    assert [each.part for each in found if isinstance(each, Incoming)] == [
        "component[0].valueQuantity", "component[1].valueQuantity",
    ]  # fmt: skip
    assert len({each.place for each in found}) == 2


@pytest.mark.parametrize(("systolic", "diastolic"), [("62", "101"), ("62", "62")])
def test_swapped_pressures_are_refused_together(systolic: str, diastolic: str) -> None:
    assert refusal(pressures(systolic, diastolic)).startswith("component: the diastolic")


def test_a_component_without_a_value_does_not_hide_the_other() -> None:
    absent = concept("not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    half = component("8462-4", "62", valueQuantity=..., dataAbsentReason=absent)
    found = of_patient(pressures(component=[component("8480-6", "101"), half]))
    assert isinstance(found[0], Incoming)
    assert isinstance(found[1], LeftOut)
    wrong = component("8462-4", "62", "kPa")
    found = of_patient(pressures(component=[component("8480-6", "101"), wrong]))
    assert isinstance(found[0], Incoming)
    assert isinstance(found[1], Refusal)
    assert found[1].part == "component[1].valueQuantity.code"


def test_another_panel_gives_the_components_that_are_known() -> None:
    parts = [component("1742-6", "35", "U/L"), component("5778-6", "1", "U/L")]
    found = of_patient(observation("24323-8", valueQuantity=..., component=parts))
    assert isinstance(found[0], Incoming)
    assert str(found[0].entry) == "ALT 35 U/L"
    assert isinstance(found[1], LeftOut)
    assert found[1].what == "LOINC 5778-6"


def test_a_panel_without_a_value_of_its_own_is_left_out() -> None:
    member = {"reference": "Observation/o2"}
    panel = observation(valueQuantity=..., hasMember=[member])
    assert left_out(panel) == "of another kind: panel LOINC 29247-4"


# --- limits of normal


def limits(*ranges: Made, number: str = "35") -> tuple[str | None, str | None]:
    found = value(laboratory(number=number, referenceRange=list(ranges)))
    both = (found.lower_limit, found.upper_limit)
    low, high = (None if each is None else str(each) for each in both)
    return low, high


def test_limits_keep_every_digit() -> None:
    low, high = quantity("5.0", "U/L"), quantity("41", "U/L")
    assert limits({"low": low, "high": high}) == ("5.0 U/L", "41 U/L")
    assert limits({"high": {"value": Decimal("41.0")}}) == (None, "41.0 U/L")
    normal = concept("normal", "http://terminology.hl7.org/CodeSystem/referencerange-meaning")
    assert limits({"low": low, "type": normal}) == ("5.0 U/L", None)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("5-41", ("5 U/L", "41 U/L")),
        ("5.0 – 41.0 U/L", ("5.0 U/L", "41.0 U/L")),
        ("<41", (None, "41 U/L")),
        ("≤ 41", (None, "41 U/L")),
        (">5", ("5 U/L", None)),
        ("negative", (None, None)),
        ("5-41 mg/L", (None, None)),
        ("5,0-41", (None, None)),
    ],
)
def test_a_range_in_words_is_read_where_it_has_one_meaning(
    text: str, both: tuple[str | None, str | None]
) -> None:
    assert limits({"text": text}) == both


def test_ranges_that_are_not_the_one_of_normal_are_not_recorded() -> None:
    one = {"low": quantity("5", "U/L")}
    two = {"low": quantity("9", "U/L")}
    assert limits(one, two) == (None, None)
    meaning = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"
    assert limits(one, {**two, "type": concept("therapeutic", meaning)}) == ("5 U/L", None)
    found = incoming(laboratory(referenceRange=[one, two]))
    assert found.remarks == ("It has several ranges of normal, and none is recorded.",)


def test_limits_in_another_unit_or_crossed_are_refused() -> None:
    other = {"low": quantity("5", "mg/L")}
    assert refusal(laboratory(referenceRange=[other])).startswith("referenceRange[0].low")
    crossed = {"low": quantity("41", "U/L"), "high": quantity("5", "U/L")}
    assert "lower limit" in refusal(laboratory(referenceRange=[crossed]))
    below = {"high": quantity("41", "U/L", comparator="<")}
    assert refusal(laboratory(referenceRange=[below])).startswith("referenceRange[0].high")


# --- assay, laboratory, comments, last dose


@pytest.mark.parametrize(
    ("method", "assay"),
    [
        ({"text": "LC-MS/MS"}, Assay.LC_MS_MS),
        ({"text": "lc/ms/ms"}, Assay.LC_MS_MS),
        ({"text": "CMIA"}, Assay.CMIA),
        ({"coding": [{"code": "X", "display": "EMIT"}]}, Assay.EMIT),
        ({"text": "our own"}, Assay.OTHER),
        ({"text": "an unknown one"}, None),
    ],
)
def test_a_method_is_an_assay_by_its_name_or_by_the_mapping(
    method: Made, assay: Assay | None
) -> None:
    mapped = replace(CHOICES, assays={"our own": Assay.OTHER})
    found = incoming(observation(method=method), choices=mapped)
    assert isinstance(found.entry, Level)
    assert found.entry.assay is assay
    assert bool(found.remarks) == (assay is None)


def test_a_method_of_two_assays_is_refused() -> None:
    both = {"coding": [{"code": "A", "display": "CMIA"}], "text": "EMIT"}
    assert refusal(observation(method=both)).startswith("method: ")


def test_the_organisation_that_performed_it_is_the_laboratory() -> None:
    organisation = {"resourceType": "Organization", "id": "l", "name": "Lab [/] of the hospital"}
    performed = observation(performer=[{"display": "Dr Example"}, {"reference": "Organization/l"}])
    found = of_patient(performed, organisation)[0]
    assert isinstance(found, Incoming)
    assert isinstance(found.entry, Level)
    assert found.entry.laboratory == "Lab [/] of the hospital"
    assert level(performer=[{"display": "Dr Example"}]).laboratory == ""


def test_the_comments_of_the_laboratory_are_shown() -> None:
    found = incoming(observation(note=[{"text": "Haemolytic\x1b[31m"}, {"text": " "}]))
    assert found.remarks == ("Comment of the laboratory: Haemolytic[31m",)


def test_the_name_of_the_result_is_its_source() -> None:
    found = incoming(observation())
    assert (found.source, str(found.place)) == ("Observation/o1", "entry 2, Observation/o1")


# --- what changes the meaning


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("modifierExtension", {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}),
        ("implicitRules", {"implicitRules": "urn:x"}),
        ("focus", {"focus": [{"reference": "Patient/p2"}]}),
        ("valueQantity", {"valueQantity": quantity("9")}),
        ("_statuss", {"_statuss": {"id": "1"}}),
    ],
)
def test_an_element_that_may_change_the_meaning_is_refused(name: str, changes: Made) -> None:
    assert refusal(observation(**changes)).startswith(f"{name}: ")


def test_what_has_no_meaning_here_does_not_disturb() -> None:
    found = level(
        _status={"id": "x"},
        extension=[{"url": "urn:x", "valueString": "y"}],
        interpretation=[concept("H", "urn:x")],
        text={"status": "generated", "div": "<div>9.9</div>"},
        meta={"versionId": "2"},
        derivedFrom=[{"reference": "Observation/o9"}],
        partOf=[{"reference": "Procedure/1"}],
    )
    assert str(found) == "7.20 ng/mL"

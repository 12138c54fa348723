"""The record's types: they check themselves, are frozen, and keep texts clean and digits exact."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dosing import Height, Quantity, QuantityKind, ReadingError, UserError, Weight, read_quantity
from monitoring.record.adverse_event import SCALE, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StopRecord, Void
from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS, NAMES
from monitoring.record.laboratory_value import (
    DIPSTICK,
    UNITS,
    LaboratoryQuantity,
    LaboratoryValue,
    kept_unit,
    read_laboratory,
    read_limit,
    values_typed,
)
from monitoring.record.level import Comparator, Level, read_level
from monitoring.record.measurement import Measurement
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from tests.builders import (
    a_limit_set,
    a_note,
    a_patient,
    a_prescription,
    a_removal,
    at,
    every_field_of_0003,
    every_field_of_0010,
    every_kind,
)

DAY = date(2026, 11, 5)
HOSTILE = "\x1b[31m Ann\u202e\0 \u200bO'Neil\r\n=1+1;--\ud800 e\u0301 [/]"
CLEANED = "[31m Ann O'Neil =1+1;-- é [/]"

EVERY_ENTRY: tuple[Entry, ...] = (
    a_patient(congenital=True, severity="large"),
    *every_kind(),
    *every_field_of_0003(),
    *every_field_of_0010(),
    a_limit_set(step_stop="4"),
    a_removal(),
    StopRecord(of=3, on=DAY, reason="over"),
    Void(of=3, reason="wrong patient"),
)
TEXTS = [
    (entry, field.name)
    for entry in EVERY_ENTRY
    for field in fields(entry)
    if field.type in {str, str | None} and getattr(entry, field.name) is not None
    if field.name not in {"protocol", "seal"}  # no free texts
    if (type(entry), field.name) != (LaboratoryValue, "scale")  # one of two names
    if getattr(entry, "override_by", "-") or not field.name.startswith("override")
]
NEEDED = {
    "record_number", "name", "term", "scale", "test", "drug", "severity", "attributed_to",
    "given_reason", "what", "checked_by", "decided_by",
}  # fmt: skip


def example(kind: type[Any]) -> Any:
    return next(entry for entry in EVERY_ENTRY if isinstance(entry, kind))


def test_every_kind_of_entry_has_an_example_here() -> None:
    assert {type(entry) for entry in EVERY_ENTRY} == set(KINDS.values()) == set(NAMES)


@pytest.mark.parametrize("entry", EVERY_ENTRY, ids=lambda entry: type(entry).__name__)
def test_an_entry_is_frozen(entry: Entry) -> None:
    for field in fields(entry):
        with pytest.raises(FrozenInstanceError):
            setattr(entry, field.name, None)
    with pytest.raises((AttributeError, TypeError)):
        entry.remark = "new"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("entry", "name"),
    TEXTS,
)
def test_hostile_text_is_cleaned(entry: Any, name: str) -> None:
    assert ascii(getattr(replace(entry, **{name: HOSTILE}), name)) == ascii(CLEANED)


@pytest.mark.parametrize(("entry", "name"), TEXTS)
def test_a_text_is_as_long_as_can_be_shown(entry: Any, name: str) -> None:
    if name == "proposal":
        return  # a whole document
    longest = 64 if name == "record_number" else 2000
    assert getattr(replace(entry, **{name: "é" * longest}), name) == "é" * longest
    with pytest.raises(UserError, match=r"[Ss]horten"):
        replace(entry, **{name: "é" * (longest + 1)})


@pytest.mark.parametrize(("entry", "name"), [each for each in TEXTS if each[1] in NEEDED])
@pytest.mark.parametrize("nothing", ["", "  ", "-", "\u200b", "\u3164"])
def test_a_name_must_be_readable(entry: Any, name: str, nothing: str) -> None:
    with pytest.raises(UserError, match=r"is empty. Enter it in words"):
        replace(entry, **{name: nothing})


@pytest.mark.parametrize("number", ["00123", "1E5", "0", "A-1/2", "=1+1", "NA"])
def test_a_record_number_stays_as_it_is_written(number: str) -> None:
    assert a_patient(number).record_number == number


def test_the_anomalies_are_the_reviews_tumours_and_malformations() -> None:
    tumours = {anomaly.value for anomaly in Anomaly if anomaly.is_tumour}
    assert tumours == {"khe-or-tufted-angioma", "haemangioma", "other-tumour"}
    assert all(each.value.endswith("malformation") for each in list(Anomaly)[3:-1])


def test_a_patient_has_no_age_of_their_own() -> None:
    assert "age" not in {field.name for field in fields(Patient)}


def test_a_measurement_needs_a_weight_or_a_height_and_keeps_its_unit() -> None:
    with pytest.raises(UserError, match="needs a weight or a height"):
        Measurement(on=DAY)
    weight = read_quantity("27.0 lb", QuantityKind.WEIGHT)
    measured = Measurement(on=DAY, weight=weight)
    assert str(measured.weight) == "27.0 lb"
    assert measured.as_weight == Weight(weight.value)
    assert measured.as_height is None
    tall = Measurement(on=DAY, height=read_quantity("0.88 m", QuantityKind.HEIGHT))
    assert (tall.as_weight, tall.as_height) == (None, Height(Decimal(88)))


def test_a_measurement_takes_no_height_for_a_weight() -> None:
    with pytest.raises(UserError):
        Measurement(on=DAY, weight=read_quantity("88 cm", QuantityKind.HEIGHT))


@pytest.mark.parametrize(
    "change",
    [
        {"dose_mg": Decimal(0)},
        {"dose_mg": Decimal("-0.5")},
        {"dose_mg": Decimal("NaN")},
        {"dose_mg": Decimal("sNaN")},
        {"dose_mg": Decimal("Infinity")},
        {"times_a_day": 0},
        {"times_a_day": 5},
        {"times_a_day": -1},
        {"protocol": "unknown"},
        {"override_by": ""},
        {"override_reason": "\u200b"},
    ],
)
def test_a_prescription_checks_its_figures(change: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        replace(a_prescription(), **change)


def test_a_prescription_far_outside_every_limit_can_be_recorded() -> None:
    dose = replace(a_prescription(), dose_mg=Decimal("400.00"), times_a_day=4)
    assert dose.daily_mg == 1600
    assert str(dose) == "400 mg × 4 a day"
    assert str(a_prescription()) == "0.44 mg × 2 a day"


@pytest.mark.parametrize("kind", [MissedDose, Level])
def test_moments_in_the_wrong_order_are_refused(kind: type[Any]) -> None:
    entry: Any = example(kind)
    change = (
        {"until": at("2026-11-02T07:59")}
        if kind is MissedDose
        else {"last_dose": at("2026-11-05T07:46")}
    )
    with pytest.raises(UserError):
        replace(entry, **change)


def test_a_dose_and_a_sample_at_one_instant_in_two_zones_are_recorded() -> None:
    same = {"sampled": at("2026-11-05T08:00"), "last_dose": at("2026-11-05T07:00", "UTC")}
    assert replace(example(Level), **same).last_dose == same["last_dose"]


def test_a_dose_held_has_an_end_or_none() -> None:
    held = MissedDose(at=at("2026-11-02T08:00"), kind=NotGiven.HELD)
    assert held.until is None
    assert replace(held, until=held.at).until == held.at


@pytest.mark.parametrize(
    ("text", "number", "comparator", "shown"),
    [
        ("7.2 ng/mL", "7.2", None, "7.2 ng/mL"),
        ("7.20 ug/L", "7.20", None, "7.20 ug/L"),
        ("<2.0 ng/mL", "2.0", Comparator.BELOW, "<2.0 ng/mL"),
        ("< 2.0 ng/mL", "2.0", Comparator.BELOW, "<2.0 ng/mL"),
        (">30 ng/mL", "30", Comparator.ABOVE, ">30 ng/mL"),
        ("  >30ng/ml ", "30", Comparator.ABOVE, ">30 ng/mL"),
        ("7.9 nmol/L", "7.9", None, "7.9 nmol/L"),
    ],
)
def test_a_level_keeps_its_digits_unit_and_comparator(
    text: str, number: str, comparator: Comparator | None, shown: str
) -> None:
    value, found = read_level(text)
    assert (str(value.number), found) == (number, comparator)
    assert str(Level(sampled=at("2026-11-05T08:00"), value=value, comparator=found)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "<=2",
        "<=2 ng/mL",
        ">= 30 ng/mL",
        "≤2 ng/mL",
        "<<2 ng/mL",
        "<",
        "<2.0",
        "< 2.0",
        "~7 ng/mL",
        "<-2 ng/mL",
        "2< ng/mL",
        "7,2 ng/mL",
        "<2,0 ng/mL",
        "7.2",
        "7.2 mg/L",
        "0 ng/mL",
        "1e1 ng/mL",
        "７ ng/mL",
        "nan ng/mL",
        "",
    ],
)
def test_a_level_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ReadingError):
        read_level(text)


def test_a_level_with_an_equals_sign_is_told_how_to_be_written() -> None:
    with pytest.raises(ReadingError, match=r"< or > alone. Write it as in <2\.0 ng/mL"):
        read_level("<=2")


def test_a_level_is_no_dose() -> None:
    with pytest.raises(UserError, match=r"0\.44 mg is not a level"):
        Level(sampled=at("2026-11-05T08:00"), value=read_quantity("0.44 mg", QuantityKind.DOSE))


@pytest.mark.parametrize("grade", [0, 6, -1])
def test_an_event_has_a_grade_of_one_to_five_or_none(grade: int) -> None:
    with pytest.raises(UserError, match=f"A grade is 1 to 5, not {grade}"):
        AdverseEvent(term="Mouth ulcers", since=DAY, grade=grade)
    ungraded = AdverseEvent(term="Mouth ulcers", since=DAY)
    assert (ungraded.grade, ungraded.scale) == (None, SCALE)


@pytest.mark.parametrize(
    "spelling", [each for spellings in UNITS for each in spellings if each != DIPSTICK]
)
def test_every_unit_that_laboratories_print_is_read(spelling: str) -> None:
    first = next(spellings[0] for spellings in UNITS if spelling in spellings)
    assert str(LaboratoryQuantity.read(f"35.20 {spelling}")) == f"35.20 {first}"


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        *((each, "10*9/L") for each in (
            "10^9/L", "10*9/L", "10⁹/L", "×10⁹/L", "x10E9/L", "10E9/l", "10**9/L", "G/L", "G/l",
            "K/uL", "K/µL", "k/ul", "/nL", "10^3/uL", "10³/µl", "x10*3/uL", "10^3/mm³", "K/mcL",
        )),
        *((each, "U/L") for each in ("U/L", "U/l", "u/l", "IU/L", "IU/l")),
        *((each, "umol/L") for each in ("umol/L", "µmol/L", "μmol/l", "µmol / L")),
        ("g/l", "g/L"), ("mg/dl", "mg/dL"), ("mmol/l", "mmol/L"), ("mEq/l", "meq/L"),
        ("mmHg", "mm[Hg]"), ("fl", "fL"), ("pg", "pg"), ("%", "%"), ("g/mol", "mg/mmol"),
        ("ng/ml", "ug/L"),
        # another power, another size, or a power without its sign
        ("10^6/L", None), ("10^12/L", "10*12/L"), ("M/uL", "10*12/L"), ("Mg/dL", None),
        ("UMOL/L", "umol/L"), ("109/L", None), ("103/uL", None), ("/uL", None),
        ("mol/L", None), ("mm", None), ("10^9/dL", None),
    ],
)  # fmt: skip
def test_a_unit_is_known_in_every_usual_spelling(spelling: str, unit: str | None) -> None:
    assert kept_unit(spelling) == unit


@pytest.mark.parametrize(
    ("text", "number", "shown"),
    [
        ("negative", "0", "negative"), ("Neg", "0", "negative"), ("trace", "0.5", "trace"),
        ("1+", "1", "1+"), ("+", "1", "1+"), ("+2", "2", "2+"), ("+++", "3", "3+"),
        ("4+", "4", "4+"),
    ],
)  # fmt: skip
def test_a_dipstick_is_read_and_shown(text: str, number: str, shown: str) -> None:
    value = LaboratoryQuantity.read(text)
    assert (value.number, value.unit, str(value)) == (Decimal(number), DIPSTICK, shown)
    assert LaboratoryQuantity.read(str(value)) == value


@pytest.mark.parametrize("text", ["5+", "0+", "+++++", "1 +", "7 dipstick", "1.5 dipstick"])
def test_what_no_dipstick_shows_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        LaboratoryQuantity.read(text)


def typed_values(test: str, value: str, **limits: str) -> tuple[Any, ...]:
    quantity, comparator = read_laboratory(value)
    typed = {"test": test, "at": at("2026-11-05T08:00"), "value": quantity}
    typed |= {name: read_limit(text) for name, text in limits.items()}
    return tuple(LaboratoryValue(**each, comparator=comparator) for each in values_typed(typed))


def test_a_blood_pressure_is_stored_as_two_values_of_one_moment() -> None:
    systolic, diastolic = typed_values("Blood pressure", "128/84 mmHg")
    assert str(systolic) == "systolic blood pressure 128 mm[Hg]"
    assert str(diastolic) == "diastolic blood pressure 84 mm[Hg]"
    assert systolic.at == diastolic.at
    assert typed_values("BP", "128 / 84mm[Hg]") == (systolic, diastolic)


@pytest.mark.parametrize(
    ("test", "value", "said"),
    [
        ("bp", "128/84", "not a blood pressure. Write it with its unit"),
        ("bp", "84/128 mmHg", "not below the systolic"),
        ("bp", "84/84 mmHg", "not below the systolic"),
        ("bp", "128 mmHg", "is two numbers"),
        ("ALT", "128/84 mmHg", "Two pressures are one test"),
        ("sirolimus trough", "7 ng/mL", "is recorded as a level"),
    ],
)
def test_half_a_blood_pressure_is_refused(test: str, value: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        typed_values(test, value)
    with pytest.raises(UserError, match="no limits of its own"):
        typed_values("bp", "128/84 mmHg", upper_limit="140 mmHg")


def test_a_limit_without_a_unit_has_that_of_the_value() -> None:
    (value,) = typed_values("ALT", "35 IU/L", lower_limit="5", upper_limit="40.5")
    assert (str(value.lower_limit), str(value.upper_limit)) == ("5 U/L", "40.5 U/L")
    (value,) = typed_values("ALT", "35 U/L", upper_limit="40 IU/l")
    assert str(value.upper_limit) == "40 U/L"
    with pytest.raises(UserError, match="another unit than the value"):
        typed_values("ALT", "35 U/L", upper_limit="40 g/L")
    with pytest.raises(UserError, match="not a laboratory value"):
        typed_values("ALT", "35 U/L", upper_limit="forty")


@pytest.mark.parametrize(
    "text",
    [
        "35",
        "U/L",
        "1,5 g/dL",
        "-5 U/L",
        "+5 U/L",
        "1e3 U/L",
        "05 U/L",
        ".5 U/L",
        "5. U/L",
        "1 000 U/L",
        "<5 U/L",
        "5-9 U/L",
        "11210^9/L",
        "３５ U/L",
        "35 U/L\n",
        "",
        "1" * 10 + " U/L",
    ],
)
def test_a_laboratory_value_that_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(ReadingError, match="is not a laboratory value"):
        LaboratoryQuantity.read(text)


def test_giga_and_grams_per_litre_are_told_apart() -> None:
    assert LaboratoryQuantity.read("5 G/L").unit == "10*9/L"
    assert LaboratoryQuantity.read("5 g/L").unit == "g/L"


@pytest.mark.parametrize("number", ["-1", "NaN", "Infinity"])
def test_a_laboratory_quantity_checks_itself(number: str) -> None:
    with pytest.raises(UserError, match="zero or above"):
        LaboratoryQuantity(Decimal(number), "U/L")
    with pytest.raises(UserError, match="not a known unit"):
        LaboratoryQuantity(Decimal(1), "cups")


def test_the_limits_of_normal_are_in_the_unit_of_the_value_and_in_order() -> None:
    quantity = LaboratoryQuantity.read
    value = LaboratoryValue(test="ALT", at=at("2026-11-05T08:00"), value=quantity("0 U/L"))
    assert str(replace(value, comparator=Comparator.BELOW)) == "ALT <0 U/L"
    with pytest.raises(UserError, match="Write it in U/L"):
        replace(value, upper_limit=quantity("5 g/L"))
    with pytest.raises(UserError, match="Write it in U/L"):
        replace(value, lower_limit=quantity("0 g/L"))
    with pytest.raises(UserError, match="above the upper one"):
        replace(value, lower_limit=quantity("40 U/L"), upper_limit=quantity("35 U/L"))
    same = replace(value, lower_limit=quantity("35 U/L"), upper_limit=quantity("35.0 U/L"))
    assert same.upper_limit == quantity("35 U/L")


def test_an_end_is_either_a_moment_or_a_day() -> None:
    for both_or_none in ({}, {"at": at("2026-11-05T08:00"), "on": DAY}):
        with pytest.raises(UserError, match="a time or a day"):
            StopRecord(of=3, **both_or_none)  # type: ignore[arg-type]


def test_a_void_needs_a_reason() -> None:
    with pytest.raises(UserError, match="The reason is empty"):
        Void(of=3, reason=" ")


def test_notes_and_drugs_are_checked() -> None:
    with pytest.raises(UserError, match="The note is empty"):
        Note(on=DAY, text="…")
    with pytest.raises(UserError, match="The drug is empty"):
        CoMedication(drug="?", since=DAY)
    assert a_note("  Seen\n in clinic ").text == "Seen in clinic"


def test_a_written_value_checks_its_unit() -> None:
    with pytest.raises(UserError):
        Quantity(Decimal(5), "kg", QuantityKind.LEVEL)


def test_a_prescription_cannot_be_made_without_its_rule_version() -> None:
    missing: Any = Prescription
    given = {field.name: getattr(a_prescription(), field.name) for field in fields(Prescription)}
    del given["rule_version"]
    with pytest.raises(TypeError):
        missing(**given)

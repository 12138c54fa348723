"""A clinic's own limits: what can be changed, how far, and that a value acts where it is named."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dosing import Alerts, UserError
from dosing.knowledge.clinic_limits import (
    CHANGEABLE,
    DEFAULT_LIMITS,
    ClinicLimits,
    changeable,
    check_order,
    fixed_limits,
    hash_of_values,
    read_value_texts,
    value_texts,
)
from dosing.knowledge.limits import LIMIT_TABLE, LIMITS, CheckInput, check
from dosing.knowledge.references import PROPOSED, SOURCES
from dosing.knowledge.tdm_rules import (
    FAR_TOO_EARLY,
    HOLDING_CONSIDERED_ABOVE,
    LARGEST_FACTOR,
    LEVEL_RULES,
)
from dosing.patient import Age, Weight

OF_ROWS = {row.name: row for row in LIMITS if row.name}


def limits(**values: str) -> ClinicLimits:
    pairs = ((name.replace("_", "-"), Decimal(value)) for name, value in values.items())
    return ClinicLimits(values=tuple(sorted(pairs)), signed_by="Dr A", signed_on=date(2026, 11, 5))


def child(daily_mg_per_m2: str) -> CheckInput:
    weight = Weight.read("20 kg")
    return CheckInput(age=Age("6 years"), weight=weight, daily_mg_per_m2=Decimal(daily_mg_per_m2))


def codes(alerts: Alerts) -> tuple[str, ...]:
    return tuple(each.code for each in alerts)


# --- what can be changed


def test_only_proposed_figures_can_be_changed() -> None:
    assert {row.source for row in OF_ROWS.values()} == {PROPOSED}
    by_meaning = {rule.meaning: rule.source for rule in LEVEL_RULES}
    of_rules = [limit for limit in CHANGEABLE.values() if limit.name not in OF_ROWS]
    assert {by_meaning[limit.what] for limit in of_rules} == {PROPOSED}
    assert not any(row.name for row in LIMITS if row.source != PROPOSED)


def test_each_name_is_of_one_figure() -> None:
    names = [row.name for row in LIMITS if row.name]
    assert len(names) == len(set(names)) == len(CHANGEABLE) - 4


def test_every_proposed_limit_is_changeable_or_listed_as_fixed() -> None:
    fixed = {(each.what, each.value) for each in fixed_limits()}
    for row in LIMITS:
        if row.source == PROPOSED and not row.name:
            assert (row.figure.label, row.out_of_bounds) in fixed
    for rule in LEVEL_RULES:
        is_named = any(limit.what == rule.meaning for limit in CHANGEABLE.values())
        assert is_named is not ((rule.meaning, str(rule)) in fixed) or rule.source != PROPOSED


def test_the_programs_own_value_is_inside_its_range() -> None:
    for limit in CHANGEABLE.values():
        assert limit.lowest <= limit.value <= limit.highest
        assert limit.checked(limit.value) == limit.value
        assert limit.read(limit.shown(limit.value)) == limit.value


# --- reading a value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("dose-stop-child", "6 mg/m²/day", "6"),
        ("dose-stop-child", " 6mg/m^2/day ", "6"),
        ("dose-stop-child", "7.5 mg/m2/day", "7.5"),
        ("factor-cap", "1.2 times", "1.2"),
        ("rounding-stop-solution", "8%", "8"),
        ("level-too-old", "45 days", "45"),
        ("level-for-hold", "25 ng/mL", "25"),
    ],
)
def test_a_value_is_read_with_its_unit(name: str, text: str, value: str) -> None:
    assert changeable(name).read(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "6", "", "mg/m²/day", "6 mg/day", "6 mg/kg/day", "-6 mg/m²/day", "6,5 mg/m²/day", "nan",
        "1e1 mg/m²/day", "٦ mg/m²/day", "６ mg/m²/day", "=6 mg/m²/day", "6 [/] mg/m²/day",
        "6 mg/m²/day\x1b[31m", "\u202e6 mg/m²/day", "6 mg/m²/day 7 mg/m²/day", "inf mg/m²/day",
    ],
)  # fmt: skip
def test_another_text_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(UserError, match=r"is not a value of dose-stop-child. Write it as in 8 mg"):
        changeable("dose-stop-child").read(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dose-stop-child", "3.9 mg/m²/day"), ("dose-stop-child", "12.1 mg/m²/day"),
        ("factor-cap", "0.9 times"), ("step-caution-up", "0.99 times"),
        ("weight-drop", "1.1 times"), ("level-for-hold", "19 ng/mL"),
    ],
)  # fmt: skip
def test_a_value_outside_the_range_is_refused(name: str, text: str) -> None:
    with pytest.raises(UserError, match="A value outside it needs a change"):
        changeable(name).read(text)


def test_a_number_of_days_has_no_decimals() -> None:
    with pytest.raises(UserError, match=r"has no decimals\. Write it as in 45 days"):
        changeable("level-too-old").read("45.4 days")


@pytest.mark.parametrize("name", ["dose-above-maximum", "volume-small", "", "[/]", "=1+1"])
def test_a_figure_with_a_source_has_no_name(name: str) -> None:
    with pytest.raises(UserError, match="is not a limit that a clinic may change"):
        changeable(name)


# --- that a value acts


@pytest.mark.parametrize("name", OF_ROWS)
def test_a_value_changes_its_own_row_and_no_other(name: str) -> None:
    own, limit = OF_ROWS[name], CHANGEABLE[name]
    value = limit.lowest if limit.lowest != own.value else limit.highest
    changed = ClinicLimits(values=((name, value),)).table.rows
    different = [(old, new) for old, new in zip(LIMITS, changed, strict=True) if old != new]
    assert [(old.name, new.value) for old, new in different] == [(name, value)]
    assert different[0][1].source == "clinic"
    assert different[0][1].row.sentences == own.row.sentences


def test_a_dose_is_checked_by_the_value_of_the_clinic() -> None:
    stricter, looser = limits(dose_caution_child="2").table, limits(dose_caution_child="4").table
    found = [codes(check(child("2.5"), table=each)) for each in (stricter, LIMIT_TABLE, looser)]
    assert found == [("dose-high",), (), ()]
    (alert,) = check(child("2.5"), table=stricter)
    assert (alert.limit, alert.source) == ("2 mg/m²/day", "clinic")
    assert "clinic" in SOURCES
    assert check(child("3.5"), table=looser) == ()


def test_the_limit_of_the_label_stays_whatever_a_clinic_signs() -> None:
    loosest = ClinicLimits(values=tuple((name, each.highest) for name, each in CHANGEABLE.items()))
    adult = CheckInput(age=Age("30 years"), weight=Weight.read("70 kg"))
    found = check(replace(adult, largest_day_mg=Decimal("40.1")), table=loosest.table)
    assert codes(found) == ("dose-above-maximum",)


def test_a_rule_of_levels_has_the_value_of_the_clinic() -> None:
    changed = limits(factor_cap="1.2", level_for_hold="25")
    assert changed.rule(LARGEST_FACTOR).value == Decimal("1.2")
    assert str(changed.rule(HOLDING_CONSIDERED_ABOVE)) == "25 ng/mL"
    assert changed.rule(FAR_TOO_EARLY) is FAR_TOO_EARLY
    assert DEFAULT_LIMITS.rule(LARGEST_FACTOR) is LARGEST_FACTOR


# --- the order of limits


@pytest.mark.parametrize(
    "values",
    [
        {"dose-caution-child": "4.5"},  # the override begins at 4
        {"dose-override-child": "2.9"},
        {"dose-caution-adult": "9", "dose-override-adult": "8"},
        {"rounding-caution-solution": "7", "rounding-stop-solution": "6"},
    ],
)
def test_a_caution_beyond_a_stop_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(UserError, match=r"is beyond .* Change one of them"):
        check_order({name: Decimal(value) for name, value in values.items()})


def test_the_programs_own_limits_are_in_order() -> None:
    check_order({})
    check_order({"rounding-caution-tablets": Decimal(15), "rounding-stop-solution": Decimal(12)})


# --- the set as a value


def test_the_hash_is_that_of_every_value_in_force() -> None:
    own = {name: each.value for name, each in CHANGEABLE.items()}
    assert DEFAULT_LIMITS.hash == hash_of_values(own)
    assert ClinicLimits(values=tuple(own.items())).hash == DEFAULT_LIMITS.hash
    assert limits(step_stop="4").hash == limits(step_stop="4.0").hash != DEFAULT_LIMITS.hash


def test_a_name_of_another_version_has_no_effect() -> None:
    other = limits(of_a_later_version="7")
    assert (other.hash, other.changed) == (DEFAULT_LIMITS.hash, {})
    assert other.table.rows == LIMITS
    assert "step-stop" in other.unsigned
    assert DEFAULT_LIMITS.unsigned == ()


def test_a_set_names_itself() -> None:
    assert DEFAULT_LIMITS.words == "Limits: defaults of version 0.1.0, not signed"
    signed = limits(step_stop="4")
    assert signed.words == f"Limits: signed by Dr A on 5 Nov 2026, hash {signed.hash[:8]}"
    assert signed.to_dict()["changed"] == {"step-stop": 4}
    assert "cannot be read" in ClinicLimits(is_unread=True).words
    assert codes(ClinicLimits(is_unread=True).alerts) == ("clinic-limits-unread",)
    assert signed.alerts == ()


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=1=2", "A=1", "a=-1", "a=1e5", "a=nan", "a=٦"])
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a limit with its value"):
        read_value_texts([text])


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(UserError, match="is not a limit with its value"):
        read_value_texts(["a=1", "a=2"])


def test_texts_are_read_back() -> None:
    values = {name: each.value for name, each in CHANGEABLE.items()}
    assert dict(read_value_texts(value_texts(values))) == values

"""How long a supply lasts: worked by hand, and with every entry that changes the answer."""

from datetime import date
from decimal import Decimal

import pytest

from dosing import Product, UserError
from dosing.knowledge.counselling import every_point
from dosing.knowledge.monitoring_schedule import OPENED_BOTTLE_KEEPS, OPENED_BOTTLE_SOURCE
from monitoring.due import Check, Due, due
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.supply import Supply, read_count
from monitoring.supply_course import SupplyCourse, SupplyEnd, supply_course
from monitoring.treatment import TreatmentHistory
from tests.builders import (
    a_bottle,
    a_dose,
    a_missed_dose,
    a_record,
    a_settlement,
    at,
    ended,
    held_doses,
    some_tablets,
    voided,
)

NOW = "2026-11-08T10:00"
DOSE = a_dose("2026-11-01T08:00", "1")  # 1 mL at 8:00 and 20:00
TABLET = a_dose("2026-11-01T08:00", "1", product=Product.TABLETS)
USED_UP, PAST = SupplyEnd.USED_UP, SupplyEnd.PAST_ITS_TIME


def course(*entries: Entry, now: str = NOW, record: Record | None = None) -> SupplyCourse | None:
    return supply_course(TreatmentHistory.of(record or a_record(*entries)), at(now))


def first_without(*entries: Entry, now: str = NOW) -> tuple[str, SupplyEnd]:
    found = course(*entries, now=now)
    assert found is not None
    return str(found.missing)[:16], found.end


def asked(*entries: Entry, now: str = NOW, record: Record | None = None) -> list[Due]:
    checks = due(record or a_record(*entries), at(now))
    return [each for each in checks if each.check is Check.SUPPLY]


# --- one supply


def test_twelve_millilitres_are_twelve_doses() -> None:
    """From 5 November, 2 mL a day: the 13th dose, of 11 November at 8:00, has none."""
    assert first_without(DOSE, a_bottle(volume_ml="12")) == ("2026-11-11T08:00", USED_UP)


def test_an_opened_bottle_is_past_its_month_before_it_is_empty() -> None:
    assert first_without(DOSE, a_bottle(volume_ml="62")) == ("2026-12-05T08:00", PAST)
    assert first_without(DOSE, a_bottle(volume_ml="60")) == ("2026-12-05T08:00", PAST)
    assert first_without(DOSE, a_bottle(volume_ml="59")) == ("2026-12-04T20:00", USED_UP)


def test_the_month_is_that_of_the_calendar() -> None:
    found = first_without(DOSE, a_bottle("2026-01-31", "500"), now="2026-11-08T10:00")
    assert found == ("2026-11-01T08:00", PAST)  # the first dose that the record has
    assert OPENED_BOTTLE_KEEPS.after(date(2027, 1, 31)) == date(2027, 2, 28)


def test_the_next_bottle_is_opened_when_the_first_is_over() -> None:
    """60 mL are 30 days, and the month has 30 then 31: the third bottle is past on 5 February."""
    assert first_without(DOSE, a_bottle(bottles=2)) == ("2027-01-04T08:00", USED_UP)
    assert first_without(DOSE, a_bottle(volume_ml="100", bottles=3)) == ("2027-02-05T08:00", PAST)


def test_what_is_less_than_a_dose_is_thrown_away() -> None:
    """2.5 mL are two doses of 1 mL; two bottles are four, and not five."""
    assert first_without(DOSE, a_bottle(volume_ml="2.5", bottles=2)) == (
        "2026-11-07T08:00",
        USED_UP,
    )


def test_the_day_of_the_pharmacys_label_comes_first_where_it_is_earlier() -> None:
    until = date(2026, 11, 20)
    assert first_without(DOSE, a_bottle(use_by=until)) == ("2026-11-21T08:00", PAST)
    assert first_without(DOSE, a_bottle(volume_ml="90", use_by=date(2027, 1, 1))) == (
        "2026-12-05T08:00", PAST,
    )  # fmt: skip


def test_a_dilution_counts_by_its_own_strength_and_day() -> None:
    diluted = a_dose("2026-11-01T08:00", "0.5", strength_mg_per_ml=Decimal("0.5"))
    bottle = a_bottle(volume_ml="90", strength_mg_per_ml=Decimal("0.5"), use_by=date(2027, 1, 31))
    assert first_without(diluted, bottle) == ("2026-12-20T08:00", USED_UP)  # 45 days of 2 mL
    with pytest.raises(UserError, match="A dilution has a last day of its own"):
        a_bottle(strength_mg_per_ml=Decimal("0.5"))


def test_tablets_are_taken_the_largest_first() -> None:
    """1.5 mg of 4 tablets of 1 mg and 8 of 0.5 mg: 4 doses of both, and one of three halves."""
    dose = a_dose("2026-11-01T08:00", "1.5", product=Product.TABLETS)
    stock = (some_tablets(4, "1"), some_tablets(8, "0.5"))
    assert first_without(dose, *stock) == ("2026-11-07T20:00", USED_UP)
    assert first_without(dose, some_tablets(100, "1")) == ("2026-11-05T08:00", USED_UP)


def test_tablets_have_no_month() -> None:
    assert first_without(TABLET, some_tablets(100)) == ("2026-12-25T08:00", USED_UP)
    past = some_tablets(100, use_by=date(2026, 11, 9))
    assert first_without(TABLET, past) == ("2026-11-10T08:00", PAST)


def test_a_supply_of_more_than_a_year_is_not_ordered_yet() -> None:
    once = a_dose("2026-11-01T08:00", "1", times_a_day=1, product=Product.TABLETS)
    assert course(once, some_tablets(500)) is None
    assert first_without(once, some_tablets(365)) == ("2027-11-05T08:00", USED_UP)


# --- what changes the answer


def test_a_higher_or_lower_dose_from_a_day_on() -> None:
    """Until 6 November four doses of 1 mL; the other 8 mL are four of 2, or sixteen of 0.5."""
    bottle = a_bottle(volume_ml="12")
    assert first_without(DOSE, bottle, a_dose("2026-11-07T08:00", "2")) == (
        "2026-11-09T08:00", USED_UP,
    )  # fmt: skip
    assert first_without(DOSE, bottle, a_dose("2026-11-07T08:00", "0.5")) == (
        "2026-11-15T08:00", USED_UP,
    )  # fmt: skip


def test_a_planned_change_counts_before_its_day() -> None:
    planned = a_dose("2026-11-10T08:00", "2")
    assert first_without(DOSE, a_bottle(volume_ml="12"), planned) == ("2026-11-10T20:00", USED_UP)


def test_a_hold_with_an_end_puts_it_off_and_missed_doses_too() -> None:
    bottle = a_bottle(volume_ml="12")
    hold = held_doses("2026-11-06T08:00", "2026-11-07T21:00")  # 4 doses
    assert first_without(DOSE, bottle, hold) == ("2026-11-13T08:00", USED_UP)
    missed = a_missed_dose("2026-11-06T08:00")
    assert first_without(DOSE, bottle, missed) == ("2026-11-11T20:00", USED_UP)


def test_on_an_open_hold_none_is_needed_and_after_it_the_month_went_on() -> None:
    hold = held_doses("2026-11-06T08:00", None, is_open=True)
    record = a_record(DOSE, a_bottle(), hold)
    assert course(record=record) is None
    assert asked(record=record) == []
    restarted = ended(record, 4, at("2026-12-10T08:00"))
    found = course(record=restarted, now="2026-12-10T09:00")
    assert found is not None
    assert (str(found.missing)[:16], found.end) == ("2026-12-10T08:00", PAST)


def test_after_the_end_of_treatment_none_is_needed() -> None:
    record = ended(a_record(DOSE, a_bottle()), 2, at("2026-11-07T20:00"))
    assert course(record=record) is None
    planned = ended(a_record(DOSE, a_bottle()), 2, at("2026-11-20T20:00"))
    assert course(record=planned) is None  # the bottle lasts to the planned end


def test_another_product_needs_a_supply_of_its_own() -> None:
    switch = a_dose("2026-11-12T08:00", "1", product=Product.TABLETS)
    found = course(DOSE, a_bottle(), switch)
    assert found is not None
    assert (str(found.missing)[:16], found.end) == ("2026-11-12T08:00", SupplyEnd.NOT_RECORDED)
    assert found.words == "no supply of tablets is recorded for the dose of 12 Nov 2026"
    both = (DOSE, a_bottle(), switch, some_tablets(20, on="2026-11-07"))
    assert first_without(*both) == ("2026-11-22T08:00", USED_UP)
    # A bottle of before the switch is not asked about any more.
    assert first_without(*both, now="2026-11-14T10:00") == ("2026-11-22T08:00", USED_UP)
    short = (DOSE, a_bottle(volume_ml="4"), switch, some_tablets(20, on="2026-11-07"))
    assert first_without(*short)[0] == "2026-11-07T08:00"
    assert first_without(*short, now="2026-11-14T10:00")[0] == "2026-11-22T08:00"


def test_a_dose_of_another_strength_needs_another_bottle() -> None:
    diluted = a_dose("2026-11-12T08:00", "1", strength_mg_per_ml=Decimal("0.5"))
    found = course(DOSE, a_bottle(), diluted)
    assert found is not None
    assert found.what == "solution of 0.5 mg/mL"


def test_a_loading_dose_is_taken_out_of_it_too() -> None:
    load = a_dose("2026-11-06T08:00", "3", times_a_day=1, loading=True)
    assert first_without(DOSE, a_bottle(volume_ml="12"), load) == ("2026-11-09T20:00", USED_UP)


def test_a_newer_supply_takes_the_place_of_the_older_and_a_void_one_does_not_count() -> None:
    record = a_record(DOSE, a_bottle(volume_ml="12"), a_bottle("2026-11-07", "20"))
    found, without = course(record=record), course(record=voided(record, 4))
    assert found is not None
    assert without is not None
    assert str(found.missing)[:10] == "2026-11-17"
    assert str(without.missing)[:10] == "2026-11-11"
    assert course(DOSE, a_bottle("2026-11-09")) is None  # not opened yet


def test_a_missed_dose_recorded_later_puts_the_same_bottle_off() -> None:
    before = first_without(DOSE, a_bottle(volume_ml="12"))
    after = first_without(DOSE, a_bottle(volume_ml="12"), a_missed_dose("2026-11-07T20:00"))
    assert (before[0], after[0]) == ("2026-11-11T08:00", "2026-11-11T20:00")


def test_without_a_supply_or_a_dose_nothing_is_asked() -> None:
    assert asked(DOSE) == []
    assert asked(a_bottle()) == []


# --- the check


def test_the_order_is_asked_for_once_and_never_overdue() -> None:
    """Past its month on 5 December: to be ordered by 28 November, asked about from the 21st on."""
    entries = (DOSE, a_bottle())
    [found] = asked(*entries)
    assert (found.since, found.until) == (date(2026, 11, 21), date(2026, 11, 28))
    assert (found.urgency.value, found.source) == ("later", OPENED_BOTTLE_SOURCE)
    assert "order by 28 Nov 2026" in found.why
    [open_now] = asked(*entries, now="2026-11-22T10:00")
    assert open_now.urgency.value == "due"
    [late] = asked(*entries, now="2026-12-20T10:00")
    assert (late.urgency.value, late.overdue_days) == ("due", 0)
    settled = a_settlement("supply", "2026-11-22")
    assert asked(*entries, settled, now="2026-12-20T10:00") == []
    next_one = a_bottle("2026-12-03")
    [again] = asked(*entries, settled, next_one, now="2026-12-20T10:00")
    assert again.until == date(2026, 12, 26)  # 30 days of 2 mL: none is left on 2 January


def test_an_end_by_volume_is_proposed_and_one_by_the_month_the_labels() -> None:
    [by_volume] = asked(DOSE, a_bottle(volume_ml="12"))
    assert by_volume.source == "proposed"
    [by_day] = asked(DOSE, a_bottle(use_by=date(2026, 11, 20)))
    assert by_day.source == "proposed"


def test_the_family_is_told_the_same_month() -> None:
    [advice] = [each for each in every_point() if each.name == "fridge"]
    assert "within one month of opening" in advice.text
    assert advice.source == OPENED_BOTTLE_SOURCE
    assert str(OPENED_BOTTLE_KEEPS) == "month"


# --- what is refused


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({}, "Give a volume or a count"),
        ({"volume_ml": Decimal(60), "tablets": 3, "tablet_mg": Decimal(1)}, "a volume or a count"),
        ({"volume_ml": Decimal(0)}, "above zero"),
        ({"volume_ml": Decimal("NaN")}, "above zero"),
        ({"volume_ml": Decimal(60), "bottles": 0}, "1 to 999 bottles"),
        ({"volume_ml": Decimal(60), "tablet_mg": Decimal(1)}, "Tablets have no volume"),
        ({"tablets": 0, "tablet_mg": Decimal(1)}, "1 to 999 tablets"),
        ({"tablets": 30}, "strength of a tablet is one of 2 mg, 1 mg, 0.5 mg"),
        ({"tablets": 30, "tablet_mg": Decimal("0.7")}, "strength of a tablet"),
        ({"tablets": 30, "tablet_mg": Decimal(1), "bottles": 2}, "neither bottles nor"),
        ({"volume_ml": Decimal(60), "use_by": date(2026, 11, 4)}, "last day is before"),
    ],
)
def test_an_impossible_supply_is_refused(stated: dict[str, object], why: str) -> None:
    with pytest.raises(UserError, match=why):
        Supply(on=date(2026, 11, 5), **stated)  # type: ignore[arg-type]  # as a case states it


@pytest.mark.parametrize("typed", ["", "1.5", "-2", "[/]", "²", "99999"])
def test_a_count_is_a_whole_number(typed: str) -> None:
    with pytest.raises(UserError, match="is not a number"):
        read_count(typed)

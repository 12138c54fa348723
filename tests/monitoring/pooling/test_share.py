"""A clinic's share: when it may be made, and the sums in it."""

import json
import random
from dataclasses import replace

import pytest

from dosing import UserError
from dosing.pharmacokinetics import MODEL_KEYS, model_named
from monitoring.pooling import vocabulary as words
from monitoring.pooling.share import AGE, DAYS_TREATED, ClinicShare, EarlierShare, share_of
from monitoring.pooling.share_file import share_document
from monitoring.pooling.vocabulary import RULES
from tests.monitoring.pooling.clinics import (
    HOSTILE,
    SyntheticPatient,
    a_clinic,
    counted,
    successive_shares,
)


def shared(clinic: list[SyntheticPatient], *earlier: EarlierShare) -> ClinicShare:
    return share_of(counted(clinic), earlier)


def remembered(clinic: list[SyntheticPatient], *earlier: EarlierShare) -> EarlierShare:
    figures = counted(clinic)
    return EarlierShare.of(share_of(figures, earlier), len(figures.days_in_range))


@pytest.mark.parametrize("patients", [0, 1, 4])
def test_a_share_needs_five_patients(patients: int) -> None:
    with pytest.raises(UserError, match=r"of 5 needed[.] Share when there are 5"):
        shared(a_clinic(random.Random(1), patients))


@pytest.mark.parametrize(("more", "is_enough"), [(0, False), (4, False), (5, True), (6, True)])
def test_a_new_share_needs_five_new_patients(more: int, *, is_enough: bool) -> None:
    clinic = a_clinic(random.Random(1), 26)
    before = remembered(clinic[:20])
    if is_enough:
        assert shared(clinic[: 20 + more], before).treated == 20 + more
    else:
        with pytest.raises(UserError, match="Share again with 25 treated patients"):
            shared(clinic[: 20 + more], before)


def test_patients_who_are_gone_are_counted_against_the_largest_share() -> None:
    clinic = a_clinic(random.Random(1), 44)
    larger = remembered(clinic[:40])
    smaller = replace(remembered(clinic[:20]), treated=20)
    with pytest.raises(UserError, match="Share again with 45"):
        shared(clinic, smaller, larger)


def test_every_table_is_there_with_all_its_rows_and_patients() -> None:
    share = shared(a_clinic(random.Random(2), 30))
    assert [each.key for each in share.partitions] == list(RULES)
    for each in share.partitions:
        assert each.rows == RULES[each.key].rows
        if RULES[each.key].parent is None:
            assert each.total == share.treated


def test_no_word_of_the_clinic_is_in_a_share() -> None:
    clinic = a_clinic(random.Random(3), 60)
    text = json.dumps(share_document(shared(clinic)), ensure_ascii=False)
    assert any(each.facts.severity in HOSTILE for each in clinic)
    assert not [word for word in HOSTILE if word in text]
    assert "8-12 ng/mL" not in text
    assert "Patient" not in text


def test_a_patient_who_is_most_of_a_sum_hides_it() -> None:
    clinic = a_clinic(random.Random(4), 12)
    assert shared(clinic).measure(DAYS_TREATED)
    others = sum(each.facts.days_treated for each in clinic[1:])
    giant = replace(clinic[0], facts=replace(clinic[0].facts, days_treated=1.01 * others))
    assert shared([giant, *clinic[1:]]).measure(DAYS_TREATED) is None
    assert shared([giant, *clinic[1:]]).measure(AGE)


def test_days_in_range_need_five_patients_on_both_sides_of_the_target() -> None:
    clinic = [replace(each, days=(3.0, 50.0, 0.0)) for each in a_clinic(random.Random(5), 12)]
    days = shared(clinic).days_in_range
    assert days is not None
    assert (days.within, days.outside, days.below, days.above) == (600, 36, None, None)
    inside = [replace(each, days=(0.0, 50.0, 0.0)) for each in clinic[4:]]
    assert shared([*clinic[:4], *inside]).days_in_range is None


def test_days_in_range_need_five_more_patients_than_before() -> None:
    clinic = [replace(each, days=(3.0, 50.0, 1.0)) for each in a_clinic(random.Random(5), 26)]
    unjoined = [replace(each, days=None) for each in clinic]
    before = remembered(clinic[:20])
    assert shared([*clinic[:20], *clinic[20:25]], before).days_in_range
    assert shared([*clinic[:20], clinic[20], *unjoined[21:]], before).days_in_range is None


@pytest.mark.parametrize(("fitted", "is_there"), [(9, False), (10, True), (11, True)])
def test_a_covariance_needs_ten_patients(fitted: int, *, is_there: bool) -> None:
    clinic = a_clinic(random.Random(6), 20)
    model = MODEL_KEYS[0]
    size = len(model_named(model).effects)
    some = [
        replace(each, effects={model: (0.1 * (-1) ** place,) * size} if place < fitted else {})
        for place, each in enumerate(clinic)
    ]
    share = shared(some)
    assert bool(share.random_effects) is is_there
    assert share.partition(words.with_model(model)).bounds_of(["fitted"]).low == fitted


def test_no_sum_is_published_of_a_number_that_is_hidden() -> None:
    for seed in range(30):
        for _, share in successive_shares(random.Random(seed), [12, 20, 31]):
            for each in share.random_effects:
                fitted = share.partition(words.with_model(each.model)).bounds_of(["fitted"])
                assert fitted.is_exact


def test_a_new_patient_who_is_most_of_a_difference_hides_the_sum() -> None:
    clinic = [
        replace(each, facts=replace(each.facts, days_treated=100.0))
        for each in a_clinic(random.Random(7), 45)
    ]
    before = remembered(clinic[:40])
    assert shared(clinic, before).measure(DAYS_TREATED)
    giant = replace(clinic[44], facts=replace(clinic[44].facts, days_treated=500.0))
    assert shared([*clinic[:44], giant]).measure(DAYS_TREATED)
    assert shared([*clinic[:44], giant], before).measure(DAYS_TREATED) is None


@pytest.mark.parametrize(("more", "is_there"), [(5, False), (9, False), (10, True)])
def test_new_random_effects_need_ten_more_patients(more: int, *, is_there: bool) -> None:
    model = MODEL_KEYS[0]
    size = len(model_named(model).effects)
    clinic = [
        replace(each, effects={model: (0.1 * (-1) ** place,) * size} if place % 2 else {})
        for place, each in enumerate(a_clinic(random.Random(6), 80))
    ]
    before = remembered(clinic[:40])
    assert before.fitted == {model: 20}
    assert bool(shared(clinic[: 40 + 2 * more], before).random_effects) is is_there

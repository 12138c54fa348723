"""A taper by NCT04448873: at most 10 % a month of the first dose, and two weeks between steps."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing import ORAL_SOLUTION, TABLETS, Product, UserError, measure_out
from dosing.dosage import Dosage
from dosing.knowledge.products import FINE_MARKS, STANDARD_MARKS
from dosing.knowledge.references import SOURCES
from dosing.measuring import measurable
from dosing.taper import SOURCE, TaperStep, taper_steps

A_MONTH = Decimal("30.4375")


def steps_in_short(steps: tuple[TaperStep, ...]) -> list[tuple[int, str]]:
    return [(step.days, str(step.dosage)) for step in steps]


def test_the_trial_is_cited() -> None:
    assert "NCT04448873" in SOURCES[SOURCE]


def test_a_taper_of_the_solution() -> None:
    """0.5 mg twice a day: 10 % is 0.05 mg a dose, 0.04 on the marks: 0.8 of a month, 25 days."""
    steps = taper_steps(Dosage(Decimal("0.5"), 12), ORAL_SOLUTION)
    assert steps_in_short(steps)[:2] == [
        (25, "0.46 mg every 12 hours"), (50, "0.42 mg every 12 hours"),
    ]  # fmt: skip
    assert steps[-1].dosage is None
    assert steps[-1].daily_mg == 0


def test_whole_tablets_step_later_and_not_larger() -> None:
    """2 mg a day: 0.5 mg is 25 %, two and a half months, 76.09 days; 0.25 mg half of it."""
    assert steps_in_short(taper_steps(Dosage(Decimal(1), 12), TABLETS)) == [
        (77, "1 mg in the morning and 0.5 mg in the evening"),
        (154, "0.5 mg every 12 hours"),
        (231, "0.5 mg every 24 hours"),
        (270, "0.5 mg every 48 hours"),
        (309, "None"),
    ]


def test_ten_percent_is_of_the_dose_at_the_start() -> None:
    """Half way down from 1 mg a day, a step is still 0.1 mg a day."""
    steps = taper_steps(Dosage(Decimal("0.25"), 12), ORAL_SOLUTION, start_daily_mg=Decimal(1))
    assert steps_in_short(steps)[0] == (31, "0.2 mg every 12 hours")
    with pytest.raises(UserError, match="goes down"):
        taper_steps(Dosage(Decimal("0.5"), 12), ORAL_SOLUTION, start_daily_mg=Decimal("0.9"))


def test_the_last_step_stops_and_says_so_in_json() -> None:
    first, *_, last = taper_steps(Dosage(Decimal("0.44"), 12), ORAL_SOLUTION)
    assert first.to_dict() == {
        "days": 28, "parts": [{"at": "each dose", "mg": 0.4}], "every_hours": 12, "daily_mg": 0.8,
    }  # fmt: skip
    assert last.to_dict() == {"days": 308, "parts": [], "every_hours": None, "daily_mg": 0}


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.decimals("0.02", "6", places=2),
    st.sampled_from([6, 8, 12, 24, 48, 72]),
    st.sampled_from(Product),
    st.sampled_from([STANDARD_MARKS, FINE_MARKS]),
    st.sampled_from(["1", "0.5"]).map(Decimal),
)
def test_no_step_exceeds_ten_percent_a_month(
    mg: Decimal, every: int, product: Product, marks: object, strength: Decimal
) -> None:
    """NCT04448873, for every dose: the reduction of each step is within its own time."""
    assert marks in {STANDARD_MARKS, FINE_MARKS}
    chosen = FINE_MARKS if marks is FINE_MARKS else STANDARD_MARKS
    dosage = Dosage(measure_out(mg, product).mg, every)
    steps = taper_steps(dosage, product, marks=chosen, strength_mg_per_ml=strength)
    begun = TaperStep(0, dosage)
    for one, other in pairwise((begun, *steps)):
        assert other.days - one.days >= 14
        months = (other.days - one.days) / A_MONTH
        assert 0 < one.daily_mg - other.daily_mg <= dosage.daily_mg / 10 * months
    assert [step.dosage is None for step in steps] == [False] * (len(steps) - 1) + [True]
    for step in steps[:-1]:
        assert step.dosage is not None
        assert not measurable(step.dosage, product, strength_mg_per_ml=strength, marks=chosen)

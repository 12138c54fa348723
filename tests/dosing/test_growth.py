"""Growth scores beside the WHO simplified field tables (growth standards; reference from 5 years).

The tables print kg and cm to one decimal. Half of the last figure is at most 0.11 standard
deviations (a newborn girl's 0.05 kg), and a newborn is scored by the row of the first day of life,
0.1 further. So a printed value must score within 0.15 of its column.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dosing.growth import BODY_MASS_INDEX_FOR_AGE, HEIGHT_FOR_AGE, WEIGHT_FOR_AGE, growth_scores
from dosing.patient import Age, Height, Sex, Weight

FEMALE, MALE = Sex.FEMALE, Sex.MALE
_TOLERANCE = Decimal("0.15")

# age, sex, median weight in kg, median length or height in cm
WHO_MEDIANS = [
    ("birth", MALE, "3.3", "49.9"),
    ("birth", FEMALE, "3.2", "49.1"),
    ("6 months", MALE, "7.9", "67.6"),
    ("6 months", FEMALE, "7.3", "65.7"),
    ("12 months", MALE, "9.6", "75.7"),
    ("12 months", FEMALE, "8.9", "74.0"),
    ("24 months", MALE, "12.2", "87.8"),
    ("24 months", FEMALE, "11.5", "86.4"),
    ("36 months", MALE, "14.3", "96.1"),
    ("36 months", FEMALE, "13.9", "95.1"),
    ("5 years", MALE, "18.3", "110.0"),
    ("5 years", FEMALE, "18.2", "109.4"),
    ("10 years", MALE, "31.2", "137.8"),
    ("10 years", FEMALE, "31.9", "138.6"),
]

# weight for age at 12 months, from 3 standard deviations below the median to 3 above
WHO_WEIGHTS_AT_12_MONTHS = {
    MALE: ("6.9", "7.7", "8.6", "9.6", "10.8", "12.0", "13.3"),
    FEMALE: ("6.3", "7.0", "7.9", "8.9", "10.1", "11.5", "13.1"),
}


def age_of(text: str) -> Age:
    return Age(Decimal(0), Decimal(0)) if text == "birth" else Age.read(text)


def aged(days: int) -> Age:
    born = date(2022, 1, 1)
    return Age.between(born, born + timedelta(days=days))


def z_scores(kg: str, cm: str | None, age: Age, sex: Sex | None) -> dict[str, Decimal]:
    height = Height(Decimal(cm)) if cm else None
    scores = growth_scores(Weight(Decimal(kg)), height, age, sex)
    return {score.name: score.z for score in scores}


@pytest.mark.parametrize(("age", "sex", "kg", "cm"), WHO_MEDIANS)
def test_the_who_medians_score_zero(age: str, sex: Sex, kg: str, cm: str) -> None:
    scores = z_scores(kg, cm, age_of(age), sex)
    assert abs(scores[WEIGHT_FOR_AGE]) <= _TOLERANCE
    assert abs(scores[HEIGHT_FOR_AGE]) <= _TOLERANCE


@pytest.mark.parametrize(
    ("sex", "kg", "z"),
    [(sex, kg, z - 3) for sex, row in WHO_WEIGHTS_AT_12_MONTHS.items() for z, kg in enumerate(row)],
)
def test_the_who_columns_score_their_standard_deviations(sex: Sex, kg: str, z: int) -> None:
    assert abs(z_scores(kg, None, age_of("12 months"), sex)[WEIGHT_FOR_AGE] - z) <= _TOLERANCE


def test_without_a_height_there_is_only_a_weight_score() -> None:
    assert z_scores("9.6", None, age_of("12 months"), MALE).keys() == {WEIGHT_FOR_AGE}


@pytest.mark.parametrize(
    ("kg", "cm", "weight_of", "height_of"),
    [
        ("12.0", "80.5", MALE, MALE),  # large: less unusual of a boy
        ("7.0", "69.0", FEMALE, FEMALE),  # small: less unusual of a girl
        ("12.0", "69.0", MALE, FEMALE),
        ("7.0", "80.5", FEMALE, MALE),
    ],
)
def test_where_the_sex_is_not_known_each_score_is_the_less_unusual(
    kg: str, cm: str, weight_of: Sex, height_of: Sex
) -> None:
    age = age_of("12 months")
    scores = {sex: z_scores(kg, cm, age, sex) for sex in (MALE, FEMALE, None)}
    assert scores[MALE] != scores[FEMALE]
    assert scores[None] == {
        WEIGHT_FOR_AGE: scores[weight_of][WEIGHT_FOR_AGE],
        HEIGHT_FOR_AGE: scores[height_of][HEIGHT_FOR_AGE],
    }


def test_a_child_is_scored_on_the_day_of_birth_and_before_a_mistyped_one() -> None:
    first_day = z_scores("3.3", "49.9", aged(1), MALE)
    assert z_scores("3.3", "49.9", aged(0), MALE) == first_day
    assert z_scores("3.3", "49.9", aged(-1), MALE) == first_day


@pytest.mark.parametrize(
    ("days", "cm"), [(728, "87.8"), (729, "87.8"), (730, "87.8"), (731, "87.1"), (732, "87.1")]
)
def test_a_boy_is_measured_lying_to_his_second_birthday_and_standing_after(
    days: int, cm: str
) -> None:
    # WHO: 87.8 cm lying and 87.1 cm standing at 24 months; 0.7 cm are 0.23 standard deviations
    assert abs(z_scores("12.2", cm, aged(days), MALE)[HEIGHT_FOR_AGE]) <= Decimal("0.05")


@pytest.mark.parametrize(
    ("days", "scored"), [(3651, True), (3652, True), (3653, False), (3654, False), (9000, False)]
)
def test_weight_is_scored_to_ten_years(days: int, *, scored: bool) -> None:
    scores = z_scores("31.2", "137.8", aged(days), MALE)
    assert (WEIGHT_FOR_AGE in scores) is scored
    assert HEIGHT_FOR_AGE in scores


@pytest.mark.parametrize("age", ["19 years", "20 years", "40 years", "119 years"])
@pytest.mark.parametrize(("sex", "cm"), [(MALE, "176.5"), (FEMALE, "163.2")])
def test_an_adult_is_compared_with_the_height_at_19_years(age: str, sex: Sex, cm: str) -> None:
    scores = z_scores("70", cm, age_of(age), sex)
    assert scores.keys() == {HEIGHT_FOR_AGE}
    assert abs(scores[HEIGHT_FOR_AGE]) <= Decimal("0.05")


@pytest.mark.parametrize(
    ("kg", "cm", "age", "names"),
    [
        ("0.5", "25", "1 day", {WEIGHT_FOR_AGE, HEIGHT_FOR_AGE}),
        ("160", "201", "9 years", {WEIGHT_FOR_AGE, HEIGHT_FOR_AGE, BODY_MASS_INDEX_FOR_AGE}),
        ("70", "250", "30 years", {HEIGHT_FOR_AGE}),
        ("999999999", "999999999", "3 years", {WEIGHT_FOR_AGE, HEIGHT_FOR_AGE}),
        ("0.000000001", "0.000000001", "3 years", {WEIGHT_FOR_AGE, HEIGHT_FOR_AGE}),
    ],
)
@pytest.mark.parametrize("sex", [MALE, FEMALE, None])
def test_a_measurement_far_outside_the_tables_is_asked_about_too(
    kg: str, cm: str, age: str, names: set[str], sex: Sex | None
) -> None:
    scores = z_scores(kg, cm, age_of(age), sex)
    assert scores.keys() == names
    assert all(abs(z) > Decimal("3.5") for z in scores.values())


@pytest.mark.parametrize(
    ("kg", "cm", "mistyped"),
    [
        ("96", "75.7", WEIGHT_FOR_AGE),  # ten times 9.6 kg
        ("21.2", "75.7", WEIGHT_FOR_AGE),  # 9.6 kg in pounds
        ("75.7", "9.6", WEIGHT_FOR_AGE),  # swapped with the height
        ("9.6", "175.7", HEIGHT_FOR_AGE),  # a 1 too many
        ("9.6", "29.8", HEIGHT_FOR_AGE),  # 75.7 cm in inches
    ],
)
def test_a_mistyped_measurement_of_an_infant_scores_beyond_8(
    kg: str, cm: str, mistyped: str
) -> None:
    assert abs(z_scores(kg, cm, age_of("12 months"), MALE)[mistyped]) > 8


@pytest.mark.parametrize(
    ("days", "scored"),
    [(1856, False), (1857, True), (1858, True), (6938, True), (6939, True), (6940, False)],
)
def test_body_mass_index_is_scored_from_5_to_19_years(days: int, *, scored: bool) -> None:
    assert (BODY_MASS_INDEX_FOR_AGE in z_scores("40", "150", aged(days), MALE)) is scored


def test_body_mass_index_at_the_who_median() -> None:
    """WHO reference, boys of 10 years: median body mass index 16.4 kg/m²; 140 cm and 32.1 kg."""
    score = z_scores("32.144", "140", age_of("10 years"), MALE)[BODY_MASS_INDEX_FOR_AGE]
    assert abs(score) <= Decimal("0.05")  # the table prints one decimal

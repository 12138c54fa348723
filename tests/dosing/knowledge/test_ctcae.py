"""Which grades exist, and their figures: clinical reference, section 8, typed by hand."""

import pytest

from dosing import Age, UserError
from dosing.knowledge.adverse_event_terms import TERMS, Term
from dosing.knowledge.ctcae import check_grade, grades_of
from monitoring.adverse_events.finder import known_term

CHILD, ADULT = Age.read("5 years"), Age.read("18 years")


def term_of(name: str) -> Term:
    term = known_term(name)
    assert term is not None
    return term


def wording(name: str, grade: int, age: Age = CHILD) -> str:
    grades = grades_of(term_of(name), age)
    assert grades is not None
    return grades.wording[grade]


ALL = {1, 2, 3, 4, 5}
EXISTING = [
    ("mouth sores", ALL), ("headache", {1, 2, 3}), ("abdominal pain", {1, 2, 3}),
    ("fatigue", {1, 2, 3}), ("nausea", {1, 2, 3}), ("vomiting", ALL), ("diarrhoea", ALL),
    ("oedema", {1, 2, 3}), ("hypertension", ALL), ("wound complication", ALL),
    ("proteinuria", {1, 2, 3}), ("pneumonitis", ALL), ("infection", ALL),
    ("respiratory infection", ALL), ("skin infection", ALL), ("other infection", ALL),
    ("febrile neutropenia", {3, 4, 5}), ("bacteraemia", {2, 3, 4, 5}), ("sepsis", {3, 4, 5}),
    ("acneiform rash", ALL), ("raised liver enzymes", ALL), ("raised GGT", ALL),
    ("raised bilirubin", ALL), ("raised creatinine", ALL), ("hypercholesterolaemia", ALL),
    ("hypertriglyceridaemia", ALL), ("anaemia", ALL), ("thrombocytopenia", ALL),
    ("neutropenia", ALL), ("leucopenia", ALL), ("lymphopenia", ALL), ("hypokalaemia", ALL),
    ("hyperkalaemia", ALL), ("hypoalbuminaemia", ALL), ("low fibrinogen", ALL),
    ("hypoglycaemia", ALL),
]  # fmt: skip
WITHOUT_WORDING = {
    "rash", "hyperglycaemia", "hypophosphataemia", "hyperlipidaemia", "microcytosis",
    "renal dysfunction", "menstrual irregularity", "amenorrhoea", "ovarian cyst", "oligospermia",
    "cough", "dyspnoea", "shingles",
}  # fmt: skip


@pytest.mark.parametrize(("name", "numbers"), EXISTING, ids=str)
@pytest.mark.parametrize("age", [CHILD, ADULT], ids=["child", "adult"])
def test_only_the_grades_that_a_term_has_are_taken(name: str, numbers: set[int], age: Age) -> None:
    term = term_of(name)
    grades = grades_of(term, age)
    assert grades is not None
    assert set(grades.wording) == numbers
    for grade in numbers:
        check_grade(term, grade, age)
    for grade in ALL - numbers:
        with pytest.raises(UserError, match=f"{name} has no grade {grade}") as error:
            check_grade(term, grade, age)
        assert all(f"{number}: " in str(error.value) for number in numbers)


def test_every_term_has_its_grades_or_is_known_to_have_no_wording() -> None:
    assert {term.name for term in TERMS} == {name for name, _ in EXISTING} | WITHOUT_WORDING
    for name in WITHOUT_WORDING:
        assert grades_of(term_of(name), CHILD) is None
        for grade in ALL:
            check_grade(term_of(name), grade, CHILD)


@pytest.mark.parametrize(
    ("name", "graded_as"),
    [
        ("asthenia", "Fatigue"),
        ("defective healing", "Wound complication"),
        ("interstitial lung disease", "Pneumonitis"),
        ("mouth sores", "Mucositis oral"),
    ],
)
def test_the_reviews_words_are_graded_as_ctcaes(name: str, graded_as: str) -> None:
    grades = grades_of(term_of(name), CHILD)
    assert grades is not None
    assert grades.graded_as == graded_as


@pytest.mark.parametrize(
    ("name", "age", "grade", "figures"),
    [
        ("hypertension", CHILD, 1, ("90th", "95th", "120/80")),
        ("hypertension", CHILD, 2, ("95th", "5 mm[Hg]", "99th", "130-139", "80-89")),
        ("hypertension", CHILD, 3, ("more than 5 mm[Hg] above the 99th",)),
        ("hypertension", ADULT, 1, ("120-139", "80-89")),
        ("hypertension", ADULT, 2, ("140-159", "90-99")),
        ("hypertension", ADULT, 3, ("160 mm[Hg] or more", "100 mm[Hg] or more")),
        ("proteinuria", CHILD, 1, ("1+", "below 1.0 g")),
        ("proteinuria", CHILD, 2, ("protein/creatinine", "0.5 to 1.9")),
        ("proteinuria", CHILD, 3, ("protein/creatinine", "above 1.9")),
        ("proteinuria", ADULT, 2, ("1.0 to below 3.5 g in 24 hours",)),
        ("proteinuria", ADULT, 3, ("3.5 g in 24 hours or more",)),
        ("diarrhoea", CHILD, 1, ("fewer than 4",)),
        ("diarrhoea", CHILD, 2, ("4 to 6",)),
        ("diarrhoea", CHILD, 3, ("7 or more", "admission")),
        ("oedema", CHILD, 1, ("5 to 10 %",)),
        ("oedema", CHILD, 2, ("more than 10 to 30 %",)),
        ("oedema", CHILD, 3, ("more than 30 %", "self care")),
        ("febrile neutropenia", CHILD, 3, ("below 1.0 ×10⁹/L", "38.3 °C once", "38 °C or more")),
        ("acneiform rash", CHILD, 1, ("less than 10 %",)),
        ("acneiform rash", CHILD, 2, ("10 to 30 %",)),
        ("pneumonitis", CHILD, 1, ("imaging only",)),
        ("pneumonitis", CHILD, 3, ("oxygen",)),
        ("thrombocytopenia", CHILD, 2, ("below 75", "to 50")),
        ("hypokalaemia", CHILD, 1, ("LLN to 3.0 mmol/L",)),
        ("hypokalaemia", CHILD, 2, ("with symptoms or treated",)),
        ("hypokalaemia", CHILD, 3, ("below 3.0", "to 2.5")),
        ("anaemia", CHILD, 4, ("life-threatening",)),
        ("mouth sores", CHILD, 5, ("death",)),
    ],
)
def test_the_wording_has_the_figures(
    name: str, age: Age, grade: int, figures: tuple[str, ...]
) -> None:
    words = wording(name, grade, age)
    assert [figure for figure in figures if figure not in words] == []


@pytest.mark.parametrize("name", ["hypertension", "proteinuria"])
def test_from_18_years_on_an_adults_scale_counts(name: str) -> None:
    eve, birthday, after = (Age.read(f"{months} months") for months in (215, 216, 217))
    assert wording(name, 2, eve) == wording(name, 2, CHILD)
    assert wording(name, 2, birthday) == wording(name, 2, after) == wording(name, 2, ADULT)
    assert wording(name, 2, eve) != wording(name, 2, birthday)

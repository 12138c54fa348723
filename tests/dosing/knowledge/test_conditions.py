"""The meaning of conditions and symptoms by their words."""

import pytest

from dosing.knowledge.conditions import (
    ConditionKind,
    condition_kind,
    is_fever,
    is_respiratory_symptom,
    names_pneumonitis,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pregnancy", ConditionKind.PREGNANCY),
        ("Pregnant, week 9", ConditionKind.PREGNANCY),
        ("PREGNANT", ConditionKind.PREGNANCY),
        ("gravida 1", ConditionKind.PREGNANCY),
        ("pregnant, no complications", ConditionKind.PREGNANCY),
        ("pregnancy, HIV negative", ConditionKind.PREGNANCY),
        ("pregnant without complications", ConditionKind.PREGNANCY),
        ("pregnancy planned", ConditionKind.PLANNED_PREGNANCY),
        ("wishes to become pregnant", ConditionKind.PLANNED_PREGNANCY),
        ("trying for pregnancy", ConditionKind.PLANNED_PREGNANCY),
        ("not pregnant", ConditionKind.OTHER),
        ("no pregnancy", ConditionKind.OTHER),
        ("never pregnant", ConditionKind.OTHER),
        ("pregnancy excluded", ConditionKind.OTHER),
        ("pregnancy test negative", ConditionKind.OTHER),
        ("not planning a pregnancy", ConditionKind.OTHER),
        ("breastfeeding", ConditionKind.BREASTFEEDING),
        ("breast-feeding", ConditionKind.BREASTFEEDING),
        ("not breastfeeding", ConditionKind.OTHER),
        ("peanut allergy", ConditionKind.ALLERGY),
        ("hypersensitivity to sirolimus", ConditionKind.ALLERGY),
        ("no allergies", ConditionKind.OTHER),
        ("surgery", ConditionKind.SURGERY),
        ("resection of the malformation", ConditionKind.SURGERY),
        ("infection", ConditionKind.INFECTION),
        ("sepsis", ConditionKind.INFECTION),
        ("tuberculosis", ConditionKind.INFECTION),
        ("fever", ConditionKind.INFECTION),
        ("hay fever", ConditionKind.OTHER),
        ("asthma", ConditionKind.OTHER),
        ("", ConditionKind.OTHER),
        ("[red]=1+1", ConditionKind.OTHER),
    ],
)
def test_a_condition_means_what_its_words_say(name: str, kind: ConditionKind) -> None:
    assert condition_kind(name) is kind


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("cough", True),
        ("Coughing at night", True),
        ("dyspnoea", True),
        ("dyspnea", True),
        ("shortness of breath", True),
        ("breathless on stairs", True),
        ("difficulty in breathing", True),
        ("trouble breathing", True),
        ("no cough", False),
        ("whooping", False),
        ("bad breath", False),
    ],
)
def test_cough_and_breathlessness_are_known(words: str, *, is_one: bool) -> None:
    assert is_respiratory_symptom(words) is is_one


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("Fever", True),
        ("febrile", True),
        ("pyrexia", True),
        ("no fever", False),
        ("hay fever", False),
    ],
)
def test_fever_is_known(words: str, *, is_one: bool) -> None:
    assert is_fever(words) is is_one


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("suspected pneumonitis", True),
        ("drug-induced pneumonitis", True),
        ("interstitial lung changes", True),
        ("pneumonitis excluded", False),
        ("pneumonia", False),
    ],
)
def test_a_pneumonitis_in_other_words_is_known(words: str, *, is_one: bool) -> None:
    assert names_pneumonitis(words) is is_one

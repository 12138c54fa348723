"""Allergies that ask for an override."""

import pytest

from dosing import ORAL_SOLUTION, TABLETS, AlertKind, allergy_alerts


@pytest.mark.parametrize(
    "allergies",
    [
        "soya",
        "Soy milk",
        "SOYBEAN OIL",
        "soja",
        "peanut",
        "Peanuts (anaphylaxis)",
        "pea nuts",
        "pea-nut",
        "groundnut",
        "ground nuts",
        "arachis oil",
        "penicillin; peanuts",
        "no peanut allergy",  # free text can mislead: a person decides
        "ＰＥＡＮＵＴ",
        "[red]soya[/red]",
        "so\u200bya",
    ],
)
def test_soya_and_peanut_speak_against_the_solution_alone(allergies: str) -> None:
    (alert,) = allergy_alerts(allergies, ORAL_SOLUTION)
    assert (alert.code, alert.kind, alert.source) == (
        "allergy-soya",
        AlertKind.OVERRIDE,
        "eu-label",
    )
    assert allergy_alerts(allergies, TABLETS) == ()


@pytest.mark.parametrize(
    "allergies", ["sirolimus", "Rapamycin", "RAPAMUNE tablets", "temsirolimus"]
)
def test_sirolimus_speaks_against_both_products(allergies: str) -> None:
    for product in (ORAL_SOLUTION, TABLETS):
        (alert,) = allergy_alerts(allergies, product)
        assert (alert.code, alert.kind, alert.source) == (
            "allergy-sirolimus",
            AlertKind.STOP,
            "us-label",
        )


@pytest.mark.parametrize(
    "allergies", ["", "penicillin", "nuts", "pea", "=1+1", "[/]", "tree nuts, latex", "coconut"]
)
def test_other_allergies_say_nothing(allergies: str) -> None:
    assert allergy_alerts(allergies, ORAL_SOLUTION) == ()


def test_both_are_told() -> None:
    codes = [alert.code for alert in allergy_alerts("soya, sirolimus", ORAL_SOLUTION)]
    assert codes == ["allergy-sirolimus", "allergy-soya"]

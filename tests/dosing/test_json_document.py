"""The JSON document of a proposal: the shape that the command line promises."""

import json
from decimal import Decimal
from typing import Any

import pytest

from dosing import (
    PROTOCOLS,
    TABLETS,
    VERSION,
    Age,
    Height,
    Override,
    Request,
    Weight,
    propose_starting_dose,
)

TODDLER = Request(
    weight=Weight.read("12.4 kg"), height=Height.read("88 cm"), age=Age.read("2 years")
)


def document(request: Request) -> Any:
    return json.loads(propose_starting_dose(request).to_json())


def test_the_promised_keys_and_values() -> None:
    found = document(TODDLER)
    assert found["protocol"] == "review"
    assert found["formula"] == "mosteller"
    assert found["body_surface_area_m2"] == 0.550555
    assert found["dose"] == {
        "exact_mg": 0.440444, "given_mg": 0.44, "volume_ml": 0.44, "syringe_ml": 0.5,
        "strength_mg_per_ml": 1, "parts": [{"at": "each dose", "mg": 0.44}],
        "tablets": None, "times_a_day": 2, "every_hours": 12, "daily_mg": 0.88,
        "mg_per_m2_per_dose": 0.7992, "mg_per_m2_per_day": 1.5984, "rounding_percent": -0.1,
    }  # fmt: skip
    assert found["target_ng_ml"] == [5, 15]
    assert found["alerts"] == []
    assert found["version"] == VERSION
    assert found["sources"]["nadal2016"].startswith("Nadal et al., Acta Derm Venereol 2016;96:448")


def test_tablets_by_strength() -> None:
    adult = Request(
        weight=Weight.read("70 kg"),
        height=Height.read("175 cm"),
        age=Age.read("30 years"),
        product=TABLETS,
    )
    dose = document(adult)["dose"]
    assert dose["volume_ml"] is None
    assert dose["tablets"] == {"2 mg": 0, "1 mg": 1, "0.5 mg": 1}


def test_a_stop_leaves_null_and_says_why() -> None:
    found = document(Request(weight=TODDLER.weight, height=TODDLER.height, age=Age.read("1 month")))
    assert found["dose"] is None
    assert found["body_surface_area_m2"] == 0.550555
    (stop, *_) = found["alerts"]
    assert stop["code"] == "age-under-7-months"
    assert stop["kind"] == "override"
    assert stop["value"] == "1.6 mg/m²/day"
    assert stop["limit"] == "1.6 mg/m²/day"
    assert stop["source"] in found["sources"]


def test_absent_is_null() -> None:
    found = document(Request(weight=Weight.read("400 kg"), height=TODDLER.height, age=TODDLER.age))
    assert found["body_surface_area_m2"] is None
    assert found["protocol_dose"] is None
    assert found["loading_dose_mg"] is None
    assert found["steps"] == []
    assert found["formulas_m2"] == {}
    japan = document(
        Request(
            weight=TODDLER.weight,
            height=TODDLER.height,
            age=TODDLER.age,
            protocol=PROTOCOLS["japan"],
        )
    )
    assert japan["target_ng_ml"] == [None, 15]


def test_a_loading_dose_and_an_override_are_told() -> None:
    found = document(
        Request(
            weight=Weight.read("36 kg"),
            height=Height.read("144 cm"),
            age=Age.read("14 years"),
            protocol=PROTOCOLS["transplant"],
            override=Override("comparison for teaching", "Dr Example"),
        )
    )
    assert found["loading_dose_mg"] == 3.6
    assert found["override"] is None  # nothing needed one
    assert [alert["code"] for alert in found["alerts"]] == ["override-not-needed"]
    assert found["loading_dose"]["volume_ml"] == 3.6
    assert (found["loading_dose"]["times_a_day"], found["loading_dose"]["daily_mg"]) == (1, 3.6)
    assert found["protocol_dose"] == {"per_day": "1 mg/m²/day", "per_dose": "1 mg/m²/dose"}


@pytest.mark.parametrize(
    "name", ["a[/]", "<img src=x>", "Łukasz", "=1+1", '"},{"dose": 9', "\N{HEBREW LETTER ALEF}b"]
)
def test_hostile_names_stay_inside_their_string(name: str) -> None:
    request = Request(
        weight=TODDLER.weight,
        height=TODDLER.height,
        age=TODDLER.age,
        drugs=(name, "rifampicin"),
        override=Override(f"reason {name}", f"by {name}"),
    )
    found = document(request)
    assert found["inputs"]["with"] == [name, "rifampicin"]
    assert found["override"] == {
        "reason": f"reason {name}",
        "by": f"by {name}",
        "passed": ["interaction"],
    }


def test_inputs_are_read_back() -> None:
    found = document(
        Request(weight=Weight.read("27 lb"), height=Height.read("35 in"), age=Age.read("30 weeks"))
    )
    assert found["inputs"] == {
        "weight_kg": 12.24699399, "height_cm": 88.9, "age_months": 6.8994, "sex": None,
        "product": "solution", "with": [], "liver": "none", "measured_days_ago": 0,
        "every_hours": None,
        "strength_mg_per_ml": None, "syringe_step_ml": 0.02, "gestation_days": None,
        "age_months_at_most": None,
    }  # fmt: skip


def test_whole_numbers_are_written_whole() -> None:
    """ISMP: 1 mg, never 1.0 mg; a dose of 1 in JSON is 1 too."""
    proposal = propose_starting_dose(
        Request(
            weight=Weight(Decimal(30)),
            height=Height(Decimal(120)),
            age=Age.read("9 years"),
            protocol=PROTOCOLS["japan"],
        )
    )
    text = proposal.to_json()
    assert '"given_mg": 2,' in text

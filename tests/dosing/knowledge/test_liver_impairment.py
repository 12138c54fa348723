"""Liver impairment: clinical reference, section 7."""

from decimal import Decimal

import pytest

from dosing.knowledge.liver_impairment import exposure_rise_percent
from dosing.knowledge.protocols import PROTOCOLS
from dosing.patient import Age, Height, LiverImpairment, Weight
from dosing.proposal import Request
from dosing.starting_dose import propose_starting_dose

# 30 kg and 120 cm: 1 m², so that the dose per m² is the dose
FIGURES = [
    ("review", "none", "1.6"), ("review", "A", "1.066667"), ("review", "B", "1.066667"),
    ("review", "C", "0.8"), ("french", "C", "0.8"), ("phase2", "B", "1.066667"),
    ("japan", "none", "2"), ("japan", "A", "2"), ("japan", "B", "1"), ("japan", "C", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "liver", "daily_mg"), FIGURES)
def test_the_maintenance_dose_is_reduced_by_a_third_or_a_half(
    protocol: str, liver: str, daily_mg: str
) -> None:
    proposal = propose_starting_dose(
        Request(
            weight=Weight(Decimal(30)),
            height=Height(Decimal(120)),
            age=Age.read("9 years"),
            protocol=PROTOCOLS[protocol],
            liver=LiverImpairment(liver),
        )
    )
    assert proposal.dose is not None
    assert round(proposal.dose.exact_daily_mg, 6) == Decimal(daily_mg)
    alerts = [alert for alert in proposal.alerts if alert.code == "liver-impairment"]
    assert [alert.kind.word for alert in alerts] == ([] if liver == "none" else ["caution"])
    assert any(step.title == f"Child-Pugh {liver}" for step in proposal.steps) == (
        liver != "none" and (protocol, liver) != ("japan", "A")
    )


@pytest.mark.parametrize(("liver", "percent"), [("none", 0), ("A", 48), ("B", 96), ("C", 210)])
def test_published_rise_of_the_exposure_is_told(liver: str, percent: int) -> None:
    assert exposure_rise_percent(LiverImpairment(liver)) == percent


def test_the_loading_dose_is_unchanged() -> None:
    request = Request(
        weight=Weight(Decimal(36)),
        height=Height(Decimal(144)),
        age=Age.read("14 years"),
        protocol=PROTOCOLS["transplant"],
        liver=LiverImpairment.C,
    )
    proposal = propose_starting_dose(request)
    assert proposal.dose is not None
    assert proposal.loading_dose is not None
    assert (proposal.dose.exact_mg, proposal.loading_dose.exact_mg) == (
        Decimal("0.6"),
        Decimal("3.6"),
    )

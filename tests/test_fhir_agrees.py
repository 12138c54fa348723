"""The figures of a Bundle are those that the commands print, for the synthetic clinic."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dosing.quantities.formatting import rounded
from monitoring.demo.clinic import write_demo
from monitoring.exchange.fhir.extensions import CTCAE_GRADE, MG_PER_M2_PER_DAY
from monitoring.exchange.fhir.writing import write_fhir
from monitoring.store.connection import Place
from monitoring.store.store import Store
from monitoring.summary import summarise
from monitoring.times import Moment
from tests.builders import at
from tests.stores import prepared, store_of
from tests.tui.commands import Captured, read
from tui.cli.main import main
from tui.cli.output import ExitCode

NOW = at("2026-11-24T16:00")
PLACES = {"below": "L", "within": "N", "above": "H", "not-assessed": None}
Found = dict[str, Any]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Give the synthetic clinic, at a moment that the commands take for the present one."""
    file = tmp_path / "records.sqlite"
    engine = prepared(Place.of(str(file)))
    write_demo(engine, NOW.local.date(), NOW.zone)
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(file))
    monkeypatch.setattr(Moment, "now", classmethod(lambda _cls, _zone=None: NOW))
    return store_of(engine)


def exported(store: Store, file: Path) -> dict[str, dict[str, list[Found]]]:
    """Return the resources by the patient's record number, and then by their type."""
    write_fhir(store, None, file, NOW)
    document = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    resources = [each["resource"] for each in document["entry"]]
    numbers = {
        f"Patient/{each['id']}": each["identifier"][0]["value"]
        for each in resources
        if each["resourceType"] == "Patient"
    }
    found: dict[str, dict[str, list[Found]]] = {each: {} for each in numbers.values()}
    for each in resources:
        subject = each.get("subject") or each.get("patient")
        if subject:
            of_patient = found[numbers[subject["reference"]]]
            of_patient.setdefault(each["resourceType"], []).append(each)
    return found


def in_category(observations: list[Found], text: str) -> list[Found]:
    return [each for each in observations if each["code"]["text"] == text]


def test_every_figure_is_the_one_that_the_program_shows(
    clinic: Store, tmp_path: Path, capsys: Captured
) -> None:
    bundle = exported(clinic, tmp_path / "out.json")
    assert len(bundle) > 10
    compared = 0
    for number, found in bundle.items():
        observations = found.get("Observation", [])
        levels = read(capsys, "level", "list", number)
        assert [_level(each) for each in in_category(observations, "sirolimus level")] == [
            _printed_level(each) for each in levels
        ]
        values = {_key(each): each for each in read(capsys, "lab", "list", number)}
        for each in observations:
            if each["code"]["text"] in {key[0] for key in values}:
                compared += 1
                _assert_value(each, values)
        events = read(capsys, "event", "list", number)
        assert sorted(map(_event, found.get("AdverseEvent", []))) == sorted(
            (each["term"], each["grade"] or 0, each["from"]) for each in events
        )
        _assert_dose(found, read(capsys, "patient", "show", number)["state"])
    assert compared > 100


def _level(found: Found) -> tuple[object, ...]:
    quantity = found["valueQuantity"]
    where = found["interpretation"][0]["coding"][0]["code"] if "interpretation" in found else None
    hours = next(
        (each["text"] for each in found.get("note", []) if each["text"].startswith("Sampled ")), ""
    )
    (target,) = found.get("referenceRange") or [{}]
    return (
        f"{quantity.get('comparator', '')}{quantity['value']} {quantity['unit']}",
        Moment.read(found["effectiveDateTime"], NOW.zone),
        where,
        found["code"]["coding"][0]["code"] == "115766-8",
        hours.partition(" hours")[0].removeprefix("Sampled "),
        found["method"]["text"] if "method" in found else None,
        [target[end]["value"] for end in ("low", "high") if end in target],
    )


def _printed_level(found: Found) -> tuple[object, ...]:
    hours = found["hours_since_last_dose"]
    return (
        found["reported"],
        Moment.read(found["at"], NOW.zone),
        PLACES[found["status"]],
        found["is_trough"] is True,
        "" if hours is None else f"{hours:g}",
        found["assay"],
        [end for end in found["target_ng_ml"] or [] if end is not None],
    )


def _key(found: Found) -> tuple[str, str]:
    return found["test"], str(Moment.read(found["at"], NOW.zone))


def _assert_value(found: Found, values: dict[tuple[str, str], Found]) -> None:
    printed = values[found["code"]["text"], str(Moment.read(found["effectiveDateTime"], NOW.zone))]
    quantity = found["valueQuantity"]
    (limits,) = found.get("referenceRange") or [{}]
    assert (float(quantity["value"]), quantity["unit"]) == (printed["value"], printed["unit"])
    assert quantity.get("comparator") == printed["comparator"]
    assert [limits[end]["value"] if end in limits else None for end in ("low", "high")] == [
        None if printed[name] is None else Decimal(str(printed[name]))
        for name in ("lower_limit", "upper_limit")
    ]


def _event(found: Found) -> tuple[str, int, str]:
    grades = [each["valuePositiveInt"] for each in found["extension"] if each["url"] == CTCAE_GRADE]
    return found["event"]["text"], next(iter(grades), 0), found["date"]


def _assert_dose(found: dict[str, list[Found]], state: Found) -> None:
    """Compare the current dose, or the dose on hold."""
    wanted = {"on": "active", "tapering": "active", "on-hold": "on-hold"}.get(state["kind"])
    begun = [
        each
        for each in found.get("MedicationRequest", [])
        if each["status"] == wanted
        and Moment.read(_repeat(each)["boundsPeriod"]["start"], NOW.zone) <= NOW
    ]
    if wanted is None:
        assert begun == []
        return
    (current,) = begun
    doses = [
        each["doseAndRate"][0]["doseQuantity"]["value"] for each in current["dosageInstruction"]
    ]
    printed = [state["dose"]["given_mg"], state["dose"]["evening_mg"]]
    assert [float(each) for each in doses] == [each for each in printed if each is not None]
    repeat = _repeat(current)
    hours = Decimal(repeat["period"]) * {"d": 24, "h": 1}[repeat["periodUnit"]]
    if len(doses) == 1:
        assert hours / repeat["frequency"] == state["dose"]["every_hours"]


def _repeat(request: Found) -> Found:
    repeat: Found = request["dosageInstruction"][0]["timing"].get("repeat", {})
    return repeat or {
        "boundsPeriod": {"start": request["dosageInstruction"][0]["timing"]["event"][0]}
    }


def test_rates_alerts_and_forecasts_are_those_of_the_summary(
    clinic: Store, tmp_path: Path, capsys: Captured
) -> None:
    bundle = exported(clinic, tmp_path / "out.json")
    forecasts = 0
    for record in clinic.records():
        number, summary = record.patient.entry.record_number, summarise(record, NOW)
        found = bundle[number]
        assert [
            (each["code"]["coding"][0]["code"], each["detail"])
            for each in found.get("DetectedIssue", [])
        ] == [(each.code, each.message) for each in summary.alerts]
        current = summary.current
        if current is not None and current.mg_per_m2_per_day is not None:
            rates = _rates(found["MedicationRequest"], current.period.prescription.number)
            assert rates == {rounded(current.mg_per_m2_per_day, 4)}
        printed = _forecast(capsys, number)
        of_dose = [
            each
            for each in printed["doses"]
            if current and each["dose_mg"] == float(current.prescription.dose_mg)
        ]
        if "RiskAssessment" not in found:
            assert of_dose == []
            continue
        forecasts += 1
        (assessment,) = found["RiskAssessment"]
        percents = [float(each["probabilityDecimal"]) for each in assessment["prediction"]]
        if of_dose:
            assert percents == pytest.approx(
                [100 * of_dose[0][name] for name in ("below", "within", "above")], abs=1e-9
            )
        assert sum(percents) == pytest.approx(100, abs=0.02)
    assert forecasts > 3


def _forecast(capsys: Captured, number: str) -> Found:
    """Return what the command prints, whether a forecast exists or not."""
    capsys.readouterr()
    assert main(("forecast", number, "--json")) in {ExitCode.DONE, ExitCode.STOPPED}
    printed: Found = json.loads(capsys.readouterr().out)
    return printed


def _rates(requests: list[Found], number: int) -> set[Decimal]:
    (request,) = [each for each in requests if each["id"].endswith(f"-{number}")]
    return {
        Decimal(str(each["valueQuantity"]["value"]))
        for dosage in request["dosageInstruction"]
        for each in dosage["extension"]
        if each["url"] == MG_PER_M2_PER_DAY
    }

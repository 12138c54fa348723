"""`sirolimus clinic limits`, and that a signed value acts in every command and is named on it."""

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from dosing.knowledge.clinic_limits import CHANGEABLE
from monitoring.store.opening import open_records
from monitoring.summary import summarise
from monitoring.times import Moment
from tests.builders import a_limit_set
from tests.tui.commands import Captured, read, run

ROOT = Path(__file__).parents[3]
WHO = ("--by", "Dr [/] Łukasz")


@pytest.fixture
def treated(sample: str, zone: str) -> str:
    """Give a patient on 0.44 mg twice a day with a trough of today; return the record number."""
    now = Moment.now(zone).local
    start = (now - timedelta(days=20)).strftime("%Y-%m-%dT08:00")
    day = (now - timedelta(days=21)).strftime("%Y-%m-%d")
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "92cm", "--on", day)
    run("prescribe", sample, "--from", start, "--dose", "0.44mg", "--times-a-day", "2")
    return sample


def level(patient: str, value: str, zone: str, days: int = 1) -> None:
    sampled = Moment.now(zone).local - timedelta(days=days)
    dosed = sampled - timedelta(days=1)
    run("level", "add", patient, value, "--at", sampled.strftime("%Y-%m-%dT07:50"),
        "--last-dose", dosed.strftime("%Y-%m-%dT20:00"))  # fmt: skip


def change(name: str, value: str, *, signed: bool = True) -> None:
    run("clinic", "limits", "set", name, value, "--reason", "local =1+1", *WHO)
    if signed:
        run("clinic", "limits", "sign", *WHO)


# --- the command


def test_the_limits_are_listed_with_their_ranges(records: Path, capsys: Captured) -> None:
    assert records.exists()
    found = read(capsys, "clinic", "limits")
    assert [each["name"] for each in found["figures"]] == list(CHANGEABLE)
    child = next(each for each in found["figures"] if each["name"] == "dose-stop-child")
    assert child == {
        "name": "dose-stop-child", "what": "Daily dose at or above", "value": 8,
        "unit": "mg/m²/day", "default": 8, "lowest": 4, "highest": 12, "not_signed": None,
        "use": "stop for 2 to 18 years and under 40 kg (dose-high)", "source": "proposed",
    }  # fmt: skip
    assert {each["what"] for each in found["fixed"]} >= {"Age", "Weight measured"}
    assert (found["limits"]["set"], found["sets"]) == ("defaults", [])
    run("clinic", "limits")
    page = " ".join(capsys.readouterr().out.split())
    assert "Limits: defaults of version 0.1.0, not signed" in page
    assert "8 mg/m²/day (4 to 12 mg/m²/day). Daily dose at or above: stop" in page


def test_a_change_waits_and_a_signature_puts_it_in_force(records: Path, capsys: Captured) -> None:
    change("step-stop", "4 times", signed=False)
    assert "no effect until it is signed" in capsys.readouterr().out
    found = read(capsys, "clinic", "limits")
    row = next(each for each in found["figures"] if each["name"] == "step-stop")
    assert (row["value"], row["not_signed"], found["limits"]["set"]) == (5, 4, "defaults")
    run("clinic", "limits")
    assert "not signed: 4 times" in " ".join(capsys.readouterr().out.split())
    run("clinic", "limits", "sign", *WHO, "--on", "2026-01-31", "--reason", "agreed")
    assert "step-stop: 4 times instead of 5 times" in capsys.readouterr().out
    found = read(capsys, "clinic", "limits")
    assert found["limits"]["changed"] == {"step-stop": 4}
    assert (found["limits"]["signed_by"], found["limits"]["signed_on"]) == (
        "Dr [/] Łukasz", "2026-01-31",
    )  # fmt: skip
    assert [(each["is_signed"], each["reason"], each["written_by"]) for each in found["sets"]] == [
        (False, "local =1+1", "Dr Example"), (True, "agreed", "Dr Example"),
    ]  # fmt: skip
    run("clinic", "limits", "reset", "step-stop", *WHO)
    run("clinic", "limits", "sign", *WHO)
    assert "Every value is the program's own." in capsys.readouterr().out
    run("verify")
    assert f"All {len(open_records(str(records)).store.limit_sets())} changes" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "typed",
    [
        ("set", "dose-above-maximum", "45 mg"), ("set", "dose-stop-child", "13 mg/m²/day"),
        ("set", "dose-stop-child", "6"), ("set", "[/]", "<img src=x>"), ("reset", "step-stop"),
        ("set", "step-stop", "5 times"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused(records: Path, typed: tuple[str, ...]) -> None:
    reason = ("--reason", "why") if typed[0] == "set" else ()
    run("clinic", "limits", *typed, *reason, *WHO, code=2)
    assert open_records(str(records)).store.limit_sets() == ()


def test_a_set_out_of_order_is_said_and_cannot_be_signed(records: Path, capsys: Captured) -> None:
    change("dose-caution-child", "4.5 mg/m2/day", signed=False)
    assert "cannot be signed: dose-caution-child" in capsys.readouterr().err
    run("clinic", "limits", "sign", *WHO, code=2)
    assert not open_records(str(records)).store.limits().is_signed


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_nobody_changes_a_limit_without_a_name_and_a_reason(records: Path, missing: str) -> None:
    given = {"--by": "Dr A", "--reason": "why"}
    typed = [part for name in given if name != missing for part in (name, given[name])]
    run("clinic", "limits", "set", "step-stop", "4 times", *typed, code=2)
    assert open_records(str(records)).store.limit_sets() == ()


# --- every surface


def codes(found: object) -> set[str]:
    """Return the codes of the alerts of a document."""
    assert isinstance(found, dict)
    return {each["code"] for each in found["alerts"]}


def test_a_signed_value_acts_on_every_answer_about_a_dose(
    treated: str, capsys: Captured, zone: str
) -> None:
    nobody = ("dose", "--weight", "12.4kg", "--height", "92cm", "--age", "3 years")
    of_patient = ("dose", "--patient", treated)
    next_dose = ("prescribe", treated, "--from", Moment.now(zone).local.strftime("%Y-%m-%dT%H:%M"),
                 "--dose", "0.44mg", "--times-a-day", "2")  # fmt: skip
    assert "dose-high" not in codes(read(capsys, *nobody))
    change("dose-caution-child", "1.5 mg/m²/day", signed=False)
    for typed, code in ((nobody, 0), (of_patient, 3)):
        assert "dose-high" not in codes(read(capsys, *typed, code=code))
    run("clinic", "limits", "sign", *WHO)
    for typed, code in ((nobody, 0), (of_patient, 3)):
        found = read(capsys, *typed, code=code)
        (alert,) = [each for each in found["alerts"] if each["code"] == "dose-high"]
        assert (alert["limit"], alert["source"]) == ("1.5 mg/m²/day", "clinic")
    summary = summarise(open_records(None).store.find(treated), Moment.now(zone))
    assert "dose-high" in {each.code for each in summary.alerts}
    capsys.readouterr()
    run(*next_dose)
    assert "above 1.5 mg/m²/day" in capsys.readouterr().out


def test_a_signed_value_acts_on_every_answer_about_a_level(
    treated: str, capsys: Captured, zone: str
) -> None:
    level(treated, "26 ng/mL", zone)

    def answers() -> tuple[str, set[str], bool, set[str]]:
        advice = read(capsys, "advise", treated)
        (listed,) = read(capsys, "level", "list", treated)
        due = read(capsys, "due", treated)["due"]
        is_named = any("above 25 ng/mL" in each["why"] for each in due)
        kinds = {each["kind"] for each in listed["alerts"] if each["code"] == "level-high"}
        return advice["recommendation"]["action"], kinds, is_named, codes(advice)

    action, kinds, is_named, _ = answers()
    assert (action == "hold", kinds, is_named) == (False, {"caution"}, False)
    change("level-for-hold", "25 ng/mL")
    action, kinds, is_named, found = answers()
    assert (action, kinds, is_named) == ("hold", {"urgent"}, True)
    assert "level-high" in found


def test_a_signed_cap_acts_on_the_arithmetic(treated: str, capsys: Captured, zone: str) -> None:
    level(treated, "4 ng/mL", zone)
    before = read(capsys, "advise", treated)
    assert before["factor"] == pytest.approx(1.5)
    change("factor-cap", "1.2 times")
    after = read(capsys, "advise", treated)
    assert after["factor"] == pytest.approx(1.2)
    assert after["dose"]["daily_mg"] < before["dose"]["daily_mg"]


def test_a_signed_age_of_a_level_acts(treated: str, capsys: Captured, zone: str) -> None:
    level(treated, "4 ng/mL", zone, days=5)
    assert "level-old" not in codes(read(capsys, "advise", treated))
    open_records(None).store.add_limits(a_limit_set(level_too_old="4"), 0)
    assert "level-old" in codes(read(capsys, "advise", treated))


def test_every_page_and_answer_names_the_set(
    treated: str, capsys: Captured, zone: str, tmp_path: Path
) -> None:
    level(treated, "7.2 ng/mL", zone)
    pages: tuple[tuple[str, ...], ...] = (
        ("dose", "--weight", "12.4kg", "--height", "92cm", "--age", "3 years"),
        ("advise", treated), ("forecast", treated), ("taper", treated), ("due", treated), ("due",),
    )  # fmt: skip
    for typed in pages:
        assert read(capsys, *typed)["limits"]["set"] == "defaults", typed
        run(*typed)
        page = " ".join(capsys.readouterr().out.split())
        assert "Limits: defaults of version 0.1.0, not signed" in page, typed
    assert read(capsys, "dose", "--patient", treated, code=3)["limits"]["set"] == "defaults"
    change("step-stop", "4 times")
    short = open_records(None).store.limits().short_hash
    answers: tuple[tuple[str, ...], ...] = (*pages, ("patient", "show", treated))
    for typed in answers:
        limits = read(capsys, *typed)["limits"]
        assert (limits["set"], limits["hash"][:8]) == ("signed", short), typed
    for typed in pages:
        run(*typed)
        page = " ".join(capsys.readouterr().out.split())
        assert f"hash {short}" in page, typed
    for option in ((), ("--card",), ("--give-log",), ("--card", "--language", "ar")):
        file = tmp_path / f"{''.join(option) or 'summary'}.pdf"
        run("report", treated, *option, "--out", str(file))
        text = pypdf.PdfReader(BytesIO(file.read_bytes())).pages[0].extract_text()
        assert short in "".join(text.split()), option


def test_an_accepted_proposal_keeps_the_set_by_which_it_was_made(
    sample: str, capsys: Captured
) -> None:
    run("measure", "add", sample, "--weight", "12.4kg", "--height", "92cm")
    change("step-stop", "4 times")
    run("prescribe", sample, "--from", "2030-01-01T08:00", "--accept")
    capsys.readouterr()
    (dose,) = read(capsys, "prescription", "list", sample)
    kept = dose["proposal"]
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept["limits"]["changed"] == {"step-stop": 4}


def test_a_dose_of_nobody_says_where_the_limits_cannot_be_read(
    records: Path, capsys: Captured
) -> None:
    records.write_bytes(b"not records")
    found = read(capsys, "dose", "--weight", "12.4kg", "--height", "92cm", "--age", "3 years")
    assert found["limits"]["unread"] is True
    assert "clinic-limits-unread" in codes(found)
    assert found["dose"] is not None


# --- the code


CONSTANTS = {
    "LARGEST_FACTOR", "HOLDING_CONSIDERED_ABOVE", "OLDEST_TO_ADJUST", "DRUG_JUST_CHANGED",
}  # fmt: skip
ASKING = {"Request", "Adjustment", "DoseQuestion"}
WITHOUT_A_CLINIC = {"monitoring/demo/diary.py"}
"""The synthetic clinic is made with the program's own limits."""


def _modules(names: set[str]) -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of the program in whose text one of the names stands."""
    for folder in ("dosing", "monitoring", "reports", "tui"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            text = file.read_text(encoding="utf-8")
            if not name.startswith("dosing/knowledge/") and any(each in text for each in names):
                yield name, ast.parse(text)


def _rules(tree: ast.Module) -> set[str]:
    """Return the names of the changeable rules in a module, as it imports them."""
    return {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "dosing.knowledge.tdm_rules"
        for each in node.names
        if each.name in CONSTANTS
    }


def test_no_code_reads_a_changeable_rule_past_the_set() -> None:
    """A rule that a clinic may change is an argument of `limits.rule`, or compared by identity."""
    found = []
    for name, tree in _modules(CONSTANTS):
        rules = _rules(tree)
        if not rules:
            continue
        allowed = {
            id(each)
            for node in ast.walk(tree)
            for each in (
                node.args
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "rule"
                else [node.left, *node.comparators]
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot)
                else [node.value]
                if isinstance(node, ast.AnnAssign) and node.value is not None
                else []
            )
        }
        found += [
            f"{name}:{node.lineno} {node.id}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id in rules and id(node) not in allowed
        ]
    assert found == []


def test_every_request_for_a_dose_is_given_the_limits() -> None:
    lacking = [
        f"{name}:{node.lineno}"
        for name, tree in _modules({f"{each}(" for each in ASKING})
        if name not in WITHOUT_A_CLINIC
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ASKING
        and "limits" not in {each.arg for each in node.keywords}
    ]
    assert lacking == ["tui/cli/dose.py:" + str(_line_of_request())]


def _line_of_request() -> int:
    """Return the line of the one request that is given them by its caller, as `run` does."""
    text = (ROOT / "tui/cli/dose.py").read_text(encoding="utf-8")
    assert "replace(_request(options, today()), limits=limits_at(options.records))" in text
    return next(i for i, line in enumerate(text.splitlines(), 1) if "return Request(" in line)

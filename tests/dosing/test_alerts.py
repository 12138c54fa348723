"""Alerts together, and the catalogue that each of them is a row of."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from dosing import Alert, AlertKind, Alerts
from dosing.alerts import BY_ROW, NO_ALERTS, AlertRow
from dosing.knowledge import alert_catalogue
from dosing.knowledge.alert_catalogue import CATALOGUE
from dosing.knowledge.limits import LIMITS
from dosing.knowledge.tdm_rules import HIGH_LEVELS

ROOT = Path(__file__).parents[2]
ROWS = {name: row for name, row in vars(alert_catalogue).items() if isinstance(row, AlertRow)}
IN_EVERY_ALERT = {"source", "value", "limit"}


def an_alert(code: str, kind: AlertKind, message: str = "A fact.") -> Alert:
    return Alert(code, kind, message, "proposed")


STOP, OVERRIDE = an_alert("a", AlertKind.STOP), an_alert("b", AlertKind.OVERRIDE)
CAUTION, NOTE = an_alert("c", AlertKind.CAUTION), an_alert("d", AlertKind.NOTE)
GIVEN = object()


@pytest.mark.parametrize(
    ("alerts", "stopped", "awaits", "forbid", "forbid_overridden"),
    [
        ([], False, False, False, False),
        ([NOTE, CAUTION], False, False, False, False),
        ([OVERRIDE], False, True, True, False),
        ([STOP], True, False, True, True),
        ([OVERRIDE, STOP], True, False, True, True),
    ],
)
def test_a_stop_forbids_and_an_override_passes_what_is_not_one(
    alerts: list[Alert], *, stopped: bool, awaits: bool, forbid: bool, forbid_overridden: bool
) -> None:
    found = Alerts(alerts)
    assert (found.stopped, found.awaits_override) == (stopped, awaits)
    assert (found.forbid(None), found.forbid(GIVEN)) == (forbid, forbid_overridden)


def test_what_an_override_passed_is_known_only_where_it_passed() -> None:
    both = Alerts([OVERRIDE, CAUTION])
    assert both.passed_by(GIVEN) == ("b",)
    assert both.passed_by(None) == ()
    assert Alerts([*both, STOP]).passed_by(GIVEN) == ()


def test_alerts_are_a_tuple_that_stays_one_of_alerts() -> None:
    more = Alerts([NOTE]) + Alerts([STOP])
    assert isinstance(more, Alerts)
    assert (more, len(more), STOP in more) == ((NOTE, STOP), 2, True)
    assert NO_ALERTS == ()


def test_the_strongest_come_first_and_equals_keep_their_order() -> None:
    other = an_alert("e", AlertKind.CAUTION)
    found = Alerts([NOTE, other, CAUTION, STOP, OVERRIDE])
    assert found.strongest_first() == (STOP, OVERRIDE, other, CAUTION, NOTE)


def test_alerts_are_chosen_by_kind_code_and_what_is_known() -> None:
    found = Alerts([STOP, CAUTION, CAUTION, NOTE])
    assert (found.pressing, found.notes) == ((STOP, CAUTION, CAUTION), (NOTE,))
    assert found.of_kind(AlertKind.STOP, AlertKind.NOTE) == (STOP, NOTE)
    assert found.codes_of(AlertKind.CAUTION) == ("c",)
    assert found.distinct() == (STOP, CAUTION, NOTE)
    assert found.without({"c", "d"}) == (STOP,)
    milder = an_alert("a", AlertKind.NOTE)
    assert found.beyond([milder, CAUTION]) == (STOP, NOTE)
    assert found.sources == ("proposed",) * 4


def test_a_figure_that_is_not_passed_is_an_error() -> None:
    row = AlertRow("x", AlertKind.NOTE, ("{level} is high.",))
    with pytest.raises(KeyError):
        row.alert()


@pytest.mark.parametrize(("of_row", "given"), [("proposed", "us-label"), (BY_ROW, None)])
def test_a_source_has_one_home(of_row: str, given: str | None) -> None:
    row = AlertRow("x", AlertKind.NOTE, ("A fact.",), of_row)
    with pytest.raises(TypeError, match="source of x"):
        row.alert(source=given)


@dataclass(frozen=True)
class Call:
    """A row made into an alert: where, and with which figures."""

    where: str
    row: str
    figures: frozenset[str | None]


@cache
def modules() -> dict[str, ast.Module]:
    """Return the tree of each file of the program, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for room in ("dosing", "monitoring", "reports", "tui")
        for path in sorted((ROOT / room).rglob("*.py"))
    }


def calls() -> Iterator[Call]:
    for path, tree in modules().items():
        rows = {name: {name} for name in ROWS}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
                chosen = {
                    each.id
                    for each in (node.value.body, node.value.orelse)
                    if isinstance(each, ast.Name)
                }
                (target,) = node.targets
                if chosen and chosen <= set(ROWS) and isinstance(target, ast.Name):
                    rows[target.id] = chosen
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "alert":
                called = ast.unparse(node.func.value)
                figures = frozenset(each.arg for each in node.keywords)
                for name in rows.get(called, {called}):
                    yield Call(f"{path}:{node.lineno}", name, figures)


BY_TABLE = {
    "self.row": {row.row for row in LIMITS},
    "high.row": {high.row for high in HIGH_LEVELS},
}
"""Rows that are reached through a table of their own."""


def test_every_call_fills_in_the_figures_of_its_row() -> None:
    found = list(calls())
    assert {call.row for call in found} >= BY_TABLE.keys()
    for call in found:
        for row in BY_TABLE[call.row] if call.row in BY_TABLE else [ROWS[call.row]]:
            assert None not in call.figures, f"{call.where}: figures are named"
            assert row.figures <= call.figures, call.where
            assert call.figures - row.figures <= IN_EVERY_ALERT, call.where
            assert ("source" in call.figures) == (row.source == BY_ROW), call.where


def test_alerts_are_made_by_rows_and_rows_stand_in_the_tables() -> None:
    made = {
        (ast.unparse(node.func), path)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Alert", "AlertRow"))
    }
    assert made == {
        ("Alert", "dosing/alerts.py"),
        ("AlertRow", "dosing/knowledge/alert_catalogue.py"),
        ("AlertRow", "dosing/knowledge/limits.py"),
    }


def test_every_row_is_used() -> None:
    used = {
        node.id
        for path, tree in modules().items()
        if path != "dosing/knowledge/alert_catalogue.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
    }
    assert set(ROWS) - used == set()


def test_each_code_of_a_kind_stands_once() -> None:
    """A limit's code has a row for each size and age, in the table of limits alone."""
    of_catalogue = [(row.code, row.kind) for row in CATALOGUE]
    of_limits = {(limit.code, limit.kind) for limit in LIMITS}
    assert [pair for pair, times in Counter(of_catalogue).items() if times > 1] == []
    assert set(of_catalogue) & of_limits == set()
    assert len(CATALOGUE) == len(ROWS)


def test_no_sentence_is_written_twice() -> None:
    written = Counter(
        node.value
        for node in ast.walk(modules()["dosing/knowledge/alert_catalogue.py"])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    twice = {text for text, times in written.items() if times > 1 and len(text.split()) > 3}
    assert twice == set()


def every_sentence() -> Iterator[tuple[str, str]]:
    for row in (*CATALOGUE, *dict.fromkeys(limit.row for limit in LIMITS)):
        for part in row.sentences:
            for sentence in re.split(r"(?<=[.?]) ", part):
                yield row.code, sentence


LONGEST_SENTENCE_WORDS = 18


def test_sentences_are_short_and_end() -> None:
    for code, sentence in every_sentence():
        assert re.search(r"[.?}]$", sentence), (code, sentence)
        assert len(sentence.split()) <= LONGEST_SENTENCE_WORDS, (code, sentence)


def test_no_sentence_has_a_phrase_of_the_workshop() -> None:
    """Words that a pharmacist would not write; a label names what a rule is, not who said it."""
    for code, sentence in every_sentence():
        banned = r"\b(is no|so that|told|tells|stands|beside|written down|write it down|lies)\b"
        assert not re.search(banned, sentence), (code, sentence)
        assert "the review" not in sentence, (code, sentence)

"""Every figure that this project proposed is in the table that a clinic signs."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from dosing.knowledge.alert_catalogue import CATALOGUE
from dosing.knowledge.forecast_rules import FORECAST_RULES
from dosing.knowledge.interactions import DRUGS
from dosing.knowledge.limits import LIMITS
from dosing.knowledge.monitoring_schedule import STANDARD
from dosing.knowledge.tdm_rules import LEVEL_RULES
from tests.project.markdown import DOCS, ROOT, SAFETY
from tests.project.proposed_figures import (
    MARKED_FIGURES,
    MARKED_RANGES,
    MARKS,
    MarkedFigure,
    _figure,
    limit_figures,
    limits_page,
    marked_rows,
    proposed_figures,
    proposed_page,
)

FIGURES = proposed_figures()
# A comment that marks a figure of the code, not a sentence such as "no dose is proposed".
MARK = re.compile(
    r"#.*\b[Pp]roposed\b|\bProposed:|\([^()]{0,8}proposed\)|(are|all|age is) proposed\b"
    r"|_SOURCE = PROPOSED"
)
NO_FIGURE = {"dosing/knowledge/references.py"}  # explains the mark itself


def marked_lines() -> Iterator[tuple[str, str]]:
    """Yield every line of the code that marks a figure in a comment, with its file."""
    for room in ("dosing", "monitoring"):
        for path in sorted((ROOT / room).rglob("*.*")):
            file = path.relative_to(ROOT).as_posix()
            if path.suffix not in {".py", ".toml"} or file in NO_FIGURE:
                continue
            for line in path.read_text(encoding="utf-8").splitlines():
                if MARK.search(line):
                    yield file, line


def places() -> list[tuple[str, str]]:
    """Return the file and the comment of every figure that is listed by its comment."""
    of_models = "dosing/pharmacokinetics/models"
    return [
        *((f"{each.module.replace('.', '/')}.py", each.comment) for each in MARKED_FIGURES),
        *((f"{of_models}/{each.model}.toml", each.comment) for each in MARKED_RANGES),
    ]


def test_every_comment_that_marks_a_figure_is_in_the_table() -> None:
    listed = places()
    left_out = [
        f"{file}: {line.strip()}"
        for file, line in marked_lines()
        if not any(file == path and comment in line for path, comment in listed)
    ]
    assert left_out == []


def test_every_comment_of_the_table_is_in_the_code() -> None:
    for path, comment in places():
        assert comment in (ROOT / path).read_text(encoding="utf-8"), (path, comment)


def test_every_marked_row_of_the_tables_is_there_once() -> None:
    """The walk, held against the tables that clinical-basis.md and alerts.md are made from."""
    counts = Counter((row.group, row.mark) for row in FIGURES)
    limits = sum(each.source in MARKS for each in LIMITS)
    listed = [each for each in MARKED_FIGURES if each.name and each.group == "Limits"]
    marks = sum(row.what.startswith("marks of the oral") for row in FIGURES)
    assert counts["Limits", "proposed"] == limits + len(listed) + marks
    assert counts["Interactions", "unconfirmed"] == sum(each.source in MARKS for each in DRUGS)
    alerts = {each.code: each for each in CATALOGUE if each.source in MARKS}
    assert {row.what.strip("`") for row in FIGURES if row.group == "Alerts"} == set(alerts)
    for rule in (*LEVEL_RULES, *FORECAST_RULES):
        found = [row for row in FIGURES if (row.what, row.value) == (rule.meaning, str(rule))]
        assert len(found) == (rule.source in MARKS), rule


def test_every_proposed_row_of_the_clinical_basis_is_in_the_table() -> None:
    """Read from the page alone: a row that ends with the mark, by its first words."""
    page = (DOCS / "clinical-basis.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \|.*\| (?:proposed|unconfirmed) \|$", page, re.MULTILINE)
    assert len(rows) > 90
    text = proposed_page()
    for first in rows:
        assert f"| {first} |" in text or f"({first})" in text, first


def test_the_written_table_is_that_of_today() -> None:
    assert (SAFETY / "proposed-figures.md").read_text(encoding="utf-8") == proposed_page()


def test_no_cell_but_the_decision_is_empty() -> None:
    for row in FIGURES:
        assert row.what, row
        assert row.value, row
        assert row.use, row
        assert row.mark in MARKS, row
        assert Path(ROOT / row.place).is_file(), row


def test_no_two_lines_read_alike() -> None:
    """Two limits of one name and figure have to say what tells them apart."""
    lines = Counter((row.group, row.what, row.value, row.use) for row in FIGURES)
    assert [line for line, count in lines.items() if count > 1] == []


def test_a_row_of_a_new_type_is_refused() -> None:
    class Other:
        source = "proposed"

    with pytest.raises(TypeError, match="Other has no words"):
        _figure(Other())


@pytest.mark.parametrize("each", [each for each in MARKED_FIGURES if "." not in each.name])
def test_the_constants_of_the_table_exist(each: MarkedFigure) -> None:
    module = import_module(each.module)
    assert not each.name or hasattr(module, each.name)


def test_the_walk_reaches_rows_of_every_kind() -> None:
    kinds = {type(row).__name__ for _, row in marked_rows().values()}
    assert kinds >= {"Limit", "LevelRule", "Drug", "Window", "Rhythm", "AlertRow", "UnitRange"}


def test_every_limit_and_rule_is_on_the_page_of_limits_with_its_source() -> None:
    figures = limit_figures()
    limits = [row for row in figures if row.use.endswith("`)") and row.group == "Limits"]
    assert Counter(row.mark for row in limits) == Counter(each.source for each in LIMITS)
    for rule in (*LEVEL_RULES, *FORECAST_RULES):
        found = [row.mark for row in figures if (row.what, row.value) == (rule.meaning, str(rule))]
        assert found == [rule.source], rule
    for check in fields(STANDARD):
        row = getattr(STANDARD, check.name)
        found = [each.mark for each in figures if check.name.replace("_", " ") in each.what]
        assert row.source in found, check.name
    assert set(FIGURES) & set(figures) == {row for row in figures if row.mark in MARKS}


def test_a_limit_of_the_page_says_whether_it_is_published_or_proposed() -> None:
    page = limits_page()
    for source, certainty in (("us-label", "published"), ("-", "proposed")):
        assert f"| {source} | {certainty} | `dosing/knowledge/limits.py` |" in page
    assert "| proposed | published |" not in page

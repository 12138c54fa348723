"""The glossary, held to the code: its names exist there, and the words it forbids do not."""

import ast
import re
from functools import cache

from tests.project.render import DOCS, ROOT

PAGE = (DOCS / "glossary.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    """Return the cells of every row: term, meaning, source, in the code, not."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells for cells in found if cells[0] not in {"term", "---"}]


def names(column: int) -> list[str]:
    return [name for cells in rows() for name in re.findall(r"`(\w+)`", cells[column])]


@cache
def defined() -> frozenset[str]:
    """Return every name of a folder, file, class, function, field or constant of the rooms."""
    found: set[str] = set()
    for room in ("dosing", "monitoring", "reports", "tui"):
        for path in (ROOT / room).rglob("*"):
            if "__pycache__" not in path.parts:
                found.add(path.stem)
            if path.suffix == ".py":
                found |= _defined_in(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(found)


def _defined_in(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        owners = (ast.Module, ast.ClassDef)
        for each in node.body if isinstance(node, owners) else ():
            targets = each.targets if isinstance(each, ast.Assign) else [getattr(each, "target", 0)]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_every_row_is_whole_and_each_term_stands_once() -> None:
    found = rows()
    assert len(found) > 60
    assert all(len(cells) == 5 and all(cells) for cells in found)
    terms = [cells[0] for cells in found]
    assert len(set(terms)) == len(terms)


def test_the_terms_name_no_concept_twice() -> None:
    assert not set(names(3)) & set(names(4))


def test_each_name_exists_in_the_code() -> None:
    assert {*names(3)} - defined() == set()


def test_no_other_name_is_used_in_the_code() -> None:
    assert {*names(4)} & defined() == set()

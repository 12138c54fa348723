"""The safety file: every page is in its list, every clause has its evidence or says "not done"."""

import re
from pathlib import Path

import pytest

from tests.project.markdown import DOCS, ROOT, SAFETY

INDEX = (SAFETY / "README.md").read_text(encoding="utf-8")
CHECKLIST = (SAFETY / "iec62304.md").read_text(encoding="utf-8")
PAGES = sorted(SAFETY.glob("*.md"))
STATES = {"done", "partly", "not done", "not applicable"}
# The clauses of class B, typed from a public mapping of clauses to documents.
CLASS_B = tuple(
    f"{clause}.{number}"
    for clause, numbers in (
        ("4", range(1, 5)),
        ("5.1", (1, 2, 3, *range(5, 13))),
        ("5.2", range(1, 7)),
        ("5.3", (1, 2, 3, 4, 6)),
        ("5.4", (1,)),
        ("5.5", (1, 2, 3, 5)),
        ("5.6", range(1, 9)),
        ("5.7", range(1, 6)),
        ("5.8", range(1, 9)),
        ("6", (1,)),
        ("6.2", range(1, 6)),
        ("6.3", (1, 2)),
        ("7.1", range(1, 5)),
        ("7.2", (1, 2)),
        ("7.3", (1, 3)),
        ("7.4", (1, 2, 3)),
        ("8.1", (1, 2, 3)),
        ("8.2", range(1, 5)),
        ("8", (3,)),
        ("9", range(1, 9)),
    )
    for number in numbers
)
CLASS_C = ("5.1.4", "5.3.5", "5.4.2", "5.4.3", "5.4.4", "5.5.4")


def clauses() -> list[list[str]]:
    """Return the cells of each clause: number, topic, state, evidence."""
    rows = re.findall(r"^\| (\d[\d.]*) \| (.+?) \| (.+?) \| (.+) \|$", CHECKLIST, re.MULTILINE)
    return [[cell.strip() for cell in row] for row in rows]


def test_every_page_of_the_file_is_in_its_list() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", INDEX))
    assert {page.name for page in PAGES} - {"README.md"} <= linked


def test_every_clause_of_class_b_and_c_is_there_once() -> None:
    assert [row[0] for row in clauses()] == [*CLASS_B, *CLASS_C]


@pytest.mark.parametrize("row", clauses(), ids=lambda row: row[0])
def test_a_clause_names_the_place_of_its_evidence_or_what_is_missing(row: list[str]) -> None:
    number, topic, state, evidence = row
    assert topic
    assert state in STATES
    assert evidence not in {"", "-"}
    has_place = "](" in evidence or "`" in evidence or re.match(r"as \d", evidence)
    assert has_place or state in {"not done", "not applicable"}, number


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_anchors_of_the_file_lead_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve() if target else page
        assert anchor in anchors(path), f"{page.name}: {target}#{anchor}"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as a reader of Markdown makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    kept = ("".join(letter for letter in text.lower() if letter.isalnum() or letter in " -")
            for text in headings)  # fmt: skip
    return {text.replace(" ", "-") for text in kept}


def test_what_cannot_be_done_by_code_is_said_and_no_name_is_invented() -> None:
    for name in ("safety-case", "risk-management-plan", "mdr", "data-protection", "usability"):
        text = (SAFETY / f"{name}.md").read_text(encoding="utf-8")
        assert re.search(r"[Cc]annot be\s+(done|decided) by\s+code|not available by code", text), (
            name
        )
    signature = re.search(
        r"^\| for version .+\n\| --- .+\n(\|.+)$",
        (SAFETY / "safety-case.md").read_text(encoding="utf-8"), re.MULTILINE,
    )  # fmt: skip
    assert signature
    assert set(signature[1]) <= set("| ")


def test_the_intended_use_names_users_and_settings() -> None:
    page = (DOCS / "intended-use.md").read_text(encoding="utf-8")
    assert "- **Users**" in page
    assert "- **Settings**" in page


def test_the_file_is_reached_from_the_readme() -> None:
    assert "(docs/safety/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")

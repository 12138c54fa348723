"""The safety file: every page is in its list, every clause has its evidence or says "not done"."""

import re

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


def test_what_cannot_be_done_by_code_is_said_and_a_signature_is_whole_or_none() -> None:
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
    cells = [cell.strip() for cell in signature[1].strip("|").split("|")]
    assert all(cells) or not any(cells), "a signature is whole, or there is none"


def test_the_intended_use_names_users_and_settings() -> None:
    page = (DOCS / "intended-use.md").read_text(encoding="utf-8")
    assert "- **Users**" in page
    assert "- **Settings**" in page


def test_the_file_is_reached_from_the_readme() -> None:
    assert "(docs/safety/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")

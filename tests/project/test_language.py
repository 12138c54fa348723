"""The language of the program: no house words in texts, docstrings and documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.render import DOCS, ROOT

# Each phrase is a pattern, with the reason and the better word. A space matches a line break, too.
BANNED = {
    r"(writes?|writing|written|wrote) (\w+ )?down": "an entry is recorded, or added",
    r"\blog(s|ged)? (a|an|the|it|what|whether|anything|weight|doses|transfusions)\b": "record, add",
    r"so that": "two sentences are easier to read",
    r"(?<!\bthere)(?<=\w) (is|are|was|were) no (?!longer|more)": "is not: say what it is",
    r"all the same": "say what happens nevertheless, or nothing",
    r"on whose authority": "source, reference",
    r"no one in particular": "without a patient",
    r"side.effects?\b": "adverse event, as CTCAE has it",
    r"\btold\b": "somebody tells, a program shows",
    r"\bstands\b": "is, applies, or is active",
    r"\blies\b": "is: a level is above the target",
    r"what follows from": "result",
    r"\btak(e|es|ing) in\b": "import",
    r"\btak(e|es|en|ing) over\b": "import, restore, copy",
    r"asked about": "say who asks: the program asks for a reason",
    r"where there is none": "without one",
    r"\b(dose|doses|drug|drugs) in force": "current dose, concomitant drug",
    r"\bthe review(?! of)": "Nadal 2016; the key `review` stays",
    r"(given|taken|drug|drugs) beside\b": "with: a concomitant drug",
    r"\bmend(s|ed|ing)?\b": "fix, correct",
    r"\brivals?\b": "baseline",
    r"\bdo(es)? not count\b|\bthat counts\b|\bno longer counts\b": "evaluable, or active",
    r"\bchances\b|\bchance of\b": "probability, target attainment",
    r"what (is there )?to say": "say it",
}
# Values of JSON, which keep their words: `done_in_review`, `note`, `not_graded_because`, `name`.
KEPT = {
    "the review",
    "Of those with data in the review.",
    (
        "Of those with data in the review. By mg/kg where no height is known; "
        "rounded as the review's doses are."
    ),
    "A drug that is not written down is not counted.",
    "Data: anything written down of the time after the first dose.",
    "Sample Side Effects",
}
# A docstring begins with a noun phrase or a verb: a question names nothing.
QUESTION = re.compile(r"(What|How|When|Where|Whether|Why|Which|Who|Whose|Whom)\b")

PHRASES = {
    re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE): reason
    for pattern, reason in BANNED.items()
}
ROOMS = ("dosing", "monitoring", "reports", "tui")
DOCUMENTS = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings that a person reads: no keys, and no words of code, which have no blank."""
    passed_over: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Dict():
                passed_over |= {key for key in node.keys if key is not None}
            case ast.Subscript():
                passed_over.add(node.slice)
            case ast.JoinedStr() if node not in passed_over:
                parts = [part for part in node.values if isinstance(part, ast.Constant)]
                passed_over.update(parts)
                yield node.lineno, "{}".join(str(part.value) for part in parts)
            case ast.Constant(value=str(text)) if node not in passed_over and " " in text:
                yield node.lineno, text


def openings_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of the module, its classes and its functions."""
    for node in ast.walk(tree):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def prose_of(page: str) -> str:
    """Return a document with its code, its comments and its links' targets blanked out."""
    code = r"```.*?```|<!--.*?-->|`[^`\n]*`|\]\([^)]*\)|^(?: {4}|\t)(?! *[-*\d]).*?$"
    return re.sub(
        code, lambda found: re.sub(r"[^\n]", "_", found[0]), page, flags=re.DOTALL | re.MULTILINE
    )


def banned_in(text: str, line: int) -> Iterator[tuple[int, str]]:
    for phrase, reason in PHRASES.items():
        for found in phrase.finditer(text):
            at = line + text.count("\n", 0, found.start())
            yield at, f'"{" ".join(found[0].split())}": {reason}'


def banned_in_code(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, text in texts_of(tree):
        if text not in KEPT:
            yield from banned_in(text, line)
    for line, text in openings_of(tree):
        if found := QUESTION.match(text):
            yield line, f'a docstring begins with "{found[0]}"'


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_of_the_program_has_a_banned_phrase(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, what in banned_in_code(path)
    ]
    assert found == [], "\n".join(found)


def test_every_kept_text_is_one_of_the_program() -> None:
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in files)
    found = {text for tree in trees for _, text in texts_of(tree)}
    assert KEPT - found == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_has_a_banned_phrase(path: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for line, what in banned_in(prose_of(path.read_text(encoding="utf-8")), 1)
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("code", "hits"),
    [
        ('SHOWN = "The dose was written down."', 1),
        ('SHOWN = f"{count} values, so that {name} is told."', 2),
        ('"""Whether the level is a trough."""', 1),
        ('ACTION = "side-effect"', 0),
        ('DOCUMENT = {"side effect": entry["so that"]}', 0),
        ('"""The level is no longer current."""', 0),
        ('"""There is no card. Was no dose given?"""', 0),
        ('"""A level that is no trough."""', 1),
    ],
)
def test_the_check_finds_texts_and_passes_over_keys(code: str, hits: int) -> None:
    tree = ast.parse(code)
    found = [what for line, text in texts_of(tree) for _, what in banned_in(text, line)]
    questions = [text for _, text in openings_of(tree) if QUESTION.match(text)]
    assert len(found) + len(questions) == hits


def test_the_check_reads_across_lines_and_passes_over_code() -> None:
    page = "It is written\ndown, see `so that` and\n\n    so that\n\n```\nso that\n```\n"
    assert [line for line, _ in banned_in(prose_of(page), 1)] == [1]

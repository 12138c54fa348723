"""The contributor's files, held to each other: tasks, hooks, decisions and what they name."""

import re
from pathlib import Path

import pytest

from tests.project.render import DOCS, ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DECISIONS = DOCS / "decisions"
PAGES = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
TASKS = re.findall(r"^(\w+):$", MAKEFILE, re.MULTILINE)


def test_every_task_is_described_and_every_one_described_exists() -> None:
    assert sorted(re.findall(r"^    make (\w+)  ", CONTRIBUTING, re.MULTILINE)) == sorted(TASKS)


def test_the_tests_and_the_check_are_those_of_the_readme_and_of_ci() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    of_task = {
        task: re.findall(r"^\t(?:\$\(BIN\)|\S+)?(.+)$", recipe, re.MULTILINE)
        for task, recipe in re.findall(r"^(\w+):\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)
    }
    assert all(f".venv/bin{command}" in readme for command in of_task["test"])
    assert all(f".venv/bin{command}" in ci for command in of_task["check"])
    assert of_task["check"]


def test_hooks_are_local_and_download_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (.+)", hooks) == ["local"]
    assert set(re.findall(r"language: (.+)", hooks)) == {"system"}
    assert "://" not in hooks
    entries = re.findall(r"entry: (.+)", hooks)
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    checked = {command.split()[0] for command in re.findall(r"\$\(BIN\)/(.+)", MAKEFILE)}
    assert {entry.removeprefix(".venv/bin/").split()[0] for entry in entries} <= checked


def test_hidden_commits_are_whole_hashes_with_a_reason() -> None:
    lines = (ROOT / ".git-blame-ignore-revs").read_text(encoding="utf-8").splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        assert line == "" or line.startswith("#") or re.fullmatch(r"[0-9a-f]{40}", line)
        if line and not line.startswith("#"):
            assert before.startswith("# ")


def test_every_decision_is_in_the_index_and_says_what_a_newcomer_asks() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\((.+?\.md)\)", index)) == [path.name for path in PAGES]
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\*\*(.+?)\.\*\*", text) == ["Context", "Decision", "What follows"]
        assert len(text.splitlines()) < 40, path.name


@pytest.mark.parametrize(
    "path", [ROOT / "CONTRIBUTING.md", *DECISIONS.glob("*.md")], ids=lambda path: path.name
)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target

"""Requirements traced to hazard controls, to tests, and to what these did in a run.

`python -m tests.project.traceability RESULTS.xml ...` reads the JUnit files of a run (`pytest
--junitxml=RESULTS.xml`), writes docs/safety/traceability.md, and fails where a link is cut: a
control without a requirement, a requirement without a test, a test that does not exist, did not
run, was skipped or failed. `--out FILE` writes to another place, `--check` to none. With `--all`
the tests that only a hazard names have to be in the run, too: some of them are campaigns. Without a
file the table keeps the results that it has, for a change of words alone.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from dosing import VERSION
from tests.project.hazard_log import Hazard, anchor, hazards
from tests.project.markdown import ROOT, SAFETY, table

REQUIREMENTS = SAFETY / "requirements.toml"
PAGE = SAFETY / "traceability.md"
_RESULT = 4
"""The column of the result, the one that another run may change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A numbered requirement with the controls that it carries and the tests that show it."""

    id: str
    area: str
    """The part of the program whose work asked for it."""
    text: str
    controls: tuple[str, ...]
    """Each as the hazard's id and the first words of the control."""
    tests: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise `ValueError` where a text is empty; a missing link is a gap, not an error."""
        for each in fields(self):
            value = getattr(self, each.name)
            texts = (value,) if isinstance(value, str) else value
            if not all(text.strip() for text in texts):
                raise ValueError(f"{self.id}: {each.name} is empty")


def requirements(path: Path = REQUIREMENTS) -> tuple[Requirement, ...]:
    """Return the requirements, read from docs/safety/requirements.toml."""
    with path.open("rb") as file:
        rows = tomllib.load(file)["requirement"]
    return tuple(
        Requirement(**{**row, "controls": tuple(row["controls"]), "tests": tuple(row["tests"])})
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class TestResult:
    """What the cases of one test function did in a run."""

    __test__ = False  # pytest: this is a value, not a class of tests

    passed: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: "TestResult") -> "TestResult":
        """Return the results of both, as of two files of one run."""
        return TestResult(
            self.passed + other.passed, self.skipped + other.skipped, self.failed + other.failed
        )

    def __str__(self) -> str:
        """Return the result in words.

        >>> str(TestResult(passed=2)), str(TestResult(passed=2, skipped=1)), str(TestResult())
        ('2 passed', '2 passed, 1 skipped', 'did not run')
        """
        counts = (
            (self.passed, "passed"), (self.skipped, "skipped"), (self.failed, "failed"),
        )  # fmt: skip
        return ", ".join(f"{count} {words}" for count, words in counts if count) or "did not run"

    @property
    def holds(self) -> bool:
        """Whether the test ran and passed: no case failed, none was skipped."""
        return self.passed > 0 and not self.skipped and not self.failed


@dataclass(frozen=True, slots=True)
class Run:
    """The results of a run by the ids of its test functions."""

    results: Mapping[str, TestResult] = field(default_factory=dict)
    began: str = ""
    """The day of its first file, as ISO 8601."""
    commit: str = ""
    """The commit that ran, where it is known."""

    def result(self, test: str) -> TestResult:
        """Return what a test did."""
        return self.results.get(test, TestResult())


def read_run(files: Iterable[Path]) -> Run:
    """Return the run that JUnit files describe; raises `ET.ParseError` for others."""
    results: dict[str, TestResult] = defaultdict(TestResult)
    began = []
    for file in files:
        # The file is that of our own run, not one of a stranger.
        tree = ET.parse(file)  # noqa: S314 - see above
        began += [each.get("timestamp", "")[:10] for each in tree.iter("testsuite")]
        for case in tree.iter("testcase"):
            results[_id(case)] += _outcome(case)
    return Run(dict(results), min(filter(None, began), default=""))


def written_run(text: str) -> Run:
    """Return the run that a written table is of; empty for another text."""
    head = re.search(r"commit (\S+), (\S+)\. \d+\s", text)
    commit, began = head.groups() if head else ("", "")
    rows = re.findall(r"\| \[(\w+)\]\(\.\./\.\./([^)]+)\) \| ([^|]+) \|$", text, re.MULTILINE)
    results = {f"{path}::{name}": _counts(words) for name, path, words in rows}
    return Run(results, began, commit)


def _counts(words: str) -> TestResult:
    return TestResult(**{name: int(count) for count, name in re.findall(r"(\d+) (\w+)", words)})


def _id(case: ET.Element) -> str:
    """Return the id of the function of a case, without its parameters."""
    name = case.get("name", "").partition("[")[0]
    return f"{case.get('classname', '').replace('.', '/')}.py::{name}"


def _outcome(case: ET.Element) -> TestResult:
    if case.find("failure") is not None or case.find("error") is not None:
        return TestResult(failed=1)
    return TestResult(skipped=1) if case.find("skipped") is not None else TestResult(passed=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """The requirements beside the hazards that they control."""

    requirements: tuple[Requirement, ...]
    hazards: tuple[Hazard, ...]

    def control(self, cited: str) -> tuple[Hazard, str] | None:
        """Return the one control that a requirement cites, or None."""
        key, _, words = cited.partition(" ")
        found = [
            (hazard, control)
            for hazard in self.hazards
            if hazard.id == key
            for control in hazard.controls
            if control.startswith(words)
        ]
        return found[0] if len(found) == 1 and words else None

    def broken_links(self) -> Iterator[str]:
        """Yield each link that is cut, whatever a run says."""
        ids = Counter(each.id for each in self.requirements)
        yield from (f"{key}: the id comes twice" for key, count in ids.items() if count > 1)
        carried = set()
        for each in self.requirements:
            if not each.controls:
                yield f"{each.id}: controls no hazard"
            if not each.tests:
                yield f"{each.id}: has no test"
            for cited in each.controls:
                if (found := self.control(cited)) is None:
                    yield f'{each.id}: "{cited}" is not the beginning of one control'
                else:
                    carried.add((found[0].id, found[1]))
        for hazard in self.hazards:
            for control in hazard.controls:
                if (hazard.id, control) not in carried:
                    yield f'{hazard.id}: no requirement carries "{control}"'
        yield from (f"{each}: does not exist" for each in self.tests if not exists(each))

    @property
    def tests(self) -> tuple[str, ...]:
        """Every test that a requirement or a hazard names, once."""
        of_requirements = (test for each in self.requirements for test in each.tests)
        of_hazards = (test for each in self.hazards for test in each.tests)
        return tuple(dict.fromkeys((*of_requirements, *of_hazards)))

    def failed_links(self, run: Run, *, of_hazards: bool = False) -> Iterator[str]:
        """Yield each test of a requirement, or of a hazard as well, that did not run and pass."""
        tests = (test for each in self.requirements for test in each.tests)
        named = self.tests if of_hazards else tuple(dict.fromkeys(tests))
        for test in named:
            if not run.result(test).holds:
                yield f"{test}: {run.result(test)}"

    def gaps(self, run: Run, *, of_hazards: bool = False) -> list[str]:
        """Return each link that is cut, and each test that did not pass."""
        return [*self.broken_links(), *self.failed_links(run, of_hazards=of_hazards)]

    def rows(self, run: Run) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield the rows of the table: a requirement once, and a row for each of its tests."""
        for each in self.requirements:
            text, controls = each.text, "; ".join(map(self._cited, each.controls))
            for test in each.tests:
                yield each.id, text, controls, _link(test), str(run.result(test))
                text, controls = "", ""

    def _cited(self, cited: str) -> str:
        found = self.control(cited)
        if found is None:
            return cited
        hazard, control = found
        return f"[{hazard.id}](../hazards.md#{anchor(hazard)}) {control}"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name}](../../{path})"


def exists(test: str) -> bool:
    """Return whether a test function is defined in its file."""
    path, _, name = test.partition("::")
    return name in _functions(ROOT / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    found = re.findall(r"^(?:async )?def (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(found)


def trace() -> Trace:
    """Return the trace of docs/safety/requirements.toml and docs/hazards.toml."""
    return Trace(requirements(), hazards())


_PAGE = """\
# Traceability

<!-- Made by `python -m tests.project.traceability RESULTS.xml`: not by hand. -->

Each requirement with the controls of the hazard log that it carries, its tests, and what these did
in the last run that was written here: version {version}, commit {commit}, {began}. {requirements}
requirements carry {controls} controls of {hazards} hazards by {tests} test functions. {verdict}

The requirements are in `docs/safety/requirements.toml`, the hazards in [hazards](../hazards.md).
`.ci/run` makes this table from its own run and fails on a gap: a control without a requirement, a
requirement without a test, a test that does not exist, did not run, was skipped or failed.

{rows}
"""
_HEADINGS = ("requirement", "text", "controls", "test", "result")


def page(traced: Trace, run: Run) -> str:
    """Return the table of traceability for a run."""
    gaps = traced.gaps(run)
    verdict = "There is no gap."
    if gaps:
        verdict = f"**Gaps: {len(gaps)}.**\n\n" + "\n".join(f"- {gap}" for gap in gaps)
    return _PAGE.format(
        version=VERSION,
        commit=run.commit or "unknown",
        began=run.began or "no run",
        requirements=len(traced.requirements),
        controls=sum(len(each.controls) for each in traced.hazards),
        hazards=len(traced.hazards),
        tests=len({test for each in traced.requirements for test in each.tests}),
        verdict=verdict,
        rows=table(_HEADINGS, traced.rows(run)),
    )


def links_of(text: str) -> list[tuple[str, ...]]:
    """Return the rows of a written table without their results."""
    lines = [line for line in text.splitlines() if line.startswith("| REQ-")]
    rows = (re.split(r" \| ", line.removeprefix("| ").removesuffix(" |")) for line in lines)
    return [tuple(cells[:_RESULT]) for cells in rows]


def _commit() -> str:
    """Return the commit of the tree, or that it is none."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - the git of this machine
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table of a run and name every gap; return 1 where there is one."""
    parser = argparse.ArgumentParser(description="The table of traceability.")
    parser.add_argument("files", nargs="*", type=Path, metavar="RESULTS.xml")
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE")
    parser.add_argument(
        "--commit", default=None, help="the commit that ran; the tree's if left out"
    )
    parser.add_argument("--all", action="store_true", help="the tests of hazards, too")
    parser.add_argument("--check", action="store_true", help="write nothing")
    chosen = parser.parse_args(arguments)
    traced = trace()
    if chosen.files:
        run = replace(read_run(chosen.files), commit=chosen.commit or _commit())
    else:
        run = written_run(PAGE.read_text(encoding="utf-8"))
    if not chosen.check:
        chosen.out.write_text(page(traced, run), encoding="utf-8")
    gaps = traced.gaps(run, of_hazards=chosen.all)
    for gap in gaps:
        print(f"gap: {gap}", file=sys.stderr)
    print(f"{len(traced.requirements)} requirements, {len(traced.tests)} tests, {len(gaps)} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())

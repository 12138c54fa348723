"""The mutation campaign: break the code that decides a dose, and see the tests fail.

`python -m tests.mutation` breaks every place, `--sample N` a fixed random choice of N, and `--of
monitoring/state` those of some modules. The breaks
are cosmic-ray's, and one of our own: a figure that stands as text in a table ("0.02", "> 3.5") is
moved by its last digit. Left out is what changes nothing by definition: a type annotation, and `==`
for the `is` of enumerations and None. Each broken copy is tested by the tests that look at the
broken module; a break that no test sees has survived, and is printed.
"""

import argparse
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from shutil import copytree, ignore_patterns

import parso
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
# Of each module the tests that look at it, in the order in which they most likely see a break:
# those of its own room, and with a leading / those of another.
TESTS_OF = {
    "dosing/quantities/parsing": (
        "quantities/parsing", "values", "patient", "quantities/units", "front_page",
    ),
    "dosing/surface_area": (
        "surface_area", "starting_dose", "json_document", "knowledge/maturation",
        "knowledge/references",
    ),
    "dosing/knowledge/limits": (
        "knowledge/limits", "starting_dose", "dose_adjustment", "knowledge/interactions",
        "json_document", "knowledge/protocols", "knowledge/references",
    ),
    "dosing/knowledge/products": (
        "knowledge/products", "quantities/formatting", "starting_dose", "dose_adjustment",
        "knowledge/protocols",
    ),
    "dosing/knowledge/protocols": (
        "knowledge/protocols", "starting_dose", "knowledge/liver_impairment", "dose_adjustment",
        "knowledge/nadal2016", "front_page", "knowledge/references",
    ),
    "dosing/calculation": (
        "starting_dose", "knowledge/protocols", "knowledge/liver_impairment", "dose_adjustment",
        "json_document",
    ),
    "monitoring/state/treatment_state": (
        "state/treatment_state", "state/dose_safety", "summary", "/courses/issue_rows",
    ),
    "monitoring/state/severe_findings": (
        "state/severe_findings", "state/dose_safety", "/courses/issue_rows",
    ),
    "monitoring/state/contraindications": (
        "state/contraindications", "state/severe_findings", "state/dose_safety",
        "/courses/issue_rows",
    ),
    "monitoring/state/dose_safety": (
        "state/dose_safety", "state/contraindications", "/courses/issue_rows",
    ),
    "monitoring/recommendation/decision": (
        "recommendation/advice", "recommendation/label_advice", "/courses/issue_rows",
        "/courses/courses",
    ),
    "monitoring/recommendation/advice": (
        "recommendation/advice", "/courses/issue_rows", "recommendation/forecast",
    ),
    "monitoring/recommendation/label_advice": (
        "recommendation/label_advice", "recommendation/advice", "/courses/issue_rows",
    ),
    "monitoring/recommendation/dose_recommendation": (
        "recommendation/advice", "/courses/issue_rows",
    ),
    "dosing/knowledge/conditions": ("knowledge/conditions",),
    "dosing/pharmacokinetics/averaging": (
        "pharmacokinetics/averaging", "pharmacokinetics/recommendation",
    ),
    "dosing/pharmacokinetics/recommendation": (
        "pharmacokinetics/recommendation", "pharmacokinetics/averaging",
        "/monitoring/recommendation/second_forecast",
    ),
    "dosing/pharmacokinetics/map_estimate": (
        "pharmacokinetics/search", "pharmacokinetics/map_estimate", "pharmacokinetics/batch",
        "pharmacokinetics/impossible_patients",
    ),
    "dosing/pharmacokinetics/objective": (
        "pharmacokinetics/gradients", "pharmacokinetics/search", "pharmacokinetics/map_estimate",
        "pharmacokinetics/impossible_patients",
    ),
    "dosing/pharmacokinetics/periods": (
        "pharmacokinetics/concentration", "pharmacokinetics/batch", "pharmacokinetics/search",
    ),
    "dosing/pharmacokinetics/covariates": (
        "pharmacokinetics/model", "pharmacokinetics/published_figures",
        "/monitoring/recommendation/covariates",
    ),
    "dosing/pharmacokinetics/variability": (
        "pharmacokinetics/averaging", "/monitoring/recommendation/forecast",
    ),
    "monitoring/recommendation/forecast/preconditions": (
        "recommendation/forecast", "recommendation/covariates", "recommendation/advice",
        "recommendation/second_forecast",
    ),
    "monitoring/recommendation/forecast/forecasting": (
        "recommendation/forecast", "recommendation/second_forecast", "recommendation/advice",
    ),
    "monitoring/recommendation/forecast/applicable_models": (
        "recommendation/forecast", "recommendation/covariates", "recommendation/second_forecast",
    ),
    "monitoring/recommendation/forecast/covariates": (
        "recommendation/covariates", "recommendation/forecast", "recommendation/second_forecast",
    ),
    "monitoring/recommendation/forecast/fitting": (
        "recommendation/covariates", "recommendation/forecast", "recommendation/second_forecast",
    ),
}  # fmt: skip
ROOT_PACKAGE = "tests"
_QUIETLY = ("-x", "-q", "-p", "no:cacheprovider")
_TIMEOUT_SECONDS = 120
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["pytest", "pint", "numpy", "sqlalchemy"])
_NEED_ARGUMENTS = {"core/VariableReplacer", "core/VariableInserter"}
_CHANGE_NOTHING = {
    "core/ReplaceComparisonOperator_Is_Eq",
    "core/ReplaceComparisonOperator_IsNot_NotEq",
}
_FIGURE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(['\"])$")


class FigureReplacer(Operator):  # type: ignore[misc]  # it ships no types
    """Move a figure that stands as text by one in its last digit, up and down."""

    def mutation_positions(self, node: parso.tree.NodeOrLeaf) -> Iterator[tuple[object, object]]:
        """Yield the place of a figure twice: once for each direction."""
        if node.type == "string" and _FIGURE.search(node.value) and "{" not in node.value:
            yield node.start_pos, node.end_pos
            yield node.start_pos, node.end_pos

    def mutate(self, node: parso.tree.NodeOrLeaf, index: int) -> parso.tree.NodeOrLeaf:
        """Return the text with its figure moved."""
        node.value = _FIGURE.sub(
            lambda found: _moved(found[1], (1, -1)[index]) + found[2], node.value
        )
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return an example, as cosmic-ray asks for."""
        return (Example('x = "> 3.5"', 'x = "> 3.6"'),)


def _moved(figure: str, by: int) -> str:
    """Return the figure moved in its last digit.

    >>> _moved("0.02", 1), _moved("35", -1)
    ('0.03', '34')
    """
    decimals = len(figure.partition(".")[2])
    return str(Decimal(figure) + by * Decimal(1).scaleb(-decimals))


@dataclass(frozen=True)
class Break:
    """One way to break one place of one file."""

    path: str
    operator: Operator
    occurrence: int
    line: int

    def __str__(self) -> str:
        """Return where it is and what it does."""
        return f"{self.path}:{self.line} {type(self.operator).__name__} ({self.occurrence})"


def breaks(of: str = "") -> Iterator[Break]:
    """Yield every break of every module with a text in its path."""
    left_out = _NEED_ARGUMENTS | _CHANGE_NOTHING
    names = [name for name in operator_names() if name not in left_out]
    operators = [FigureReplacer(), *(get_operator(name)() for name in names)]
    for module in (each for each in TESTS_OF if of in each):
        path = f"{module}.py"
        source = (ROOT / path).read_text(encoding="utf-8")
        for operator in operators:
            places = [
                (position, _is_annotation(node))
                for node in _nodes(parso.parse(source))
                for position in operator.mutation_positions(node)
            ]
            for occurrence, ((start, _), is_annotation) in enumerate(places):
                if not is_annotation:
                    yield Break(path, operator, occurrence, start[0])


def _nodes(node: parso.tree.NodeOrLeaf) -> Iterator[parso.tree.NodeOrLeaf]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _is_annotation(node: parso.tree.NodeOrLeaf) -> bool:
    """Return whether a node is within the type of a variable, an argument or a result."""
    inner = node
    while (outer := inner.parent) is not None:
        if outer.type in {"annassign", "tfpdef"} and inner is outer.children[-1]:
            return outer.type == "tfpdef" or "=" not in outer.children
        if outer.type == "annassign" and inner is outer.children[1]:
            return True
        if outer.type == "funcdef" and inner is outer.annotation:
            return True
        inner = outer
    return False


def _tests_of(module: str) -> list[str]:
    """Return the files of the tests that look at a module."""
    room = module.partition("/")[0]
    names = (name[1:] if name[0] == "/" else f"{room}/{name}" for name in TESTS_OF[module])
    places = (name.rpartition("/") for name in names)
    return [f"tests/{folder}/test_{name}.py" for folder, _, name in places]


def whole_copy(folder: Path) -> Path:
    """Return a copy of the project, compiled, so that a break costs compiling one module."""
    copy = Path(copytree(ROOT, folder, ignore=ignore_patterns(".*", "__pycache__")))
    tests = sorted({file for module in TESTS_OF for file in _tests_of(module)})
    subprocess.run(
        [sys.executable, "-m", "pytest", *_QUIETLY, "--collect-only", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        check=True,
    )
    return copy


def survives(broken: Break, copy: Path) -> bool:
    """Return whether the tests pass in `copy` although it is broken."""
    path = copy / broken.path
    source = path.read_text(encoding="utf-8")
    path.write_text(mutate_code(source, broken.operator, broken.occurrence), encoding="utf-8")
    try:
        return _pass(copy, _tests_of(broken.path.removesuffix(".py")))
    finally:
        path.write_text(source, encoding="utf-8")


def _pass(copy: Path, tests: list[str]) -> bool:
    """Return whether tests pass in `copy`, in a process that has the libraries already."""
    process = _FORKS.Process(target=_exit_as_pytest, args=(str(copy), tests))
    process.start()
    process.join(_TIMEOUT_SECONDS)
    if process.exitcode is None:  # it never ends: seen
        process.kill()
        process.join()
    return process.exitcode == 0


def _exit_as_pytest(copy: str, tests: list[str]) -> None:
    """Run tests in `copy`, which takes the place of this tree, and exit as pytest does."""
    import pytest  # noqa: PLC0415 - in the new process

    os.chdir(copy)
    sys.dont_write_bytecode = True
    sys.path[:] = [copy, *(each for each in sys.path if each not in {"", str(ROOT)})]
    for name in [each for each in sys.modules if each.partition(".")[0] == ROOT_PACKAGE]:
        del sys.modules[name]
    with Path(os.devnull).open("w") as nothing:
        for stream in (1, 2):
            os.dup2(nothing.fileno(), stream)
    sys.exit(int(pytest.main([*_QUIETLY, *tests])))


def main() -> int:
    """Run the campaign and return 1 where too few were seen: 95 %, of a sample 80 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="only so many breaks, chosen by chance")
    parser.add_argument("--of", default="", help="only modules with this in their path")
    options = parser.parse_args()
    chosen = list(breaks(options.of))
    if options.sample:
        chosen = random.Random(options.sample).sample(chosen, options.sample)
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        first = whole_copy(Path(folder) / "0")
        copies.put(first)
        for number in range(1, workers):
            copies.put(copytree(first, Path(folder) / str(number)))

        def one(broken: Break) -> bool:
            copy = copies.get()
            try:
                return survives(broken, copy)
            finally:
                copies.put(copy)

        survivors = 0
        for broken, survived in zip(chosen, pool.map(one, chosen), strict=True):
            if survived:
                survivors += 1
                print(f"survived: {broken}", flush=True)
    killed = len(chosen) - survivors
    print(f"{killed} of {len(chosen)} breaks were seen by a test ({killed / len(chosen):.1%})")
    enough = 0.8 if options.sample else 0.95  # a few breaks change nothing: see the notes
    return 0 if killed >= enough * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())

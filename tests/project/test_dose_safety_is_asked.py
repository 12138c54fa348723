"""Nobody makes, changes, prints or recommends a dose of a patient without asking what forbids it.

A door is a function from which a dose comes. Every function that calls one must reach one of the
functions of `monitoring.state` that decide, by itself or by what it calls; or be a door itself, of
which the callers are looked at in turn. The few that need no patient are named with the reason.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("dosing", "monitoring", "reports", "tui")

DECIDE = {"dose_safety", "prescription_safety", "starting_dose_safety", "card_safety"}
DOORS = {
    "propose_starting_dose": "a starting dose",
    "propose": "the same, with an override where it needs one",
    "Prescription": "a prescription",
    "accept": "a prescription of a proposal",
    "typed_prescription": "a prescription as typed",
    "adjust_dose": "the dose by the label's arithmetic",
    "label_advice": "the same, for a record",
    "recommend": "the dose by a model",
    "model_forecast": "the same, for a record",
    "taper_steps": "the steps of a plan to stop",
    "dose_card": "the dose on paper, for the family",
    "give_log": "the doses of four weeks on paper, for the family",
}
WITHOUT_A_PATIENT = {
    "tui.app.dose_calculation:calculate_without_patient": "the quick dose stores nothing",
    "monitoring.exchange.clinic_workbook.sheets:_prescriptions": "another system's dose is a fact",
    "monitoring.exchange.fhir.reading.medications:read_request": "another system's dose is a fact",
    "monitoring.exchange.fhir.reading.medications:read_statement": "as of a request",
    "monitoring.demo.diary:Chart.start": "made-up patients",
    "monitoring.demo.diary:Chart.change": "made-up patients",
    "monitoring.recommendation.repeated_level:level_to_repeat": "it returns a level, never a dose",
    "monitoring.evaluation.trial:_follow_label": "virtual patients, by the arithmetic alone",
}


@dataclass
class Function:
    """A function or method, with the names it calls."""

    module: str
    name: str
    calls: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"

    @property
    def bare(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass
class Module:
    """A module: its functions, and from where its names are imported."""

    name: str
    functions: list[Function] = field(default_factory=list)
    imported: dict[str, str] = field(default_factory=dict)


def parsed(name: str, source: str) -> Module:
    """Return the functions of a module; nested ones belong to the one around them."""
    module, tree = Module(name), ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module.imported |= {each.asname or each.name: node.module for each in node.names}
    module.functions += _functions(module.name, tree, "")
    return module


def _functions(module: str, node: ast.AST, inside: str) -> Iterator[Function]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(module, inside + each.name, set(_called(each)))
        elif isinstance(each, ast.ClassDef):
            yield from _functions(module, each, f"{inside}{each.name}.")


def _called(node: ast.AST) -> Iterator[str]:
    """Yield the names that are called, and those handed on to be called, as in `partial`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            for one in (each.func, *each.args):
                is_class_handed_on = one is not each.func and ast.unparse(one)[:1].isupper()
                if isinstance(one, ast.Name) and not is_class_handed_on:
                    yield one.id
                elif isinstance(one, ast.Attribute):
                    yield one.attr


@cache
def modules() -> dict[str, Module]:
    """Return every module of the program."""
    found = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            found[name] = parsed(name.removesuffix(".__init__"), file.read_text(encoding="utf-8"))
    return found


def unasked(program: dict[str, Module]) -> list[str]:
    """Return the functions that call a door and reach nothing that decides.

    A private function is a part of those of its module that call it.
    """
    return sorted(
        str(each)
        for module in program.values()
        if not module.name.startswith("monitoring.state")
        for each in _unasked(program, module, set(DOORS))
        if each.bare not in DOORS and not _is_part_of_others(module, each)
    )


def _is_part_of_others(module: Module, each: Function) -> bool:
    callers = (other for other in module.functions if other is not each)
    return each.bare.startswith("_") and any(each.bare in other.calls for other in callers)


def _unasked(program: dict[str, Module], module: Module, doors: set[str]) -> list[Function]:
    found = [
        each
        for each in module.functions
        if each.calls & doors and not _asks(program, module, each, set())
    ]
    private = {each.bare for each in found if each.bare.startswith("_")}
    return found if private <= doors else _unasked(program, module, doors | private)


def _asks(program: dict[str, Module], module: Module, asked: Function, seen: set[str]) -> bool:
    if asked.calls & DECIDE:
        return True
    seen.add(str(asked))
    return any(
        _asks(program, home, each, seen)
        for name in sorted(asked.calls)
        for home, each in _meant(program, module, name)
        if str(each) not in seen
    )


def _meant(
    program: dict[str, Module], module: Module, name: str
) -> Iterator[tuple[Module, Function]]:
    """Yield the functions that a name may mean: of the module, or of the one it comes from."""
    origin = module.imported.get(name)
    for home in program.values():
        is_origin = origin is not None and f"{home.name}.".startswith(f"{origin}.")
        if home is module or is_origin:
            yield from ((home, each) for each in home.functions if each.bare == name)


def with_new(source: str) -> dict[str, Module]:
    """Return a small program: prescribing, and a new module."""
    name = "monitoring.prescribing"
    return {name: modules()[name], "tui.new": parsed("tui.new", source)}


def test_every_dose_of_a_patient_is_asked_about() -> None:
    assert set(unasked(modules())) == set(WITHOUT_A_PATIENT)


def test_every_door_and_every_function_that_decides_is_there() -> None:
    defined = {each.bare for module in modules().values() for each in module.functions}
    defined |= {"Prescription"}
    assert DOORS.keys() <= defined
    assert defined >= DECIDE


@pytest.mark.parametrize(
    ("body", "is_asked"),
    [
        ("return accept(proposal, since)", False),
        ("return Prescription(since=since)", False),
        ("self.work_on(partial(dose_card, summary))", False),
        ("return accept(proposal, since), dose_safety(state, step)", True),
        ("return _by_the_way(accept(proposal, since))", True),
        ("return check_prescription(record, accept(proposal, since), now)", True),
        ("return short(since)", True),
    ],
)
def test_a_new_caller_without_it_is_found(body: str, *, is_asked: bool) -> None:
    source = (
        "from monitoring.prescribing import accept, check_prescription\n"
        "def _by_the_way(dose):\n    return card_safety(dose)\n"
        f"class Screen:\n    def new(self):\n        {body}\n"
    )
    program = with_new(source)
    assert ("tui.new:Screen.new" in unasked(program)) is not is_asked


def test_a_private_function_that_nobody_here_calls_is_found() -> None:
    """The terminal's framework calls it by itself."""
    source = (
        "from monitoring.prescribing import accept\n"
        "class Screen:\n    @on(Pressed)\n    def _pressed(self):\n        accept(proposal)\n"
    )
    program = with_new(source)
    assert "tui.new:Screen._pressed" in unasked(program)

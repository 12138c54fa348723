"""The structure of the code that no contract of the import checker can express."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("dosing", "monitoring", "reports", "tui")

Imports = Mapping[str, AbstractSet[str]]


def circles(imports: Imports) -> list[list[str]]:
    """Return the circles among modules: what is left when every other one is taken away."""
    left = {module: set(imported) for module, imported in imports.items()}
    while leaves := {each for each in left if not left[each] & left.keys()}:
        left = {module: left[module] for module in left.keys() - leaves}
    found = {frozenset(_reached(left, each) & _reaching(left, each)) for each in left}
    return sorted(sorted(each) for each in found if each)


def _reached(imports: Imports, start: str) -> set[str]:
    """Return the modules that one imports, directly or by way of others."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = (imports[waiting.pop()] & imports.keys()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _reaching(imports: Imports, end: str) -> set[str]:
    return {each for each in imports if end in _reached(imports, each)}


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}, [["a", "b", "c"]]),
        ({"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
        ({"a": {"a"}}, [["a"]]),
    ],
)
def test_a_circle_is_found(imports: Imports, found: list[list[str]]) -> None:
    assert circles(imports) == found


def test_no_file_imports_one_that_imports_it_back() -> None:
    """Not by way of others, and not inside a function either."""
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    imports = {each: graph.find_modules_directly_imported_by(each) for each in graph.modules}
    assert len(imports) > 200
    assert circles(imports) == []


def classes(source: str) -> Iterator[str]:
    """Yield the name of each class that is defined in a file, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield node.name


def test_a_class_is_found_at_any_depth() -> None:
    source = """
        class Outer:
            class Inner: ...
        def function():
            class Local: ...
    """
    assert sorted(classes(inspect.cleandoc(source))) == ["Inner", "Local", "Outer"]


def test_no_class_name_is_defined_twice() -> None:
    homes = defaultdict(list)
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for name in classes(file.read_text(encoding="utf-8")):
                homes[name].append(str(file.relative_to(ROOT)))
    assert len(homes) > 200
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def left_open(source: str) -> list[int]:
    """Find the lines whose `with` ends a transaction of sqlite3 and leaves the connection open."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.With)
        for item in node.items
        if ast.unparse(item.context_expr).startswith("sqlite3.connect(")
    ]


def test_a_connection_that_is_left_open_is_found() -> None:
    opened = "with sqlite3.connect(file) as database: ..."
    assert left_open(opened) == [1]
    assert left_open("with closing(sqlite3.connect(file)) as database: ...") == []


def test_no_connection_of_sqlite3_is_left_open() -> None:
    """From Python 3.13 on its end is a warning, in whatever test runs at that moment."""
    files = [file for room in (*ROOMS, "tests") for file in sorted((ROOT / room).rglob("*.py"))]
    found = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := left_open(file.read_text(encoding="utf-8")))
    }
    assert found == {}

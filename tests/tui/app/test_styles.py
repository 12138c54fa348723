"""Names that no type checker reads: classes in style sheets and in the table of actions."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
import textual.containers
import textual.screen
import textual.widgets
from textual.dom import DOMNode

import tui.app
from tui.app.all_actions import ACTIONS
from tui.app.widgets.progress import Progress

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{};]*)\{")
_CLASS = re.compile(r"(?<![\w$#.-])[A-Z]\w+")
_OF_TEXTUAL = {"SelectCurrent", "ToastRack"}
"""Parts of Textual's own widgets, which it does not export."""


def _nodes() -> dict[str, type[DOMNode]]:
    """Return every class that a style can name, the app's own and those of Textual."""
    own = [import_module(each.name) for each in walk_packages(tui.app.__path__, "tui.app.")]
    found = {
        name: value
        for module in (textual.screen, textual.containers, *own)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, DOMNode)
    }
    exported = vars(textual.widgets)["__all__"]
    return found | {name: getattr(textual.widgets, name) for name in exported}


def _named(style: str) -> set[str]:
    """Return the classes that the rules of a style sheet name."""
    rules = _RULE.findall(_COMMENT.sub("", style))
    return {name for rule in rules for name in _CLASS.findall(rule)}


def test_a_style_names_its_classes() -> None:
    assert _named("/* Ghost */ Screen, .a Tab:focus > #B { color: $Red; & Static { a: b } }") == {
        "Screen",
        "Tab",
        "Static",
    }
    assert _named(Progress.DEFAULT_CSS) == {"Progress"}


def test_every_style_is_of_a_class_that_there_is() -> None:
    nodes = _nodes()
    folder = Path(tui.app.__path__[0])
    styles = {str(file): file.read_text(encoding="utf-8") for file in folder.rglob("*.tcss")}
    styles |= {
        name: each.__dict__["DEFAULT_CSS"]
        for name, each in nodes.items()
        if each.__module__.startswith("tui.app") and "DEFAULT_CSS" in each.__dict__
    }
    assert len(styles) > len(list(folder.rglob("*.tcss")))
    unknown = {name: _named(style) - set(nodes) - _OF_TEXTUAL for name, style in styles.items()}
    assert {name: each for name, each in unknown.items() if each} == {}


@pytest.mark.parametrize("name", [each.name for each in ACTIONS.values() if each.opens])
def test_every_action_opens_something_that_there_is(name: str) -> None:
    module, _, opened = ACTIONS[name].opens.partition(":")
    assert callable(getattr(import_module(f"tui.app.{module}"), opened))

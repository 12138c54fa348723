"""The command that stands for each key of the app: named for every action, and read as typed."""

import shlex

import pytest

from tests.project.accessibility import COMMANDS_OF_ACTIONS, WITHOUT_A_COMMAND, typed_for
from tests.project.reference import command_parsers
from tests.tui.cli.test_hostile_arguments import actions_of, leaves
from tui.app.all_actions import ACTIONS
from tui.cli.main import build_parser


def test_every_action_has_a_command_or_needs_none() -> None:
    """If this fails: name the command of the new action in tests/project/accessibility.py."""
    forms = {each.name for each in ACTIONS.values() if each.kind}
    named = COMMANDS_OF_ACTIONS.keys() | WITHOUT_A_COMMAND.keys() | forms
    assert named == ACTIONS.keys()
    assert not COMMANDS_OF_ACTIONS.keys() & WITHOUT_A_COMMAND.keys()
    assert not COMMANDS_OF_ACTIONS.keys() & forms


@pytest.mark.parametrize(
    "typed", sorted({typed for each in ACTIONS.values() for typed in typed_for(each)})
)
def test_the_parser_takes_each_command_as_it_is_named(typed: str) -> None:
    program, *words = shlex.split(typed)
    assert program == "sirolimus"
    if " ".join(words[:2]) in {"due settle", "prescribe check", "clinic limits"}:
        words = [" ".join(words[:2]), *words[2:]]
    parser = build_parser(words[0])
    for _, leaf in leaves(parser, []):
        for action in actions_of(leaf):
            action.choices = None  # a placeholder is none of them
    parser.parse_args(["2" if each == "N" else each for each in words])


def test_every_action_of_an_entry_and_every_page_has_its_key() -> None:
    """The commands that no key stands for are those of files, research and servers alone."""
    named = {typed for each in ACTIONS.values() for typed in typed_for(each)}
    words = {" ".join(shlex.split(each)[1:]) for each in named}
    without = {
        name
        for name in command_parsers()
        if not any(each == name or each.startswith(f"{name} ") for each in words)
    }
    assert {each.split()[0] for each in without if " " not in each} == {
        "clinic", "decrypt", "kinetics", "key", "recall", "recover", "restore",
    }  # fmt: skip

"""The pages of the reference that are made from the program: its options, and its JSON keys.

The options are those of the parser. The keys are those of the answers that the program promises
(`tests/promises/answers.jsonl`), which are recorded from the program itself.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from tests.project.markdown import MADE, ROOT, table
from tui.cli.main import build_parser

_ANSWERS = ROOT / "tests" / "promises" / "answers.jsonl"

_OPTIONS = """\
# All commands and options

{made}
Each command with its arguments and options, as its `--help` has them. What they mean in use, with
examples, is in [commands](commands.md).

{commands}
"""


def command_parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of every command, and of every action below it, by its words."""
    return {words: parser for words, parser, _ in _below(build_parser(), "")}


def _below(
    parser: argparse.ArgumentParser, words: str
) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Yield the words, the parser and the summary of every command below one."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of its options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - see above
            summaries = {each.dest: each.help or "" for each in action._choices_actions}  # noqa: SLF001 - see above
            for name, child in action.choices.items():
                name_and_above = f"{words} {name}".strip()
                yield name_and_above, child, summaries.get(name, "")
                yield from _below(child, name_and_above)


def options_page() -> str:
    """Return the page of all commands with their options."""
    commands = (_command(*each) for each in _below(build_parser(), ""))
    return _OPTIONS.format(made=MADE, commands="\n\n".join(commands))


def _command(words: str, parser: argparse.ArgumentParser, summary: str) -> str:
    rows = [
        (_names(action), _help(action))
        for action in parser._actions  # noqa: SLF001 - see above
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)  # noqa: SLF001 - see above
        and action.help != argparse.SUPPRESS
    ]
    description = _sentence(parser.description or f"{summary[:1].upper()}{summary[1:]}.")
    listed = [table(("option", "meaning"), rows)] if rows else []
    return "\n\n".join([f"## sirolimus {words}", description, *listed])


def _names(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else ""
    value = value or "|".join(map(str, action.choices or ())) or action.dest
    if not action.option_strings:
        return f"`{value}`"
    takes = "" if action.nargs == 0 else f" {value}"
    needed = ", needed" if action.required else ""
    return f"`{', '.join(action.option_strings)}{takes}`{needed}"


def _help(action: argparse.Action) -> str:
    words = (action.help or "") % {**vars(action), "prog": "sirolimus"}
    return _sentence(words)


def _sentence(words: str) -> str:
    """Return a help text as Markdown shows it: what looks like a tag or a link is text."""
    return " ".join(words.split()).replace("<", "&lt;").replace("[", "\\[").replace("*", "\\*")


_KEYS = """\
# JSON keys

{made}
The keys of `--json`, command by command, with the kinds of their values. They are taken from
recorded answers of the program, which a test holds: a key that is here stays, and keys are added.
Units are in the name of the key, an absent value is `null`, times are ISO 8601, `[]` is each item
of a list, and `NAME` a key that is itself a name, as that of a source. Texts for people (`message`,
`why`, `title`, `words`) may be worded anew. The JSON of a command that is not here is described in
[commands](commands.md).

{commands}
## Objects that many answers share

{shared}
"""
_SHARED = {
    "alert": frozenset({"code", "kind", "message"}),
    "dose": frozenset({"given_mg", "volume_ml"}),
    "proposal": frozenset({"body_surface_area_m2", "protocol_dose"}),
    "state": frozenset({"conflict", "last_exposure_change"}),
    "check": frozenset({"check", "urgency", "overdue_days"}),
}
"""The objects that are described once, by keys that only they have."""
_NAMED = frozenset({"sources", "tablets", "formulas_m2", "review_adverse_events"})
"""The objects whose keys are names: their keys are listed as one."""

Keys = dict[str, set[str]]


def json_keys() -> tuple[Mapping[str, Keys], Mapping[str, Keys]]:
    """Return the keys of each command's answers and of the shared objects, with their kinds."""
    known = frozenset(command_parsers())
    commands: dict[str, Keys] = {}
    shared: dict[str, Keys] = {name: {} for name in _SHARED}
    with _ANSWERS.open(encoding="utf-8") as lines:
        for line in lines:
            answer = json.loads(line)
            if answer.get("json") is not None:
                keys = commands.setdefault(words_of(answer["typed"], known), {})
                _collect(answer["json"], "", keys, shared)
    return commands, shared


def words_of(typed: Iterable[str], known: AbstractSet[str]) -> str:
    """Return the words of a command: those before its first option or record number."""
    words = ""
    for word in typed:
        if f"{words} {word}".strip() not in known:
            break
        words = f"{words} {word}".strip()
    return words


def _collect(value: object, path: str, keys: Keys, shared: Mapping[str, Keys]) -> None:
    match value:
        case dict():
            name = next((name for name, has in _SHARED.items() if has <= value.keys()), None)
            if name and path:
                keys.setdefault(path, set()).add(f"[{name}](#{name})")
                path, keys = "", shared[name]
            elif path:
                keys.setdefault(path, set()).add("object")
            named = path.rpartition(".")[2] in _NAMED
            for key, inside in value.items():
                _collect(inside, f"{path}.{'NAME' if named else key}".strip("."), keys, shared)
        case list():
            if path:
                keys.setdefault(path, set()).add("list")
            for each in value:
                _collect(each, f"{path}[]", keys, shared)
        case _:
            keys.setdefault(path, set()).add(_KINDS[type(value)])


_KINDS: Mapping[type, str] = {
    bool: "true or false", int: "number", float: "number", str: "text", type(None): "null",
}  # fmt: skip


def keys_page() -> str:
    """Return the page of the keys of JSON."""
    commands, shared = json_keys()
    return _KEYS.format(
        made=MADE,
        commands="\n".join(
            f"## sirolimus {words} --json\n\n{_rows(keys)}\n" for words, keys in commands.items()
        ),
        shared="\n".join(f"### {name}\n\n{_rows(keys)}\n" for name, keys in shared.items()).strip(),
    )


def _rows(keys: Keys) -> str:
    rows = ((f"`{key}`", " or ".join(sorted(kinds))) for key, kinds in sorted(keys.items()))
    return table(("key", "value"), rows)

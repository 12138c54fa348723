"""The pages of the reference that are made from the program."""

import json

from tests.project.markdown import DOCS, ROOT
from tests.project.reference import command_parsers, json_keys, words_of

OPTIONS = (DOCS / "command-options.md").read_text(encoding="utf-8")
KNOWN = frozenset(command_parsers())
KEYS = (DOCS / "json-keys.md").read_text(encoding="utf-8")


def test_every_command_has_a_section_with_a_sentence_and_its_options() -> None:
    for words, parser in command_parsers().items():
        heading = f"\n## sirolimus {words}\n\n"
        assert OPTIONS.count(heading) == 1
        section = OPTIONS.split(heading)[1].split("\n## ")[0]
        assert section[0].isalpha(), words
        for option in parser._option_string_actions:  # noqa: SLF001 - argparse has no public list
            assert option in {"-h", "--help"} or f"| `{option}" in section, (words, option)


def test_the_words_of_a_command_end_where_its_arguments_begin() -> None:
    assert words_of(["level", "list", "DEMO-01", "--json"], KNOWN) == "level list"
    assert words_of(["due", "level"], KNOWN) == "due"


def test_every_top_level_key_of_a_recorded_answer_is_listed_under_its_command() -> None:
    commands, _ = json_keys()
    lines = (ROOT / "tests" / "promises" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        answer = json.loads(line)
        if isinstance(answer["json"], dict):
            assert answer["json"].keys() <= commands[words_of(answer["typed"], KNOWN)].keys()


def test_what_an_object_holds_is_listed_once_and_names_are_no_keys() -> None:
    commands, shared = json_keys()
    assert {"given_mg", "volume_ml", "parts[].mg"} <= shared["dose"].keys()
    assert "[dose](#dose)" in commands["advise"]["recommendation.dose"]
    assert "dose.given_mg" not in commands["advise"]
    assert "`sources.NAME`" in KEYS
    assert "nadal2016" not in KEYS

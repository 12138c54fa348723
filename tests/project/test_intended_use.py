"""The intended use, held to the code: its commands, protocols, ages, models and languages."""

import argparse
import re
from collections.abc import Mapping

from dosing import PROTOCOLS, REVIEW
from dosing.knowledge.limits import (
    INFANT_BELOW_MONTHS,
    LIMITS,
    YOUNG_INFANT_BELOW_MONTHS,
)
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.pharmacokinetics import MODEL_KEYS, model_named
from reports.languages import LANGUAGES
from tests.project.render import DOCS
from tui.cli.main import build_parser

PAGE = (DOCS / "intended-use.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this heading."""
    table = re.search(rf"^\| {heading} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def commands() -> Mapping[str, argparse.ArgumentParser]:
    """Return the parser of each command."""
    (subcommands,) = (
        action
        for action in build_parser()._actions  # noqa: SLF001 - argparse has no public list of them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - as above
    )
    return subcommands.choices


def test_every_command_has_its_task_and_every_one_named_exists() -> None:
    named = {name for *_, commands in rows("task") for name in re.findall(r"`(.+?)`", commands)}
    assert named | {"kinetics"} == set(commands())


def test_every_protocol_is_named_with_whom_it_is_for() -> None:
    found = {key.split("`")[1]: (key, whom) for key, whom in rows("protocol")}
    assert list(found) == list(PROTOCOLS)
    for key, (shown, whom) in found.items():
        assert ("default" in shown) == (key == REVIEW.key)
        words = PROTOCOLS[key].whom
        assert whom.startswith(words) or words.endswith(whom), key


def test_every_model_is_named_with_its_population() -> None:
    found = {key.split("`")[1]: (key, made_from) for key, made_from in rows("model")}
    assert set(found) == set(MODEL_KEYS)
    for key, (shown, made_from) in found.items():
        assert shown == f"`{key}`"
        assert made_from == model_named(key).population


def test_the_ages_are_those_of_the_limits() -> None:
    bounds = {limit.out_of_bounds for limit in LIMITS if limit.code == "age-out-of-range"}
    text = " ".join(PAGE.split())
    accepted = re.search(r"Ages from (\d+) to (\d+) years", text)
    assert accepted
    assert bounds == {f"below {accepted[1]} years", f"above {accepted[2]} years"}
    assert f"Under {YOUNG_INFANT_BELOW_MONTHS} months a dose of the default protocol" in text
    assert f"under {INFANT_BELOW_MONTHS} months clearance still matures" in text
    assert f"From {ADULT_FROM_MONTHS / 12} years on the limits are those of adults" in text


def test_the_family_alone_has_pages_in_other_languages() -> None:
    assert "**Language**: English." in PAGE
    assert "seven other languages" in PAGE
    assert len(LANGUAGES) - 1 == 7
    assert "--language" in commands()["report"].format_help()

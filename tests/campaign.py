"""How many cases the campaigns of random cases try: the one place that decides it.

A test marked `campaign` tries a size, a repetition or a real terminal beyond the specification. The
README's command leaves it out; `-m campaign` runs it, and the environment variable
SIROLIMUS_CAMPAIGN=full runs it with all others, at the numbers that docs/development.md reports,
and with those marked `full_size`, which nothing else runs.
Without the variable the numbers are the usual ones, with `brief` a quarter of these: enough to show
that another Python does the same, where the usual ones ran on one.
"""

import os

import pytest

_CAMPAIGN = os.environ.get("SIROLIMUS_CAMPAIGN", "")
if _CAMPAIGN not in {"", "brief", "full"}:
    raise SystemExit(f"SIROLIMUS_CAMPAIGN is brief, full or not set, not {_CAMPAIGN!r}")

FULL = _CAMPAIGN == "full"
"""Every campaign runs, at its full size."""


def cases(usual: int, full: int | None = None) -> int:
    """Return how many cases to try; where `full` is not given, the usual number is the full one."""
    if FULL and full is not None:
        return full
    return -(-usual // 4) if _CAMPAIGN == "brief" else usual


def sizes(few: int, usual: int, full: int | None = None) -> pytest.MarkDecorator:
    """Give a test its `size`: few cases to show it at all, and the usual number as a campaign."""
    many = pytest.param(cases(usual, full), marks=pytest.mark.campaign, id="many")
    return pytest.mark.parametrize("size", [pytest.param(few, id="few"), many])

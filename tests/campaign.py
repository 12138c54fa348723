"""How many cases the campaigns of random cases try: the one place that decides it.

The environment variable SIROLIMUS_CAMPAIGN says `full` for the numbers that docs/development.md
reports, nothing for the usual ones, and `brief` for a quarter of these: enough to show that another
Python does the same, where the usual ones ran on one.
"""

import os

_CAMPAIGN = os.environ.get("SIROLIMUS_CAMPAIGN", "")
if _CAMPAIGN not in {"", "brief", "full"}:
    raise SystemExit(f"SIROLIMUS_CAMPAIGN is brief, full or not set, not {_CAMPAIGN!r}")


def cases(usual: int, full: int | None = None) -> int:
    """Return how many cases to try; where `full` is not given, the usual number is the full one."""
    if _CAMPAIGN == "full" and full is not None:
        return full
    return -(-usual // 4) if _CAMPAIGN == "brief" else usual

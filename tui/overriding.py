"""`--override REASON --by NAME`: passing a stop that a documented reason can pass."""

import argparse

from dosing import Override, UserError


def override_of(options: argparse.Namespace) -> Override | None:
    """Return the override that the options state; raise `UserError` for one without the other."""
    if options.override is None and options.by is None:
        return None
    if options.override is None or options.by is None:
        raise UserError("An override needs both: --override REASON and --by NAME.")
    return Override(options.override, options.by)

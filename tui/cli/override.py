"""The options that pass a stop with a documented reason."""

import argparse

from dosing import Override, UserError


def add_override_options(parser: argparse._ActionsContainer) -> None:
    """Add the options --override and --by."""
    parser.add_argument(
        "--override",
        metavar="REASON",
        help="pass the stops that a documented reason can pass; needs --by",
    )
    parser.add_argument("--by", metavar="NAME", help="who overrides")


def override_of(options: argparse.Namespace) -> Override | None:
    """Return the override that was given, or None; raise `UserError` for half of one."""
    if options.override is None and options.by is None:
        return None
    if options.override is None or options.by is None:
        raise UserError("An override needs both: --override REASON and --by NAME.")
    return Override(options.override, options.by)

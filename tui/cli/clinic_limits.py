"""`sirolimus clinic limits`: the limits that a clinic may change, and the set that it signed."""

import argparse
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from dosing import UserError, json_number
from dosing.knowledge.clinic_limits import CHANGEABLE, changeable, check_order, fixed_limits
from dosing.knowledge.references import PROPOSED
from monitoring.limit_sets import LimitSets
from monitoring.times import Moment, short
from tui.cli.output import ExitCode, print_json
from tui.cli.records import add_records_options, open_chosen, print_warning
from tui.cli.typed_times import typed_day

if TYPE_CHECKING:
    from monitoring.record.entries import StoredEntry
    from monitoring.record.limit_set import LimitSet
    from monitoring.store.store import Store
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The proposed limits that a clinic may change: value, range and use, the set in
force and who signed it. A figure that a source states is fixed. A changed value
takes effect once the set is signed; on a server, an owner changes and signs."""

_EXAMPLE = """\
Example:
  sirolimus clinic limits set dose-caution-child "2.5 mg/m²/day" \\
      --reason "local guideline" --by "Dr Example"
  sirolimus clinic limits sign --by "Dr Example" """

_CONFIRMED = "confirmed for the clinic"
_BACK = "back to the program's own value"


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command, its actions and their options."""
    parser = commands.add_parser(
        "clinic limits", help=summary, description=_DESCRIPTION, epilog=_EXAMPLE
    )
    add_records_options(parser, json_too=True)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    change = _action(actions, "set", "change one value; it waits for a signature")
    change.add_argument("name", metavar="NAME", help="the limit, as listed")
    change.add_argument("value", metavar="VALUE", help='with its unit: "2.5 mg/m²/day"')
    change.add_argument("--reason", required=True, help="why the clinic wants it")
    change.set_defaults(run=run_set)
    sign = _action(actions, "sign", "sign the set as it is now: it is in force from then on")
    sign.add_argument("--on", metavar="DATE", default=None, help="year-month-day (default: today)")
    sign.add_argument("--reason", default=_CONFIRMED, help=f"why (default: {_CONFIRMED})")
    sign.set_defaults(run=run_sign)
    reset = _action(actions, "reset", "bring one value back to the program's own")
    reset.add_argument("name", metavar="NAME", help="the limit, as listed")
    reset.add_argument("--reason", default=_BACK, help=f"why (default: {_BACK})")
    reset.set_defaults(run=run_reset)
    for action in (change, sign, reset):
        action.add_argument("--by", metavar="WHO", required=True, help="who decides")
        add_records_options(action)


def _action(actions: "argparse._SubParsersAction[Parser]", name: str, summary: str) -> "Parser":
    return actions.add_parser(
        name, help=summary, description=summary.capitalize(), argument_default=argparse.SUPPRESS
    )


def run(options: argparse.Namespace) -> ExitCode:
    """Print the limits, the set in force and the sets of before."""
    store = open_chosen(options).store
    sets = _sets_of(store)
    limits = sets.in_force
    if options.json:
        print_json({"limits": limits.to_dict(), **_document(sets)})
        return ExitCode.DONE
    print(limits.words)
    if limits.is_unread:
        print("Run sirolimus verify, then restore a backup.")
    _print_figures(sets)
    if sets.waiting:
        print("\nNot signed: without effect until sirolimus clinic limits sign --by WHO.")
    if limits.unsigned:
        print(f"\nNewer than the signature: {', '.join(limits.unsigned)}. Sign the set again.")
    _print_sets(sets)
    return ExitCode.DONE


def run_set(options: argparse.Namespace) -> ExitCode:
    """Store the newest set with one other value."""
    return _store_value(options, changeable(options.name).read(options.value))


def run_reset(options: argparse.Namespace) -> ExitCode:
    """Store the newest set with the program's own value of one figure."""
    return _store_value(options, changeable(options.name).value)


def _store_value(options: argparse.Namespace, value: Decimal) -> ExitCode:
    name, store = options.name, open_chosen(options).store
    sets = _sets_of(store)
    changed = sets.with_value(name, value, options.by, options.reason, _today())
    recorded = store.add_limits(changed, sets.revision)
    limit, before = changeable(name), sets.newest.value_of(name)
    print(f"Set {recorded.number}: {name} {limit.shown(value)}, before {limit.shown(before)}.")
    print("It has no effect until it is signed: sirolimus clinic limits sign --by WHO")
    try:
        check_order(dict(changed.limits.values))
    except UserError as error:
        print_warning(f"This set cannot be signed: {error}")
    return ExitCode.DONE


def run_sign(options: argparse.Namespace) -> ExitCode:
    """Store the newest set with a signature."""
    today = _today()
    on = today if options.on is None else typed_day(options.on, "On")
    store = open_chosen(options).store
    sets = _sets_of(store)
    signed = sets.signed(options.by, options.reason, on, today)
    recorded = store.add_limits(signed, sets.revision)
    print(f"Set {recorded.number} is in force. {recorded.entry.limits.words}")
    changed = recorded.entry.limits.changed
    for name, value in changed.items():
        limit = CHANGEABLE[name]
        print(f"  {name}: {limit.shown(value)} instead of {limit.shown(limit.value)}")
    if not changed:
        print("  Every value is the program's own.")
    return ExitCode.DONE


def _sets_of(store: "Store") -> LimitSets:
    return LimitSets(store.limit_sets(), store.limits())


def _today() -> date:
    return Moment.now().local.date()


def _print_figures(sets: LimitSets) -> None:
    from tui.cli.page import print_rows  # noqa: PLC0415 - JSON needs no table

    print("\nChanged by the clinic with `sirolimus clinic limits set` (name, value, range, use):")
    print_rows(_figure_rows(sets))
    print("\nProposed, and fixed in this version:")
    print_rows((f"  {each.value}", f"{each.what}: {each.use}") for each in fixed_limits())


def _figure_rows(sets: LimitSets) -> Iterator[tuple[str, str]]:
    now, newest = sets.in_force, sets.newest
    for name, limit in CHANGEABLE.items():
        value, next_value = now.value_of(name), newest.value_of(name)
        own = "" if value == limit.value else f", the program's own is {limit.shown(limit.value)}"
        waits = "" if next_value == value else f", not signed: {limit.shown(next_value)}"
        use = f"{limit.what}: {limit.use}"
        yield f"  {name}", f"{limit.shown(value)}{own}{waits} ({limit.range_words}). {use}"


def _print_sets(sets: LimitSets) -> None:
    if not sets.stored:
        return
    print("\nSets, the oldest first:")
    for each in sets.stored:
        print(f"  {_line(each)}")


def _line(stored: "StoredEntry[LimitSet]") -> str:
    entry = stored.entry
    what = "signed" if entry.is_signed else "changed"
    changed = ", ".join(
        f"{name} {CHANGEABLE[name].shown(value)}" for name, value in entry.limits.changed.items()
    )
    return (
        f"{stored.number}. {what} on {short(entry.on)} by {entry.decided_by}: {entry.reason}. "
        f"Hash {entry.limits.short_hash}; {changed or 'every value is the program’s own'}; "
        f"recorded by {stored.author.by}, {short(stored.author.at)}"
    )


def _document(sets: LimitSets) -> dict[str, object]:
    now, newest = sets.in_force, sets.newest
    return {
        "figures": [
            {
                "name": name,
                "what": limit.what,
                "value": json_number(now.value_of(name)),
                "unit": limit.unit,
                "default": json_number(limit.value),
                "lowest": json_number(limit.lowest),
                "highest": json_number(limit.highest),
                "not_signed": json_number(newest.value_of(name)) if sets.waiting else None,
                "use": limit.use,
                "source": PROPOSED,
            }
            for name, limit in CHANGEABLE.items()
        ],
        "fixed": [
            {"what": each.what, "value": each.value, "use": each.use} for each in fixed_limits()
        ],
        "sets": [
            {
                "number": each.number,
                "on": str(each.entry.on),
                "by": each.entry.decided_by,
                "reason": each.entry.reason,
                "is_signed": each.entry.is_signed,
                "hash": each.entry.limits.hash,
                "changed": {
                    name: json_number(value) for name, value in each.entry.limits.changed.items()
                },
                "written": str(each.author.at),
                "written_by": each.author.by,
            }
            for each in sets.stored
        ],
    }

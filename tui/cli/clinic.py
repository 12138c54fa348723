"""`sirolimus clinic`: the roles of a clinic's logins on a PostgreSQL server."""

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from tui.cli.output import ExitCode, print_json
from tui.cli.parser import add_place_option

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from monitoring.store.connection import Place
    from tui.cli.parser import Parser

_DESCRIPTION = """\
The clinic's records on a PostgreSQL server: a database of their own, and a role
for each login. A reader reads; a writer adds entries; a voider also voids those
of others; an owner makes, upgrades and restores the records, with a login used
for nothing else. docs/postgresql.md describes the setting up."""

_ROLES = ("reader", "writer", "voider", "owner", "none")


def add_to(commands: "argparse._SubParsersAction[Parser]", summary: str) -> None:
    """Add the command, its actions and their options."""
    parser = commands.add_parser("clinic", help=summary, description=_DESCRIPTION)
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make the records and the roles in a database")
    init.set_defaults(run=run_init)
    grant = actions.add_parser("grant", help="give a login a role, in place of any other")
    grant.add_argument("login", metavar="LOGIN", help="the name of the login on the server")
    grant.add_argument("role", metavar="ROLE", choices=_ROLES, help=", ".join(_ROLES))
    grant.set_defaults(run=run_grant)
    roles = actions.add_parser("roles", help="list the logins and their roles")
    roles.set_defaults(run=run_roles)
    for action in (init, grant, roles):
        add_place_option(action)
    roles.add_argument("--json", action="store_true", help="print JSON and nothing else")


def run_init(options: argparse.Namespace) -> ExitCode:
    """Set the clinic up; records that are there are upgraded, and keep their entries."""
    from monitoring.store.backup import automatic_backup  # noqa: PLC0415 - the database is heavy
    from monitoring.store.server.clinic import init_clinic  # noqa: PLC0415 - as above

    place, engine = _chosen(options)
    database = init_clinic(engine, partial(automatic_backup, engine, place, "before-upgrade"))
    print(f"The clinic is set up in the database {database}.")
    print("Give each login a role: sirolimus clinic grant LOGIN reader|writer|voider|owner")
    return ExitCode.DONE


def run_grant(options: argparse.Namespace) -> ExitCode:
    """Give a login a role."""
    from monitoring.store.server.clinic import grant_role  # noqa: PLC0415 - the database is heavy
    from monitoring.store.server.roles import ClinicRole  # noqa: PLC0415 - as above

    role = None if options.role == "none" else ClinicRole(options.role)
    _, engine = _chosen(options)
    database = grant_role(engine, options.login, role)
    print(f"{options.login} has the role {options.role} in the database {database}.")
    return ExitCode.DONE


def run_roles(options: argparse.Namespace) -> ExitCode:
    """List the logins and their roles."""
    from monitoring.store.server.clinic import list_roles  # noqa: PLC0415 - the database is heavy
    from tui.cli.page import print_rows  # noqa: PLC0415 - JSON needs no table

    _, engine = _chosen(options)
    members = list_roles(engine)
    if options.json:
        print_json([{"login": each.login, "role": each.role} for each in members])
    else:
        print_rows((each.login, each.role) for each in members)
    return ExitCode.DONE


def _chosen(options: argparse.Namespace) -> "tuple[Place, Engine]":
    """Return the place of the records and an engine on its server; nothing is made there."""
    from monitoring.store.connection import Place  # noqa: PLC0415 - as above
    from monitoring.store.server.clinic import engine_of_clinic  # noqa: PLC0415 - the database is heavy

    place = Place.of(options.records or os.environ.get("SIROLIMUS_RECORDS") or None)
    return place, engine_of_clinic(place)

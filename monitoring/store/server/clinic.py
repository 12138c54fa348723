"""A clinic on a PostgreSQL server: its database, the groups that have its roles, their logins.

A clinic is a database of its own (see docs/decisions/one-database-a-clinic.md). Nobody connects to
it without a role in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text

from dosing import clean
from monitoring.store.connection import Place, engine_of, reading, writing
from monitoring.store.errors import RecordsError
from monitoring.store.schema import prepare
from monitoring.store.server.connecting import refuse_unclear_login
from monitoring.store.server.guards import BODIES
from monitoring.store.server.roles import (
    ClinicRole,
    database_of,
    give_rights,
    group_of,
    is_role,
    run,
)
from monitoring.store.tables import METADATA

_LONGEST_NAME_BYTES = 63  # PostgreSQL cuts a longer name
_INCLUDES = {ClinicRole.WRITER: ClinicRole.READER, ClinicRole.VOIDER: ClinicRole.WRITER}
_TABLES = (*METADATA.tables, "alembic_version")


@dataclass(frozen=True, slots=True)
class Member:
    """A login and its role: one of the clinic's, or `superuser`, whom nothing restrains."""

    login: str
    role: str


def engine_of_clinic(place: Place) -> Engine:
    """Return an engine on the server of a clinic. Raises `RecordsError` for a file."""
    if place.file is not None:
        raise RecordsError(
            "Roles are those of a PostgreSQL server, and these records are a file. Whoever may "
            "read and write the file may use them."
        )
    return engine_of(place)


def init_clinic(engine: Engine, before_upgrade: Callable[[], object]) -> str:
    """Make the schema and the groups of a clinic in its database, and return the database's name.

    Records that are there keep their entries. A second call completes a first one.
    Raises `RecordsError` for groups of that name that somebody else made.
    """
    with writing(engine, "set up the clinic", has_trail=False) as connection:
        database = database_of(connection)
        _make_groups(connection, database)
        _restrict_database(connection, database)
        _hand_over(connection, group_of(database, ClinicRole.OWNER))
        give_rights(connection)
    prepare(engine, before_upgrade)
    return database


def grant_role(engine: Engine, login: str, role: ClinicRole | None) -> str:
    """Give a login a role in place of any other, or none, and return the database's name.

    Raises `RecordsError` for a clinic that is not set up, a login that does not exist or could be
    mistaken, and an owner who has another role or the other way round.
    """
    refuse_unclear_login(login)
    with writing(engine, "grant the role", has_trail=False) as connection:
        database = database_of(connection)
        _refuse_without_groups(connection, database)
        if not is_role(connection, login):
            raise RecordsError(
                f"The login {clean(login)} does not exist. Its administrator makes it with "
                "createuser --pwprompt."
            )
        held = {each.role for each in _members(connection, database) if each.login == login}
        _refuse_mixed(login, held, role)
        for each in ClinicRole:
            run(connection, "REVOKE {} FROM {}", group_of(database, each), login)
        if role is not None:
            run(connection, "GRANT {} TO {}", group_of(database, role), login)
    return database


def list_roles(engine: Engine) -> tuple[Member, ...]:
    """Return the logins that may use the clinic's database, by name, each with its highest role.

    Raises `RecordsError` for a clinic that is not set up.
    """
    with reading(engine, "read the roles") as connection:
        database = database_of(connection)
        _refuse_without_groups(connection, database)
        return _members(connection, database)


def _members(connection: Connection, database: str) -> tuple[Member, ...]:
    """Return the logins that are members of a group, directly or by another role."""
    superusers = text("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolsuper")
    found = dict.fromkeys(connection.execute(superusers).scalars(), "superuser")
    query = text(
        "SELECT each.rolname FROM pg_roles each, pg_roles held"
        " WHERE each.rolcanlogin AND NOT each.rolsuper AND held.rolname = :name"
        " AND pg_has_role(each.oid, held.oid, 'MEMBER')"
    )
    for role in reversed(ClinicRole):
        for login in connection.execute(query, {"name": group_of(database, role)}).scalars():
            found.setdefault(login, role.value)
    return tuple(Member(login, role) for login, role in sorted(found.items()))


def _refuse_without_groups(connection: Connection, database: str) -> None:
    if not all(is_role(connection, group_of(database, role)) for role in ClinicRole):
        raise RecordsError(
            "The clinic has no roles yet. Let an administrator run `sirolimus clinic init`."
        )


def _refuse_mixed(login: str, held: set[str], role: ClinicRole | None) -> None:
    if "superuser" in held:
        raise RecordsError(
            f"The login {login} is a superuser, whom no role restrains. Use another login."
        )
    before = held - {role}
    if role is not None and before and ClinicRole.OWNER in {role, *before}:
        raise RecordsError(
            f"The login {login} has the role {min(before)}. An owner's login has no other role: "
            "use another login."
        )


def _make_groups(connection: Connection, database: str) -> None:
    for role in ClinicRole:
        group = group_of(database, role)
        if len(group.encode()) > _LONGEST_NAME_BYTES:
            raise RecordsError("The name of the database is too long. Choose a shorter one.")
        if not is_role(connection, group):
            run(connection, "CREATE ROLE {} NOLOGIN", group)
            mark = f"COMMENT ON ROLE {{}} IS '{_mark(role)}'"
            run(connection, mark, group)
        elif not _is_ours(connection, group, role):
            raise RecordsError(
                f"The server has another role {clean(group)}. Rename it, or the database."
            )
    for role, included in _INCLUDES.items():
        run(connection, "GRANT {} TO {}", group_of(database, included), group_of(database, role))


def _mark(role: ClinicRole) -> str:
    return f"sirolimus clinic: {role}"


def _is_ours(connection: Connection, group: str, role: ClinicRole) -> bool:
    query = text(
        "SELECT NOT rolcanlogin AND shobj_description(oid, 'pg_authid') = :mark"
        " FROM pg_roles WHERE rolname = :name"
    )
    return bool(connection.execute(query, {"name": group, "mark": _mark(role)}).scalar())


def _restrict_database(connection: Connection, database: str) -> None:
    """Let nobody but the groups connect, and nobody but the owner make tables."""
    reader, owner = (group_of(database, each) for each in (ClinicRole.READER, ClinicRole.OWNER))
    schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
    run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    run(connection, "REVOKE ALL ON SCHEMA {} FROM PUBLIC", schema)
    run(connection, "GRANT CONNECT ON DATABASE {} TO {}, {}", database, reader, owner)
    run(connection, "GRANT USAGE ON SCHEMA {} TO {}", schema, reader)
    run(connection, "GRANT USAGE, CREATE ON SCHEMA {} TO {}", schema, owner)


def _hand_over(connection: Connection, owner: str) -> None:
    """Make the group of owners the owner of what is there, and this login a member of it."""
    is_superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = session_user"
    if not connection.exec_driver_sql(is_superuser).scalar():
        login = str(connection.exec_driver_sql("SELECT session_user").scalar())
        run(connection, "GRANT {} TO {}", owner, login)
    for table in sorted(set(_TABLES) & set(inspect(connection).get_table_names())):
        run(connection, "ALTER TABLE {} OWNER TO {}", table, owner)
    query = text("SELECT 1 FROM pg_proc WHERE proname = :name")
    for function in BODIES:
        if connection.execute(query, {"name": function}).first() is not None:
            run(connection, "ALTER FUNCTION {} OWNER TO {}", function, owner)

"""The roles of a clinic on PostgreSQL, and the rights of each on the tables.

A clinic is a database of its own, and its roles are groups named after it: `clinic_reader`,
`clinic_writer`, `clinic_voider` and `clinic_owner` of the database `clinic`. A login is a member of
one. The owner owns the tables: it makes, upgrades and restores them.
"""

from enum import StrEnum

from sqlalchemy import Connection, inspect, text

from monitoring.store.tables import METADATA, OF_OWNERS, REPLACED


class ClinicRole(StrEnum):
    """The rights of a login, the later ones including the earlier, apart from the owner."""

    READER = "reader"
    WRITER = "writer"
    VOIDER = "voider"
    OWNER = "owner"


def group_of(database: str, role: ClinicRole) -> str:
    """Return the name of the group that has a role in a database."""
    return f"{database}_{role}"


def database_of(connection: Connection) -> str:
    """Return the name of the database."""
    return str(connection.exec_driver_sql("SELECT current_database()").scalar())


def become_owner(connection: Connection) -> None:
    """Let the group of owners own what this transaction creates, where the login is one of them."""
    group = group_of(database_of(connection), ClinicRole.OWNER)
    if _is_member(connection, group):
        run(connection, "SET LOCAL ROLE {}", group)


def give_rights(connection: Connection) -> None:
    """Give the groups of this database their rights on the tables that are there."""
    database = database_of(connection)
    groups = {role: group_of(database, role) for role in ClinicRole}
    if not all(is_role(connection, group) for group in groups.values()):
        return
    tables = set(inspect(connection).get_table_names())
    for name in sorted(tables):
        run(connection, "GRANT SELECT ON {} TO {}", name, groups[ClinicRole.READER])
    for name in sorted(tables & METADATA.tables.keys() - {each.name for each in OF_OWNERS}):
        run(connection, "GRANT INSERT ON {} TO {}", name, groups[ClinicRole.WRITER])
    for name in sorted(tables & {each.name for each in REPLACED}):
        run(connection, "GRANT UPDATE ON {} TO {}", name, groups[ClinicRole.WRITER])


def run(connection: Connection, statement: str, *names: str) -> None:
    """Run a statement with names in the places of its braces, quoted: no name ends the quotes."""
    from psycopg import sql  # noqa: PLC0415 - records in a file need no driver

    quoted = sql.SQL(statement).format(*map(sql.Identifier, names)).as_string(None)
    # A % in a name is no place for a value.
    connection.exec_driver_sql(quoted, execution_options={"no_parameters": True})


def is_role(connection: Connection, name: str) -> bool:
    """Return whether a role or login of this name is on the server."""
    query = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    return connection.execute(query, {"name": name}).first() is not None


def _is_member(connection: Connection, group: str) -> bool:
    query = text(
        "SELECT 1 FROM pg_roles WHERE rolname = :name AND pg_has_role(session_user, oid, 'MEMBER')"
    )
    return connection.execute(query, {"name": group}).first() is not None

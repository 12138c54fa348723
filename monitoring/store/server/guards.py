"""The refusals of the database itself: the functions and triggers on PostgreSQL.

A row is never changed or removed. The author of a new entry is the login, by itself or on behalf of
somebody; only the owner copies the entries of others (`let_copies_pass`). An entry is voided by its
author, by a login with the role voider, or by the owner.
"""

from sqlalchemy import Connection

from monitoring.store.tables import AUDIT, TABLES

AUTHOR_REFUSED = "SR001"
VOID_REFUSED = "SR002"
SEARCH_PATH = "pg_catalog, pg_temp"

_IS_OWNER = (
    "pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')"
)
_IS_COPY = f"current_setting('sirolimus.copying', true) = 'on' AND {_IS_OWNER}"

BODIES = {
    "rows_stay": " BEGIN RAISE EXCEPTION 'rows are never changed'; END ",
    "author_is_login": f"""
BEGIN
    IF NEW."by" = session_user OR starts_with(NEW."by", session_user || ' on behalf of ')
        OR ({_IS_COPY})
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the author is not the login' USING ERRCODE = '{AUTHOR_REFUSED}';
END
""",
    "void_is_allowed": f"""
DECLARE
    author text;
BEGIN
    EXECUTE format('SELECT "by" FROM %I.audit WHERE number = $1', TG_TABLE_SCHEMA)
        INTO author USING NEW."of";
    IF author = session_user OR starts_with(author, session_user || ' on behalf of ')
        OR EXISTS (
            SELECT FROM pg_roles WHERE rolname = current_database() || '_voider'
                AND pg_has_role(session_user, oid, 'MEMBER')
        )
        OR {_IS_OWNER}
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the entry is another author''s' USING ERRCODE = '{VOID_REFUSED}';
END
""",  # noqa: S608 - our own constants
}
"""The functions of the triggers by name, as PostgreSQL keeps them (`pg_proc.prosrc`)."""

ON_INSERT = {
    f"{AUDIT.name}_author": (AUDIT.name, "author_is_login"),
    f"{TABLES['void'].name}_allowed": (TABLES["void"].name, "void_is_allowed"),
}
"""The triggers on new entries by name: the table and the function of each."""


def guard_authors(connection: Connection) -> None:
    """Create the functions and triggers on new entries.

    Their search path is fixed: a login's own tables and operators cannot take the place of ours.
    """
    options = {"no_parameters": True}  # a % is no place for a value
    for trigger, (table, function) in ON_INSERT.items():
        connection.exec_driver_sql(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {SEARCH_PATH} AS $${BODIES[function]}$$",
            execution_options=options,
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def let_copies_pass(connection: Connection) -> None:
    """Let the owner store entries of other authors, until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL sirolimus.copying = 'on'")

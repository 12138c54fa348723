"""The schema: created in an empty database, upgraded in an older one.

An upgrade is one transaction: it leaves the old schema or the new one. The program and version that
made the records are checked first: a foreign file and newer records are left unchanged.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from dosing import clean
from monitoring.store.connection import (
    APPLICATION_ID,
    encryption_of,
    engine_in_memory,
    reading,
    writing,
)
from monitoring.store.encryption.seal import drop_seals, make_seals, wrong_seals
from monitoring.store.errors import (
    DamagedError,
    NewerError,
    NoRecordsError,
    RecordsError,
    translate_database_errors,
)
from monitoring.store.server.guards import BODIES, ON_INSERT, SEARCH_PATH
from monitoring.store.server.roles import become_owner, give_rights
from monitoring.store.tables import AUDIT, METADATA, REPLACED, TABLES

REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011",
)  # fmt: skip
"""Every revision, the oldest first; a test holds it to the migrations."""
HEAD = REVISIONS[-1]

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_ADDED_LATER = frozenset(
    {
        "condition",
        "level_cause",
        "settlement",
        "dose_check",
        "clinic_limits",
        "removal",
        "supply",
    }
)
"""The tables that the first schema did not have."""


def prepare(engine: Engine, before_upgrade: Callable[[], object], *, create: bool = True) -> bool:
    """Create or upgrade the schema; `before_upgrade` is called before an upgrade.

    Return whether new records were begun, in an empty database. Raises
    `NoRecordsError` for an empty database without `create`, `RecordsError` for a foreign one and
    for records of a newer version.
    """
    with reading(engine, "open the records") as connection:
        revision = _revision(connection)
        is_empty = not inspect(connection).get_table_names()
        _refuse_foreign(connection, revision, is_empty=is_empty)
    if revision == HEAD:
        return False
    _refuse_unknown(revision)
    if is_empty and not create:
        raise NoRecordsError(
            "There are no records in this database. Begin them with `sirolimus patient add`."
        )
    if not is_empty:
        before_upgrade()
    with writing(engine, "upgrade the records", has_trail=False) as connection:
        upgrade(connection)
    return is_empty


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Bring the schema up to a revision in the transaction of `connection`."""
    from alembic import command  # noqa: PLC0415 - only an upgrade needs it
    from alembic.config import Config  # noqa: PLC0415

    on_server = connection.dialect.name == "postgresql"
    if on_server:
        become_owner(connection)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if on_server:
        give_rights(connection)
    else:
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    if encryption_of(connection):
        make_seals(connection)


@contextmanager
def open_unchanged(engine: Engine) -> Iterator[Engine]:
    """Give an engine on the records of a file as they are after an upgrade, without writing to it.

    Records of an older schema are upgraded in memory. Raises `RecordsError` as `prepare` does.
    """
    with reading(engine, "open the records") as connection:
        revision = _revision(connection)
        is_empty = not inspect(connection).get_table_names()
        _refuse_foreign(connection, revision, is_empty=is_empty)
        _refuse_unknown(revision)
    if revision == HEAD:
        yield engine
        return
    encryption = encryption_of(engine)
    if encryption:
        with engine_in_memory(encryption) as copy:
            _copy_sealed(engine, copy)
            yield copy
        return
    with engine_in_memory() as copy, translate_database_errors("open the records"):
        with closing(engine.raw_connection()) as old, closing(copy.raw_connection()) as new:
            cast("Any", old.driver_connection).backup(new.driver_connection)
        with writing(copy, "upgrade the records", has_trail=False) as connection:
            upgrade(connection)
        yield copy


def _copy_sealed(engine: Engine, copy: Engine) -> None:
    """Copy encrypted records into memory, change by change: SQLite cannot read their pages."""
    from monitoring.store.copying import (  # noqa: PLC0415 - here only
        copy_beside_trail,
        read_changes,
        write_changes,
    )

    with reading(engine, "open the records") as old, writing(copy, "open the records") as new:
        if any(wrong_seals(old)):
            raise DamagedError("The backup is damaged: its seals are wrong. Choose another one.")
        upgrade(new)
        write_changes(new, read_changes(old))
        copy_beside_trail(old, new)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 - our own constant


def _refuse_foreign(connection: Connection, revision: str | None, *, is_empty: bool) -> None:
    if not is_empty and (revision is None or not _is_ours(connection)):
        raise DamagedError("This database was not made by this program. It was left unchanged.")


def _is_ours(connection: Connection) -> bool:
    """Return whether a database carries our mark, beyond a revision of the same name."""
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
    inspector = inspect(connection)
    if not {AUDIT.name, *TABLES} - _ADDED_LATER <= set(inspector.get_table_names()):
        return False
    columns = {column["name"] for column in inspector.get_columns(AUDIT.name)}
    guard = connection.exec_driver_sql("SELECT 1 FROM pg_proc WHERE proname = 'rows_stay'").first()
    return columns == set(AUDIT.columns.keys()) and guard is not None


def _refuse_unknown(revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        is_newer = revision.isdecimal() and revision > HEAD
        which = "a newer" if is_newer else "an unknown"
        raise (NewerError if is_newer else RecordsError)(
            f"These records were made by {which} version of the program: schema {clean(revision)}, "
            f"and this version knows {', '.join(REVISIONS)}. Update the program."
        )


def found_schema(connection: Connection) -> frozenset[tuple[str, ...]]:
    """Return the tables, indexes and triggers of a SQLite database."""
    rows = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
    )
    return frozenset(tuple(row) for row in rows)


@cache
def expected_schema(*, sealed: bool = False) -> frozenset[tuple[str, ...]]:
    """Return the result of `found_schema` for new records, with seals if they are encrypted."""
    engine = create_engine("sqlite://", poolclass=NullPool)  # closes its connection
    with engine.begin() as connection:
        upgrade(connection)
        if sealed:
            make_seals(connection)
        return found_schema(connection)


def guards_found(connection: Connection) -> frozenset[str]:
    """Return the enabled triggers of a PostgreSQL database, their functions, and its rules."""
    triggers = connection.exec_driver_sql(
        "SELECT pg_get_triggerdef(t.oid, true), l.lanname, p.prosrc, p.proconfig "
        "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l "
        "ON l.oid = p.prolang WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
    )
    rules = connection.exec_driver_sql(
        "SELECT definition FROM pg_rules WHERE schemaname NOT IN ('pg_catalog', "
        "'information_schema')"
    )
    return frozenset(_guard(*row) for row in triggers) | frozenset(row[0] for row in rules)


def guards_expected() -> frozenset[str]:
    """Return the triggers of a PostgreSQL database: no row is changed, and authors are logins."""
    stay = (
        _guard(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION rows_stay()",
            "plpgsql",
            BODIES["rows_stay"],
        )
        for table in METADATA.tables.keys() - {each.name for each in REPLACED}
        for event, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
    )
    on_insert = (
        _guard(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()",
            "plpgsql",
            BODIES[function],
            [f"search_path={SEARCH_PATH}"],
        )
        for trigger, (table, function) in ON_INSERT.items()
    )
    return frozenset({*stay, *on_insert})


def _guard(trigger: str, language: str, body: str, settings: object = None) -> str:
    return f"{trigger}: {language} {body} {settings}"


def schema_findings(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield each difference from the schema of this version: its place, and the problem."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        is_same = guards_found(connection) == guards_expected()
    else:
        sealed = encryption_of(connection) is not None
        is_same = found_schema(connection) == expected_schema(sealed=sealed)
    if not is_same:
        yield "the schema", "differs from the one of this version"
    versions = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars().all()  # noqa: S608 - our own constant
    if list(versions) != [HEAD]:
        marked = clean(", ".join(versions)) or "nothing"
        yield "the schema", f"is marked as {marked}, and not as {HEAD} alone"
    marks = () if is_postgresql else (("application_id", APPLICATION_ID), ("user_version", 0))
    for mark, expected in marks:
        found = connection.exec_driver_sql(f"PRAGMA {mark}").scalar()
        if found != expected:
            yield "the file", f"has {mark} {found}, and not {expected}"


def make_anew(connection: Connection) -> None:
    """Drop every table and create them empty, in the transaction of `connection`."""
    METADATA.drop_all(connection)
    if encryption_of(connection):
        drop_seals(connection)
    connection.exec_driver_sql(f"DROP TABLE {_VERSION_TABLE}")
    if connection.dialect.name == "postgresql":
        for function in BODIES:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}")
    upgrade(connection)

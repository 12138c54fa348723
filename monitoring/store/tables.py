"""The tables: one for each kind of entry, and the audit trail that numbers and chains them.

Rows are only ever added, but for the lines of the worklist beside the entries, and until a patient
is removed (`monitoring.store.removing`). A change of a patient is a new row of the patient; a stop
record and a void are rows of their own. On SQLite the tables are STRICT.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from monitoring.record.entry import Entry
from monitoring.record.kinds import KINDS, OF_THE_CLINIC
from monitoring.store.rows import fields_of

METADATA = MetaData()

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_utc", Text, nullable=False),
    Column("at_zone", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("patient", Integer, nullable=False, index=True),
    Column("hash", Text, nullable=False),
    CheckConstraint("length(hash) = 64", name="audit_hash_is_sha256"),
    sqlite_strict=True,
)


def _table(name: str, kind: type[Entry]) -> Table:
    columns = [
        Column(
            column,
            Text if field.codec.is_text else Integer,
            nullable=column in field.nullable_columns,
        )
        for field in fields_of(kind)
        for column in field.columns
    ]
    return Table(
        name,
        METADATA,
        Column("entry", Integer, ForeignKey("audit.number"), primary_key=True, autoincrement=False),
        Column("patient", Integer, nullable=False),
        *columns,
        Index(f"{name}_by_patient", "patient"),
        sqlite_strict=True,
    )


WAITING = Table(
    "waiting",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("received_utc", Text, nullable=False),
    Column("received_zone", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("place_number", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("waiting_by_fingerprint", "fingerprint"),
    sqlite_strict=True,
)
"""Results of unknown patients, outside the audit trail: they are not entries yet."""

WAITING_END = Table(
    "waiting_end",
    METADATA,
    Column("of", Integer, ForeignKey("waiting.number"), primary_key=True, autoincrement=False),
    Column("at_utc", Text, nullable=False),
    Column("at_zone", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_strict=True,
)
"""The end of a wait: the result was imported, or somebody removed it from the list."""

PRINT_LOG = Table(
    "print_log",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_utc", Text, nullable=False),
    Column("at_zone", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("patient", Integer),
    Column("revision", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    sqlite_strict=True,
)
"""The printed pages, each with the build that made it; a page of the clinic has no patient."""

COPY_LOG = Table(
    "copy_log",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_utc", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    sqlite_strict=True,
)
"""The copies that these records come from, such as a backup, each with the build that made it."""

BESIDE_TRAIL = (WAITING, WAITING_END, PRINT_LOG, COPY_LOG)
"""The tables that the audit trail does not cover."""

WORKLIST_LINE = Table(
    "worklist_line",
    METADATA,
    Column("patient", Integer, primary_key=True, autoincrement=False),
    Column("choices", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("rules", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_strict=True,
)
"""The lines of the worklist: made of the records, and made anew where they are missing."""

REPLACED = (WORKLIST_LINE,)
"""The tables whose rows may be replaced: nothing is lost with them, and no copy has them."""

REMOVED = "removed"
"""The kind of a link whose patient was removed: its hash stays, and its row is gone."""

TABLES: dict[str, Table] = {name: _table(name, kind) for name, kind in KINDS.items()}
OF_THE_OWNER = frozenset({*(each.name for each in OF_THE_CLINIC), "removal"})
"""The tables of a server into which the owner alone writes."""
Index("patient_by_record_number", TABLES["patient"].c.record_number)
Index("patient_by_name", TABLES["patient"].c.name)

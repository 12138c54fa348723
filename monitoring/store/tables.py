"""The tables: one for each kind of entry, and the audit trail that numbers and chains them.

Rows are only ever added. A change of a patient is a new row of the patient; a stop record and a
void are rows of their own. On SQLite the tables are STRICT.
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
from monitoring.record.kinds import KINDS
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


TABLES: dict[str, Table] = {name: _table(name, kind) for name, kind in KINDS.items()}
Index("patient_by_record_number", TABLES["patient"].c.record_number)
Index("patient_by_name", TABLES["patient"].c.name)

"""The record: every kind of entry and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=False),
        sa.Column("at_zone", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name="audit_hash_is_sha256"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_patient"), "audit", ["patient"], unique=False)
    op.create_table(
        "adverse_event",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("adverse_event_by_patient", "adverse_event", ["patient"], unique=False)
    op.create_table(
        "co_medication",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("drug", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("co_medication_by_patient", "co_medication", ["patient"], unique=False)
    op.create_table(
        "ending",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=True),
        sa.Column("at_zone", sa.Text(), nullable=True),
        sa.Column("on", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("ending_by_patient", "ending", ["patient"], unique=False)
    op.create_table(
        "laboratory_value",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=False),
        sa.Column("at_zone", sa.Text(), nullable=False),
        sa.Column("value_number", sa.Text(), nullable=False),
        sa.Column("value_unit", sa.Text(), nullable=False),
        sa.Column("comparator", sa.Text(), nullable=True),
        sa.Column("lower_limit_number", sa.Text(), nullable=True),
        sa.Column("lower_limit_unit", sa.Text(), nullable=True),
        sa.Column("upper_limit_number", sa.Text(), nullable=True),
        sa.Column("upper_limit_unit", sa.Text(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("laboratory_value_by_patient", "laboratory_value", ["patient"], unique=False)
    op.create_table(
        "level",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("sampled_utc", sa.Text(), nullable=False),
        sa.Column("sampled_zone", sa.Text(), nullable=False),
        sa.Column("value_number", sa.Text(), nullable=False),
        sa.Column("value_unit", sa.Text(), nullable=False),
        sa.Column("comparator", sa.Text(), nullable=True),
        sa.Column("last_dose_utc", sa.Text(), nullable=True),
        sa.Column("last_dose_zone", sa.Text(), nullable=True),
        sa.Column("assay", sa.Text(), nullable=True),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("level_by_patient", "level", ["patient"], unique=False)
    op.create_table(
        "measurement",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("weight_number", sa.Text(), nullable=True),
        sa.Column("weight_unit", sa.Text(), nullable=True),
        sa.Column("height_number", sa.Text(), nullable=True),
        sa.Column("height_unit", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("measurement_by_patient", "measurement", ["patient"], unique=False)
    op.create_table(
        "missed_dose",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=False),
        sa.Column("at_zone", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until_utc", sa.Text(), nullable=True),
        sa.Column("until_zone", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("missed_dose_by_patient", "missed_dose", ["patient"], unique=False)
    op.create_table(
        "note",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("note_by_patient", "note", ["patient"], unique=False)
    op.create_table(
        "patient",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("born", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("anomaly", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("allergies", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("patient_by_name", "patient", ["name"], unique=False)
    op.create_index("patient_by_patient", "patient", ["patient"], unique=False)
    op.create_index("patient_by_record_number", "patient", ["record_number"], unique=False)
    op.create_table(
        "prescription",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("since_utc", sa.Text(), nullable=False),
        sa.Column("since_zone", sa.Text(), nullable=False),
        sa.Column("dose_mg", sa.Text(), nullable=False),
        sa.Column("times_a_day", sa.Integer(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("target_low_ng_ml", sa.Text(), nullable=True),
        sa.Column("target_high_ng_ml", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("loading", sa.Integer(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("override_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("prescription_by_patient", "prescription", ["patient"], unique=False)
    op.create_table(
        "response",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("improved", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("response_by_patient", "response", ["patient"], unique=False)
    op.create_table(
        "void",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"],
            ["audit.number"],
        ),
        sa.PrimaryKeyConstraint("entry"),
        sqlite_strict=True,
    )
    op.create_index("void_by_patient", "void", ["patient"], unique=False)
    _refuse_changes()


def _refuse_changes() -> None:
    """Forbid changing and removing rows."""
    connection = op.get_bind()
    tables = [
        name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"
    ]
    if connection.dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows are never changed'; END $$"
        )
        for table in sorted(tables):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION rows_stay()"
            )
    for table in sorted(tables):
        for event in ("update", "delete"):
            trigger = f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            if connection.dialect.name == "postgresql":
                op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION rows_stay()")
            else:
                op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END")

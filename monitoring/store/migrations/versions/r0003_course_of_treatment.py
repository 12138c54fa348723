"""Conditions, causes of levels, settled checks, open holds, and doses of every interval."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = {
    "prescription": (
        ("every_hours", sa.Integer()),
        ("evening_mg", sa.Text()),
        ("strength_mg_per_ml", sa.Text()),
        ("given_reason", sa.Text()),
        ("is_taper_step", sa.Integer()),
    ),
    "missed_dose": (("is_open", sa.Integer()),),
    "level": (("last_dose_assumed", sa.Integer()),),
    "adverse_event": (("attributed_to", sa.Text()),),
    "laboratory_value": (("scale", sa.Text()),),
    "patient": (("congenital", sa.Integer()), ("severity", sa.Text())),
}
_TABLES = {
    "condition": (("name", sa.Text()), ("since", sa.Text()), ("text", sa.Text())),
    "level_cause": (
        ("of", sa.Integer()),
        ("on", sa.Text()),
        ("cause", sa.Text()),
        ("is_excluded", sa.Integer()),
        ("text", sa.Text()),
    ),
    "settlement": (("what", sa.Text()), ("on", sa.Text()), ("reason", sa.Text())),
}


def upgrade() -> None:
    """Add columns, NULL in existing rows, whose hashes stay the same; and add tables."""
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    for table, columns in _TABLES.items():
        op.create_table(
            table,
            sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("patient", sa.Integer(), nullable=False),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns),
            sa.ForeignKeyConstraint(["entry"], ["audit.number"]),
            sa.PrimaryKeyConstraint("entry"),
            sqlite_strict=True,
        )
        op.create_index(f"{table}_by_patient", table, ["patient"], unique=False)
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    """Forbid changing and removing rows, as in the tables of before."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION rows_stay()"
        )
    for event in ("update", "delete"):
        trigger = f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
        if on_postgresql:
            op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION rows_stay()")
        else:
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END")

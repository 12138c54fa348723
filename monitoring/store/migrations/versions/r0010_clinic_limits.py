"""The clinic's own limits, which belong to no patient, and the second check of a dose."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = {
    "clinic_limits": (
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_signed", sa.Integer(), nullable=False),
    ),
    "dose_check": (
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("dose_mg", sa.Text(), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("volume_ml", sa.Text(), nullable=True),
        sa.Column("evening_mg", sa.Text(), nullable=True),
        sa.Column("evening_ml", sa.Text(), nullable=True),
    ),
}


def upgrade() -> None:
    """Add the two tables; the entries and the head of the trail stay as they are."""
    for table, columns in _TABLES.items():
        op.create_table(
            table,
            sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("patient", sa.Integer(), nullable=False),
            *columns,
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

"""Removals of patients, and the supply that a family has."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = {
    "removal": (
        ("of", sa.Integer(), False),
        ("changes", sa.Integer(), False),
        ("seal", sa.Text(), False),
        ("signs", sa.Text(), True),
        ("reason", sa.Text(), False),
    ),
    "supply": (
        ("on", sa.Text(), False),
        ("volume_ml", sa.Text(), True),
        ("bottles", sa.Integer(), True),
        ("strength_mg_per_ml", sa.Text(), True),
        ("tablets", sa.Integer(), True),
        ("tablet_mg", sa.Text(), True),
        ("use_by", sa.Text(), True),
        ("reason", sa.Text(), True),
    ),
}


def upgrade() -> None:
    """Add the tables; the entries and the head of the trail stay as they are."""
    for table, columns in _TABLES.items():
        op.create_table(
            table,
            sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("patient", sa.Integer(), nullable=False),
            *(sa.Column(name, kind, nullable=absent) for name, kind, absent in columns),
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

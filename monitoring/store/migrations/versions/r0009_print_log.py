"""The logs of prints and copies with the builds that made them, beside the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two empty tables; the entries and the head of the trail stay as they are."""
    op.create_table(
        "print_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("at_utc", "at_zone", "by", "document")
        ),
        sa.Column("patient", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_table(
        "copy_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_utc", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    for table in ("print_log", "copy_log"):
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

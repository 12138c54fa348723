"""Results of unknown patients, which wait outside the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXTS = (
    "received_utc", "received_zone", "by", "file", "source_kind", "place",
    "identity", "item", "fingerprint", "why",
)  # fmt: skip
_END_TEXTS = ("at_utc", "at_zone", "by", "outcome", "reason")


def upgrade() -> None:
    """Add the two tables; the entries and the head of the trail stay as they are."""
    op.create_table(
        "waiting",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place_number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
    )
    op.create_index("waiting_by_fingerprint", "waiting", ["fingerprint"], unique=False)
    op.create_table(
        "waiting_end",
        sa.Column("of", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _END_TEXTS),
        sa.ForeignKeyConstraint(["of"], ["waiting.number"]),
        sa.PrimaryKeyConstraint("of"),
        sqlite_strict=True,
    )
    for table in ("waiting", "waiting_end"):
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

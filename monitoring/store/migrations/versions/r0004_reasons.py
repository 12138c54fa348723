"""The reason of an entry beside another about the same, of every kind; gestational age at birth."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "adverse_event", "co_medication", "condition", "laboratory_value", "note", "response",
)  # fmt: skip


def upgrade() -> None:
    """Add columns, NULL in existing rows, whose hashes stay the same."""
    for table in _TABLES:
        op.add_column(table, sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("patient", sa.Column("gestation_days", sa.Integer(), nullable=True))

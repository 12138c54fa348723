"""The codes of the alerts that a reason overrides."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("level", "measurement", "prescription")


def upgrade() -> None:
    """Add the column; it is NULL in existing rows, whose hashes stay the same."""
    for table in _TABLES:
        op.add_column(table, sa.Column("passed", sa.Text(), nullable=True))

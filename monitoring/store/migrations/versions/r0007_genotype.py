"""The genotype of CYP3A5, a covariate of a pharmacokinetic model."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, NULL in existing rows, whose hashes stay the same."""
    op.add_column("patient", sa.Column("cyp3a5", sa.Text(), nullable=True))

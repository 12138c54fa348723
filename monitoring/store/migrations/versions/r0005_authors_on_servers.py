"""On PostgreSQL the author is the login, and a void needs the entry's author or a role."""

from alembic import op

from monitoring.store.server.guards import guard_authors

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add triggers on new entries; a file has no logins, and stays as it is."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        guard_authors(connection)

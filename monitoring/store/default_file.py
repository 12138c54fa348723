"""The file of the records where no place is chosen, and the first bytes of every plain file."""

from pathlib import Path

SQLITE_HEADER = b"SQLite format 3\0"


def default_file() -> Path:
    """Return the path of the records in the user's data folder."""
    from platformdirs import user_data_path  # noqa: PLC0415 - used here only

    return user_data_path("sirolimus-assistant") / "records.sqlite"

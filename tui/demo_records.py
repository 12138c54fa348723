"""The synthetic clinic in a place of its own, which is removed afterwards."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitoring.store.opening import Records


def demo_records(folder: Path) -> "Records":
    """Return the records of the synthetic clinic, written into a new file in `folder`."""
    from monitoring.demo.clinic import write_demo  # noqa: PLC0415 - the database is heavy
    from monitoring.store.opening import open_records  # noqa: PLC0415 - as above
    from monitoring.times import local_zone  # noqa: PLC0415 - as above
    from tui.cli.records import today  # noqa: PLC0415 - as above

    records = open_records(str(folder / "demo.sqlite"))
    write_demo(records.store.engine, today(), local_zone())
    return records

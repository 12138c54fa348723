"""The synthetic clinic to be printed, and the margin that its pages keep."""

from functools import cache

from monitoring.demo.clinic import write_demo
from monitoring.record.entries import Record
from monitoring.store.connection import engine_in_memory
from monitoring.store.schema import prepare
from monitoring.store.store import Store
from tests.reports.treated import NOW, ZONE

MARGIN_PT = 41.9
NUMBERS = tuple(f"DEMO-{number:02d}" for number in range(1, 18))
"""The record numbers, which name tests before the clinic is written."""


@cache
def demo_records() -> tuple[Record, ...]:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        write_demo(engine, NOW.local.date(), ZONE)
        return tuple(Store(engine, "Dr Sample", lambda: NOW).records())

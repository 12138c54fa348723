"""Mappings and files of a made-up laboratory, for the tests of the import."""

from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitoring.exchange.import_plan import Plan
from monitoring.exchange.importing import plan_import
from monitoring.exchange.laboratory_file.layout import FileLayout
from monitoring.exchange.laboratory_file.mapping import LEVEL, MappedColumns, Mapping
from monitoring.exchange.source import content_of_source, items_of, source_kind
from monitoring.store.store import Store
from monitoring.time_text import DateOrder
from tests.builders import at

HEADINGS = ("MRN", "Test", "Result", "Unit", "Collected")
COLUMNS = MappedColumns(
    record_number="MRN", test="Test", value="Result", unit="Unit", sample_time="Collected"
)
NOW = at("2026-11-05T12:00")
ROW = ("00123", "SIRO", "7.2", "ng/mL", "2026-11-05 07:45")


def a_mapping(**changes: Any) -> Mapping:
    stated: dict[str, Any] = {
        "columns": COLUMNS,
        "time_zone": "Europe/Paris",
        "layout": FileLayout(),
        "date_order": DateOrder.ISO,
        "decimal_sign": "point",
        "tests": MappingProxyType({"SIRO": LEVEL, "ALAT": "ALT"}),
    }
    return Mapping(**stated | changes)


def csv_of(*rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    """Return rows without quotation marks as CSV."""
    return "".join(",".join(row) + "\r\n" for row in (headings, *rows)).encode()


def plan_of(store: Store, folder: Path, content: bytes, mapping: Mapping | None = None) -> Plan:
    file = folder / "results"
    file.write_bytes(content)
    return plan_file(store, file, mapping or a_mapping())


def plan_file(store: Store, file: Path, mapping: Mapping) -> Plan:
    content = content_of_source(file)
    kind = source_kind(content)
    return plan_import(store, items_of(content, kind, mapping), kind, NOW)


def reasons(plan: Plan) -> list[str]:
    return [str(refusal) for refusal in plan.refused]

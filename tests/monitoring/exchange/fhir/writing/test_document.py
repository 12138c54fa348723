"""The example of the document is what the program writes."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from monitoring.exchange.fhir.extensions import RECORD_ENTRY
from monitoring.exchange.fhir.writing import bundle_of
from monitoring.store.known_heads import Ends
from tests.builders import a_dose, a_level, a_record, at

PAGE = Path(__file__).parents[5] / "docs" / "exchange.md"


def the_level() -> dict[str, Any]:
    """Return the level of a small record, without the text of its own extension."""
    level = a_level("7.20 ng/mL", "2026-11-20T07:50", hours=11.8, laboratory="Sample laboratory")
    record = a_record(a_dose("2026-11-01T20:00"), level)
    text = bundle_of([record], at("2026-11-24T16:00"), Ends(first="5f0c1a2b3c4d5e6f"))
    entries = json.loads(text, parse_float=Decimal)["entry"]
    (found,) = [
        each["resource"] for each in entries if each["resource"]["resourceType"] == "Observation"
    ]
    found["extension"] = [each for each in found["extension"] if each["url"] != RECORD_ENTRY]
    return dict(found)


def test_the_example_of_a_level_is_what_the_program_writes() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("### FHIR\n")[2]
    example = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert example is not None
    assert json.loads(example[1], parse_float=Decimal) == the_level()
    assert '"value": 7.20' in example[1]

"""What is due as a page for the terminal: a paragraph a patient, readable at any width."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from monitoring.due import Due
from monitoring.record.patient import Patient
from reports.presentation.due import days, together, what, when
from tui.cli.page import grid, print_plainly


def print_due(found: Sequence[tuple[Patient, Due]]) -> None:
    """Print the checks of each patient, in the order of the most overdue of each."""
    of_patient: dict[str, list[Due]] = {}
    names = {patient.record_number: patient.name for patient, _ in found}
    for patient, each in found:
        of_patient.setdefault(patient.record_number, []).append(each)
    for number, checks in of_patient.items():
        print_plainly(Text(f"{names[number]} ({number})"), _table_of(checks))


def _table_of(checks: Sequence[Due]) -> Table:
    """Return a patient's checks; those of the same days and reason stand together."""
    table = grid()
    for group in together(checks):
        first = group[0]
        table.add_row(
            Text(f"  {when(first)}"),
            Text(f"{what(group)}: {days(first)}. {first.why} [{first.source}]"),
        )
    return table

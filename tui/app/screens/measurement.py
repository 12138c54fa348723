"""A weight, a height, or both; a first weight is typed twice."""

from collections.abc import Iterator

from textual.widget import Widget

from dosing import Quantity, QuantityKind, UserError, read_quantity
from monitoring.record.entry_kind import EntryField
from monitoring.summary import PatientSummary
from tui.app.screens.entry_form import Draft, EntryForm
from tui.app.widgets.field import Field


class MeasurementForm(EntryForm):
    """Log a weight and a height. Every dose rests on them: they are read back in other units."""

    KIND = "measurement"

    def __init__(self, summary: PatientSummary) -> None:
        """Log a measurement of the patient of a summary."""
        super().__init__(summary)
        self._is_first = summary.history.weight_on(summary.made.local.date()) is None

    def widgets(self, asked: EntryField) -> Iterator[Widget]:
        """Yield the widget of a field; below a first weight the same again."""
        yield from super().widgets(asked)
        if self._is_first and asked.name == "weight":
            yield Field(
                "Weight, again", _read_weight, example="the first weight is typed twice",
                required=False, id="again",
            )  # fmt: skip

    def draft(self) -> Draft:
        """Return the measurement, if a first weight was typed twice."""
        weight: Quantity | None = self.needed("weight")
        if self._is_first and weight is not None:
            again: Quantity | None = self.needed("again")
            if again is None:
                raise UserError("Type the first weight again: every dose rests on it.")
            if again.value != weight.value:
                raise UserError(f"The weight was typed as {weight}, and then as {again}.")
        return super().draft()


def _read_weight(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.WEIGHT)

"""A weight, a height, or both; a first weight is typed twice."""

from textual.app import ComposeResult

from dosing import Measure, UserError, Written, read_written
from monitoring.record.measurement import Measurement
from monitoring.summary import PatientSummary
from tui.app.entry.form import Draft, EntryForm
from tui.app.widgets.field import Field


class MeasurementForm(EntryForm):
    """Log a weight and a height. Every dose rests on them: they are read back in other units."""

    TITLE = "Log a weight and a height"

    def __init__(self, summary: PatientSummary) -> None:
        """Log a measurement of the patient of a summary."""
        super().__init__(summary)
        self._is_first = summary.history.weight_on(summary.made.local.date()) is None

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field(
            "Weight", _read_weight, example="12.4 kg, or 27 lb", required=False, id="weight"
        )
        if self._is_first:
            yield Field(
                "Weight, again", _read_weight, example="the first weight is typed twice",
                required=False, id="again",
            )  # fmt: skip
        yield Field("Height", _read_height, example="88 cm, or 35 in", required=False, id="height")
        yield self.day_field("Measured on", "on", text=str(self.today()))

    def draft(self) -> Draft:
        """Return the measurement."""
        weight: Written | None = self.needed("weight")
        if self._is_first and weight is not None:
            again: Written | None = self.needed("again")
            if again is None:
                raise UserError("Type the first weight again: every dose rests on it.")
            if again.value != weight.value:
                raise UserError(f"The weight was typed as {weight}, and then as {again}.")
        return Draft(
            Measurement(
                on=self.needed("on"),
                weight=weight,
                height=self.needed("height"),
                reason=self.reason,
            )
        )


def _read_weight(text: str) -> Written:
    return read_written(text, Measure.WEIGHT)


def _read_height(text: str) -> Written:
    return read_written(text, Measure.HEIGHT)

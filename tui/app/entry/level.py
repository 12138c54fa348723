"""A level: what will be stored, what it means, and then what it suggests."""

from typing import Any

from textual.app import ComposeResult
from textual.content import Content

from monitoring.record.level import Assay, Level, read_level
from monitoring.summary import PatientSummary
from tui.app.entry.form import Draft, EntryForm, Stored, as_typed
from tui.app.text import words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field

_ASSAYS: tuple[tuple[str, Assay | None], ...] = (
    ("not known", None),
    *((each.value, each) for each in Assay),
)


_BY_SCHEDULE = "Last dose by the schedule, not told by anybody: change it if it was not so."


class LevelForm(EntryForm):
    """Log a level. The last dose is filled in from the schedule, and can be changed."""

    TITLE = "Log a level"

    def __init__(self, summary: PatientSummary) -> None:
        """Log a level of the patient of a summary."""
        super().__init__(summary)
        self._filled_in = ""

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field("Level", read_level, example="7.2 ng/mL, or <2.0 ng/mL", id="value")
        yield self.time_field("Sampled", "sampled")
        yield self.time_field("Last dose", "last-dose", required=False)
        yield Choice("Assay", _ASSAYS, None, id="assay")
        yield Field("Laboratory", as_typed, required=False, id="laboratory")

    def follow(self) -> None:
        """Fill the last dose in by the schedule, unless another was typed."""
        field, sampled = self.field("last-dose"), self.field("sampled").value
        if field.text != self._filled_in or sampled is None:
            return
        due = self.summary.history.scheduled_dose_before(sampled)
        self._filled_in = f"{due.local:%Y-%m-%dT%H:%M}" if due else ""
        if due and due.zone != self.sirolimus.now().zone:
            self._filled_in = str(due)
        field.text = self._filled_in

    def remarks(self) -> list[str]:
        """Say so where the last dose is the schedule's."""
        is_filled_in = self._filled_in and self.field("last-dose").text == self._filled_in
        return [_BY_SCHEDULE] if is_filled_in else []

    def helpful(self) -> list[Content]:
        """Return the same while the form is not complete."""
        return [words(each) for each in self.remarks()]

    def draft(self) -> Draft:
        """Return the level."""
        value, comparator = self.needed("value")
        return Draft(
            Level(
                sampled=self.needed("sampled"),
                value=value,
                comparator=comparator,
                last_dose=self.needed("last-dose"),
                assay=self.query_one("#assay", Choice).value,
                laboratory=self.field("laboratory").text,
                reason=self.reason,
            )
        )

    def following(self, stored: Stored) -> Any:
        """Return the advice after the level."""
        from tui.app.entry.after_level import AfterLevel  # noqa: PLC0415 - when it is reached

        return AfterLevel(stored.summary, stored.told, stored.answer) if stored.summary else None

"""A dose that was missed, or doses that were held."""

from textual.app import ComposeResult

from monitoring.record.prescription import MissedDose, NotGiven
from tui.app.entry.form import Draft, EntryForm, as_typed
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field

_KINDS = (("missed", NotGiven.MISSED), ("held on purpose", NotGiven.HELD))


class MissedDoseForm(EntryForm):
    """Log a missed dose, or doses held from one time to another."""

    TITLE = "Log doses that were not given"

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Choice("What", _KINDS, NotGiven.MISSED, id="kind")
        yield self.time_field("Due at", "at")
        yield self.time_field("Held until", "until", required=False)
        yield Field("Why", as_typed, required=False, id="why")

    def draft(self) -> Draft:
        """Return the missed dose."""
        return Draft(
            MissedDose(
                at=self.needed("at"),
                kind=self.query_one("#kind", Choice).value,
                until=self.needed("until"),
                reason=self.field("why").text,
            )
        )

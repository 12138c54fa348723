"""A drug given beside sirolimus, with what the interaction table says of it."""

from textual.app import ComposeResult

from monitoring.record.co_medication import CoMedication
from tui.app.entry.form import Draft, EntryForm, as_typed
from tui.app.widgets.field import Field


class DrugForm(EntryForm):
    """Log a drug given beside sirolimus."""

    TITLE = "Log a drug given beside sirolimus"

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield Field("Drug", as_typed, example="propranolol", id="drug")
        yield self.day_field("From", "since")
        yield self.day_field("To", "until", required=False)
        yield Field("Remark", as_typed, example="such as the dose", required=False, id="text")

    def draft(self) -> Draft:
        """Return the drug, and its last day."""
        entry = CoMedication(
            drug=self.needed("drug"), since=self.needed("since"), text=self.field("text").text
        )
        return Draft(entry, self.needed("until"))

"""Whether the treatment helps, and by what it was judged."""

from textual.app import ComposeResult

from monitoring.record.response import Criterion, Response
from tui.app.entry.form import Draft, EntryForm, as_typed
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field

_CRITERIA = tuple((each.value, each) for each in Criterion)
_IMPROVED: tuple[tuple[str, bool | None], ...] = (
    ("choose", None),
    ("improved", True),
    ("not improved", False),
)


class ResponseForm(EntryForm):
    """Log a response."""

    TITLE = "Log the response"

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield self.day_field("Judged on", "on", text=str(self.today()))
        yield Choice("By", _CRITERIA, Criterion.CLINICAL, id="criterion")
        yield Choice("Improved", _IMPROVED, None, id="improved")
        yield Field("Remark", as_typed, required=False, id="text")

    def draft(self) -> Draft:
        """Return the response."""
        return Draft(
            Response(
                on=self.needed("on"),
                criterion=self.query_one("#criterion", Choice).value,
                improved=self.chosen("improved", "whether it improved"),
                text=self.field("text").text,
            )
        )

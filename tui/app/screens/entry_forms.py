"""The form of each kind of entry: that of the table, or one with hooks of its own."""

from monitoring.record.kinds import kind_called
from monitoring.summary import PatientSummary
from tui.app.screens.adverse_event import AdverseEventForm
from tui.app.screens.entry_form import EntryForm
from tui.app.screens.laboratory import LaboratoryForm
from tui.app.screens.level import LevelForm
from tui.app.screens.measurement import MeasurementForm

_WITH_HOOKS: dict[str, type[EntryForm]] = {
    each.KIND: each for each in (LevelForm, AdverseEventForm, LaboratoryForm, MeasurementForm)
}


def form_of(kind: str, summary: PatientSummary) -> EntryForm:
    """Return the form by which a kind of entry is recorded about a patient."""
    with_hooks = _WITH_HOOKS.get(kind)
    return with_hooks(summary) if with_hooks else EntryForm(summary, kind_called(kind))

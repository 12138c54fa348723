"""The assessment of concomitant drugs, for the table of entry kinds."""

from dosing import Alert, interaction_alerts
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.entry_kind import EntryMeaning, Meaning
from monitoring.record.listing import ListRow, fate, named, row
from monitoring.summary import DrugBeside


class CoMedicationMeaning(Meaning):
    """The row of the interaction table of a drug; the summary holds the current ones."""

    in_summary = "drugs"
    part = "drug"

    def assess(self, record: Record) -> tuple[DrugBeside, ...]:
        """Return what is said of every drug."""
        return tuple(
            DrugBeside(drug=each, alerts=interaction_alerts((each.entry.drug,)))
            for each in record.of(CoMedication)
        )

    def answer(self, _record: Record, assessed: DrugBeside) -> EntryMeaning:
        """Return the interactions."""
        return EntryMeaning((), assessed.alerts)

    def row(self, recorded: StoredEntry[CoMedication], assessed: DrugBeside | None) -> ListRow:
        """Return the row of one, with its strongest interaction while it is given."""
        drug = recorded.entry
        ended = recorded.ending.entry.on if recorded.ending else None
        alerts: tuple[Alert, ...] = assessed.alerts if assessed else ()
        details = [
            drug.drug,
            f"From {drug.since}" + (f" to {ended}" if ended else ""),
            named("Remark", drug.text),
            named("Reason", drug.reason),
        ]
        state = f"to {ended}" if ended else ("given now" if assessed else "")
        strongest = alerts[0].message if alerts else ""
        cells = (str(drug.since), drug.drug, state, fate(recorded) or strongest or drug.text)
        return row(cells, details)

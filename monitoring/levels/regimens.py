"""The doses of all patients by time: dose, last change and loading dose at any time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dosing.knowledge.tdm_rules import LOADED_WITH_CHANGE
from monitoring.levels.timeline import FOR_EVER_S, HOUR_S, Events, on_line, seconds_of

if TYPE_CHECKING:
    from monitoring.levels.columns import DoseColumns
    from monitoring.levels.timeline import Real, Truth, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimens:
    """The doses, a row each, by patient and beginning; the first row means no dose."""

    begun: Events
    loadings: Events
    until_s: "Whole"
    number: "Whole"
    interval_s: "Whole"
    target_low_ng_ml: "Real"
    target_high_ng_ml: "Real"
    period: "Whole"
    changed_s: "Whole"
    """The last change of exposure but for loads."""
    is_restart: "Truth"
    """Whether that change was a restart."""
    held_since_s: "Whole"
    """The beginning of the hold of this row, or for ever."""
    is_loaded: "Truth"
    """Whether a loading dose was given with that change."""

    def in_force(self, place: "Whole", at_s: "Whole") -> "Whole":
        """Return the row of the dose at each time, or the first row."""
        import numpy as np  # noqa: PLC0415 - heavy

        row = self.begun.last(place, at_s)
        return np.where(at_s < self.until_s[row], row, 0)

    def since_loading_s(self, place: "Whole", at_s: "Whole") -> "Whole":
        """Return the seconds from the last loading dose to each time, or for ever."""
        import numpy as np  # noqa: PLC0415 - heavy

        row = self.loadings.last(place, at_s)
        return np.where(row > 0, at_s - self.loadings.at_s[row], FOR_EVER_S)


def regimens_of(doses: "DoseColumns", patients: "Whole") -> Regimens:
    """Return the doses of these patients, whose numbers are sorted."""
    import numpy as np  # noqa: PLC0415 - heavy

    place = _places(doses.patient, patients)
    is_loading = doses.is_loading
    loadings = _events(*_sorted(doses, place, is_loading & (place >= 0)))
    doses, place = _sorted(doses, place, ~is_loading & (place >= 0))
    begun = _events(doses, place)

    is_change = np.append(True, doses.is_change)
    is_change |= np.diff(begun.place, prepend=begun.place[0]) != 0
    changed = np.maximum.accumulate(np.where(is_change, np.arange(len(is_change)), 0))
    changed_s = begun.at_s[changed]
    near_s = LOADED_WITH_CHANGE.value * HOUR_S
    loading = loadings.last(begun.place, changed_s + near_s)
    return Regimens(
        begun=begun,
        loadings=loadings,
        until_s=np.append(0, seconds_of(doses.until_utc)),
        number=np.append(0, doses.number),
        interval_s=np.append(0, HOUR_S * doses.interval_hours),
        target_low_ng_ml=np.append(np.nan, doses.target_low_ng_ml),
        target_high_ng_ml=np.append(np.nan, doses.target_high_ng_ml),
        period=np.append(-1, doses.period),
        changed_s=changed_s,
        is_restart=np.append(False, doses.is_restart)[changed],
        held_since_s=np.append(FOR_EVER_S, seconds_of(doses.held_since_utc)),
        is_loaded=(loading > 0) & (loadings.at_s[loading] >= changed_s - near_s),
    )


def _places(patient: "Whole", patients: "Whole") -> "Whole":
    """Return the place of each patient among the sorted ones, or -1."""
    import numpy as np  # noqa: PLC0415 - heavy

    if not len(patients):
        return np.full(len(patient), -1)
    place = patients.searchsorted(patient).clip(max=len(patients) - 1)
    return np.where(patients[place] == patient, place, -1)


def _sorted(doses: "DoseColumns", place: "Whole", chosen: "Truth") -> "tuple[DoseColumns, Whole]":
    """Return the chosen doses by patient and beginning, and the patients' places."""
    doses, place = doses.rows(chosen), place[chosen]
    order = on_line(place, seconds_of(doses.since_utc)).argsort(kind="stable")
    return doses.rows(order), place[order]


def _events(doses: "DoseColumns", place: "Whole") -> Events:
    return Events.of(place, seconds_of(doses.since_utc))

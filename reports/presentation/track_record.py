"""The track record of a clinic's forecasts in a line, beside every forecast."""

from dosing.quantities.formatting import count_of
from monitoring.evaluation.track_record import TrackRecord
from monitoring.times import short

COMPUTE_TRACK_RECORD = "sirolimus kinetics evaluate --cohort"


def track_record_line(found: TrackRecord | None) -> str:
    """Return what the clinic's own levels say of the forecasts; never without their number."""
    if found is None:
        return f"not computed here yet. Run {COMPUTE_TRACK_RECORD}."
    day = short(found.moment.local.date())
    if not found.levels:
        return f"no level could be predicted from earlier ones ({day})"
    within, last, label = (
        f"{100 * (share or 0):.0f} %"
        for share in (found.within_30, found.last_level_within_30, found.label_within_30)
    )
    return (
        f"on this clinic's {count_of(found.levels, 'level')}: within 30 % in {within}, label rule "
        f"{label}, last level {last} ({count_of(found.patients, 'patient')}, {day})"
    )

"""Monitoring: the patient's record and what it means.

What a notebook needs is imported from here; `docs/python-api.md` shows it at work:

>>> from monitoring import Moment
>>> Moment.read("2026-11-05T08:00", "Europe/Paris")
<Moment 2026-11-05T08:00+01:00 Europe/Paris>

A file is imported when a name of its is first used.
"""

from dosing.lazy import front_page
from dosing.version import VERSION

TYPE_CHECKING = False  # see `dosing.lazy`
if TYPE_CHECKING:
    from monitoring.demo.clinic import write_demo
    from monitoring.due import Due, worklist
    from monitoring.levels import LevelAssessment, assess_levels
    from monitoring.prescribing import check_prescription, typed_prescription
    from monitoring.recommendation.advice import Advice, advise, forecast_for
    from monitoring.recommendation.forecast import PatientForecast
    from monitoring.record.entries import Record
    from monitoring.store.opening import Records, open_records
    from monitoring.summary import PatientSummary, summarise
    from monitoring.times import Moment

__all__ = [
    "Advice",
    "Due",
    "LevelAssessment",
    "Moment",
    "PatientForecast",
    "PatientSummary",
    "Record",
    "Records",
    "__version__",
    "advise",
    "assess_levels",
    "check_prescription",
    "forecast_for",
    "open_records",
    "summarise",
    "typed_prescription",
    "worklist",
    "write_demo",
]

_NAMES_OF = {
    "recommendation.advice": "Advice advise forecast_for",
    "demo.clinic": "write_demo",
    "due": "Due worklist",
    "recommendation.forecast": "PatientForecast",
    "levels": "LevelAssessment assess_levels",
    "prescribing": "check_prescription typed_prescription",
    "record.entries": "Record",
    "store.opening": "Records open_records",
    "summary": "PatientSummary summarise",
    "times": "Moment",
}
"""Each file and the names that are imported from here, as above."""

__version__ = VERSION
__getattr__, __dir__ = front_page(__name__, _NAMES_OF)

"""When the laboratory checks are due."""

from collections.abc import Iterator
from datetime import date, timedelta

from dosing.knowledge.monitoring_schedule import BASELINE_BEFORE_DAYS
from dosing.quantities.formatting import short_date
from monitoring.due.check import Check, Due
from monitoring.due.context import DueContext, day_of
from monitoring.due.laboratory_checks import CHECKS, LaboratoryCheck
from monitoring.laboratory.tests import find_test
from monitoring.record.laboratory_value import LaboratoryValue


def laboratory_checks(history: DueContext) -> Iterator[Due]:
    """Yield the next of each laboratory check: the baseline, or the next by the rhythm."""
    baseline_from = history.start - timedelta(days=BASELINE_BEFORE_DAYS)
    last: dict[str, date] = {}
    for each in history.record.active(LaboratoryValue):
        test, day = find_test(each.entry.test), day_of(each.entry.at)
        if test and baseline_from <= day <= history.today:
            last[test.name] = max(day, last.get(test.name, day))
    for check in CHECKS:
        yield _check_of(history, check, last)


def _check_of(history: DueContext, check: LaboratoryCheck, last: dict[str, date]) -> Due:
    rhythm, start = history.schedule.laboratory, history.start
    parts = {
        " or ".join(part): max((last[name] for name in part if name in last), default=None)
        for part in check.parts
    }
    missing = [name for name, day in parts.items() if day is None]
    measured = [day for day in parts.values() if day is not None]
    if missing:
        days = (start - timedelta(days=BASELINE_BEFORE_DAYS), start)
        which = f"no {', no '.join(missing)}" if measured else "none"
        why = f"before the first dose on {short_date(start)}; {which} is written down"
    else:
        days = rhythm.next_after(max(min(measured), start), start)
        why = f"{rhythm}; last on {short_date(min(measured))}"
    return history.due(Check.LABORATORY, check.what, days, why, rhythm.source)

"""The assessment of one laboratory value: grade, or the reason for none, and alerts."""

from collections.abc import Iterator
from dataclasses import dataclass

from dosing import Alert, Alerts
from dosing.knowledge.alert_catalogue import (
    BASELINE_UNIT,
    BEYOND_THE_NUMBER,
    GRADE_3_OR_MORE,
    GRADE_3_OR_MORE_OVER,
    KASABACH_MERRITT_PLATELETS,
)
from dosing.knowledge.laboratory_grades import SCALES, SERIOUS_FROM_GRADE, ByFigures
from dosing.quantities.text import quoted
from monitoring.laboratory.grading import Grading, grade_value
from monitoring.laboratory.tests import LaboratoryTest, find_test
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Comparator, comparator_sign
from monitoring.record.patient import Anomaly
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_PLATELETS = "Platelets decreased"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryAssessment:
    """One laboratory value and its meaning.

    `grade` is 1 to 4, with its comparison in `working`; or None with the reason in
    `not_graded_because`: a normal value is not beyond its limit. `baseline` is the last value of
    the test before the first dose.
    """

    value: StoredEntry[LaboratoryValue]
    test: LaboratoryTest | None
    grade: int | None
    working: str | None
    not_graded_because: str | None
    baseline: StoredEntry[LaboratoryValue] | None
    alerts: Alerts
    """The strongest first."""

    @property
    def is_out_of_range(self) -> bool:
        """True for an active value with a grade, or certainly beyond a limit of normal."""
        if not self.value.is_active:
            return False
        value = self.value.entry
        number, lower, upper = value.value.number, value.lower_limit, value.upper_limit
        at_least = value.comparator is not Comparator.BELOW
        at_most = value.comparator is not Comparator.ABOVE
        is_high = (
            upper is not None
            and at_least
            and (number > upper.number or (not at_most and number == upper.number))
        )
        is_low = (
            lower is not None
            and at_most
            and (number < lower.number or (not at_least and number == lower.number))
        )
        return self.grade is not None or is_high or is_low

    @property
    def graded_as(self) -> str | None:
        """The CTCAE term of the grade; None without a grade."""
        return self.test.scale if self.test and self.grade else None

    @property
    def matching_event(self) -> str | None:
        """The adverse event that matches a graded value; None without a grade."""
        return self.test.event if self.test and self.grade else None

    @property
    def limits(self) -> str | None:
        """The limits of normal and the baseline, in words."""
        value = self.value.entry
        parts = [
            f"{name} {limit}"
            for name, limit in (("LLN", value.lower_limit), ("ULN", value.upper_limit))
            if limit
        ]
        if self.baseline:
            parts.append(f"baseline {_of_day(self.baseline)}")
        return ", ".join(parts) or None


def assess_laboratory(record: Record) -> tuple[LaboratoryAssessment, ...]:
    """Return an assessment of every laboratory value, voided ones too, oldest first."""
    values = sorted(record.of(LaboratoryValue), key=lambda each: (each.entry.at, each.number))
    first_dose = TreatmentHistory.of(record).first_dose if values else None
    return tuple(_assess(record, value, first_dose) for value in values)


def _assess(
    record: Record, value: StoredEntry[LaboratoryValue], first_dose: Moment | None
) -> LaboratoryAssessment:
    test = find_test(value.entry.test)
    baseline = _baseline(record, value, first_dose)
    if not value.is_active:
        grading = Grading(None, "it was voided")
    elif test is None:
        grading = Grading(None, f"{quoted(value.entry.test)} is not among the tests known here")
    else:
        grading = grade_value(test, value.entry, baseline.entry if baseline else None)
    alerts = _alerts(record, value, test, grading, baseline) if value.is_active else ()
    return LaboratoryAssessment(
        value=value,
        test=test,
        grade=grading.grade,
        working=grading.why if grading.grade else None,
        not_graded_because=None if grading.grade else grading.why,
        baseline=baseline,
        alerts=Alerts(alerts).strongest_first(),
    )


def baseline_of(
    record: Record, value: StoredEntry[LaboratoryValue]
) -> StoredEntry[LaboratoryValue] | None:
    """Return the last uncensored value of the same test up to the first dose, if it came before.

    A sample at the moment of the first dose is still a baseline: the dose has not acted yet.
    """
    return _baseline(record, value, TreatmentHistory.of(record).first_dose)


def _baseline(
    record: Record, value: StoredEntry[LaboratoryValue], first_dose: Moment | None
) -> StoredEntry[LaboratoryValue] | None:
    test = find_test(value.entry.test)
    if test is None or first_dose is None or value.entry.at <= first_dose:
        return None
    before = (
        each
        for each in record.active(LaboratoryValue)
        if each.entry.at <= first_dose
        and each.entry.comparator is None
        and find_test(each.entry.test) == test
    )
    return max(before, key=lambda each: (each.entry.at, each.number), default=None)


def _alerts(
    record: Record,
    value: StoredEntry[LaboratoryValue],
    test: LaboratoryTest | None,
    grading: Grading,
    baseline: StoredEntry[LaboratoryValue] | None,
) -> Iterator[Alert]:
    grade, entry = grading.grade, value.entry
    if test is None:
        return
    if baseline and test.scale == "Creatinine increased" and _other_unit(baseline, value):
        yield BASELINE_UNIT.alert(unit=baseline.entry.value.unit)
    if grade is None:
        return
    if grade >= SERIOUS_FROM_GRADE:
        what, because = f"{test.name} {_number(entry)}", f"{grade} ({grading.why})"
        if _is_latest(record, value, test):
            yield GRADE_3_OR_MORE.alert(value=str(grade), what=what, grade=because)
        else:
            yield GRADE_3_OR_MORE_OVER.alert(
                value=str(grade), what=what, grade=because, later=test.name
            )
    scale = SCALES[test.scale or ""]
    if isinstance(scale, ByFigures) and grade in scale.remarks:
        yield BEYOND_THE_NUMBER.alert(remark=scale.remarks[grade])
    if test.scale == _PLATELETS and _disease_may_lower_platelets(record, entry):
        known = _of_day(baseline) if baseline else "none recorded"
        yield KASABACH_MERRITT_PLATELETS.alert(baseline=known)


def _disease_may_lower_platelets(record: Record, value: LaboratoryValue) -> bool:
    """Return whether the anomaly itself may lower the platelets during treatment."""
    first_dose = TreatmentHistory.of(record).first_dose
    is_before = first_dose is not None and value.at <= first_dose
    return record.patient.entry.anomaly is Anomaly.KHE_OR_TUFTED_ANGIOMA and not is_before


def _is_latest(record: Record, value: StoredEntry[LaboratoryValue], test: LaboratoryTest) -> bool:
    of_test = (
        each for each in record.active(LaboratoryValue) if find_test(each.entry.test) == test
    )
    return value is max(of_test, key=lambda each: (each.entry.at, each.number))


def _other_unit(one: StoredEntry[LaboratoryValue], other: StoredEntry[LaboratoryValue]) -> bool:
    return one.entry.value.unit != other.entry.value.unit


def _number(value: LaboratoryValue) -> str:
    return f"{comparator_sign(value.comparator)}{value.value}"


def _of_day(value: StoredEntry[LaboratoryValue]) -> str:
    return f"{_number(value.entry)} on {value.entry.at.local.date()}"

"""The assessment of one laboratory value: grade, or the reason for none, and alerts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dosing import Age, Alert, Alerts, Sex
from dosing.gestational_age import growth_age
from dosing.growth import height_for_age_z
from dosing.knowledge.alert_catalogue import (
    BASELINE_UNIT,
    BEYOND_THE_NUMBER,
    GRADE_3_OR_MORE,
    GRADE_3_OR_MORE_OVER,
    KASABACH_MERRITT_PLATELETS,
    OUTSIDE_LIMITS,
    PROTEIN_ON_DIPSTICK,
)
from dosing.knowledge.laboratory_grades import (
    CTCAE_5,
    PROTEINURIA_GRADE_1_DIPSTICK,
    SCALES_OF,
    SERIOUS_FROM_GRADE,
    SOURCES,
    TimesUpperLimit,
)
from dosing.quantities.formatting import plain, short_date
from dosing.quantities.text import quoted
from monitoring.laboratory.cuts import Grading
from monitoring.laboratory.grading import HYPERTENSION, PROTEINURIA, grade_value, has_figures
from monitoring.laboratory.subject import NOBODY, Subject
from monitoring.laboratory.tests import LaboratoryTest, find_test
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.laboratory_value import DIPSTICK, LaboratoryValue
from monitoring.record.level import Comparator, comparator_sign
from monitoring.record.patient import Anomaly
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory

_PLATELETS = "Platelets decreased"
_SEXES = (Sex.FEMALE, Sex.MALE)
"""Those with centiles of blood pressure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryAssessment:
    """One laboratory value and its meaning.

    `grade` is 1 to 4 by `scale`, with its comparison in `working`; or None with the reason in
    `not_graded_because`: a normal value is not beyond its limit. `baseline` is the last value of
    the test before the first dose, `later` the newest value if this is not it.
    """

    value: StoredEntry[LaboratoryValue]
    test: LaboratoryTest | None
    grade: int | None
    working: str | None
    not_graded_because: str | None
    baseline: StoredEntry[LaboratoryValue] | None
    alerts: Alerts
    """The strongest first."""
    scale: str = CTCAE_5
    graded_as: str | None = None
    """The CTCAE term of the grade; None without a grade."""
    other_grades: Mapping[str, int | None] = field(default_factory=dict)
    """The grade by each other version of CTCAE."""
    later: StoredEntry[LaboratoryValue] | None = None
    at_most: int | None = None
    """The highest grade that is possible, 0 for none; None where it is open."""

    @property
    def beyond(self) -> str | None:
        """The side of a limit of normal beyond which the value certainly is: above or below."""
        return _beyond(self.value.entry)

    @property
    def is_out_of_range(self) -> bool:
        """True for an active value with a grade, certainly beyond a limit, or 1+ on a strip."""
        if not self.value.is_active:
            return False
        return self.grade is not None or self.beyond is not None or self._is_on_strip

    @property
    def _is_on_strip(self) -> bool:
        value = self.value.entry.value
        return value.unit == DIPSTICK and value.number >= PROTEINURIA_GRADE_1_DIPSTICK

    @property
    def matching_event(self) -> str | None:
        """The adverse event that matches a graded value; None without a grade."""
        return self.test.event_of(self.graded_as) if self.test else None

    @property
    def source(self) -> str:
        """The key of the source of the grade."""
        return SOURCES[self.scale]

    @property
    def times_upper_limit(self) -> Decimal | None:
        """The multiple of the upper limit of normal, where a scale of the test counts in it."""
        upper = self.value.entry.upper_limit
        return self._multiple_of(upper.number) if upper else None

    @property
    def times_baseline(self) -> Decimal | None:
        """The multiple of the baseline, where a scale of the test counts in it."""
        base = self.baseline.entry.value if self.baseline else None
        same_unit = base is not None and base.unit == self.value.entry.value.unit
        return self._multiple_of(base.number) if base and same_unit else None

    @property
    def multiples(self) -> str | None:
        """Both multiples in words; None unless there are both."""
        limit, base = self.times_upper_limit, self.times_baseline
        if limit is None or base is None:
            return None
        return f"{plain(limit, 1)} × ULN, {plain(base, 1)} × baseline"

    def _multiple_of(self, base: Decimal) -> Decimal | None:
        scales = SCALES_OF[self.scale]
        terms = self.test.terms if self.test else ()
        counts = any(isinstance(scales.get(term), TimesUpperLimit) for term in terms)
        return self.value.entry.value.number / base if counts and base else None

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
    """Return an assessment of every laboratory value, voided ones too, oldest first.

    It is made once for a record.
    """
    return record.once(_assess_all)


def _assess_all(record: Record) -> tuple[LaboratoryAssessment, ...]:
    values = sorted(record.of(LaboratoryValue), key=lambda each: (each.entry.at, each.number))
    first_dose = TreatmentHistory.of(record).first_dose if values else None
    newest = {_known_as(each.entry): each for each in values if each.is_active}
    return tuple(
        _assess(record, value, first_dose, newest.get(_known_as(value.entry))) for value in values
    )


def scale_of(value: LaboratoryValue) -> str:
    """Return the version of CTCAE that was stored with a value; v5.0 if none was."""
    return value.scale or CTCAE_5


def _known_as(value: LaboratoryValue) -> str:
    test = find_test(value.test)
    return test.name if test else value.test


def _assess(
    record: Record,
    value: StoredEntry[LaboratoryValue],
    first_dose: Moment | None,
    newest: StoredEntry[LaboratoryValue] | None,
) -> LaboratoryAssessment:
    test = find_test(value.entry.test)
    baseline = _baseline(record, value, first_dose)
    scale, others = scale_of(value.entry), dict[str, int | None]()
    if not value.is_active:
        grading = Grading(None, "it was voided")
    elif test is None:
        grading = Grading(None, f"{quoted(value.entry.test)} is not among the tests known here")
    else:
        before, subject = baseline.entry if baseline else None, _subject(record, value.entry, test)
        grades = {
            version: grade_value(test, value.entry, before, subject, version)
            for version in SCALES_OF
            if version == scale or has_figures(test, version)
        }
        grading = grades.pop(scale)
        others = {version: each.grade for version, each in grades.items()}
    later = None if newest is value else newest
    alerts = _alerts(record, value, test, grading, baseline, later) if value.is_active else ()
    return LaboratoryAssessment(
        value=value,
        test=test,
        grade=grading.grade,
        working=grading.why if grading.grade else None,
        not_graded_because=None if grading.grade else grading.why,
        baseline=baseline,
        alerts=Alerts(alerts).strongest_first(),
        scale=scale,
        graded_as=grading.term,
        other_grades=others,
        later=later,
        at_most=grading.grade or grading.at_most,
    )


def _subject(record: Record, value: LaboratoryValue, test: LaboratoryTest) -> Subject:
    """Return the patient on the day of a value, as far as the grades of the test ask for it."""
    if not {HYPERTENSION, PROTEINURIA}.intersection(test.terms):
        return NOBODY
    patient, day = record.patient.entry, value.at.local.date()
    by_sex = patient.sex not in _SEXES and HYPERTENSION in test.terms
    ages = Age.between(patient.born, day).ends
    found = []
    for sex in _SEXES if by_sex else (patient.sex,):
        for place, age in enumerate(ages):
            label = f"at {int(age.months)} months" if len(ages) > 1 else ""
            label = " ".join(filter(None, (f"as {sex.value}" if by_sex else "", label)))
            found.append((label, _subject_of(record, day, age, sex, place, test)))
    return found[0][1] if len(found) == 1 else Subject(age=ages[0], either=tuple(found))


def _subject_of(  # noqa: PLR0913, PLR0917 - what the patient may be
    record: Record, day: date, age: Age, sex: Sex, place: int, test: LaboratoryTest
) -> Subject:
    """Return the patient of a sex, at the end of a range of ages with this place."""
    patient = record.patient.entry
    measured = TreatmentHistory.of(record).height_on(day)
    height = measured.entry.as_height if measured else None
    if not (measured and height and sex in _SEXES and HYPERTENSION in test.terms):
        return Subject(age=age, sex=sex if sex in _SEXES else None)
    age_then = Age.between(patient.born, measured.entry.on).ends[-1 if place else 0]
    corrected = growth_age(age_then, patient.gestation)
    return Subject(
        age=age,
        sex=sex,
        height_z=height_for_age_z(height, corrected, sex),
        is_height_at_corrected_age=corrected is not age_then,
    )


def _beyond(value: LaboratoryValue) -> str | None:
    number, lower, upper = value.value.number, value.lower_limit, value.upper_limit
    at_least = value.comparator is not Comparator.BELOW
    at_most = value.comparator is not Comparator.ABOVE
    if (
        upper is not None
        and at_least
        and (number > upper.number or (not at_most and number == upper.number))
    ):
        return "above"
    if (
        lower is not None
        and at_most
        and (number < lower.number or (not at_least and number == lower.number))
    ):
        return "below"
    return None


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


def _alerts(  # noqa: PLR0913, PLR0917 - a value, its meaning, and what stands beside it
    record: Record,
    value: StoredEntry[LaboratoryValue],
    test: LaboratoryTest | None,
    grading: Grading,
    baseline: StoredEntry[LaboratoryValue] | None,
    later: StoredEntry[LaboratoryValue] | None,
) -> Iterator[Alert]:
    grade, entry = grading.grade, value.entry
    if test and baseline and "Creatinine increased" in test.terms and _other_unit(baseline, value):
        yield BASELINE_UNIT.alert(unit=baseline.entry.value.unit)
    if grade is None:
        if later is None:
            yield from _beside_the_scale(entry, test)
        return
    name = test.name if test else entry.test
    if grade >= SERIOUS_FROM_GRADE:
        what, because = f"{name} {_number(entry)}", f"{grade} ({grading.why})"
        if later is None:
            yield GRADE_3_OR_MORE.alert(value=str(grade), what=what, grade=because)
        else:
            yield GRADE_3_OR_MORE_OVER.alert(value=str(grade), what=what, grade=because, later=name)
    if grading.remark:
        yield BEYOND_THE_NUMBER.alert(remark=grading.remark)
    if grading.term == _PLATELETS and _disease_may_lower_platelets(record, entry):
        known = _of_day(baseline) if baseline else "none recorded"
        yield KASABACH_MERRITT_PLATELETS.alert(baseline=known)


def _beside_the_scale(value: LaboratoryValue, test: LaboratoryTest | None) -> Iterator[Alert]:
    """Yield the alerts of the newest value of a test without a grade."""
    side = _beyond(value)
    if side:
        limit = value.upper_limit if side == "above" else value.lower_limit
        name = test.name if test else quoted(value.test)
        yield OUTSIDE_LIMITS.alert(what=f"{name} {_number(value)}", side=side, limit=str(limit))
    strip = value.value
    if test and strip.unit == DIPSTICK and strip.number > PROTEINURIA_GRADE_1_DIPSTICK:
        yield PROTEIN_ON_DIPSTICK.alert(value=str(strip))


def _disease_may_lower_platelets(record: Record, value: LaboratoryValue) -> bool:
    """Return whether the anomaly itself may lower the platelets during treatment."""
    first_dose = TreatmentHistory.of(record).first_dose
    is_before = first_dose is not None and value.at <= first_dose
    return record.patient.entry.anomaly is Anomaly.KHE_OR_TUFTED_ANGIOMA and not is_before


def _other_unit(one: StoredEntry[LaboratoryValue], other: StoredEntry[LaboratoryValue]) -> bool:
    return one.entry.value.unit != other.entry.value.unit


def _number(value: LaboratoryValue) -> str:
    return f"{comparator_sign(value.comparator)}{value.value}"


def _of_day(value: StoredEntry[LaboratoryValue]) -> str:
    return f"{_number(value.entry)} on {short_date(value.entry.at.local.date())}"

"""The clinic and Nadal 2016: Tables I and II, safety counts and time to response.

Every count names its patients. A patient without the data is left out of the count and of its
total: missing data never count as a no.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from dosing import Sex
from dosing.knowledge import nadal2016
from dosing.knowledge.age_bands import AGE_BANDS, AgeBand
from dosing.knowledge.nadal2016 import Count
from dosing.knowledge.protocols import ADULT_FROM_MONTHS
from dosing.quantities.formatting import rounded
from monitoring.cohort.patient_facts import STEROIDS, UNKNOWN_EVENT, PatientFacts, patient_facts
from monitoring.cohort.tables import Cohort, CohortRow, CohortTable, LevelsInRange, ResponseTimes
from monitoring.evaluation.performance import PredictivePerformanceKeeper
from monitoring.levels.assess import assessed_table
from monitoring.levels.time_in_range import time_in_range
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Record
from monitoring.record.patient import Anomaly
from monitoring.response import TimeToResponse, kaplan_meier, log_rank_p_value
from monitoring.times import Moment

if TYPE_CHECKING:
    import pandas as pd

_BATCH_RECORDS = 1000
_TREATED = "patients who were given sirolimus"

Holds = Callable[[PatientFacts], bool]
Question = tuple[str, Holds, Count | None]
"""A row: its name, the patients it counts, and the count in Nadal 2016."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCohort:
    """The clinic's figures, and the values of single patients behind its sums.

    The values of patients stay in memory: none of them is written or shown.
    """

    cohort: Cohort
    facts: tuple[PatientFacts, ...]
    """A treated patient each."""
    days_in_range: tuple[tuple[float, float, float], ...]
    """Days below, within and above the target: a patient with joined levels each."""
    random_effects: Mapping[str, tuple[tuple[float, ...], ...]]
    """The random effects of the fits to all levels, a patient each, by the model's key."""


def cohort(records: Iterable[Record], now: Moment) -> Cohort:
    """Return the clinic's figures at a moment."""
    return counted_cohort(records, now).cohort


def counted_cohort(records: Iterable[Record], now: Moment) -> CountedCohort:
    """Return the clinic's figures at a moment, with the values that they were counted from."""
    patients, facts = 0, []
    days: list[tuple[float, float, float]] = []
    levels = LevelsInRange(
        patients=0, days_below=0, days_within=0, days_above=0, largest_gap_days=0
    )
    forecasts = PredictivePerformanceKeeper()
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH_RECORDS)):
        patients += len(batch)
        facts += [found for record in batch if (found := patient_facts(record, now))]
        joined = _joined(batch)
        levels = _added(levels, joined)
        parts = (joined["days_below"], joined["days_within"], joined["days_above"])
        days += zip(*(map(float, part) for part in parts), strict=True)
        forecasts.add(batch)
    counted = Cohort(
        at=now,
        patients=patients,
        treated=len(facts),
        tables=cohort_tables(facts),
        response_times=_response_times(facts),
        log_rank_p=log_rank_p_value(*(_times(facts, group) for group in (_tumour, _malformation))),
        levels=levels,
        forecasts=forecasts.result,
    )
    return CountedCohort(
        cohort=counted,
        facts=tuple(facts),
        days_in_range=tuple(days),
        random_effects=forecasts.random_effects,
    )


def _joined(records: Sequence[Record]) -> "pd.DataFrame":
    """Return the time in range of each patient with levels that can be joined."""
    found = time_in_range(assessed_table(records))
    return found[found["levels"] > 0]


def _added(so_far: LevelsInRange, found: "pd.DataFrame") -> LevelsInRange:
    if found.empty:
        return so_far
    return LevelsInRange(
        patients=so_far.patients + len(found),
        days_below=so_far.days_below + float(found["days_below"].sum()),
        days_within=so_far.days_within + float(found["days_within"].sum()),
        days_above=so_far.days_above + float(found["days_above"].sum()),
        largest_gap_days=max(so_far.largest_gap_days, float(found["largest_gap_days"].max())),
    )


def cohort_tables(facts: Sequence[PatientFacts]) -> tuple[CohortTable, ...]:
    """Return the counts of treated patients; without patients, the rows alone."""
    typed = [each for each in facts if each.anomaly is not Anomaly.NOT_RECORDED]
    sized = [each for each in facts if each.daily_mg_per_kg is not None]
    with_data = [each for each in facts if each.events is not None]
    congenital = [each for each in facts if each.congenital is not None]
    graded = [each for each in facts if each.severity is not None]
    return (
        _table("anomaly", "Type of anomaly", f"{_TREATED} and whose type is recorded", typed,
               _ANOMALIES, review_note=_SUBTYPES),
        _table("sex", "Sex", _TREATED, facts, _SEXES, review_note=_UNNAMED_SEXES),
        _table("age", "Age at the first dose", _TREATED, facts, _AGES),
        _table("age-in-review-bands", "Age at the first dose, in the bands of Nadal 2016",
               _TREATED, facts, _AGES_IN_REVIEW,
               review_note=_not_reported(nadal2016.AGES_AT_START)),
        _table("congenital", "Congenital anomaly", f"{_TREATED} and for whom it is recorded",
               congenital, _CONGENITAL, review_note=_not_reported(nadal2016.CONGENITAL)),
        _table("severity", "Severity before treatment", f"{_TREATED} and for whom it is recorded",
               graded, _SEVERITIES, review_note=_UNNAMED_SEVERITIES),
        _table("starting-dose", "First daily dose", f"{_TREATED} and were weighed before it", sized,
               _STARTING_DOSES, note="Of those with data in the review. By mg/kg where no height "
               "is known; rounded as the review's doses are.", review_note=_DRUGS),
        _table("target", "Target trough of the first dose", _TREATED, facts, _targets(facts),
               note="Of those with data in the review.", review_note=_FIRST_LEVEL),
        _table("co-treatment", "Other drugs during treatment", _TREATED, facts, _CO_TREATMENTS,
               note="A drug that is not written down is not counted.", review_note=_NO_TOTAL),
        _table("still-treated", "Still on treatment", _TREATED, facts, _STILL_TREATED,
               review_note=_FOLLOW_UP),
        _table("adverse-event-data", "Data on adverse events", _TREATED, facts, _EVENT_DATA,
               note="Data: anything written down of the time after the first dose."),
        _table("adverse-events", "Patients with adverse events since the first dose",
               f"{_TREATED} and have data", with_data, (*_EVENTS, *_other_events(with_data)),
               note="An adverse event or a graded laboratory value, new or worse than before the "
               "first dose, counts once a patient."),
        _table("actions", "Action taken", f"{_TREATED} and have data", with_data, _ACTIONS),
    )  # fmt: skip


def _table(  # noqa: PLR0913, PLR0917 - what makes a table
    key: str,
    title: str,
    whom: str,
    facts: Sequence[PatientFacts],
    questions: Iterable[Question],
    note: str = "",
    review_note: str = "",
) -> CohortTable:
    rows = tuple(
        CohortRow(name, sum(map(holds, facts)), len(facts), count)
        for name, holds, count in questions
    )
    return CohortTable(
        key=key, title=title, whom=whom, of=len(facts), rows=rows, note=note,
        review_note=review_note,
    )  # fmt: skip


def _not_reported(counts: tuple[Count, ...]) -> str:
    """Return how many patients of Nadal 2016 the counts leave out."""
    (left_out,) = (count for count in counts if count.name == "not reported")
    return f"Of those with data in Nadal 2016; not reported in {left_out.count} of {left_out.of}."


def _range(ends: tuple[int, int]) -> str:
    return f"{ends[0]}-{ends[1]}"


# --- who and what for

_BY_NAME = {
    count.name: count
    for count in (*nadal2016.ANOMALIES, *nadal2016.TUMOURS, *nadal2016.MALFORMATIONS)
}


def _tumour(facts: PatientFacts) -> bool:
    return facts.anomaly.is_tumour


def _malformation(facts: PatientFacts) -> bool:
    return facts.anomaly is not Anomaly.NOT_RECORDED and not facts.anomaly.is_tumour


def _anomaly(name: str, anomaly: Anomaly) -> Question:
    return f"  {name}", lambda facts: facts.anomaly is anomaly, _BY_NAME.get(name)


_SUBTYPES = (
    f"Nadal 2016 does not report the kind of {_BY_NAME['not reported'].count} malformations. "
    f"Its subtypes: {', '.join(f'{each.name} {each.count}' for each in nadal2016.SUBTYPES)}."
)

# The 73 in Nadal 2016 with a lymphatic component are those of these three groups.
_LYMPHATIC = {Anomaly.KHE_OR_TUFTED_ANGIOMA, Anomaly.LYMPHATIC, Anomaly.VENOLYMPHATIC}

_ANOMALIES: tuple[Question, ...] = (
    ("tumours", _tumour, _BY_NAME["tumours"]),
    _anomaly("kaposiform haemangioendothelioma or tufted angioma", Anomaly.KHE_OR_TUFTED_ANGIOMA),
    _anomaly("haemangioma", Anomaly.HAEMANGIOMA),
    _anomaly("other tumour", Anomaly.OTHER_TUMOUR),
    ("malformations", _malformation, _BY_NAME["malformations"]),
    _anomaly("lymphatic", Anomaly.LYMPHATIC),
    _anomaly("venolymphatic", Anomaly.VENOLYMPHATIC),
    _anomaly("venous", Anomaly.VENOUS),
    _anomaly("arteriovenous", Anomaly.ARTERIOVENOUS),
    _anomaly("other malformation", Anomaly.OTHER_MALFORMATION),
    (
        "lymphatic component",
        lambda facts: facts.anomaly in _LYMPHATIC,
        _BY_NAME["lymphatic component"],
    ),
)

_SEXES: tuple[Question, ...] = (
    ("female", lambda facts: facts.sex is Sex.FEMALE, None),
    ("male", lambda facts: facts.sex is Sex.MALE, None),
    ("other or unknown", lambda facts: facts.sex not in {Sex.FEMALE, Sex.MALE}, None),
)
_UNNAMED_SEXES = (
    f"Nadal 2016: {nadal2016.TWO_SEXES[0]} and {nadal2016.TWO_SEXES[1]} of {nadal2016.PATIENTS}, "
    f"not reported in {nadal2016.SEX_NOT_REPORTED.count}. Our reference does not say which "
    "count is of which sex."
)


def _age(band: AgeBand, review: Count | None = None) -> Question:
    return band.name, lambda facts: band.holds(facts.age_at_start.months), review


_AGES = tuple(map(_age, AGE_BANDS))


def _with_data(counts: tuple[Count, ...]) -> dict[str, Count]:
    """Return the counts of Nadal 2016 among patients with data, by their names."""
    reported = [count for count in counts if count.name != "not reported"]
    of = sum(count.count for count in reported)
    return {count.name: Count(count.name, count.count, of) for count in reported}


# The ends of the bands of Nadal 2016, in months; each band begins where the one before ends.
_REVIEW_BANDS = (Decimal(0), Decimal(2), Decimal(24), Decimal(156), ADULT_FROM_MONTHS, None)


def review_age_bands() -> tuple[AgeBand, ...]:
    """Return the bands of age of Nadal 2016."""
    return tuple(
        AgeBand(name, lowest, below)
        for name, (lowest, below) in zip(
            _with_data(nadal2016.AGES_AT_START), pairwise(_REVIEW_BANDS), strict=True
        )
        if lowest is not None
    )


_AGES_IN_REVIEW = tuple(
    _age(band, _with_data(nadal2016.AGES_AT_START)[band.name]) for band in review_age_bands()
)

_IS_CONGENITAL = _with_data(nadal2016.CONGENITAL)
_CONGENITAL: tuple[Question, ...] = (
    ("congenital", lambda facts: facts.congenital is True, _IS_CONGENITAL["congenital"]),
    ("not congenital", lambda facts: facts.congenital is False, _IS_CONGENITAL["not congenital"]),
)

_KNOWN_SEVERITIES = ("mild", "moderate", "severe")


def _severity(name: str) -> Question:
    return name, lambda facts: (facts.severity or "").casefold() == name, None


# Other words are counted together: they are the clinic's own, and may name a patient.
_SEVERITIES: tuple[Question, ...] = (
    *map(_severity, _KNOWN_SEVERITIES),
    ("in other words", lambda facts: (facts.severity or "").casefold() not in _KNOWN_SEVERITIES,
     None),
)  # fmt: skip
_UNNAMED_SEVERITIES = (
    f"Nadal 2016: {nadal2016.TWO_SEVERITIES[0]} and {nadal2016.TWO_SEVERITIES[1]} of "
    f"{nadal2016.SEVERITY_OF}; the two add up to {sum(nadal2016.TWO_SEVERITIES)}. "
    "Our reference does not name the severities."
)


# --- how it was given

_DOSES, _TARGETS = _with_data(nadal2016.STARTING_DOSES), _with_data(nadal2016.EXPECTED_TROUGHS)


def _by_area(name: str, lowest: str, highest: str | None) -> Question:
    """Return a band of mg/m²/day, both ends included, for doses to one decimal."""

    def holds(facts: PatientFacts) -> bool:
        dose = facts.daily_mg_per_m2
        return dose is not None and _between(rounded(dose, 1), lowest, highest)

    return name, holds, _DOSES.get(name)


def _by_weight(name: str, lowest: str, highest: str | None) -> Question:
    """Return a band of mg/kg/day, both ends included, for doses to two decimals."""

    def holds(facts: PatientFacts) -> bool:
        dose = facts.daily_mg_per_kg
        if dose is None or facts.daily_mg_per_m2 is not None:
            return False
        return _between(rounded(dose, 2), lowest, highest)

    return name, holds, _DOSES.get(name)


def _between(dose: Decimal, lowest: str, highest: str | None) -> bool:
    return Decimal(lowest) <= dose and (highest is None or dose <= Decimal(highest))


_STARTING_DOSES = (
    _by_area("below 1 mg/m²/day", "0", "0.9"),
    _by_area("1-1.4 mg/m²/day", "1", "1.4"),
    _by_area("1.5-1.6 mg/m²/day", "1.5", "1.6"),
    _by_area("1.7-2 mg/m²/day", "1.7", "2"),
    _by_area("above 2 mg/m²/day", "2.1", None),
    _by_weight("below 0.05 mg/kg/day", "0", "0.04"),
    _by_weight("0.05-0.1 mg/kg/day", "0.05", "0.1"),
    _by_weight("above 0.1 mg/kg/day", "0.11", None),
    (
        nadal2016.MOST_COMMON_START.name,
        lambda facts: (
            facts.daily_mg_per_m2 is not None
            and rounded(facts.daily_mg_per_m2, 1) == Decimal("1.6")
            and facts.times_a_day == 2
        ),
        nadal2016.MOST_COMMON_START,
    ),
)


def _targets(facts: Sequence[PatientFacts]) -> tuple[Question, ...]:
    """Return the targets of Nadal 2016, and then the clinic's others."""
    names = dict.fromkeys([*_TARGETS, *sorted(str(each.target) for each in facts)])
    return tuple(_target(name) for name in names)


def _target(name: str) -> Question:
    return name, lambda facts: str(facts.target) == name, _TARGETS.get(name)


def _drug(name: str) -> Question:
    return f"  {name}", lambda facts: name in facts.drugs, None


_CO_TREATMENTS: tuple[Question, ...] = (
    ("any", lambda facts: bool(facts.drugs), nadal2016.CO_TREATED),
    *map(_drug, (STEROIDS, "vincristine", "propranolol", "co-trimoxazole")),
    (
        "  steroids and vincristine",
        lambda facts: {STEROIDS, "vincristine"} <= facts.drugs,
        nadal2016.STEROIDS_AND_VINCRISTINE,
    ),
)
_NO_TOTAL = (
    f"Nadal 2016 gives no total for the {nadal2016.STEROIDS_AND_VINCRISTINE.count} with steroids "
    "and vincristine."
)
_STILL_TREATED: tuple[Question, ...] = (
    ("still on treatment", lambda facts: facts.is_treated, nadal2016.STILL_TREATED),
)
_FOLLOW_UP = f"Follow-up in Nadal 2016: {_range(nadal2016.FOLLOW_UP_MONTHS)} months."
_FIRST_LEVEL = (
    "The day of a measured level is given in one case of Nadal 2016: day "
    f"{nadal2016.FIRST_LEVEL_AFTER_DAYS}."
)
_DRUGS = (
    f"Nadal 2016: {nadal2016.ON_SIROLIMUS.count} on sirolimus, {nadal2016.ON_EVEROLIMUS.count} on "
    "everolimus."
)


# --- safety

_EVENT_DATA: tuple[Question, ...] = (
    (
        "data on adverse events",
        lambda facts: facts.events is not None,
        Count(
            "data on adverse events", nadal2016.PATIENTS_WITH_ADVERSE_EVENT_DATA, nadal2016.PATIENTS
        ),
    ),
    ("no data", lambda facts: facts.events is None, nadal2016.WITHOUT_ADVERSE_EVENT_DATA),
)


def _event(name: str, count: Count | None) -> Question:
    return name, lambda facts: name in (facts.events or ()), count


_EVENTS: tuple[Question, ...] = (
    ("none", lambda facts: not facts.events, nadal2016.NO_ADVERSE_EVENT),
    *(_event(count.name, count) for count in nadal2016.ADVERSE_EVENTS),
)


def _other_events(facts: list[PatientFacts]) -> tuple[Question, ...]:
    """Return the clinic's other events by name, those of unknown words last."""
    seen = {name for each in facts for name in each.events or ()}
    others = seen - {count.name for count in nadal2016.ADVERSE_EVENTS}
    return tuple(
        _event(name, None) for name in sorted(others, key=lambda n: (n == UNKNOWN_EVENT, n))
    )


def _action(name: str, action: ActionTaken, in_review: int | None) -> Question:
    of = nadal2016.PATIENTS_WITH_ADVERSE_EVENT_DATA
    count = None if in_review is None else Count(name, in_review, of)
    return name, lambda facts: action in facts.actions, count


_ACTIONS = (
    _action("dose reduced", ActionTaken.REDUCED, nadal2016.DOSE_DECREASED_IN),
    _action("held", ActionTaken.HELD, None),
    _action("stopped", ActionTaken.STOPPED, nadal2016.STOPPED_GRADUALLY_IN),
)


# --- response


def _times(facts: list[PatientFacts], belongs: Holds) -> list[TimeToResponse]:
    return [each.response for each in facts if each.response and belongs(each)]


def _response_times(facts: list[PatientFacts]) -> tuple[ResponseTimes, ...]:
    groups: tuple[tuple[str, Holds], ...] = (
        ("all", lambda _facts: True),
        ("tumours", _tumour),
        ("malformations", _malformation),
    )
    return tuple(
        ResponseTimes(name, kaplan_meier(_times(facts, belongs))) for name, belongs in groups
    )

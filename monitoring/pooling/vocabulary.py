"""The partitions of a share: their keys and rows, which the reader of a share accepts alone.

The words of a clinic (a target of its own, an event that the program does not know) are counted in
one row without a name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from dosing.knowledge.adverse_event_terms import TERMS
from dosing.knowledge.age_bands import AGE_BANDS, AgeBand
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS, MOST_COMMON_START
from dosing.pharmacokinetics import MODEL_KEYS
from monitoring.cohort.cohort import cohort_tables, review_age_bands
from monitoring.cohort.patient_facts import UNKNOWN_EVENT

NOT_RECORDED = "not recorded"
NO_DATA = "no data"
ANOTHER_TARGET = "another target"
SEXES, AGES, ANOMALIES, CONGENITAL = "sex", "age", "anomaly", "congenital"
SEVERITY, DOSES, TARGETS, STILL_TREATED = "severity", "starting-dose", "target", "still-treated"
COMMON_START, CO_TREATMENT = "most-common-start", "co-treatment"
STEROIDS_VINCRISTINE = "steroids-and-vincristine"
EVENTS, RESPONSE, JOINED = "adverse-events", "response", "levels-joined"
NO_EVENT, SOME_EVENT = "none", "at least one"
ANY_DRUG, NO_DRUG = "any", "no other drug"
WITHOUT = "without it"
OTHER_DRUGS = ("propranolol", "co-trimoxazole")
ACTIONS = ("dose reduced", "held", "stopped")
RESPONSE_DAYS = (7, 14, 28, 56, 91, 182, 364, 728)
"""The ends of the bands of the time to response, in days: each is included in its band."""
EVENT_NAMES = tuple(
    dict.fromkeys(
        [
            *(count.name for count in ADVERSE_EVENTS),
            *(term.review_count.name if term.review_count else term.name for term in TERMS),
            UNKNOWN_EVENT,
        ]
    )
)


@dataclass(frozen=True, slots=True)
class PartitionRule:
    """A partition: its rows, and the row of another partition that it divides, or all patients.

    With `parent` it divides the group of that partition that has the row.
    """

    key: str
    rows: tuple[str, ...]
    parent: tuple[str, str] | None = None


def age_atoms() -> tuple[AgeBand, ...]:
    """Return the bands of age that those of the program and of Nadal 2016 are made of."""
    both = (*AGE_BANDS, *review_age_bands())
    starts: list[Decimal] = sorted({band.from_months for band in both})
    ends: list[Decimal | None] = [*starts[1:], None]
    return tuple(
        AgeBand(f"from {low} months" if high is None else f"{low} to {high} months", low, high)
        for low, high in zip(starts, ends, strict=True)
    )


def responded_in(band: int) -> str:
    """Return the row of the patients who responded in a band of days."""
    return f"responded, {_band(band)}"


def censored_in(band: int) -> str:
    """Return the row of the patients whose follow-up ended in a band without a response."""
    return f"followed, {_band(band)}"


def _band(band: int) -> str:
    starts = [0, *(day + 1 for day in RESPONSE_DAYS)]
    if band == len(RESPONSE_DAYS):
        return f"from day {starts[-1]}"
    return f"days {starts[band]} to {RESPONSE_DAYS[band]}"


BANDS = range(len(RESPONSE_DAYS) + 1)


def with_model(key: str) -> str:
    """Return the key of the partition of the patients that a model was fitted to."""
    return f"fitted-{key}"


def with_event(name: str) -> str:
    """Return the key of the partition of the patients with an adverse event."""
    return f"event-{name}"


def with_action(name: str) -> str:
    """Return the key of the partition of the patients with an action taken."""
    return f"action-{name}"


def with_drug(name: str) -> str:
    """Return the key of the partition of the patients with another drug."""
    return f"drug-{name}"


def _names(key: str) -> tuple[str, ...]:
    """Return the rows of a table of the cohort."""
    table = next(each for each in cohort_tables(()) if each.key == key)
    return tuple(row.name.strip() for row in table.rows)


def _rules() -> Iterator[PartitionRule]:
    sums = {"tumours", "malformations", "lymphatic component"}
    doses = [name for name in _names(DOSES) if name != MOST_COMMON_START.name]
    yield PartitionRule(SEXES, _names(SEXES))
    yield PartitionRule(AGES, tuple(band.name for band in age_atoms()))
    anomalies = (name for name in _names(ANOMALIES) if name not in sums)
    yield PartitionRule(ANOMALIES, (*anomalies, NOT_RECORDED))
    yield PartitionRule(CONGENITAL, (*_names(CONGENITAL), NOT_RECORDED))
    yield PartitionRule(SEVERITY, (*_names(SEVERITY), NOT_RECORDED))
    yield PartitionRule(DOSES, (*doses, NOT_RECORDED))
    yield PartitionRule(
        COMMON_START, (MOST_COMMON_START.name, WITHOUT), (DOSES, "1.5-1.6 mg/m²/day")
    )
    yield PartitionRule(TARGETS, (*_names(TARGETS), ANOTHER_TARGET))
    yield PartitionRule(STILL_TREATED, (*_names(STILL_TREATED), WITHOUT))
    yield PartitionRule(CO_TREATMENT, (ANY_DRUG, NO_DRUG))
    drugs = (CO_TREATMENT, ANY_DRUG)
    yield PartitionRule(
        STEROIDS_VINCRISTINE,
        ("steroids alone", "steroids and vincristine", "vincristine alone", WITHOUT),
        drugs,
    )
    for name in OTHER_DRUGS:
        yield PartitionRule(with_drug(name), (name, WITHOUT), drugs)
    yield PartitionRule(EVENTS, (NO_EVENT, SOME_EVENT, NO_DATA))
    with_some = (EVENTS, SOME_EVENT)
    for name in EVENT_NAMES:
        yield PartitionRule(with_event(name), (name, WITHOUT), with_some)
    for name in ACTIONS:
        yield PartitionRule(with_action(name), (name, WITHOUT), with_some)
    followed = (*map(responded_in, BANDS), *map(censored_in, reversed(BANDS)), NOT_RECORDED)
    yield PartitionRule(RESPONSE, followed)
    yield PartitionRule(JOINED, ("with joined levels", WITHOUT))
    for key in MODEL_KEYS:
        yield PartitionRule(with_model(key), ("fitted", WITHOUT))


RULES: Mapping[str, PartitionRule] = {rule.key: rule for rule in _rules()}
"""Every partition by its key; a parent comes before what divides it."""

"""Synthetic clinics for the tests of shares and pools: patients as the cohort counts them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from dosing import Age, Sex, TargetTrough
from dosing.pharmacokinetics import MODEL_KEYS, model_named
from monitoring.cohort.cohort import CountedCohort, cohort_tables
from monitoring.cohort.patient_facts import STEROIDS, UNKNOWN_EVENT, PatientFacts
from monitoring.cohort.tables import Cohort, LevelsInRange
from monitoring.pooling.share import ClinicShare, EarlierShare, share_of
from monitoring.pooling.vocabulary import EVENT_NAMES
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.patient import Anomaly
from monitoring.response import TimeToResponse
from tests.builders import at, later

HOSTILE = ("[/]", "<img src=x>", "=1+1", "\u202eevil", "\x1b[31mred")
NOW = at("2026-06-01T08:00")
_EFFECTS = {key: len(model_named(key).effects) for key in MODEL_KEYS[:2]}
_TARGETS = (("5", "15"), ("1", "5"), ("8", "12"), ("10", "15"))


@dataclass(frozen=True)
class SyntheticPatient:
    facts: PatientFacts
    days: tuple[float, float, float] | None
    effects: dict[str, tuple[float, ...]]


def a_synthetic_patient(chance: random.Random) -> SyntheticPatient:
    born = date(2026, 1, 1) - timedelta(days=chance.choice([20, 100, 400, 1500, 3000, 6000, 9000]))
    born -= timedelta(days=chance.randrange(60))
    dose = None if chance.random() < 0.1 else Decimal(chance.randrange(5, 60)) / Decimal(1000)
    area = None if dose is None or chance.random() < 0.2 else dose * Decimal("27.3")
    has_events = chance.random() < 0.9
    common = chance.sample(EVENT_NAMES[:6], chance.choice([0, 0, 1, 1, 2]))
    rare = chance.sample([*EVENT_NAMES[6:], UNKNOWN_EVENT], chance.choice([0, 0, 0, 1]))
    response = None
    if has_events and chance.random() < 0.9:
        response = TimeToResponse(int(chance.expovariate(1 / 40)), chance.random() < 0.7)
    drugs = {name for name in (STEROIDS, "vincristine", "propranolol", "co-trimoxazole", *HOSTILE)
             if chance.random() < 0.15}  # fmt: skip
    low, high = chance.choices(_TARGETS, [8, 2, 1, 1])[0]
    facts = PatientFacts(
        anomaly=chance.choice(list(Anomaly)),
        sex=chance.choices([Sex.FEMALE, Sex.MALE, Sex.UNKNOWN], [10, 10, 1])[0],
        age_at_start=Age.between(born, date(2026, 1, 1)),
        congenital=chance.choice([True, False, None]),
        severity=chance.choice(["mild", "moderate", "severe", None, *HOSTILE]),
        daily_mg_per_m2=area,
        daily_mg_per_kg=dose,
        times_a_day=chance.choice([1, 2]),
        target=TargetTrough(Decimal(low), Decimal(high)),
        drugs=frozenset(drugs),
        is_treated=chance.random() < 0.8,
        days_treated=chance.uniform(5, 900),
        events=frozenset([*common, *rare]) if has_events else None,
        actions=frozenset(a for a in ActionTaken if chance.random() < 0.15)
        if has_events and (common or rare)
        else frozenset(),
        response=response,
    )
    days = None
    if has_events and chance.random() < 0.8:
        days = (chance.uniform(0, 30) * (chance.random() < 0.7), chance.uniform(10, 200),
                chance.uniform(0, 20) * (chance.random() < 0.5))  # fmt: skip
    fitted = [key for key in _EFFECTS if has_events and chance.random() < 0.9]
    effects = {key: tuple(chance.gauss(0, 0.3) for _ in range(_EFFECTS[key])) for key in fitted}
    return SyntheticPatient(facts, days, effects)


def later_on(chance: random.Random, patient: SyntheticPatient) -> SyntheticPatient:
    """Return a patient some months later: a few have new events, end treatment, or respond."""
    facts, changes = patient.facts, cast(dict[str, Any], {})
    if chance.random() < 0.15:
        changes["events"] = frozenset({*(facts.events or ()), chance.choice(EVENT_NAMES[:8])})
    if chance.random() < 0.1:
        changes["is_treated"] = False
    if facts.response and not facts.response.responded and chance.random() < 0.3:
        changes["response"] = TimeToResponse(facts.response.days + 30, chance.random() < 0.5)
    more = facts.days_treated + 100 if facts.is_treated else facts.days_treated
    return replace(patient, facts=replace(facts, days_treated=more, **changes))


def a_clinic(chance: random.Random, patients: int) -> list[SyntheticPatient]:
    return [a_synthetic_patient(chance) for _ in range(patients)]


def grown(
    chance: random.Random, clinic: Sequence[SyntheticPatient], more: int
) -> list[SyntheticPatient]:
    return [*(later_on(chance, each) for each in clinic), *a_clinic(chance, more)]


def counted(clinic: Sequence[SyntheticPatient], months: int = 0) -> CountedCohort:
    facts = tuple(each.facts for each in clinic)
    days = tuple(each.days for each in clinic if each.days is not None)
    return CountedCohort(
        cohort=Cohort(
            at=later(NOW, days=30 * months),
            patients=len(clinic),
            treated=len(clinic),
            tables=cohort_tables(facts),
            response_times=(),
            log_rank_p=None,
            levels=LevelsInRange(
                patients=len(days), days_below=0, days_within=0, days_above=0, largest_gap_days=0
            ),
            forecasts=cast(Any, None),
        ),
        facts=facts,
        days_in_range=days,
        random_effects={
            key: tuple(each.effects[key] for each in clinic if key in each.effects)
            for key in MODEL_KEYS
        },
    )


def successive_shares(
    chance: random.Random, sizes: Sequence[int]
) -> list[tuple[list[SyntheticPatient], ClinicShare]]:
    """Return a clinic and its share at each size, the later ones after the earlier ones."""
    clinic: list[SyntheticPatient] = []
    earlier: list[EarlierShare] = []
    found = []
    for place, size in enumerate(sizes):
        clinic = grown(chance, clinic, size - len(clinic))
        figures = counted(clinic, 6 * place)
        share = share_of(figures, earlier)
        earlier.append(EarlierShare.of(share, len(figures.days_in_range)))
        found.append((clinic, share))
    return found

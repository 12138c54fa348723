"""Records at random: plausible courses of treatment with everything that complicates a history."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dosing import Product
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay
from monitoring.record.patient import Cyp3a5
from monitoring.times import Moment
from tests.builders import a_missed_dose, at, ended, held_doses, later
from tests.monitoring.recommendation.records import child, usual_body, usual_dose, usual_level
from tests.monitoring.recommendation.second_forecast import schedule

_SIZES = {
    "fan2024": (4, 55, 14.0),  # some are older than its patients
    "chen2021": (8.5, 55, 14.0),
    "golubovic2019": (50, 90, 60),
    "cheng2020": (7.5, 42, 14.0),
    "chen2020": (4, 16.5, 4.1),
}
"""The lightest and heaviest patients drawn for a model, kg, and the oldest child, years."""


@dataclass(frozen=True)
class Drawn:
    """A record, the model it suits, and the time of the question."""

    record: Record
    model: str
    now: Moment


def drawn(seed: int) -> Drawn:
    """Return a record at random; the same seed gives the same one."""
    chance = random.Random(seed)
    begun = later(at("2025-06-01T00:00"), minutes=5 * chance.randrange(110_000))
    now = later(begun, minutes=chance.randint(10 * 1440, 45 * 1440))
    model = chance.choice([*["fan2024"] * 4, *["chen2021"] * 2, *list(_SIZES)[2:]])
    adult, (lightest, heaviest, oldest) = model == "golubovic2019", _SIZES[model]
    kg = chance.uniform(lightest, heaviest)
    years = min(oldest, 0.7 + kg / 4 + chance.uniform(-0.3, 0.3))
    years = chance.uniform(18, 60) if adult else years
    born = begun.local.date() - timedelta(days=int(365.25 * years))
    born = born.replace(day=min(born.day, 28))
    entries: list[Entry] = [*_body(chance, kg, begun, now)]
    if adult:
        entries += _laboratory(chance, begun, now, "AST", ["22 U/L", "36 U/L", "37 U/L", "38 U/L"])
    if model == "cheng2020":
        bilirubin = ["4.2 umol/L", "0.7 mg/dL", "22 umol/L", "1.1 mg/dL", "0.016 mmol/L"]
        entries += _laboratory(chance, begun, now, "T-Bil", bilirubin)
    cyp3a5 = chance.choice(list(Cyp3a5)) if model == "chen2020" else None
    ends: dict[int, Moment] = {}
    since = begun
    for _ in range(chance.choice([1, 1, 2, 3])):
        times = chance.choice([1, 2, 2, 2, 3, 4])
        daily = kg * chance.uniform(0.03, 0.09) * (0.5 if adult else 1)
        product = chance.choice([Product.SOLUTION] * 3 + [Product.TABLETS])
        mg = str(round(Decimal(daily / times), 2))
        entries.append(usual_dose(mg, since=since, times=times, product=product))
        if chance.random() < 0.2:
            end = later(since, minutes=chance.randint(2 * 1440, 8 * 1440))
            ends[len(entries) + 1] = end
            since = end
        since = later(since, minutes=5 * chance.randint(3 * 288, 15 * 288))
        if since >= now:
            break
    if chance.random() < 0.2:
        entries.append(usual_dose(str(round(Decimal(kg * 0.1), 1)), since=begun, loading=True))
    for _ in range(chance.choice([0, 0, 1, 3])):
        entries.append(a_missed_dose(_between(chance, begun, now)))
    if chance.random() < 0.2:
        start = _between(chance, begun, now)
        entries.append(held_doses(start, later(start, hours=chance.randint(12, 96))))
    entries += _levels(chance, _recorded(entries, born, cyp3a5, ends), begun, now)
    return Drawn(_recorded(entries, born, cyp3a5, ends), model, now)


def _recorded(
    entries: list[Entry], born: date, cyp3a5: Cyp3a5 | None, ends: dict[int, Moment]
) -> Record:
    record = child(*entries, born=born, cyp3a5=cyp3a5)
    for number, when in ends.items():
        record = ended(record, number, when)
    return record


def _between(chance: random.Random, since: Moment, until: Moment) -> Moment:
    minutes = int((until.utc - since.utc) / timedelta(minutes=1))
    return later(since, minutes=chance.randrange(minutes))


def _body(chance: random.Random, kg: float, begun: Moment, now: Moment) -> list[Entry]:
    """Growth: a weight near the beginning and up to three later ones, in the order of time."""
    days = sorted({
        begun.local.date() + timedelta(days=chance.randint(-20, 2)),
        *(_between(chance, begun, now).local.date() for _ in range(chance.randint(0, 3))),
    })  # fmt: skip
    return [
        usual_body(f"{kg * (1 + 0.01 * place):.2f} kg", on=_day) for place, _day in enumerate(days)
    ]


def _laboratory(
    chance: random.Random, begun: Moment, now: Moment, test: str, values: list[str]
) -> list[Entry]:
    return [
        LaboratoryValue(
            test=test,
            at=_between(chance, begun, now),
            value=LaboratoryQuantity.read(chance.choice(values)),
        )
        for _ in range(chance.randint(1, 3))
    ]


def _levels(chance: random.Random, record: Record, begun: Moment, now: Moment) -> list[Entry]:
    """Levels with a recorded last dose: the one due, given early or late, or the one before it."""
    found: list[Entry] = []
    for _ in range(chance.choice([0, 1, 2, 3, 5])):
        sampled = _between(chance, later(begun, hours=20), now)
        due = [each.due for each in schedule(record, sampled.utc)]
        if not due:
            continue
        told = due[-2] if len(due) > 1 and chance.random() < 0.2 else due[-1]
        told += timedelta(minutes=chance.choice([0, 0, -45, 10, 50, 110]))
        if told >= sampled.utc:
            continue
        sign = chance.choice([""] * 9 + ["<", ">"])
        value = {"<": 2.0, ">": 30.0}.get(sign) or chance.uniform(3, 18)
        hours = (sampled.utc - told) / timedelta(hours=1)
        found.append(
            usual_level(f"{sign}{value:.1f} ng/mL", sampled, hours=hours, assay=Assay.EMIT)
        )
    return found

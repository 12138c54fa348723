"""Random patients with entries of every kind, ends, voids, zones and hostile texts, in a store."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from dosing import PROTOCOLS, Product, Sex, TargetTrough
from dosing.birth_date import BirthDate
from dosing.gestational_age import GestationalAge
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.condition import Condition
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.kinds import kind_of
from monitoring.record.laboratory_value import (
    DIPSTICK,
    UNITS,
    LaboratoryQuantity,
    LaboratoryValue,
)
from monitoring.record.level import Assay, Comparator, LevelCause
from monitoring.record.patient import Anomaly, Cyp3a5, Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.store.store import Store
from monitoring.times import Moment
from tests.builders import (
    a_cause,
    a_condition,
    a_dose,
    a_drug,
    a_level,
    a_measurement,
    a_note,
    a_patient,
    a_response,
    a_settlement,
    a_side_effect,
    held_doses,
    later,
)

ZONES = (
    "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC", "UTC+05:30",
    "UTC-03:00",
)  # fmt: skip
HOSTILE = (
    "Łukasz", "[/]", "<img src=x>", "=1+1", "می\u200cخواهم", "\x1b[31mred\x1b[0m", "李 😀",
    '"quoted" \\ and \\u0041', "a & b", "\u202eabc", "]}, {", "1e400", "x" * 300, "",
)  # fmt: skip
TESTS = (
    "ALT", "Creatinine", "platelets", "cholesterol", "urine protein/creatinine", "TSH",
    "haematocrit", "a test of our own",
)  # fmt: skip
BEGUN = Moment.read("2026-03-01T08:00", "Europe/Paris")
NOW = Moment.read("2026-11-29T12:00", "Europe/Paris")
_DAYS = 240


class Chance(random.Random):
    """Random values of the record."""

    def moment(self) -> Moment:
        """Return a time after the beginning, of any zone."""
        minutes = self.randrange(_DAYS * 24 * 60)
        return replace(later(BEGUN, minutes=minutes), zone=self.choice(ZONES))

    def moments(self, count: int) -> list[Moment]:
        """Return different times, the earliest first."""
        minutes = sorted(self.sample(range(_DAYS * 24 * 60), count))
        return [replace(later(BEGUN, minutes=each), zone=self.choice(ZONES)) for each in minutes]

    def day(self) -> date:
        """Return a day after the beginning."""
        return BEGUN.local.date() + timedelta(days=self.randrange(_DAYS))

    def text(self) -> str:
        """Return a text that may be hostile, or empty."""
        return self.choice(HOSTILE)

    def number(self, most: int = 40) -> str:
        """Return a number above zero with any digits, such as 7.20."""
        decimals = self.randrange(4)
        whole = self.randrange(most)
        return (
            f"{whole}.{self.randrange(1, 10**decimals):0{decimals}}" if decimals else f"{whole + 1}"
        )

    def is_so(self, share: float = 0.5) -> bool:
        """Return true for this share of the cases."""
        return self.random() < share


def a_random_patient(chance: Chance, number: str) -> Patient:
    """Return a patient whose birth may be known to the month or year."""
    born = chance.choice([date(2021, 5, 1), BirthDate.read("2020-11"), BirthDate.read("2019")])
    return a_patient(
        number,
        f"{chance.text()} Sample {number}",
        born=born,
        sex=chance.choice(list(Sex)),
        anomaly=chance.choice(list(Anomaly)),
        diagnosis=chance.text(),
        allergies=chance.text(),
        congenital=chance.choice([None, True, False]),
        severity=chance.choice([None, "large [/]"]),
        gestation=chance.choice([None, GestationalAge(219)]),
        cyp3a5=chance.choice([None, *Cyp3a5]),
    )


def random_entries(chance: Chance) -> list[Entry]:
    """Return entries of every kind, none about the same at the same time as another."""
    entries: list[Entry] = [
        *_measurements(chance),
        *_doses(chance),
        *_omitted(chance),
        *_levels(chance),
        *_values(chance),
        *(
            a_side_effect(
                term,
                chance.day(),
                chance.choice([None, 1, 2, 3, 4, 5]),
                action=chance.choice(list(ActionTaken)),
                text=chance.text(),
                attributed_to=chance.choice([None, "a viral infection"]),
            )
            for term in chance.sample(["Mouth ulcers", "headache", "[/] <b>", "Fever"], 2)
        ),
        *(
            replace(a_drug(name, chance.day()), text=chance.text())
            for name in chance.sample(["fluconazole", "Łek =1+1", "prednisolone"], 2)
        ),
        *(
            a_condition(name, chance.day(), chance.text())
            for name in chance.sample(["surgery", "allergy to peanut", "infection [/]"], 2)
        ),
        a_response(chance.day()),
        a_note(f"note {chance.text()}", chance.day()),
        a_settlement(on=chance.day()),
    ]
    chance.shuffle(entries)
    return entries


def _measurements(chance: Chance) -> Iterator[Entry]:
    for on in chance.sample(range(_DAYS), 3):
        weight = chance.choice(["12.40 kg", "12400 g", "27.3 lb", None])
        height = chance.choice(["88 cm", "0.880 m", "34.65 in"] + ([None] if weight else []))
        day = BEGUN.local.date() + timedelta(days=on)
        yield a_measurement(weight, height, day, reason=chance.text())


def _doses(chance: Chance) -> Iterator[Prescription]:
    for since in chance.moments(3):
        product = chance.choice(list(Product))
        mg = chance.number(4)
        is_loading = chance.is_so(0.15)
        every = None if is_loading else chance.choice([None, None, 12, 24, 48])
        times = chance.choice([1, 2, 3]) if every is None else max(1, 24 // every)
        times = 1 if is_loading else times
        is_double = times == 2 and every in {None, 12}
        override = chance.is_so(0.3)
        yield a_dose(
            since,
            mg,
            times_a_day=times,
            every_hours=every,
            product=product,
            protocol=chance.choice(list(PROTOCOLS)),
            target=chance.choice(
                [
                    TargetTrough(Decimal(5), Decimal("15.0")),
                    TargetTrough(Decimal("4.0"), Decimal(10)),
                    TargetTrough(None, Decimal(12)),
                ]
            ),
            loading=is_loading,
            evening_mg=Decimal(mg) + Decimal("0.10") if is_double and chance.is_so(0.4) else None,
            strength_mg_per_ml=Decimal("0.50")
            if product is Product.SOLUTION and chance.is_so(0.3)
            else None,
            reason=chance.text(),
            override_reason="seen before" if override else "",
            override_by="Dr Example" if override else "",
            overridden_alerts=("dose-high",) if override else (),
            given_reason=chance.choice([None, None, "as the family gave it"]),
            is_taper_step=None if is_loading else chance.choice([None, None, True]),
            proposal=chance.choice(["", '{"dose": {"given_mg": 0.440}}']),
        )


def _omitted(chance: Chance) -> Iterator[MissedDose]:
    first, second, third = chance.moments(3)
    yield MissedDose(at=first, kind=NotGiven.MISSED, reason=chance.text())
    yield held_doses(second, replace(later(second, hours=50), zone=second.zone))
    yield held_doses(third, None, is_open=chance.choice([None, True]))


def _levels(chance: Chance) -> Iterator[Entry]:
    for sampled in chance.moments(4):
        sign = chance.choice(["", "", "", "<", ">"])
        unit = chance.choice(["ng/mL", "ng/mL", "ug/L", "nmol/L"])
        hours = chance.choice([None, 12, 11.8, 3.35, 0])
        yield a_level(
            f"{sign}{chance.number()} {unit}",
            sampled,
            hours=hours,
            assay=chance.choice([None, *Assay]),
            laboratory=chance.text(),
            last_dose_assumed=None if hours is None else chance.choice([None, True, False]),
            reason=chance.text(),
        )


def _values(chance: Chance) -> Iterator[LaboratoryValue]:
    for test, at in zip(TESTS, chance.moments(len(TESTS)), strict=True):
        unit = chance.choice([spellings[0] for spellings in UNITS if spellings[0] != DIPSTICK])
        low, high = sorted((Decimal(chance.number()), Decimal(chance.number(400)) + 40))
        yield LaboratoryValue(
            test=test,
            at=at,
            value=LaboratoryQuantity(Decimal(chance.number(300)), unit),
            comparator=chance.choice([None, None, *Comparator]),
            lower_limit=LaboratoryQuantity(low, unit) if chance.is_so() else None,
            upper_limit=LaboratoryQuantity(high, unit) if chance.is_so() else None,
            laboratory=chance.text(),
        )
    strip, *pressures = chance.moments(3)
    yield LaboratoryValue(
        test="urine protein",
        at=strip,
        value=LaboratoryQuantity(chance.choice([Decimal(0), Decimal("0.5"), Decimal(2)]), DIPSTICK),
    )
    for at in pressures:
        for test, mmhg in (("systolic", chance.randint(90, 130)), ("diastolic", 60)):
            yield LaboratoryValue(
                test=f"{test} blood pressure",
                at=at,
                value=LaboratoryQuantity(Decimal(mmhg), "mm[Hg]"),
            )


def add_random_patient(store: Store, seed: int, voids: float = 0.15) -> int:
    """Add a random patient with entries, ends and voids; return the number."""
    chance = Chance(seed)
    number = store.add_patient(a_random_patient(chance, f"{seed:05d}")).number
    for entry in random_entries(chance):
        added = store.add(number, entry).number
        ending = _ending(chance, entry, added)
        if ending is not None:
            store.end(added, ending)
        if chance.is_so(voids):
            store.void(added, f"wrong {chance.text()}")
        if kind_of(entry).name == "level" and chance.is_so(0.2):
            store.add(number, a_cause(added, chance.choice(list(LevelCause))))
    return number


def _ending(chance: Chance, entry: Entry, number: int) -> StopRecord | None:
    kind = kind_of(entry)
    is_lasting: Callable[[Entry], bool] = kind.lasts_if
    if kind.lasts is None or not is_lasting(entry) or chance.is_so():
        return None
    since = getattr(entry, kind.begins)
    if isinstance(since, Moment):
        if isinstance(entry, MissedDose) and not entry.is_open:
            return None
        end = replace(later(since, hours=chance.randrange(600)), zone=chance.choice(ZONES))
        return StopRecord(of=number, at=end, reason=chance.text())
    return StopRecord(of=number, on=since + timedelta(days=chance.randrange(30)))


def is_an_allergy(entry: Condition) -> bool:
    """Return whether a condition of these patients is an allergy."""
    return entry.name.startswith("allergy")

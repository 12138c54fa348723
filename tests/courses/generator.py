"""Random courses of treatment, walked visit by visit.

Each visit hands out the record as the program knows it then, and the same facts as the second rules
know them. The same seed gives the same course. All times are UTC: sample at 08:00, last dose at
20:00 the evening before, the questions asked at 16:00, a new dose from 20:00 on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import exp, log, sqrt
from random import Random
from typing import Any

from dosing import Product, Sex, measure_out
from monitoring.record.adverse_event import ActionTaken
from monitoring.record.entries import Author, Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.level import LevelCause, LevelCauseAnswer
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.response import Criterion
from monitoring.times import Moment
from tests.builders import (
    AUTHOR,
    a_condition,
    a_dose,
    a_drug,
    a_laboratory_value,
    a_level,
    a_measurement,
    a_missed_dose,
    a_patient,
    a_record,
    a_response,
    a_side_effect,
    at,
)
from tests.courses import second_rules as rules

DAY = timedelta(days=1)
ASKED, SAMPLED, GIVEN = time(16), time(8), time(20)
FIRST_DAY = date(2024, 3, 1)
LOW, HIGH = 5.0, 15.0


def moment(when: datetime) -> Moment:
    """Return a moment of UTC."""
    return at(when.isoformat(timespec="minutes"), "UTC")


@dataclass
class Walk:
    """A course as it grows: the record and the plain facts of it side by side."""

    random: Random
    born: date
    sex: Sex
    weight: float
    day: date = FIRST_DAY
    allergies: str = ""
    facts: rules.Course = field(init=False)
    record: Record = field(init=False)
    told: list[str] = field(default_factory=list)
    """What happened, in words, for a failure."""

    def __post_init__(self) -> None:
        """Begin with the patient alone."""
        patient = a_patient(born=self.born, sex=self.sex, allergies=self.allergies)
        self.record = a_record(patient=patient, by=Author(AUTHOR, moment(self.at(time(7)))))
        self.facts = rules.Course(born=self.born, allergies=self.allergies)

    def at(self, clock: time, *, ago: int = 0) -> datetime:
        """Return a time of the day, or of a day before."""
        return datetime.combine(self.day - ago * DAY, clock)

    @property
    def now(self) -> datetime:
        """The time at which questions are asked."""
        return self.at(ASKED)

    @property
    def months(self) -> float:
        return (self.day - self.born).days / 30.4

    @property
    def area(self) -> float:
        return sqrt(self.weight * self.height / 3600)

    @property
    def height(self) -> float:
        """A height that suits the weight well enough for the limits."""
        return 50 * float((self.weight / 3.5) ** 0.45)

    # --- entries

    def _mark(self) -> tuple[int, Author]:
        return self.record.revision + 1, Author(AUTHOR, moment(self.now))

    def add(self, entry: Entry, told: str = "") -> int:
        """Add an entry to the record; return its number."""
        number, author = self._mark()
        stored = StoredEntry(number=number, patient=1, entry=entry, author=author)
        self.record = replace(self.record, entries=(*self.record.entries, stored))
        if told:
            self.told.append(f"{self.day}: {told}")
        return number

    def end(self, number: int, told: str, *, when: datetime | None = None) -> None:
        """End an entry: at a time, or on this day."""
        mark, author = self._mark()
        stop = (
            StopRecord(of=number, at=moment(when)) if when else StopRecord(of=number, on=self.day)
        )
        ending = StoredEntry(number=mark, patient=1, entry=stop, author=author)
        entries = tuple(
            replace(each, ending=ending) if each.number == number else each
            for each in self.record.entries
        )
        self.record = replace(self.record, entries=entries)
        self.told.append(f"{self.day}: {told}")

    # --- what a clinic does

    def measure(self) -> None:
        """Add the weight and height."""
        self.add(a_measurement(f"{self.weight:.1f} kg", f"{self.height:.0f} cm", self.day))

    def prescription(
        self, mg: float, every_hours: int, product: Product, **more: Any
    ) -> Prescription:
        """Return a dose from the evening on, rounded to what can be measured out."""
        measured = measure_out(Decimal(f"{max(mg, 0.02):.4f}"), product).mg
        return a_dose(
            moment(self.at(GIVEN)),
            str(measured),
            times_a_day=24 // every_hours,
            product=product,
            **more,
        )

    def prescribe(self, dose: Prescription, told: str) -> int:
        """Add a dose."""
        self.facts.doses.append(plain_dose(dose))
        return self.add(dose, f"{told}: {dose}, {dose.product.value}")

    def hold(self, told: str) -> tuple[int, rules.Span]:
        """Hold the doses from this evening on."""
        begin = self.at(GIVEN)
        span = rules.Span(begin)
        self.facts.holds.append(span)
        entry = MissedDose(at=moment(begin), kind=NotGiven.HELD, is_open=True)
        return self.add(entry, f"held, {told}"), span

    def restart(self, held: tuple[int, rules.Span]) -> None:
        """Give the doses again from this evening on."""
        when = self.at(GIVEN)
        held[1].until = when
        self.end(held[0], "restarted", when=when)

    def level(
        self, ng_ml: float, *, hours: float | None = 12, comparator: str = "", minutes: int = 0
    ) -> None:
        """Add a level of the morning."""
        sampled = self.at(SAMPLED) + timedelta(minutes=minutes)
        last = None if hours is None else sampled - timedelta(hours=hours)
        text = f"{comparator}{ng_ml:.1f} ng/mL"
        entry = a_level(
            text, moment(sampled), hours=None, last_dose=None if last is None else moment(last)
        )
        number = self.add(entry, f"level {text}, {hours} h after the last dose")
        self.facts.levels.append(
            rules.Level(sampled, round(ng_ml, 1), last, comparator, number=number)
        )

    def answer(self, level: rules.Level, cause: LevelCause) -> None:
        """Answer the cause of a level that does not fit; an error takes it out."""
        level.excluded, level.real_cause = cause.is_error, cause.is_real_change
        self.add(
            LevelCauseAnswer(of=level.number, on=self.day, cause=cause, is_excluded=cause.is_error),
            f"the cause of {level.ng_ml} ng/mL: {cause.value}",
        )

    def event(self, term: str, grade: int, action: ActionTaken) -> tuple[int, rules.Event]:
        """Add an adverse event of this day."""
        fact = rules.Event(term.casefold(), grade, action.value, self.day)
        self.facts.events.append(fact)
        entry = a_side_effect(term, self.day, grade, action=action)
        return self.add(entry, f"{term} grade {grade}, action {action.value}"), fact

    def neutrophils(self, number: float, grade: int) -> None:
        """Add neutrophils of the morning."""
        when = self.at(SAMPLED)
        self.facts.values.append(rules.Value("neutrophils", when, grade))
        self.add(
            a_laboratory_value(
                "Neutrophils", f"{number} 10*9/L", moment(when), lower="1.5 10*9/L",
                upper="8.0 10*9/L",
            ),
            f"neutrophils {number}, grade {grade}",
        )  # fmt: skip

    def drug(self, name: str) -> tuple[int, rules.Days]:
        """Add a drug from this day on."""
        fact = rules.Days(name, self.day)
        self.facts.drugs.append(fact)
        return self.add(a_drug(name, self.day), f"{name} begins"), fact

    def grow(self, days: int, percent_a_month: float) -> None:
        """Go on by so many days."""
        self.day += days * DAY
        self.weight *= (1 + percent_a_month / 100) ** (days / 30)


def plain_dose(dose: Prescription) -> rules.Dose:
    """Return the dose as the second rules know it."""
    return rules.Dose(
        at=datetime.fromisoformat(str(dose.since)[:16]),
        mg=float(dose.dose_mg),
        every_hours=24 // dose.times_a_day,
        product="solution" if dose.product is Product.SOLUTION else "tablets",
        low=None if dose.target.low_ng_ml is None else float(dose.target.low_ng_ml),
        high=float(dose.target.high_ng_ml),
        loading=dose.loading,
        taper=bool(dose.is_taper_step),
    )


def _begin(seed: int, *, calm: bool) -> Walk:
    random = Random(seed)
    ages = (2, 6) if not calm and random.random() < 0.1 else (8, 23)
    if random.random() < 0.75:
        ages = (24, 200)
    months = random.uniform(*ages)
    years = months / 12
    weight = (
        3.5 + months * 0.6 if months < 12 else 8 + 2.4 * years if years < 12 else 4 * years - 10
    )
    walk = Walk(
        random=random,
        born=FIRST_DAY - timedelta(days=int(months * 30.4)),
        sex=random.choice((Sex.MALE, Sex.FEMALE)),
        weight=weight * random.uniform(0.9, 1.1),
        allergies="peanut" if not calm and random.random() < 0.03 else "",
    )
    walk.measure()
    return walk


def _first_dose(walk: Walk, *, tablets: bool) -> Prescription:
    if tablets:
        return walk.prescription(2, 24, Product.TABLETS)
    per_dose = 0.1 if walk.months < 7 else 0.6 if walk.months < 24 else 0.8
    return walk.prescription(per_dose * walk.area, 12, Product.SOLUTION)


# --- uneventful courses

_LABS = (
    ("Haemoglobin", "12.1 g/dL", "11.0 g/dL", "14.5 g/dL"),
    ("Platelets", "310 10*9/L", "150 10*9/L", "450 10*9/L"),
    ("Neutrophils", "3.1 10*9/L", "1.5 10*9/L", "8.0 10*9/L"),
    ("White cells", "6.1 10*9/L", "4.5 10*9/L", "13 10*9/L"),
    ("Lymphocytes", "2.4 10*9/L", "1.5 10*9/L", "7 10*9/L"),
    ("ALT", "24 U/L", None, "40 U/L"),
    ("AST", "26 U/L", None, "40 U/L"),
    ("Creatinine", "31 umol/L", "18 umol/L", "45 umol/L"),
    ("Cholesterol", "3.9 mmol/L", None, "5.2 mmol/L"),
    ("Triglycerides", "1.1 mmol/L", None, "1.7 mmol/L"),
    ("Glucose", "4.8 mmol/L", "3.3 mmol/L", "5.6 mmol/L"),
    ("Potassium", "4.2 mmol/L", "3.5 mmol/L", "5.1 mmol/L"),
    ("Phosphate", "1.5 mmol/L", "1.1 mmol/L", "1.9 mmol/L"),
    ("Urine protein/creatinine", "10 mg/mmol", None, "20 mg/mmol"),
)  # fmt: skip


def _checks(walk: Walk) -> None:
    for test, value, lower, upper in _LABS:
        walk.add(
            a_laboratory_value(test, value, moment(walk.at(SAMPLED)), lower=lower, upper=upper)
        )


def uneventful(seed: int, follow: "Follow") -> Iterator[Walk]:
    """Yield a course at each of its visits: 2 weeks after the start, then 7 monthly ones.

    Levels are log-normal around the target's middle of 10 with 30 % (sigma of the logarithm 0.294),
    one dose as the other. A change of dose is followed by a visit after two weeks.
    """
    walk = _begin(seed, calm=True)
    tablets = walk.weight > 40 and walk.random.random() < 0.3
    _checks(walk)
    dose = _first_dose(walk, tablets=tablets)
    walk.prescribe(dose, "start")
    sigma = sqrt(log(1 + 0.3**2))
    days = 14
    for _visit in range(8):
        walk.grow(days, 1.0 if walk.months < 24 else 0.6)
        walk.measure()
        _checks(walk)
        walk.add(a_response(walk.day, criterion=Criterion.CLINICAL))
        level = 10 * exp(walk.random.gauss(-sigma * sigma / 2, sigma))
        walk.level(level, hours=24 if dose.times_a_day == 1 else 12)
        yield walk
        new = follow(walk)
        if new is not None:
            dose = new
            walk.prescribe(new, "as recommended")
        days = 14 if new is not None else 30


# --- eventful courses

_DRUG_FACTORS = {
    "voriconazole": 5.0, "clarithromycin": 3.0, "fluconazole": 1.8, "rifampicin": 0.2,
    "carbamazepine": 0.6,
}  # fmt: skip


class Follow:
    """What a clinician does at the end of a visit: the next dose, or None for the same."""

    def __call__(self, walk: Walk) -> Prescription | None:
        raise NotImplementedError


@dataclass
class _Happenings:
    """What is going on in an eventful course."""

    dose_number: int = 0
    held: tuple[int, rules.Span] | None = None
    holding_event: tuple[int, rules.Event] | None = None
    drug: tuple[int, rules.Days] | None = None
    pregnancy: tuple[int, rules.Days] | None = None
    events: list[tuple[int, rules.Event]] = field(default_factory=list)
    stopped: bool = False


def eventful(seed: int, follow: Follow) -> Iterator[Walk]:
    """Yield a course at each of its visits, with something happening at most of them."""
    walk = _begin(seed, calm=False)
    random = walk.random
    walk.neutrophils(3.1, 0)
    dose = _first_dose(walk, tablets=walk.weight > 40 and random.random() < 0.3)
    going = _Happenings(dose_number=walk.prescribe(dose, "start"))
    per_mg = random.uniform(6, 14) / float(dose.dose_mg * dose.times_a_day)
    for _visit in range(random.randint(5, 12)):
        walk.grow(random.choice((2, 4, 7, 8, 10, 14, 14, 28, 45)), random.uniform(0, 4))
        if random.random() < 0.7:
            walk.measure()
        _sample(walk, going, per_mg)
        _happen(walk, going)
        yield walk
        if going.held or going.stopped or walk.facts.doses[-1].at > walk.now:
            continue  # no dose is changed twice on a day
        new = follow(walk)
        if new is not None:
            going.dose_number = walk.prescribe(new, "next dose")


def _sample(walk: Walk, going: _Happenings, per_mg: float) -> None:
    """Take a level at most visits."""
    random = walk.random
    dose = rules.dose_at(walk.facts, walk.now)
    if random.random() > 0.75 or going.stopped or dose is None:
        return
    level = dose.daily_mg * per_mg * random.lognormvariate(0, 0.25)
    for name in rules.drugs_at(walk.facts, walk.day):
        level *= _DRUG_FACTORS[name]
    if random.random() < 0.05:
        level *= random.choice((0.25, 3.5))
    level = min(max(level, 0.6), 90)
    if going.held is None:
        _take(walk, level, dose.every_hours)
    elif (walk.at(SAMPLED) - going.held[1].since).days <= 2:
        hours = (walk.at(SAMPLED) - going.held[1].since).total_seconds() / 3600 + 12
        walk.level(max(level * 0.5, 0.6), hours=hours)


def _take(walk: Walk, level: float, usual: int) -> None:
    """Take a level: a trough mostly, else a peak, an unknown last dose, or one typed twice."""
    odds = walk.random.random()
    if odds > 0.97:
        walk.level(level * 1.5, hours=2)
    elif odds > 0.94:
        walk.level(level, hours=None)
    elif level < 2 and odds > 0.5:
        walk.level(2.0, hours=usual, comparator="<")
    else:
        walk.level(level, hours=usual)
        if odds > 0.88:
            walk.level(level, hours=usual)


def _happen(walk: Walk, going: _Happenings) -> None:
    """Let what is open come to its end, and at most one thing more happen."""
    random = walk.random
    _come_to_an_end(walk, going)
    if going.stopped:
        if random.random() < 0.4:
            going.stopped = False
            _prescribe_again(walk, going)
        return
    happening = random.choices(
        (_toxicity, _hold, _drug, _pregnancy, _miss, _stop, _switch, _neutrophils, _taper,
         _answer_cause, None),
        (16, 8, 12, 4, 4, 3, 5, 8, 3, 20, 20),
    )[0]  # fmt: skip
    if happening is not None:
        happening(walk, going)


def _prescribe_again(walk: Walk, going: _Happenings) -> None:
    last = max(walk.facts.doses, key=lambda each: each.at)
    product = Product.SOLUTION if last.product == "solution" else Product.TABLETS
    again = walk.prescription(last.mg, last.every_hours, product)
    going.dose_number = walk.prescribe(again, "prescribed again")


def _hold(walk: Walk, going: _Happenings) -> None:
    if going.held is None:
        going.held = walk.hold("no adverse event recorded")


def _drug(walk: Walk, going: _Happenings) -> None:
    if going.drug is None:
        going.drug = walk.drug(walk.random.choice(sorted(_DRUG_FACTORS)))


def _pregnancy(walk: Walk, going: _Happenings) -> None:
    if walk.sex is Sex.FEMALE and walk.months > 144 and not going.pregnancy:
        since = walk.day + walk.random.choice((0, 0, 30, 200)) * DAY
        fact = rules.Days("pregnancy", since)
        walk.facts.conditions.append(fact)
        number = walk.add(a_condition("pregnancy", since), f"pregnancy from {since}")
        going.pregnancy = (number, fact)


def _miss(walk: Walk, going: _Happenings) -> None:
    if going.held is None:
        missed = walk.at(GIVEN, ago=1)
        walk.facts.missed.append(missed)
        walk.add(a_missed_dose(moment(missed)), "one dose missed")


def _stop(walk: Walk, going: _Happenings) -> None:
    if going.held is None:
        when = walk.at(GIVEN)
        walk.facts.ends.append(when)
        walk.end(going.dose_number, "stopped", when=when)
        going.stopped = True


def _switch(walk: Walk, going: _Happenings) -> None:
    if walk.weight > 30 and going.held is None:
        tablets = walk.prescription(walk.random.choice((1, 2)), 24, Product.TABLETS)
        going.dose_number = walk.prescribe(tablets, "switch")


def _taper(walk: Walk, going: _Happenings) -> None:
    dose = rules.dose_at(walk.facts, walk.now)
    if going.held is None and dose is not None and dose.product == "solution":
        step = walk.prescription(
            dose.mg * 0.9, dose.every_hours, Product.SOLUTION, is_taper_step=True
        )
        going.dose_number = walk.prescribe(step, "a step of a plan to stop")


def _answer_cause(walk: Walk, _going: _Happenings) -> None:
    levels = rules.used_levels(walk.facts, walk.now)
    if levels and rules.does_not_fit(walk.facts, levels[-1], walk.now):
        cause = (LevelCause.GIVEN_TWICE, LevelCause.DIARRHOEA, LevelCause.NOT_FOUND)
        walk.answer(levels[-1], walk.random.choice(cause))


def _neutrophils(walk: Walk, _going: _Happenings) -> None:
    walk.neutrophils(*walk.random.choice(((0.8, 3), (1.2, 2), (3.0, 0), (0.4, 4))))


def _toxicity(walk: Walk, going: _Happenings) -> None:
    random = walk.random
    term = random.choice(("Pneumonitis", "Mucositis oral", "Mucositis oral", "Hypertension"))
    grade = random.randint(1, 4)
    holds = grade >= 2 and going.held is None and random.random() < 0.6
    event = walk.event(term, grade, ActionTaken.HELD if holds else ActionTaken.NONE)
    if holds and random.random() < 0.85:  # else the record goes on: a conflict
        going.held = walk.hold(term)
    going.events.append(event)


def _come_to_an_end(walk: Walk, going: _Happenings) -> None:
    random = walk.random
    if going.held:
        days = (walk.at(GIVEN) - going.held[1].since).days
        if random.random() < 0.5 and days >= 4:
            walk.restart(going.held)
            going.held = None
    if going.drug and random.random() < 0.4 and going.drug[1].since < walk.day:
        going.drug[1].until = walk.day
        walk.end(going.drug[0], f"{going.drug[1].name} ends")
        going.drug = None
    if going.pregnancy and going.pregnancy[1].since < walk.day and random.random() < 0.2:
        going.pregnancy[1].until = walk.day
        walk.end(going.pregnancy[0], "pregnancy ends")
        going.pregnancy = None
    for event in [each for each in going.events if random.random() < 0.4]:
        event[1].until = walk.day
        walk.end(event[0], f"{event[1].term} ends")
        going.events.remove(event)

"""The diary of the synthetic clinic, whose entries are stored as if each were made at its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from dosing import (
    REVIEW,
    Age,
    Height,
    Override,
    Product,
    Proposal,
    Protocol,
    QuantityKind,
    Request,
    TargetTrough,
    Weight,
    propose_starting_dose,
    read_quantity,
)
from dosing.build import this_build
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import StopRecord
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Level, read_level
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.store.store import Store
from monitoring.times import Moment

AUTHOR = "Sample Clinician"
LABORATORY = "Sample laboratory"
_VISIT, _RESULTS, _EVENING, _BEFORE_DOSE = time(10), time(15), time(20), time(7, 50)
_LATE_RESULTS = time(22)


@dataclass(slots=True)
class Handle:
    """A planned entry; its number is known once it is stored."""

    number: int = 0


@dataclass(slots=True)
class Diary:
    """Planned entries, counted in days before today."""

    today: date
    zone: str
    _steps: list[tuple[Moment, Callable[[Store], None]]] = field(default_factory=list)

    def day(self, ago: int) -> date:
        """Return the day so many days before today."""
        return self.today - timedelta(days=ago)

    def at(self, ago: int, clock: time) -> Moment:
        """Return a time of that day."""
        return Moment.of_local(datetime.combine(self.day(ago), clock), self.zone)

    def plan(self, when: Moment, step: Callable[[Store], None]) -> None:
        """Plan a step at its time."""
        self._steps.append((when, step))

    def write(self, engine: Engine) -> None:
        """Take every step in the order of time, each with a clock at its time."""
        for when, step in sorted(self._steps, key=lambda each: each[0]):
            step(Store(engine, AUTHOR, lambda when=when: when))  # type: ignore[misc]


class Chart:
    """One patient in the diary. `ago` is always in days before today."""

    def __init__(self, diary: Diary, patient: Patient, ago: int) -> None:
        """Add the patient so many days ago."""
        self.diary = diary
        self.patient = patient
        self._own = Handle()
        diary.plan(diary.at(ago, time(9)), self._admit)

    def _admit(self, store: Store) -> None:
        self._own.number = store.add_patient(self.patient).number

    def add(self, entry: Entry, ago: int, clock: time = _VISIT) -> Handle:
        """Add an entry."""
        handle = Handle()

        def step(store: Store) -> None:
            handle.number = store.add(self._own.number, entry).number

        self.diary.plan(self.diary.at(ago, clock), step)
        return handle

    def end_day(self, handle: Handle, ago: int) -> None:
        """Add the last day of an adverse event or a drug."""
        self.diary.plan(
            self.diary.at(ago, _VISIT),
            lambda store: _end(store, StopRecord(of=handle.number, on=self.diary.day(ago))),
        )

    def end_course(self, handle: Handle, ago: int, reason: str) -> None:
        """Add the end of a prescription, or of a hold, in the evening."""
        at = self.diary.at(ago, _EVENING)
        self.diary.plan(
            self.diary.at(ago, _VISIT),
            lambda store: _end(store, StopRecord(of=handle.number, at=at, reason=reason)),
        )

    def void(self, handle: Handle, ago: int, reason: str) -> None:
        """Void an entry in the evening."""

        def step(store: Store) -> None:
            store.void(handle.number, reason)

        self.diary.plan(self.diary.at(ago, _EVENING), step)

    # --- frequent entries of clinicians

    def measure(self, ago: int, weight: str, height: str | None = None) -> None:
        """Add a weight and a height."""
        self.add(
            Measurement(
                on=self.diary.day(ago),
                weight=read_quantity(weight, QuantityKind.WEIGHT),
                height=read_quantity(height, QuantityKind.HEIGHT) if height else None,
            ),
            ago,
        )

    def start(  # noqa: PLR0913 - the choices of a start
        self,
        ago: int,
        weight: str,
        height: str,
        *,
        protocol: Protocol = REVIEW,
        product: Product = Product.SOLUTION,
        drugs: tuple[str, ...] = (),
        override: Override | None = None,
    ) -> Handle:
        """Measure, propose a starting dose and accept it from the evening on.

        A loading dose is given that evening, and the daily doses follow a day later.
        """
        self.measure(ago, weight, height)
        for drug in drugs:
            self.drug(ago, drug)
        proposal = propose_starting_dose(
            Request(
                weight=Weight.read(weight),
                height=Height.read(height),
                age=Age.between(self.patient.born, self.diary.day(ago)),
                sex=self.patient.sex,
                protocol=protocol,
                product=product,
                drugs=drugs,
                override=override,
            )
        )
        dose, loading = proposal.dose, proposal.loading_dose
        if dose is None:
            raise ValueError(f"{self.patient.record_number}: no dose is proposed")
        if loading:
            mg = loading.measured.mg
            self.add(self._accepted(proposal, ago, mg, 1, loading=True), ago)
            ago -= 1
        return self.add(self._accepted(proposal, ago, dose.measured.mg, dose.times_a_day or 1), ago)

    def _accepted(
        self, proposal: Proposal, ago: int, mg: Decimal, times_a_day: int, *, loading: bool = False
    ) -> Prescription:
        request, override = proposal.request, proposal.override
        return Prescription(
            since=self.diary.at(ago, _EVENING),
            dose_mg=mg,
            times_a_day=times_a_day,
            product=request.product,
            protocol=request.protocol.key,
            target=request.protocol.target,
            rule_version=this_build().label,
            proposal=proposal.to_json(),
            loading=loading,
            override_reason=override.reason if override else "",
            override_by=override.by if override else "",
            overridden_alerts=proposal.overridden,
            reason="start",
        )

    def hold(self, ago: int, reason: str) -> Handle:
        """Hold the doses from the evening on, until they are given again."""
        return self.add(
            MissedDose(
                at=self.diary.at(ago, _EVENING), kind=NotGiven.HELD, is_open=True, reason=reason
            ),
            ago,
            _LATE_RESULTS,
        )

    def change(  # noqa: PLR0913 - the choices of a change
        self,
        ago: int,
        mg: str,
        reason: str,
        target: TargetTrough = REVIEW.target,
        *,
        product: Product = Product.SOLUTION,
        times_a_day: int = 2,
    ) -> Handle:
        """Prescribe another dose, or another product, from the evening on."""
        prescription = Prescription(
            since=self.diary.at(ago, _EVENING),
            dose_mg=Decimal(mg),
            times_a_day=times_a_day,
            product=product,
            protocol=REVIEW.key,
            target=target,
            rule_version=this_build().label,
            reason=reason,
        )
        return self.add(prescription, ago, time(16))

    def level(
        self,
        ago: int,
        value: str,
        *,
        assay: Assay = Assay.LC_MS_MS,
        sampled: time = _BEFORE_DOSE,
        last_dose: time | None = None,
    ) -> Handle:
        """Add a level: a trough before the morning dose, with the last dose the evening before.

        With `last_dose`, that dose was given earlier on the same day.
        """
        number, comparator = read_level(value)
        last = self.diary.at(ago, last_dose) if last_dose else self.diary.at(ago + 1, _EVENING)
        entry = Level(
            sampled=self.diary.at(ago, sampled),
            value=number,
            comparator=comparator,
            last_dose=last,
            assay=assay,
            laboratory=LABORATORY,
        )
        return self.add(entry, ago, _RESULTS if sampled < _RESULTS else _LATE_RESULTS)

    def lab(
        self, ago: int, test: str, value: str, lower: str | None = None, upper: str | None = None
    ) -> Handle:
        """Add a laboratory value of the morning, with its limits of normal."""
        read = LaboratoryQuantity.read
        entry = LaboratoryValue(
            test=test,
            at=self.diary.at(ago, _BEFORE_DOSE),
            value=read(value),
            lower_limit=read(lower) if lower else None,
            upper_limit=read(upper) if upper else None,
            laboratory=LABORATORY,
        )
        return self.add(entry, ago, _RESULTS)

    def usual_labs(self, ago: int) -> None:
        """Add the laboratory checks of a visit, all within their limits."""
        self.lab(ago, "Haemoglobin", "12.1 g/dL", "11.0 g/dL", "14.5 g/dL")
        self.lab(ago, "Platelets", "310 10*9/L", "150 10*9/L", "450 10*9/L")
        self.lab(ago, "Neutrophils", "3.1 10*9/L", "1.5 10*9/L", "8.0 10*9/L")
        self.lab(ago, "ALT", "24 U/L", None, "40 U/L")
        self.lab(ago, "Creatinine", "31 umol/L", "18 umol/L", "45 umol/L")
        self.lab(ago, "Cholesterol", "3.9 mmol/L", None, "5.2 mmol/L")
        self.lab(ago, "Triglycerides", "1.1 mmol/L", None, "1.7 mmol/L")
        self.lab(ago, "Glucose", "4.8 mmol/L", "3.3 mmol/L", "5.6 mmol/L")
        self.lab(ago, "Potassium", "4.2 mmol/L", "3.5 mmol/L", "5.1 mmol/L")

    def drug(self, ago: int, name: str, text: str = "") -> Handle:
        """Add a drug given with sirolimus."""
        return self.add(CoMedication(drug=name, since=self.diary.day(ago), text=text), ago)


def _end(store: Store, ending: StopRecord) -> None:
    store.end(ending.of, ending)

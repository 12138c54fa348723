"""The synthetic clinic: every state it promises, made as a clinician would have entered it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dosing import AlertKind, Product, measure_out
from monitoring.demo.clinic import write_demo
from monitoring.demo.diary import AUTHOR
from monitoring.record.adverse_event import AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Record
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import measurement_alerts, prescription_alerts
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.record.response import Response
from monitoring.state import StateKind, state_at
from monitoring.store.connection import Place
from monitoring.store.errors import RecordsError
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.treatment import TreatmentHistory
from tests.builders import at
from tests.stores import fill, prepared, store_of

TODAY = date(2026, 11, 5)
ZONE = "Europe/Paris"
MORNING = at("2026-11-05T08:00")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """The synthetic clinic's records by their record numbers."""
    file = tmp_path_factory.mktemp("demo") / "records.sqlite"
    engine = prepared(Place.of(str(file)))
    assert write_demo(engine, TODAY, ZONE) == 17
    store = store_of(engine)
    return {each.entry.record_number: store.read(each.patient) for each in store.patients()}


def patient(clinic: dict[str, Record], number: int) -> Record:
    return clinic[f"DEMO-{number:02d}"]


def levels(record: Record) -> list[Level]:
    return [each.entry for each in record.active(Level)]


def target_of(record: Record, level: Level) -> tuple[Decimal | None, Decimal]:
    course = TreatmentHistory.of(record).period_at(level.sampled)
    assert course is not None
    target = course.prescription.entry.target
    return target.low_ng_ml, target.high_ng_ml


def test_every_patient_is_plainly_made_up(clinic: dict[str, Record]) -> None:
    assert sorted(clinic) == [f"DEMO-{number:02d}" for number in range(1, 18)]
    for record in clinic.values():
        assert record.patient.entry.name.startswith("Sample ")
        assert record.patient.entry.diagnosis.startswith("made up: ")
    names = " ".join(record.patient.entry.name for record in clinic.values())
    for part in ("Łukasz", "Nguyễn", "عينة", "דוגמה", "[/] <img src=x>"):
        assert part in names


def test_the_trail_is_in_the_order_of_time_and_ends_before_today(
    clinic: dict[str, Record],
) -> None:
    changes = sorted(
        (
            change
            for record in clinic.values()
            for each in record.entries
            for change in (each, each.ending, each.void)
            if change is not None
        ),
        key=lambda change: change.number,
    )
    times = [change.author.at for change in changes]
    assert times == sorted(times)
    assert times[-1].local.date() < TODAY
    assert times[0].local.date() == TODAY - timedelta(days=400)
    assert {change.author.by for change in changes} == {AUTHOR}


def happened(entry: Entry) -> list[date]:
    """Return the days on which what is written down happened."""
    match entry:
        case Level():
            return [entry.sampled.local.date()]
        case LaboratoryValue() | MissedDose():
            return [entry.at.local.date()]
        case Measurement() | Response():
            return [entry.on]
        case AdverseEvent() | CoMedication():
            return [entry.since]
        case _:
            return []


def test_nothing_is_written_down_before_it_happened_or_before_the_birth(
    clinic: dict[str, Record],
) -> None:
    for record in clinic.values():
        for each in record.entries:
            assert each.author.at.local.date() > record.patient.entry.born
            for day in happened(each.entry):
                assert record.patient.entry.born < day <= each.author.at.local.date()
            if isinstance(each.entry, Level):
                assert each.entry.sampled < each.author.at


def before(record: Record, number: int) -> Record:
    earlier = tuple(each for each in record.entries if each.number < number)
    return Record(patient=record.patient, entries=earlier)


def test_a_clinician_could_have_entered_it_all_through_the_limits(
    clinic: dict[str, Record],
) -> None:
    for record in clinic.values():
        for measured in record.of(Measurement):
            alerts = measurement_alerts(before(record, measured.number), measured.entry)
            assert AlertKind.STOP not in {alert.kind for alert in alerts}, measured
        for each in record.of(Prescription):
            dose = each.entry
            assert measure_out(dose.dose_mg, dose.product).mg == dose.dose_mg
            alerts = prescription_alerts(before(record, each.number), dose)
            assert AlertKind.STOP not in {alert.kind for alert in alerts}, each
            needed = {alert.code for alert in alerts if alert.kind is AlertKind.OVERRIDE}
            assert needed <= set(dose.overridden_alerts), each


def test_below_within_and_above_the_target(clinic: dict[str, Record]) -> None:
    for number, lies in ((2, "below"), (1, "within"), (3, "above")):
        record = patient(clinic, number)
        last = max(levels(record), key=lambda level: level.sampled)
        low, high = target_of(record, last)
        value = last.value.value
        found = "below" if value < (low or 0) else "above" if value > high else "within"
        assert found == lies
        assert last.last_dose is not None
        assert 10 <= last.sampled.hours_since(last.last_dose) <= 14


def test_a_sample_too_early_and_one_that_is_no_trough(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 4)
    early, no_trough = levels(record)
    changed = TreatmentHistory.of(record).last_change(early.sampled)
    assert changed is not None
    assert early.sampled.hours_since(changed) / 24 < 7
    assert no_trough.last_dose is not None
    assert no_trough.sampled.hours_since(no_trough.last_dose) == 3


def test_a_change_of_assay_and_a_censored_level(clinic: dict[str, Record]) -> None:
    assays = [level.assay for level in levels(patient(clinic, 5))]
    assert assays == [Assay.CMIA, Assay.CMIA, Assay.LC_MS_MS, Assay.LC_MS_MS]
    record = patient(clinic, 10)
    censored = levels(record)[-1]
    assert (censored.comparator, str(censored)) == (Comparator.BELOW, "<2.0 ng/mL")
    kinds = [each.entry.kind for each in record.active(MissedDose)]
    assert kinds == [NotGiven.MISSED, NotGiven.HELD]


def test_side_effects_of_several_grades_one_resolved_one_serious_and_open(
    clinic: dict[str, Record],
) -> None:
    record = patient(clinic, 11)
    events = {each.entry.term: each for each in record.active(AdverseEvent)}
    assert {event.entry.grade for event in events.values()} == {1, 2, 3}
    assert events["Mucositis oral"].ending is not None
    serious = [each for each in events.values() if each.entry.grade == 3]
    assert [each.ending for each in serious] == [None]
    tests = {each.entry.test for each in record.active(LaboratoryValue)}
    assert {"ALT", "Neutrophils", "Glucose"} <= tests


def test_an_infant_under_7_months_with_an_override(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 6)
    assert (TODAY - record.patient.entry.born).days < 7 * 30
    first, reduced = (each.entry for each in record.active(Prescription))
    assert "age-under-7-months" in first.overridden_alerts
    assert first.override_by == "Sample Consultant"
    assert first.proposal
    assert reduced.dose_mg < first.dose_mg
    above = levels(record)[0]
    assert above.sampled < reduced.since
    assert above.value.value > 15


def test_the_transplants_regimen_has_its_loading_dose(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 7)
    (loading,) = TreatmentHistory.of(record).loading_doses
    (daily,) = [each.entry for each in record.active(Prescription) if not each.entry.loading]
    assert loading.entry.protocol == daily.protocol == "transplant"
    assert loading.entry.dose_mg > daily.dose_mg
    assert (daily.since.utc - loading.entry.since.utc).days == 1


def test_a_stopped_course_and_an_overdue_one(clinic: dict[str, Record]) -> None:
    stopped, overdue = patient(clinic, 8), patient(clinic, 9)
    assert TreatmentHistory.of(stopped).period_at(at("2026-11-05T08:00")) is None
    assert stopped.active(Prescription)[-1].ending is not None
    assert [each.entry.improved for each in stopped.active(Response)] == [False, True]
    assert TreatmentHistory.of(overdue).period_at(at("2026-11-05T08:00")) is not None
    assert levels(overdue) == []


def test_an_interacting_drug_begins_before_the_high_level(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 3)
    (drug,) = record.active(CoMedication)
    assert drug.entry.drug == "fluconazole"
    assert levels(record)[-2].sampled.local.date() < drug.entry.since
    assert drug.entry.since < levels(record)[-1].sampled.local.date()


def test_a_hold_that_lasts_and_one_that_ended_by_a_restart(clinic: dict[str, Record]) -> None:
    held, restarted = (state_at(patient(clinic, each), MORNING) for each in (13, 14))
    assert (held.kind, held.until, held.conflict) == (StateKind.ON_HOLD, None, None)
    assert held.since == at("2026-10-27T20:00")
    assert (restarted.kind, restarted.conflict) == (StateKind.ON, None)
    change = restarted.last_exposure_change
    assert change is not None
    assert change.at == at("2026-10-30T20:00")
    (*_, last) = levels(patient(clinic, 14))
    assert 3 < last.sampled.hours_since(change.at) / 24 < 4


def test_a_switch_to_tablets_is_the_last_change_of_exposure(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 15)
    first, second = (each.entry for each in record.active(Prescription))
    assert (first.product, second.product) == (Product.SOLUTION, Product.TABLETS)
    change = state_at(record, MORNING).last_exposure_change
    assert change is not None
    assert change.at == second.since
    assert levels(record)[-1].sampled > second.since


def test_rifampicin_is_in_force_and_the_level_fell_to_a_third(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 16)
    assert [each.name for each in state_at(record, MORNING).drugs] == ["rifampicin"]
    before, after = (level.value.value for level in levels(record)[-2:])
    assert after * 3 < before


def test_pregnancy_is_recorded_on_treatment(clinic: dict[str, Record]) -> None:
    state = state_at(patient(clinic, 17), MORNING)
    assert state.kind is StateKind.ON
    assert [alert.kind for alert in state.contraindications] == [AlertKind.OVERRIDE]
    assert "regnan" in state.contraindications[0].message


def test_a_voided_entry_keeps_its_reason(clinic: dict[str, Record]) -> None:
    record = patient(clinic, 12)
    (voided,) = [each for each in record.of(Level) if not each.is_active]
    assert voided.void is not None
    assert "another patient's sample" in voided.void.entry.reason
    assert {each.entry.product for each in record.of(Prescription)} == {Product.TABLETS}


def test_the_same_day_gives_the_same_records_on_either_database(
    clinic: dict[str, Record], new_place: Callable[[], Place]
) -> None:
    engine = prepared(new_place())
    write_demo(engine, TODAY, ZONE)
    store = store_of(engine)
    assert {each.entry.record_number: store.read(each.patient) for each in store.patients()} == (
        clinic
    )
    assert verify(engine).is_whole


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 3, 30), date(2026, 10, 26)])
def test_any_day_will_do(sqlite_place: Place, today: date) -> None:
    """A leap day, and the days after the clocks changed."""
    engine = prepared(sqlite_place)
    assert write_demo(engine, today, ZONE) == 17
    assert verify(engine).is_whole


def test_records_with_a_patient_are_left_alone(store: Store) -> None:
    fill(store)
    head = verify(store.engine)
    with pytest.raises(RecordsError, match="Choose a new place"):
        write_demo(store.engine, TODAY, ZONE)
    assert verify(store.engine) == head

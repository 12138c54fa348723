"""The synthetic clinic: its patients and their stories.

Every name begins with "Sample", every record number with "DEMO". The figures are made up to show
the program, and are not advice.
"""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

from sqlalchemy import Engine

from dosing import PROTOCOLS, Override, Product, Sex
from monitoring.demo.diary import Chart, Diary
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.condition import Condition
from monitoring.record.level import Assay
from monitoring.record.note import Note
from monitoring.record.patient import Anomaly, Patient
from monitoring.record.prescription import MissedDose, NotGiven
from monitoring.record.response import Criterion, Response
from monitoring.store.connection import engine_in_memory, reading, writing
from monitoring.store.copying import count_changes, read_changes, write_changes
from monitoring.store.errors import RecordsError
from monitoring.store.opening import Records, open_records
from monitoring.store.schema import prepare
from monitoring.times import local_zone, today

_YEAR = 365
_ONCE_A_DAY = time(19, 50)  # a trough before the one dose of the evening
_ON_PHONE = time(16)  # after the results of the morning's samples


def write_demo(engine: Engine, day: date, zone: str) -> int:
    """Store the synthetic clinic in empty records, and return the number of its patients.

    It is stored in one transaction. The same `day` and `zone` give the same records.
    Raises `RecordsError` for records with entries.
    """
    diary = Diary(day, zone)
    for story in _STORIES:
        story(diary)
    with engine_in_memory() as scratch:
        prepare(scratch, before_upgrade=lambda: None)
        diary.write(scratch)
        with (
            reading(scratch, "read the synthetic clinic") as written,
            writing(engine, "write the synthetic clinic") as connection,
        ):
            if count_changes(connection):
                raise RecordsError("The records are not empty. Choose a new place.")
            write_changes(connection, read_changes(written))
    return len(_STORIES)


def demo_records(folder: Path) -> Records:
    """Return the records of the synthetic clinic, in a new file in `folder`, as of today."""
    records = open_records(str(folder / "demo.sqlite"), create=True)
    write_demo(records.store.engine, today(), local_zone())
    return records


def _within(diary: Diary) -> None:
    """Add a child within the target from the first level on, and better."""
    chart = _chart(
        diary, 1, "Sample Łukasz", Sex.MALE, 2 * _YEAR + 120, 152, Anomaly.LYMPHATIC,
        "made up: cystic lymphatic malformation of the neck",
    )  # fmt: skip
    chart.usual_labs(151)
    chart.start(150, "11.8 kg", "85 cm")
    for ago, level, weight in (
        (137, "8.4 ng/mL", "11.9 kg"),
        (107, "9.1 ng/mL", "12.1 kg"),
        (77, "7.80 ng/mL", "12.4 kg"),
        (47, "8.8 ng/mL", "12.6 kg"),
        (12, "8.2 ng/mL", "12.9 kg"),
    ):
        chart.measure(ago, weight)
        chart.level(ago, level)
        chart.usual_labs(ago)
    _respond(chart, 134, Criterion.CLINICAL, improved=True, text="softer, a third smaller")
    _respond(chart, 47, Criterion.IMAGING, improved=True, text="made-up magnetic resonance image")


def _below(diary: Diary) -> None:
    """Add a child below the target twice, whose platelets are low from the disease itself."""
    chart = _chart(
        diary, 2, "Sample Nguyễn Thị Mẫu", Sex.FEMALE, _YEAR + 90, 44,
        Anomaly.KHE_OR_TUFTED_ANGIOMA,
        "made up: kaposiform haemangioendothelioma with Kasabach-Merritt phenomenon",
    )  # fmt: skip
    _platelets(chart, 43, "18")
    chart.start(42, "9.4 kg", "76 cm", drugs=("prednisolone",))
    chart.level(28, "3.1 ng/mL")
    _platelets(chart, 28, "46")
    chart.measure(13, "9.8 kg", "77 cm")
    chart.level(13, "3.8 ng/mL")
    _platelets(chart, 13, "97")
    _respond(chart, 13, Criterion.BIOLOGICAL, improved=True, text="platelets rising")


def _above(diary: Diary) -> None:
    """Add a child above the target since an interacting drug was started."""
    chart = _chart(
        diary, 3, "Sample عينة تجريبية", Sex.FEMALE, 6 * _YEAR, 96, Anomaly.VENOUS,
        "made up: venous malformation of the leg",
    )  # fmt: skip
    chart.usual_labs(95)
    chart.start(94, "20 kg", "115 cm")
    chart.level(80, "9.9 ng/mL")
    chart.level(50, "10.4 ng/mL")
    chart.measure(19, "20.6 kg", "116 cm")
    chart.drug(19, "fluconazole", "made up: oral candidiasis")
    chart.level(9, "18.6 ng/mL")
    chart.lab(9, "ALT", "61 U/L", None, "40 U/L")


def _early_and_no_trough(diary: Diary) -> None:
    """Add a sample before steady state, and one that is not a trough."""
    chart = _chart(
        diary, 4, "Sample דוגמה", Sex.MALE, 9 * _YEAR, 30, Anomaly.LYMPHATIC,
        "made up: lymphatic malformation of the chest wall",
    )  # fmt: skip
    chart.usual_labs(29)
    chart.start(28, "28 kg", "132 cm")
    chart.level(25, "4.1 ng/mL")
    chart.level(12, "21.5 ng/mL", sampled=time(11), last_dose=time(8))
    chart.add(Note(on=diary.day(12), text="The sample was taken 3 hours after a dose."), 12)


def _assay_changed(diary: Diary) -> None:
    """Add two assays, the second one in another unit."""
    chart = _chart(
        diary, 5, "Sample [/] <img src=x>", Sex.FEMALE, 4 * _YEAR, 125, Anomaly.VENOLYMPHATIC,
        "made up: venolymphatic malformation",
    )  # fmt: skip
    chart.usual_labs(124)
    chart.start(123, "16 kg", "102 cm")
    chart.level(109, "11.2 ng/mL", assay=Assay.CMIA)
    chart.level(79, "11.9 ng/mL", assay=Assay.CMIA)
    chart.measure(48, "16.4 kg", "103 cm")
    chart.level(48, "8.7 ug/L")
    chart.level(18, "9.0 ug/L")
    chart.usual_labs(18)


def _infant(diary: Diary) -> None:
    """Add an infant under 7 months: started by an override, far above, and reduced."""
    chart = _chart(
        diary, 6, "Sample Infant", Sex.FEMALE, 135, 47, Anomaly.KHE_OR_TUFTED_ANGIOMA,
        "made up: kaposiform haemangioendothelioma with Kasabach-Merritt phenomenon",
    )  # fmt: skip
    _platelets(chart, 47, "12")
    override = Override("life-threatening bleeding, agreed with the pharmacy", "Sample Consultant")
    chart.start(46, "5.1 kg", "58 cm", drugs=("co-trimoxazole",), override=override)
    chart.level(39, "23.4 ng/mL")
    chart.change(39, "0.1", "level 23.4 ng/mL: reduced")
    chart.level(30, "10.6 ng/mL")
    chart.measure(16, "6.2 kg", "62 cm")
    chart.level(16, "9.3 ng/mL")
    _platelets(chart, 16, "168")


def _transplant(diary: Diary) -> None:
    """Add the kidney transplant's regimen, for comparison, with its loading dose."""
    chart = _chart(
        diary, 7, "Sample Transplant", Sex.MALE, 14 * _YEAR, 22, Anomaly.NOT_RECORDED,
        "made up: kidney transplant, for comparison",
    )  # fmt: skip
    chart.usual_labs(21)
    chart.start(
        20, "37 kg", "149 cm", protocol=PROTOCOLS["transplant"], drugs=("ciclosporin",),
    )  # fmt: skip
    chart.level(15, "7.4 ng/mL", sampled=_ONCE_A_DAY)
    chart.level(5, "9.8 ng/mL", sampled=_ONCE_A_DAY)


def _stopped(diary: Diary) -> None:
    """Add a late response, a stepwise reduction and an end."""
    chart = _chart(
        diary, 8, "Sample Stopped", Sex.FEMALE, 8 * _YEAR, 400, Anomaly.LYMPHATIC,
        "made up: lymphatic malformation of the tongue",
    )  # fmt: skip
    chart.usual_labs(399)
    first = chart.start(398, "25 kg", "127 cm")
    for ago, level in ((384, "6.9 ng/mL"), (354, "7.7 ng/mL"), (324, "7.1 ng/mL")):
        chart.level(ago, level)
    _respond(chart, 370, Criterion.CLINICAL, improved=False, text="")
    _respond(chart, 340, Criterion.CLINICAL, improved=True, text="bleeds less")
    chart.level(234, "6.4 ng/mL")
    chart.usual_labs(234)
    chart.end_course(first, 150, "reduced step by step")
    last = chart.change(150, "0.5", "reduced step by step")
    chart.level(120, "3.9 ng/mL")
    chart.end_course(last, 60, "stopped: stable for half a year")
    chart.add(Note(on=diary.day(30), text="Stable without treatment."), 30)


def _overdue(diary: Diary) -> None:
    """Add a start without any level, laboratory check or weight afterwards."""
    chart = _chart(
        diary, 9, "Sample Overdue", Sex.MALE, 3 * _YEAR, 77, Anomaly.OTHER_MALFORMATION,
        "made up: complex malformation",
    )  # fmt: skip
    chart.usual_labs(76)
    chart.start(75, "14.2 kg", "96 cm")


def _missed_doses(diary: Diary) -> None:
    """Add doses missed and held, and a level below the assay's range."""
    chart = _chart(
        diary, 10, "Sample Missed Doses", Sex.FEMALE, 11 * _YEAR, 104, Anomaly.ARTERIOVENOUS,
        "made up: arteriovenous malformation",
    )  # fmt: skip
    chart.usual_labs(103)
    chart.start(102, "34 kg", "142 cm")
    chart.level(88, "5.0 ng/mL")
    chart.level(58, "6.2 ng/mL")
    chart.add(MissedDose(at=diary.at(30, time(20)), kind=NotGiven.MISSED, reason="forgotten"), 29)
    held = MissedDose(
        at=diary.at(14, time(8)), until=diary.at(11, time(20)), kind=NotGiven.HELD, reason="fever"
    )
    chart.add(held, 11)
    chart.measure(10, "34.5 kg", "142 cm")
    chart.level(10, "<2.0 ng/mL")


def _adverse_events(diary: Diary) -> None:
    """Add adverse events of several grades, one resolved and a serious one open."""
    chart = _chart(
        diary, 11, "Sample Side Effects", Sex.MALE, 13 * _YEAR, 132, Anomaly.LYMPHATIC,
        "made up: generalised lymphatic anomaly",
    )  # fmt: skip
    chart.usual_labs(131)
    chart.start(130, "42 kg", "152 cm")
    chart.level(116, "14.2 ng/mL")
    sores = chart.add(_event(diary, 110, "Mucositis oral", 2, ActionTaken.REDUCED), 108)
    chart.change(108, "0.9", "mouth sores")
    chart.end_day(sores, 96)
    chart.level(94, "10.8 ng/mL")
    chart.add(_event(diary, 64, "Cholesterol high", 2, ActionTaken.NONE), 64)
    chart.lab(64, "Cholesterol", "8.1 mmol/L", None, "5.2 mmol/L")
    chart.lab(64, "Triglycerides", "2.9 mmol/L", None, "1.7 mmol/L")
    chart.level(64, "11.3 ng/mL")
    chart.add(_event(diary, 33, "Headache", 1, ActionTaken.NONE), 32)
    chart.measure(32, "43 kg", "153 cm")
    chart.lab(4, "ALT", "150 U/L", None, "40 U/L")
    chart.lab(4, "Neutrophils", "0.9 10*9/L", "1.5 10*9/L", "8.0 10*9/L")
    chart.lab(4, "Glucose", "6.4 mmol/L", "3.3 mmol/L", "5.6 mmol/L")
    chart.level(4, "15.0 ng/mL")
    chart.add(_event(diary, 4, "Pneumonitis", 3, ActionTaken.HELD), 4)
    chart.add(MissedDose(at=diary.at(4, time(20)), kind=NotGiven.HELD, reason="pneumonitis"), 4)


def _voided(diary: Diary) -> None:
    """Add a level that was another patient's: voided with its reason, and entered again."""
    chart = _chart(
        diary, 12, "Sample Voided", Sex.FEMALE, 15 * _YEAR, 66, Anomaly.HAEMANGIOMA,
        "made up: haemangioma",
    )  # fmt: skip
    chart.usual_labs(65)
    chart.start(64, "51 kg", "161 cm", protocol=PROTOCOLS["japan"], product=Product.TABLETS)
    wrong = chart.level(50, "31.7 ng/mL", sampled=_ONCE_A_DAY)
    chart.void(wrong, 49, "another patient's sample: the laboratory called")
    chart.level(48, "7.7 ng/mL", sampled=_ONCE_A_DAY)
    chart.level(20, "8.3 ng/mL", sampled=_ONCE_A_DAY)
    chart.measure(20, "51.5 kg", "161 cm")


def _hold(diary: Diary) -> None:
    """Add a child on hold without an end, for a serious laboratory value."""
    chart = _chart(
        diary, 13, "Sample Hold", Sex.MALE, 7 * _YEAR, 60, Anomaly.VENOLYMPHATIC,
        "made up: venolymphatic malformation of the trunk",
    )  # fmt: skip
    chart.usual_labs(59)
    chart.start(58, "22 kg", "121 cm")
    chart.level(44, "10.9 ng/mL")
    chart.level(9, "13.8 ng/mL")
    chart.lab(9, "Neutrophils", "0.8 10*9/L", "1.5 10*9/L", "8.0 10*9/L")
    chart.add(_event(diary, 9, "Neutrophil count decreased", 3, ActionTaken.HELD), 9, _ON_PHONE)
    chart.hold(9, "neutrophils 0.8")
    chart.lab(2, "Neutrophils", "1.1 10*9/L", "1.5 10*9/L", "8.0 10*9/L")


def _restart(diary: Diary) -> None:
    """Add a child held for two weeks and restarted, whose level came four days later."""
    chart = _chart(
        diary, 14, "Sample Restart", Sex.FEMALE, 5 * _YEAR, 115, Anomaly.LYMPHATIC,
        "made up: lymphatic malformation of the axilla",
    )  # fmt: skip
    chart.usual_labs(114)
    chart.start(113, "18 kg", "109 cm")
    chart.level(99, "7.6 ng/mL")
    chart.level(69, "8.3 ng/mL")
    fever = chart.add(_event(diary, 20, "Upper respiratory infection", 2, ActionTaken.HELD), 20)
    held = chart.hold(20, "infection with fever")
    chart.end_day(fever, 8)
    chart.end_course(held, 6, "well again: restarted at the former dose")
    chart.measure(2, "18.4 kg", "110 cm")
    chart.level(2, "4.2 ng/mL")


def _switch(diary: Diary) -> None:
    """Add an adolescent who changed from the solution to tablets."""
    chart = _chart(
        diary, 15, "Sample Switch", Sex.MALE, 15 * _YEAR, 100, Anomaly.VENOUS,
        "made up: venous malformation of the arm",
    )  # fmt: skip
    chart.usual_labs(99)
    chart.start(98, "52 kg", "164 cm")
    chart.level(84, "11.0 ng/mL")
    chart.level(54, "10.6 ng/mL")
    chart.change(
        25, "2", "no refrigerator at school", product=Product.TABLETS, times_a_day=1
    )  # fmt: skip
    chart.level(10, "11.9 ng/mL", sampled=_ONCE_A_DAY)


def _rifampicin(diary: Diary) -> None:
    """Add a child whose level fell with rifampicin, which is still given."""
    chart = _chart(
        diary, 16, "Sample Rifampicin", Sex.FEMALE, 10 * _YEAR, 130, Anomaly.LYMPHATIC,
        "made up: lymphatic malformation of the thigh",
    )  # fmt: skip
    chart.usual_labs(129)
    chart.start(128, "31 kg", "138 cm")
    chart.level(114, "8.9 ng/mL")
    chart.level(84, "9.4 ng/mL")
    chart.drug(39, "rifampicin", "made up: contact with tuberculosis")
    chart.measure(4, "31.6 kg", "139 cm")
    chart.level(4, "3.0 ng/mL")


def _pregnancy(diary: Diary) -> None:
    """Add a young woman whose pregnancy was recorded while sirolimus was given."""
    chart = _chart(
        diary, 17, "Sample Pregnancy", Sex.FEMALE, 17 * _YEAR, 90, Anomaly.ARTERIOVENOUS,
        "made up: arteriovenous malformation of the hand",
    )  # fmt: skip
    chart.usual_labs(89)
    chart.start(88, "58 kg", "166 cm")
    chart.level(74, "8.7 ng/mL")
    chart.level(44, "9.2 ng/mL")
    chart.add(Condition(name="pregnancy", since=diary.day(3), text="made up: test positive"), 3)


_STORIES: tuple[Callable[[Diary], None], ...] = (
    _within,
    _below,
    _above,
    _early_and_no_trough,
    _assay_changed,
    _infant,
    _transplant,
    _stopped,
    _overdue,
    _missed_doses,
    _adverse_events,
    _voided,
    _hold,
    _restart,
    _switch,
    _rifampicin,
    _pregnancy,
)


def _chart(  # noqa: PLR0913, PLR0917 - who a patient is
    diary: Diary, number: int, name: str, sex: Sex, age_days: int, ago: int, anomaly: Anomaly,
    diagnosis: str,
) -> Chart:  # fmt: skip
    patient = Patient(
        record_number=f"DEMO-{number:02d}",
        name=name,
        born=diary.day(age_days),
        sex=sex,
        anomaly=anomaly,
        diagnosis=diagnosis,
    )
    return Chart(diary, patient, ago)


def _platelets(chart: Chart, ago: int, number: str) -> None:
    chart.lab(ago, "Platelets", f"{number} 10*9/L", "150 10*9/L", "450 10*9/L")


def _respond(chart: Chart, ago: int, criterion: Criterion, *, improved: bool, text: str) -> None:
    on = chart.diary.day(ago)
    chart.add(Response(on=on, criterion=criterion, improved=improved, text=text), ago)


def _event(diary: Diary, ago: int, term: str, grade: int, action: ActionTaken) -> AdverseEvent:
    return AdverseEvent(term=term, since=diary.day(ago), grade=grade, action=action)

"""The family's card: the prescription in plain words, and only one that nothing stands against."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing import (
    ORAL_SOLUTION,
    TABLETS,
    Age,
    Product,
    QuantityKind,
    UserError,
    plain,
    read_quantity,
)
from dosing.knowledge.counselling import advice_for
from dosing.knowledge.references import SOURCES
from monitoring.due import due
from monitoring.record.adverse_event import ActionTaken, AdverseEvent
from monitoring.record.co_medication import CoMedication
from monitoring.record.entries import Author, Record, StopRecord, StoredEntry
from monitoring.record.entry import Entry
from monitoring.record.entry_checks import prescription_alerts
from monitoring.record.measurement import Measurement
from monitoring.record.patient import Patient
from monitoring.record.prescription import MissedDose, NotGiven, Prescription
from monitoring.summary import summarise
from monitoring.times import Moment
from reports.dose_card import DoseCardError, dose_card
from reports.give_log import give_log
from reports.page import Paper
from tests.builders import ended
from tests.campaign import cases
from tests.reports.paper import squeezed
from tests.reports.pdf_marks import (
    fonts_not_embedded,
    lines_of,
    marks,
    outside,
    size_of,
    text_of,
    words_of,
)
from tests.reports.treated import AUTHOR, NOW, ZONE, patient, prescription, record

MARGIN_PT = 41.9
WEIGHED = Measurement(
    on=date(2026, 10, 19),
    weight=read_quantity("27 kg", QuantityKind.WEIGHT),
    height=read_quantity("130 cm", QuantityKind.HEIGHT),
)


def at(text: str) -> Moment:
    return Moment.read(text, ZONE)


def card(*entries: Entry, who: Patient | None = None, paper: Paper = Paper.A4) -> bytes:
    return dose_card(summarise(record(*entries, who=who), NOW), paper)


def refused(*entries: Entry, match: str) -> None:
    with pytest.raises(DoseCardError, match=match):
        card(*entries)


# --- what stands on it


@pytest.mark.parametrize("paper", list(Paper))
def test_the_card_says_who_how_much_how_often_and_by_whom(paper: Paper) -> None:
    told = text_of(card(WEIGHED, prescription(), paper=paper))
    for each in (
        "Sample Child",
        "Record number 00123 · born 1 May 2016",
        "0.8 mL each time",
        "= 0.8 mg of sirolimus, oral solution 1 mg/mL",
        "twice a day",
        "every 12 hours: 08:00 and 20:00",
        "Draw 0.8 mL (0.8 mg) of 1 mg/mL into a 1 mL oral syringe.",
        "1 mL oral syringe",
        f"Prescribed by {AUTHOR}, from 20 October 2026.",
        "Card of 24 November 2026",
        "Whom to call",
    ):
        assert each in told


@pytest.mark.parametrize(
    ("times_a_day", "often", "clock"),
    [
        (1, "once a day", "every 24 hours: 08:00"),
        (2, "twice a day", "every 12 hours: 08:00 and 20:00"),
        (3, "3 times a day", "every 8 hours: 00:00, 08:00 and 16:00"),
        (4, "4 times a day", "every 6 hours: 02:00, 08:00, 14:00 and 20:00"),
    ],
)
def test_the_times_of_day_follow_from_the_first_dose_and_the_interval(
    times_a_day: int, often: str, clock: str
) -> None:
    told = text_of(card(WEIGHED, prescription("0.4", times_a_day)))
    assert often in told
    assert clock in told


@pytest.mark.parametrize(
    ("begun", "following"),
    [
        ("2026-11-20T08:00", "26 November 2026"),  # 20, 22, 24 at 08:00: made on 24 at 22:00
        ("2026-11-21T08:00", "25 November 2026"),
        ("2026-11-22T22:00", "24 November 2026"),  # at the minute of the card
    ],
)
def test_every_second_day_names_the_day_of_the_next_dose(begun: str, following: str) -> None:
    dose = replace(prescription("0.2", 1), since=at(begun), every_hours=48)
    told = text_of(card(WEIGHED, dose))
    assert "on every second day" in told
    assert f"every 48 hours: {begun[-5:]}, next on {following}" in told
    assert "once a day" not in told


def test_another_dose_in_the_evening_stands_with_its_own_syringe() -> None:
    dose = replace(prescription("0.6"), evening_mg=Decimal("0.8"))
    told = text_of(card(WEIGHED, dose))
    assert "0.6 mL in the morning" in told
    assert "0.8 mL in the evening" in told
    assert "Evening: Draw 0.8 mL (0.8 mg) of 1 mg/mL into a 1 mL oral syringe." in told
    assert "each time" not in told
    assert outside(card(WEIGHED, dose), MARGIN_PT) == []


def test_a_dilution_has_its_own_volume() -> None:
    """0.4 mg of 0.5 mg/mL are 0.8 mL, not 0.4 mL."""
    dose = replace(prescription("0.4"), strength_mg_per_ml=Decimal("0.5"))
    told = text_of(card(WEIGHED, dose))
    assert "0.8 mL each time" in told
    assert "= 0.4 mg of sirolimus, oral solution 0.5 mg/mL" in told
    assert "0.4 mL" not in told


def test_the_clock_of_the_family_counts_also_after_it_was_put_back() -> None:
    """Begun in summer time, printed in winter time: the hours on the clock stay."""
    begun = replace(prescription(), since=at("2026-10-20T07:30"))
    assert "every 12 hours: 07:30 and 19:30" in text_of(card(WEIGHED, begun))


@pytest.mark.parametrize(
    ("mg", "tablets"),
    [("0.5", "1 × 0.5 mg"), ("1", "1 × 1 mg"), ("1.5", "1 × 1 mg 1 × 0.5 mg"),
     ("3.5", "1 × 2 mg 1 × 1 mg 1 × 0.5 mg")],
)  # fmt: skip
def test_tablets_are_counted(mg: str, tablets: str) -> None:
    heavy = replace(WEIGHED, weight=read_quantity("60 kg", QuantityKind.WEIGHT))
    tall = replace(heavy, height=read_quantity("165 cm", QuantityKind.HEIGHT))
    told = text_of(card(tall, prescription(mg, 1, TABLETS)))
    assert f"{mg} mg each time" in told
    assert tablets in told
    assert "Swallow the tablets whole: not crushed, chewed or split." in told
    assert "mL" not in told.replace("ng/mL", "")
    assert "fridge" not in told


@pytest.mark.parametrize("product", [ORAL_SOLUTION, TABLETS])
def test_every_piece_of_advice_stands_there_with_its_source(product: Product) -> None:
    adolescent = replace(patient(), born=date(2012, 2, 29))
    told = text_of(card(WEIGHED, prescription("0.5", 2, product), who=adolescent))
    for advice in advice_for(product, Age.between(adolescent.born, NOW.local.date())):
        assert told.count(advice.text) == 2  # for the family, and with its source for the clinic
        assert f"[{advice.source}]" in told
        assert advice.source in SOURCES


def test_the_next_level_is_the_one_that_is_due() -> None:
    overdue = [WEIGHED, prescription()]
    assert "It was due by 3 November 2026. Call your clinic." in text_of(card(*overdue))
    later = replace(prescription(), since=at("2026-11-20T08:00"))
    told = text_of(card(WEIGHED, later))
    check = next(each for each in due(record(WEIGHED, later), NOW) if each.check.value == "level")
    assert (str(check.since), str(check.until)) == ("2026-11-27", "2026-12-04")
    assert "Between 27 November 2026 and 4 December 2026." in told


def test_the_clinics_half_tells_where_the_dose_comes_from() -> None:
    overridden = replace(
        prescription(), proposal="", override_reason="agreed", override_by="Dr Override",
        reason="start",
    )  # fmt: skip
    told = text_of(card(WEIGHED, overridden))
    assert "0.8 mg (0.8 mL of 1 mg/mL) × 2 a day, 1.6 mg a day" in told
    assert f"From a typed dose, recorded by {AUTHOR}" in told
    assert "Override by Dr Override: agreed" in told
    assert f"From an accepted proposal, recorded by {AUTHOR}" in text_of(
        card(WEIGHED, prescription())
    )


def test_a_dose_that_will_end_says_until_when() -> None:
    later = replace(prescription("0.9"), since=at("2026-12-08T08:00"))
    assert "Only until 8 December 2026, 08:00." in text_of(card(WEIGHED, prescription(), later))


@pytest.mark.parametrize(
    ("begins", "is_refused"),
    [
        ("2026-11-24T22:00", False),  # now: the card is that of the new dose
        ("2026-11-24T22:01", True),
        ("2026-12-01T22:00", True),
        ("2026-12-01T22:01", False),
    ],
)
def test_no_card_of_a_dose_that_changes_within_seven_days(begins: str, *, is_refused: bool) -> None:
    later = replace(prescription("0.9"), since=at(begins))
    if is_refused:
        day = f"{at(begins).local:%-d %b %Y, %H:%M}"
        message = rf"^The dose changes on {day}\. Print the card of the new dose then, or"
        refused(WEIGHED, prescription(), later, match=message)
    else:
        assert card(WEIGHED, prescription(), later)


def test_the_same_dose_prescribed_again_is_no_change() -> None:
    assert card(WEIGHED, prescription(), replace(prescription(), since=at("2026-11-25T08:00")))


# --- where it stands


FEW = [
    (Paper.A4, "0.02", "Sample Child"),
    (Paper.LETTER, "0.8", "Sample " * 30),
    (Paper.A4, "1.5", "W" * 200),
    (Paper.LETTER, "4.2", "山田 " * 8),
    (Paper.A4, "13", "Sample " * 30),
    (Paper.LETTER, "13", "W" * 200),
]
"""Each paper, dose and name, and the longest together."""
EVERY = product(
    Paper,
    ("0.02", "0.8", "1.5", "4.2", "13"),
    ("Sample Child", "Sample " * 30, "W" * 200, "山田 " * 8),
)


@pytest.mark.parametrize(
    ("paper", "mg", "name"),
    [
        *FEW,
        *(pytest.param(*each, marks=pytest.mark.campaign) for each in EVERY if each not in FEW),
    ],
)
def test_the_familys_half_ends_above_the_middle_and_nothing_leaves_the_page(
    paper: Paper, mg: str, name: str
) -> None:
    dose = replace(prescription(mg, 1), override_reason="x " * 200, override_by="Dr Override")
    pdf = card(dose, who=patient(name), paper=paper)
    words = words_of(pdf)
    middle = size_of(pdf)[1] / 2
    assert {word.page for word in words} == {0}
    call = next(word for word in words if word.text == "Whom")
    clinic = next(word for word in words if word.text == "stays")
    assert call.bottom < middle < clinic.top
    cut = [line for line in marks(pdf).segments if abs(line.y0 - middle) < 3 and line.y0 == line.y1]
    assert len(cut) == 1
    assert outside(pdf, MARGIN_PT) == []


@pytest.mark.parametrize("name", ["<img src='x'>", "[/] & <b>", "=1+1", "</para>", "a\x1b[31mb"])
def test_nothing_in_a_name_is_mark_up(name: str) -> None:
    pdf = card(WEIGHED, prescription(), who=patient(name))
    assert text_of(pdf).count(" ".join(patient(name).name.split())) >= 2
    assert b"/Annot" not in pdf
    assert b"/Subtype /Image" not in pdf


@pytest.mark.parametrize("name", ["Łukasz Nguyễn", "Дарья Ωδή"])
def test_names_of_many_alphabets_are_printed(name: str) -> None:
    told = text_of(card(WEIGHED, prescription(), who=patient(name)))
    assert name in told
    assert "printed as boxes" not in told


def test_a_letter_that_the_font_lacks_is_told_beside_the_record_number() -> None:
    told = text_of(card(WEIGHED, prescription(), who=patient("山田 Sample")))
    assert "printed as boxes (U+5C71, U+7530)" in told
    assert "Identify the patient by record number and date of birth" in told


def test_the_same_record_and_time_give_the_same_bytes() -> None:
    assert card(WEIGHED, prescription()) == card(WEIGHED, prescription())


@settings(max_examples=cases(20, full=60), deadline=None)
@given(
    mg=st.integers(1, 50).map(lambda steps: Decimal(steps) / 50),
    times_a_day=st.integers(1, 4),
    minutes=st.integers(0, 24 * 60 - 1),
    number=st.from_regex(r"[A-Z0-9]{3,12}", fullmatch=True),
)
def test_what_is_read_from_the_card_is_the_record(
    mg: Decimal, times_a_day: int, minutes: int, number: str
) -> None:
    clock = f"{minutes // 60:02d}:{minutes % 60:02d}"
    dose = replace(
        prescription(str(mg), times_a_day), since=at(f"2026-10-20T{clock}"),
    )  # fmt: skip
    told = text_of(card(dose, who=patient(record_number=number)))
    assert f"{plain(mg)} mL each time = {plain(mg)} mg of sirolimus" in told
    assert f"Record number {number} ·" in told
    line = told.split("hours: ")[1].split(" Draw")[0]
    shown = line.replace(" and ", ", ").split(", ")
    expected = sorted(
        (minutes + place * 24 * 60 // times_a_day) % (24 * 60) for place in range(times_a_day)
    )
    clocks = [each[:5] for each in shown]
    assert clocks == [f"{each // 60:02d}:{each % 60:02d}" for each in expected]


# --- when there is none


@pytest.mark.parametrize(
    ("ends", "follows", "is_refused"),
    [
        ("2026-11-25T08:00", None, True),  # the last dose was given
        ("2026-11-25T20:00", None, True),
        ("2026-12-01T22:00", None, True),  # seven days to the minute
        ("2026-12-01T22:01", None, False),
        ("2026-11-25T08:00", "2026-11-25T08:00", False),  # the same dose goes on
        ("2026-11-25T08:00", "2026-11-26T08:00", True),
    ],
)
def test_no_card_of_a_dose_that_ends_within_seven_days(
    ends: str, follows: str | None, *, is_refused: bool
) -> None:
    """The give-log shows the end; a card beside the bottle would outlive it."""
    following = [replace(prescription(), since=at(follows))] if follows else []
    made = ended(record(WEIGHED, prescription(), *following), 3, ends)
    summary = summarise(made, NOW)
    if is_refused:
        with pytest.raises(DoseCardError, match=r"^The dose (ends|changes) on ") as refusal:
            dose_card(summary)
        if "give-log" in str(refusal.value):
            assert give_log(summary)
        else:
            assert "nothing is to be given" in str(refusal.value)
            with pytest.raises(DoseCardError, match="No dose is due"):
                give_log(summary)
    else:
        assert dose_card(summary)


def test_no_dose_no_card() -> None:
    refused(match="no current dose")


def test_a_dose_that_begins_in_the_future_has_no_card_yet() -> None:
    later = replace(prescription(), since=at("2026-11-24T22:01"))
    refused(WEIGHED, later, match="begins in the future, 24 Nov 2026, 22:01")
    card(WEIGHED, replace(later, since=NOW))


def test_a_dose_that_has_ended_has_no_card() -> None:
    made = record(WEIGHED, prescription())
    end = StoredEntry(
        number=9, patient=1, entry=StopRecord(of=3, at=at("2026-11-20T08:00")),
        author=Author(AUTHOR, NOW),
    )  # fmt: skip
    entries = (*made.entries[:-1], replace(made.entries[-1], ending=end))
    with pytest.raises(DoseCardError, match="no current dose"):
        dose_card(summarise(Record(patient=made.patient, entries=entries), NOW))


def test_a_loading_dose_is_none_for_home() -> None:
    refused(WEIGHED, replace(prescription("2"), loading=True), match="no current dose")


@pytest.mark.parametrize(
    ("until", "is_held"), [("21:59", False), ("22:00", False), ("22:01", True)]
)
def test_doses_that_are_held_now_have_no_card(until: str, *, is_held: bool) -> None:
    held = MissedDose(
        at=at("2026-11-23T08:00"), kind=NotGiven.HELD, until=at(f"2026-11-24T{until}")
    )
    if is_held:
        refused(WEIGHED, prescription(), held, match="Sirolimus is on hold since 23 Nov 2026")
    else:
        card(WEIGHED, prescription(), held)


@pytest.mark.parametrize("action", [ActionTaken.HELD, ActionTaken.STOPPED])
def test_an_open_side_effect_for_which_the_dose_was_paused_leaves_no_card(
    action: ActionTaken,
) -> None:
    event = AdverseEvent(term="Mouth sores", since=date(2026, 11, 20), grade=2, action=action)
    refused(WEIGHED, prescription(), event, match=f"says that sirolimus was {action.value}")
    again = replace(prescription("0.4"), since=at("2026-11-22T08:00"))
    card(WEIGHED, prescription(), event, again)  # what is to be given now was prescribed


def test_an_override_that_nobody_documented_stands_against_the_card() -> None:
    azole = CoMedication(drug="Voriconazole", since=date(2026, 11, 20))
    refused(WEIGHED, prescription(), azole, match="open override: .*oriconazole")
    codes = tuple(
        alert.code for alert in summarise(record(WEIGHED, prescription(), azole), NOW).alerts
    )
    documented = replace(
        prescription(),
        override_reason="levels weekly",
        override_by="Dr Sample",
        overridden_alerts=codes,
    )
    card(WEIGHED, documented, azole)


def test_a_dose_recorded_as_it_was_given_overrides_nothing() -> None:
    """It is past every limit of its time; for the family's card nobody has overridden one."""
    high = prescription("2.4")
    codes = tuple(alert.code for alert in prescription_alerts(record(WEIGHED), high))
    assert codes == ("dose-high",)
    refused(
        WEIGHED,
        replace(high, given_reason="prescribed elsewhere", overridden_alerts=codes),
        match="No card for a dose with an open override",
    )
    usual = replace(prescription(), given_reason="prescribed elsewhere: clinic [/]")
    lines = squeezed("\n".join(lines_of(card(WEIGHED, usual))))
    assert squeezed("not proposed here: prescribed elsewhere: clinic [/]") in lines


def test_a_stop_stands_against_the_card_whatever_was_passed() -> None:
    """8 mg/m²/day in a child is a stop of the limits, which no reason passes."""
    huge = replace(prescription("5"), override_reason="x", override_by="Dr Sample")
    codes = tuple(alert.code for alert in prescription_alerts(record(WEIGHED), huge))
    refused(
        WEIGHED,
        replace(huge, overridden_alerts=codes),
        match="No card for a dose with an open stop",
    )


def test_an_infants_dose_needs_the_override_that_was_documented() -> None:
    infant = replace(patient(), born=date(2026, 8, 1))
    small = replace(
        WEIGHED, weight=read_quantity("5 kg", QuantityKind.WEIGHT),
        height=read_quantity("58 cm", QuantityKind.HEIGHT),
    )  # fmt: skip
    with pytest.raises(DoseCardError, match="open override"):
        card(small, prescription("0.24"), who=infant)


def test_a_dose_that_cannot_be_measured_out_has_no_card() -> None:
    odd: Prescription = prescription("0.333")
    refused(WEIGHED, odd, match="cannot be measured exactly")


def test_why_there_is_no_card_is_for_people() -> None:
    assert issubclass(DoseCardError, UserError)


def test_the_page_reads_in_order() -> None:
    lines = "\n".join(lines_of(card(WEIGHED, prescription())))
    order = ["Sample Child", "0.8 mL each time", "Draw 0.8 mL", "Avoid", "Next blood level",
             "For the clinic"]  # fmt: skip
    places = [lines.index(each) for each in order]
    assert places == sorted(places)


def test_every_font_is_embedded() -> None:
    assert fonts_not_embedded(card(WEIGHED, prescription())) == []

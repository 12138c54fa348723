"""Results in HL7 v2: the value, time, status and patient that were sent, or a refusal."""

import pytest

from dosing import Sex
from dosing.birth_date import BirthDate
from monitoring.exchange.hl7.reading import is_hl7
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    IncomingMerge,
    IncomingPatient,
    LeftOut,
    Refusal,
    ResultStatus,
    Skipped,
    SourcePlace,
)
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Assay, Comparator
from monitoring.record.measurement import Measurement
from tests.builders import at, day
from tests.monitoring.exchange.hl7.messages import (
    MSH,
    OBR,
    PID,
    SIROLIMUS,
    items,
    level,
    message,
    msh,
    obr,
    obx,
    one,
    oru,
    pid,
    refusal,
)

SPM = "SPM|1|||BLD^Whole blood|||||||||||||20261105075000"
ALT = "1742-6^ALT^LN"


def test_a_level_is_read_with_its_patient_time_and_place() -> None:
    found = one(oru(obx()), Incoming)
    assert str(found.entry) == "7.20 ng/mL"
    assert found.entry == level(oru(obx()))
    assert level(oru(obx())).sampled == at("2026-11-05T07:50")
    assert found.patient.identifiers == (Identifier("00123", "CITY"),)
    assert (found.patient.born, found.patient.sex) == (day("2024-02-29"), Sex.FEMALE)
    assert found.patient.name == "Sample Toddler"
    assert found.status is ResultStatus.FINAL
    assert found.place == SourcePlace(1, "message 1, OBX 1 (line 4)")
    assert (found.part, found.source) == ("OBX-5", "order 4711, OBX 1")
    assert found.remarks == ()


# --- the file


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=repr)
def test_every_segment_end_is_read(end: str) -> None:
    content = message(MSH, PID, OBR, obx(), end=end)
    assert one(content, Incoming).place.words == "message 1, OBX 1 (line 4)"


@pytest.mark.parametrize(
    "content",
    [
        b"\x0b" + oru(obx()) + b"\x1c\r",
        b"\xef\xbb\xbf" + oru(obx()),
        b"\r\n\r\n" + oru(obx()),
        oru(obx()).rstrip(b"\r"),
        b"\x0b" + oru(obx()).rstrip(b"\r") + b"\x1c\r",
    ],
    ids=["mllp", "mark", "blank lines", "no last end", "mllp, no last end"],
)
def test_frames_marks_and_blank_lines_change_nothing(content: bytes) -> None:
    assert is_hl7(content)
    assert str(level(content)) == "7.20 ng/mL"


def test_the_end_of_the_last_segment_is_missed() -> None:
    assert one(oru(obx()).rstrip(b"\r"), Incoming).remarks == (
        "The file ends without the end of this segment. Check that it is whole.",
    )


def test_other_delimiters_are_those_of_the_header() -> None:
    text = oru(obx("<^2.0", "SN")).decode()
    other = text.translate(str.maketrans("|^~\\&", "#*!$@"))
    assert str(level(other.encode())) == "<2.0 ng/mL"


def test_messages_of_a_file_are_counted() -> None:
    content = b"".join(
        b"\x0b" + oru(obx(), header=msh(name)) + b"\x1c\r" for name in ("C1", "C2", "C3")
    )
    assert [each.place for each in items(content)] == [
        SourcePlace(1, "message 1, OBX 1 (line 4)"),
        SourcePlace(2, "message 2, OBX 1 (line 9)"),
        SourcePlace(3, "message 3, OBX 1 (line 14)"),
    ]


@pytest.mark.parametrize(
    ("stated", "reasons"),
    [
        ("2", []),
        ("02", []),
        ("", []),
        ("3", ['BTS-1: it counts "3" messages, and the file has 2.']),
        ("1", ['BTS-1: it counts "1" messages, and the file has 2.']),
        ("two", ['BTS-1: it counts "two" messages, and the file has 2.']),
    ],
)
def test_the_count_of_a_batch_is_compared(stated: str, reasons: list[str]) -> None:
    content = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + oru(obx()) + oru(obx(), header=msh("C2"))
    content += f"BTS|{stated}\rFTS|1\r".encode()
    found = [str(each) for each in items(content) if isinstance(each, Refusal)]
    assert [each.split(", ", 2)[2].split(" Ask")[0] for each in found] == reasons
    assert sum(isinstance(each, Incoming) for each in items(content)) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"BHS|^~\\&\r" + oru(obx()), "line 1, BHS: the batch has no end (BTS)"),
        (b"FHS|^~\\&\r" + oru(obx()), "line 1, FHS: the file has no end (FTS)"),
        (oru(obx()) + b"BTS|1\r", "line 5, BTS: BTS comes without BHS before."),
        (oru(obx()) + b"FTS|1\r", "line 5, FTS: FTS comes without FHS before."),
        (b"FHS|^~\\&\rFTS|2\r", 'line 2, FTS, FTS-1: it counts "2" batches, and the file has 0.'),
    ],
    ids=["no BTS", "no FTS", "no BHS", "no FHS", "batches"],
)
def test_a_batch_without_begin_or_end_is_refused(content: bytes, reason: str) -> None:
    found = [str(each) for each in items(content) if isinstance(each, Refusal)]
    assert len(found) == 1
    assert found[0].startswith(reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x0b" + oru(obx()), "its MLLP frame has no end: it is cut."),
        (b"\x0b" + oru(obx()) + b"\x0b", "its MLLP frame has no end: it is cut."),
        (message(MSH, OBR, obx()), "PID: the message has no PID before its OBR."),
        (message(MSH, obx(), PID), "PID: the message has no PID before its OBX."),
        (oru("a comment of two lines"), '"a comment of" is not the beginning of a segment.'),
        (oru("0BX|1|NM"), '"0BX|1|NM" is not the beginning of a segment.'),
        (oru("QQQ|1|NM"), '"QQQ|1|NM" is not the beginning of a segment.'),
        (oru("OBX^1^NM"), '"OBX^1^NM" is not the beginning of a segment.'),
        (oru(obx("7.2\x04")), "OBX: it has a control character."),
        (oru(obx(), header=MSH.replace("^~", "^^")), "MSH-2: the delimiters are not those"),
        (oru(obx(), header=MSH.replace("^~\\&", "^")), "MSH-2: the delimiters are not those"),
        (oru(obx(), header=msh(_9="")), "MSH-9: the type of the message is empty."),
        (oru(obx(), header=msh(_7="noon")), 'MSH-7: "noon" is not a time.'),
        (b"OBX|1|NM\r" + oru(), "OBX: the segment is outside of every message"),
    ],
)
def test_a_damaged_message_is_refused_whole(content: bytes, reason: str) -> None:
    found = items(content)
    assert reason in str(found[0])
    assert not any(isinstance(each, Incoming) for each in found)


def test_a_control_id_that_was_sent_before_is_refused() -> None:
    found = items(oru(obx()) + oru(obx("9.9")))
    assert isinstance(found[0], Incoming)
    assert str(found[1]).startswith(
        'message 2 (line 5), MSH-10: the control id "C1" is that of message 1: it was sent twice.'
    )
    assert len(found) == 2
    elsewhere = oru(obx("9.9"), header=msh(_4="OTHER CITY"))
    assert len([each for each in items(oru(obx()) + elsewhere) if isinstance(each, Incoming)]) == 2


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
def test_the_versions_from_2_3_to_2_8_are_read(version: str) -> None:
    assert str(level(oru(obx(), header=msh(_12=f"{version}^DEU")))) == "7.20 ng/mL"


@pytest.mark.parametrize("version", ["2.2", "2.9", "3", "", "25"])
def test_other_versions_are_refused(version: str) -> None:
    assert "MSH-12" in refusal(oru(obx(), header=msh(_12=version)))


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        (oru(obx()), True),
        (b"FHS|^~\\&|LAB\r", True),
        (b"BHS|^~\\&|LAB\r", True),
        (oru().decode().encode("utf-16"), True),
        (b"MSH#*!$@#LAB\r", True),
        (b"MSH|^", True),
        (b"MSH,Test,Result\r", False),
        (b"MRN|Test|Result\r", False),
        (b'{"resourceType": "Bundle"}', False),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_a_file_is_known_by_its_beginning(content: bytes, *, is_ours: bool) -> None:
    assert is_hl7(content) is is_ours


@pytest.mark.parametrize("event", ["ORU^R01", "ORU^R30", "ORU^R32", "ORU^R01^ORU_R01", "ORU"])
def test_messages_of_results_are_read(event: str) -> None:
    assert str(level(oru(obx(), header=msh(_9=event)))) == "7.20 ng/mL"


@pytest.mark.parametrize("event", ["ADT^A03", "ORM^O01", "OUL^R22", "ACK", "ORU^R40"])
def test_other_messages_are_left_out_with_their_type(event: str) -> None:
    found = one(oru(obx(), header=msh(_9=event)), LeftOut)
    assert (found.why, found.what) == (Skipped.OTHER, f"a message {event}")


def test_a_message_without_results_is_left_out() -> None:
    assert one(oru(), LeftOut).what == "a message ORU^R01 without results"


# --- values


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        ("7.20", "NM", "7.20 ng/mL"),
        (" 7.20 ", "NM", "7.20 ng/mL"),
        ("0.05", "NM", "0.05 ng/mL"),
        ("<2.0", "ST", "<2.0 ng/mL"),
        ("< 2.0", "ST", "<2.0 ng/mL"),
        (">30", "TX", ">30 ng/mL"),
        ("7.2 ng/mL", "ST", "7.2 ng/mL"),
        ("7.2", "FT", "7.2 ng/mL"),
        ("7.2", "CWE", "7.2 ng/mL"),
        ("x^7.2^L", "CE", "7.2 ng/mL"),
        ("<^2.0", "SN", "<2.0 ng/mL"),
        (">^30", "SN", ">30 ng/mL"),
        ("^7.20", "SN", "7.20 ng/mL"),
        ("=^7.20", "SN", "7.20 ng/mL"),
        ("^7.20^^", "SN", "7.20 ng/mL"),
    ],
)
def test_a_value_is_read_digit_by_digit(value: str, kind: str, read: str) -> None:
    assert str(level(oru(obx(value, kind)))) == read
    assert one(oru(obx(value, kind)), Incoming).remarks == ()


@pytest.mark.parametrize(
    ("value", "kind", "read", "shown"),
    [
        ("<=2.0", "ST", "<2.0 ng/mL", "<=2.0"),
        ("≤ 2.0", "ST", "<2.0 ng/mL", "≤ 2.0"),
        ("≥30", "ST", ">30 ng/mL", "≥30"),
        ("<=^2.0", "SN", "<2.0 ng/mL", "<=2.0"),
        (">=^30", "SN", ">30 ng/mL", ">=30"),
    ],
)
def test_at_most_is_kept_as_below_and_shown(value: str, kind: str, read: str, shown: str) -> None:
    found = one(oru(obx(value, kind)), Incoming)
    assert str(found.entry) == read
    assert found.remarks == (
        f'It was reported as "{shown}", and is kept as {read.split(maxsplit=1)[0]}.',
    )


@pytest.mark.parametrize(
    ("value", "kind", "part"),
    [
        ("007.2", "NM", "OBX-5"),
        ("1.2E+2", "NM", "OBX-5"),
        ("7,2", "NM", "OBX-5"),
        ("+7.2", "NM", "OBX-5"),
        ("-7.2", "NM", "OBX-5"),
        ("0", "NM", "OBX-5"),
        (".5", "NM", "OBX-5"),
        ("7.", "NM", "OBX-5"),
        ("1 000", "NM", "OBX-5"),
        ("７.2", "NM", "OBX-5"),
        ("7.2~7.4", "NM", "OBX-5"),
        ("7.2^7.4", "NM", "OBX-5"),
        ("7.2&7.4", "NM", "OBX-5"),
        ("GT 45", "ST", "OBX-5"),
        ("7.2 H", "ST", "OBX-5"),
        ("5-7", "ST", "OBX-5"),
        ("<<2", "ST", "OBX-5"),
        ("pending", "ST", "OBX-5"),
        ("7.2 mg/L", "ST", "OBX-5"),
        ("7\\X2E\\\\Q\\2", "ST", "OBX-5"),
        ("<>^2.0", "SN", "OBX-5"),
        ("~^2.0", "SN", "OBX-5"),
        ("^5^-^7", "SN", "OBX-5"),
        ("^1^:^128", "SN", "OBX-5"),
        ("<", "SN", "OBX-5"),
        ("<^2&0", "SN", "OBX-5"),
        ("7.2^7.4", "CE", "OBX-5"),
        ("7.2&7.4", "CWE", "OBX-5"),
        ("7.2^ng/mL", "CE", "OBX-5"),
        ("^^L", "CE", "OBX-5"),
        ("7.2", "ED", "OBX-2"),
        ("7.2", "", "OBX-2"),
        ("251", "NM", "OBX-5"),
    ],
)
def test_a_value_of_no_single_meaning_is_refused(value: str, kind: str, part: str) -> None:
    assert refusal(oru(obx(value, kind))).startswith(f"message 1, OBX 1 (line 4), {part}: ")


@pytest.mark.parametrize(("value", "read"), [("249.9", True), ("250", True), ("250.1", False)])
def test_a_level_that_is_asked_again_is_refused(value: str, *, read: bool) -> None:
    assert isinstance(items(oru(obx(value)))[0], Incoming) is read


@pytest.mark.parametrize(
    ("unit", "read"),
    [
        ("ng/mL", "7.20 ng/mL"),
        ("ug/L", "7.20 ug/L"),
        ("µg/L", "7.20 ug/L"),
        ("nmol/L^nanomol per litre^UCUM", "7.20 nmol/L"),
        ("^ng/mL", "7.20 ng/mL"),
        ("NGML^nanograms^L^ng/mL^^UCUM", "7.20 ng/mL"),
        ("ug/L^^UCUM^ug/L^^L", "7.20 ug/L"),
    ],
)
def test_a_unit_is_read_by_its_code(unit: str, read: str) -> None:
    assert str(level(oru(obx(_6=unit)))) == read


@pytest.mark.parametrize(
    ("unit", "part"),
    [("", "OBX-5"), ("mg/L", "OBX-5"), ("x", "OBX-5"), ("ug/L^^UCUM^nmol/L^^L", "OBX-6"),
     ("ng/mL~ug/L", "OBX-6")],
)  # fmt: skip
def test_an_unclear_unit_is_refused(unit: str, part: str) -> None:
    assert f", {part}: " in refusal(oru(obx(_6=unit)))


def test_a_missing_unit_is_that_of_the_mapping() -> None:
    choices = {"tests": {"SIRO": "sirolimus level"}, "default_units": {"SIRO": "ug/L"}}
    assert str(level(oru(obx(code="SIRO", _6="")), **choices)) == "7.20 ug/L"
    assert str(level(oru(obx(code="SIRO", _6="ng/mL")), **choices)) == "7.20 ng/mL"
    own = oru(obx("7.2 ng/mL", "ST", code="SIRO", _6=""))
    assert str(level(own, **choices)) == "7.2 ng/mL"


# --- the status


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        ("F", ResultStatus.FINAL),
        ("U", ResultStatus.FINAL),
        ("V", ResultStatus.FINAL),
        ("B", ResultStatus.FINAL),
        ("C", ResultStatus.CORRECTED),
        ("A", ResultStatus.CORRECTED),
        ("D", ResultStatus.WITHDRAWN),
        ("W", ResultStatus.WITHDRAWN),
    ],
)
def test_a_status_decides_what_a_result_does(letter: str, status: ResultStatus) -> None:
    assert one(oru(obx(_11=letter)), Incoming).status is status


@pytest.mark.parametrize(
    ("letter", "why"),
    [
        ("P", Skipped.PRELIMINARY),
        ("R", Skipped.PRELIMINARY),
        ("S", Skipped.PRELIMINARY),
        ("I", Skipped.PRELIMINARY),
        ("X", Skipped.CANCELLED),
        ("O", Skipped.WITHOUT_VALUE),
        ("N", Skipped.WITHOUT_VALUE),
    ],
)
def test_preliminary_and_cancelled_results_never_become_levels(letter: str, why: Skipped) -> None:
    assert one(oru(obx(_11=letter)), LeftOut).why is why


@pytest.mark.parametrize("letter", ["", "f", "FINAL", "Q", "F~C"])
def test_an_unknown_or_missing_status_is_refused(letter: str) -> None:
    assert ", OBX-11: " in refusal(oru(obx(_11=letter), order=obr(_25="")))


@pytest.mark.parametrize("of_order", ["F", "C", "P", ""])
def test_the_status_of_the_order_is_never_that_of_a_result_without_one(of_order: str) -> None:
    assert ", OBX-11: the status is empty" in refusal(oru(obx(_11=""), order=obr(_25=of_order)))


def test_a_final_result_of_a_cancelled_order_is_refused() -> None:
    assert ", OBR-25: the order is cancelled (X)" in refusal(oru(obx(), order=obr(_25="X")))


@pytest.mark.parametrize(
    ("letter", "reason"),
    [("W", "is withdrawn, and its value was not sent."), ("C", "is corrected, and its value"),
     ("U", "became final and was not sent again.")],
)  # fmt: skip
def test_a_change_without_its_value_is_refused(letter: str, reason: str) -> None:
    assert reason in refusal(oru(obx("", _11=letter)))
    assert reason in refusal(oru(obx('""', _11=letter)))


def test_a_final_result_without_a_value_is_left_out() -> None:
    assert one(oru(obx("")), LeftOut).why is Skipped.WITHOUT_VALUE


# --- times


def sampled(*segments: str, order: str = OBR, header: str = MSH) -> str:
    return str(level(oru(*segments, order=order, header=header)).sampled)


def test_the_time_of_the_result_comes_before_that_of_the_order() -> None:
    found = one(oru(obx(_14="20261105081000")), Incoming)
    assert found.remarks == ("The order states another time of collection (OBR-7 20261105075000).",)
    assert sampled(obx(_14="20261105081000")) == "2026-11-05T08:10+01:00"
    assert sampled(obx(_14="")) == "2026-11-05T07:50+01:00"


def test_the_time_of_the_report_is_never_that_of_the_sample() -> None:
    only_reported = obr(_7="", _22="20261105110000")
    found = refusal(oru(obx(_14=""), order=only_reported))
    assert ", OBX-14: the time of the sample is missing (OBX-14, OBR-7, SPM-17)." in found


def test_the_time_of_collection_of_the_sample_is_used_where_it_agrees() -> None:
    assert sampled(obx(_14=""), SPM, order=obr(_7="")) == "2026-11-05T07:50+01:00"
    assert sampled(obx(), SPM) == "2026-11-05T07:50+01:00"
    assert sampled(obx(), SPM.replace("075000", "0750")) == "2026-11-05T07:50+01:00"
    assert sampled(obx(), SPM.replace("075000", "075000^20261105075500")) == (
        "2026-11-05T07:50+01:00"
    )


@pytest.mark.parametrize(
    "samples",
    [
        [SPM.replace("0750", "0650")],
        [SPM.replace("1105", "1104")],
        [SPM.replace("20261105075000", "20261104")],
        [SPM, SPM.replace("0750", "0751")],
    ],
)
def test_samples_that_differ_are_refused(samples: list[str]) -> None:
    assert ", OBX-14: it differs from SPM-17" in refusal(oru(obx(), *samples))


@pytest.mark.parametrize(
    ("order", "samples"),
    [
        (obr(_14="20261105074400"), []),
        (obr(_22="20261105074400"), []),
        (OBR, [SPM.replace("20261105075000", "") + "|20261105074400"]),
    ],
    ids=["OBR-14", "OBR-22", "SPM-18"],
)
def test_a_sample_after_its_receipt_or_report_is_refused(order: str, samples: list[str]) -> None:
    assert "it may be the time of the analysis" in refusal(oru(obx(), *samples, order=order))


def test_a_sample_after_its_message_is_refused_beyond_five_minutes() -> None:
    assert sampled(obx(), header=msh(_7="20261105074500"), order=obr(_22="")) != ""
    late = oru(obx(), header=msh(_7="20261105074459"), order=obr(_22=""))
    assert "the sample is after MSH-7" in refusal(late)


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("202611050750", "2026-11-05T07:50+01:00"),
        ("20261105075030", "2026-11-05T07:50:30+01:00"),
        ("20261105075000.0000", "2026-11-05T07:50+01:00"),
        ("20261105075000+0100", "2026-11-05T07:50+01:00"),
        ("20261105065000+0000", "2026-11-05T06:50+00:00"),
        ("202611050150-0500", "2026-11-05T01:50-05:00"),
        ("202611051235+0545", "2026-11-05T12:35+05:45"),
    ],
)
def test_a_time_is_read_with_its_offset(stamp: str, moment: str) -> None:
    assert sampled(obx(_14=stamp)) == moment


def test_a_time_without_offset_has_that_of_the_message() -> None:
    assert sampled(obx(), header=msh(_7="20261105120000-0500")) == "2026-11-05T07:50-05:00"
    own = obx(_14="20261105075000+0100")
    assert sampled(own, header=msh(_7="20261105120000-0500")) == "2026-11-05T07:50+01:00"


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        ("20261105", "has no hour and minute"),
        ("2026110507", "has no hour and minute"),
        ("202611050750^D", "has no hour and minute"),
        ("202611", "has no hour and minute"),
        ("20261105240000", "is not in the calendar"),
        ("20261305075000", "is not in the calendar"),
        ("20261105076000", "is not in the calendar"),
        ("2026110507500", "is not a time"),
        ("2026-11-05T07:50", "is not a time"),
        ("00261105075000", "is not a time"),
        ("20261105075000+01", "is not a time"),
        ("20261105075000~20261105080000", "is not a time"),
        ("20260329023000", "does not exist in Europe/Paris"),
        ("20261025023000", "occurred twice in Europe/Paris"),
    ],
)
def test_a_time_of_no_single_meaning_is_refused(stamp: str, reason: str) -> None:
    found = refusal(oru(obx(_14=stamp)))
    assert found.startswith("message 1, OBX 1 (line 4), OBX-14: ")
    assert reason in found


def test_midnight_and_a_fraction_are_shown() -> None:
    assert one(oru(obx(_14="20261105000000"), order=obr(_7="")), Incoming).remarks == (
        "The time is midnight. Check that it is not a day without a time.",
    )
    assert one(oru(obx(_14="20261105075000.25"), order=obr(_7="")), Incoming).remarks == (
        "The fraction of a second is left out.",
    )


# --- trough, peak, random


@pytest.mark.parametrize(
    "content",
    [
        oru(obx(code="29247-4&PEAK^Sirolimus^LN")),
        oru(obx(code="29247-4^SIROLIMUS RANDOM^LN")),
        oru(obx(), order=obr(_4="SIRO^Sirolimus, peak^L")),
        oru(obx(), order=obr(_15="BLD&peak")),
        oru(obx(), SPM.replace("Whole blood", "Peak sample")),
    ],
)
def test_a_peak_or_random_level_without_its_last_dose_is_refused(content: bytes) -> None:
    found = refusal(content)
    assert ", OBX-3: the laboratory calls it " in found
    assert "it could be assessed as a trough" in found


@pytest.mark.parametrize(
    "code", ["29247-4^Sirolimus trough^LN", "29247-4&TROUGH^Siro^LN", "115766-8^Sirolimus^LN"]
)
def test_a_trough_is_read_and_the_last_dose_decides(code: str) -> None:
    found = one(oru(obx(code=code)), Incoming)
    assert str(found.entry) == "7.20 ng/mL"
    assert found.remarks == ("The laboratory calls it TROUGH. The last dose decides.",)


def test_a_trough_that_is_a_peak_is_refused() -> None:
    assert "it is called PEAK and TROUGH" in refusal(oru(obx(code="115766-8^Siro peak^LN")))


def test_a_peak_with_its_last_dose_is_read() -> None:
    last = "OBX|2|TS|LAST-DOSE^Last dose^99SIROLIMUS||20261105060000||||||F"
    found = one(oru(obx(code="29247-4^Siro peak^LN"), last), Incoming)
    assert found.remarks == ("The laboratory calls it PEAK. The last dose decides.",)
    assert level(oru(obx(), last)).last_dose == at("2026-11-05T06:00")
    assert level(oru(obx(), last)).last_dose_assumed is None
    assumed = last.replace("LAST-DOSE^", "LAST-DOSE-ASSUMED^")
    assert level(oru(obx(), assumed)).last_dose_assumed is True


# --- what the level has besides


@pytest.mark.parametrize(
    ("method", "assay"),
    [
        ("LC-MS/MS", Assay.LC_MS_MS),
        ("lcmsms^LC MS MS^L", Assay.LC_MS_MS),
        ("M1^CMIA^L", Assay.CMIA),
        ("EMIT~EMIT", Assay.EMIT),
        ("M2^house method^L", Assay.OTHER),
    ],
)
def test_the_method_is_the_assay(method: str, assay: Assay) -> None:
    choices = {"assays": {"M2": Assay.OTHER}}
    assert level(oru(obx(_17=method)), **choices).assay is assay


@pytest.mark.parametrize("method", ["M3^MEIA^L", "CMIA~EMIT", "C^CMIA^L^E^EMIT^L"])
def test_an_unknown_method_is_shown_and_no_assay_recorded(method: str) -> None:
    found = one(oru(obx(_17=method)), Incoming)
    assert level(oru(obx(_17=method))).assay is None
    assert "is not known: no assay is recorded" in found.remarks[0]


def test_the_laboratory_is_the_performing_one() -> None:
    assert level(oru(obx())).laboratory == ""
    assert level(oru(obx(_15="L1^Sample laboratory"))).laboratory == "Sample laboratory"
    assert level(oru(obx(_15="L1", _23="Sample hospital^L"))).laboratory == "Sample hospital"


def test_comments_are_shown_once() -> None:
    content = oru("NTE|1||drawn from the line", obx(), r"NTE|1|L|a \T\ b\.br\c~second")
    assert one(content, Incoming).remarks == (
        "The laboratory's comment: drawn from the line",
        "The laboratory's comment: a & b c",
        "The laboratory's comment: second",
    )


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (r"\F\\S\\T\\R\\E\ ", "|^&~\\"),
        (r"\H\bold\N\ ", "bold"),
        (r"a\X4142\b", "aABb"),
        (r"5 \XC2B5\g", "5 µg"),
        (r"a\.sp+2\b\.in+4\c", "a bc"),
    ],
)
def test_escape_sequences_are_resolved(sent: str, text: str) -> None:
    found = one(oru(obx(), f"NTE|1||{sent}"), Incoming)
    assert found.remarks == (f"The laboratory's comment: {text}",)


@pytest.mark.parametrize(
    "unknown", ["\\Q\\", "\\X4\\", "\\XFF\\", "\\C2842\\", "\\Zxx\\", "\\without its end"]
)
def test_an_unknown_escape_sequence_stays_and_is_shown(unknown: str) -> None:
    found = one(oru(obx(), f"NTE|1||a{unknown}"), Incoming)
    assert found.remarks == (
        f"The laboratory's comment: a{unknown}",
        f'The escape sequence "{unknown}" has no known meaning.',
    )


# --- character sets


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("ISO 8859-1", "latin-1"),
        ("8859/1~UNICODE UTF-8", "latin-1"),
    ],
)
def test_a_name_is_read_in_the_stated_character_set(stated: str, encoding: str) -> None:
    content = message(msh(_18=stated), pid(_5="Ünäl^Sample"), OBR, obx(), encoding=encoding)
    assert one(content, Incoming).patient.name == "Sample Ünäl"


@pytest.mark.parametrize(
    ("stated", "encoding", "part"),
    [
        ("", "latin-1", "PID"),
        ("ASCII", "utf-8", "PID"),
        ("~ISO IR87", "utf-8", "PID"),
        ("UNICODE UTF-8", "latin-1", "PID"),
        ("ISO IR87", "utf-8", "MSH-18"),
        ("UNICODE", "utf-8", "MSH-18"),
        ("8859/12", "utf-8", "MSH-18"),
        ("GB 18030-2000", "utf-8", "MSH-18"),
    ],
)
def test_another_character_set_is_refused(stated: str, encoding: str, part: str) -> None:
    content = message(msh(_18=stated), pid(_5="Ünäl^Sample"), OBR, obx(), encoding=encoding)
    assert f", {part}: " in refusal(content)


# --- the patient


@pytest.mark.parametrize(
    ("numbers", "read"),
    [
        ("00123", ["00123"]),
        ("9^^^^SS~00123^^^CITY^MR", ["00123", "9"]),
        ("7^^^^PI~8~00123^^^^MR", ["00123", "7", "8"]),
        ("5^^^^AN~00123^^^^MR~6^^^^VN", ["00123"]),
        ("0001^^^^MR~1^^^^MR", ["0001", "1"]),
    ],
)
def test_record_numbers_come_in_the_order_of_their_types(numbers: str, read: list[str]) -> None:
    found = one(oru(obx(), patient=pid(_3=numbers)), Incoming)
    assert [each.value for each in found.patient.identifiers] == read


def test_the_issuer_is_kept_with_a_number() -> None:
    found = one(oru(obx(), patient=pid(_3="1^^^CITY&1.2.3&ISO^MR~2^^^&1.2.4&ISO^PI")), Incoming)
    assert found.patient.identifiers == (Identifier("1", "CITY"), Identifier("2", "1.2.4"))


def test_old_fields_have_the_number_only_where_the_list_is_empty() -> None:
    old = one(oru(obx(), patient=pid(_2="77", _3="", _4="88")), Incoming)
    assert [each.value for each in old.patient.identifiers] == ["77"]
    alternate = one(oru(obx(), patient=pid(_3='""', _4="88")), Incoming)
    assert [each.value for each in alternate.patient.identifiers] == ["88"]
    shifted = pid(_2="^00123^^^^MR", _3="", _4="Toddler", _5="Sample")
    assert ", PID-2: " in refusal(oru(obx(), patient=shifted))
    assert ", PID-4: " in refusal(oru(obx(), patient=pid(_3="", _4="Toddler")))
    assert ", PID-4: " in refusal(oru(obx(), patient=pid(_3="", _4="77~88")))
    assert ", PID-3: " in refusal(oru(obx(), patient=pid(_2="77", _3="^CITY^AN")))
    new = one(oru(obx(), patient=pid(_2="77", _4="88")), Incoming)
    assert [each.value for each in new.patient.identifiers] == ["00123"]


@pytest.mark.parametrize(
    "number", ["", "^^^CITY^MR", "5^^^^AN", "1" * 65, "12&3", "CITY^MR", "12\\3"]
)
def test_a_patient_without_a_readable_number_is_refused_with_the_results(number: str) -> None:
    assert ", PID-3: " in refusal(oru(obx(), obx(), patient=pid(_3=number)))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Toddler^Sample", "Sample Toddler"),
        ("Toddler^Sample^Second^Jr", "Sample Second Toddler"),
        ("van Toddler&van&Toddler^Sample", "Sample van Toddler"),
        ("Alias^Sample^^^^^A~Legal^Sample^^^^^L", "Sample Legal"),
        ("Toddler", "Toddler"),
        (r"O\T\Neil^[/] <img src=x>", "[/] <img src=x> O&Neil"),
        ("", ""),
    ],
)
def test_the_name_is_given_names_and_family_name(name: str, read: str) -> None:
    assert one(oru(obx(), patient=pid(_5=name)), Incoming).patient.name == read


@pytest.mark.parametrize(
    ("born", "read"),
    [("20240229", "2024-02-29"), ("20240229233000-0500", "2024-02-29"), ("202402", None),
     ("2024", None), ("", None)],
)  # fmt: skip
def test_the_date_of_birth_is_a_day_or_not_stated(born: str, read: str | None) -> None:
    found = one(oru(obx(), patient=pid(_7=born)), Incoming).patient.born
    assert found == (day(read) if read else None)
    assert not isinstance(found, BirthDate)


@pytest.mark.parametrize("born", ["20240230", "29.02.2024", "2024022", "00240229"])
def test_a_wrong_date_of_birth_refuses_the_message(born: str) -> None:
    assert ", PID-7: " in refusal(oru(obx(), patient=pid(_7=born)))


@pytest.mark.parametrize(
    ("letter", "sex"),
    [("F", Sex.FEMALE), ("M", Sex.MALE), ("O", Sex.OTHER), ("A", Sex.OTHER), ("U", Sex.UNKNOWN),
     ("N", Sex.UNKNOWN), ("", None), ("girl", None)],
)  # fmt: skip
def test_the_sex_is_that_of_table_0001(letter: str, sex: Sex | None) -> None:
    assert one(oru(obx(), patient=pid(_8=letter)), Incoming).patient.sex is sex


def test_a_second_patient_in_a_message_has_its_own_results() -> None:
    content = message(
        MSH, PID, OBR, obx(), pid(_3="00456"), obr(_3="4712"), obx("9.9", _1="1"),
    )  # fmt: skip
    found = [each for each in items(content) if isinstance(each, Incoming)]
    assert [(each.patient.identifiers[0].value, str(each.entry)) for each in found] == [
        ("00123", "7.20 ng/mL"),
        ("00456", "9.9 ng/mL"),
    ]


def test_results_after_an_unreadable_patient_are_not_the_former_ones() -> None:
    content = message(MSH, PID, OBR, obx(), pid(_3=""), obr(_1="2"), obx("9.9"))
    found = items(content)
    assert [type(each) for each in found] == [Incoming, Refusal]
    assert found[1].place.words == "message 1 (line 5)"


# --- segments that are missing


def test_an_order_number_that_occurs_twice_refuses_its_results() -> None:
    content = message(MSH, PID, OBR, obx(), obr(_3="4712"), obx("9.9"))
    found = items(content)
    assert isinstance(found[0], Incoming)
    assert ", OBR-1: the numbers of this patient's OBR begin anew" in str(found[1])


def test_orders_after_a_patient_that_is_missing_are_refused() -> None:
    """The PID before the second OBR with the number 1 was lost."""
    lost = message(MSH, PID, OBR, obx(), OBR, obx("9.9"), obr(_1="2"), obx("8.8"), PID, OBR, obx())
    assert [type(each) for each in items(lost)] == [Incoming, Refusal, Refusal, Incoming]


def test_an_order_without_its_request_is_refused() -> None:
    content = message(MSH, PID, "ORC|RE", OBR, obx(), "ORC|RE", obx("9.9"))
    found = items(content)
    assert isinstance(found[0], Incoming)
    assert ", OBR: its order has an ORC and no OBR" in str(found[1])


def test_a_result_that_may_belong_to_another_order_has_no_time_of_this_one() -> None:
    """The OBR of the second result is missing: its number begins anew."""
    found = items(oru(obx(_14=""), obx("9.9", _14="")))
    assert isinstance(found[0], Incoming)
    assert ", OBX-1: its number does not follow" in str(found[1])
    third = items(oru(obx(_14=""), obx("9.9"), obx("8.8", _1="2", _14="")))
    assert [type(each) for each in third] == [Incoming, Incoming, Refusal]
    after_sample = items(oru(obx(), SPM, obx("9.9", _1="2", _14="")))
    assert [type(each) for each in after_sample] == [Incoming, Refusal]
    before_sample = items(oru(SPM, obx(), obx("9.9", _1="2", _14="")))
    assert [type(each) for each in before_sample] == [Incoming, Incoming]


@pytest.mark.parametrize("field", ["_13", "_15"])
def test_a_time_in_the_field_beside_is_refused(field: str) -> None:
    shifted = obx(_14="", **{field: "20261105081000"})
    assert "it is a time, and OBX-14 is empty" in refusal(oru(shifted))


@pytest.mark.parametrize("field", ["_10", "_12"])
def test_a_status_in_the_field_beside_is_refused(field: str) -> None:
    assert ", OBX-11: " in refusal(oru(obx(_11="", **{field: "P"})))


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("|||2026110507500", "is not a time"),
        ("|||202611050750", "the file ends in it: it may be cut"),
        ("|||2026110507", "has no hour and minute"),
        ("||", "the file ends before it: it may be cut"),
    ],
)
def test_a_file_that_ends_in_a_time_is_refused(tail: str, reason: str) -> None:
    content = oru(obx(_14="").rstrip("|") + tail).rstrip(b"\r")
    assert reason in refusal(content)


def test_a_file_that_ends_before_a_status_or_time_is_refused() -> None:
    before_status = oru(obx().split("|||||F")[0]).rstrip(b"\r")
    assert ", OBX-11: the status is empty" in refusal(before_status)
    others_have_a_time = oru(obx(), obx("9.9", _1="2", _14="").rstrip("|")).rstrip(b"\r")
    assert "the file ends before it" in str(items(others_have_a_time)[1])


# --- what a code means


def test_an_alternate_code_and_a_mapping_are_read() -> None:
    assert str(level(oru(obx(code="SIRO^Siro^L^29247-4^Sirolimus^LN")))) == "7.20 ng/mL"
    mapping = {"tests": {"SIRO": "sirolimus level"}}
    assert str(level(oru(obx(code="SIRO^Rapamune^L")), **mapping)) == "7.20 ng/mL"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("SIRO^Sirolimus^L", '"Sirolimus" has no known code.'),
        ("29247-4^Sirolimus", '"Sirolimus" has no known code.'),
        ("1742-6^ALT^LN^1920-8^AST^LN", "The codes mean ALT and AST."),
        ("29247-4&X^Sirolimus^LN", '"Sirolimus" has no known code.'),
    ],
)
def test_a_code_of_no_single_meaning_is_refused(code: str, reason: str) -> None:
    found = refusal(oru(obx(code=code)))
    assert f", OBX-3: {reason}" in found


def test_a_level_that_a_mapping_names_as_a_laboratory_value_is_refused() -> None:
    found = refusal(oru(obx(code="SIRO")), tests={"SIRO": "Sirolimus (blood)"})
    assert ', OBX-3: "Sirolimus (blood)" is not a laboratory value.' in found


def test_another_test_is_left_out_with_its_name() -> None:
    found = one(oru(obx(code="5778-6^Color of Urine^LN")), LeftOut)
    assert (found.why, found.what) == (Skipped.OTHER_TEST, "5778-6 Color of Urine")


@pytest.mark.parametrize(
    ("limits", "lower", "upper"),
    [
        ("3-7", "3", "7"),
        ("3.0 - 7.0", "3.0", "7.0"),
        ("<41", None, "41"),
        ("≤ 41", None, "41"),
        (">5", "5", None),
        ("10-41 U/L", "10", "41"),
        ("", None, None),
    ],
)
def test_limits_of_normal_are_read(limits: str, lower: str | None, upper: str | None) -> None:
    found = one(oru(obx("35", code=ALT, _6="U/L", _7=limits)), Incoming)
    entry = found.entry
    assert isinstance(entry, LaboratoryValue)
    read = [
        each and f"{each.number:f} {each.unit}" for each in (entry.lower_limit, entry.upper_limit)
    ]
    assert read == [each and f"{each} U/L" for each in (lower, upper)]
    assert found.remarks == ()


@pytest.mark.parametrize("limits", ["7-3", "3,0-7,0", "neg", "< 9 mg/dL", "3-7-9", "M: 3-7"])
def test_limits_of_no_single_meaning_are_shown_and_not_kept(limits: str) -> None:
    found = one(oru(obx("35", code=ALT, _6="U/L", _7=limits)), Incoming)
    assert isinstance(found.entry, LaboratoryValue)
    assert (found.entry.lower_limit, found.entry.upper_limit) == (None, None)
    assert found.remarks == (f'The reference range "{limits}" is not read.',)


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [("35", "NM", "ALT 35 U/L"), ("<^5", "SN", "ALT <5 U/L"), ("0", "NM", "ALT 0 U/L")],
)
def test_a_laboratory_value_is_read(value: str, kind: str, read: str) -> None:
    found = one(oru(obx(value, kind, code=ALT, _6="U/L")), Incoming)
    assert str(found.entry) == read
    assert isinstance(found.entry, LaboratoryValue)
    assert found.entry.at == at("2026-11-05T07:50")


def test_a_dipstick_is_read_by_a_mapping() -> None:
    for value, kind in (("2+", "ST"), ("^2^+", "SN")):
        content = oru(obx(value, kind, code="UPROT^Protein^L", _6=""))
        found = one(content, Incoming, tests={"UPROT": "urine protein"})
        assert str(found.entry) == "urine protein 2+"


def test_weight_and_height_are_measurements_of_a_day() -> None:
    content = oru(
        obx("12.40", code="29463-7^Weight^LN", _6="kg", _14="20261104"),
        obx("88", code="8302-2^Height^LN", _1="2", _6="cm", _14=""),
        obx("27", code="29463-7^Weight^LN", _1="3", _6="[lb_av]"),
    )
    found = [each.entry for each in items(content) if isinstance(each, Incoming)]
    assert all(isinstance(each, Measurement) for each in found)
    assert [(str(each.on), str(each.weight or each.height)) for each in found] == [  # type: ignore[attr-defined]
        ("2026-11-04", "12.40 kg"),
        ("2026-11-05", "88 cm"),
        ("2026-11-05", "27 lb"),
    ]


@pytest.mark.parametrize(("value", "kind"), [("128/84", "ST"), ("^128^/^84", "SN")])
def test_a_blood_pressure_is_two_values(value: str, kind: str) -> None:
    found = items(oru(obx(value, kind, code="85354-9^Blood pressure^LN", _6="mm[Hg]")))
    entries = [str(each.entry) for each in found if isinstance(each, Incoming)]
    assert entries == ["systolic blood pressure 128 mm[Hg]", "diastolic blood pressure 84 mm[Hg]"]


@pytest.mark.parametrize(
    ("value", "kind", "unit"),
    [("84/128", "ST", "mm[Hg]"), ("128", "NM", "mm[Hg]"), ("128/84", "ST", ""),
     ("128/84", "ST", "kPa"), ("^128^-^84", "SN", "mm[Hg]")],
)  # fmt: skip
def test_a_doubtful_blood_pressure_is_refused(value: str, kind: str, unit: str) -> None:
    content = oru(obx(value, kind, code="85354-9^Blood pressure^LN", _6=unit))
    assert isinstance(one(content, Refusal), Refusal)


def test_pressures_in_results_of_their_own_are_read() -> None:
    content = oru(obx("128", code="8480-6^Systolic^LN", _6="mmHg"))
    assert str(one(content, Incoming).entry) == "systolic blood pressure 128 mm[Hg]"


def test_what_was_observed_of_the_patient_needs_a_time_of_its_own() -> None:
    own = message(MSH, PID, obx("12.4", code="29463-7^Weight^LN", _6="kg"), OBR, obx())
    assert [type(each) for each in items(own)] == [Incoming, Incoming]
    none = message(MSH, PID, obx("12.4", code="29463-7^Weight^LN", _6="kg", _14=""))
    assert ", OBX-14: the day of the measurement is missing" in refusal(none)


def test_a_training_message_says_so() -> None:
    found = one(oru(obx(), header=msh(_11="T")), Incoming)
    assert found.remarks == ("The message is marked as training (MSH-11).",)


# --- patients


@pytest.mark.parametrize("event", ["A01", "A04", "A08"])
def test_a_patient_is_read_without_results(event: str) -> None:
    content = message(msh(_9=f"ADT^{event}"), "EVN||20261105", PID, "PV1|1|I")
    found = one(content, IncomingPatient)
    assert found.place == SourcePlace(1, "message 1, PID (line 3)")
    assert found.patient.identifiers == (Identifier("00123", "CITY"),)


def test_a_patient_in_a_file_that_is_cut_is_refused() -> None:
    whole = message(msh(_9="ADT^A08"), PID).rstrip(b"\r")
    assert isinstance(items(whole + b"|"), list)
    cut = message(msh(_9="ADT^A08"), "PID|1||001").rstrip(b"\r")
    assert "the file ends in it" in refusal(cut)
    none = message(msh(_9="ADT^A08"), "PV1|1|I")
    assert "the message has 0 PID, not one" in refusal(none)


def merge(*segments: str) -> bytes:
    return message(msh(_9="ADT^A40^ADT_A39"), "EVN||20261105", *segments)


def test_a_merge_names_the_surviving_and_the_former_number() -> None:
    content = merge(PID, "PD1", "MRG|00077^^^CITY^MR", pid(_3="5^^^^MR"), "MRG|9^^^^PI~6^^^^MR")
    found = [each for each in items(content) if isinstance(each, IncomingMerge)]
    assert [(each.patient.identifiers[0].value, each.former.value) for each in found] == [
        ("00123", "00077"),
        ("5", "6"),
    ]
    assert found[0].place == SourcePlace(1, "message 1, MRG (line 5)")


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((PID,), "MRG: a PID has no MRG after it"),
        (("MRG|77^^^^MR",), "PID: the MRG has no PID before it"),
        ((PID, "MRG|"), "MRG-1: the former record number is empty"),
        ((PID, "MRG|00123^^^^MR"), 'MRG-1: "00123" is the surviving number, too'),
        ((pid(_3=""), "MRG|77"), "PID-3: the record number is empty"),
    ],
)
def test_a_doubtful_merge_is_refused(segments: tuple[str, ...], reason: str) -> None:
    assert reason in refusal(merge(*segments))


def test_a_merge_in_a_file_that_is_cut_is_refused() -> None:
    assert "the file ends in it" in refusal(merge(PID, "MRG|000").rstrip(b"\r"))
    whole = merge(PID, "MRG|00077^^^CITY^MR").rstrip(b"\r")
    assert one(whole, IncomingMerge).former == Identifier("00077", "CITY")


# --- hostile text


@pytest.mark.parametrize(
    "text", ["[/]", "<img src=x>", "Łukasz", "=1+1", "\u202egnp", "NULL", "a" * 5_000, "\\"]
)
def test_hostile_text_is_text(text: str) -> None:
    for content in (
        oru(obx(), patient=pid(_5=text)),
        oru(obx(text, "ST")),
        oru(obx(code=text)),
        oru(obx(_6=text)),
        oru(obx(_11=text)),
        oru(obx(_14=text)),
        oru(obx(_17=text), f"NTE|1||{text}"),
        oru(obx(), header=msh(text)),
        oru(obx(), patient=pid(_3=text)),
    ):
        assert items(content)


def test_comparators_are_those_of_the_record() -> None:
    assert level(oru(obx("<^2.0", "SN"))).comparator is Comparator.BELOW
    assert SIROLIMUS.startswith("29247-4")

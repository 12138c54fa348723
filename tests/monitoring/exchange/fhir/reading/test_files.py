"""Files of FHIR: their kinds, references, reports and patients; damage refused with its place."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dosing import Sex, UserError
from dosing.birth_date import BirthDate
from dosing.quantities.reading_limits import FHIR_BYTES, FHIR_LINE_BYTES
from monitoring.exchange.fhir.extensions import DIAGNOSIS
from monitoring.exchange.fhir.reading import fhir_kind, read_fhir
from monitoring.exchange.incoming import (
    Identifier,
    Incoming,
    IncomingPatient,
    Item,
    LeftOut,
    PatientIdentity,
    Refusal,
    ResultStatus,
    SourceKind,
)
from tests.monitoring.exchange.fhir.reading.resources import (
    CHOICES,
    Made,
    bundle,
    concept,
    incoming,
    items,
    json_text,
    lines,
    observation,
    of_patient,
    patient,
    quantity,
    refusal,
)


def identity(made_of: Made) -> PatientIdentity:
    (found,) = items(made_of)
    assert isinstance(found, IncomingPatient), str(found)
    return found.patient


def subject(**reference: Any) -> Made:
    return observation(subject=reference)


def first_of(*entries: Made) -> Item:
    """Return the first item of a Bundle of entries."""
    return items({"resourceType": "Bundle", "type": "collection", "entry": list(entries)})[0]


def number_of(item: Item) -> str:
    assert isinstance(item, Incoming), str(item)
    return item.patient.identifiers[0].value


# --- kinds


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (json_text(patient()), SourceKind.FHIR),
        ("\ufeff" + json_text(patient()), SourceKind.FHIR),
        ('\n {\n "resourceType": "Patient"\n}', SourceKind.FHIR),
        ('{"entry": [\n{"resource": {"resourceType": "Patient"}}]}', SourceKind.FHIR),
        (f"{json_text(patient())}\n{json_text(observation())}\n", SourceKind.FHIR_NDJSON),
        (f"{json_text(patient())}\r\n\r\n{json_text(observation())}", SourceKind.FHIR_NDJSON),
        ("MRN,Sirolimus\n1,7.2", None),
        ("MSH|^~\\&|", None),
        ('[{"resourceType": "Patient"}]', None),
        ('{"a": 1}', None),
        ("", None),
        ("<Patient/>", None),
    ],
)
def test_the_kind_of_a_file_is_known_by_its_content(content: str, kind: SourceKind | None) -> None:
    assert fhir_kind(content.encode()) is kind


@pytest.mark.parametrize(
    "kind", ["collection", "document", "transaction", "batch", "searchset", "message"]
)
def test_bundles_of_results_are_read_in_any_order(kind: str) -> None:
    found = items(bundle(observation(), patient(), kind=kind))
    assert number_of(found[0]) == "00123"
    assert [str(each.place) for each in found] == [
        "entry 1, Observation/o1", "entry 2, Patient/p1",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["history", "transaction-response", "nonsense", "", 1, None])
def test_another_bundle_is_refused_as_a_whole(kind: Any) -> None:
    with pytest.raises(UserError, match="The file, type: "):
        items(bundle(observation(), patient(), kind=kind))


def test_a_bundle_within_a_bundle_is_refused() -> None:
    found = items(bundle(patient(), bundle(observation())))
    assert str(found[1]) == (
        "entry 2, Bundle: a bundle within a bundle is not read. Send it alone."
    )


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_request_that_changes_a_former_result_is_refused(method: str) -> None:
    found = first_of({"request": {"method": method, "url": "Observation/1"}})
    assert isinstance(found, Refusal)
    assert found.part == "request.method"


def test_an_entry_without_a_resource_is_left_out_and_a_wrong_one_refused() -> None:
    assert isinstance(first_of({"search": {"mode": "match"}}), LeftOut)
    wrong: Made
    for wrong in ({"resource": []}, {"resource": {"id": "1"}}, {"resurce": patient()}):
        assert isinstance(first_of(wrong), Refusal)


def test_other_resources_are_left_out_by_their_type() -> None:
    for kind in ("OperationOutcome", "Provenance", "AuditEvent", "DetectedIssue", "RiskAssessment"):
        found = items(bundle({"resourceType": kind, "id": "x"}))[0]
        assert isinstance(found, LeftOut)
        assert (str(found.place), found.what) == (f"entry 1, {kind}/x", kind)


def test_a_single_resource_is_read() -> None:
    (found,) = items(observation(subject={"identifier": {"value": "7"}}))
    assert (number_of(found), str(found.place)) == ("7", "Observation/o1")


# --- NDJSON


def test_each_line_is_a_resource_and_a_later_one_may_be_referred_to() -> None:
    found = lines(observation(), patient(), observation(id="o2"))
    assert [str(each.place) for each in found] == [
        "line 1, Observation/o1", "line 2, Patient/p1", "line 3, Observation/o2",
    ]  # fmt: skip
    assert number_of(found[0]) == number_of(found[2]) == "00123"


def test_a_damaged_line_is_refused_and_the_others_are_read() -> None:
    good, after = json_text(patient()), json_text(observation())
    bad = ('{"resourceType":"Observation"', "[]", "7", '{"resourceType":"Observation","id":"\x01"}',
           '{"resourceType":"Observation","id":"a","id":"b"}')  # fmt: skip
    found = items("\n".join((good, "", *bad, after)))
    assert [str(each.place).split(",")[0] for each in found] == [
        "line 1", *(f"line {number}" for number in range(3, 9)),
    ]  # fmt: skip
    assert isinstance(found[-1], Incoming)
    assert all(isinstance(each, Refusal) for each in found[1:-1])


def test_a_line_that_is_not_utf_8_is_refused() -> None:
    content = b"\n".join(
        (json_text(patient()).encode(), b'{"resourceType":"Observation","id":"\xff"}')
    )
    found = list(read_fhir(content, CHOICES))
    assert isinstance(found[0], IncomingPatient)
    assert str(found[1]) == "line 2: It is not UTF-8 text. Send it again."


# --- JSON


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"resourceType":"Patient"', "damaged or incomplete"),
        ('{"resourceType":"Patient"}}', "damaged or incomplete"),
        ('{"resourceType":"Patient","a":NaN}', "NaN is not a number"),
        ('{"resourceType":"Patient","a":-Infinity}', "-Infinity is not a number"),
        ('{"resourceType":"Patient","a":01}', "damaged or incomplete"),
        ('{"resourceType":"Patient","a":.5}', "damaged or incomplete"),
        ('{"resourceType":"Patient","a":1,"a":1}', '"a" is there twice'),
        ('{"resourceType":"Patient","a":{"b":[{"c":1,"c":2}]}}', '"c" is there twice'),
        ('{"a":"resourceType","resourceType":7}', "resourceType"),
        ('{"resourceType":"pa tient"}', "resourceType"),
        ('{"resourceType":"Patient",\'a\':1}', "damaged or incomplete"),
    ],
)
def test_what_is_not_one_resource_is_refused_as_a_whole(text: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        items(text)


@pytest.mark.parametrize("depth", [70, 2_000, 200_000])
@pytest.mark.parametrize("sign", ["[]", '{"a":,}'])
def test_deep_nesting_is_refused(depth: int, sign: str) -> None:
    opening, closing = (sign[0], sign[1]) if sign == "[]" else ('{"a":', "}")
    deep = f"{opening * depth}1{closing * depth}"
    with pytest.raises(UserError, match="more than 64 levels of nesting"):
        items(f'{{"resourceType":"Patient","a":{deep}}}')


def test_the_nesting_that_is_allowed_is_read() -> None:
    deep = f"{'[' * 62}{']' * 62}"
    (found,) = items(f'{{"resourceType":"Basic","a":{deep}}}')
    assert isinstance(found, LeftOut)


def test_a_file_and_a_line_beyond_the_limit_are_refused() -> None:
    start = b'{"resourceType":"Basic","a":"'
    large = start + b"a" * (FHIR_BYTES.most - len(start) + 1)
    with pytest.raises(UserError, match="more than 67,108,864 bytes"):
        list(read_fhir(large, CHOICES))
    line = start + b"a" * FHIR_LINE_BYTES.most + b'"}'
    found = list(read_fhir(line + b"\n" + json_text(patient()).encode(), CHOICES))
    assert isinstance(found[0], Refusal)
    assert isinstance(found[1], IncomingPatient)


# --- references


PATIENT_URL = "http://hospital.example/fhir/Patient/p1"


@pytest.mark.parametrize(
    ("reference", "url", "own"),
    [
        ("Patient/p1", None, None),
        ("Patient/p1/_history/3", None, None),
        ("Patient/p1", PATIENT_URL, "http://hospital.example/fhir/Observation/o1"),
        ("Patient/p1", "urn:uuid:1", "http://hospital.example/fhir/Observation/o1"),
        (PATIENT_URL, PATIENT_URL, None),
        ("urn:uuid:1", "urn:uuid:1", "urn:uuid:2"),
    ],
)
def test_a_reference_finds_its_patient(reference: str, url: str | None, own: str | None) -> None:
    one: Made = {"resource": subject(reference=reference)}
    other: Made = {"resource": patient()}
    if own:
        one["fullUrl"] = own
    if url:
        other["fullUrl"] = url
    assert number_of(first_of(one, other)) == "00123"


@pytest.mark.parametrize(
    ("reference", "url", "own"),
    [
        ("Patient/p2", None, None),
        ("patient/p1", None, None),
        ("p1", None, None),
        ("http://hospital.example/fhir/Patient/p1", None, None),
        ("Patient/p1", PATIENT_URL, "http://other.example/fhir/Observation/o1"),
        ("http://other.example/fhir/Patient/p1", PATIENT_URL, None),
        ("urn:uuid:2", "urn:uuid:1", None),
        ("#p1", None, None),
        ("", None, None),
        ("Group/g1", None, None),
        ("Patient?identifier=a|b|c", None, None),
        ("<img src=x>", None, None),
    ],
)
def test_a_reference_never_finds_another_patient(
    reference: str, url: str | None, own: str | None
) -> None:
    one: Made = {"resource": subject(reference=reference), "fullUrl": own or "urn:uuid:9"}
    other: Made = {"resource": patient(), **({"fullUrl": url} if url else {})}
    found = first_of(one, other)
    assert isinstance(found, Refusal)
    assert found.part.startswith("subject")
    assert not reference or reference[:30] in found.reason


def test_a_reference_that_can_mean_two_patients_is_refused() -> None:
    found = items(bundle(observation(), patient(), patient(number="99999")))[0]
    assert isinstance(found, Refusal)
    assert found.reason == '"Patient/p1" can mean 2 resources. Correct the file.'
    assert number_of(items(bundle(observation(), patient(), patient()))[0]) == "00123"


def test_a_full_url_that_is_not_that_of_its_resource_is_refused() -> None:
    found = first_of({"resource": patient("p2"), "fullUrl": PATIENT_URL})
    assert isinstance(found, Refusal)
    assert found.part == "fullUrl"


def test_a_contained_patient_is_found() -> None:
    whole = {**subject(reference="#x"), "contained": [patient("x", "777")]}
    assert number_of(items(whole)[0]) == "777"


def test_a_patient_is_found_by_a_number_alone() -> None:
    by_number = {"identifier": {"system": "urn:oid:1.2.3", "value": "00123"}}
    (found,) = items(subject(**by_number))
    assert isinstance(found, Incoming)
    assert found.patient.identifiers == (Identifier("00123", "urn:oid:1.2.3"),)
    by_search = subject(reference="Patient?identifier=urn:oid:1.2.3|00123")
    assert items(by_search)[0] == found


def test_a_number_beside_a_reference_must_be_the_patients() -> None:
    right = {"reference": "Patient/p1", "identifier": {"system": "urn:oid:1.2.3", "value": "00123"}}
    assert number_of(of_patient(subject(**right))[0]) == "00123"
    wrong = {**right, "identifier": {"system": "urn:oid:1.2.3", "value": "00124"}}
    assert refusal(subject(**wrong)).startswith("subject.identifier: ")


@pytest.mark.parametrize("kind", ["Group", "Device", "Location"])
def test_a_subject_that_is_not_a_patient_is_refused(kind: str) -> None:
    other = {"resourceType": kind, "id": "g1"}
    found = of_patient(subject(reference=f"{kind}/g1"), other)[0]
    assert isinstance(found, Refusal)
    assert "is not a patient" in found.reason
    assert refusal(subject(reference="Patient/p1", type=kind)).startswith("subject.type: ")


@pytest.mark.parametrize("wrong", [..., None, [], "Patient/p1", {}, {"display": "Łukasz"}])
def test_a_subject_that_is_missing_or_wrong_is_refused(wrong: object) -> None:
    assert refusal(observation(subject=wrong)).startswith("subject: ")


# --- patients


def test_the_particulars_of_a_patient() -> None:
    assert identity(patient()) == PatientIdentity(
        identifiers=(Identifier("00123", "urn:oid:1.2.3"),),
        born=date(2024, 2, 29),
        name="Łukasz O'Neil",
        sex=Sex.MALE,
        part="subject",
        born_part="Patient.birthDate",
    )
    diagnosis = [{"url": DIAGNOSIS, "valueString": "cystic hygroma"}]
    (found,) = items(patient(extension=diagnosis))
    assert isinstance(found, IncomingPatient)
    assert found.diagnosis == "cystic hygroma"


def test_record_numbers_come_first_and_former_ones_last() -> None:
    kind = "http://terminology.hl7.org/CodeSystem/v2-0203"
    numbers = [
        {"value": "old", "use": "old", "type": concept("MR", kind)},
        {"value": "passport", "type": concept("PPN", kind)},
        {"value": "plain"},
        {"value": "mr", "type": concept("MR", kind)},
        {"system": "urn:x"},
        {"value": "9" * 65},
    ]
    found = identity(patient(identifier=numbers))
    assert [each.value for each in found.identifiers] == ["mr", "plain", "passport", "old"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([{"family": "B", "given": ["A"]}], "A B"),
        ([{"use": "old", "family": "C"}, {"family": "B", "given": ["A", "M"]}], "A M B"),
        ([{"use": "nickname", "text": "Al"}, {"use": "official", "text": "Ann Bo"}], "Ann Bo"),
        ([{"family": "B", "given": ["A"], "text": "Dr A B"}], "A B"),
        ([], ""),
    ],
)
def test_the_official_name_is_taken(names: list[Made], shown: str) -> None:
    assert identity(patient(name=names)).name == shown


@pytest.mark.parametrize("text", ["2024", "2024-02"])
def test_a_birth_known_to_the_month_or_year_stays_one(text: str) -> None:
    assert identity(patient(birthDate=text)).born == BirthDate.read(text)


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("birthDate", {"birthDate": "29.02.2024"}),
        ("birthDate", {"birthDate": "2023-02-29"}),
        ("birthDate", {"birthDate": "2024-02-29T00:00:00Z"}),
        ("gender", {"gender": "M"}),
        ("identifier", {"identifier": []}),
        ("identifier", {"identifier": ...}),
        ("identifier[0].use", {"identifier": [{"use": "nonsense", "value": "1"}]}),
        ("birthdate", {"birthdate": "2024-02-29"}),
        ("link[0].type", {"link": [{"other": {}, "type": "replaced-by"}]}),
        ("modifierExtension", {"modifierExtension": [{"url": "urn:x"}]}),
        ("implicitRules", {"implicitRules": "urn:x"}),
    ],
)
def test_a_wrong_patient_is_refused_and_so_are_the_results(part: str, changes: Made) -> None:
    both = items(bundle(patient(**changes), observation()))
    assert [type(each) for each in both] == [Refusal, Refusal]
    one, other = both
    assert isinstance(one, Refusal)
    assert isinstance(other, Refusal)
    assert one.part == part
    assert other.part == "subject"
    assert "Patient/p1" in other.reason


# --- reports and panels


def report(status: str = "final", **changes: Any) -> Made:
    usual = {
        "resourceType": "DiagnosticReport", "id": "r1", "status": status,
        "code": concept("24323-8"), "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}],
    }  # fmt: skip
    return {**usual, **changes}


def panel(status: str = "final", **changes: Any) -> Made:
    members = [{"reference": "Observation/o1"}]
    whole = observation("24323-8", id="panel", status=status, valueQuantity=..., hasMember=members)
    return {**whole, **changes}


Group = Callable[..., Made]
BOUNDS = [
    ("final", "final", ResultStatus.FINAL),
    ("final", "amended", ResultStatus.CORRECTED),
    ("corrected", "final", ResultStatus.FINAL),
    ("preliminary", "final", "preliminary"),
    ("registered", "corrected", "preliminary"),
    ("cancelled", "final", "cancelled"),
    ("cancelled", "preliminary", "preliminary"),
    ("entered-in-error", "final", ResultStatus.WITHDRAWN),
    ("entered-in-error", "preliminary", ResultStatus.WITHDRAWN),
    ("final", "entered-in-error", ResultStatus.WITHDRAWN),
    ("preliminary", "entered-in-error", ResultStatus.WITHDRAWN),
    ("final", "preliminary", "preliminary"),
]


@pytest.mark.parametrize("group", [report, panel])
@pytest.mark.parametrize("read", [lambda *all_: items(bundle(*all_)), lines])
@pytest.mark.parametrize(("of_group", "own", "kept"), BOUNDS)
def test_a_report_or_panel_bounds_the_status_of_its_results(
    group: Group, read: Callable[..., list[Item]], of_group: str, own: str, kept: Any
) -> None:
    found = read(group(of_group), observation(status=own), patient())[1]
    if isinstance(kept, ResultStatus):
        assert isinstance(found, Incoming), str(found)
        assert found.status is kept
    else:
        assert isinstance(found, LeftOut), str(found)
        assert found.why.value == kept


@pytest.mark.parametrize("status", ["unknown", "nonsense", "", "Final"])
def test_the_results_of_a_report_of_unknown_status_are_refused(status: str) -> None:
    found = of_patient(report(status), observation())[1]
    assert isinstance(found, Refusal)
    assert found.reason == "that of entry 2, DiagnosticReport/r1 is not known. Ask the sender."


def test_a_final_report_goes_before_its_preliminary_issue() -> None:
    found = of_patient(report("preliminary"), report("final", id="r2"), observation())[2]
    assert isinstance(found, Incoming)
    found = of_patient(report("entered-in-error"), report("final", id="r2"), observation())[2]
    assert isinstance(found, Refusal)
    assert found.reason == "its reports contradict each other. Ask the sender."


def test_a_report_about_another_patient_is_refused_with_its_results() -> None:
    other = report(subject={"identifier": {"value": "99999"}})
    found = of_patient(other, observation())[1]
    assert isinstance(found, Refusal)
    assert found.reason == "entry 2, DiagnosticReport/r1 is about another patient."


def test_results_within_a_report_are_read_and_bounded() -> None:
    inner = observation(id="x")
    whole = report(contained=[inner], result=[{"reference": "#x"}])
    found = of_patient(whole)
    assert isinstance(found[0], LeftOut)
    assert isinstance(found[1], Incoming)
    assert str(found[1].place) == "entry 2, DiagnosticReport/r1, #x"
    found = of_patient({**whole, "status": "preliminary"})
    assert [type(each) for each in found] == [LeftOut, LeftOut]
    not_named = of_patient({**whole, "status": "preliminary", "result": []})
    assert [type(each) for each in not_named] == [LeftOut, LeftOut]


def test_a_report_without_its_results_is_left_out() -> None:
    (found,) = of_patient(report())
    assert isinstance(found, LeftOut)
    assert found.what == "DiagnosticReport"


@pytest.mark.parametrize(
    "changes", [{"result": {}}, {"result": ["Observation/o1"]}, {"contained": {}}, {"rezult": []}]
)
def test_a_wrong_report_is_refused(changes: Made) -> None:
    assert isinstance(of_patient({**report(), **changes})[0], Refusal)


def test_hostile_names_are_shown_cleaned() -> None:
    found = incoming(observation(id="[/]\x1b[31m\u202e<img src=x>"))
    assert found.source == "Observation/[/][31m<img src=x>"
    long = incoming(observation(id="9" * 5000))
    assert len(str(long.place)) < 120
    uuid = "0adb6cfb-0ae3-42df-9d39-fc6f1c6f0000"
    assert incoming(observation(id=uuid)).source == f"Observation/{uuid}"
    value = quantity("7.2", code="\x1b]0;x\x07")
    assert "\x1b" not in refusal(observation(valueQuantity=value))

"""The patient whom a resource is about: by reference or by identifier, and never by the name."""

import re
from datetime import date
from typing import Final

from dosing import Sex, UserError, clean
from dosing.birth_date import read_birth
from dosing.quantities.text import LONGEST_RECORD_NUMBER, quoted
from monitoring.exchange.fhir.extensions import DIAGNOSIS
from monitoring.exchange.fhir.reading.element import (
    CODING,
    CONCEPT,
    IDENTIFIER,
    REFERENCE,
    RESOURCE,
    Element,
    PartError,
    names,
)
from monitoring.exchange.fhir.reading.record_entry import stated_entry
from monitoring.exchange.fhir.reading.resources import Directory, Resource
from monitoring.exchange.incoming import Identifier, PatientIdentity
from monitoring.record.entry import Entry
from monitoring.record.patient import Patient

_PATIENT: Final = RESOURCE | names(
    "identifier active name telecom gender birthDate deceasedBoolean deceasedDateTime address "
    "maritalStatus multipleBirthBoolean multipleBirthInteger photo contact communication "
    "generalPractitioner managingOrganization link"
)
_NAME: Final = names("use text family given prefix suffix period")
_LINK: Final = names("other type")
_SEX: Final = {each.value: each for each in Sex}
_NAME_USES: Final = {"official": 0, "usual": 1, "": 2, "temp": 3, "nickname": 4, "anonymous": 5,
                     "old": 6, "maiden": 7}  # fmt: skip
_IDENTIFIER_USES: Final = {"official": 0, "usual": 0, "": 0, "temp": 1, "secondary": 1, "old": 9}
_RECORD_NUMBER: Final = "MR"
_BY_IDENTIFIER: Final = re.compile(r"Patient\?identifier=(?P<system>[^|&%+]*)\|(?P<value>[^|&%+]+)")


def read_identity(resource: Resource) -> PatientIdentity:
    """Return who a Patient is. Raises `PartError` for one without a usable identifier."""
    patient = resource.element(_PATIENT)
    if patient.text("implicitRules"):
        raise patient.error("implicitRules", "they are not known. Enter the patient by hand.")
    for link in patient.many("link", _LINK):
        if link.text("type") == "replaced-by":
            raise link.error("type", "another record replaced this patient. Use that one.")
    return PatientIdentity(
        part="subject",
        born_part="Patient.birthDate",
        identifiers=_identifiers(patient),
        born=_born(patient),
        name=_name(patient),
        sex=patient.code("gender", _SEX) if patient.has("gender") else None,
    )


def read_particulars(resource: Resource) -> tuple[PatientIdentity, str, Patient | None]:
    """Return who a Patient is, the diagnosis by our own extension, and the patient as recorded.

    Raises `PartError` where the extension contradicts the other elements.
    """
    identity, patient = read_identity(resource), resource.element(_PATIENT)
    diagnosis = patient.extension(DIAGNOSIS, "valueString")
    stated = stated_entry(patient)
    known = stated.entry if stated else None
    if known is not None and not _is_stated(known, identity):
        raise patient.error(
            "extension", "record-entry contradicts the other elements. Export the records again."
        )
    words = clean(diagnosis.text("valueString")) if diagnosis else ""
    return identity, words, known if isinstance(known, Patient) else None


def _is_stated(known: Entry, identity: PatientIdentity) -> bool:
    return isinstance(known, Patient) and (
        known.record_number == identity.identifiers[0].value
        and (known.born, known.sex, known.name) == (identity.born, identity.sex, identity.name)
    )


def _identifiers(patient: Element) -> tuple[Identifier, ...]:
    """Return the identifiers, record numbers (MR) first and former ones last."""
    found: list[tuple[int, Identifier]] = []
    for each in patient.many("identifier", IDENTIFIER):
        kind = each.one("type", CONCEPT)
        codes = {coding.text("code") for coding in kind.many("coding", CODING)} if kind else set()
        use = each.code("use", _IDENTIFIER_USES) if each.has("use") else 0
        is_other = 0 if _RECORD_NUMBER in codes else 4 if codes else 2
        value = each.text("value")
        if value and len(value) <= LONGEST_RECORD_NUMBER:
            found.append((use + is_other, Identifier(value, each.text("system"))))
    if not found:
        raise patient.error("identifier", "the patient has no record number. Add it to the file.")
    found.sort(key=lambda each: each[0])
    return tuple(dict.fromkeys(identifier for _, identifier in found))


def _name(patient: Element) -> str:
    """Return the official name, or the first by the order of the uses: given names, family."""
    ranked: list[tuple[int, Element]] = []
    for each in patient.many("name", _NAME):
        use = each.code("use", _NAME_USES) if each.has("use") else _NAME_USES[""]
        ranked.append((use, each))
    if not ranked:
        return ""
    name = min(ranked, key=lambda each: each[0])[1]
    parts = [*name.texts("given"), name.text("family")]
    return " ".join(filter(None, parts)) or name.text("text")


def _born(patient: Element) -> date | None:
    text = patient.text("birthDate")
    if not text:
        return None
    try:
        return read_birth(text)
    except UserError as error:
        raise patient.error("birthDate", str(error)) from None


class Subjects:
    """The patients of a file, each read once."""

    def __init__(self, directory: Directory) -> None:
        """Look the patients up in a directory of the file."""
        self._directory = directory
        self._known: dict[str, PatientIdentity | PartError] = {}

    def subject_of(self, resource: Resource, element: Element, name: str) -> PatientIdentity:
        """Return whom a resource is about.

        Raises `PartError` for a subject that is missing, that cannot be found, or that is not a
        patient, and for an identifier that the patient has not.
        """
        subject = element.one(name, REFERENCE)
        if subject is None:
            raise element.error(name, "it is missing. Ask the sender for the patient.")
        try:
            return self._read(subject, resource)
        except PartError as error:
            part = error.part if error.part.startswith(subject.path) else subject.path
            raise PartError(part, str(error)) from None
        except UserError as error:
            raise subject.error("", str(error)) from None

    def _read(self, subject: Element, resource: Resource) -> PatientIdentity:
        reference, kind = subject.text("reference"), subject.text("type")
        stated = _stated_identifier(subject)
        if kind not in {"", "Patient"}:
            raise subject.error("type", f"{quoted(kind)} is not a patient. Enter it by hand.")
        found = self._directory.find(reference, resource) if reference else None
        if found is not None:
            identity = self._identity(found)
            _check(identity, stated, subject)
            return identity
        by_search = _BY_IDENTIFIER.fullmatch(reference)
        if by_search:
            stated = stated or Identifier(by_search["value"], by_search["system"])
        if reference and not by_search and not reference.startswith("#"):
            *_, last, _id = f"/{reference}".split("/")
            if last[:1].isupper() and last != "Patient":
                raise subject.error("reference", f"{quoted(reference)} is not a patient.")
        if stated is None:
            raise subject.error(
                "reference" if reference else "",
                f"the patient {quoted(reference)} is not in the file. Ask the sender to add it."
                if reference
                else "it names no patient. Ask the sender for the patient.",
            )
        return PatientIdentity(identifiers=(stated,), part="subject")

    def _identity(self, patient: Resource) -> PatientIdentity:
        if patient.type != "Patient":
            raise PartError("", f"{patient.name} is not a patient. Enter it by hand.")
        known = self._known.get(patient.key)
        if known is None:
            try:
                known = read_identity(patient)
            except UserError as error:
                part = f"{error.part}: " if isinstance(error, PartError) else ""
                known = PartError("", f"{patient.name}, {part}{error}")
            self._known[patient.key] = known
        if isinstance(known, PartError):
            raise PartError(known.part, str(known))
        return known


def _stated_identifier(subject: Element) -> Identifier | None:
    stated = subject.one("identifier", IDENTIFIER)
    if stated is None or not stated.text("value"):
        return None
    return Identifier(stated.text("value"), stated.text("system"))


def _check(identity: PatientIdentity, stated: Identifier | None, subject: Element) -> None:
    """Refuse an identifier beside a reference that is not one of the patient's."""
    if stated is None:
        return
    same_issuer = {each.value for each in identity.identifiers if each.issuer == stated.issuer}
    if same_issuer and stated.value not in same_issuer:
        raise subject.error(
            "identifier", f"{quoted(stated.value)} is not the patient's number. Ask the sender."
        )

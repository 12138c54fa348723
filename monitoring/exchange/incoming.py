"""Results of another system, read and checked, before it is compared with the records.

Every reader (laboratory file, HL7 v2, FHIR, workbook of a clinic) yields the values of this module,
and `monitoring.exchange.importing` plans what they change. A reader guesses nothing: what has no
single meaning is a `Refusal` with its place and reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import MappingProxyType

from dosing import Sex, UserError, clean
from dosing.quantities.text import LONGEST_RECORD_NUMBER, quoted
from monitoring.record.entry import Entry
from monitoring.record.level import Assay
from monitoring.record.patient import Patient
from monitoring.times import Moment, zone_of


class SourceKind(Enum):
    """The kind of a file, known by its content."""

    CSV = "csv"
    EXCEL = "excel"
    HL7 = "hl7"
    FHIR = "fhir"
    FHIR_NDJSON = "fhir-ndjson"
    CLINIC_WORKBOOK = "clinic-workbook"
    WAITING = "waiting"
    """The results of unknown patients that wait in the records."""


@dataclass(frozen=True, slots=True, order=True)
class SourcePlace:
    """The place of a result in its source: its number, counted from 1, and its name in words."""

    number: int
    """The row of a sheet, or the count of results in a file of messages."""
    words: str
    """Such as "row 5", "message 2, OBX 3" or "entry 4, Observation/abc"."""

    def __str__(self) -> str:
        """Return the name in words."""
        return self.words


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused result: its place, the field that is wrong, and the reason."""

    place: SourcePlace
    part: str
    """The wrong field, such as "column Result (D)", "OBX-5" or "valueQuantity"; may be empty."""
    reason: str

    def __str__(self) -> str:
        """Return the refusal in one line.

        >>> str(Refusal(SourcePlace(7, "message 2, OBX 3"), "OBX-5", "it is empty."))
        'message 2, OBX 3, OBX-5: it is empty.'
        """
        part = f", {self.part}" if self.part else ""
        return f"{self.place}{part}: {self.reason}"


class ResultStatus(Enum):
    """The status of a result, by the codes of HL7 table 0085 and FHIR observation-status.

    Only a final or corrected result becomes an entry. A corrected one replaces the former, and a
    withdrawn one voids it, both visibly.
    """

    FINAL = "final"
    CORRECTED = "corrected"
    PRELIMINARY = "preliminary"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    """Entered in error, deleted, or reported for the wrong patient."""


class Skipped(Enum):
    """The reason to leave out a result that is not wrong."""

    EMPTY_ROW = "empty row"
    WITHOUT_VALUE = "without a value"
    OTHER_TEST = "of another test"
    PRELIMINARY = "preliminary"
    CANCELLED = "cancelled"
    HIDDEN_ROW = "hidden in Excel"
    OTHER_SHEET = "sheet of the workbook that is not read"
    DOSE = "a dose, not asked for"
    NEW_PATIENT = "a patient not in the records"
    SUPERSEDED = "replaced by a corrected or withdrawn one in the file"
    NOTHING_TO_WITHDRAW = "withdrawn, and not in the records"
    OTHER = "of another kind"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A result that is left out, and why; shown in the preview."""

    place: SourcePlace
    why: Skipped
    what: str = ""
    """What it is about, such as "LOINC 5778-6", where that helps the reader."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of a patient, as text, with who issued it (HL7 CX.4, FHIR identifier.system).

    Raises `UserError` for an empty or too long number.
    """

    value: str
    issuer: str = ""

    def __post_init__(self) -> None:
        """Clean the texts and check the length."""
        object.__setattr__(self, "value", clean(self.value))
        object.__setattr__(self, "issuer", clean(self.issuer))
        if not self.value or len(self.value) > LONGEST_RECORD_NUMBER:
            raise UserError(
                f"{quoted(self.value)} is not a record number. It has 1 to "
                f"{LONGEST_RECORD_NUMBER} characters."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientIdentity:
    """The patient that a result is about, as its source says.

    The first identifier that is in the records decides; a date of birth that differs refuses.
    """

    identifiers: tuple[Identifier, ...]
    born: date | None = None
    name: str = ""
    """Family name and given names, in the order of the records: empty if not reported."""
    sex: Sex | None = None
    may_lack_zeros: bool = False
    """True if leading zeros of the number may be lost (a number of Excel, a CSV)."""
    part: str = ""
    """The field of the number, for a refusal, such as "column MRN (A)" or "PID-3"."""
    born_part: str = ""
    """The field of the date of birth, for a refusal."""

    def __post_init__(self) -> None:
        """Check that there is a number, and clean the name."""
        if not self.identifiers:
            raise UserError("The patient has no record number. Add it to the file.")
        object.__setattr__(self, "name", clean(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An entry that another system reported, not yet in the records."""

    place: SourcePlace
    patient: PatientIdentity
    entry: Entry
    """A level, laboratory value, measurement, prescription, adverse event, …"""
    status: ResultStatus = ResultStatus.FINAL
    ended_on: date | None = None
    """The day on which an entry that lasts ended."""
    ended_at: Moment | None = None
    """The time at which a prescription or a hold ended."""
    end_reason: str = ""
    """The reason for that end, as it was reported."""
    part: str = ""
    """The field of the value, for a refusal."""
    time_part: str = ""
    """The field of the time, for a refusal."""
    remarks: tuple[str, ...] = ()
    """Sentences for the preview: a conversion by an exact factor, a comment of the laboratory."""
    source: str = ""
    """The sender's own name of the result, for the reason of a void: "order 4711, OBX 3"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingPatient:
    """A patient's particulars that another system reported, without any result."""

    place: SourcePlace
    patient: PatientIdentity
    diagnosis: str = ""
    particulars: Patient | None = None
    """The patient with all that the source states, for a new one; None for the identity alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMerge:
    """Two records of one person: the former number becomes part of the other (HL7 ADT A40)."""

    place: SourcePlace
    patient: PatientIdentity
    former: Identifier


Item = Incoming | IncomingPatient | IncomingMerge | Refusal | LeftOut
"""Whatever a reader yields."""


_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_ASSAYS: Mapping[str, Assay] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingChoices:
    """The statements of a clinic about the messages of a sender, by a mapping.

    Raises `UserError` for an unknown time zone.
    """

    time_zone: str
    """The zone of the times that carry none."""
    tests: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """The name of a test here by the sender's own code; `LEVEL` is the sirolimus level."""
    default_units: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """The unit of a result without one, by the sender's own code."""
    assays: Mapping[str, Assay] = field(default_factory=lambda: _NO_ASSAYS)
    """The assay by the sender's own name of the method."""

    def __post_init__(self) -> None:
        """Check the time zone."""
        zone_of(self.time_zone)

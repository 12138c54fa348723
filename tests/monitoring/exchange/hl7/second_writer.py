"""A second writer of HL7 v2, by hl7apy: random results as laboratories send them.

It shares no code with the reader or with the writer of the program. A `SentFile` has the bytes and
what they state; the entries are built from their parts, never read from text.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hl7apy.core import Segment

from dosing import Quantity, QuantityKind, Sex
from monitoring.exchange.incoming import Identifier, PatientIdentity, ResultStatus
from monitoring.record.entry import Entry
from monitoring.record.laboratory_value import LaboratoryQuantity, LaboratoryValue
from monitoring.record.level import Assay, Comparator, Level
from monitoring.record.measurement import Measurement
from monitoring.times import Moment

ZONE = "Europe/Paris"
VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")
NAMES = ("Sample", "Sämple", "O|Neil", "A^B", "C&D", "E~F", "back\\slash", "[/]", "=1+1")
FAMILIES = ("Toddler", "Ünäl", "van Toddler", "<img src=x>", "Größe")
USUAL = "|^~\\&"
SIGNS = f"{USUAL}#!$@;%{{}}"
_FIRST = 0xE000  # of the private signs that stand for the delimiters
_ACCOUNT = "\ue100"  # stands for a second number: hl7apy takes the sign of a repetition for a text
_STOOD_FOR = re.compile("[\ue000-\ue07f]")
LEVEL_UNITS = {"ng/mL": "ng/mL", "ng/ml": "ng/mL", "ug/L": "ug/L", "nmol/L": "nmol/L"}
# name here: LOINC, units as sent with those kept, and the largest number in tenths
TESTS = {
    "ALT": ("1742-6", {"U/L": "U/L"}, 3000),
    "AST": ("1920-8", {"U/L": "U/L"}, 3000),
    "platelets": ("777-3", {"10*9/L": "10*9/L", "10^9/L": "10*9/L", "K/uL": "10*9/L"}, 6000),
    "cholesterol": ("2093-3", {"mmol/L": "mmol/L", "mg/dL": "mg/dL"}, 3000),
    "haemoglobin": ("718-7", {"g/dL": "g/dL", "g/L": "g/L"}, 1800),
}
METHODS = {
    "LC-MS/MS": Assay.LC_MS_MS,
    "M1^CMIA^L": Assay.CMIA,
    "EMIT^EMIT^L": Assay.EMIT,
}
STATUSES = {
    "F": ResultStatus.FINAL,
    "C": ResultStatus.CORRECTED,
    "W": ResultStatus.WITHDRAWN,
    "P": None,
    "X": None,
    "I": None,
}


@dataclass(frozen=True)
class Sent:
    """One result: what the reader must find, or None for a result that is left out."""

    patient: PatientIdentity
    entry: Entry
    status: ResultStatus | None


@dataclass(frozen=True)
class SentFile:
    """The bytes of a file, and its results in their order."""

    content: bytes
    results: tuple[Sent, ...]
    separator: str


class SecondWriter:
    """The choices of one sender: version, delimiters, character set, segment end and framing."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.version = chance.choice(VERSIONS)
        signs = USUAL if chance.random() < 0.7 else "".join(chance.sample(SIGNS, 5))
        self.field, self.component, self.repetition = signs[0], signs[1], signs[2]
        self.escape, self.subcomponent = signs[3], signs[4]
        self.codec, self.stated = chance.choice(
            (("utf-8", "UNICODE UTF-8"), ("utf-8", ""), ("latin-1", "8859/1"))
        )
        self.end = chance.choice(("\r", "\r", "\n", "\r\n"))
        self.framing = chance.choice(("none", "none", "mllp", "batch"))
        self.offset = chance.choice((None, None, timedelta(0), timedelta(hours=-5)))
        self.count = 0
        self.results: list[Sent] = []

    def file(self) -> SentFile:
        messages = [self.message() for _ in range(self.chance.randint(1, 3))]
        signs = f"{self.component}{self.repetition}{self.escape}{self.subcomponent}"
        if self.framing == "mllp":
            text = "".join(f"\x0b{each}\x1c\r" for each in messages)
        elif self.framing == "batch":
            begin = f"BHS{self.field}{signs}{self.field}LAB{self.end}"
            text = f"{begin}{''.join(messages)}BTS{self.field}{len(messages)}{self.end}"
        else:
            text = "".join(messages)
        return SentFile(text.encode(self.codec), tuple(self.results), self.field)

    # --- segments

    def segment(self, name: str, fields: dict[int, str]) -> str:
        """Return a segment as hl7apy writes it, with the delimiters and escapes of this sender."""
        made = Segment(name, version=self.version)
        for number, text in sorted(fields.items()):
            if text:
                setattr(made, f"{name.lower()}_{number}", text)
        ours = f"{self.field}{self.component}{self.repetition}{self.escape}{self.subcomponent}"
        written = str(made.to_er7()).translate(str.maketrans(USUAL, ours))
        account = self.component.join(("99", "", "", "CITY", "AN"))
        repeated = written.replace(_ACCOUNT, f"{self.repetition}{account}")
        return f"{_STOOD_FOR.sub(self.sequence, repeated)}{self.end}"

    def text(self, text: str) -> str:
        """Return a text in which another sign is put for each delimiter, of any sender.

        `segment` makes an escape sequence of it: hl7apy would escape the escape sequences.
        """
        return "".join(chr(_FIRST + ord(sign)) if sign in SIGNS else sign for sign in text)

    def sequence(self, found: re.Match[str]) -> str:
        sign = chr(ord(found[0]) - _FIRST)
        meant = {
            self.field: "F", self.component: "S", self.repetition: "R", self.escape: "E",
            self.subcomponent: "T",
        }  # fmt: skip
        if sign in meant:
            return f"{self.escape}{meant[sign]}{self.escape}"
        if self.chance.random() < 0.2:
            return f"{self.escape}X{ord(sign):02X}{self.escape}"
        return sign

    def message(self) -> str:
        self.count += 1
        sent = datetime(2026, 11, 20, 12, tzinfo=UTC)
        header = f"MSH{self.field}{self.component}{self.repetition}{self.escape}{self.subcomponent}"
        fields = ["LAB", "SAMPLE CITY", "", "", self.stamp(sent, with_offset=True), "",
                  f"ORU{self.component}R01", f"C{self.count}", "P", self.version,
                  "", "", "", "", "", self.stated]  # fmt: skip
        whole = f"{header}{self.field}{self.field.join(fields).rstrip(self.field)}{self.end}"
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            whole += self.person()
        return whole

    def person(self) -> str:
        chance = self.chance
        number = f"{chance.randrange(100_000):05d}"
        born = date(2018, 1, 1) + timedelta(chance.randrange(2500))
        letter, sex = chance.choice((("F", Sex.FEMALE), ("M", Sex.MALE), ("U", Sex.UNKNOWN)))
        family, given = chance.choice(FAMILIES), chance.choice(NAMES)
        patient = PatientIdentity(
            identifiers=(Identifier(number, "CITY"),), born=born, name=f"{given} {family}", sex=sex,
            part="PID-3", born_part="PID-7",
        )  # fmt: skip
        noise = _ACCOUNT if chance.random() < 0.3 else ""
        whole = self.segment(
            "PID",
            {1: "1", 3: f"{number}^^^CITY^MR{noise}",
             5: f"{self.text(family)}^{self.text(given)}", 7: f"{born:%Y%m%d}", 8: letter},
        )  # fmt: skip
        for order in range(1, chance.randint(1, 3) + 1):
            whole += self.order(patient, order)
        return whole

    def order(self, patient: PatientIdentity, number: int) -> str:
        chance = self.chance
        collected = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(20_000))
        by_order = self.stamp(collected) if chance.random() < 0.8 else ""
        has_sample = self.version >= "2.5" and chance.random() < 0.4
        whole = self.segment("ORC", {1: "RE"}) if chance.random() < 0.5 else ""
        reported = self.stamp(collected + timedelta(hours=3))
        whole += self.segment(
            "OBR",
            {1: str(number), 3: f"{number}{self.count}^LAB", 4: "PANEL^Panel^L", 7: by_order,
             22: reported, 25: "F"},
        )  # fmt: skip
        for place in range(1, chance.randint(1, 4) + 1):
            in_result = not by_order or chance.random() < 0.5
            differs = in_result and not has_sample and chance.random() < 0.3
            at = collected + timedelta(minutes=10) if differs else collected
            whole += self.result(patient, place, at, in_result=in_result)
            if chance.random() < 0.2:
                whole += self.segment("NTE", {1: "1", 3: self.text("a | comment ^ of & two ~ \\")})
        if has_sample:
            whole += self.segment("SPM", {1: "1", 4: "BLD^Blood^L", 17: self.stamp(collected)})
        return whole

    def result(self, patient: PatientIdentity, place: int, at: datetime, *, in_result: bool) -> str:
        chance = self.chance
        letter = chance.choice(("F", "F", "F", "C", "W", "P", "X", "I"))
        kind, value, unit, code, entry = chance.choice((self.level, self.laboratory, self.body))(at)
        method, assay = chance.choice((("", None), *METHODS.items()))
        if isinstance(entry, Level):
            entry = replace(entry, assay=assay, laboratory="Sample | laboratory")
        elif isinstance(entry, LaboratoryValue):
            entry = replace(entry, laboratory="Sample | laboratory")
        laboratory = f"L1^{self.text('Sample | laboratory')}^L"
        self.results.append(Sent(patient, entry, STATUSES[letter]))
        return self.segment(
            "OBX",
            {1: str(place), 2: kind, 3: code, 5: value, 6: unit, 11: letter,
             14: self.stamp(at) if in_result else "", 15: laboratory, 17: method},
        )  # fmt: skip

    def number(self, most: int) -> Decimal:
        digits = self.chance.randint(0, 3)
        return Decimal(self.chance.randint(10, most * 10)).scaleb(-2).quantize(
            Decimal(1).scaleb(-digits)
        ) + Decimal(1).scaleb(-digits)

    def written(self, number: Decimal, sign: str) -> tuple[str, str]:
        """Return the type and text of a value, in one of the ways of the standard."""
        if sign:
            return self.chance.choice((("SN", f"{sign}^{number}"), ("ST", f"{sign}{number}"),
                                       ("ST", f"{sign} {number}")))  # fmt: skip
        return self.chance.choice((("NM", f"{number}"), ("SN", f"^{number}"), ("ST", f"{number}")))

    def sign(self) -> tuple[str, Comparator | None]:
        return self.chance.choice(
            (("", None), ("", None), ("<", Comparator.BELOW), (">", Comparator.ABOVE))
        )

    def moment(self, at: datetime) -> Moment:
        """Return the moment as it is stated: of the zone, or of an offset that differs from it."""
        if self.offset is None:
            return Moment(at, ZONE)
        local = at.astimezone(ZoneInfo(ZONE)).utcoffset()
        hours = int(self.offset / timedelta(hours=1))
        return Moment(at, ZONE if local == self.offset else f"UTC{hours:+03d}:00")

    def level(self, at: datetime) -> tuple[str, str, str, str, Entry]:
        sign, comparator = self.sign()
        number = self.number(400)
        unit = self.chance.choice(list(LEVEL_UNITS))
        entry = Level(
            sampled=self.moment(at),
            value=Quantity(number, LEVEL_UNITS[unit], QuantityKind.LEVEL),
            comparator=comparator,
        )
        code = self.chance.choice(
            ("29247-4^Siro^LN", "SIRO^Siro^L^29247-4^Siro^LN", "115766-8^Siro^LN")
        )
        return (*self.written(number, sign), self.unit(unit), code, entry)

    def laboratory(self, at: datetime) -> tuple[str, str, str, str, Entry]:
        sign, comparator = self.sign()
        test = self.chance.choice(list(TESTS))
        loinc, units, most = TESTS[test]
        number, unit = self.number(most), self.chance.choice(list(units))
        entry = LaboratoryValue(
            test=test,
            at=self.moment(at),
            value=LaboratoryQuantity(number, units[unit]),
            comparator=comparator,
        )
        return (*self.written(number, sign), self.unit(unit), f"{loinc}^{test}^LN", entry)

    def body(self, at: datetime) -> tuple[str, str, str, str, Entry]:
        number, day = self.number(300), self.local(at).date()
        if self.chance.random() < 0.5:
            entry = Measurement(on=day, weight=Quantity(number, "kg", QuantityKind.WEIGHT))
            return (*self.written(number, ""), "kg", "29463-7^Weight^LN", entry)
        entry = Measurement(on=day, height=Quantity(number, "cm", QuantityKind.HEIGHT))
        return (*self.written(number, ""), "cm", "8302-2^Height^LN", entry)

    def unit(self, unit: str) -> str:
        plain = self.text(unit)
        return self.chance.choice((plain, f"{plain}^{plain}^UCUM"))

    def local(self, at: datetime) -> datetime:
        zone = ZoneInfo(ZONE) if self.offset is None else None
        return at.astimezone(zone) if zone else (at + (self.offset or timedelta()))

    def stamp(self, at: datetime, *, with_offset: bool = False) -> str:
        """Return a time, in minutes or seconds; the offset is in the header, or in each of them."""
        text = f"{self.local(at):%Y%m%d%H%M}" + self.chance.choice(("", "00"))
        is_stated = self.offset is not None and (with_offset or self.chance.random() < 0.5)
        hours = int((self.offset or timedelta()) / timedelta(hours=1))
        return f"{text}{hours:+03d}00" if is_stated else text


def sent_file(chance: random.Random) -> SentFile:
    return SecondWriter(chance).file()


# --- damage

DAMAGES = ("cut", "flip", "swap", "delete", "repeat", "header", "drop")


def damaged(sent: SentFile, chance: random.Random) -> tuple[str, bytes]:
    """Return the kind of a damage, and the content after it."""
    kind, content = chance.choice(DAMAGES), bytearray(sent.content)
    if kind == "cut":
        return kind, bytes(content[: chance.randrange(len(content))])
    if kind == "flip":
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif kind == "drop":
        del content[chance.randrange(len(content))]
    elif kind == "swap":
        signs = content[3:8]
        places = [place for place, sign in enumerate(content) if sign in signs]
        for _ in range(chance.randint(1, 3)):
            one, two = chance.sample(places, 2)
            content[one], content[two] = content[two], content[one]
    elif kind == "header":
        header = content.index(b"MSH")
        one, two = chance.sample(range(header + 3, header + 8), 2)
        content[one], content[two] = content[two], content[one]
    else:
        lines = list(_lines(bytes(content)))
        place = chance.randrange(len(lines))
        lines[place : place + 1] = [] if kind == "delete" else [lines[place]] * 2
        return kind, b"".join(lines)
    return kind, bytes(content)


def _lines(content: bytes) -> Iterator[bytes]:
    yield from content.splitlines(keepends=True)


def stated(results: Sequence[Sent]) -> set[tuple[object, ...]]:
    """Return what a file states, as sets of facts that a reader may find of it."""
    return {facts(each.patient, each.entry, each.status) for each in results if each.status}


def facts(patient: PatientIdentity, entry: Entry, status: ResultStatus) -> tuple[object, ...]:
    """Return who, what, when, how much and with what status."""
    who = patient.identifiers[0].value
    match entry:
        case Level():
            value = (entry.comparator, str(entry.value), entry.sampled.utc)
            return (who, "level", *value, status)
        case LaboratoryValue():
            return (who, entry.test, entry.comparator, str(entry.value), entry.at.utc, status)
        case Measurement():
            return (who, "body", str(entry.weight), str(entry.height), entry.on, status)
    raise AssertionError(entry)

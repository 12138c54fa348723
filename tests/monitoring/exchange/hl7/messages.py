"""Messages as a laboratory sends them, of plainly synthetic patients, and what is read of them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from monitoring.exchange.hl7.reading import read_hl7
from monitoring.exchange.incoming import Incoming, Item, ReadingChoices, Refusal
from monitoring.record.level import Level

ZONE = "Europe/Paris"
MSH = r"MSH|^~\&|LAB|SAMPLE CITY|||20261105120000||ORU^R01^ORU_R01|C1|P|2.5.1"
PID = "PID|1||00123^^^CITY^MR||Toddler^Sample||20240229|F"
OBR = "OBR|1|P1|4711|29247-4^Sirolimus^LN|||20261105075000|||||||||||||||20261105110000|||F"
SIROLIMUS = "29247-4^Sirolimus [Mass/volume] in Blood^LN"
Kind = TypeVar("Kind")


def msh(control_id: str = "C1", **fields: str) -> str:
    """Return a header with other fields, such as `_12="2.3"`."""
    return with_fields(MSH, {"_10": control_id, **fields}, first=2)


def obx(value: str = "7.20", kind: str = "NM", code: str = SIROLIMUS, **fields: str) -> str:
    """Return a result of sirolimus in ng/mL, final, of 5 November 2026, 07:50."""
    plain = f"OBX|1|{kind}|{code}||{value}|ng/mL|||||F|||20261105075000"
    return with_fields(plain, fields)


def with_fields(segment: str, fields: Mapping[str, str], first: int = 1) -> str:
    """Return a segment with some fields replaced, by their numbers: `_14="2026"`."""
    name, *parts = segment.split("|")
    for key, text in fields.items():
        place = int(key.removeprefix("_")) - first
        parts += [""] * (place + 1 - len(parts))
        parts[place] = text
    return "|".join((name, *parts))


def obr(**fields: str) -> str:
    return with_fields(OBR, fields)


def pid(**fields: str) -> str:
    return with_fields(PID, fields)


def message(*segments: str, end: str = "\r", encoding: str = "utf-8") -> bytes:
    return "".join(f"{each}{end}" for each in segments).encode(encoding)


def oru(*results: str, header: str = MSH, patient: str = PID, order: str = OBR) -> bytes:
    """Return a message of one order with these segments after its OBR."""
    return message(header, patient, order, *results)


def items(content: bytes, **choices: Any) -> list[Item]:
    return list(read_hl7(content, ReadingChoices(**{"time_zone": ZONE, **choices})))


def one(content: bytes, kind: type[Kind], **choices: Any) -> Kind:
    """Return the only item, which is of a kind."""
    found = items(content, **choices)
    assert len(found) == 1, found
    assert isinstance(found[0], kind), found[0]
    return found[0]


def level(content: bytes, **choices: Any) -> Level:
    entry = one(content, Incoming, **choices).entry
    assert isinstance(entry, Level)
    return entry


def refusal(content: bytes, **choices: Any) -> str:
    """Return the only item, a refusal, in words."""
    return str(one(content, Refusal, **choices))

"""One message: its delimiters, character set, segments, fields and escape sequences.

Fields are split into repetitions, components and subcomponents where they are asked for. Escape
sequences are resolved after that. A sequence without a known meaning stays in the text.
"""

import re
from dataclasses import dataclass

from dosing import UserError, clean
from dosing.quantities.reading_limits import HL7_FIELDS, HL7_PARTS
from dosing.quantities.text import quoted
from monitoring.exchange.hl7.framing import FILE, RawMessage, RawSegment
from monitoring.exchange.hl7.tables import CHARACTER_SETS, SEGMENTS, VERSIONS

_ENCODING = re.compile(rb"[!-/:-@\[-`{-~]{4,5}")
_MOST_OF_A_LINE = 300  # characters that the header of a message is looked for in
_OWN_NAME = re.compile(r"Z[A-Z0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0c\x0e-\x1f\x7f]")
_NULL = '""'
"""The text of a field that states "no value"."""
_LINE_BREAKS = frozenset({".br", ".sp", ".ce"})
_LAYOUT = re.compile(r"[HN]|\.(?:fi|nf|(?:in|ti|sk|sp|ce|br)[+-]?[0-9]*)")


class FieldError(UserError):
    """A segment or field that cannot be read: its name, such as OBX-5, and the reason."""

    def __init__(self, part: str, reason: str, line: int = 0) -> None:
        """Take the field or segment, the reason, and the line where it is another one."""
        super().__init__(reason)
        self.part = part
        self.line = line


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiters of one message (MSH-1 and MSH-2), and its character set, for escapes."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    truncation: str
    codec: str

    def plain(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return a text without escape sequences, and the sequences that have no known meaning."""
        if self.escape not in text:
            return text, ()
        parts = text.split(self.escape)
        done, unknown = [parts[0]], []
        index = 1
        while index < len(parts):
            if index + 1 == len(parts):  # an escape character without its end
                unknown.append(f"{self.escape}{parts[index]}")
                done.append(unknown[-1])
                break
            found = self._sequence(parts[index])
            if found is None:
                unknown.append(f"{self.escape}{parts[index]}{self.escape}")
                found = unknown[-1]
            done += (found, parts[index + 1])
            index += 2
        return "".join(done), tuple(unknown)

    def _sequence(self, name: str) -> str | None:
        """Return the text of an escape sequence, or None for one without a known meaning."""
        signs = {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
        }
        if self.truncation:
            signs["P"] = self.truncation
        if name in signs:
            return signs[name]
        if _LAYOUT.fullmatch(name):
            return "\n" if name[:3] in _LINE_BREAKS else ""
        if name.startswith("X") and len(name) > 1:
            try:
                return bytes.fromhex(name[1:]).decode(self.codec)
            except ValueError:
                return None
        return None


@dataclass(frozen=True, slots=True)
class Component:
    """A component, without its escape sequences: its subcomponents as texts."""

    parts: tuple[str, ...]
    unknown: tuple[str, ...]
    """The escape sequences that stay in it."""

    @property
    def text(self) -> str:
        """The first subcomponent, cleaned."""
        return clean(self.parts[0])


class Segment:
    """A segment: its name, line, and fields by their number in the standard."""

    __slots__ = ("_fields", "_repetitions", "delimiters", "is_ended", "line", "name")

    def __init__(self, text: str, raw: RawSegment, delimiters: Delimiters) -> None:
        """Split a text into fields. Raises `UserError` for a segment beyond a limit."""
        HL7_FIELDS.check(text.count(delimiters.field), FILE)
        self.delimiters = delimiters
        self._repetitions: dict[int, tuple[tuple[Component, ...], ...]] = {}
        self.line, self.is_ended = raw.line, raw.is_ended
        self.name, *fields = text.split(delimiters.field)
        self._fields = [delimiters.field, *fields] if self.name == "MSH" else fields

    @property
    def last(self) -> int:
        """The number of the last field."""
        return len(self._fields)

    def part(self, number: int) -> str:
        """Return the name of a field, such as OBX-5."""
        return f"{self.name}-{number}"

    def raw(self, number: int) -> str:
        """Return a field as it is, without spaces around it; empty for an absent or null one."""
        if number > len(self._fields):
            return ""
        text = self._fields[number - 1].strip(" \t")
        return "" if text == _NULL else text

    def repetitions(self, number: int) -> tuple[tuple[Component, ...], ...]:
        """Return the components of every repetition that is not empty."""
        if number not in self._repetitions:
            self._repetitions[number] = self._split(self.raw(number))
        return self._repetitions[number]

    def components(self, number: int) -> tuple[Component, ...]:
        """Return the components of a field. Raises `FieldError` for a repeated field."""
        found = self.repetitions(number)
        if found and self.delimiters.repetition in self.raw(number):
            raise FieldError(self.part(number), "it is repeated. Send one result in each OBX.")
        return found[0] if found else ()

    def first(self, number: int) -> str:
        """Return the first component of the first repetition, cleaned."""
        found = self.repetitions(number)
        return found[0][0].text if found else ""

    def text(self, number: int) -> Component:
        """Return a field that has one text. Raises `FieldError` for a field of several parts."""
        found = self.components(number)
        if not found:
            return Component(("",), ())
        if any(each.parts != ("",) for each in found[1:]) or len(found[0].parts) > 1:
            raise FieldError(
                self.part(number),
                f"{quoted(self.raw(number))} has several parts. Send one value.",
            )
        return found[0]

    def _split(self, raw: str) -> tuple[tuple[Component, ...], ...]:
        if not raw:
            return ()
        sign = self.delimiters.repetition
        if sign not in raw:
            return (self._components(raw),)
        HL7_PARTS.check(raw.count(sign), FILE)
        return tuple(self._components(each) for each in raw.split(sign) if each.strip(" \t"))

    def _components(self, text: str) -> tuple[Component, ...]:
        sign = self.delimiters.component
        HL7_PARTS.check(text.count(sign), FILE)
        return tuple(self._component(each) for each in text.split(sign))

    def _component(self, text: str) -> Component:
        sign = self.delimiters.subcomponent
        HL7_PARTS.check(text.count(sign), FILE)
        if self.delimiters.escape not in text:
            return Component(tuple(text.split(sign)), ())
        parts = [self.delimiters.plain(each) for each in text.split(sign)]
        return Component(
            tuple(text for text, _ in parts),
            tuple(each for _, unknown in parts for each in unknown),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A message that can be read: its header, and the segments after it."""

    number: int
    header: Segment
    segments: tuple[Segment, ...]
    type: str
    """Its type and event, such as ORU^R01."""


def begins_message(content: bytes) -> bool:
    r"""Return whether bytes begin as a message does: MSH and delimiters that differ.

    >>> begins_message(b"MSH|^~\\&|LAB"), begins_message(b"MSH,Result,Unit")
    (True, False)
    """
    return _delimiters_in(content) is not None


def _delimiters_in(content: bytes) -> tuple[bytes, bytes] | None:
    """Return MSH-1 and MSH-2, or None where they are not delimiters that differ."""
    separator = content[3:4]
    encoding, *_ = content[4:_MOST_OF_A_LINE].split(separator or b"|", 1)
    if content[:3] not in {b"MSH", b"FHS", b"BHS"} or not _ENCODING.fullmatch(encoding):
        return None
    signs = separator + encoding
    is_sign = _ENCODING.fullmatch(separator * 4) is not None
    return (separator, encoding) if is_sign and len(set(signs)) == len(signs) else None


def parsed(raw: RawMessage) -> Message:
    """Return the message of bytes.

    Raises `FieldError` for a message that is cut, damaged, of another version, or in a character
    set that is not read. Raises `UserError` for one beyond a limit.
    """
    first = raw.segments[0]
    found = _delimiters_in(first.content)
    if found is None:
        raise FieldError(
            "MSH-2", "the delimiters are not those of HL7 v2. Ask the sender to send it again."
        )
    if raw.is_cut:
        raise FieldError(
            "", "its MLLP frame has no end: it is cut. Ask the sender to send it again."
        )
    separator, encoding = (each.decode("ascii") for each in found)
    codec = _codec(first.content, separator, encoding)
    component, repetition, escape, subcomponent = tuple(encoding[:4])
    delimiters = Delimiters(
        separator, component, repetition, escape, subcomponent, encoding[4:], codec
    )
    header, *segments = [_segment(each, delimiters) for each in raw.segments]
    version = header.first(12)
    if version not in VERSIONS:
        raise FieldError(
            "MSH-12",
            f"{quoted(version)} is not a version that is read. Send 2.3 to 2.8."
            if version
            else "the version is empty. Send it, as in 2.5.1.",
        )
    types = header.repetitions(9)
    type_and_event = [each.text for each in types[0][:2]] if types else []
    if not type_and_event or not type_and_event[0]:
        raise FieldError("MSH-9", "the type of the message is empty. Send it, as in ORU^R01.")
    return Message(raw.number, header, tuple(segments), "^".join(filter(None, type_and_event)))


def _codec(content: bytes, separator: str, encoding: str) -> str:
    """Return Python's name of the character set of MSH-18; without one, of UTF-8."""
    fields = content.decode("latin-1").split(separator, 19)
    stated = fields[17].strip(" \t") if len(fields) > 17 else ""
    if not stated or stated == _NULL:
        return "utf-8"
    name = stated.split(encoding[1])[0]
    key = "".join(sign for sign in name.upper() if sign.isalnum())
    if key not in CHARACTER_SETS:
        raise FieldError(
            "MSH-18",
            f"{quoted(name)} is not a character set that is read. Send UNICODE UTF-8.",
        )
    return CHARACTER_SETS[key]


def _segment(raw: RawSegment, delimiters: Delimiters) -> Segment:
    try:
        text = raw.content.decode(delimiters.codec)
    except UnicodeDecodeError:
        advice = "State the character set in MSH-18, or send UNICODE UTF-8."
        name = raw.content[:3].decode("ascii", "replace")
        raise FieldError(
            clean(name), f"the text is not in the message's character set. {advice}", raw.line
        ) from None
    name = text[:3]
    if text[3:4] not in {"", delimiters.field} or not (
        name in SEGMENTS or _OWN_NAME.fullmatch(name)
    ):
        raise FieldError(
            "",
            f"{quoted(text[:12])} is not the beginning of a segment. Ask the sender to send the "
            "message again.",
            raw.line,
        )
    if _CONTROL.search(text):
        raise FieldError(
            name, "it has a control character. Ask the sender to send the message again.", raw.line
        )
    return Segment(text, raw, delimiters)

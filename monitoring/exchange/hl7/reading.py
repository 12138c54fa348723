"""Reading of HL7 v2: the messages of a file, by their type, as incoming items.

ORU^R01, R30 and R32 are results; ADT^A01, A04 and A08 a patient; ADT^A40 two records of one
person. Messages of other types are left out, with their type.
"""

import codecs
from collections.abc import Iterator
from itertools import count

from dosing import UserError
from dosing.quantities.reading_limits import HL7_BYTES
from dosing.quantities.text import quoted
from monitoring.exchange.hl7.framing import FILE, FileTrouble, RawMessage, messages_in
from monitoring.exchange.hl7.message import (
    FieldError,
    Message,
    Segment,
    begins_message,
    parsed,
)
from monitoring.exchange.hl7.observations import Sender, results_of
from monitoring.exchange.hl7.orders import OrderReader
from monitoring.exchange.hl7.patients import identifiers_in, identity_of
from monitoring.exchange.hl7.stamps import stamp
from monitoring.exchange.hl7.tables import MERGE_MESSAGES, PATIENT_MESSAGES, RESULT_MESSAGES
from monitoring.exchange.incoming import (
    IncomingMerge,
    IncomingPatient,
    Item,
    LeftOut,
    ReadingChoices,
    Refusal,
    Skipped,
    SourcePlace,
)

_HEAD = 400
_BEFORE = b"\x0b\r\n \t"
_USUAL = (b"MSH|", b"FHS|", b"BHS|")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MODES = {"T": "training", "D": "debugging"}
_AGAIN = "Ask the sender to send it again."


def is_hl7(content: bytes) -> bool:
    r"""Return whether a file is HL7 v2, by its beginning.

    >>> is_hl7(b"\x0bMSH|^~\\&|LAB\r"), is_hl7(b"MRN,Test,Result\r")
    (True, False)
    """
    head = content[:_HEAD]
    if head.startswith(_UTF_16):
        head = head.decode("utf-16", "ignore").encode("utf-8")
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip(_BEFORE)
    return begin.startswith(_USUAL) or begins_message(begin)


def read_hl7(content: bytes, choices: ReadingChoices) -> Iterator[Item]:
    """Yield what the messages of a file report, with every refusal, in their order.

    Raises `UserError` for a file in UTF-16, and for one beyond a limit.
    """
    HL7_BYTES.check(len(content), FILE)
    if content.startswith(_UTF_16):
        raise UserError("The file is UTF-16. Save it as UTF-8.")
    reader = _Reader(choices)
    for each in messages_in(content.removeprefix(codecs.BOM_UTF8)):
        yield from reader.items(each)


class _Reader:
    """The state between two messages: the count of items, and the control ids so far."""

    def __init__(self, choices: ReadingChoices) -> None:
        self._choices = choices
        self._numbers = count(1)
        self._control_ids: dict[str, int] = {}

    def items(self, raw: RawMessage | FileTrouble) -> Iterator[Item]:
        if isinstance(raw, FileTrouble):
            yield Refusal(self._place(f"line {raw.line}, {raw.segment}"), raw.part, raw.reason)
            return
        try:
            yield from self._message(parsed(raw))
        except FieldError as error:
            yield self._refusal(raw.number, error, raw.segments[0].line)

    def _place(self, words: str) -> SourcePlace:
        return SourcePlace(next(self._numbers), words)

    def _refusal(self, message: int, error: FieldError, line: int) -> Refusal:
        place = self._place(f"message {message} (line {error.line or line})")
        return Refusal(place, error.part, str(error))

    def _message(self, message: Message) -> Iterator[Item]:
        header, number = message.header, message.number
        self._refuse_known(header, number)
        if message.type in RESULT_MESSAGES:
            yield from self._results(message)
        elif message.type in PATIENT_MESSAGES:
            yield self._patient(message)
        elif message.type in MERGE_MESSAGES:
            yield from self._merges(message)
        else:
            place = self._place(f"message {number} (line {header.line})")
            yield LeftOut(place, Skipped.OTHER, f"a message {message.type}")

    def _refuse_known(self, header: Segment, number: int) -> None:
        """Raise `FieldError` for the control id of an earlier message of the same sender."""
        control_id = header.first(10)
        if not control_id:
            return
        sender_and_id = "|".join((header.raw(3), header.raw(4), control_id))
        known = self._control_ids.setdefault(sender_and_id, number)
        if known != number:
            raise FieldError(
                "MSH-10",
                f"the control id {quoted(control_id)} is that of message {known}: it was sent "
                "twice. Remove one of them.",
            )

    def _results(self, message: Message) -> Iterator[Item]:
        header = message.header
        sent = stamp(header, 7)
        mode = _MODES.get(header.first(11))
        sender = Sender(
            message=message.number,
            control_id=header.first(10),
            usual_offset=sent.offset if sent else "",
            sent=sent,
            choices=self._choices,
            comments=(f"The message is marked as {mode} (MSH-11).",) if mode else (),
        )
        is_empty = True
        for order in OrderReader().orders(message.segments):
            is_empty = False
            if isinstance(order, FieldError):
                yield self._refusal(message.number, order, header.line)
            else:
                yield from results_of(order, sender, self._place)
        if is_empty:
            place = self._place(f"message {message.number} (line {header.line})")
            yield LeftOut(place, Skipped.OTHER, f"a message {message.type} without results")

    def _patient(self, message: Message) -> Item:
        patients = [each for each in message.segments if each.name == "PID"]
        if len(patients) != 1:
            raise FieldError("PID", f"the message has {len(patients)} PID, not one. {_AGAIN}")
        _refuse_cut(patients[0], least=8)
        place = self._place(f"message {message.number}, PID (line {patients[0].line})")
        return IncomingPatient(place=place, patient=identity_of(patients[0]))

    def _merges(self, message: Message) -> Iterator[Item]:
        pid: Segment | None = None
        found = 0
        for segment in message.segments:
            if segment.name == "PID":
                pid = segment
            elif segment.name == "MRG":
                found += 1
                yield self._merge(message, pid, segment)
                pid = None
        if not found or pid is not None:
            raise FieldError("MRG", f"a PID has no MRG after it. {_AGAIN}")

    def _merge(self, message: Message, pid: Segment | None, mrg: Segment) -> Item:
        place = self._place(f"message {message.number}, MRG (line {mrg.line})")
        try:
            return _merged(place, pid, mrg)
        except FieldError as error:
            return Refusal(place, error.part, str(error))


def _merged(place: SourcePlace, pid: Segment | None, mrg: Segment) -> IncomingMerge:
    """Return the merge of a PID and the MRG after it. Raises `FieldError` for a doubtful one."""
    if pid is None:
        raise FieldError("PID", f"the MRG has no PID before it. {_AGAIN}")
    patient = identity_of(pid)
    former = identifiers_in(mrg, 1)
    if not former:
        raise FieldError("MRG-1", f"the former record number is empty. {_AGAIN}")
    is_whole = mrg.is_ended or mrg.last > 1 or len(mrg.repetitions(1)[-1]) > 4
    if not is_whole:
        raise FieldError("MRG-1", f"the file ends in it: it may be cut. {_AGAIN}")
    if any(former[0].value == each.value for each in patient.identifiers):
        raise FieldError(
            "MRG-1", f"{quoted(former[0].value)} is the surviving number, too. {_AGAIN}"
        )
    return IncomingMerge(place=place, patient=patient, former=former[0])


def _refuse_cut(segment: Segment, least: int) -> None:
    """Raise `FieldError` for the last segment of a file that ends before a field."""
    if not segment.is_ended and segment.last <= least:
        raise FieldError(segment.name, f"the file ends in it: it may be cut. {_AGAIN}")

"""The messages of a file, as bytes: segment ends, MLLP frames, and the envelopes of batches.

A segment ends with a carriage return, a line feed or both. A frame of MLLP begins with 0x0B and
ends with 0x1C. The counts of BTS and FTS are compared with what the file has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dosing.quantities.reading_limits import HL7_SEGMENT_BYTES, HL7_SEGMENTS
from dosing.quantities.text import quoted

FILE = "The file"
_END = re.compile(rb"\r\n|[\r\n\x0b\x1c]")
_FRAME_BEGINS, _FRAME_ENDS = b"\x0b", b"\x1c"
_MSH, _FHS, _BHS, _BTS, _FTS = b"MSH", b"FHS", b"BHS", b"BTS", b"FTS"
_ENVELOPE = frozenset((_FHS, _BHS, _BTS, _FTS))
_AGAIN = "Ask the sender for the whole file."


@dataclass(frozen=True, slots=True)
class RawSegment:
    """A segment as bytes, with its line in the file, counted from 1."""

    line: int
    content: bytes
    is_ended: bool
    """False for the last segment of a file without a segment end: it may be cut."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The segments of one message, of which the first is MSH; messages are counted from 1."""

    number: int
    segments: tuple[RawSegment, ...]
    is_cut: bool
    """True for a message whose MLLP frame has no end."""


@dataclass(frozen=True, slots=True)
class FileTrouble:
    """A fault of a file outside its messages: its line, field and reason."""

    line: int
    segment: str
    part: str
    reason: str


def messages_in(content: bytes) -> Iterator[RawMessage | FileTrouble]:
    """Yield the messages of a file, and what is wrong between them.

    Raises `UserError` for a segment or message beyond a limit.
    """
    return _Framing().messages(content)


def _lines(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each line with its number and its end, which is empty at the end of the file."""
    line, begin = 1, 0
    for found in _END.finditer(content):
        yield line, content[begin : found.start()], found[0]
        line += found[0] not in {_FRAME_BEGINS, _FRAME_ENDS}
        begin = found.end()
    yield line, content[begin:], b""


class _Framing:
    """The state between two lines of a file."""

    def __init__(self) -> None:
        self._count = 0
        self._message: list[RawSegment] = []
        self._is_framed = False
        self._is_told = False  # of segments outside every message, once for each run of them
        self._file_line = self._batch_line = 0
        self._batches = self._messages = 0

    def messages(self, content: bytes) -> Iterator[RawMessage | FileTrouble]:
        for line, text, end in _lines(content):
            HL7_SEGMENT_BYTES.check(len(text), FILE)
            if text.strip(b" \t"):
                yield from self._segment(RawSegment(line, text, end not in {b"", _FRAME_BEGINS}))
            if end == _FRAME_BEGINS:
                yield from self._close(is_cut=self._is_framed)
                self._is_framed = True
            elif end == _FRAME_ENDS:
                yield from self._close()
                self._is_framed = False
        yield from self._close(is_cut=self._is_framed)
        if self._batch_line:
            yield _without_end(self._batch_line, "BHS", "batch", "BTS")
        if self._file_line:
            yield _without_end(self._file_line, "FHS", "file", "FTS")

    def _segment(self, segment: RawSegment) -> Iterator[RawMessage | FileTrouble]:
        name = segment.content[:3]
        if name in _ENVELOPE:
            yield from self._close()
            yield from self._envelope(name, segment)
        elif name == _MSH:
            yield from self._close()
            self._count += 1
            self._messages += 1
            self._message = [segment]
            self._is_told = False
        elif self._message:
            self._message.append(segment)
            HL7_SEGMENTS.check(len(self._message), FILE)
        elif not self._is_told:
            self._is_told = True
            yield FileTrouble(
                segment.line,
                _name(segment),
                "",
                f"the segment is outside of every message, which begins with MSH. {_AGAIN}",
            )

    def _close(self, *, is_cut: bool = False) -> Iterator[RawMessage]:
        if self._message:
            yield RawMessage(self._count, tuple(self._message), is_cut)
            self._message = []

    def _envelope(self, name: bytes, segment: RawSegment) -> Iterator[FileTrouble]:
        if name == _FHS:
            if self._file_line:
                yield _without_end(self._file_line, "FHS", "file", "FTS")
            self._file_line, self._batches = segment.line, 0
        elif name == _BHS:
            if self._batch_line:
                yield _without_end(self._batch_line, "BHS", "batch", "BTS")
            self._batch_line, self._messages = segment.line, 0
            self._batches += 1
        elif name == _BTS:
            counted = self._messages if self._batch_line else None
            yield from _end_of(segment, "BTS", "BHS", counted=counted, what="messages")
            self._batch_line = 0
        else:
            counted = self._batches if self._file_line else None
            yield from _end_of(segment, "FTS", "FHS", counted=counted, what="batches")
            self._file_line = 0


def _without_end(line: int, begin: str, what: str, end: str) -> FileTrouble:
    return FileTrouble(line, begin, "", f"the {what} has no end ({end}): it may be cut. {_AGAIN}")


def _end_of(
    segment: RawSegment, name: str, begin: str, *, counted: int | None, what: str
) -> Iterator[FileTrouble]:
    """Yield what is wrong with the end of a batch or file; an empty count is allowed."""
    if counted is None:
        yield FileTrouble(segment.line, name, "", f"{name} comes without {begin} before. {_AGAIN}")
        return
    fields = segment.content.split(segment.content[3:4] or b"|", 2)
    stated = fields[1].strip(b" \t").decode("ascii", "replace") if len(fields) > 1 else ""
    if stated and stated.lstrip("0") != str(counted).lstrip("0"):
        yield FileTrouble(
            segment.line,
            name,
            f"{name}-1",
            f"it counts {quoted(stated)} {what}, and the file has {counted}. {_AGAIN}",
        )


def _name(segment: RawSegment) -> str:
    """Return the name of a segment for a message, or `segment` for another text."""
    name = segment.content[:3].decode("ascii", "replace")
    return name if name.isalnum() and name.isascii() and name.isupper() else "segment"

"""The orders of a message: an OBR with its results, comments and samples, in their context."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from monitoring.exchange.hl7.message import FieldError, Segment
from monitoring.exchange.hl7.patients import identity_of
from monitoring.exchange.incoming import PatientIdentity


@dataclass(slots=True)
class Observation:
    """An OBX with the comments after it, and its count in the message."""

    segment: Segment
    count: int
    comments: list[Segment] = field(default_factory=list)
    is_misplaced: bool = False
    """True from where the numbers of OBX-1 begin anew: the OBR before them may be missing."""


@dataclass(slots=True)
class Order:
    """An OBR, or none for what was observed of the patient, and what belongs to it."""

    patient: PatientIdentity | None
    request: Segment | None
    observations: list[Observation] = field(default_factory=list)
    comments: list[Segment] = field(default_factory=list)
    samples: list[Segment] = field(default_factory=list)
    trouble: FieldError | None = None
    """The reason to refuse all its results."""


_CUT = "Ask the sender to send the message again."


class OrderReader:
    """The orders of one message of results, in their order."""

    def __init__(self) -> None:
        """Begin before the first patient."""
        self._patient: PatientIdentity | None = None
        self._order: Order | None = None
        self._last_number, self._is_misplaced = 0, False
        self._numbers: set[str] = set()
        self._is_repeated = False
        self._count = 0

    def orders(self, segments: tuple[Segment, ...]) -> Iterator[Order | FieldError]:
        """Yield each order when its last segment was read, and what is out of place."""
        is_refused = False  # of a patient that cannot be read: nothing of it is
        for segment in segments:
            if segment.name == "PID":
                yield from self._flush()
                self._numbers, self._is_repeated = set(), False
                try:
                    self._patient, is_refused = identity_of(segment), False
                except FieldError as error:
                    self._patient, is_refused = None, True
                    error.line = segment.line
                    yield error
            elif is_refused:
                continue
            elif self._patient is None and segment.name in {"ORC", "OBR", "OBX", "SPM"}:
                is_refused = True
                yield FieldError(
                    "PID", f"the message has no PID before its {segment.name}. {_CUT}", segment.line
                )
            else:
                yield from self._segment(segment)
        yield from self._flush()

    def _segment(self, segment: Segment) -> Iterator[Order]:
        match segment.name:
            case "ORC":
                yield from self._flush()
                self._order = Order(self._patient, None)
                self._order.trouble = FieldError(
                    "OBR", f"its order has an ORC and no OBR. {_CUT}", segment.line
                )
            case "OBR":
                yield from self._flush()
                self._order = self._requested(segment)
            case "OBX":
                self._observed(segment)
            case "NTE" if self._order:
                last = self._order.observations[-1:]
                (last[0] if last else self._order).comments.append(segment)
            case "SPM" if self._order:
                self._order.samples.append(segment)
                # What comes after the sample may be about it, or of an OBR that is missing.
                self._is_misplaced = self._is_misplaced or bool(self._order.observations)

    def _flush(self) -> Iterator[Order]:
        if self._order and self._order.observations:
            yield self._order
        self._order, self._last_number, self._is_misplaced = None, 0, False

    def _requested(self, segment: Segment) -> Order:
        order, number = Order(self._patient, segment), segment.raw(1)
        self._is_repeated = self._is_repeated or (number != "" and number in self._numbers)
        if self._is_repeated:
            order.trouble = FieldError(
                "OBR-1",
                "the numbers of this patient's OBR begin anew: the PID before them may be missing. "
                f"{_CUT}",
                segment.line,
            )
        self._numbers.add(number)
        return order

    def _observed(self, segment: Segment) -> None:
        self._count += 1
        if self._order is None:
            self._order = Order(self._patient, None)
        number = segment.raw(1)
        if number.isascii() and number.isdigit() and len(number) < 10:
            self._is_misplaced = self._is_misplaced or int(number) <= self._last_number
            self._last_number = int(number)
        observation = Observation(segment, self._count, is_misplaced=self._is_misplaced)
        self._order.observations.append(observation)

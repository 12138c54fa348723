"""Random files by a second writer are read as they were written; damaged ones never wrongly.

The campaigns are small here; SIROLIMUS_CAMPAIGN=full runs them at full size.
"""

import random
import re
from collections import Counter

from dosing import UserError
from monitoring.exchange.hl7.reading import read_hl7
from monitoring.exchange.incoming import Incoming, Item, LeftOut, ReadingChoices, ResultStatus
from tests.campaign import sizes
from tests.monitoring.exchange.hl7.second_writer import (
    STATUSES,
    ZONE,
    SentFile,
    damaged,
    facts,
    sent_file,
    stated,
)

_CHOICES = ReadingChoices(time_zone=ZONE)
_STATUSES = {**STATUSES, **dict.fromkeys("UVB", ResultStatus.FINAL)}
_STATUSES |= {"A": ResultStatus.CORRECTED, "D": ResultStatus.WITHDRAWN}
_LINE = re.compile(r"\(line ([0-9]+)\)")


def read(content: bytes) -> list[Item]:
    return list(read_hl7(content, _CHOICES))


@sizes(40, 75, 5_000)
def test_random_files_are_read_as_a_second_writer_wrote_them(size: int) -> None:
    chance, results = random.Random(15), 0
    for number in range(size):
        sent = sent_file(chance)
        found = read(sent.content)
        expected = sent.results
        assert len(found) == len(expected), (number, sent.content, found)
        for each, item in zip(expected, found, strict=True):
            if each.status is None:
                assert isinstance(item, LeftOut), (number, sent.content, item)
                continue
            assert isinstance(item, Incoming), (number, sent.content, item)
            assert (item.patient, item.entry, item.status) == (
                each.patient, each.entry, each.status,
            ), (number, sent.content)  # fmt: skip
            results += 1
    print(f"\n{size} files by hl7apy: {results} results read back equal")
    assert results > size


@sizes(150, 400, 5_000)
def test_damaged_files_are_never_read_wrongly(size: int) -> None:
    """A result that is read was sent, or the damaged text itself states it at that place."""
    chance, counts = random.Random(16), Counter[str]()
    files = [sent_file(chance) for _ in range(-(-size // 10))]
    for number in range(size):
        sent = files[number % len(files)]
        kind, content = damaged(sent, chance)
        try:
            found = read(content)
        except UserError:
            counts["refused whole"] += 1
            continue
        known = stated(sent.results)
        for item in found:
            counts[type(item).__name__] += 1
            if not isinstance(item, Incoming):
                continue
            if facts(item.patient, item.entry, item.status) in known:
                continue
            counts["stated by the damaged text"] += 1
            assert kind in {"flip", "drop"}, (number, kind, content, item)
            assert is_stated(sent, content, item), (number, kind, content, item)
    print(f"\n{size} damaged files: {dict(counts)}")
    assert counts["Incoming"] > size // 4
    assert counts["Refusal"] > size // 4


def is_stated(sent: SentFile, content: bytes, item: Incoming) -> bool:
    """Return whether the damaged text, split without any care, states the facts that are new."""
    line = _LINE.search(item.place.words)
    assert line is not None
    lines = [
        each.strip(b"\x0b\x1c").decode("latin-1") for each in re.split(rb"\r\n|\r|\n", content)
    ][: int(line[1])]
    found = {each[:3]: ["", *each.split(sent.separator)[1:]] for each in lines}
    obx, obr, pid = (found.get(name, []) + [""] * 30 for name in ("OBX", "OBR", "PID"))
    entry = item.entry
    value = getattr(entry, "value", None) or getattr(entry, "weight", None) or entry.height  # type: ignore[attr-defined]
    moment = getattr(entry, "sampled", None) or getattr(entry, "at", None)
    time = moment.local.strftime("%Y%m%d%H%M") if moment else entry.on.strftime("%Y%m%d")  # type: ignore[attr-defined]
    comparator = getattr(entry, "comparator", None)
    return (
        re.findall(r"[0-9]+(?:\.[0-9]+)?", obx[5]) == [f"{value.number:f}"]
        and re.findall(r"[<>]", obx[5]) == ([comparator.value] if comparator else [])
        and _STATUSES.get(obx[11]) is item.status
        and (obx[14] or obr[7]).startswith(time)
        and pid[3].startswith(item.patient.identifiers[0].value)
    )

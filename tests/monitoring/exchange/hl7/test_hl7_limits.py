"""What a file of HL7 v2 may have, what hostile bytes do, and the memory of a large one."""

import random
import tracemalloc

import pytest

from dosing import UserError
from monitoring.exchange.hl7.reading import is_hl7, read_hl7
from monitoring.exchange.incoming import Incoming, ReadingChoices
from tests.campaign import sizes
from tests.monitoring.exchange.hl7.messages import MSH, OBR, PID, ZONE, items, msh, obx, oru, pid

CHOICES = ReadingChoices(time_zone=ZONE)
SEEDS = (
    b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\x0b", b"\x1c", b"MSH", b"MSH|^~\\&|", b"OBX|",
    b"PID|1||", b"OBR|1|", b"BTS|", b"FHS|", b"\x00", b"\xff", b"9", b"29247-4^^LN", b"F",
    b'""', b"20261105075000", b"\xef\xbb\xbf", b"\\X", "\u202e".encode(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (oru(obx("7.2" + "|" * 1_001)), "1,000 fields in one segment"),
        (oru(obx(), patient=pid(_3="1~" * 1_001)), "1,000 repetitions or components in one field"),
        (oru(obx(), patient=pid(_3="1^" * 1_001)), "1,000 repetitions or components in one field"),
        (oru(obx(), patient=pid(_3="1&" * 1_001)), "1,000 repetitions or components in one field"),
        (oru(*["NTE|1"] * 50_000), "50,000 segments in one message"),
        (oru("NTE|1||" + "a" * (1 << 24)), "16,777,216 bytes in one segment"),
        (oru(obx()) + b"\r" * (1 << 27), "134,217,728 bytes"),
    ],
    ids=["fields", "repetitions", "components", "subcomponents", "segments", "segment", "file"],
)
def test_a_file_beyond_a_limit_is_refused_as_a_whole(content: bytes, limit: str) -> None:
    with pytest.raises(UserError, match=f"The file has more than {limit}"):
        items(content)


def test_a_file_at_the_limits_is_read() -> None:
    many = pid(_3="~".join(["00123^^^^MR"] * 1_000))
    assert isinstance(items(oru(obx(), patient=many))[0], Incoming)
    wide = oru(obx(_14="20261105075000" + "|" * 900))
    assert isinstance(items(wide)[0], Incoming)


def test_utf_16_is_refused() -> None:
    with pytest.raises(UserError, match=r"The file is UTF-16\. Save it as UTF-8\."):
        items(oru(obx()).decode().encode("utf-16"))


@sizes(300, 2_000, 20_000)
def test_no_hostile_bytes_are_a_fault(size: int) -> None:
    chance, known = random.Random(17), 0
    for number in range(size):
        content = b"".join(chance.choice(SEEDS) for _ in range(chance.randrange(60)))
        if number % 2:
            content = f"{MSH}\r{PID}\r{OBR}\rOBX|1|NM|29247-4^^LN||".encode() + content
        known += is_hl7(content)
        try:
            found = items(content)
        except UserError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - most are read or refused
            continue
        assert all(len(str(each).splitlines()) == 1 for each in found)
    assert known >= size // 2


def test_the_memory_does_not_grow_with_the_file() -> None:
    """Beside the file itself, little is kept: the control ids."""

    def peak(count: int) -> int:
        content = b"".join(oru(obx(), header=msh(f"C{number}")) for number in range(count))
        tracemalloc.start()
        found = sum(isinstance(each, Incoming) for each in read_hl7(content, CHOICES))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == count
        return used

    peak(10)  # what is made once
    few, many = peak(100), peak(600)
    assert many - few < 500 * 400, "an item has about 2,000 bytes"

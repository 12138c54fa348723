"""Files of records damaged as disks, copies and other programs damage them."""

from collections.abc import Callable
from random import Random

PAGE = 4096


def truncated(content: bytes, random: Random) -> bytes:
    """Cut the file at any length, the empty one too."""
    return content[: random.choice((0, random.randrange(len(content)), len(content) // 2))]


def random_bytes(content: bytes, random: Random) -> bytes:
    """Replace all of it."""
    return random.randbytes(len(content))


def overwritten(content: bytes, random: Random) -> bytes:
    """Overwrite one to three pages, the first one often."""
    pages = bytearray(content)
    for _ in range(random.randint(1, 3)):
        at = PAGE * random.choice((0, random.randrange(len(content) // PAGE)))
        pages[at : at + PAGE] = random.choice((bytes(PAGE), random.randbytes(PAGE)))
    return bytes(pages)


DAMAGES: tuple[Callable[[bytes, Random], bytes], ...] = (truncated, random_bytes, overwritten)

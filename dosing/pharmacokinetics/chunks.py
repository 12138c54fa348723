"""Chunks of many patients, each calculated together: memory stays flat."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")
_MOST_PATIENTS, _MOST_WORK = 256, 10_000
"""A chunk this large keeps numpy busy, and its arrays fit into a processor's own memory."""


def in_chunks(
    patients: Iterable[_T], work: Callable[[_T], int], most: int = _MOST_PATIENTS
) -> Iterator[list[_T]]:
    """Yield lists of patients, in order; the work of each list is limited, unless it has one."""
    chunk: list[_T] = []
    total = 0
    for each in patients:
        amount = work(each)
        if chunk and (len(chunk) == most or total + amount > _MOST_WORK):
            yield chunk
            chunk, total = [], 0
        chunk.append(each)
        total += amount
    if chunk:
        yield chunk

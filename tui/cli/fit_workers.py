"""The fits of many chunks of patients: here, by processes of this machine, or by a cluster.

The same function fits every chunk, and the fits come in the order of the chunks: the result is the
same, byte for byte, however many work on it. Only as many chunks wait as keep all workers busy.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from dosing import UserError
from dosing.version import VERSION

if TYPE_CHECKING:
    from dosing.nonmem.patients_table import Chunk, ChunkFits
    from dosing.pharmacokinetics import Model

MOST_JOBS = 256
_WAITING = 2
"""The chunks that wait or are fitted, for each worker."""
_SECONDS_TO_CONNECT = 10

Fitting = Callable[["Iterable[Chunk]"], "Iterator[ChunkFits]"]


class _Future(Protocol):
    """A fit that is on its way."""

    def result(self) -> "ChunkFits": ...


@contextmanager
def fitting(model: "Model", jobs: int, cluster: str | None) -> Iterator[Fitting]:
    """Give the function that fits chunks in their order, while its workers run."""
    from dosing.nonmem.patients_table import fit_chunk  # noqa: PLC0415 - numpy is heavy

    if cluster is not None:
        with _by_cluster(model, cluster) as by_cluster:
            yield by_cluster
    elif jobs > 1:
        with _by_processes(model, jobs) as by_processes:
            yield by_processes
    else:
        yield lambda chunks: (fit_chunk(each, model) for each in chunks)


@contextmanager
def _by_processes(model: "Model", jobs: int) -> Iterator[Fitting]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - for --jobs alone
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - as above
    from multiprocessing import get_context  # noqa: PLC0415 - as above

    from dosing.nonmem.patients_table import fit_chunk  # noqa: PLC0415 - numpy is heavy

    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield partial(_in_order, lambda each: pool.submit(fit_chunk, each, model), _WAITING * jobs)
    except BrokenProcessPool:
        raise UserError(
            "A process ended before its fits were done. Check the memory, or use fewer --jobs."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Let the first process alone answer an interrupt: it stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _by_cluster(model: "Model", address: str) -> Iterator[Fitting]:
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - optional
    except ImportError:
        raise UserError(
            "--cluster needs dask.distributed. Install it with sirolimus-assistant[cluster]."
        ) from None
    from dosing.nonmem.patients_table import fit_chunk  # noqa: PLC0415 - numpy is heavy

    try:
        with Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False) as client:
            threads = sum(client.nthreads().values())
            if not threads:
                raise UserError(f"The cluster {address} has no workers. Start some.")
            _check_versions(client.run(_version), address)
            yield partial(
                _in_order,
                lambda each: client.submit(fit_chunk, each, model, pure=False),
                _WAITING * threads,
            )
    except KilledWorker:
        raise UserError(
            f"A worker of the cluster {address} ended before its fits were done. Check its memory."
        ) from None
    except ModuleNotFoundError as error:
        raise UserError(
            f"A worker of the cluster {address} has no {error.name}. Install the program there."
        ) from None
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"The cluster {address} does not answer. Check its address, such as tcp://host:8786."
        ) from None


def _version() -> str:
    """Return the version of the program, on the machine that runs it."""
    return VERSION


def _check_versions(found: dict[str, str], address: str) -> None:
    others = {worker: version for worker, version in found.items() if version != VERSION}
    for worker, version in others.items():
        raise UserError(
            f"The worker {worker} of the cluster {address} has version {version} of the program,"
            f" not {VERSION}. Install the same."
        )


def _in_order(
    submit: "Callable[[Chunk], _Future]", most: int, chunks: "Iterable[Chunk]"
) -> "Iterator[ChunkFits]":
    """Yield the fits of all chunks in their order; at most so many are on their way."""
    waiting: deque[_Future] = deque()
    for chunk in chunks:
        waiting.append(submit(chunk))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()

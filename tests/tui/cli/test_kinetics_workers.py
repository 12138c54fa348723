"""`sirolimus kinetics fit` on several tables, by processes and by a cluster on this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from random import Random

import pytest

from dosing import UserError
from dosing.nonmem.columns import Columns
from dosing.nonmem.patients_table import KnownPatients, text_chunks
from dosing.nonmem.table_text import TableLines
from dosing.pharmacokinetics import model_named
from tests.campaign import sizes
from tui.cli.fit_workers import fitting
from tui.cli.main import main
from tui.cli.research_table import table_lines

Captured = pytest.CaptureFixture[str]
HEADER = "ID,TIME,EVID,AMT,DV,II,ADDL,WT\n"
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_patients(name: str, patients: int, seed: int = 0) -> None:
    """Write a table of random patients, every fiftieth without a weight."""
    random = Random(seed)
    with Path(name).open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(1, patients + 1):
            kg = "." if number % 50 == 0 else f"{random.uniform(5, 60):.1f}"
            file.write(
                f"{number},0,1,{random.uniform(0.3, 1.2):.2f},.,12,{random.randint(20, 99)},{kg}\n"
            )
            file.writelines(
                f"{number},{at_h},0,.,{random.uniform(2, 20):.1f},.,.,.\n"
                for at_h in sorted(random.sample(range(100, 400), 3))
            )


def run(*arguments: str, code: int = 0) -> None:
    assert main(("kinetics", "fit", *arguments, "--model", "fan2024")) == code, arguments


# --- several tables


def test_several_tables_are_one_study(capsys: Captured) -> None:
    Path("one.csv").write_text(
        HEADER + "1,0,1,1,.,12,28,16\n1,340,0,.,9,.,.,16\n", encoding="utf-8"
    )
    Path("two.txt").write_text(
        "WT SEX ID TIME AMT DV II ADDL\n"
        "# other columns in another order\n"
        "16 1 2 0 1 . 12 28\n16 1 2 340 . 9 . .\n16 1 1.0 0 1 . 12 28\n16 1 1.0 340 . 9 . .\n",
        encoding="utf-8",
    )
    run("one.csv", "two.txt", "--out", "fits.csv")
    printed = capsys.readouterr()
    assert "3 patients, 0 without a fit; 1 comment line left out.\n" in printed.out
    assert printed.out.endswith("Columns without a use: SEX.\n")
    assert "1 fit to review" in printed.err
    lines = Path("fits.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["1", "2", "1.0"]
    assert len({line.split(",")[2] for line in lines}) == 1
    assert lines[2].endswith('"a new patient: one.csv, line 2 has this ID, too"')


def test_a_second_table_that_cannot_be_read_leaves_nothing(capsys: Captured) -> None:
    write_patients("one.csv", 3)
    Path("two.csv").write_text("ID,TIME\n1,2\n", encoding="utf-8")
    run("one.csv", "two.csv", "--out", "fits.csv", code=2)
    assert "The table two.csv has no column AMT, DV, WT." in capsys.readouterr().err
    Path("two.csv").write_text(HEADER + "1,0,1,1,.,12,28,16\n1,0\n", encoding="utf-8")
    run("one.csv", "two.csv", "--out", "fits.csv", code=2)
    assert "Line 3 of two.csv has 2 cells, the header 8." in capsys.readouterr().err
    assert sorted(each.name for each in Path().iterdir()) == ["one.csv", "two.csv"]


def test_what_is_left_out_is_counted(capsys: Captured) -> None:
    Path("table.csv").write_text(
        "ID,TIME,AMT,DV,II,ADDL,WT,EXCL\n"
        "1,-1,.,0,.,.,16,0\n1,0,1,.,12,28,16,0\n1,340,.,9,.,.,16,0\n1,341,.,99,.,.,16,1\n",
        encoding="utf-8",
    )
    run("table.csv", "--out", "fits.csv")
    assert capsys.readouterr().out.endswith(
        "1 patient, 0 without a fit; 1 flagged row left out; 1 level of 0 before the first dose"
        " left out; 0 comment lines left out.\n"
    )


def test_limits_of_a_line_and_of_a_patient(capsys: Captured) -> None:
    Path("long.csv").write_text(HEADER + "1" * 1_000_001, encoding="utf-8")
    run("long.csv", "--out", "fits.csv", code=2)
    assert "long.csv, line 2 has more than 1,000,000 characters" in capsys.readouterr().err
    row = "1,0,1,1,.,12,28,16\n"
    Path("many.csv").write_text(HEADER + row * 100_001, encoding="utf-8")
    run("many.csv", "--out", "fits.csv", code=2)
    assert "the patient has more than 100,000 rows of one patient" in capsys.readouterr().err


# --- processes


@sizes(600, 1_200, full=10_000)
def test_two_processes_give_the_fits_of_one_byte_for_byte(size: int, capsys: Captured) -> None:
    """Two chunks in the usual run."""
    write_patients("table.csv", size)
    run("table.csv", "--out", "one.csv")
    alone = capsys.readouterr()
    run("table.csv", "--out", "two.csv", "--jobs", "2")
    together = capsys.readouterr()
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()
    assert alone.err == together.err
    assert alone.err.count("Not fitted") == size // 50
    assert alone.out.replace("one.csv", "two.csv") == together.out


def test_a_process_that_is_killed_is_named() -> None:
    write_patients("table.csv", 2_000)

    def fit_and_kill() -> None:
        model = model_named("fan2024")
        table = TableLines(table_lines(Path("table.csv")))
        chunks = text_chunks(table, Columns.of(table.header, model), KnownPatients())
        with fitting(model, 2, None) as fitted:
            for _ in fitted(chunks):
                for child in active_children():
                    child.kill()

    with pytest.raises(UserError, match="A process ended before its fits were done"):
        fit_and_kill()


@pytest.mark.parametrize("jobs", ["0", "-1", "1.5", "two", "257", "٢", "1" * 50, ""])
def test_a_number_of_jobs_is_a_small_whole_number(jobs: str, capsys: Captured) -> None:
    write_patients("table.csv", 1)
    run("table.csv", "--out", "fits.csv", f"--jobs={jobs}", code=2)
    assert "is not a whole number from 1 to 256" in capsys.readouterr().err
    assert not Path("fits.csv").exists()


# --- a cluster


def test_a_cluster_that_does_not_answer_is_named(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.fit_workers._SECONDS_TO_CONNECT", 1)
    write_patients("table.csv", 1)
    run("table.csv", "--out", "fits.csv", "--cluster", "tcp://nowhere.invalid:1", code=2)
    assert "The cluster tcp://nowhere.invalid:1 does not answer." in capsys.readouterr().err
    run("table.csv", "--out", "fits.csv", "--cluster", "[/]", code=2)
    assert "The cluster [/] does not answer." in capsys.readouterr().err
    run("table.csv", "--out", "f", "--cluster", "tcp://127.0.0.1:1", "--jobs", "2", code=2)
    assert "not allowed with" in capsys.readouterr().err
    assert not Path("fits.csv").exists()


@pytest.mark.campaign
def test_the_fits_of_a_cluster_are_those_of_one_process(capsys: Captured) -> None:
    write_patients("table.csv", 1_200)
    run("table.csv", "--out", "one.csv")
    with cluster(workers=0) as address:
        run("table.csv", "--out", "none.csv", "--cluster", address, code=2)
    assert "has no workers. Start some." in capsys.readouterr().err
    with cluster(workers=2) as address:
        run("table.csv", "--out", "two.csv", "--cluster", address)
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Start a scheduler and workers on this machine, and stop them."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    usual = ("--host", "127.0.0.1", "--no-dashboard")
    started = [start("dask_scheduler", "--port", f"{port}", *usual)]
    try:
        wait_for(address, 0)
        worker = ("dask_worker", address, "--nthreads", "1", "--no-nanny", *usual)
        started.extend(start(*worker) for _ in range(workers))
        wait_for(address, workers)
        yield address
    finally:
        for each in reversed(started):
            each.kill()
            each.wait()


def start(program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(address: str, workers: int) -> None:
    """Wait until the scheduler answers and has its workers."""
    from distributed import Client  # noqa: PLC0415 - for this test alone

    until = time.monotonic() + 60
    while True:
        try:
            with Client(address, timeout=5, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=30) if workers else None
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)

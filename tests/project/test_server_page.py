"""The page of the server, from nothing to the first patient, as it is written, on a real server.

The server's name becomes this machine's, its folders those of the test, and its keys are smaller.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import AUTHOR
from tests.postgres import Server, _program
from tests.project.markdown import DOCS
from tests.project.test_commands_run import blocks
from tui.cli.main import main
from tui.cli.output import ExitCode

PAGE = DOCS / "postgresql.md"
TEXT = PAGE.read_text(encoding="utf-8")
_PASSWORD = "a sample only"  # noqa: S105 - of a server that the test makes


def lines_of(first: str) -> tuple[str, ...]:
    """Return the commands of the block that begins so."""
    (found,) = (block for block in blocks(PAGE) if block.lines[0].startswith(first))
    return found.lines


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a home folder with a short path, which the server's user reads, too."""
    home = Path(tempfile.mkdtemp(prefix="page-"))
    home.chmod(0o755)
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SIROLIMUS_USER", raising=False)
    monkeypatch.chdir(home)
    yield home
    shutil.rmtree(home, ignore_errors=True)


def a_certificate(folder: Path) -> None:
    """Make the certificate of step 1."""
    for line in lines_of("openssl"):
        here = line.replace("rsa:3072", "rsa:2048").replace("db.hospital.example", "localhost")
        subprocess.run(shlex.split(here), check=True, capture_output=True, cwd=folder)
    for name in ("server.key", "server.crt"):
        (folder / name).chmod(0o600)
        if os.getuid() == 0:
            shutil.chown(folder / name, "nobody")


@pytest.fixture
def server(folder: Path) -> Iterator[tuple[Server, int]]:
    """Give a server with the settings of step 2, and its port."""
    a_certificate(folder)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    stated = dict(re.findall(r"^    (\w+) = '?(.+?)'?$", TEXT, re.MULTILINE))
    stated |= {
        "listen_addresses": "localhost", "port": str(port), "fsync": "off",
        "ssl_cert_file": str(folder / "server.crt"), "ssl_key_file": str(folder / "server.key"),
    }  # fmt: skip
    inside = folder / "s"
    inside.mkdir()
    made = Server(inside, *(f"{key}={value}" for key, value in stated.items()))
    try:
        made.make()
        hba = re.findall(r"^    (local|hostssl) +(\S+) +(\S+) +(.*)$", TEXT, re.MULTILINE)
        assert [each[0] for each in hba] == ["local", "hostssl"]
        host = hba[1][3].replace("10.0.0.0/8", "127.0.0.1/32")
        (inside / "data" / "pg_hba.conf").write_text(
            f'local all "{AUTHOR}" trust\nhostssl {hba[1][1]} {hba[1][2]} {host}\n'
            "host postgres all 127.0.0.1/32 reject\n",
            encoding="utf-8",
        )
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PGPORT", str(port))
            made.start()
            yield made, port
    finally:
        made.stop()


@pytest.mark.campaign
def test_a_clinic_from_nothing_to_the_first_patient(
    server: tuple[Server, int],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made, port = server
    administrator = {**os.environ, "PGHOST": str(made.folder), "PGUSER": AUTHOR}
    for line in (*lines_of("createdb"), *lines_of("createuser")):
        program, *arguments = shlex.split(line.replace("/run/postgresql", str(made.folder)))
        if program == "sirolimus":
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("PGUSER", AUTHOR)
                assert main(arguments) == ExitCode.DONE, line
        else:
            subprocess.run(
                [_program(program), *arguments], check=True, capture_output=True, text=True,
                env=administrator, input=f"{_PASSWORD}\n" * 2, start_new_session=True,
            )  # fmt: skip
    assert re.search(r"^ann +writer$", capsys.readouterr().out, re.MULTILINE)

    export, *commands = lines_of("export SIROLIMUS_RECORDS")
    address = re.sub(r".*\"(.+)\"", r"\1", export).replace(
        "db.hospital.example", f"localhost:{port}"
    )
    monkeypatch.setenv("SIROLIMUS_RECORDS", f"{address}?sslmode=verify-full")
    (folder / ".pgpass").write_text(f"localhost:{port}:clinic:ann:{_PASSWORD}\n", encoding="utf-8")
    (folder / ".pgpass").chmod(0o600)
    (folder / ".postgresql").mkdir()
    assert main(shlex.split(commands[0].removeprefix("sirolimus "))) == ExitCode.INVALID_INPUT
    assert "the server's certificate cannot be checked" in capsys.readouterr().err
    shutil.copy(folder / "ca.crt", folder / ".postgresql" / "root.crt")
    for command in commands:
        assert main(shlex.split(command.removeprefix("sirolimus "))) == ExitCode.DONE, command
    assert " ann: added the patient" in capsys.readouterr().out
    assert main(["due", "--records", f"{address[:-6]}postgres"]) == ExitCode.INVALID_INPUT
    assert "the server admits no such login" in capsys.readouterr().err

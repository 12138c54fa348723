"""PostgreSQL servers of the tests: made in a folder of their own, started, killed, copied."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.builders import AUTHOR

_STARTS_WITHIN_S = 30


def _program(name: str) -> str:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, newest_first), os.environ["PATH"]]))
    if found is None:
        reason = "PostgreSQL is not installed here (Debian package postgresql)."
        # Skipped in sight where PostgreSQL cannot be had; in CI it must be there.
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Server:
    """A server whose socket is in its folder. Its superuser is the author of the tests."""

    def __init__(self, folder: Path, *settings: str) -> None:
        """Take an empty folder with a short path, and settings such as `fsync=off`."""
        self.folder = folder
        self._settings = [part for each in settings for part in ("-c", each)]
        self._data = folder / "data"
        self._user = "nobody" if os.name == "posix" and os.getuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(folder, self._user)

    def url(self, database: str) -> str:
        """Return the URL of a database; the name may be `{}`, to be filled in later."""
        return f"postgresql+psycopg://{quote(AUTHOR)}@/{database}?host={self.folder}"

    def make(self) -> None:
        """Make an empty server."""
        self._run(
            "initdb", "-D", str(self._data), "-A", "trust", "-U", AUTHOR, "--no-sync",
            "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        # One login has to give a password; it is made by the test of it.
        (self._data / "pg_hba.conf").write_text(
            "local all asked scram-sha-256\nlocal all all trust\nlocal replication all trust\n"
        )

    def make_copy_of(self, other: "Server") -> None:
        """Make a streaming replica, which others only read."""
        self._run(
            "pg_basebackup", "-h", str(other.folder), "-U", AUTHOR, "-D", str(self._data),
            "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while True:
            # After a crash the processes of before may hold the data for a moment.
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [
                        _program("postgres"), "-D", str(self._data), "-k", str(self.folder),
                        "-c", "listen_addresses=", *self._settings,
                    ],
                    cwd=self.folder, user=self._user,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server: at once, as after a crash, or by another signal."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_STARTS_WITHIN_S)

    def run(self, statement: str) -> None:
        """Run a statement as the superuser, outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), user=AUTHOR, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_program(program), *arguments],
            check=True, capture_output=True, cwd=self.folder, user=self._user,
        )  # fmt: skip

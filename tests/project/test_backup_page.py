"""The nightly backup of the page: its script is run as it is written, with folders of a test."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from monitoring.store.opening import open_records
from tests.builders import AUTHOR, a_patient
from tests.project.markdown import DOCS

PAGE = (DOCS / "backup.md").read_text(encoding="utf-8")
_DAY = 24 * 60 * 60


def a_script(folder: Path) -> Path:
    """Return the script with the test's disk, without the line that needs another computer."""
    (text,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", PAGE, re.DOTALL)
    text, taken_out = re.subn(r"^rsync .*\n", "", text, flags=re.MULTILINE)
    assert taken_out == 1
    assert "disk=/mnt/backup/sirolimus\n" in text
    script = folder / "backup.sh"
    script.write_text(text.replace("/mnt/backup/sirolimus", str(folder / "disk")), encoding="utf-8")
    return script


def night(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as cron does: with the program on its path."""
    program = folder / "bin" / "sirolimus"
    program.parent.mkdir(exist_ok=True)
    program.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import sys; from tui.start import main; "
        'sys.exit(main())\' "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}",
        "SIROLIMUS_RECORDS": str(folder / "records.sqlite"), "PYTHONPATH": str(DOCS.parent),
    }  # fmt: skip
    return subprocess.run(
        ["/bin/sh", a_script(folder)], check=False, capture_output=True, text=True, env=environment
    )


@pytest.mark.skipif(os.name != "posix", reason="a script of a POSIX shell")
def test_the_nightly_script_keeps_what_the_page_says_and_fails_loudly(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    records = open_records(str(tmp_path / "records.sqlite"), AUTHOR, create=True)
    records.store.add_patient(a_patient())
    for name, days in (("2026-10-01", 60), ("2026-10-02", 59), ("2026-11-20", 9)):
        old = disk / f"records-{name}.sqlite"
        old.write_bytes(b"")
        os.utime(old, (time.time() - days * _DAY,) * 2)
    first = night(tmp_path)
    assert first.returncode == 0, first.stderr
    left = {path.name for path in disk.iterdir()}
    today = left - {"records-2026-10-01.sqlite", "records-2026-11-20.sqlite"}
    assert len(left) == 3
    assert "Head " in first.stdout
    copy = open_records(str(disk / today.pop()), AUTHOR)
    assert copy.store.head() == records.store.head()
    second = night(tmp_path)
    assert second.returncode != 0
    assert second.stderr.startswith("sirolimus: ")


def test_the_folders_of_the_page_are_those_of_the_program() -> None:
    page = (DOCS / "data-folder.md").read_text(encoding="utf-8")
    home = str(Path.home())
    for system in (Unix, MacOS):
        assistant, settings = system("sirolimus-assistant"), system("sirolimus")
        for folder in (
            assistant.user_data_dir, assistant.user_state_dir, settings.user_config_dir,
        ):  # fmt: skip
            assert f"`{folder.replace(home, '~')}`" in page

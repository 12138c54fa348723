"""The pages about installing and releasing: what can be run of them is run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dosing.build import this_build
from dosing.version import VERSION
from monitoring.store.backup import back_up
from monitoring.store.opening import open_records
from tests.project.markdown import DOCS, ROOT
from tests.project.test_package import build, copy_of_tree
from tests.tui.commands import run
from tests.tui.places import put_demo_of_today

INSTALL = (DOCS / "install.md").read_text(encoding="utf-8")
RELEASES = (DOCS / "releases.md").read_text(encoding="utf-8")


def blocks(marker: str) -> list[str]:
    """Return the lines of the shell below a marker, each block by itself."""
    return re.findall(rf"<!-- run: {marker} -->\n```sh\n(.+?)```", INSTALL, re.DOTALL)


def commands_of(page: str) -> list[str]:
    """Return the indented commands of the program on a page."""
    return re.findall(r"^ +sirolimus (.+)$", page, re.MULTILINE)


def test_the_commands_of_the_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    records = put_demo_of_today(tmp_path / "records.sqlite")
    monkeypatch.setenv("SIROLIMUS_RECORDS", str(records))
    back_up(open_records(str(records)).store.engine, tmp_path / "backup.sqlite")
    typed = [*commands_of(INSTALL), *commands_of(RELEASES)]
    assert {each.split()[0] for each in typed} == {"--version", "verify", "recall"}
    for each in typed:
        run(*shlex.split(each))


def test_each_task_of_make_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^ +)make ([a-z]+)", RELEASES, re.MULTILINE))
    assert {"package", "bundle", "ci", "traceability"} <= named
    for each in named:
        assert re.search(rf"^{each}:", makefile, re.MULTILINE), each


def test_the_names_of_files_are_those_of_this_version() -> None:
    named = re.findall(r"sirolimus(?:_assistant)?-([0-9.]+[0-9])-", INSTALL)
    assert set(named) == {VERSION}


@pytest.mark.full_size
@pytest.mark.skipif(os.name == "nt", reason="the blocks are for a shell of Unix")
@pytest.mark.parametrize("way", ["pip", "pipx", "uv"])
def test_each_way_of_installing_works_for_a_new_user(way: str, tmp_path: Path) -> None:
    if way != "pip" and shutil.which(way) is None:
        pytest.skip(f"{way} is not on this machine")
    home = tmp_path / "home"
    (home / "files").mkdir(parents=True)
    shutil.copy(build(copy_of_tree(tmp_path / "tree"), "wheel"), home / "files")
    shutil.copy(ROOT / "requirements.txt", home / "files")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHONPATH", "XDG_", "SIROLIMUS_", "VIRTUAL_ENV"))
    }
    environment |= {"HOME": str(home), "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}
    path = f"{home}/.local/bin:{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        [str(shutil.which("bash")), "-euc", "".join(blocks(way))], cwd=home / "files",
        env={**environment, "PATH": path}, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert f"sirolimus-assistant {VERSION}, commit " in done.stdout
    assert this_build().tables_short in done.stdout
    assert not list(home.rglob("bin/sirolimus"))

"""The package: complete, the same bytes from the same commit, and one file that starts."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from dosing.version import COMMIT_FILE, tables_hash
from tests.project.bundle import bundle_name, make_bundle, preamble_for
from tests.project.markdown import ROOT

ROOMS = ("dosing", "monitoring", "reports", "tui")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
_NOT_OURS = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "dist", "build", "*.egg-info",
    "results.xml", "sbom.json",
)  # fmt: skip


def copy_of_tree(place: Path) -> Path:
    """Copy the tree as a checkout of a made-up commit, without a program of git."""
    shutil.copytree(ROOT, place, ignore=_NOT_OURS)
    (place / ".git").mkdir()
    (place / ".git" / "HEAD").write_text(f"{COMMIT}\n")
    return place


def build(tree: Path, target: str) -> Path:
    """Build one package of a tree, and return it."""
    folder = tree.parent / f"{tree.name}-{target}"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=tree, check=True, capture_output=True, env=without_path(),
    )  # fmt: skip
    (made,) = folder.iterdir()
    return made


def without_path() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def files_of(tree: Path) -> set[str]:
    files = [each.relative_to(tree) for each in tree.rglob("*") if each.is_file()]
    return {each.as_posix() for each in files if not {".git", "__pycache__"} & {*each.parts}}


@pytest.mark.campaign
def test_the_same_commit_gives_the_same_complete_packages(tmp_path: Path) -> None:
    first = copy_of_tree(tmp_path / "first")
    second = copy_of_tree(tmp_path / "another place" / "second")
    for each in second.rglob("*.py"):
        os.utime(each, (1_000_000_000, 1_000_000_000))
        each.chmod(0o600)
    wheel = build(first, "wheel")
    assert build(second, "wheel").read_bytes() == wheel.read_bytes()
    source = build(first, "sdist")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        archive.extractall(tmp_path / "unpacked")  # noqa: S202 - our own
    rooms = {each for each in files_of(first) if each.split("/")[0] in ROOMS}
    assert rooms - inside == set()
    beyond = {each for each in inside - rooms if ".dist-info/" not in each}
    assert beyond == {f"dosing/{COMMIT_FILE}"}
    with tarfile.open(source) as tar:
        tar.extractall(tmp_path / "source", filter="data")
    (root,) = (tmp_path / "source").iterdir()
    assert files_of(first) - files_of(root) == set()
    assert files_of(root) - files_of(first) == {"PKG-INFO", f"dosing/{COMMIT_FILE}"}
    assert build(root, "wheel").read_bytes() == wheel.read_bytes()

    done = subprocess.run(
        [sys.executable, "-m", "tui", "--version", "--json"],
        cwd=tmp_path / "unpacked", check=True, capture_output=True, env=without_path(),
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["commit"], found["tables_hash"]) == (COMMIT[:12], tables_hash())


@pytest.mark.full_size
def test_one_file_has_the_program_with_all_that_it_needs(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "dist")
    environment = {**without_path(), "SHIV_ROOT": str(tmp_path / "unpacked")}
    environment["HOME"] = str(tmp_path)

    def cpu_of(*typed: str) -> tuple[str, float]:
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-I", str(bundle), *typed],
            cwd=tmp_path, check=True, capture_output=True, encoding="utf-8", env=environment,
        )  # fmt: skip
        after = os.times()
        used = after.children_user + after.children_system
        return done.stdout, used - before.children_user - before.children_system

    cpu_of("--version")
    printed, seconds = cpu_of("--version", "--json")
    assert json.loads(printed)["tables_hash"] == tables_hash()
    assert seconds <= 3
    printed, _ = cpu_of(
        "dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2years", "--json"
    )
    assert json.loads(printed)["dose"]["given_mg"] == 0.44
    cpu_of("demo", "--seed-into", "demo.sqlite")
    cpu_of("report", "DEMO-03", "--out", "summary.pdf", "--records", "demo.sqlite")
    assert (tmp_path / "summary.pdf").read_bytes().startswith(b"%PDF")


def test_the_one_file_refuses_another_python() -> None:
    exec(preamble_for(*sys.version_info[:2]), {})  # noqa: S102 - our own
    with pytest.raises(SystemExit, match=r"this file is for Python 2\.7, and this is 3\."):
        exec(preamble_for(2, 7), {})  # noqa: S102 - our own


def test_the_wheel_takes_every_file_of_the_program() -> None:
    taken = {each.relative_path for each in WheelBuilder(str(ROOT)).recurse_included_files()}
    there = {
        each.relative_to(ROOT).as_posix()
        for room in ROOMS
        for each in (ROOT / room).rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }
    assert there - taken == set()
    for ending in (".toml", ".tcss", ".ttf", "py.typed"):
        assert any(each.endswith(ending) for each in taken), ending


def test_the_name_of_the_bundle_says_for_what_it_is() -> None:
    pattern = rf"sirolimus-0\.1\.0-cp3{sys.version_info[1]}-[a-z]+\w+\.pyz"
    assert re.fullmatch(pattern, bundle_name("0.1.0"))


def test_the_workflow_makes_the_bundle_by_the_command_of_this_machine() -> None:
    file = ROOT / ".github" / "workflows" / "bundle.yml"
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    systems = job["strategy"]["matrix"]
    assert [each.split("-")[0] for each in systems["os"]] == ["windows", "macos", "ubuntu"]
    assert systems["python"] == ["3.11", "3.12", "3.13"]
    (command,) = [step["run"] for step in job["steps"] if "run" in step]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\nbundle:\n\t$(PYTHON){command.removeprefix('python')}\n" in makefile
    uses = [step["uses"].split("@")[0] for step in job["steps"] if "uses" in step]
    assert uses == ["actions/checkout", "actions/setup-python", "actions/upload-artifact"]
    assert workflow["permissions"] == {"contents": "read"}


def test_the_program_starts_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui", "--version"], cwd=ROOT, check=True, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    assert done.stdout.startswith("sirolimus-assistant ")

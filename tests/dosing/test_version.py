"""The build: version, commit and the hash of the tables as they are installed."""

import subprocess
from pathlib import Path

import pytest

from dosing import version
from dosing.build import Build, this_build
from dosing.version import commit_of, hash_of_files, tables_hash

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_label_is_read_back() -> None:
    build = Build("0.1.0", COMMIT[:12], "f" * 64)
    assert build.label == "0.1.0+0123456789ab.ffffffffffff"
    assert Build.of_label(build.label) == Build("0.1.0", COMMIT[:12], "f" * 12)
    bare = Build("0.2.0", tables_hash="a" * 64)
    assert Build.of_label(bare.label) == Build("0.2.0", "unknown", "a" * 12)


@pytest.mark.parametrize("text", ["0.1.0", "0.1.0+x", "0.1.0+0123.f", "", "=1+1", "[/]"])
def test_a_text_of_an_earlier_program_is_a_version_alone(text: str) -> None:
    assert Build.of_label(text) == Build(text, "unknown", "unknown")


def test_the_hash_is_of_the_names_and_texts_and_of_no_line_ends(tmp_path: Path) -> None:
    def hash_with(**files: bytes) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, content in files.items():
            (folder / f"{name}.py").write_bytes(content)
        return hash_of_files([folder])

    first = hash_with(limits=b"X = 1\nY = 2\n")
    assert hash_with(limits=b"X = 1\r\nY = 2\r\n") == first
    assert hash_with(limits=b"X = 1\nY = 3\n") != first
    assert hash_with(limit=b"X = 1\nY = 2\n") != first
    assert hash_with(a=b"X = 1\n", b=b"") != hash_with(a=b"", b=b"X = 1\n")
    assert hash_with() == "unknown"


def test_the_tables_are_those_of_the_limits_and_the_models() -> None:
    root = Path(version.__file__).parent
    folders = [root / each for each in version.TABLES]
    assert all(
        (root / each).is_file() for each in ("knowledge/limits.py", "knowledge/protocols.py")
    )
    assert list((root / "pharmacokinetics/models").glob("*.toml"))
    assert tables_hash() == hash_of_files(folders)
    assert not any(each.is_dir() for folder in folders for each in folder.iterdir()
                   if each.name != "__pycache__")  # fmt: skip


def test_the_commit_of_a_package_is_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "dosing").mkdir()
    assert commit_of(tmp_path) == "unknown"
    file = tmp_path / "dosing" / version.COMMIT_FILE
    file.write_text(f"{COMMIT}\n")
    assert commit_of(tmp_path) == COMMIT[:12]
    for damaged in ("", "unknown", "x" * 40, "Ł"):
        file.write_text(damaged, encoding="utf-8")
        assert commit_of(tmp_path) == "unknown"


def test_the_commit_of_a_checkout_is_read_from_its_files(tmp_path: Path) -> None:
    git, work = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"], tmp_path / "work"

    def run(*arguments: str, cwd: Path = work) -> str:
        done = subprocess.run(
            [*git, *arguments], cwd=cwd, capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout.strip()

    work.mkdir()
    run("init", "--quiet")
    assert commit_of(work) == "unknown"
    run("commit", "--quiet", "--allow-empty", "--message", "First")
    first = run("rev-parse", "HEAD")[:12]
    assert commit_of(work) == first
    run("pack-refs", "--all")
    assert commit_of(work) == first
    run("worktree", "add", "--quiet", "-b", "other/branch", "../beside")
    run("commit", "--quiet", "--allow-empty", "--message", "Second", cwd=tmp_path / "beside")
    second = run("rev-parse", "HEAD", cwd=tmp_path / "beside")[:12]
    assert commit_of(tmp_path / "beside") == second != first
    run("checkout", "--quiet", "--detach")
    assert commit_of(work) == first


def test_a_proposal_and_the_build_that_is_running_say_the_same() -> None:
    assert this_build().version == version.VERSION
    assert this_build() is this_build()

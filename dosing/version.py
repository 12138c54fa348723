"""The program's version, its commit and the hash of its clinical tables.

All three are stored with every proposal and printed on every page, by which the work of a faulty
version or table row is found again. The hash is made of the installed tables themselves, never of
what a package says about them.
"""

import re
from functools import cache

TYPE_CHECKING = False  # see `dosing.lazy`
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

VERSION = "0.1.0"
PROGRAM = "sirolimus-assistant"
UNKNOWN = "unknown"
COMMIT_FILE = "commit.txt"
"""The file in this folder with the commit of a package; a checkout has none."""
TABLES = ("knowledge", "pharmacokinetics/models")
"""The folders of the clinical tables: what a clinic signs off, and the published models."""

SHORT = 12
_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


@cache
def tables_hash() -> str:
    """Return the SHA-256 of the clinical tables as they are installed; without them "unknown"."""
    from importlib.resources import files  # noqa: PLC0415 - where it is needed

    return hash_of_files(files("dosing").joinpath(each) for each in TABLES)


def hash_of_files(
    folders: "Iterable[Traversable]", endings: tuple[str, ...] = (".py", ".toml")
) -> str:
    """Return the SHA-256 of the names and texts in folders, or "unknown" where there are none.

    It is the same on every system, whatever the ends of lines are.
    """
    from hashlib import sha256  # noqa: PLC0415 - where it is needed

    found, count = sha256(), 0
    for file in (each for folder in folders for each in _files_in(folder, endings)):
        text = file.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{file.name} {len(text)}\n".encode())
        found.update(text)
        count += 1
    return found.hexdigest() if count else UNKNOWN


def _files_in(folder: "Traversable", endings: tuple[str, ...]) -> "Iterator[Traversable]":
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.name.endswith(endings) and each.is_file():
            yield each


@cache
def this_commit() -> str:
    """Return the first digits of the commit of this program, or "unknown"."""
    from importlib.resources import files  # noqa: PLC0415 - where it is needed

    return commit_of(files("dosing").joinpath(".."))


def commit_of(root: "Traversable") -> str:
    """Return the first digits of the commit of a package, or of a checkout; else "unknown".

    `root` is the folder that holds the packages. The commit is the last one: changes that are not
    committed are seen in the hash of the tables alone.
    """
    return full_commit_of(root)[:SHORT]


def full_commit_of(root: "Traversable") -> str:
    """Return the whole commit; of a checkout from git's own files, for git takes long to start."""
    try:
        kept = root.joinpath("dosing", COMMIT_FILE)
        found = kept.read_text("ascii").strip() if kept.is_file() else _head_of(root)
    except (OSError, ValueError):
        return UNKNOWN
    return found if _COMMIT.fullmatch(found) else UNKNOWN


def _head_of(root: "Traversable") -> str:
    """Return the commit that is checked out. Raises `OSError` without a checkout."""
    git = root.joinpath(".git")
    if git.is_file():  # a worktree of its own
        git = root.joinpath(git.read_text("utf-8").removeprefix("gitdir:").strip())
    head = git.joinpath("HEAD").read_text("utf-8").strip()
    if not head.startswith("ref:"):
        return head
    branch = head.removeprefix("ref:").strip()
    shared = git.joinpath("commondir")
    homes = [git, git.joinpath(shared.read_text("utf-8").strip())] if shared.is_file() else [git]
    for home in homes:
        if home.joinpath(branch).is_file():
            return home.joinpath(branch).read_text("ascii").strip()
    lines = homes[-1].joinpath("packed-refs").read_text("utf-8").splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {branch}")), UNKNOWN)

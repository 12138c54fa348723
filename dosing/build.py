"""The build of the program: its version, commit and clinical tables, with their label."""

import re
from dataclasses import dataclass
from functools import cache

from dosing.version import (
    PROGRAM,
    SHORT,
    UNKNOWN,
    VERSION,
    tables_hash,
    this_commit,
)

_LABEL = re.compile(
    rf"(?P<version>[^+]+)\+(?P<commit>[0-9a-f]{{{SHORT}}}|{UNKNOWN})"
    rf"\.(?P<tables>[0-9a-f]{{{SHORT}}}|{UNKNOWN})"
)


@dataclass(frozen=True, slots=True)
class Build:
    """A version of the program, the commit it was made of, and the hash of its clinical tables."""

    version: str
    commit: str = UNKNOWN
    """The first 12 digits of the commit, or "unknown"."""
    tables_hash: str = UNKNOWN
    """A SHA-256 of 64 digits, the first 12 of one, or "unknown"."""

    @classmethod
    def of_label(cls, text: str) -> "Build":
        """Return the build of a label; of another text, as earlier versions stored it, the version.

        >>> Build.of_label("0.1.0").tables_hash
        'unknown'
        """
        parts = _LABEL.fullmatch(text)
        return cls(*parts.group("version", "commit", "tables")) if parts else cls(text)

    @property
    def label(self) -> str:
        """The version with commit and tables as build metadata, as pages and records hold it.

        >>> Build("0.1.0", "653d9746aaaa", "0f" * 32).label
        '0.1.0+653d9746aaaa.0f0f0f0f0f0f'
        """
        return f"{self.version}+{self.commit}.{self.tables_short}"

    @property
    def tables_short(self) -> str:
        """The first 12 digits of the hash, as pages show it."""
        return self.tables_hash[:SHORT]

    @property
    def words(self) -> str:
        """The program, its version, commit and tables in one line."""
        return f"{PROGRAM} {self.version}, commit {self.commit}, tables {self.tables_short}"

    def to_dict(self) -> dict[str, str]:
        """Return the build as every JSON document holds it."""
        return {"version": self.version, "commit": self.commit, "tables_hash": self.tables_hash}


@cache
def this_build() -> Build:
    """Return the build that is running; read once, where it is asked for."""
    return Build(VERSION, this_commit(), tables_hash())

"""The build hook: a package carries the commit it was made of, which no checkout has to keep."""

import sys
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface[Any]):
    """Writes the commit into the package; the same commit gives the same bytes."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file with the commit, in the same place to a package of a source package."""
        if version == "editable":
            return  # the tree is used in place
        build = _build_of(Path(self.root))
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / build.COMMIT_FILE
        file.write_text(f"{build.full_commit_of(Path(self.root))}\n", encoding="ascii")
        build_data["force_include"][str(file)] = f"dosing/{build.COMMIT_FILE}"

    def finalize(self, *_about: object) -> None:
        """Remove the file again."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def _build_of(root: Path) -> ModuleType:
    """Return `dosing/version.py` by itself: what the package needs is not installed here."""
    spec = spec_from_file_location("version", root / "dosing" / "version.py")
    if spec is None or spec.loader is None:
        raise ImportError("dosing/version.py is missing.")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks for it
    spec.loader.exec_module(module)
    return module

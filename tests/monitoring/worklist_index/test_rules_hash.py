"""The hash of the rules covers every file that a row is made by."""

import subprocess
import sys
from pathlib import Path

from dosing.version import VERSION
from monitoring.rules_hash import FOLDERS, rules_hash

ROOT = Path(__file__).parents[3]
_FOLDERS_SCRIPT = """
import sys, monitoring.worklist_index.pieces
from pathlib import Path
for name, module in sys.modules.items():
    if name.split(".")[0] in {"dosing", "monitoring"}:
        print(Path(module.__file__).parent)
"""


def test_every_folder_that_makes_a_row_is_covered() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FOLDERS_SCRIPT], capture_output=True, encoding="utf-8", check=True
    )
    folders = {Path(each).relative_to(ROOT).as_posix() for each in done.stdout.splitlines()}
    assert {"dosing/knowledge", "monitoring/due"} < folders
    assert folders <= set(FOLDERS)


def test_it_is_the_same_each_time() -> None:
    assert rules_hash() == rules_hash()
    assert len(rules_hash().removeprefix(f"{VERSION} ")) == 64

"""The bundle: one file of the program, with all that it needs, for this platform and this Python.

`python3 -m tests.project.bundle FOLDER` makes it with any Python that runs the program: tools and
packages come from the lock files, into a folder that is removed again. shiv packs them; compiled
packages are unpacked at the first start. Then it is started, and says which build it is.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PREAMBLE = """\
import sys

if sys.version_info[:2] != {version}:
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(
        "sirolimus: this file is for Python {words}, and this is " + found + ". "
        "Start it with Python {words}, or take the file for " + found + "."
    )
"""


def bundle_name(version: str) -> str:
    """Return the name of the file: the program's version, the Python and the platform."""
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"sirolimus-{version}-cp{sys.version_info[0]}{sys.version_info[1]}-{platform}.pyz"


def preamble_for(major: int, minor: int) -> str:
    """Return the code that the bundle runs first: it refuses another Python in words."""
    return _PREAMBLE.format(version=(major, minor), words=f"{major}.{minor}")


def make_bundle(folder: Path) -> Path:
    """Make the bundle in a folder and return it. Raises `CalledProcessError` where a tool fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bundle-") as name:
        work = Path(name)
        tools, site, built = work / "tools", work / "site", work / "built"
        venv.create(tools, with_pip=True)
        python = tools / ("Scripts" if os.name == "nt" else "bin") / "python"

        def run(*arguments: object) -> None:
            subprocess.run([str(python), "-m", *map(str, arguments)], cwd=ROOT, check=True)

        install = ("pip", "install", "--quiet", "--no-compile")
        run(*install, "--requirement", "requirements-bundle.txt")
        run("hatchling", "build", "--target", "wheel", "--directory", built)
        (wheel,) = built.glob("*.whl")
        run(*install, "--target", site, "--requirement", "requirements.txt")
        run(*install, "--target", site, "--no-deps", wheel)
        preamble = work / "preamble.py"
        words = ".".join(map(str, sys.version_info[:2]))
        preamble.write_text(preamble_for(*sys.version_info[:2]), encoding="utf-8")
        part = work / bundle_name(wheel.name.split("-")[1])
        run(
            "shiv.cli", "--site-packages", site, "--console-script", "sirolimus",
            "--output-file", part, "--compressed", "--reproducible", "--preamble", preamble,
            "--python", f"/usr/bin/env python{words}",
        )  # fmt: skip
        return Path(shutil.move(part, folder / part.name))


def started(bundle: Path) -> str:
    """Return what the bundle prints of itself, unpacked into a folder that is removed again."""
    with tempfile.TemporaryDirectory(prefix="bundle-") as name:
        environment = {**os.environ, "SHIV_ROOT": name}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(
            [sys.executable, str(bundle), "--version"],
            env=environment, capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        return done.stdout.strip()


if __name__ == "__main__":
    made = make_bundle(Path(sys.argv[1]))
    print(f"{made}, {made.stat().st_size / 1e6:.0f} MB: {started(made)}")

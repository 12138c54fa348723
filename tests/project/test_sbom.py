"""The bill of materials names what the lock file installs, and nothing else."""

import json
import re
from pathlib import Path

import pytest

from tests.project.sbom import LOCK, main


def test_it_names_every_locked_package_with_its_version_and_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sbom.json"
    monkeypatch.setattr("sys.argv", ["sbom", str(file)])
    assert main() == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    named = {f"{each['name']}=={each['version']}" for each in document["components"]}
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    assert named == {line.split()[0] for line in lines if re.match(r"[a-z0-9]", line)}
    hashes = [
        each["value"]
        for component in document["components"]
        for each in component["properties"]
        if each["name"] == "python:file-sha256"
    ]
    assert len(hashes) == sum("--hash=sha256:" in line for line in lines)
    # The registry of packages stays unnamed, as in the lock file itself.
    assert "http" not in json.dumps(document["components"])

"""The list of software of unknown provenance is that of pyproject.toml, with no field empty."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from tests.project.markdown import ROOT, SAFETY
from tests.project.sbom import locked
from tests.project.soup import SOUP, SoupItem, dependencies, soup, soup_page

LIST = soup()
TEXT = SOUP.read_text(encoding="utf-8")


def test_it_names_every_direct_dependency_and_no_other() -> None:
    """If this fails: add the row to docs/safety/soup.toml, with what was looked at and when."""
    listed = sorted((each.kind, each.name) for each in LIST if each.kind != "platform")
    assert listed == sorted((kind, each.name) for kind, each in dependencies())


def test_every_listed_package_is_in_the_bill_of_materials() -> None:
    packages = {each.name for each in locked()}
    assert {each.name for each in LIST if each.kind == "package"} <= packages


def test_the_written_page_is_that_of_today() -> None:
    assert (SAFETY / "soup.md").read_text(encoding="utf-8") == soup_page()


@pytest.mark.parametrize("field", ["why", "licence", "looked", "if_it_fails", "seen_by"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_field_is_refused(tmp_path: Path, field: str, empty: str) -> None:
    file = tmp_path / "soup.toml"
    file.write_text(
        re.sub(rf'^{field} = ".*"', f'{field} = "{empty}"', TEXT, count=1, flags=re.MULTILINE),
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=f"alembic: {field} is empty"):
        soup(file)


def test_a_list_without_a_word_on_faults_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "soup.toml"
    file.write_text(re.sub(r"faults = \[.+\]", "faults = []", TEXT, count=1), encoding="utf-8")
    with pytest.raises(ValueError, match="alembic: faults is empty"):
        soup(file)


@pytest.mark.parametrize("each", LIST, ids=lambda each: each.name)
def test_the_places_that_a_row_names_exist(each: SoupItem) -> None:
    for path in re.findall(r"tests/[\w/]+(?:\.py)?", each.seen_by):
        assert (ROOT / path).exists(), path
    assert re.match(r"\d{1,2} [A-Z][a-z]{2} \d{4}: |not looked at", each.looked)


@pytest.mark.parametrize("each", LIST, ids=lambda each: each.name)
def test_the_licence_is_the_one_that_the_package_states(each: SoupItem) -> None:
    try:
        stated = metadata(each.name)
    except PackageNotFoundError:
        assert each.kind != "package"
        return
    fields = ("License-Expression", "License", "Classifier")
    texts = [text for field in fields for text in stated.get_all(field) or []]
    found = " ".join(text for text in texts if "License" in text or "::" not in text)
    family = re.split(r"[- ]", each.licence)[0]
    assert not found or family in found


def test_the_modules_of_reportlab_that_evaluate_are_not_imported() -> None:
    """Known faults of two modules that nothing here uses: they stay out of every page."""
    code = (
        "import sys, reports.patient_summary.document, reports.dose_card, reports.clinic_report;"
        "print([each for each in sys.modules if each.endswith(('.extformat', '.fontfinder'))])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == "[]"

"""The changelog says for each release which clinical figures changed."""

import re

import pytest

from dosing.build import this_build
from tests.project.markdown import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADING = "### Clinical figures"


def releases(text: str) -> dict[str, str]:
    """Return the text of each release by its heading, the newest first."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def clinical_section(release: str) -> str:
    """Return the section on clinical figures of a release, empty without one."""
    _, _, rest = release.partition(f"{HEADING}\n")
    return rest.split("\n### ")[0].strip()


@pytest.mark.parametrize("name", releases(TEXT))
def test_each_release_says_which_clinical_figures_changed(name: str) -> None:
    section = clinical_section(releases(TEXT)[name])
    assert re.search(r"^\| .+ \| .+ \| .+ \|$|^None\b|^- ", section, re.MULTILINE), name
    assert re.search(r"^Fingerprint: `[0-9a-f]{12}`$", section, re.MULTILINE), name


def test_a_change_of_a_figure_is_in_the_newest_section() -> None:
    """If this fails: write a changed figure into "Clinical figures", then the new fingerprint.

    It is the hash of the clinical tables, as pages and records have it: from a page the changelog
    is found, and the figures of the day. A change of words alone changes it, too.
    """
    newest = clinical_section(next(iter(releases(TEXT).values())))
    assert f"Fingerprint: `{this_build().tables_short}`" in newest


@pytest.mark.parametrize(
    ("release", "found"),
    [
        ("\n### Added\n\n- X\n", ""),
        (f"\n{HEADING}\n\nNone.\n\n### Changed\n\n- X\n", "None."),
        (f"\n### Added\n\n{HEADING}\n\n- A limit.\n", "- A limit."),
    ],
)
def test_the_section_is_found(release: str, found: str) -> None:
    assert clinical_section(release) == found

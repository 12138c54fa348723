"""The hazard log: fields filled, ratings on the scale, and a page to read before the hazards."""

import re
from pathlib import Path

import pytest

from tests.project.hazard_log import GROUPS, LOG, anchor, hazard_log, hazard_page
from tests.project.markdown import DOCS

TEXT = re.sub('rated_by = ".+"', 'rated_by = "proposed"', LOG.read_text(encoding="utf-8"))
PAGE = (DOCS / "hazards.md").read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """Return a log in which one text of the first hazard is another."""
    assert old in TEXT
    path = tmp_path / "hazards.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Tenfold dose"', 'title = ""'),
        ('rated_by = "proposed"', 'rated_by = " "'),
        ('residual_likelihood = "very low"\n', ""),
        ('likelihood = "high"\n', ""),
        ('likelihood = "high"', 'likelihood = "likely"'),
        ('severity = "major"', 'severity = "fatal"'),
        ('residual_likelihood = "very low"', 'residual_likelihood = "very high"'),
        ('id = "D2"', 'id = "D1"'),
        ('rated_by = "proposed"', 'rated_by = "proposed"\nrated_on = "today"'),
        ('"Numbers are read by a strict pattern', '"","Numbers are read by a strict pattern'),
    ],
)
def test_an_empty_unknown_or_impossible_field_is_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    with pytest.raises((TypeError, ValueError), match="D1"):
        hazard_log(changed(tmp_path, old, new))


def test_the_matrix_grows_with_likelihood_and_severity() -> None:
    scale = hazard_log().scale
    assert [each.name for each in scale.likelihoods] == list(scale.matrix)
    assert [each.level for each in scale.levels] == [1, 2, 3, 4, 5]
    for row in scale.matrix.values():
        assert list(row) == sorted(row)
        assert len(row) == len(scale.severities)
    for column in zip(*scale.matrix.values(), strict=True):
        assert list(column) == sorted(column)


def test_no_hazard_that_remains_unacceptable_is_in_the_log() -> None:
    """What is at 4 or 5 with its controls is not released: it is reduced first."""
    log = hazard_log()
    assert [each.id for each in log.hazards if log.residual(each) > 3] == []


def test_the_page_has_how_to_read_it_before_the_hazards_and_a_row_and_heading_for_each() -> None:
    log = hazard_log()
    assert hazard_page(log) == PAGE
    before, _, hazards = PAGE.partition(f"\n## {log.hazards[0].id} ")
    assert before.index("## How to read it") < before.index("## The scale")
    headings = [
        line[3:] for line in f"## {log.hazards[0].id} {hazards}".splitlines() if line[:3] == "## "
    ]
    assert headings == [f"{each.id} {each.title}" for each in log.hazards]
    for each in log.hazards:
        assert f"[{each.id}](#{anchor(each)})" in before
        letters = re.match(r"[A-Z]+", each.id)
        assert letters
        assert letters[0] in GROUPS


def test_a_decided_rating_is_no_longer_counted_as_proposed(tmp_path: Path) -> None:
    decided = 'rated_by = "A. Name, 1 Dec 2026"'
    log = hazard_log(changed(tmp_path, 'rated_by = "proposed"', decided))
    count = len(log.hazards)
    assert log.hazards[0].rated_by == "A. Name, 1 Dec 2026"
    assert f"`proposed` ({count - 1} of {count})" in hazard_page(log)

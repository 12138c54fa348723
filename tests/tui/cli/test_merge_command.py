"""`sirolimus patient merge`: preview, contradictions, and the one record afterwards."""

from pathlib import Path

import pytest

from tests.tui.commands import Captured, read, run

pytestmark = pytest.mark.usefixtures("records")


@pytest.fixture
def doubled(sample: str, capsys: Captured) -> str:
    """Add the same child under another number, with a level; return that number."""
    run("patient", "add", "--mrn", "124", "--name", "Sample Łukasz [/]", "--born", "2023-05-01",
        "--sex", "male")  # fmt: skip
    run("level", "add", "124", "7.20ng/mL", "--at", "2026-11-20T08:00")
    run("note", "add", sample, "seen", "--on", "2026-11-05")
    run("note", "add", "124", "seen", "--on", "2026-11-05")
    capsys.readouterr()
    return "124"


def test_a_preview_stores_nothing(sample: str, doubled: str, capsys: Captured) -> None:
    document = read(
        capsys, "patient", "merge", doubled, "--into", sample, "--reason", "one child", "--preview"
    )
    assert (document["written"], document["conflicts"], document["cautions"]) == (False, [], [])
    assert [(each["kind"], each["becomes"]) for each in document["moved"]] == [("level", None)]
    assert [each["kind"] for each in document["doubles"]] == ["note"]
    assert read(capsys, "level", "list", sample) == []
    assert len(read(capsys, "level", "list", doubled)) == 1


def test_the_entries_are_in_one_record_afterwards(
    sample: str, doubled: str, records: Path, capsys: Captured
) -> None:
    document = read(capsys, "patient", "merge", doubled, "--into", sample, "--reason", "one child")
    assert document["written"]
    (level,) = read(capsys, "level", "list", sample)
    assert (level["number"], level["reported"]) == (document["moved"][0]["becomes"], "7.20 ng/mL")
    assert len(read(capsys, "note", "list", sample)) == 2  # its own, and the one of the merge
    run("level", "list", doubled, code=2)
    assert f"voided: merged into {sample}" in capsys.readouterr().err
    run("verify")
    (kept,) = (records.parent / "backups").iterdir()
    assert kept.name.endswith("before-merge.sqlite")


def test_a_page_names_both_and_every_entry(sample: str, doubled: str, capsys: Captured) -> None:
    run("patient", "merge", doubled, "--into", sample, "--reason", "one child", "--preview")
    page = capsys.readouterr().out
    assert "From: Sample Łukasz [/], record number 124, born 1 May 2023" in page
    assert f"Into: Sample Łukasz [/], record number {sample}" in page
    assert "level: 7.20 ng/mL" in page
    assert "Nothing is stored yet." in page


def test_a_contradiction_is_shown_with_exit_code_2(
    sample: str, doubled: str, capsys: Captured
) -> None:
    run("level", "add", sample, "8ng/mL", "--at", "2026-11-20T08:00")
    run("patient", "merge", doubled, "--into", sample, "--reason", "one child", code=2)
    assert "stop: Level: 7.20 ng/mL" in capsys.readouterr().err
    document = read(capsys, "patient", "merge", doubled, "--into", sample, "--reason", "x1", code=2)
    assert (document["written"], len(document["conflicts"])) == (False, 1)
    assert len(read(capsys, "level", "list", doubled)) == 1


@pytest.mark.parametrize(
    ("former", "into", "message"),
    [
        ("124", "00999", "No patient has the record number 00999"),
        ("00999", "124", "No patient has the record number 00999"),
        ("124", "124", "Nothing is to be merged"),
    ],
)
def test_wrong_numbers_are_refused(
    doubled: str, capsys: Captured, former: str, into: str, message: str
) -> None:
    assert doubled
    run("patient", "merge", former, "--into", into, "--reason", "one child", code=2)
    assert message in capsys.readouterr().err


def test_a_merge_without_a_reason_stores_nothing(
    sample: str, doubled: str, records: Path, capsys: Captured
) -> None:
    run("patient", "merge", doubled, "--into", sample, "--reason", " ", code=2)
    assert "reason is empty" in capsys.readouterr().err
    assert not (records.parent / "backups").exists()


def test_another_persons_record_is_refused(sample: str, capsys: Captured) -> None:
    run("patient", "add", "--mrn", "125", "--name", "Sample Łukasz [/]", "--born", "2023-05-02",
        "--sex", "male")  # fmt: skip
    run("patient", "merge", "125", "--into", sample, "--reason", "one child", code=2)
    assert "They are two persons" in capsys.readouterr().err

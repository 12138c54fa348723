"""`sirolimus patient remove` and `retention`: asked twice, exported, by the clinic's rule alone."""

import io
from datetime import date
from pathlib import Path

import pytest

from monitoring.exchange.merging import MergePlan, read_merge, write_merge
from monitoring.exchange.patient_removal import plan_removal
from monitoring.record.note import Note
from monitoring.retention import RetentionRule, retained
from monitoring.store.errors import RecordsError
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from tests.builders import AUTHOR, Ticking, a_dose, a_note, a_patient, at
from tests.tui.commands import Captured, read, run

pytestmark = pytest.mark.usefixtures("records")


class Terminal(io.StringIO):
    """What is typed at a terminal."""

    def isatty(self) -> bool:
        return True


def removing(sample: str, folder: Path) -> tuple[str, ...]:
    return ("patient", "remove", sample, "--reason", "retention ended", "--by", "Dr [/] =1+1",
            "--export", str(folder))  # fmt: skip


def test_the_record_number_is_typed_again_at_a_terminal(
    sample: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*removing(sample, tmp_path / "out"), code=2)
    assert "Run it there, or give --yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Terminal("another\n"))
    run(*removing(sample, tmp_path / "out"), code=2)
    said = capsys.readouterr().err
    assert "It cannot be undone" in said
    assert "The record number differs. Nothing was removed." in said
    assert not (tmp_path / "out").exists()
    run("patient", "show", sample)
    monkeypatch.setattr("sys.stdin", Terminal(f"{sample}\n"))
    run(*removing(sample, tmp_path / "out"))
    run("patient", "show", sample, code=2)


def test_a_removed_patient_is_exported_gone_and_told(
    sample: str, records: Path, tmp_path: Path, capsys: Captured
) -> None:
    run("backup", str(tmp_path / "before.sqlite"))
    document = read(capsys, *removing(sample, tmp_path / "out"), "--yes")
    assert (document["record_number"], document["removed"]) == (sample, 1)
    assert document["export"] == str(tmp_path / "out")
    assert sample.encode() not in records.read_bytes()
    run("verify")
    said = capsys.readouterr().out
    assert "by Dr [/] =1+1: retention ended" in said
    assert document["head"] in said
    run("recall", "--made-by", "0.1.0")
    assert "1 patient was removed and cannot be recalled here" in capsys.readouterr().out
    run("patient", "add", "--mrn", sample, "--name", "Sample Anew", "--born", "2023-05-01",
        "--sex", "male")  # fmt: skip
    assert f'caution: Record number "{sample}" may be of a patient removed on' in (
        capsys.readouterr().out
    )
    other = str(tmp_path / "other.sqlite")
    run("import", str(tmp_path / "out"), "--records", other)
    run("patient", "show", sample, "--records", other)
    capsys.readouterr()
    run("restore", str(tmp_path / "before.sqlite"))
    assert f'hold patient "{sample}", who was removed on' in capsys.readouterr().err
    run("patient", "list")
    assert f'hold patient "{sample}", who was removed on' in capsys.readouterr().err


def test_two_names_and_a_reason_with_the_name_are_refused(
    sample: str, tmp_path: Path, capsys: Captured
) -> None:
    run(*removing(sample, tmp_path / "out"), "--yes", "--author", "Other", code=2)
    assert "--author and --by are two names" in capsys.readouterr().err
    named = ("patient", "remove", sample, "--reason", f"file {sample}", "--by", "Dr Example",
             "--export", str(tmp_path / "out"), "--yes")  # fmt: skip
    run(*named, code=2)
    assert "The reason names the patient" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# --- retention

RULE = RetentionRule(years=10, born_before=date(2010, 1, 1))
LATER = at("2036-12-01T09:00")


@pytest.fixture
def store(records: Path) -> Store:
    """Give records whose entries are of 5 November 2026, ten years before `LATER`."""
    engine = open_records(str(records)).store.engine
    return Store(engine, AUTHOR, Ticking())


def listed(store: Store, rule: RetentionRule = RULE, now: str = "2036-12-01T09:00") -> list[str]:
    return [each.record_number for each in retained(store, rule, at(now))]


def test_without_the_rule_of_the_clinic_nobody_is_listed(capsys: Captured) -> None:
    run("patient", "retention")
    assert "No retention rule is set." in capsys.readouterr().out
    assert read(capsys, "patient", "retention") == []
    for half in (("--years", "10"), ("--born-before", "2010-01-01")):
        run("patient", "retention", *half, code=2)
        assert "Give both --years and --born-before" in capsys.readouterr().err
    for wrong in (("0", "2010-01-01"), ("ten", "2010-01-01"), ("10", "[/]"), ("10", "01/02/2010")):
        run("patient", "retention", "--years", wrong[0], "--born-before", wrong[1], code=2)


def test_the_rule_can_be_a_setting(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[clinic]\nretention_years = "10"\nretention_born_before = "2010-01-01"\n', encoding="utf-8"
    )
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(settings))
    run("patient", "retention")
    assert "without an entry for 10 years, born before 1 Jan 2010." in capsys.readouterr().out


def test_a_record_without_an_entry_for_the_years_is_listed(store: Store) -> None:
    store.add_patient(a_patient("OLD-1", born="2009-12-31"))
    assert "OLD-1" not in listed(store, now="2036-11-05T09:00")  # ten years to the day
    assert "OLD-1" in listed(store, now="2036-11-06T09:00")


@pytest.mark.parametrize(
    ("born", "is_listed"), [("2009-12-31", True), ("2010-01-01", False), ("2009", True),
                            ("2010", False)],
)  # fmt: skip
def test_who_may_be_a_minor_by_the_rule_of_the_clinic_is_kept(
    store: Store, born: str, *, is_listed: bool
) -> None:
    from dosing.birth_date import read_birth  # noqa: PLC0415 - as much as is known

    store.add_patient(a_patient("OLD-2", born=read_birth(born)))
    assert ("OLD-2" in listed(store)) == is_listed


def test_any_later_entry_void_end_or_date_keeps_a_record(store: Store) -> None:
    number = store.add_patient(a_patient("OLD-3", born="2000-01-01")).number
    note = store.add(number, a_note("old"))
    assert "OLD-3" in listed(store)
    planned = store.add(number, Note(on=date(2027, 1, 1), text="a date that an entry names"))
    assert "OLD-3" not in listed(store)
    store.void(planned.number, "a wrong date")  # it stays readable, and counts
    assert "OLD-3" not in listed(store)
    late = Store(store.engine, AUTHOR, Ticking("2030-01-01T08:00"))
    late.void(note.number, "years later")
    assert "OLD-3" not in listed(store, now="2039-12-01T09:00")
    assert "OLD-3" in listed(store, now="2040-01-02T09:00")


def test_a_dose_without_an_end_is_to_be_answered_first(store: Store) -> None:
    number = store.add_patient(a_patient("OLD-4", born="2000-01-01")).number
    store.add(number, a_dose())
    [found] = [each for each in retained(store, RULE, LATER) if each.record_number == "OLD-4"]
    assert found.keeps == "the dose has no end: record it"


def test_a_voided_record_stays_while_another_one_of_its_number_goes_on(store: Store) -> None:
    """The removal of a record number erases every record of it."""
    former = store.add_patient(a_patient("OLD-6", born="2000-01-01")).number
    store.void(former, "another person's number")
    later = Store(store.engine, AUTHOR, Ticking("2036-11-20T09:00"))
    later.add_patient(a_patient("OLD-6", "Sample New", born="2000-01-01"))
    assert "OLD-6" not in listed(store)
    assert listed(store, now="2046-12-01T09:00").count("OLD-6") == 2


def test_a_merged_record_is_listed_with_the_one_that_stays(store: Store) -> None:
    for number in ("OLD-7", "OLD-8"):
        store.add_patient(a_patient(number, born="2000-01-01"))
    revision, plan = read_merge(store, "OLD-7", "OLD-8")
    assert isinstance(plan, MergePlan)
    write_merge(store, plan, "one person", revision, at("2026-11-05T10:00"))
    assert [each for each in listed(store) if each > "OLD-6"] == ["OLD-8"]
    stays = store.find("OLD-8")
    store.change_patient(
        stays.number, a_patient("OLD-9", born="2000-01-01"), revision=stays.revision
    )
    assert [each for each in listed(store) if each > "OLD-6"] == ["OLD-9"]
    with pytest.raises(RecordsError, match=r"was merged into OLD-9\. Remove OLD-9"):
        plan_removal(store, "OLD-7")


def test_a_voided_record_is_listed_too(store: Store) -> None:
    number = store.add_patient(a_patient("OLD-5", born="2000-01-01")).number
    store.void(number, "typed twice")
    assert "OLD-5" in listed(store)

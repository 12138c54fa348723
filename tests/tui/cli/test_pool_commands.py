"""`sirolimus cohort share` and `sirolimus cohort pool` as a person or a program runs them."""

import json
import random
import stat
from pathlib import Path

import pytest

from monitoring.exchange.levels_table import write_table
from monitoring.pooling.share_file import read_share, share_text
from monitoring.times import Moment
from tests.builders import a_dose, a_level, a_record, with_patient
from tests.monitoring.pooling.clinics import successive_shares
from tests.tui.commands import Captured, read, run

pytestmark = pytest.mark.usefixtures("records")


def add_patients(first: int, count: int) -> None:
    day = str(Moment.now("UTC").local.date())
    for number in range(first, first + count):
        mrn = f"P{number}"
        run("patient", "add", "--mrn", mrn, "--name", f"Sample [/] {number}", "--born",
            "2016-05-01", "--sex", "male" if number % 2 else "female", "--anomaly",
            "lymphatic-malformation")  # fmt: skip
        run("measure", "add", mrn, "--weight", "27kg", "--height", "130cm", "--on", day)
        run("prescribe", mrn, "--dose", "0.8mg", "--times-a-day", "2", "--from", f"{day}T00:00")


def test_a_clinic_shares_and_a_pool_is_printed(
    capsys: Captured, tmp_path: Path, state_folder: Path
) -> None:
    share = tmp_path / "clinic.json"
    add_patients(0, 4)
    capsys.readouterr()
    run("cohort", "share", "--out", str(share), code=2)
    assert "4 treated patients of 5 needed" in capsys.readouterr().err
    assert not share.exists()
    assert not (state_folder / "shares.json").exists()

    add_patients(4, 6)
    capsys.readouterr()
    run("cohort", "share")
    assert "Nothing was written. A share has 10 treated patients" in capsys.readouterr().out
    assert not (state_folder / "shares.json").exists()
    run("cohort", "share", "--out", str(share))
    out = capsys.readouterr().out
    found = read_share(share)
    assert f"Fingerprint of the clinic's key: {found.fingerprint}" in out
    assert found.share.treated == 10
    assert found.share.partition("sex").bounds_of(["female"]).low == 5
    assert stat.S_IMODE(share.stat().st_mode) == 0o600
    assert stat.S_IMODE((state_folder / "shares.json").stat().st_mode) == 0o600
    assert "Sample" not in share.read_text(encoding="utf-8")

    cohort = read(capsys, "cohort")
    pool = read(capsys, "cohort", "pool", str(share))
    for raw, mine in zip(cohort["tables"], pool["tables"], strict=True):
        assert (mine["key"], mine["title"]) == (raw["key"], raw["title"])
        counts = {row["name"]: row["count"] for row in raw["rows"]}
        for row in mine["rows"]:
            assert row["count"]["low"] <= counts.get(row["name"], 0) <= row["count"]["high"]

    add_patients(10, 4)
    capsys.readouterr()
    run("cohort", "share", "--out", str(tmp_path / "more.json"), code=2)
    assert "4 new patients since the last share" in capsys.readouterr().err
    add_patients(14, 1)
    document = read(capsys, "cohort", "share", "--out", str(tmp_path / "more.json"))
    assert (document["treated"], document["fingerprint"]) == (15, found.fingerprint)
    run("cohort", "share", "--out", str(share), code=2)  # the file exists

    other = tmp_path / "other.json"
    other.write_text(share_text(successive_shares(random.Random(1), [60])[0][1], b"2" * 32))
    capsys.readouterr()
    files = [str(each) for each in (share, tmp_path / "more.json", other)]
    pdf = tmp_path / "pool.pdf"
    document = read(capsys, "cohort", "pool", *files, "--pdf", str(pdf))
    assert document["treated"] == 75
    assert [each["treated"] for each in document["replaced"]] == [10]
    assert pdf.read_bytes().startswith(b"%PDF")
    run("cohort", "pool", *files)
    page = capsys.readouterr().out
    assert "2 clinics, 75 treated patients." in page
    assert "1 share was left out" in page
    for each in (found, read_share(other)):
        assert each.fingerprint in page
    assert max(map(len, page.splitlines())) <= 80
    json.dumps(document, allow_nan=False)


def test_what_cannot_be_pooled_is_refused_in_words(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "[red]=1+1.json"
    file.write_text("{}")
    for arguments, words in (
        (("cohort", "pool", str(file)), "is not a share of a clinic"),
        (("cohort", "pool", str(tmp_path / "none.json")), "cannot be read"),
        (("cohort", "pool"), "the following arguments are required: FILE"),
        (("cohort", "--csv", "x.csv", "pool", str(file)), "Leave share, pool and levels out"),
    ):
        capsys.readouterr()
        run(*arguments, code=2)
        assert words in capsys.readouterr().err


def test_records_chosen_before_the_action_are_those_that_are_shared(
    capsys: Captured, tmp_path: Path
) -> None:
    capsys.readouterr()
    place = str(tmp_path / "elsewhere.sqlite")
    run("cohort", "--records", place, "share", "--out", str(tmp_path / "a.json"), code=2)
    assert "elsewhere.sqlite" in capsys.readouterr().err


def test_the_levels_of_tables_are_pooled_and_printed(capsys: Captured, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is an extra: sirolimus-assistant[pool]")
    north, south = tmp_path / "north.csv", tmp_path / "south.csv"
    records = [
        a_record(a_dose("2026-09-01T08:00"), a_level(f"{value} ng/mL", "2026-10-20T08:00"))
        for value in ("7.2", "18", "9")
    ]
    write_table(records[:1], north)
    write_table([with_patient(each, record_number=str(n)) for n, each in enumerate(records[1:])],
                south)  # fmt: skip
    run("cohort", "levels", str(north), str(south))
    out = capsys.readouterr().out
    assert "Levels in ng/mL, neither voided nor excluded" in out
    assert "Within the target, between 2 clinics: 50.0 to 100.0 %." in out
    found = read(capsys, "cohort", "levels", str(north), str(south))
    assert [each["file"] for each in found["clinics"]] == [str(north), str(south)]
    together = found["together"]
    assert (together["patients"], together["levels"], together["within"]) == (3, 3, 2)
    assert together["quartiles_ng_ml"] == [8.1, 9, 13.5]
    assert together["mean_ng_ml"] == pytest.approx(11.4)
    run("cohort", "levels", "--plain", str(south))
    assert "all, mean, SD: 13.50, 6.36" in capsys.readouterr().out


def test_a_table_of_levels_that_is_none_is_named(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("day,note\n", encoding="utf-8")
    run("cohort", "levels", str(file), code=2)
    assert "notes.csv is no table of levels. Write it again" in capsys.readouterr().err
    run("cohort", "--csv", "a.csv", "levels", str(file), code=2)
    assert "--csv is for this clinic alone" in capsys.readouterr().err

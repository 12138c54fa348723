"""The track record: the clinic's own figures, kept outside the records, with date and tables."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dosing.build import this_build
from dosing.pharmacokinetics import model_named
from monitoring.cohort import cohort
from monitoring.evaluation import track_record as module
from monitoring.evaluation.performance import PredictivePerformanceKeeper
from monitoring.evaluation.track_record import (
    TrackRecord,
    keep_track_record,
    track_record,
)
from monitoring.store.opening import open_records
from monitoring.store.store import Store
from reports.presentation.track_record import track_record_line
from tests.builders import a_patient, at, later
from tests.monitoring.recommendation.records import (
    NOW,
    SAMPLED,
    child,
    usual_body,
    usual_dose,
    usual_level,
)

FAN = model_named("fan2024")
FILE = "track-records.json"
WORDS = (
    "on this clinic's 41 levels: within 30 % in 61 %, label rule 58 %, last level 55 % "
    "(17 patients, 17 Mar 2026)"
)


def a_track_record(**changes: object) -> TrackRecord:
    stated = TrackRecord(
        at=str(NOW), zone=NOW.zone, levels=41, patients=17, model="average", within_30=0.61,
        within_30_low=0.45, within_30_high=0.75, last_level_within_30=0.55, label_within_30=0.58,
    )  # fmt: skip
    return replace(stated, **changes)  # type: ignore[arg-type]  # one of its fields


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("SIROLIMUS_STATE", str(folder))
    return folder


@pytest.fixture
def store(tmp_path: Path, state: Path) -> Store:
    assert state.name
    store = open_records(str(tmp_path / "records.sqlite"), create=True).store
    store.add_patient(a_patient())
    return store


def evaluated(*levels: str) -> PredictivePerformanceKeeper:
    keeper = PredictivePerformanceKeeper([FAN])
    sampled = [usual_level(each, later(SAMPLED, days=7 * place)) for place, each in
               enumerate(levels)]  # fmt: skip
    keeper.add([child(usual_body(), usual_dose(), *sampled)])
    return keeper


def keep(store: Store, *levels: str) -> None:
    keep_track_record(store, evaluated(*levels).result.answered_by, NOW)


def test_the_line_has_the_number_of_levels_and_the_date() -> None:
    assert track_record_line(a_track_record()) == WORDS


def test_it_is_honest_where_there_is_none() -> None:
    assert "not computed here yet" in track_record_line(None)
    nothing = a_track_record(
        levels=0, patients=0, within_30=None, within_30_low=None, within_30_high=None,
        last_level_within_30=None, label_within_30=None,
    )  # fmt: skip
    line = track_record_line(nothing)
    assert line == "no level could be predicted from earlier ones (17 Mar 2026)"
    assert nothing.to_dict()["f30"] is None


def test_it_is_kept_beside_the_records_and_not_in_them(store: Store, state: Path) -> None:
    before = store.head()
    assert track_record(store) is None
    keep(store, "9.486 ng/mL", "9.5 ng/mL", "20 ng/mL")
    found = track_record(store)
    assert found is not None
    assert (found.levels, found.patients, found.model) == (2, 1, "fan2024")
    assert (found.within_30, found.label_within_30) == (0.5, 0.5)
    assert store.head() == before
    assert (state / FILE).stat().st_mode & 0o077 == 0
    assert "Łukasz" not in (state / FILE).read_text()


def test_a_clinic_without_levels_keeps_that(store: Store) -> None:
    keep(store)
    found = track_record(store)
    assert found is not None
    assert (found.levels, found.within_30) == (0, None)


def test_a_later_one_takes_its_place_and_other_records_have_their_own(
    store: Store, tmp_path: Path
) -> None:
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    keep(store, "9.486 ng/mL", "9.5 ng/mL", "9.4 ng/mL")
    found = track_record(store)
    assert found is not None
    assert found.levels == 2
    other = open_records(str(tmp_path / "other.sqlite"), create=True).store
    other.add_patient(a_patient("00777"))
    assert track_record(other) is None


def test_figures_of_other_clinical_tables_are_not_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    other = replace(this_build(), tables_hash="0" * 64)
    monkeypatch.setattr(module, "this_build", lambda: other)
    assert track_record(store) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"tables": 3}', "[" * 10_000, '{"records": {"a": 1}}',
        '{"format": 1, "tables": "HASH", "records": {"RECORDS": {"levels": -1}}}',
        '{"format": 1, "tables": "HASH", "records": {"RECORDS": []}}',
        '{"format": 1, "tables": "HASH", "records": [1]}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_none_and_is_written_again(store: Store, state: Path, text: str) -> None:
    state.mkdir(exist_ok=True)
    records = store.watch.records
    assert records is not None
    text = text.replace("HASH", this_build().label).replace("RECORDS", records)
    (state / FILE).write_text(text)
    assert track_record(store) is None
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    assert track_record(store) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"levels": -1}, {"levels": 1.5}, {"levels": "41"}, {"patients": True}, {"within_30": 1.01},
        {"within_30": -0.01}, {"within_30": "0.6"}, {"within_30": None}, {"levels": 0},
        {"at": "yesterday"}, {"zone": "Mars/Olympus"}, {"model": "\x1b[31m"}, {"model": "Łukasz"},
        {"within_30": float("nan")},
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        a_track_record(**change)


def test_nothing_is_kept_of_records_to_throw_away(tmp_path: Path, state: Path) -> None:
    store = open_records(str(tmp_path / "demo.sqlite"), create=True, throw_away=True).store
    store.add_patient(a_patient())
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    assert track_record(store) is None
    assert not (state / FILE).exists()


def test_a_state_folder_that_cannot_be_written_is_no_fault(store: Store, state: Path) -> None:
    for each in state.iterdir():
        each.unlink()
    state.rmdir()
    state.write_text("a file is in its place")
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    assert track_record(store) is None


def test_the_file_is_of_the_hundred_records_evaluated_last(store: Store, state: Path) -> None:
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    document = json.loads((state / FILE).read_text())
    (one,) = document["records"].values()
    document["records"] = {f"{number:064x}": one for number in range(1, 120)}
    (state / FILE).write_text(json.dumps(document))
    keep(store, "9.486 ng/mL", "9.5 ng/mL")
    kept = json.loads((state / FILE).read_text())["records"]
    assert len(kept) == 100
    assert next(iter(kept)) == store.watch.records


def test_the_cohort_answers_by_the_average_of_the_models() -> None:
    levels = (usual_level(), usual_level("13 ng/mL", later(SAMPLED, days=7)))
    found = cohort([child(usual_body(), usual_dose(), *levels)], at("2026-06-01T08:00")).forecasts
    assert [each.key for each in found.models] == ["chen2021", "fan2024"]
    assert found.answered_by.key == "average"

"""Opening records: reading begins none, and a file that vanishes while it is open stays away."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import NoRecordsError, RecordsError
from monitoring.store.opening import open_records
from monitoring.store.schema import prepare
from tests.builders import a_patient
from tests.stores import store_of


def test_open_records_reads_and_begins_only_where_it_is_asked_to(
    bare_place: Place, tmp_path: Path
) -> None:
    place = bare_place.url
    with pytest.raises(NoRecordsError):
        open_records(place)
    assert list(tmp_path.iterdir()) == []
    assert open_records(place, create=True).is_new
    assert not open_records(place, create=True).is_new
    assert not open_records(place).is_new


def test_an_empty_database_is_no_records(bare_place: Place) -> None:
    engine = engine_of(bare_place, create=True)
    with pytest.raises(NoRecordsError):
        prepare(engine, before_upgrade=lambda: None, create=False)
    assert prepare(engine, before_upgrade=lambda: None)
    assert not prepare(engine, before_upgrade=lambda: None, create=False)


def test_a_file_that_vanishes_while_it_is_open_is_not_made_again(
    new_sqlite: Callable[[], Place],
) -> None:
    """As a share that is disconnected: SQLite would make an empty file in its place."""
    place = new_sqlite()
    store = store_of(engine_of(place))
    store.add_patient(a_patient())
    assert place.file is not None
    place.file.rename(place.file.with_suffix(".away"))
    for use in (store.last_change, lambda: store.add_patient(a_patient("00124"))):
        with pytest.raises(RecordsError, match="cannot be opened"):
            use()
    assert not place.file.exists()


def test_a_place_is_shown_without_its_password(tmp_path: Path) -> None:
    assert str(Place.of(str(tmp_path / "a b.sqlite"))) == str(tmp_path / "a b.sqlite")
    shown = str(Place(None, "postgresql://ann:s3cret@ward.example/records"))
    assert "ward.example/records" in shown
    assert "s3cret" not in shown

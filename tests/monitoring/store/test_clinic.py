"""The roles of a clinic on a server: who may read, write, void and own, and who wrote."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from monitoring.exchange.export import export, restore_export
from monitoring.exchange.patient_removal import (
    export_patient,
    plan_removal,
    remove_patient,
)
from monitoring.exchange.waiting import drop_waiting, open_waiting
from monitoring.record.removal import Removal
from monitoring.store.backup import back_up, restore
from monitoring.store.connection import Place, engine_of
from monitoring.store.errors import RecordsError
from monitoring.store.opening import Records, open_records
from monitoring.store.server.clinic import grant_role, init_clinic
from monitoring.store.server.roles import ClinicRole
from monitoring.store.store import Store
from monitoring.store.verify import verify
from monitoring.times import Moment
from monitoring.worklist_index.index import WorklistIndex, rows_of_all
from tests.builders import AUTHOR, a_limit_set, a_note, a_patient
from tests.monitoring.exchange.incoming_items import an_item, brought_in, who
from tests.stores import changes_of, filled_before, store_of
from tests.tui.commands import Captured, read, run

_numbers = count(1)
HOSTILE = 'Łukasz "; DROP TABLE audit; -- [/] =1+1 50%'
"""The end of each name of a login, a database and so of its groups, in these tests."""


class Clinic:
    """A database with its roles and a login of each, all with hostile names."""

    def __init__(self, url: str) -> None:
        self._url, self._server = make_url(url), make_url(url).set(database="postgres")
        self.name = f"c{next(_numbers)} {HOSTILE}"
        self.on_server("CREATE DATABASE {}", self.name)
        self.logins: list[str] = []
        self.administrator = engine_of(self.place(AUTHOR))

    def place(self, login: str) -> Place:
        return Place.of(self._url.set(database=self.name, username=login).render_as_string())

    def login(self, role: ClinicRole | None) -> str:
        """Make a login with a role."""
        login = f"{role or 'nobody'} {next(_numbers)} {HOSTILE}"
        self.on_server("CREATE ROLE {} LOGIN", login)
        self.logins.append(login)
        if role is not None:
            grant_role(self.administrator, login, role)
        return login

    def records(self, login: str, author: str | None = None) -> Records:
        return open_records(self.place(login).url, author, create=True)

    def drop(self) -> None:
        self.on_server("DROP DATABASE {} WITH (FORCE)", self.name)
        for name in (*self.logins, *(f"{self.name}_{role}" for role in reversed(ClinicRole))):
            self.on_server("DROP ROLE IF EXISTS {}", name)

    def on_server(self, statement: str, *names: str) -> None:
        """Run a statement with quoted names on the server, past any database of a clinic."""
        quoted = sql.SQL(statement).format(*map(sql.Identifier, names))
        folder = str(self._server.query["host"])
        with psycopg.connect(
            host=folder, user=AUTHOR, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(quoted)


@pytest.fixture
def bare_clinic(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clinic]:
    """Give a database in which nothing was made."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SIROLIMUS_USER", raising=False)
    clinic = Clinic(postgres_url.format("postgres"))
    yield clinic
    clinic.drop()


@pytest.fixture
def clinic(bare_clinic: Clinic) -> Clinic:
    """Give a clinic that is set up, without a patient."""
    init_clinic(bare_clinic.administrator, lambda: None)
    return bare_clinic


def test_each_role_does_its_part_and_the_author_is_the_login(clinic: Clinic) -> None:
    ann, bea, vera, rosa = (
        clinic.login(role)
        for role in (ClinicRole.WRITER, ClinicRole.WRITER, ClinicRole.VOIDER, ClinicRole.READER)
    )
    of_ann, of_bea = clinic.records(ann).store, clinic.records(bea, "Dr Ünal").store
    patient = of_ann.add_patient(a_patient()).number
    first, second, third = (of_ann.add(patient, a_note(str(each))).number for each in range(3))
    noted = of_bea.add(patient, a_note("on behalf")).number
    by_number = {each.number: each.author.by for each in of_ann.read(patient).entries}
    assert by_number == {
        **dict.fromkeys((patient, first, second, third), ann),
        noted: f"{bea} on behalf of Dr Ünal",
    }

    of_ann.void(first, "by its author")
    of_bea.void(noted, "by its author, who wrote on behalf of another")
    with pytest.raises(RecordsError, match="voided by them, or by a login with the role voider"):
        of_bea.void(second, "of another author")
    clinic.records(vera).store.void(second, "by a voider")

    reader = clinic.records(rosa).store
    assert [each.is_active for each in reader.read(patient).entries] == [
        True, False, False, True, False,
    ]  # fmt: skip
    with pytest.raises(RecordsError, match="this login may not do that"):
        reader.add(patient, a_note())
    with pytest.raises(RecordsError, match="this login may not do that"):
        reader.void(third, "no right")
    found = verify(reader.engine)
    assert (found.findings, found.changes) == ((), 8)


def test_the_owner_alone_changes_the_limits(clinic: Clinic) -> None:
    writer, voider = clinic.login(ClinicRole.WRITER), clinic.login(ClinicRole.VOIDER)
    owner, signed = clinic.login(ClinicRole.OWNER), a_limit_set(step_stop="4")
    for login in (writer, voider):
        with pytest.raises(RecordsError, match="this login may not do that"):
            clinic.records(login).store.add_limits(signed, 0)
    clinic.records(owner).store.add_limits(signed, 0)
    assert clinic.records(writer).store.limits() == signed.limits  # everybody reads them
    (kept,) = clinic.records(writer).store.limit_sets()
    assert kept.author.by == owner
    assert verify(clinic.administrator).is_whole


_COPIED = "INSERT INTO audit SELECT 9, at_utc, at_zone, {}, kind, patient, hash FROM audit"
NO_RIGHT, NOT_THE_AUTHOR = "42501", "SR001"


def execute(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction, as somebody could who has left the program aside."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("state", "statements"),
    [
        (NOT_THE_AUTHOR, [_COPIED.format("'Dr Other'")]),
        (NOT_THE_AUTHOR, [_COPIED.format("session_user || ' on behalf'")]),
        (NOT_THE_AUTHOR, [_COPIED.format("upper(session_user)")]),
        (
            NOT_THE_AUTHOR,
            ["SET LOCAL sirolimus.copying = 'on'", _COPIED.format("'Dr Other'")],
        ),
        (NO_RIGHT, ["SET LOCAL session_replication_role = replica"]),
        (NO_RIGHT, ["SET SESSION AUTHORIZATION 'Dr Example'"]),
        (NO_RIGHT, ["ALTER TABLE audit DISABLE TRIGGER USER"]),
        (NO_RIGHT, ["DROP TRIGGER audit_author ON audit"]),
        (NO_RIGHT, ["UPDATE audit SET \"by\" = 'Dr Other'"]),
        (NO_RIGHT, ["DELETE FROM patient"]),
        (NO_RIGHT, ["TRUNCATE audit CASCADE"]),
        (NO_RIGHT, ["CREATE TABLE theirs (a integer)"]),
        (NO_RIGHT, ["CREATE TEMP TABLE audit (a integer)"]),
        (NO_RIGHT, ["UPDATE alembic_version SET version_num = '0001'"]),
        (NO_RIGHT, ["INSERT INTO alembic_version VALUES ('0001')"]),
    ],
)
def test_a_writer_adds_entries_of_its_own_and_nothing_else(
    state: str, statements: list[str], writers: tuple[Clinic, str]
) -> None:
    clinic, ann = writers
    engine = engine_of(clinic.place(ann))
    with pytest.raises(DBAPIError) as refused:
        execute(engine, *statements)
    assert getattr(refused.value.orig, "sqlstate", None) == state
    assert verify(engine).is_whole


@pytest.fixture(scope="module")
def writers(postgres_url: str) -> Iterator[tuple[Clinic, str]]:
    """Give a clinic with one patient, and a writer."""
    clinic = Clinic(postgres_url.format("postgres"))
    init_clinic(clinic.administrator, lambda: None)
    store_of(clinic.administrator).add_patient(a_patient())
    yield clinic, clinic.login(ClinicRole.WRITER)
    clinic.drop()


def test_no_trick_with_names_voids_the_entry_of_another(clinic: Clinic) -> None:
    """A writer whose own operator and table are found first is refused all the same."""
    store_of(clinic.administrator).add_patient(a_patient())
    ann = clinic.login(ClinicRole.WRITER)
    execute(
        clinic.administrator,
        "CREATE SCHEMA theirs",
        "GRANT ALL ON SCHEMA theirs TO PUBLIC",
    )
    engine = engine_of(clinic.place(ann))
    same = "CREATE FUNCTION theirs.same(text, name) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
    execute(
        engine,
        'CREATE TABLE theirs.audit (number integer, "by" text)',
        "INSERT INTO theirs.audit VALUES (1, session_user)",
        same,
        "CREATE OPERATOR theirs.= (LEFTARG = text, RIGHTARG = name, FUNCTION = theirs.same)",
    )
    link = "SELECT 2, at_utc, at_zone, session_user, 'void', 1, hash FROM public.audit"
    with pytest.raises(DBAPIError, match="another author"):
        execute(
            engine,
            "SET LOCAL search_path = theirs, pg_catalog, public",
            f"INSERT INTO public.audit {link}",
            "INSERT INTO public.void VALUES (2, 1, 1, 'not mine')",
        )
    assert verify(clinic.administrator).changes == 1


def test_a_clinic_is_closed_to_logins_of_another(clinic: Clinic, postgres_url: str) -> None:
    store_of(clinic.administrator).add_patient(a_patient())
    other = Clinic(postgres_url.format("postgres"))
    try:
        init_clinic(other.administrator, lambda: None)
        for stranger in (other.login(ClinicRole.OWNER), other.login(None)):
            with pytest.raises(RecordsError, match="this login has no role there"):
                clinic.records(stranger)
    finally:
        other.drop()


def test_a_role_that_is_taken_back_ends_at_once(clinic: Clinic) -> None:
    ann = clinic.login(ClinicRole.WRITER)
    store = clinic.records(ann).store
    patient = store.add_patient(a_patient()).number
    grant_role(clinic.administrator, ann, ClinicRole.READER)
    with pytest.raises(RecordsError, match="this login may not do that"):
        store.add(patient, a_note())
    grant_role(clinic.administrator, ann, None)
    with pytest.raises(RecordsError, match="this login has no role there"):
        store.read(patient)


def test_an_owner_restores_and_imports_the_entries_of_others(
    clinic: Clinic, tmp_path: Path
) -> None:
    owner, ann = clinic.login(ClinicRole.OWNER), clinic.login(ClinicRole.WRITER)
    clinic.records(ann).store.add_patient(a_patient())
    engine = clinic.records(owner).store.engine
    kept = back_up(engine, tmp_path / "copy.sqlite")
    clinic.records(ann).store.add(1, a_note("after the backup"))
    with pytest.raises(RecordsError, match="this login may not do that"):
        restore(clinic.place(ann), tmp_path / "copy.sqlite")
    restored, _ = restore(clinic.place(owner), tmp_path / "copy.sqlite")
    assert (restored.head, restored.findings) == (kept.head, ())
    # The roles are as before: a writer writes, and another owner restores again.
    clinic.records(ann).store.add(1, a_note("after the restore"))
    second = clinic.login(ClinicRole.OWNER)
    restored, _ = restore(clinic.place(second), tmp_path / "copy.sqlite")
    assert restored.head == kept.head


def test_a_writer_imports_no_export_of_others(
    clinic: Clinic, filled_store: Store, tmp_path: Path
) -> None:
    export(filled_store.engine, tmp_path / "export")
    ann, owner = clinic.login(ClinicRole.WRITER), clinic.login(ClinicRole.OWNER)
    with pytest.raises(RecordsError, match="the owner alone stores entries of other authors"):
        restore_export(clinic.records(ann).store.engine, tmp_path / "export")
    found = restore_export(clinic.records(owner).store.engine, tmp_path / "export")
    assert found.head == verify(filled_store.engine).head


def test_only_an_owner_removes_a_patient(clinic: Clinic, tmp_path: Path) -> None:
    ann, owner = clinic.login(ClinicRole.WRITER), clinic.login(ClinicRole.OWNER)
    writer, own = clinic.records(ann), clinic.records(owner)
    writer.store.add_patient(a_patient("gone"))
    with pytest.raises(RecordsError, match="Only an owner of the records removes a patient"):
        plan_removal(writer.store, "gone")
    forged = Removal(of=1, changes=1, seal="0" * 64, signs=("abc",), reason="no right")
    with pytest.raises(RecordsError, match="this login may not do that"):
        writer.store.add(1, forged)
    plan = plan_removal(own.store, "gone")
    export_patient(own.store, plan, tmp_path / "out")
    assert remove_patient(own, plan, "retention ended").is_whole
    assert writer.store.add_patient(a_patient("gone")).number == 3
    assert verify(clinic.administrator).is_whole


def test_records_of_an_earlier_schema_are_upgraded_by_the_owner_alone(
    bare_clinic: Clinic, filled_store: Store
) -> None:
    changes = changes_of(filled_store.engine)
    place = bare_clinic.place(AUTHOR)
    filled_before(place, changes, "0003")
    before = verify(filled_store.engine).head
    init_clinic(bare_clinic.administrator, lambda: None)
    found = verify(bare_clinic.administrator)
    assert (found.head, found.findings) == (before, ())
    with bare_clinic.administrator.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
        for trigger, table in (("audit_author", "audit"), ("void_allowed", "void")):
            connection.execute(text(f"DROP TRIGGER {trigger} ON {table}"))
        for function in ("author_is_login", "void_is_allowed"):
            connection.execute(text(f"DROP FUNCTION {function}"))
        for table in (
            "supply", "removal", "dose_check", "clinic_limits", "copy_log", "print_log",
            "worklist_line", "waiting_end", "waiting",
        ):  # fmt: skip
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE patient DROP COLUMN cyp3a5"))
    with pytest.raises(RecordsError, match="this login may not do that"):
        bare_clinic.records(bare_clinic.login(ClinicRole.WRITER))
    owner = bare_clinic.login(ClinicRole.OWNER)
    assert verify(bare_clinic.records(owner).store.engine).findings == ()


def test_the_guards_are_looked_for_by_verify(clinic: Clinic) -> None:
    with clinic.administrator.begin() as connection:
        connection.execute(text("DROP TRIGGER void_allowed ON void"))
    assert [each.where for each in verify(clinic.administrator).findings] == ["the schema"]


# --- setting up, by command


def test_a_clinic_is_set_up_by_commands(bare_clinic: Clinic, capsys: Captured) -> None:
    place = ("--records", bare_clinic.place(AUTHOR).url.replace("+psycopg", ""))
    run("clinic", "roles", *place, code=2)
    assert "sirolimus clinic init" in capsys.readouterr().err
    for _ in range(2):
        run("clinic", "init", *place)
    ann, olga = bare_clinic.login(None), bare_clinic.login(None)
    run("clinic", "grant", ann, "voider", *place)
    run("clinic", "grant", olga, "owner", *place)
    assert read(capsys, "clinic", "roles", *place) == sorted(
        (
            {"login": ann, "role": "voider"},
            {"login": olga, "role": "owner"},
            {"login": AUTHOR, "role": "superuser"},
        ),
        key=lambda each: each["login"],
    )
    for login, role, words in (
        (ann, "owner", "has the role voider"),
        (olga, "reader", "has the role owner"),
        (AUTHOR, "writer", "a superuser, whom no role restrains"),
        ("of nobody", "reader", "does not exist"),
        ("ann on behalf of Dr Example", "writer", "mistaken for another author"),
    ):
        run("clinic", "grant", login, role, *place, code=2)
        assert words in capsys.readouterr().err
    run("clinic", "grant", olga, "none", *place)
    assert olga not in str(read(capsys, "clinic", "roles", *place))


def test_a_group_that_somebody_else_made_is_left_alone(bare_clinic: Clinic) -> None:
    bare_clinic.on_server("CREATE ROLE {} LOGIN", f"{bare_clinic.name}_owner")
    with pytest.raises(RecordsError, match="The server has another role"):
        init_clinic(bare_clinic.administrator, lambda: None)


def test_records_in_a_file_have_no_roles(tmp_path: Path, capsys: Captured) -> None:
    place = ("--records", str(tmp_path / "records.sqlite"))
    for typed in (("init",), ("grant", "ann", "reader"), ("roles",)):
        run("clinic", *typed, *place, code=2)
        assert "Roles are those of a PostgreSQL server" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# --- waiting results


def test_a_writer_keeps_waiting_results_and_a_reader_only_reads_them(clinic: Clinic) -> None:
    ann, rosa = clinic.login(ClinicRole.WRITER), clinic.login(ClinicRole.READER)
    writer, reader = clinic.records(ann), clinic.records(rosa)
    item = an_item(patient=who("777"))
    brought_in(writer, item, item)
    (waits,) = open_waiting(reader.store.engine)
    assert (waits.item, waits.received.by) == (item, ann)
    with pytest.raises(RecordsError, match="this login may not do that"):
        brought_in(reader, an_item("8.0 ng/mL", patient=who("777")))
    with pytest.raises(RecordsError, match="this login may not do that"):
        drop_waiting(reader.store, waits.number, "no right")
    drop_waiting(writer.store, waits.number, "a test")
    assert list(open_waiting(reader.store.engine)) == []
    assert verify(reader.store.engine).is_whole


# --- the index of the worklist


def test_a_reader_uses_the_lines_that_writers_keep(clinic: Clinic) -> None:
    ann, rosa = clinic.login(ClinicRole.WRITER), clinic.login(ClinicRole.READER)
    writer, reader = clinic.records(ann).store, clinic.records(rosa).store
    number = writer.add_patient(a_patient("index")).number
    now = Moment.now("Europe/Paris")
    index = WorklistIndex(reader, now)
    index.keep(index.summaries_of([number]))
    assert not index.is_kept
    rows = rows_of_all(reader, now)
    assert all(each.row is None for each in index.patients())
    for _ in range(2):  # a line may be replaced
        writer.add(number, a_note("seen"))
        assert rows_of_all(writer, now) == rows
        assert [each.row for each in index.patients()] == rows
    assert verify(writer.engine).is_whole

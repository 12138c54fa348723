"""Encrypted records by command: encrypt, decrypt, key, and the others with a passphrase."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from monitoring.store.connection import Place, is_plain
from monitoring.store.encryption.in_place import encrypt
from monitoring.store.encryption.key_file import KeyFile, key_file_of
from monitoring.store.encryption.key_ring import KEY_RING
from monitoring.store.verify import verify
from tests.encrypted import CHEAP, PASSPHRASE, a_key_file, plain_place
from tests.stores import prepared
from tests.tui.commands import Captured, run
from tui.cli.main import main

pytestmark = pytest.mark.usefixtures("empty_key_ring")

NEW = "another long passphrase =1+1"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the passphrase cheaply: its usual work is measured by a benchmark."""
    monkeypatch.setattr(KeyFile.new.__func__, "__defaults__", (CHEAP,))  # type: ignore[attr-defined]


@pytest.fixture
def plain(tmp_path: Path) -> Place:
    return plain_place(tmp_path / "records.sqlite")


@pytest.fixture
def place(plain: Place) -> Place:
    """Return encrypted records, whose key is not held."""
    made, key, _ = a_key_file()
    encrypt(plain, made, key)
    KEY_RING.lock()
    return plain


@pytest.fixture
def pipes() -> Iterator[list[int]]:
    """Give the list of the file descriptors to close at the end."""
    opened: list[int] = []
    yield opened
    for each in opened:
        os.close(each)


def lines(pipes: list[int], *texts: str) -> str:
    """Return the number of a file descriptor that has these lines."""
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{each}\n" for each in texts).encode())
    os.close(writing)
    pipes.append(reading)
    return str(reading)


def at(place: Place) -> tuple[str, str]:
    return ("--records", str(place.file))


def encrypted_with(place: Place, pipes: list[int], *more: str) -> None:
    run("encrypt", *at(place), "--passphrase-fd", lines(pipes, PASSPHRASE), *more)


def code_in(printed: str) -> str:
    found = re.search(r"Recovery code: +((?:[0-9A-Z]{5}-){5}[0-9A-Z]{5})", printed)
    assert found, printed
    return found[1]


def test_encrypting_prints_the_recovery_code_once_and_every_command_works_with_it(
    plain: Place, pipes: list[int], capsys: Captured
) -> None:
    assert plain.file is not None
    head = verify(prepared(plain)).head
    encrypted_with(plain, pipes)
    printed = capsys.readouterr().out
    code = code_in(printed)
    assert f"Head {head}." in printed
    assert "a disk can keep traces" in printed
    assert not is_plain(plain.file)
    for typed in (PASSPHRASE, code, code.lower().replace("-", "")):
        KEY_RING.lock()
        run("verify", *at(plain), "--passphrase-fd", lines(pipes, typed))
        assert head in capsys.readouterr().out
    KEY_RING.lock()
    run("decrypt", *at(plain), "--passphrase-fd", lines(pipes, code))
    assert is_plain(plain.file)
    run("verify", *at(plain))
    assert head in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ("patient", "list"),
        ("history", "00000"),
        ("level", "list", "00000"),
        ("due",),
        ("cohort",),
        ("note", "add", "00000", "seen [/] Łukasz"),
        ("backup", "BACKUP"),
        ("export", "FOLDER", "--plain"),
    ],
    ids=" ".join,
)
def test_commands_work_on_encrypted_records(
    place: Place, pipes: list[int], tmp_path: Path, command: tuple[str, ...]
) -> None:
    named = {"BACKUP": str(tmp_path / "b.sqlite"), "FOLDER": str(tmp_path / "out")}
    words = [named.get(each, each) for each in command]
    run(*words, *at(place), "--passphrase-fd", lines(pipes, PASSPHRASE))


def test_without_a_terminal_the_way_is_named(place: Place) -> None:
    """A process of its own, which has no terminal to ask on."""
    program = "import sys; from tui.start import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "patient", "list", *at(place)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be asked for without a terminal. Give --passphrase-fd." in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("not the passphrase", "The passphrase is wrong"),
        ("00000-00000-00000-00000-00000-00000", "typing error"),
        ("x" * 5000, "too long"),
    ],
)
def test_a_wrong_passphrase_is_an_error_in_words_and_is_never_repeated(
    place: Place, pipes: list[int], capsys: Captured, typed: str, words: str
) -> None:
    run("patient", "list", *at(place), "--passphrase-fd", lines(pipes, typed), code=2)
    said = capsys.readouterr()
    assert words in said.err
    assert typed not in said.err + said.out


@pytest.mark.parametrize("number", ["x", "-1", "99999999999", "٣"])
def test_a_file_descriptor_is_a_number(place: Place, number: str) -> None:
    run("patient", "list", *at(place), "--passphrase-fd", number, code=2)


def test_a_file_descriptor_that_is_not_open_is_named(place: Place, capsys: Captured) -> None:
    run("patient", "list", *at(place), "--passphrase-fd", "987654", code=2)
    assert "File descriptor 987654 cannot be read" in capsys.readouterr().err


def test_an_export_of_encrypted_records_needs_a_word(
    place: Place, pipes: list[int], tmp_path: Path, capsys: Captured
) -> None:
    given = ("--passphrase-fd", lines(pipes, PASSPHRASE))
    run("export", str(tmp_path / "out"), *at(place), *given, code=2)
    assert "Give --plain, or back up instead" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_plain_file_of_encrypted_records_needs_a_word(
    place: Place, pipes: list[int], tmp_path: Path, capsys: Captured
) -> None:
    file = tmp_path / "out"
    for command, words in (
        (("report", "00000", "--out"), "a PDF is not. Give --plain, or --password."),
        (("cohort", "--csv"), "a CSV file is not. Give --plain, or leave --csv out."),
    ):
        typed = (*command, str(file), *at(place))
        run(*typed, "--passphrase-fd", lines(pipes, PASSPHRASE), code=2)
        assert words in capsys.readouterr().err
        assert not file.exists()
        run(*typed, "--plain", "--passphrase-fd", lines(pipes, PASSPHRASE))
        file.unlink()


def test_asking_for_a_plain_page_never_leaves_a_file_readable(
    place: Place,
    pipes: list[int],
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not by the settings, the environment or the option before the command."""
    settings = tmp_path / "settings.toml"
    settings.write_text("plain = true", encoding="utf-8")
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(settings))
    file = tmp_path / "out"
    for before, variable in (((), ""), ((), "1"), (("--plain",), "1")):
        monkeypatch.setenv("SIROLIMUS_PLAIN", variable)
        for command in (("report", "00000", "--out"), ("cohort", "--csv"), ("export",)):
            typed = (*before, *command, str(file), *at(place))
            run(*typed, "--passphrase-fd", lines(pipes, PASSPHRASE), code=2)
            assert "These records are encrypted" in capsys.readouterr().err
            assert not file.exists()
    run("cohort", "--plain", *at(place), "--passphrase-fd", lines(pipes, PASSPHRASE))
    said = capsys.readouterr()
    assert ", clinic: " in said.out
    assert "not. Anybody" not in said.err
    typed = ("cohort", "--csv", str(file), "--plain", *at(place))
    run(*typed, "--passphrase-fd", lines(pipes, PASSPHRASE))
    assert file.exists()
    warned = "these records are encrypted and a CSV file is not. Anybody can read the file."
    assert warned in capsys.readouterr().err


class KeyringOfTests:
    """The desktop's keyring as the package `keyring` shows it, which needs a desktop."""

    def __init__(self, passphrases: dict[tuple[str, str], str]) -> None:
        self._passphrases = passphrases

    def get_password(self, service: str, name: str) -> str | None:
        return self._passphrases.get((service, name))


def test_the_passphrase_is_read_from_the_keyring_by_the_name_of_the_key(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.file is not None
    name = KeyFile.read(key_file_of(place.file)).name
    stored = {("sirolimus-assistant", name): PASSPHRASE}
    package, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    package.get_password = KeyringOfTests(stored).get_password  # type: ignore[attr-defined]
    package.__spec__ = ModuleSpec("keyring", None)
    errors.KeyringError = OSError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", package)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    run("patient", "list", *at(place))


def test_a_passphrase_is_changed(place: Place, pipes: list[int], capsys: Captured) -> None:
    fd = lines(pipes, PASSPHRASE, NEW)
    run("key", "passphrase", *at(place), "--passphrase-fd", fd, "--new-passphrase-fd", fd)
    assert "The passphrase of Dr Example is changed" in capsys.readouterr().out
    KEY_RING.lock()
    run("patient", "list", *at(place), "--passphrase-fd", lines(pipes, PASSPHRASE), code=2)
    run("patient", "list", *at(place), "--passphrase-fd", lines(pipes, NEW))


def test_a_lost_passphrase_is_replaced_by_the_recovery_code(
    plain: Place, pipes: list[int], capsys: Captured
) -> None:
    encrypted_with(plain, pipes, "--holder", "Ann")
    code = code_in(capsys.readouterr().out)
    KEY_RING.lock()
    fd = lines(pipes, code, NEW, code, NEW)
    change = ("key", "passphrase", *at(plain), "--passphrase-fd", fd, "--new-passphrase-fd", fd)
    run(*change, code=2)
    assert "Say whose passphrase: --holder NAME" in capsys.readouterr().err
    fd = lines(pipes, code, NEW)
    run(*change[:-3], fd, "--new-passphrase-fd", fd, "--holder", "Ann")
    KEY_RING.lock()
    run("patient", "list", *at(plain), "--passphrase-fd", lines(pipes, NEW))


def test_a_new_recovery_code_ends_the_old_one(
    plain: Place, pipes: list[int], capsys: Captured
) -> None:
    encrypted_with(plain, pipes)
    old = code_in(capsys.readouterr().out)
    run("key", "recovery", *at(plain), "--passphrase-fd", lines(pipes, PASSPHRASE))
    new = code_in(capsys.readouterr().out)
    KEY_RING.lock()
    run("patient", "list", *at(plain), "--passphrase-fd", lines(pipes, old), code=2)
    assert "not the last one" in capsys.readouterr().err
    run("patient", "list", *at(plain), "--passphrase-fd", lines(pipes, new))


def test_holders_are_added_listed_and_removed(
    place: Place, pipes: list[int], capsys: Captured
) -> None:
    name = "Łukasz [/] =1+1"
    fd = lines(pipes, PASSPHRASE, NEW)
    add = ("--add", name, "--passphrase-fd", fd, "--new-passphrase-fd", fd)
    run("key", "holders", *at(place), *add)
    capsys.readouterr()
    run("key", "holders", *at(place))
    assert capsys.readouterr().out.splitlines()[:2] == ["Dr Example", name]
    KEY_RING.lock()
    run("patient", "list", *at(place), "--passphrase-fd", lines(pipes, NEW))
    given = ("--passphrase-fd", lines(pipes, NEW))
    run("key", "holders", *at(place), "--remove", "Dr Example", *given)
    KEY_RING.lock()
    run("patient", "list", *at(place), "--passphrase-fd", lines(pipes, PASSPHRASE), code=2)
    given = ("--passphrase-fd", lines(pipes, NEW))
    run("key", "holders", *at(place), "--remove", name, *given, code=2)
    assert "last holder cannot be removed" in capsys.readouterr().err


def test_keys_of_plain_records_are_refused_with_the_remedy(plain: Place, capsys: Captured) -> None:
    run("key", "holders", *at(plain), code=2)
    assert "Encrypt them with sirolimus encrypt" in capsys.readouterr().err


def test_a_passphrase_that_is_too_short_changes_nothing(
    plain: Place, pipes: list[int], capsys: Captured
) -> None:
    assert plain.file is not None
    run("encrypt", *at(plain), "--passphrase-fd", lines(pipes, "short"), code=2)
    assert "Use 12 characters or more" in capsys.readouterr().err
    assert is_plain(plain.file)
    assert not key_file_of(plain.file).exists()


def test_plain_backups_are_listed_and_encrypted_on_request(
    plain: Place, pipes: list[int], tmp_path: Path, capsys: Captured
) -> None:
    run("backup", str(tmp_path / "b.sqlite"), *at(plain))
    run("restore", str(tmp_path / "b.sqlite"), *at(plain))  # keeps an automatic backup
    (kept,) = (tmp_path / "backups").glob("*.sqlite")
    encrypted_with(plain, pipes)
    assert str(kept) in capsys.readouterr().out
    assert is_plain(kept)
    encrypted_with(plain, pipes, "--backups")
    assert f"Encrypted {kept.name}" in capsys.readouterr().out
    assert not is_plain(kept)
    KEY_RING.lock()
    run("verify", "--records", str(kept), "--passphrase-fd", lines(pipes, PASSPHRASE))


def test_no_passphrase_is_taken_from_the_command_line_or_the_environment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SIROLIMUS_PASSPHRASE", "SIROLIMUS_PASSWORD", "PASSPHRASE"):
        monkeypatch.setenv(name, PASSPHRASE)
    assert main(["patient", "list", *at(place), "--passphrase", PASSPHRASE]) == 2
    assert main(["patient", "list", *at(place), "--passphrase-fd", "987654"]) == 2

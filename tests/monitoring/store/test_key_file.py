"""The key file: what opens it, what does not, and each failure in its own words."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dosing import UserError
from monitoring.store.encryption.data_key import DataKey
from monitoring.store.encryption.key_file import (
    USUAL_COST,
    Argon2Cost,
    KeyFile,
    key_file_of,
)
from monitoring.store.encryption.recovery_code import new_code, read_code
from monitoring.store.errors import KeyFileError, WrongPassphraseError
from tests.encrypted import CHEAP, PASSPHRASE, a_key_file


def opens(file: KeyFile, key: DataKey, typed: str) -> bool:
    """Return whether a text opens the file, and to the right key."""
    try:
        return file.unlock(typed).key.file_key() == key.file_key()
    except WrongPassphraseError:
        return False


def test_the_usual_work_is_the_second_choice_of_rfc_9106() -> None:
    # RFC 9106, section 4: t = 3, p = 4, m = 2^16 KiB (64 MiB)
    assert (USUAL_COST.passes, USUAL_COST.lanes, USUAL_COST.memory_kib) == (3, 4, 65536)


def test_passphrase_and_recovery_code_open_the_same_key(tmp_path: Path) -> None:
    made, key, code = a_key_file()
    made.write(tmp_path / "key")
    file = KeyFile.read(tmp_path / "key")
    by_passphrase, by_code = file.unlock(PASSPHRASE), file.unlock(code)
    assert by_passphrase.holder == "Dr Example"
    assert by_code.holder is None
    assert by_passphrase.key.file_key() == by_code.key.file_key() == key.file_key()


def test_a_data_key_is_256_bits_and_no_two_are_the_same() -> None:
    keys = {DataKey.new().file_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(bytes.fromhex(each)) for each in keys} == {32}


@pytest.mark.parametrize(
    "typed",
    ["", PASSPHRASE.upper(), f"{PASSPHRASE} ", PASSPHRASE[:-1], "wrong horse battery"],
)
def test_another_passphrase_opens_nothing(typed: str) -> None:
    made, _, _ = a_key_file()
    with pytest.raises(WrongPassphraseError, match="passphrase is wrong"):
        made.unlock(typed)


def test_an_accent_opens_however_the_keyboard_composes_it() -> None:
    made, key, _ = KeyFile.new("Ann", "caf\u00e9 Łukasz [/] =1+1", CHEAP)
    assert opens(made, key, "cafe\u0301 Łukasz [/] =1+1")


@pytest.mark.parametrize(
    "changed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f" {code} ",
        lambda code: code.replace("0", "o").replace("1", "l"),
    ],
)
def test_a_recovery_code_opens_however_it_is_written(changed: Callable[[str], str]) -> None:
    made, key, code = a_key_file()
    assert opens(made, key, changed(code))


def test_every_typing_error_of_one_sign_in_a_recovery_code_is_found() -> None:
    code = new_code()
    for at, sign in enumerate(code):
        wrong = "7" if sign != "7" else "8"
        if sign != "-":
            with pytest.raises(UserError, match="typing error"):
                read_code(code[:at] + wrong + code[at + 1 :])
    first, second, *others = code.split("-")
    if first != second:
        with pytest.raises(UserError, match="typing error"):
            read_code("-".join([second, first, *others]))


def test_a_code_of_another_key_is_not_a_typing_error() -> None:
    made, _, _ = a_key_file()
    with pytest.raises(WrongPassphraseError, match="not the last one"):
        made.unlock(new_code())


def test_each_holder_opens_with_an_own_passphrase_until_removed() -> None:
    made, key, code = a_key_file()
    two = made.with_holder(key, "Łukasz [/] =1+1", "another long one")
    assert opens(two, key, PASSPHRASE)
    assert opens(two, key, "another long one")
    assert two.unlock("another long one").holder == "Łukasz [/] =1+1"
    one = two.without_holder("Dr Example")
    assert not opens(one, key, PASSPHRASE)
    assert opens(one, key, "another long one")
    assert opens(one, key, code)
    with pytest.raises(UserError, match="last holder cannot be removed"):
        one.without_holder("Łukasz [/] =1+1")
    with pytest.raises(UserError, match="is not a holder"):
        two.without_holder("Nobody")


def test_a_new_passphrase_or_code_ends_the_old_one() -> None:
    made, key, code = a_key_file()
    changed = made.with_holder(key, "Dr Example", "a new passphrase")
    assert not opens(changed, key, PASSPHRASE)
    assert opens(changed, key, "a new passphrase")
    renewed, new = changed.with_new_recovery_code(key)
    assert not opens(renewed, key, code)
    assert opens(renewed, key, new)


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("elevenchars", "too short"),
        ("", "too short"),
        ("x" * 1001, "too long"),
        ("ABCDE-FGHJK-MNPQR-STVWX-YZ012-34567", "looks like a recovery code"),
    ],
)
def test_a_weak_passphrase_is_refused(passphrase: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        KeyFile.new("Ann", passphrase, CHEAP)


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "x" * 101])
def test_a_holder_has_a_name(name: str) -> None:
    with pytest.raises(UserError, match="name is empty or over"):
        KeyFile.new(name, PASSPHRASE, CHEAP)


def test_the_file_holds_no_secret_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made, key, code = a_key_file()
    path = tmp_path / "key"
    made.write(path)
    text = path.read_text()
    for secret in (PASSPHRASE, code, read_code(code), key.file_key(), key._secret.hex()):  # noqa: SLF001 - the secret itself
        assert secret not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_any_damage_to_the_file_is_damage_and_never_a_wrong_passphrase(tmp_path: Path) -> None:
    made, _, _ = a_key_file()
    text = made.text().encode()
    path = tmp_path / "key"
    for at in range(0, len(text) - 1, 7):
        path.write_bytes(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :])
        with pytest.raises(KeyFileError, match="damaged"):
            KeyFile.read(path)
        path.write_bytes(text[:at])
        with pytest.raises(KeyFileError, match="damaged"):
            KeyFile.read(path)


@pytest.mark.parametrize("content", [b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b"1e999"])
def test_another_file_is_a_damaged_key_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyFileError, match="damaged"):
        KeyFile.read(tmp_path / "key")


def test_a_missing_key_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        KeyFileError, match=r"records\.sqlite\.key is missing. Copy it from a backup"
    ):
        KeyFile.read(key_file_of(tmp_path / "records.sqlite"))


def test_a_newer_key_file_asks_for_an_update() -> None:
    from monitoring.store.encryption.key_file import _checksum  # noqa: PLC0415 - to forge a whole file

    made, _, _ = a_key_file()
    content = json.loads(made.text())
    del content["checksum"]
    content["version"] = 2
    newer = json.dumps({**content, "checksum": _checksum(content)})
    with pytest.raises(KeyFileError, match="newer version"):
        KeyFile.of_text(newer)


def test_a_wrapped_key_opens_under_its_own_name_and_work_only() -> None:
    made, _, _ = a_key_file()
    (holder,) = made.holders
    forged = (
        replace(made, holders=(replace(holder, name="Somebody else"),)),
        replace(made, name="0" * 16),
        replace(made, cost=replace(CHEAP, passes=CHEAP.passes + 1)),
        replace(made, salt=bytes(16)),
    )
    for each in forged:
        with pytest.raises(WrongPassphraseError):
            each.unlock(PASSPHRASE)


@pytest.mark.parametrize("cost", [{"memory_kib": 2**30}, {"passes": 0}, {"lanes": 64}])
def test_a_file_that_would_take_the_machine_down_is_refused(cost: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        Argon2Cost(**cost)


def test_a_folder_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    made, _, _ = a_key_file()
    with pytest.raises(KeyFileError, match="cannot be written"):
        made.write(tmp_path / "missing" / "key")


def test_a_dropped_key_does_nothing() -> None:
    key = DataKey.new()
    key.drop()
    with pytest.raises(ValueError, match="was dropped"):
        key.file_key()


def test_the_derived_keys_differ_and_the_key_is_not_shown() -> None:
    key = DataKey.new()
    hidden = key.hidden("Łukasz [/] =1+1")
    assert key.shown(hidden) == "Łukasz [/] =1+1"
    assert "Łukasz".encode() not in hidden
    assert key.sealer()(1, "a" * 64) == key.sealer()(1, "a" * 64) != key.sealer()(2, "a" * 64)
    assert key.file_key() not in repr(key)
    assert key._secret.hex() != key.file_key()  # noqa: SLF001 - the secret itself

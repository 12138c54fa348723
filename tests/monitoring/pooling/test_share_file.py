"""The file of a share: signed, and read strictly."""

import json
import random
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dosing import UserError
from dosing.quantities.reading_limits import SHARE_BYTES
from monitoring.pooling.share import EarlierShare
from monitoring.pooling.share_file import read_share, share_text, signed_share_of
from monitoring.pooling.share_log import ShareLog, keep_share, share_log
from tests.campaign import cases
from tests.monitoring.pooling.clinics import HOSTILE, successive_shares

SEED = bytes(range(32))
SHARE = successive_shares(random.Random(8), [60])[0][1]
TEXT = share_text(SHARE, SEED)


def signed(document: dict[str, Any]) -> bytes:
    """Sign whatever document anew, as a clinic with a changed program could."""
    part = {key: value for key, value in document.items() if key != "signature"}
    canonical = json.dumps(part, sort_keys=True, separators=(",", ":")).encode()
    signature = Ed25519PrivateKey.from_private_bytes(SEED).sign(canonical).hex()
    return json.dumps({**part, "signature": signature}).encode()


def refusal(content: bytes) -> str:
    with pytest.raises(UserError) as caught:
        signed_share_of(content, "share.json")
    return str(caught.value)


def test_a_share_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "share.json"
    file.write_text(TEXT, encoding="utf-8")
    found = read_share(file)
    assert found.share == SHARE
    assert found == signed_share_of(signed(json.loads(TEXT)), file)
    assert len(found.fingerprint.split()) == 8
    assert share_text(SHARE, SEED) == TEXT
    assert signed_share_of(share_text(SHARE, b"2" * 32).encode(), file).key != found.key


def test_every_changed_figure_breaks_the_signature() -> None:
    digits = [place for place, sign in enumerate(TEXT) if sign in "123456789"]
    for place in random.Random(1).choices(digits, k=cases(150, 5000)):
        changed = TEXT[:place] + str((int(TEXT[place]) % 9) + 1) + TEXT[place + 1 :]
        if json.loads(changed) != json.loads(TEXT):  # the last digits of some numbers are spare
            assert "share.json" in refusal(changed.encode())


Change = Callable[[dict[str, Any]], object]


def _set(*path: str | int, to: object) -> Change:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document["share"]
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


CHANGES: dict[str, Change] = {
    "an unknown field": lambda d: d.update(more=1),
    "an unknown field of the share": lambda d: d["share"].update(name="Clinic"),
    "a missing field": lambda d: d["share"].pop("on"),
    "an unknown table": lambda d: d["share"]["partitions"].update(names=[]),
    "a count below five": _set("partitions", "sex", 0, "count", to=4),
    "a count that does not add up": _set("partitions", "sex", 0, "count", to=7),
    "a count that is no number": _set("partitions", "sex", 0, "count", to="20"),
    "a count that is true": _set("treated", to=True),
    "a fraction of a patient": _set("treated", to=60.5),
    "too many patients": _set("treated", to=10**30),
    "a row of its own": _set("partitions", "sex", 0, "rows", to=["=1+1"]),
    "a row that is no text": _set("partitions", "sex", 0, "rows", to=[1]),
    "narrow bounds": _set("partitions", "still-treated", to=[
        {"rows": ["still on treatment", "without it"], "count": 60, "bounds": [[1, 4], [56, 59]]}]),
    "bounds without their total": _set("partitions", "still-treated", to=[
        {"rows": ["still on treatment", "without it"], "count": 60, "bounds": [[0, 4], [0, 4]]}]),
    "another day": _set("on", to="2026-13-40"),
    "a day with words": _set("on", to="2026-01-01 [/]"),
    "tables without a hash": _set("tables", to="x" * 64),
    "a hostile version": _set("version", to="<img src=x>"),
    "a sum of other patients": _set("measures", 0, "n", to=59),
    "an impossible sum": _set("measures", 0, "total", to=1e14),
    "a sum that is too large": _set("measures", 0, "squares", to=1e300),
    "an unknown measure": _set("measures", 0, "key", to="weight"),
    "a measure twice": lambda d: d["share"]["measures"].append(d["share"]["measures"][0]),
    "days below zero": _set("days_in_range", "within", to=-1),
    "days that are missing": _set("days_in_range", "within", to=None),
    "an unknown model": _set("random_effects", 0, "model", to="mine"),
    "a covariance of other sizes": _set("random_effects", 0, "sums", to=[0.0] * 9),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_share_that_breaks_the_rule_is_refused_even_if_signed(name: str) -> None:
    document = json.loads(TEXT)
    CHANGES[name](document)
    message = refusal(signed(document))
    assert message.startswith("share.json is ")
    assert not [word for word in HOSTILE if word in message]


@pytest.mark.parametrize("content", [
    b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"format": "sirolimus-share"}',
    b"[" * 100_000, b'{"a": ' * 50_000, b"1" * 10_000, b'{"format": NaN}',
    TEXT.replace('"treated": 60', '"treated": 60, "treated": 60').encode(),
    TEXT.replace('"treated": 60', '"treated": 1e999').encode(),
    TEXT.encode()[:-200], b"PK\x03\x04", b"%PDF-1.7",
    *(word.encode("utf-8", "replace") for word in HOSTILE),
])  # fmt: skip
def test_other_files_are_refused(content: bytes) -> None:
    assert refusal(content).startswith("share.json is ")


def test_another_format_is_told_apart() -> None:
    document = {**json.loads(TEXT), "format_version": 2}
    assert "another format" in refusal(signed(document))


def test_a_file_that_is_too_large_or_missing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "share.json"
    with pytest.raises(UserError, match="cannot be read"):
        read_share(file)
    file.write_bytes(b" " * (SHARE_BYTES.most + 1))
    with pytest.raises(UserError, match=r"bytes[.] Choose another file"):
        read_share(file)


# --- the clinic's memory


def test_the_key_is_made_once_and_kept_for_this_user_alone(state_folder: Path) -> None:
    log = share_log("a" * 64)
    keep_share("a" * 64, log, EarlierShare.of(SHARE, 41))
    found = share_log("a" * 64)
    assert found.seed == log.seed
    assert found.shares == (EarlierShare.of(SHARE, 41),)
    assert share_log("b" * 64).seed != log.seed
    keep_share("b" * 64, share_log("b" * 64), EarlierShare.of(SHARE, 41))
    assert share_log("a" * 64) == found
    (file,) = state_folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"format": 1}', '{"format": 2, "records": {}}',
    '{"format": 1, "records": {"a": {"key": "0", "shares": []}}}', "[" * 100_000])  # fmt: skip
def test_a_damaged_memory_is_never_begun_again(state_folder: Path, damage: str) -> None:
    state_folder.mkdir(parents=True)
    (state_folder / "shares.json").write_text(damage, encoding="ascii")
    with pytest.raises(UserError, match="restore it from a backup"):
        share_log("a" * 64)
    with pytest.raises(UserError, match="restore it from a backup"):
        keep_share("a" * 64, ShareLog("0" * 64), EarlierShare.of(SHARE, 41))


def test_a_share_that_was_written_in_the_meantime_is_not_forgotten() -> None:
    first, second = share_log("a" * 64), share_log("a" * 64)
    keep_share("a" * 64, first, EarlierShare.of(SHARE, 41))
    with pytest.raises(UserError, match="in the meantime"):
        keep_share("a" * 64, second, EarlierShare.of(SHARE, 40))
    assert share_log("a" * 64).shares == (EarlierShare.of(SHARE, 41),)
    with pytest.raises(UserError, match="in the meantime"):
        keep_share("a" * 64, first, EarlierShare.of(SHARE, 40))

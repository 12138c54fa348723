"""A report's file: whole or not there, for one user, never over another, encrypted if wanted."""

import os
import stat
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from dosing import UserError
from reports.pdf_file import ReportFileError, encrypted, write_pdf

WORDS = "correct horse"


def a_pdf() -> bytes:
    stream = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(stream)
    return stream.getvalue()


def test_a_file_is_whole_and_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "summary.pdf"
    write_pdf(b"content", file)
    assert file.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [file]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_existing_file_stays_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "summary.pdf"
    file.write_bytes(b"old")
    with pytest.raises(ReportFileError, match=r"exists already\. .+ with --force\."):
        write_pdf(b"new", file)
    assert file.read_bytes() == b"old"
    write_pdf(b"new", file, force=True)
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="cannot be written: No such file or directory"):
        write_pdf(b"new", tmp_path / "missing" / "summary.pdf")


def test_a_password_encrypts_by_aes_256() -> None:
    protected = encrypted(a_pdf(), WORDS)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(protected))
    with pikepdf.open(BytesIO(protected), password=WORDS) as document:
        assert document.encryption.R == 6
        assert document.encryption.stream_method == pikepdf.models.EncryptionMethod.aesv3


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(UserError, match="The password is empty"):
        encrypted(a_pdf(), "")

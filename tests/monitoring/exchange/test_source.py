"""The kind of a file by its content, and the reader and mapping that it needs."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from dosing import UserError
from monitoring.exchange.incoming import ReadingChoices, SourceKind
from monitoring.exchange.laboratory_file.mapping import LEVEL, Mapping
from monitoring.exchange.source import content_of_source, source_kind, stated_for
from monitoring.record.level import Assay
from monitoring.times import local_zone
from tests.monitoring.exchange.laboratory_files import ROW, csv_of
from tests.tui.laboratory_file import MAPPING


def workbook() -> bytes:
    content = BytesIO()
    openpyxl.Workbook().save(content)
    return content.getvalue()


MESSAGE = b"MSH|^~\\&|LAB|H|||20261105||ORU^R01|1|P|2.5.1\r"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (csv_of(ROW), SourceKind.CSV),
        (b"\xef\xbb\xbf" + csv_of(ROW), SourceKind.CSV),
        (csv_of(ROW).decode().encode("utf-16"), SourceKind.CSV),
        (b"[/],MRN\n1,2\n", SourceKind.CSV),
        (b"MSH,MRN\n1,2\n", SourceKind.CSV),
        (b"\0\1\2", SourceKind.CSV),
        (workbook(), SourceKind.EXCEL),
        (MESSAGE, SourceKind.HL7),
        (b"\n\r\n" + MESSAGE, SourceKind.HL7),
        (b"\x0b" + MESSAGE + b"\x1c\r", SourceKind.HL7),
        (b"\xef\xbb\xbf" + MESSAGE, SourceKind.HL7),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + MESSAGE, SourceKind.HL7),
        (b"BHS|^~\\&\r" + MESSAGE, SourceKind.HL7),
    ],
)
def test_the_content_says_the_kind(content: bytes, kind: SourceKind) -> None:
    assert source_kind(content) is kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"results": []}', 'JSON with the key "results"'),
        (b'  {"[/]\\u202e": 1}', r'JSON with the key "\[/\]"'),
        (b'[{"a": 1}]', "is JSON, not FHIR"),
        (b"[]", "is JSON, not FHIR"),
        (b"{", "damaged JSON"),
        (b'["' * 20_000, "damaged JSON"),
        (b'{"a": \xff}', "damaged JSON"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<?XML version='1.0'?><Bundle/>", "is XML"),
        (b"<html><body>", "is a web page"),
        (b"SQLite format 3\0...", "is a database"),
        (b"\xd0\xcf\x11\xe0....", "old Excel format"),
    ],
)
def test_another_kind_is_refused_by_its_name(content: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said) as refused:
        source_kind(content)
    assert len(str(refused.value).splitlines()) == 1


def test_a_laboratory_file_needs_a_mapping_and_a_message_may_have_one(tmp_path: Path) -> None:
    for kind in (SourceKind.CSV, SourceKind.EXCEL):
        with pytest.raises(UserError, match="needs --mapping MAP"):
            stated_for(kind, None)
    file = tmp_path / "map.toml"
    file.write_text(MAPPING, encoding="utf-8")
    assert isinstance(stated_for(SourceKind.CSV, file), Mapping)
    assert stated_for(SourceKind.HL7, None) == ReadingChoices(time_zone=local_zone())
    file.write_text(
        '[reading]\ntime_zone = "Europe/Rome"\n[tests]\n"SIRO" = "sirolimus level"\n'
        '[default_units]\n"SIRO" = "ng/mL"\n[assays]\n"MS" = "lc-ms/ms"\n',
        encoding="utf-8",
    )
    stated = stated_for(SourceKind.FHIR, file)
    assert isinstance(stated, ReadingChoices)
    assert (stated.time_zone, stated.tests) == ("Europe/Rome", {"SIRO": LEVEL})
    assert (stated.default_units, stated.assays) == ({"SIRO": "ng/mL"}, {"MS": Assay.LC_MS_MS})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "x is unknown"),
        ('[assays]\n"MS" = "[/]"', "is unknown. Use one of"),
        ('[reading]\ntime_zone = "Nowhere"', "not a known time zone"),
        ("[tests]\nA = 1", "is not a text"),
    ],
)
def test_a_wrong_mapping_of_messages_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        stated_for(SourceKind.HL7, file)


def test_what_cannot_be_opened_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, said in (("missing", "cannot be read"), ("empty", "is empty"), (".", "is a folder")):
        with pytest.raises(UserError, match=said):
            content_of_source(tmp_path / name)

"""Files that are meant to hurt: each reader refuses them in words, quickly and in little memory."""

import io
import os
import resource
import socket
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import openpyxl
import pytest

from dosing import UserError
from dosing.nonmem import read_table
from dosing.pharmacokinetics import read_model
from dosing.quantities.reading_limits import MAPPING_BYTES, MAPPING_NESTING, READING_LIMITS
from dosing.quantities.toml_reading import nesting_of
from monitoring.clinic_choices import read_settings_file
from monitoring.exchange.clinic_workbook.reading import is_clinic_workbook, read_clinic_workbook
from monitoring.exchange.export import preview_export
from monitoring.exchange.incoming import ReadingChoices
from monitoring.exchange.laboratory_file.layout import FileLayout, content_of, sheet_in
from monitoring.exchange.laboratory_file.mapping import read_mapping
from monitoring.store.connection import engine_in_memory
from monitoring.store.opening import open_records
from monitoring.store.schema import prepare
from tests.campaign import sizes
from tui.cli.forecast import chosen_model
from tui.cli.main import main

Reader = Callable[[Path], object]
_SPREADSHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SHEET, _STRINGS, _STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
_HEADINGS = '<row r="1"><c r="A1" t="inlineStr"><is><t>MRN</t></is></c></row>'


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Let a reader have 2 GiB more than there is now: what wants more fails, and fills nothing."""
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    old = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used * resource.getpagesize() + 2 * 1024**3, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, old)


def rows_of(file: Path) -> int:
    return sum(1 for _ in sheet_in(content_of(file), FileLayout()).rows)


def restored(file: Path) -> object:
    with engine_in_memory() as engine:
        prepare(engine, before_upgrade=lambda: None)
        return preview_export(engine, file.parent)


def fitted(file: Path) -> object:
    """Run the command, whose message is the error."""
    from tui.cli.research_table import text_of_table  # noqa: PLC0415 - the command's own reader

    return read_table(text_of_table(file))


def clinic_of(file: Path) -> object:
    content = content_of(file)
    is_clinic_workbook(content)
    return list(read_clinic_workbook(content, ReadingChoices(time_zone="Europe/Paris")))


READERS: dict[str, Reader] = {
    "results.csv": rows_of,
    "clinic.xlsx": clinic_of,
    "map.toml": read_mapping,
    "settings.toml": read_settings_file,
    "model.toml": lambda file: chosen_model(str(file)),
    "table.csv": fitted,
    "records.json": restored,
    "records.sqlite": lambda file: open_records(str(file)),
}


def make_socket(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(file.name)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
    "a socket": make_socket,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", SPECIAL)
def test_only_a_regular_file_is_opened(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    SPECIAL[kind](tmp_path / name)
    with pytest.raises(UserError, match=f"is {kind}. Choose a regular file"):
        READERS[name](tmp_path / name)


def test_a_file_that_hides_its_size_is_cut_off(tmp_path: Path) -> None:
    """Files of the kernel have size 0; this one has more than its size says."""
    (tmp_path / "map.toml").write_bytes(b"#" * (MAPPING_BYTES.most + 1))
    with pytest.raises(UserError, match=r"more than 262,144 bytes\. Choose another file"):
        read_mapping(tmp_path / "map.toml")
    with pytest.raises(UserError):
        read_mapping(Path("/proc/self/maps"))


@pytest.mark.parametrize("name", [each for each in READERS if each != "records.sqlite"])
def test_a_file_of_a_terabyte_is_refused_by_its_size(name: str, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UserError, match=r"has more than [0-9,]+ bytes"):
        READERS[name](tmp_path / name)


DEEP = {
    "lists": "a = " + "[" * 40_000,
    "tables": "a = " + "{a = " * 9_000,
    "a key": ".".join("a" * 20_000) + " = 1",
    "a heading": "[" + ".".join("a" * 20_000) + "]",
    "lists after a text": 'a = """b""""\nc = ' + "[" * 20_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("name", ["map.toml", "settings.toml", "model.toml"])
def test_toml_is_refused_for_its_nesting(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"more than 16 levels of nesting\. Write it flat"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", ["map.toml", "settings.toml", "model.toml"])
def test_a_number_that_is_too_long_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("a = 1" + "0" * 10_000, encoding="utf-8")
    with pytest.raises(UserError, match="a number that is too long"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("", 0),
        ("a = 1.5", 1),
        ("a.b.c = 1", 2),
        ("[[a.b]]", 3),
        ('a = [\'[[[\', "[\\"["] # [[', 1),
        ("a = ''' [[ '''''", 0),
        ('a = """ " [ """""\nb = [[1]]', 2),
        ("a = 'x.y.z'", 0),
        ("a = [1.5, 2.5, 3.5]", 2),
    ],
)
def test_the_nesting_of_toml_is_counted_outside_of_texts(text: str, depth: int) -> None:
    assert nesting_of(text) == depth


def test_json_of_100000_levels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "records.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(UserError, match="is damaged, or not an export"):
        restored(tmp_path / "records.json")


def workbook(**parts: str) -> bytes:
    """Return a workbook with some of its parts replaced, by their names with __ for /."""
    plain, result = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["MRN"])
    book.save(plain)
    new = {name.replace("__", "/") + ".xml": text for name, text in parts.items()}
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as made:
        for name in (*old.namelist(), *(new.keys() - set(old.namelist()))):
            made.writestr(name, new[name] if name in new else old.read(name))
    return result.getvalue()


def sheet(rows: str, after: str = "") -> bytes:
    body = f"<sheetData>{_HEADINGS}{rows}</sheetData>{after}"
    return workbook(xl__worksheets__sheet1=f"<worksheet {_SPREADSHEET}>{body}</worksheet>")


def strings(content: str, before: str = "") -> bytes:
    return workbook(xl__sharedStrings=f"{before}<sst {_SPREADSHEET}>{content}</sst>")


WORKBOOKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "bytes": (lambda: sheet(" " * (1 << 27)), "134,217,728 bytes when it is unpacked"),
    "strings": (lambda: strings("<si><t>a</t></si>" * 500_001), "500,000 different texts"),
    "runs": (lambda: strings("<si>" + "<r><t/></r>" * 60_000 + "</si>"), "50,000 styles and other"),
    "styles": (
        lambda: workbook(xl__styles=f"<styleSheet {_SPREADSHEET}>{'<xf/>' * 60_000}</styleSheet>"),
        "50,000 styles and other",
    ),
    "merged": (lambda: sheet("", "<mergeCell/>" * 60_000), "50,000 styles and other"),
    "rows": (lambda: sheet("<row/>" * 200_001), "200,000 rows"),
    "last row": (lambda: sheet('<row r="999999999"/>'), "1,048,576 rows, empty ones included"),
    "wide": (
        lambda: sheet('<row><c r="XFD1"/></row>' * 200),
        "1,500,000 cells in a sheet, empty ones included",
    ),
    "columns": (lambda: sheet("<row>" + "<c><v>1</v></c>" * 1_001 + "</row>"), "1,000 columns"),
    "beyond": (lambda: sheet("<row>" + "<c/>" * 16_385 + "</row>"), "1,000 columns"),
    "cell": (
        lambda: sheet(f'<row><c t="inlineStr"><is><t>{"a" * 32_768}</t></is></c></row>'),
        "32,767 characters in one cell",
    ),
    "parts": (lambda: workbook(**{f"p{number}": "" for number in range(2_001)}), "2,000 parts"),
    "deep": (lambda: workbook(xl__styles="<a>" * 50_000), "64 levels of nesting"),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_beyond_a_limit_is_refused_with_the_limit(name: str, tmp_path: Path) -> None:
    make, limit = WORKBOOKS[name]
    (tmp_path / "a.xlsx").write_bytes(make())
    with pytest.raises(UserError, match=f"has more than {limit}"):
        rows_of(tmp_path / "a.xlsx")


@pytest.mark.parametrize("entity", ['SYSTEM "file:///etc/passwd"', '"aaaaaaaaaa"'])
def test_a_workbook_that_declares_entities_is_refused(entity: str, tmp_path: Path) -> None:
    declared = f"<!DOCTYPE sst [<!ENTITY x {entity}>]>"
    (tmp_path / "a.xlsx").write_bytes(strings("<si><t>&x;</t></si>", before=declared))
    with pytest.raises(UserError, match="declares entities of its own"):
        rows_of(tmp_path / "a.xlsx")


def test_an_empty_last_row_of_excel_and_its_last_column_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(
        sheet(
            '<row r="2"><c r="A2"><v>1</v></c><c r="XFD2"/></row><row r="5000"><c r="A5000"/></row>'
        )
    )
    assert rows_of(tmp_path / "a.xlsx") == 4_999


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        ("MRN\n" + "1\n" * 200_000, "200,000 rows"),
        ("MRN\n" + "," * 1_001, "1,000 columns"),
        ("MRN\n" + "a" * 32_768, "32,767 characters in one cell"),
    ],
    ids=["rows", "columns", "characters"],
)
def test_csv_beyond_a_limit_is_refused_with_the_limit(
    content: str, limit: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"has more than {limit}"):
        rows_of(tmp_path / "a.csv")


def test_a_table_for_kinetics_and_a_model_have_limits() -> None:
    with pytest.raises(UserError, match="more than 1,000 columns"):
        read_table("ID" + ",A" * 1_001 + "\n")
    with pytest.raises(UserError, match="more than 50,000 characters"):
        read_model("#" * 50_001, "a.toml")


def test_every_limit_has_words_and_a_reason() -> None:
    for limit in READING_LIMITS:
        assert limit.most > 0
        assert limit.why
        assert str(limit.passed("a")).endswith(limit.advice)
        assert limit.advice.endswith(".")
    MAPPING_NESTING.check(MAPPING_NESTING.most, "a")


SEEDS = (b"[", b"{", b'"', b"'", b"a.", b"\0", b"\x1b", b"\xff", b"=", b"\n", b",", b"PK\x03\x04",
         b"<!DOCTYPE a>", b"SQLite format 3\0", b'"""', b"9", "ı＝\u202e".encode())  # fmt: skip


def hurting(random: Random, make: Callable[[], bytes]) -> bytes:
    """Return a content of one of three kinds: repeated, mixed, or a workbook that was damaged."""
    kind = random.randrange(3)
    if kind == 0:
        return random.choice(SEEDS) * random.choice((1, 100, 5_000, 60_000))
    if kind == 1:
        return b"".join(random.choice(SEEDS) for _ in range(random.randrange(2_000)))
    content = bytearray(make())
    for _ in range(random.randrange(1, 20)):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content[: random.randrange(1, len(content) + 1)])


@sizes(60, 150, 2_000)
def test_no_hostile_file_is_a_fault_for_any_reader(size: int, tmp_path: Path) -> None:
    random, base = Random(14), partial(sheet, '<row><c r="A2"><v>1</v></c></row>')
    readers = list(READERS.items())
    for number in range(size):
        folder = tmp_path / str(number)
        folder.mkdir()
        name, read = readers[number % len(readers)]
        (folder / name).write_bytes(hurting(random, base))
        try:
            read(folder / name)
        except UserError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - most are refused, some are read


def test_a_hostile_file_of_a_command_is_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("\x1b[31mpipe")
    for arguments in (
        ["patient", "list", "--records", "\x1b[31mpipe"],
        ["import", "\x1b[31mpipe", "--write-mapping", "m"],
        ["import", "a", "--mapping", "\x1b[31mpipe"],
        ["kinetics", "fit", "\x1b[31mpipe", "--model", "fan2024", "--out", "o"],
        ["restore", "\x1b[31mpipe", "--records", "r.sqlite"],
    ):
        assert main(arguments) == 2, arguments
        assert "\x1b" not in capsys.readouterr().err

"""The guess of a mapping: what the file shows is taken, what it leaves open is asked."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dosing import UserError
from monitoring.exchange.laboratory_file.guess import About, Guess, guess_mapping
from monitoring.exchange.laboratory_file.headings import _NAMES, field_of, is_level_name, known_test
from monitoring.exchange.laboratory_file.kept_mappings import (
    keep_mapping,
    kept_mapping_of,
    kept_mappings,
    name_for,
)
from monitoring.exchange.laboratory_file.layout import sheet_in
from monitoring.exchange.laboratory_file.mapping import LEVEL, SKIP, mapping_of
from monitoring.exchange.laboratory_file.row_parsing import RowReader, RowResult
from monitoring.record.level import Level
from tests.campaign import cases
from tests.monitoring.exchange.laboratory_files import csv_of
from tests.monitoring.exchange.laboratory_shapes import HEADINGS, ROW, SHAPES, workbook

ZONE = "Europe/Paris"


def guess(content: bytes) -> Guess:
    return guess_mapping(content, ZONE)


def asked(content: bytes) -> list[tuple[About, str]]:
    return [(each.about, each.of) for each in guess(content).questions]


def results(content: bytes, found: Guess) -> Iterator[RowResult]:
    """Yield the results of a file by a guess without open points."""
    mapping = found.draft.mapping()
    sheet = sheet_in(content, mapping.layout)
    reader = RowReader(mapping, sheet)
    for row in sheet.rows:
        read = reader.read(row)
        if isinstance(read, RowResult):
            yield read


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_each_language_needs_no_answer_but_its_dates(shape: str) -> None:
    content = SHAPES[shape]
    found = guess(content)
    assert found.questions == ()
    level = next(each for each in results(content, found) if isinstance(each.entry, Level))
    assert level.record_number == "00123"
    assert str(level.entry).startswith("7.20 ")
    day = "2026-11-23T07:50" if shape in {"spanish", "dutch", "italian"} else "2026-11-03T07:50"
    assert isinstance(level.entry, Level)
    assert str(level.entry.sampled).startswith(day)


@pytest.mark.parametrize("shape", ["german", "english", "french"])
def test_the_time_of_the_report_is_never_that_of_the_sample(shape: str) -> None:
    found = guess(SHAPES[shape])
    taken = {found.draft.columns.get(each) for each in ("sample_time", "sample_day")} - {None}
    assert taken <= {"Entnahme", "Collected", "Date de prélèvement"}
    without = SHAPES["english"].replace(b"Collected", b"Printed on")
    assert (About.COLUMN, "sample_time") in asked(without)


def test_every_heading_is_of_one_field() -> None:
    for name, headings in _NAMES.items():
        for heading in headings:
            assert field_of(heading) == name, heading


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("MRN", "record_number"), ("patienten-nr", "record_number"), ("IPP", "record_number"),
        ("RESULT", "value"), ("Ergebnis [µg/l]", "value"), ("Résultat", "value"),
        ("Uitslag", "value"), ("Risultato", "value"), ("Einheit", "unit"), ("Unità", "unit"),
        ("Collected", "sample_time"), ("Entnahme", "sample_time"), ("Report date", None),
        ("Comment", None), ("Name", None), ("Sex", None), ("Result date", None), ("", None),
        ("[/] <img>", None),
    ],
)  # fmt: skip
def test_headings_are_recognised_as_a_whole(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


@pytest.mark.parametrize(
    ("name", "test"),
    [("Thrombozyten", "platelets"), ("GPT (ALAT)", "ALT"), ("créatinine", "creatinine"),
     ("SGPT", "ALT"), ("CRP", None), ("Creatinine clearance", None), ("Kreatinin im Urin", None)],
)  # fmt: skip
def test_names_of_tests_in_other_languages(name: str, test: str | None) -> None:
    assert known_test(name) == test


@pytest.mark.parametrize(
    ("name", "is_level"),
    [("Sirolimus", True), ("SIROLIMUS (RAPAMYCIN)", True), ("Sirolimus-Spiegel", True),
     ("Sirolimus dose", False), ("Everolimus", False), ("Tacrolimus", False),
     ("Sirolimus comment", False)],
)  # fmt: skip
def test_names_of_the_level(name: str, *, is_level: bool) -> None:
    assert is_level_name(name) == is_level


def rows_with(index: int, *texts: str) -> bytes:
    rows = [list(ROW) for _ in texts]
    for row, text in zip(rows, texts, strict=True):
        row[1], row[index] = "Sirolimus", text
        if index == 1:
            row[1] = text
    return csv_of(*map(tuple, rows))


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("03/11/2026 07:50", "23/11/2026 07:50"), "dmy"),
        (("11/03/2026 07:50", "11/23/2026 07:50"), "mdy"),
        (("03/11/2026 07:50", "04/11/2026 07:50"), None),
        (("23/11/2026 07:50", "11/23/2026 07:50"), None),
        (("2026-11-03 07:50", "20261103075000"), ""),
        (("11/11/2026 07:50", "05/05/2026 07:50"), ""),
    ],
)
def test_the_order_of_dates_is_shown_by_the_file_or_asked(
    texts: tuple[str, ...], order: str | None
) -> None:
    """Both orders in one file are refused row by row: there, too, a person decides."""
    found = guess(rows_with(4, *texts))
    is_asked = any(each.about is About.DATE_ORDER for each in found.questions)
    if order is None and texts[0].startswith("03"):
        assert is_asked
    elif order is not None:
        assert (found.draft.date_order, is_asked) == (order, False)


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (("7.2", "<2.0"), "point"),
        (('"7,2"', '"<2,0"'), "comma"),
        (('"1.234,5"',), "comma"),
        (('"1,234.5"',), "point"),
        (("7", "8"), ""),
        (("1.234", "2.345"), None),
        (("7.2", '"7,2"'), None),
        (("0.412",), "point"),
    ],
)
def test_the_decimal_sign_is_shown_by_the_file_or_asked(
    texts: tuple[str, ...], sign: str | None
) -> None:
    found = guess(rows_with(2, *texts))
    is_asked = any(each.about is About.DECIMAL_SIGN for each in found.questions)
    assert is_asked == (sign is None)
    assert found.draft.decimal_sign == (sign or "")


def test_what_a_file_leaves_open_is_asked() -> None:
    assert asked(rows_with(1, "Sirolimus", "Sirolimus dose")) == [(About.TEST, "Sirolimus dose")]
    assert asked(rows_with(3, "", "ng/mL")) == [(About.UNIT, "Sirolimus")]
    assert asked(rows_with(1, "A", "B")) == [(About.TEST, "")]
    content = csv_of((*ROW, "checked"), headings=(*HEADINGS, "Status")).replace(b"SIRO", b"Siro")
    assert asked(content) == [(About.STATUS, "checked")]
    content = csv_of((*ROW, "LCMS"), headings=(*HEADINGS, "Method"))
    assert asked(content) == [(About.ASSAY, "LCMS")]
    two = csv_of((*ROW, "8"), headings=(*HEADINGS, "Value"))
    assert (About.COLUMN, "value") in asked(two)


def test_answers_close_the_questions_and_make_a_mapping() -> None:
    found = guess(rows_with(1, "Sirolimus", "Sirolimus dose").replace(b"2026-11-03", b"03/04/2026"))
    answers = {About.DATE_ORDER: "dmy", About.TEST: SKIP}
    while found.questions:
        question = found.questions[0]
        assert answers[question.about] in dict(question.options).values()
        found = found.answered(question, answers[question.about])
    mapping = found.draft.mapping()
    assert mapping.tests == {"Sirolimus": LEVEL, "Sirolimus dose": SKIP}
    assert mapping_of(found.draft.text(keep=True), "x").layout.headings == HEADINGS


def test_a_workbook_is_guessed_by_its_best_sheet_and_hidden_rows_are_asked() -> None:
    def change(book: Any) -> None:
        book.create_sheet("About", 0)["A1"] = "Sample laboratory"
        book["Results"].row_dimensions[3].hidden = True

    content = workbook(HEADINGS, ROW, ROW, change=change)
    found = guess(content)
    assert found.draft.layout.sheet == "Results"
    assert [each.about for each in found.questions] == [About.HIDDEN]
    assert 'Sheets that are not read: "About".' in found.notes
    alike = workbook(HEADINGS, ROW, change=lambda book: book.copy_worksheet(book["Results"]))
    assert asked(alike) == [(About.SHEET, "")]
    with pytest.raises(UserError, match="Read the file again"):
        guess(alike).answered(guess(alike).questions[0], "Results")
    assert guess_mapping(alike, ZONE, "Results Copy").questions == ()
    with pytest.raises(UserError, match="no sheet"):
        guess_mapping(alike, ZONE, "Other")


def test_what_is_left_out_is_noted() -> None:
    notes = " ".join(guess(SHAPES["english"]).notes)
    assert 'Tests that are skipped: "CRP".' in notes
    assert "windows-1252" in " ".join(guess(SHAPES["german"]).notes)
    assert '"ALT [U/L]"' in " ".join(guess(SHAPES["wide"]).notes)


# --- kept mappings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIROLIMUS_SETTINGS", str(tmp_path / "settings.toml"))
    return tmp_path / "mappings"


def test_a_kept_mapping_is_for_files_of_its_headings(folder: Path) -> None:
    assert kept_mapping_of(SHAPES["german"]) is None
    for shape in ("german", "english"):
        keep_mapping(shape, guess(SHAPES[shape]).draft)
    found = kept_mapping_of(SHAPES["german"])
    assert found is not None
    assert (found.name, found.mapping.tests["Sirolimus"]) == ("german", LEVEL)
    assert kept_mapping_of(SHAPES["dutch"]) is None
    assert kept_mapping_of(SHAPES["english"].replace(b",Status", b",Status2")) is None
    assert [each.name for each in kept_mappings()] == ["english", "german"]
    assert {each.stat().st_mode & 0o077 for each in (folder, *folder.iterdir())} == {0}


def test_a_mapping_that_is_kept_again_replaces_the_former(folder: Path) -> None:
    draft = guess(SHAPES["german"]).draft
    keep_mapping("one", draft)
    assert name_for(Path("other.csv"), draft) == "one"
    keep_mapping("two", draft)
    assert [each.name for each in folder.iterdir()] == ["two.toml"]
    with pytest.raises(UserError, match="Choose another name"):
        keep_mapping("two", guess(SHAPES["english"]).draft)
    assert name_for(Path("two.csv"), guess(SHAPES["english"]).draft) == "two 2"


@pytest.mark.parametrize(
    "name", ["", " ", "../x", "a/b", ".x", "x" * 61, "\x1b[31m", "a\\b", "[/]"]
)
def test_a_name_that_no_mapping_can_have(folder: Path, name: str) -> None:
    with pytest.raises(UserError, match="is not a name of a mapping"):
        keep_mapping(name, guess(SHAPES["german"]).draft)
    assert not folder.exists()


def test_an_open_point_is_never_kept(folder: Path) -> None:
    draft = guess(csv_of(ROW, headings=("a", "b", "c", "d", "e"))).draft
    with pytest.raises(UserError, match="is missing"):
        keep_mapping("open", draft)
    assert not folder.exists()


def test_a_damaged_kept_mapping_is_named(folder: Path) -> None:
    keep_mapping("one", guess(SHAPES["german"]).draft)
    (folder / "one.toml").write_text("[file", encoding="utf-8")
    with pytest.raises(UserError, match=r"one\.toml"):
        kept_mapping_of(SHAPES["german"])


def test_no_bytes_make_the_guess_fail() -> None:
    """Damaged files, random bytes and cut ones: a guess, or one line that says why not."""
    rng, said = random.Random(23), []
    book = workbook(HEADINGS, ROW)
    for _ in range(cases(150, full=5_000)):
        content = bytearray(rng.choice((*SHAPES.values(), book)))
        for _ in range(rng.choice((1, 5, 50))):
            content[rng.randrange(len(content))] = rng.choice(
                (*b'",;\t|\r\n=<[/]', rng.randrange(256))
            )
        if rng.random() < 0.3:
            del content[rng.randrange(len(content)) :]
        try:
            found = guess(bytes(content))
            if not found.questions:
                found.draft.mapping()
                list(results(bytes(content), found))
        except UserError as refused:
            said.append(str(refused))
    assert [each for each in said if len(each.splitlines()) != 1] == []

"""The Python door: the page's examples run, results are short, and text in them is harmless."""

import doctest
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import escape
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dosing
import monitoring
from dosing import Age, Height, Override, Request, Sex, UserError, Weight, propose_starting_dose
from dosing.lazy import file_of
from dosing.notebook import Result, as_html
from monitoring import (
    Moment,
    Record,
    Records,
    advise,
    assess_levels,
    forecast_for,
    open_records,
    summarise,
    worklist,
    write_demo,
)
from monitoring.record.level import Level
from monitoring.record.patient import Patient
from tests.project.render import ROOT
from tui.cli.main import main

_PAGE = ROOT / "docs" / "python-api.md"
_NOW = Moment.read("2026-11-24T22:00", "Europe/Paris")
_ROOMS = ("dosing", "monitoring", "reports", "tui")
_REPR_LIMIT = 200
_HOSTILE = '<script>alert(1)</script> & "Łukasz" [/]'


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    place = tmp_path_factory.mktemp("door") / "demo.sqlite"
    opened = open_records(str(place), "Dr Example", create=True)
    write_demo(opened.store.engine, date(2026, 11, 24), "Europe/Paris")
    return opened


def a_request(**changes: Any) -> Request:
    request = Request(weight=Weight("12.4 kg"), height=Height("88 cm"), age=Age("2 years"))
    return replace(request, **changes)


# --- the page


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = _PAGE.read_text(encoding="utf-8")
    # Only the examples, at their own lines, so that a failure names the line of the page.
    parts = re.split(r"^```(?:python)?\n", page, flags=re.MULTILINE)
    kept = (text if place % 2 else "\n" * text.count("\n") for place, text in enumerate(parts))
    examples = doctest.DocTestParser().get_doctest("\n".join(kept), {}, _PAGE.name, str(_PAGE), 0)
    assert len(examples.examples) > 40
    told: list[str] = []
    results = doctest.DocTestRunner().run(examples, out=told.append)
    assert results.failed == 0, "".join(told)


def test_the_page_has_ten_tasks_each_with_an_example() -> None:
    tasks = re.split(r"^## \d+\. ", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(tasks) == 10
    assert all("```python\n>>> " in task for task in tasks)


# --- the front pages


def test_importing_is_light() -> None:
    heavy = "{'pint', 'numpy', 'pandas', 'sqlalchemy', 'decimal', 'typing', 'dataclasses'}"
    script = f"import sys, dosing, monitoring; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("name", file_of(monitoring._NAMES_OF))  # noqa: SLF001 - the table itself
def test_each_name_of_monitoring_is_its_files_own(name: str) -> None:
    file = file_of(monitoring._NAMES_OF)[name]  # noqa: SLF001 - as above
    assert getattr(monitoring, name) is getattr(import_module(f"monitoring.{file}"), name)


def test_names_that_were_not_used_yet_can_be_completed() -> None:
    assert set(dosing.__all__) <= set(dir(dosing))
    assert set(monitoring.__all__) == {*file_of(monitoring._NAMES_OF), "__version__"}  # noqa: SLF001
    assert set(monitoring.__all__) <= set(dir(monitoring))


def test_the_version_is_the_programs() -> None:
    assert dosing.__version__ == monitoring.__version__ == a_proposal().version


@pytest.mark.parametrize("room", _ROOMS)
def test_each_room_says_that_it_is_typed(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()


# --- text where a person has text


def test_text_is_read_as_the_readers_read_it() -> None:
    assert Weight("27 lb") == Weight.read("27 lb") == Weight(Decimal("12.24699399"))
    assert Height("0.88 m") == Height.read("0.88 m") == Height(Decimal(88))
    assert Age("2 years") == Age.read("2 years") == Age(Decimal(24), Decimal("730.5"))
    assert Age.between("2024-11-05", "2026-11-24") == Age.between(
        date(2024, 11, 5), date(2026, 11, 24)
    )


@pytest.mark.parametrize("value", [12.4, 12, None, b"12.4 kg"])
@pytest.mark.parametrize("kind", [Weight, Height, Age])
def test_a_number_without_a_unit_is_refused(kind: type, value: object) -> None:
    with pytest.raises(UserError, match="as a text with its unit, such as"):
        kind(value)


def test_one_drug_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(UserError, match=r'Write \["clarithromycin"\]'):
        a_request(drugs="clarithromycin")


@pytest.mark.parametrize("value", [Weight("12.4 kg"), Weight("27 lb"), Height("34.65 in")])
def test_a_weight_and_a_height_read_back_from_their_repr(value: Weight | Height) -> None:
    assert type(value)(repr(value).split("'")[1]) == value


# --- results


def a_proposal() -> dosing.Proposal:
    return propose_starting_dose(a_request())


def results(records: Iterable[Record]) -> Iterator[Result]:
    """Yield every result that a notebook shows, of every patient of the synthetic clinic."""
    yield a_proposal()
    yield propose_starting_dose(a_request(age=Age("3 months")))
    for record in records:
        yield summarise(record, _NOW)
        yield advise(record, _NOW)
        yield forecast_for(record, _NOW)
        yield from assess_levels(record)
    yield from (check for _, check in worklist(records, _NOW))


class Tags(HTMLParser):
    """The tags of a text, and whether each is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"open"}
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.shown += data


_TAGS = {"p", "b", "table", "tr", "th", "td", "details", "summary"}


def test_every_result_is_short_as_text_and_whole_as_a_table(records: Records) -> None:
    found = list(results(records))
    kinds = {each.__name__ for each in Result.__subclasses__()}
    assert {type(each).__name__ for each in found} == kinds
    for each in found:
        assert len(repr(each)) <= _REPR_LIMIT
        json.dumps(each.to_dict(), allow_nan=False)
        tags = Tags(each._repr_html_())
        assert tags.seen <= _TAGS
        assert tags.open == []


def test_what_a_result_is_made_of_is_short_too(records: Records) -> None:
    proposal = a_proposal()
    record = records.find("DEMO-01")
    forecast = forecast_for(record, _NOW)
    parts = (
        proposal.request,
        proposal.request.protocol,
        proposal.start,
        proposal.dose,
        *proposal.areas,
        *proposal.steps,
        advise(record, _NOW).request,
        record,
        *record.entries,
        *(each.entry for each in record.entries),
        forecast.answer,
        _NOW,
        records,
    )
    assert [each for each in map(repr, parts) if len(each) > 2 * _REPR_LIMIT] == []


def test_the_dictionary_of_a_proposal_is_the_json_document() -> None:
    for proposal in (a_proposal(), propose_starting_dose(a_request(age=Age("3 months")))):
        assert json.loads(proposal.to_json()) == proposal.to_dict()


def test_the_dictionaries_are_what_the_commands_print(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(records.place.file)
    main(["level", "list", "DEMO-01", "--records", place, "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed
    for each, level in zip(printed, assess_levels(records.find("DEMO-01")), strict=True):
        assert level.to_dict().items() <= each.items()


def test_hostile_text_is_shown_and_does_nothing(records: Records) -> None:
    proposal = propose_starting_dose(
        a_request(age=Age("3 months"), override=Override(_HOSTILE, by=_HOSTILE), drugs=(_HOSTILE,))
    )
    record = records.find("DEMO-01")
    renamed = replace(record.patient, entry=replace(record.patient.entry, name=_HOSTILE))
    for result in (proposal, summarise(replace(record, patient=renamed), _NOW)):
        tags = Tags(result._repr_html_())
        assert tags.seen <= _TAGS
        assert _HOSTILE in tags.shown
    assert Tags(as_html(_HOSTILE, {_HOSTILE: {_HOSTILE: [_HOSTILE, {_HOSTILE: 1}]}})).seen <= _TAGS


@given(st.text(), st.text())
def test_any_text_is_shown_as_it_is(title: str, text: str) -> None:
    assert as_html(title, {"key": text}) == (
        f"<p><b>{escape(title)}</b></p><table><tr><th>key</th><td>{escape(text)}</td></tr></table>"
    )


def test_no_short_text_holds_who_the_patient_is(records: Records) -> None:
    for record in records:
        patient = record.patient.entry
        shown = f"{record!r} {record.entries!r} {summarise(record, _NOW)!r} {records!r}"
        assert patient.name not in shown
        assert patient.record_number not in shown


# --- levels as a table


def test_the_table_of_levels_has_every_level_and_every_digit(records: Records) -> None:
    table = records.levels()
    levels = {each.number: each for record in records for each in record.of(Level)}
    assert set(table["number"]) == set(levels)
    for row in table.to_dict("records"):
        level = levels[row["number"]].entry
        assert row["reported"] == str(level)
        assert Decimal(row["level_ng_ml_exact"]) == level.value.value
        assert row["level_ng_ml"] == float(level.value.value)
        assert row["sampled_utc"] == level.sampled.utc
        assert (row["comparator"] in {"<", ">"}) == (level.comparator is not None)


def test_the_table_of_levels_says_what_the_assessment_says(records: Records) -> None:
    table = records.levels().set_index("number")
    for record in records:
        for assessed in assess_levels(record):
            row = table.loc[assessed.level.number]
            assert row["status"] == assessed.status.value
            assert row["record_number"] == record.patient.entry.record_number
            assert (None if pd.isna(row["is_trough"]) else row["is_trough"]) == assessed.is_trough


def test_the_columns_are_described_and_plain(records: Records) -> None:
    from monitoring.levels import frame  # noqa: PLC0415 - its docstring is what is tested

    described = re.findall(r"^\| ([a-z_, ]+?) \|", frame.__doc__ or "", re.MULTILINE)[1:]
    assert tuple(name for row in described for name in row.split(", ")) == frame.COLUMNS
    plain = {"str", "int64", "float64", "bool", "boolean", "datetime64[s, UTC]"}
    assert set(map(str, records.levels().dtypes)) <= plain


def test_records_without_a_level_give_an_empty_table(tmp_path: Path) -> None:
    empty = open_records(str(tmp_path / "empty.sqlite"), "Dr Example", create=True)
    empty.store.add_patient(
        Patient(record_number="1", name="Sample", born=date(2020, 1, 1), sex=Sex.MALE)
    )
    table = empty.levels()
    assert len(table) == 0
    assert "level_ng_ml" in table.columns

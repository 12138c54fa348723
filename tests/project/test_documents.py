"""The documents, held to the code: what they say is what the program does today."""

import re
import shlex
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from dosing.knowledge.references import SOURCES
from monitoring import Moment, open_records, write_demo
from monitoring.record import kinds
from monitoring.record.entry import Entry
from monitoring.record.entry_kind import EntryKind
from tests.builders import a_patient
from tests.project.hazard_log import hazards
from tests.project.markdown import anchor_of
from tests.project.reference import command_parsers
from tests.project.render import ROOT, pages
from tests.project.tour import PAGES, printed_page
from tui.cli.main import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]  # fmt: skip


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_rendered_pages_are_up_to_date(path: Path) -> None:
    """If this fails: python -m tests.project.render."""
    assert path.read_text(encoding="utf-8") == pages()[path]


def commands() -> dict[str, list[str]]:
    """Return the long options of every command and action, as the parser knows them."""
    return {
        words: [
            option
            for action in command._actions  # noqa: SLF001 - see above
            for option in action.option_strings
            if option.startswith("--") and option != "--help"
        ]
        for words, command in command_parsers().items()
    }


def test_every_command_and_option_is_documented() -> None:
    for words, options in commands().items():
        heading = f"## `sirolimus {words.split()[0]}`"
        assert heading in COMMANDS
        section = COMMANDS.split(heading)[1].split("\n## ")[0]
        assert f"sirolimus {words}" in section or f"`{words.split()[-1]}`" in section, words
        shared = COMMANDS.split("## What the commands on the record share")[1].split("\n## ")[0]
        missing = [option for option in options if f"`{option}" not in section + shared]
        assert missing == [], words


def test_every_documented_option_exists() -> None:
    known = {option for options in commands().values() for option in options} | {
        "--version",
        "--help",
    }
    assert set(re.findall(r"`(--[a-z0-9-]+)", COMMANDS)) <= known


def test_every_choice_is_documented() -> None:
    for command in command_parsers().values():
        for action in command._actions:  # noqa: SLF001 - see above
            for choice in action.choices or ():
                assert re.search(rf"[`|\\\\ \n]{re.escape(str(choice))}[`|\\\\ ,:\n]", COMMANDS), (
                    f"{action.dest} {choice}"
                )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_shows_what_the_program_prints(path: Path) -> None:
    """If this fails: python -m tests.project.tour, and read the difference."""
    page = path.read_text(encoding="utf-8")
    assert page.count("```console") >= 2
    assert printed_page(page) == page


def test_a_fault_in_an_example_is_not_printed_into_the_page() -> None:
    with pytest.raises(ValueError, match="is not a command of this program"):
        printed_page("```console\n$ rm records.sqlite\n```\n")


def test_the_readme_shows_a_demo_patient_as_the_program_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example is shortened, and dated: its lines are those of one evening of the demo."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    evening = Moment.read("2026-11-24T22:00", "Europe/Paris")
    monkeypatch.setattr(Moment, "now", lambda *_: evening)
    write_demo(
        open_records("demo.sqlite", create=True).store.engine, date(2026, 11, 24), "Europe/Paris"
    )
    (example,) = re.findall(r"```text\n(.+?)```", README, re.DOTALL)
    runs = re.findall(r"^\$ sirolimus (.+)\n((?:(?!\$).*\n)+)", example, re.MULTILINE)
    assert [command.split()[0] for command, _ in runs] == ["advise", "due"]
    for command, shown in runs:
        main(shlex.split(command))
        assert shown in capsys.readouterr().out


def test_every_hazard_names_tests_that_exist() -> None:
    log = hazards()
    assert len({hazard.id for hazard in log}) == len(log)
    for hazard in log:
        assert hazard.tests, f"{hazard.id} has no test"
        assert hazard.controls, f"{hazard.id} has no control"
        for test in hazard.tests:
            path, _, function = test.partition("::")
            code = (ROOT / path).read_text(encoding="utf-8")
            found = re.search(rf"^(?:async )?def {function}\(", code, re.MULTILINE)
            assert found, f"{hazard.id} names {test}, which does not exist"


def test_links_between_the_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_page_is_once_in_the_list_from_which_the_navigation_is_made() -> None:
    """If this fails: add the page to docs/index.md, or to the README of its folder."""
    listed: list[Path] = []
    for page, below in (("docs/index.md", ""), ("docs/safety/README.md", "[^/)]+"),
                        ("docs/decisions/README.md", "[^/)]+")):  # fmt: skip
        links = re.findall(
            rf"\]\(({below or '[^)#:]+'}\.md)\)", (ROOT / page).read_text(encoding="utf-8")
        )
        found = [((ROOT / page).parent / link).resolve() for link in links]
        listed += dict.fromkeys(found) if below else found
    listed.append(ROOT / "docs" / "index.md")
    readme = ROOT / "README.md"
    assert sorted(listed) == sorted([*DOCUMENTS, readme])  # the list begins with the README


def test_anchors_in_the_links_between_the_documents_are_headings() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
            page = (document.parent / target).resolve() if target else document
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(anchor_of, headings), f"{document.name}: {target}#{anchor}"


def test_every_path_named_in_the_documents_exists() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for path in re.findall(r"`((?:dosing|monitoring|reports|tui|tests|docs)/[\w./-]*)`", text):
            assert (ROOT / path).exists(), f"{document.name}: {path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfusion(Entry):
    """The kind of entry that docs/development.md adds."""

    on: date
    product: str


def test_the_kind_of_entry_that_the_development_notes_add_is_one() -> None:
    page = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    example = re.search(r"^ +(_TRANSFUSION = (?:.*\n)+?) +\)\n", page, re.MULTILINE)
    assert example
    names = {**vars(kinds), "Transfusion": Transfusion}
    exec(f"{example[1]})", names)  # noqa: S102 - our own page
    kind: EntryKind = names["_TRANSFUSION"]
    typed = {"on": date(2026, 11, 5), "product": "platelets"}
    entry = kind.make(a_patient(), typed)
    assert kind.in_words(entry) == "platelets on 5 Nov 2026"
    assert {each.name for each in kind.fields} == set(typed) == set(kind.columns)


def test_every_source_is_used() -> None:
    """A citation that no figure carries would claim what is not there."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for room in ("dosing", "monitoring")
        for path in (ROOT / room).rglob("*.*")
        if path.suffix in {".py", ".toml"} and path.name != "references.py"
    )
    unused = [key for key in SOURCES if f'"{key}"' not in code]
    assert unused == ["proposed", "unconfirmed"]  # used by the names of their constants


LOCKS = sorted(ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locked_requirements_are_pinned_hashed_and_name_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"\n(?=[a-z])", text)
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[^ ]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_every_dependency_is_bounded_and_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    development = [entry for entry in project["dependency-groups"]["dev"] if isinstance(entry, str)]
    for lock, dependencies in (
        ("requirements.txt", project["project"]["dependencies"]),
        ("requirements-dev.txt", project["project"]["dependencies"] + development),
    ):
        locked = (ROOT / lock).read_text(encoding="utf-8")
        for dependency in dependencies:
            name = re.split(r"[<>=[]", dependency)[0]
            bounded = r"[a-z0-9-]+(\[[a-z]+\])?>=[0-9.]+,<[0-9.]+(; .+)?"
            assert re.fullmatch(bounded, dependency)
            assert re.search(rf"^{name}==", locked, re.MULTILINE), f"{name} in {lock}"

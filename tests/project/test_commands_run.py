"""Every command of the documents runs, as it is written there.

It runs on records of made-up patients, at one moment of the clock. On the page that describes the
commands, words in capitals (`M`, `TIME`, `FILE`) are filled in and what is in brackets is left out,
and each command runs by itself; elsewhere those of a block run in their order. A block that cannot
run here has its reason in a comment before it: `<!-- not run: why -->`; ways of installing are run
by a test of their own: `<!-- run: way -->`. `ELSEWHERE` names the
commands that wait for a person, a server or a file, and the tests that run them.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from monitoring.store.opening import open_records
from tests.project.markdown import DOCS, ROOT
from tests.project.tour import PAGES, new_user
from tests.tui.cli.test_kinetics_command import TABLE
from tui.cli.main import main
from tui.cli.output import ExitCode

COMMANDS = DOCS / "commands.md"
DOCUMENTS = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]
ELSEWHERE = {
    "sirolimus cohort share": "tests/tui/cli/test_pool_commands.py",
    "sirolimus cohort pool": "tests/tui/cli/test_pool_commands.py",
    "sirolimus clinic": "tests/monitoring/store/test_clinic.py",
    "sirolimus decrypt": "tests/tui/cli/test_encryption_commands.py",
    "sirolimus encrypt": "tests/tui/cli/test_encryption_commands.py",
    "sirolimus import --watch": "tests/tui/cli/test_import_sources.py",
    "sirolimus import FILE --guess": "tests/tui/cli/test_import_guess.py",
    "sirolimus import results.csv --guess": "tests/tui/cli/test_import_guess.py",
    "sirolimus import more-results.csv": "tests/tui/cli/test_import_guess.py",
    "sirolimus import waiting": "tests/tui/cli/test_import_sources.py",
    "sirolimus key": "tests/tui/cli/test_encryption_commands.py",
    "sirolimus kinetics fit TABLE --model fan2024 --out fits.csv --cluster":
        "tests/tui/cli/test_kinetics_workers.py",
    "sirolimus kinetics simulate-trial": "tests/tui/cli/test_kinetics_evaluate.py",
    "sirolimus patient remove": "tests/tui/cli/test_removal_commands.py",
    "sirolimus recover": "tests/tui/cli/test_damaged_records.py",
}  # fmt: skip
OPENS_THE_APP = {"sirolimus", "sirolimus demo", "sirolimus --records clinic.sqlite"}
_SHELL = re.compile(
    r"(\$ )?(sirolimus|export|set|sudo|create(db|user)|psql|pg_\w+|make|uv|bash|pipx?|py|python3?"
    r"|chmod|cp|rsync|openssl|schtasks|git|\.venv|[A-Z_]+=\S+)(?!\w)"
)
_MARKER = re.compile(r"<!-- (not run|run|ci): (.+?) -->")


@dataclass(frozen=True)
class Block:
    """A block of shell commands of a page, with the reason against running it, if any."""

    page: Path
    lines: tuple[str, ...]
    not_run: str


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks whose first line is a command."""
    reason = ""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block":
            found = _MARKER.match(token.content)
            reason = found[2] if found else ""
        elif token.type in {"fence", "code_block"}:
            text = re.sub(r"\\\n\s*", "", token.content)
            lines = [line for line in text.splitlines() if line.strip()]
            if token.info == "console":
                lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            if token.info in {"", "sh", "bat", "console"} and lines and _SHELL.match(lines[0]):
                yield Block(page, tuple(re.sub(r"\s{2,}.*", "", line) for line in lines), reason)
            reason = ""


HAS_ITS_OWN_TEST = {*PAGES, DOCS / "postgresql.md"}
BLOCKS = [block for page in DOCUMENTS if page not in HAS_ITS_OWN_TEST for block in blocks(page)]
BLOCKS += [block for block in blocks(ROOT / "README.md") if "dose" not in block.lines[0]]
DESCRIBED = [
    line
    for block in BLOCKS
    for line in block.lines
    if block.page == COMMANDS and line not in OPENS_THE_APP
]
OTHERS = [block for block in BLOCKS if block.page != COMMANDS and not block.not_run]


def elsewhere(line: str) -> str | None:
    """Return the tests that run a command which does not run here."""
    return next(
        (test for words, test in ELSEWHERE.items() if f"{line} ".startswith(f"{words} ")), None
    )


_FILLED = {
    "M": "00123", "N": "00124", "TIME": "2026-11-29T08:00", "DATE": "2026-11-20", "WHY": "checked",
    "NAME": "surgery", "TABLE": "table.csv", "TABLE...": "table.csv", "PLACE": "practice.sqlite",
    "MAP": "new-mapping.toml",
}  # fmt: skip
_FILES = {
    "import --write-template": "template.xlsx", "import FOLDER": "exported",
    "import FILE --write-mapping": "results.csv", "import FILE": "results.json",
    "restore": "backup.sqlite", "export --levels": "levels.csv",
}  # fmt: skip
_ENTRIES = {
    "patient": "patient add --mrn 00123 --name Sample --born 2024-11-05 --sex female",
    "measure": "measure add 00123 --weight 12.4kg --height 88cm --on 2026-10-30",
    "prescription": "prescribe 00123 --dose 0.44mg --times-a-day 2 --from 2026-11-09T08:00",
    "level": "level add 00123 7.2ng/mL --at 2026-11-23T07:50 --last-dose 2026-11-22T20:00"
    " --assay lc-ms/ms",
    "event": "event add 00123 headache --from 2026-11-19 --grade 1",
    "drug": "drug add 00123 ibuprofen --from 2026-11-15",
    "condition": "condition add 00123 asthma --from 2026-11-18",
}  # fmt: skip


def filled(line: str, numbers: dict[str, str]) -> list[str]:
    """Return the arguments of a described command as a person types them."""
    command = re.sub(r"\s*\[[^]]*\](\.\.\.)?", "", line.removeprefix("sirolimus "))
    command = re.sub(r"(?<=\w)(\|[\w./]+)+", "", command).replace(" ...", "")
    file = next((file for words, file in _FILES.items() if command.startswith(words)), "new-file")
    words = shlex.split(command)
    own = {"M": "00125"} if command.startswith("patient add") else {}
    if command.startswith("demo"):
        own = {"PLACE": "demo.sqlite"}
    own |= {
        "FILE": file,
        "NEW.sqlite": "recovered.sqlite",
        "FOLDER": file,
        "FILE.csv": file,
        "NUMBER": numbers.get(words[0], ""),
    }
    return [{**_FILLED, **own}.get(word, word) for word in words]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the records of a clinic, and the files that the pages name."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    for name in ("site1.csv", "site2.csv"):
        shutil.copy(folder / "table.csv", folder / name)
    tables = [folder / f"{name}.csv" for name in ("north", "south", "east")]
    (folder / "results.csv").write_text("MRN,Test,Result\n", encoding="utf-8")
    with new_user(folder):
        for command in (
            _ENTRIES["patient"].replace("00123", "00124"), *_ENTRIES.values(),
            "backup backup.sqlite", "export exported", "export --fhir results.json",
            *(f"export --levels {each.name}" for each in tables),
        ):  # fmt: skip
            assert main(shlex.split(command)) == ExitCode.DONE, command
    return folder


@pytest.fixture(scope="module")
def numbers(clinic: Path) -> dict[str, str]:
    """Return the number of the entry of each kind."""
    with new_user(clinic):
        store = open_records("practice.sqlite").store
        record = store.find("00123")
    return {kind: str(each.number) for kind, each in zip(_ENTRIES, record.entries, strict=True)}


_BEFORE = {
    "sirolimus restore before-upgrade.sqlite": "backup before-upgrade.sqlite",
    "sirolimus prescribe check M --dose 0.4mg": "prescribe 00123 --dose 0.4mg --evening-dose 0.5mg"
    ' --every "12 h" --from 2026-11-29T08:00 --reason growth',
    "sirolimus restart": "missed add 00123 --kind held --at 2026-11-28T08:00",
    "sirolimus import FOLDER": "empty",
    "sirolimus dose --patient": "prescription void 00123 NUMBER --reason wrong",
    "sirolimus prescribe M --accept": "prescription void 00123 NUMBER --reason wrong",
}
"""What has to be so before a described command, by its first words."""


@pytest.fixture
def copy(clinic: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the clinic's folder as the current one, for a new user."""
    folder = tmp_path / "clinic"
    shutil.copytree(clinic, folder)
    with new_user(folder):
        yield folder


def run(arguments: list[str]) -> int | str | None:
    """Return the exit code of a command; the version ends the parser."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def prepare(line: str, copy: Path, numbers: dict[str, str]) -> None:
    """Do what has to be done before a command."""
    for before in (before for words, before in _BEFORE.items() if line.startswith(words)):
        if before == "empty":
            (copy / "practice.sqlite").unlink()
        else:
            assert main(filled(before, numbers)) == ExitCode.DONE


@pytest.mark.campaign
@pytest.mark.parametrize("line", DESCRIBED)
def test_a_described_command_runs(
    line: str, copy: Path, numbers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    if elsewhere(line):
        return
    prepare(line, copy, numbers)
    arguments = filled(line, numbers)
    code = run(arguments)
    assert code == ExitCode.DONE, f"{arguments} {capsys.readouterr().err}"


@pytest.mark.parametrize("block", OTHERS, ids=lambda block: f"{block.page.stem}: {block.lines[0]}")
def test_the_commands_of_a_block_run_in_their_order(
    block: Block, copy: Path, numbers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    if "--mrn 00123" in block.lines[0]:  # it begins with records of its own
        (copy / "practice.sqlite").unlink()
    for line in block.lines:
        if not elsewhere(line) and line not in OPENS_THE_APP:
            assert line.startswith("sirolimus "), f"{line}: say why it is not run"
            prepare(line, copy, numbers)
            code = run(filled(line, numbers))
            assert code == ExitCode.DONE, f"{line}\n{capsys.readouterr().err}"


def test_what_does_not_run_here_has_its_reason_or_its_test() -> None:
    for words, tests in ELSEWHERE.items():
        text = (ROOT / tests).read_text(encoding="utf-8")
        *_, last = (word for word in words.split() if not word.isupper())
        assert f'"{last}"' in text or last.startswith("more-"), (words, tests)
    lines = {line for block in BLOCKS for line in block.lines}
    for words in (*ELSEWHERE, *OPENS_THE_APP):
        assert any(f"{line} ".startswith(f"{words} ") for line in lines), f"{words} is on no page"


def test_a_page_with_a_wrong_option_fails(copy: Path) -> None:
    assert main(shlex.split("due --urgently")) == ExitCode.INVALID_INPUT
    assert copy.is_dir()

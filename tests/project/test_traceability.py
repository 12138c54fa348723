"""Requirements, hazard controls and tests are linked, and a cut link fails."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.hazard_log import hazards
from tests.project.traceability import (
    PAGE,
    REQUIREMENTS,
    Run,
    TestResult,
    Trace,
    exists,
    links_of,
    main,
    page,
    read_run,
    requirements,
    trace,
    written_run,
)

TRACE = trace()
FIRST = TRACE.requirements[0]


def passing(*left_out: str) -> Run:
    """Return a run in which every test passed but for those that are left out."""
    return Run({test: TestResult(passed=1) for test in TRACE.tests if test not in left_out})


def junit(tmp_path: Path, name: str, *outcomes: tuple[str, str]) -> Path:
    """Write a JUnit file as pytest does, with the outcome of each case."""
    cases = []
    for test, outcome in outcomes:
        path, _, function = test.partition("::")
        inside = {"passed": "", "doubled": ""}.get(outcome, f"<{outcome} message='x'/>")
        named = f"{function}[case]" if outcome == "doubled" else function
        module = path.removesuffix(".py").replace("/", ".")
        cases.append(f'<testcase classname="{module}" name="{named}" time="0">{inside}</testcase>')
    suite = f'<testsuite timestamp="2026-11-29T22:00:00+00:00">{"".join(cases)}</testsuite>'
    file = tmp_path / name
    file.write_text(f"<testsuites>{suite}</testsuites>", encoding="utf-8")
    return file


def test_no_link_is_cut() -> None:
    """If this fails: add the control, the requirement or the test to the tables in docs/."""
    assert list(TRACE.broken_links()) == []


def test_the_written_table_has_the_links_of_today() -> None:
    """If this fails: make traceability; for words alone python -m tests.project.traceability."""
    written = links_of(PAGE.read_text(encoding="utf-8"))
    assert written == links_of(page(TRACE, Run()))
    assert len(written) > 300


def test_requirements_are_numbered_in_order() -> None:
    numbers = [each.id for each in TRACE.requirements]
    assert numbers == sorted(numbers)
    assert all(re.fullmatch(r"REQ-\d{3}", each) for each in numbers)


def test_a_whole_run_has_no_gap_and_each_row_its_result() -> None:
    assert TRACE.gaps(passing(), of_hazards=True) == []
    text = page(TRACE, passing())
    assert "There is no gap." in text
    assert text.count("| 1 passed |") == len(links_of(text))


@pytest.mark.parametrize("result", [TestResult(), TestResult(skipped=1), TestResult(failed=1)])
def test_a_test_that_did_not_run_and_pass_is_a_gap(result: TestResult) -> None:
    test = FIRST.tests[0]
    run = Run({**passing(test).results, test: result})
    assert TRACE.gaps(run) == [f"{test}: {result}"]
    assert "**Gaps: 1.**" in page(TRACE, run)


def test_one_skipped_case_among_passed_ones_is_a_gap() -> None:
    test = FIRST.tests[0]
    run = Run({**passing(test).results, test: TestResult(passed=2, skipped=1)})
    assert TRACE.gaps(run) == [f"{test}: 2 passed, 1 skipped"]


def test_each_cut_of_a_link_is_named() -> None:
    others = TRACE.requirements[1:]
    nowhere = "tests/project/test_traceability.py::test_nowhere"

    def cut(**changes: object) -> list[str]:
        changed = replace(FIRST, **changes)  # type: ignore[arg-type]  # fields of the dataclass
        return list(Trace((changed, *others), TRACE.hazards).broken_links())

    assert cut(tests=()) == [f"{FIRST.id}: has no test"]
    assert cut(tests=(nowhere,)) == [f"{nowhere}: does not exist"]
    assert cut(id=others[0].id) == [f"{others[0].id}: the id comes twice"]
    (control,) = cut(controls=FIRST.controls[1:])
    assert control.startswith("D1: no requirement carries")
    unknown, missing = cut(controls=("D1 Something else", *FIRST.controls[1:]))
    assert unknown == f'{FIRST.id}: "D1 Something else" is not the beginning of one control'
    assert missing.startswith("D1: no requirement carries")
    assert len(cut(controls=("D1", *FIRST.controls[1:]))) == 2
    assert cut(controls=())[0] == f"{FIRST.id}: controls no hazard"


def test_a_new_hazard_without_a_requirement_is_named() -> None:
    new = replace(hazards()[0], id="Z1", controls=("A control of its own.",))
    assert list(Trace(TRACE.requirements, (*TRACE.hazards, new)).broken_links()) == [
        'Z1: no requirement carries "A control of its own."'
    ]


def test_an_empty_text_of_a_requirement_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "requirements.toml"
    text = REQUIREMENTS.read_text(encoding="utf-8")
    for old, new in ((f'text = "{FIRST.text}"', 'text = ""'), (f'"{FIRST.tests[0]}"', '""')):
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ValueError, match="REQ-"):
            requirements(file)


def test_a_run_is_read_from_its_files(tmp_path: Path) -> None:
    one, two = "tests/a/test_b.py::test_c", "tests/test_d.py::test_e"
    first = junit(tmp_path, "1.xml", (one, "passed"), (one, "doubled"), (two, "skipped"))
    second = junit(tmp_path, "2.xml", (two, "failure"), (two, "error"))
    run = read_run((first, second))
    assert run.began == "2026-11-29"
    assert run.result(one) == TestResult(passed=2)
    assert run.result(two) == TestResult(skipped=1, failed=2)
    assert not run.result("tests/test_f.py::test_g").holds


def test_the_command_fails_on_a_gap_and_writes_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "table.md"
    all_of_it = [(test, "passed") for test in TRACE.tests]
    whole = junit(tmp_path, "whole.xml", *all_of_it)
    assert main([str(whole), "--out", str(out), "--commit", "abc", "--all"]) == 0
    assert "commit abc, 2026-11-29." in out.read_text(encoding="utf-8")
    cut = junit(tmp_path, "cut.xml", *all_of_it[1:], (all_of_it[0][0], "skipped"))
    assert main([str(cut), "--check", "--all"]) == 1
    assert f"gap: {all_of_it[0][0]}: 1 skipped" in capsys.readouterr().err


def test_a_written_table_is_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words change more often than tests run: the table keeps its results and their run."""
    named = {test for each in TRACE.requirements for test in each.tests}
    cases = {test: TestResult(passed=number) for number, test in enumerate(sorted(named), 1)}
    run = Run(cases, "2026-11-29", "abc")
    assert written_run(page(TRACE, run)) == run
    cut = Run({**cases, FIRST.tests[0]: TestResult()}, "2026-11-29", "abc")
    assert written_run(page(TRACE, cut)).result(FIRST.tests[0]) == TestResult()
    assert written_run("Another text.") == Run()
    out = tmp_path / "kept.md"
    assert main(["--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
    assert "0 gaps" in capsys.readouterr().out


@pytest.mark.parametrize("test", ["tests/nowhere.py::test_x", "tests/project::test_x", "::", ""])
def test_what_is_no_test_does_not_exist(test: str) -> None:
    assert not exists(test)

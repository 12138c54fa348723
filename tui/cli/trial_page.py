"""Simulated trials as a page for the terminal: readable at 80 columns, without colour."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from dosing import REVIEW, VERSION
from dosing.quantities.formatting import count_of
from monitoring.evaluation.trial import CHECKED_WEEKS, WEEKS
from monitoring.evaluation.trial_result import NOT_OF_PATIENTS, ArmResult, TrialResult
from tui.cli.page import print_page
from tui.rich_page import FigureTable, closing, section, wrapping

_LEGEND = (
    "Shares are of true troughs: in the target at the end of a week, and on the mornings from the "
    "third week on; below and above it at the end; over 20 ng/mL on any morning. Levels and dose "
    "changes are those of a patient. Holds are counted over all, and so are the levels after which "
    "the program still asked a question (open)."
)


def print_trials(found: Sequence[TrialResult]) -> None:
    """Print the page to standard output."""
    print_page(_page(found))


def _page(found: Sequence[TrialResult]) -> Iterator[RenderableType]:
    yield Text("Simulated trial of the advice", style="bold")
    first = found[0]
    asked = first.model.name if first.model else "the average of the models that apply"
    yield wrapping(
        f"{count_of(first.patients, 'virtual patient')} for each truth, {WEEKS} weeks, seed "
        f"{first.seed}; target {REVIEW.target}. The recommendation asks {asked}."
    )
    yield wrapping(NOT_OF_PATIENTS)
    for trial in found:
        yield from section(f"Truth: {trial.truth.name}, % in the target", _shares(trial))
        yield from section(f"Truth: {trial.truth.name}, safety and effort", _effort(trial))
    yield ""
    yield wrapping(_LEGEND)
    yield ""
    yield closing(VERSION)


def _shares(trial: TrialResult) -> RenderableType:
    rows: list[tuple[str, ...]] = []
    for arm in trial.arms:
        shares = (f"{each.within.percent:.0f}" for each in arm.weeks)
        rows.append((arm.arm.words, *shares, f"{arm.days_within_percent:.0f}"))
        ends = (_ends(each.within.interval_percent) for each in arm.weeks)
        rows.append(("  95 % CI", *ends, ""))
    table = FigureTable(
        ("end of week", *map(str, CHECKED_WEEKS), "of days"),
        rows,
        spoken=("", *(f"end of week {week}" for week in CHECKED_WEEKS), "days in the target"),
    )
    return Padding(table, (0, 0, 0, 2))


def _effort(trial: TrialResult) -> RenderableType:
    headings = ("", "below", "above", "over 20", "levels", "changes", "holds", "open")
    spoken = (
        "", "below the target", "above the target", "over 20 ng/mL", "levels of a patient",
        "dose changes of a patient", "holds over all", "open questions over all",
    )  # fmt: skip
    table = FigureTable(headings, map(_effort_cells, trial.arms), spoken=spoken)
    return Padding(table, (0, 0, 0, 2))


def _effort_cells(arm: ArmResult) -> tuple[str, ...]:
    """Return the shares at the end, overshoots, and what was done for each patient."""
    last = arm.weeks[-1]
    return (
        arm.arm.words,
        f"{last.below.percent:.0f} %",
        f"{last.above.percent:.0f} %",
        f"{arm.overshoot.percent:.1f} %",
        f"{arm.levels_per_patient:.1f}",
        f"{arm.changes_per_patient:.1f}",
        str(arm.holds),
        str(arm.open_questions),
    )


def _ends(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.0f}-{interval[1]:.0f}"

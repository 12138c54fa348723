"""Every figure that this project proposed, ready for a signature; every limit on one page.

Figures are found by walking through the tables of `dosing.knowledge`, those with the source
`proposed` or `unconfirmed` for the signature; those that a comment marks are listed below by that
comment. A test compares both with the code: a new figure that is left out fails.
"""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import singledispatch

import dosing.knowledge
from dosing.alerts import AlertRow
from dosing.knowledge.clinic_limits import RULES
from dosing.knowledge.counselling import CounsellingPoint
from dosing.knowledge.interactions import Drug
from dosing.knowledge.limits import (
    FORWARD_RATIO,
    LOADING_ROUNDING,
    LOADING_TABLET_ROUNDING,
    RETURN_RATIO,
    ROUNDING,
    TABLET_ROUNDING,
    Limit,
)
from dosing.knowledge.monitoring_schedule import RHYTHMS, STANDARD, Rhythm, Window
from dosing.knowledge.products import SYRINGE_MARKS
from dosing.knowledge.prophylaxis import ProphylaxisReason
from dosing.knowledge.references import PROPOSED, UNCONFIRMED
from dosing.knowledge.tdm_rules import LevelRule
from dosing.nonmem.cautions import UnitRange
from dosing.pharmacokinetics import model_named
from tests.project.markdown import MADE, table

MARKS = frozenset({PROPOSED, UNCONFIRMED})


@dataclass(frozen=True, slots=True, order=True)
class ProposedFigure:
    """One row of the table: a figure or rule that a clinic confirms or changes."""

    group: str
    what: str
    value: str
    use: str
    mark: str
    place: str
    """The file of the code, or the data, in which it is."""
    command: str = ""
    """The command by which a clinic changes it; empty for a fixed one."""


@dataclass(frozen=True, slots=True)
class MarkedFigure:
    """A figure whose mark is a comment: the module, words of that comment, and the figure."""

    module: str
    comment: str
    name: str
    """The constant, or empty where another row of the table has the figure."""
    unit: str = ""
    use: str = ""
    group: str = "Rules of the course"


_SCHEDULE = "dosing.knowledge.monitoring_schedule"
_CLINIC_LIMITS = "dosing.knowledge.clinic_limits"
_PHARMACOKINETICS = "Forecasts"
_RESEARCH = "Research tables and simulated trials"
MARKED_FIGURES = (
    MarkedFigure(
        "dosing.dose_adjustment", "# Proposed: the aim of a target without",
        "_AIM_PART_OF_UPPER_END", "of the upper end", "the aim of a target without a lower end",
    ),
    MarkedFigure("dosing.dose_adjustment", "(proposed).", ""),
    MarkedFigure(
        "monitoring.laboratory.flowsheet", "Proposed: a smaller change from the value",
        "TREND_PERCENT", "%", "the change of a laboratory value that is drawn as an arrow",
    ),
    MarkedFigure(
        "dosing.gestational_age", "Proposed: from two years on", "CORRECTED_BELOW_MONTHS",
        "months", "below it growth is compared at the corrected age",
    ),
    MarkedFigure(
        "dosing.measuring", "differ by no more (proposed)", "FARTHEST_OPTION_PERCENT", "%",
        "other doses of whole tablets are shown within it", "Limits",
    ),
    MarkedFigure(
        "dosing.nonmem.cautions", "The thresholds are proposed", "_FAR", "as a logarithm",
        "farther from the typical levels a table's levels may be logarithms", _RESEARCH,
    ),
    MarkedFigure(
        "dosing.nonmem.cautions", "The thresholds are proposed", "_CLOSER", "times",
        "closer to them as logarithms, the fit asks for it", _RESEARCH,
    ),
    MarkedFigure(
        "dosing.pharmacokinetics.recommendation", "Proposed: candidates are about", "_STEP",
        "times", "the step between candidates for a dose", _PHARMACOKINETICS,
    ),
    MarkedFigure(
        "dosing.pharmacokinetics.recommendation", "counts twice (proposed)", "",
    ),
    MarkedFigure(
        "dosing.knowledge.limits", "rounding never raises a dose (proposed)",
        "ROUNDED_DOWN_BELOW_MONTHS", "months", "below this age rounding never raises a dose",
        "Limits",
    ),
    MarkedFigure(
        "dosing.knowledge.limits", "# Proposed, as most of the table is",
        "LEVEL_ASKED_AGAIN_ABOVE_NG_ML", "ng/mL", "a level above it is asked again", "Limits",
    ),
    MarkedFigure(
        "dosing.knowledge.limits", "# Proposed, as most of the table is",
        "FUTURE_TOLERANCE_MINUTES", "minutes", "a time farther ahead of the clock is refused",
        "Limits",
    ),
    MarkedFigure("dosing.knowledge.limits", "Most values are proposed", ""),
    MarkedFigure(
        _CLINIC_LIMITS, "# Proposed: a clinic's value is half", "LOWEST_PART", "times",
        "of the program's own value: a clinic's own is not below it", "Limits",
    ),
    MarkedFigure(
        _CLINIC_LIMITS, "# Proposed: a clinic's value is half", "HIGHEST_PART", "times",
        "of the program's own value: a clinic's own is not above it", "Limits",
    ),
    MarkedFigure("dosing.knowledge.tdm_rules", "Most are proposed", ""),
    MarkedFigure("dosing.knowledge.forecast_rules", "all proposed", ""),
    MarkedFigure("dosing.knowledge.products", "the marks of oral syringes are proposed", ""),
    MarkedFigure("dosing.knowledge.prophylaxis", "of a high target are proposed", ""),
    MarkedFigure("dosing.knowledge.conditions", "The windows are proposed", ""),
    MarkedFigure(
        "dosing.knowledge.conditions", "# Proposed: the days around an operation",
        "SURGERY_PLANNED_WITHIN_DAYS", "days", "a planned operation within them is a caution",
    ),
    MarkedFigure(
        "dosing.knowledge.conditions", "# Proposed: the days around an operation",
        "SURGERY_RECENT_WITHIN_DAYS", "days", "an operation within them is a caution",
    ),
    MarkedFigure(
        "dosing.knowledge.counselling", "# proposed: the age from which puberty",
        "FERTILITY_ASKED_FROM_MONTHS", "months", "from it on fertility counselling is due",
    ),
    MarkedFigure(
        _SCHEDULE, "LONGEST_PAUSE_DAYS = 14  # proposed", "LONGEST_PAUSE_DAYS", "days",
        "a longer pause ends a treatment",
    ),
    MarkedFigure(
        _SCHEDULE, "BASELINE_BEFORE_DAYS = 30  # proposed", "BASELINE_BEFORE_DAYS", "days",
        "values within them before the first dose are its baseline",
    ),
    MarkedFigure(
        _SCHEDULE, "HOLD_ASKED_AFTER_DAYS = 14  # proposed", "HOLD_ASKED_AFTER_DAYS", "days",
        "after them the program asks for the restart or stop of an open hold",
    ),
    MarkedFigure(
        _SCHEDULE, "OPEN_EVENT_ASKED_AFTER_DAYS = 30  # proposed", "OPEN_EVENT_ASKED_AFTER_DAYS",
        "days", "after them the program asks for the end of an open severe event",
    ),
    MarkedFigure(
        _SCHEDULE, "GROWTH_DRIFT_PERCENT = 20  # proposed", "GROWTH_DRIFT_PERCENT", "%",
        "the dose for the body of today differs so much: the program asks for a new dose",
    ),
    MarkedFigure(
        _SCHEDULE, "ORDER_BEFORE_DAYS = 7  # proposed", "ORDER_BEFORE_DAYS", "days",
        "the next supply is ordered so early before the first dose without any",
    ),
    MarkedFigure(
        _SCHEDULE, "STEADY_LEVELS_IN_A_ROW = 2  # proposed", "STEADY_LEVELS_IN_A_ROW", "levels",
        "so many within the target end the weekly levels of a young infant",
    ),
    MarkedFigure(
        _SCHEDULE, "`late_days` after it (both proposed)", "Rhythm.early_days", "days",
        "a check of a rhythm can be done so early, where its row says nothing else",
    ),
    MarkedFigure(
        _SCHEDULE, "`late_days` after it (both proposed)", "Rhythm.late_days", "days",
        "a check of a rhythm is overdue so late, where its row says nothing else",
    ),
    MarkedFigure(
        _SCHEDULE, "Its use by age is proposed", "INFANT_BELOW_MONTHS", "months",
        "below this age the stricter rhythm of levels and blood tests applies",
    ),
    MarkedFigure(
        "dosing.knowledge.blood_pressure", "FARTHEST_HEIGHT_Z_SOURCE = PROPOSED",
        "FARTHEST_HEIGHT_Z", "standard deviations",
        "a taller or shorter child's blood pressure is graded as of one at it", "Levels",
    ),
    MarkedFigure(
        "monitoring.evaluation.trial", "Proposed: a lower level is reported",
        "LOWEST_REPORTED_NG_ML", "ng/mL",
        "a lower level of a simulated trial is reported as below it", _RESEARCH,
    ),
    MarkedFigure(
        "monitoring.cohort.patient_facts", "# Proposed: older measurements", "_WEIGHED_WITHIN_DAYS",
        "days", "an older weight does not give the cohort's dose by size",
    ),
    MarkedFigure(
        "monitoring.cohort.patient_facts", "# Proposed: older measurements", "_HEIGHT_WITHIN_DAYS",
        "days", "an older height does not give the cohort's dose by size",
    ),
    MarkedFigure(
        "monitoring.store.backup", "one a month after that (proposed)", "",
    ),  # how many automatic backups are kept: no clinical figure; the post-market plan has it
    MarkedFigure("monitoring.state.severe_findings", "`VALUE_COUNTS_FOR` (proposed)", ""),
    MarkedFigure(
        "monitoring.recommendation.decision", "Proposed: within 10 % of an edge", "_NEAR_LOW",
        "times", "of the lower end: below it a level is near the edge", _PHARMACOKINETICS,
    ),
    MarkedFigure(
        "monitoring.recommendation.decision", "Proposed: within 10 % of an edge", "_NEAR_HIGH",
        "times", "of the upper end: above it a level is near the edge", _PHARMACOKINETICS,
    ),
    MarkedFigure(
        "monitoring.recommendation.forecast.forecasting", "Proposed: of samples within",
        "_AS_GOOD", "", "of samples that differ by less the earliest is shown", _PHARMACOKINETICS,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkedRange:
    """An end of the range of a model whose mark is a comment of its file."""

    model: str
    comment: str
    covariate: str
    end: str


MARKED_RANGES = (
    MarkedRange("chen2020", "3.3 kg, 1 month (proposed)", "weight", "lowest"),
    MarkedRange("chen2020", "3.3 kg, 1 month (proposed)", "age", "lowest"),
    MarkedRange("cheng2020", "deviations above the mean (proposed)", "bilirubin", "highest"),
    MarkedRange("chen2021-mizuno", "patient of Fan 2024 (proposed)", "weight", "lowest"),
)


def marked_rows() -> Mapping[int, tuple[str, object]]:
    """Return every row with one of the marks as its source, with its module, by identity."""
    return {
        key: (module, row)
        for key, (module, row) in sourced_rows().items()
        if getattr(row, "source", None) in MARKS
    }


def sourced_rows() -> Mapping[int, tuple[str, object]]:
    """Return every row with a source, with its module, by identity."""
    found: dict[int, tuple[str, object]] = {}
    seen: set[int] = set()
    modules = (
        each.name for each in pkgutil.walk_packages(dosing.knowledge.__path__, "dosing.knowledge.")
    )
    own_first = sorted(modules, key=lambda name: (name == _CLINIC_LIMITS, name))
    for name in (*own_first, "dosing.nonmem.cautions"):
        for value in vars(importlib.import_module(name)).values():
            _walk(value, name, seen, found)
    return found


def _walk(value: object, module: str, seen: set[int], found: dict[int, tuple[str, object]]) -> None:
    if id(value) in seen:
        return
    if is_dataclass(value) and not isinstance(value, type):
        seen.add(id(value))
        if hasattr(value, "source"):
            found[id(value)] = module, value
        if isinstance(value, Limit):
            seen.add(id(value.row))  # the alert of a limit is the limit's own row
        inside: tuple[object, ...] = tuple(getattr(value, each.name) for each in fields(value))
    elif isinstance(value, Mapping):
        inside = tuple(value.values())
    elif isinstance(value, tuple | list | frozenset | set):
        inside = tuple(value)
    else:
        return
    for each in inside:
        _walk(each, module, seen, found)


_ONLY = {
    ROUNDING: "of the solution",
    LOADING_ROUNDING: "of the solution",
    TABLET_ROUNDING: "of tablets",
    LOADING_TABLET_ROUNDING: "of tablets",
    FORWARD_RATIO: "but for a return to the former dose",
    RETURN_RATIO: "on a return to the former dose",
}
"""The figures of limits that share a name, and what tells them apart."""


@singledispatch
def _figure(row: object) -> tuple[str, str, str, str]:
    """Return the group, the name, the value and the use of a row."""
    raise TypeError(f"{type(row).__name__} has no words in the table of proposed figures")


@_figure.register
def _(row: Limit) -> tuple[str, str, str, str]:
    only = f", {_ONLY[row.figure]}" if row.figure in _ONLY else ""
    use = f"{row.kind.word} for {row.whom.words}{only} (`{row.code}`)"
    return "Limits", row.figure.label, row.out_of_bounds, use


@_figure.register
def _(row: LevelRule) -> tuple[str, str, str, str]:  # type: ignore[type-arg]  # of any figure
    group = "Forecasts" if row in _forecast_rules() else "Levels"
    return group, row.meaning, str(row), f"rule of {group.lower()}"


def _forecast_rules() -> tuple[LevelRule[int], ...]:
    from dosing.knowledge.forecast_rules import FORECAST_RULES  # noqa: PLC0415 - beside its use

    return FORECAST_RULES


@_figure.register
def _(row: Window) -> tuple[str, str, str, str]:
    return "Monitoring", _check(row), str(row), "due between these days"


@_figure.register
def _(row: Rhythm) -> tuple[str, str, str, str]:
    return "Monitoring", _check(row), str(row), "rhythm of the check"


def _check(row: object) -> str:
    """Return the name of a check of the schedule by its fields, or of a published rhythm."""
    names = [each.name for each in fields(STANDARD) if getattr(STANDARD, each.name) is row]
    names = names or [f"rhythm {each.key}" for each in RHYTHMS.values() if each.rhythm is row]
    return " and ".join(names).replace("_", " ")


@_figure.register
def _(row: ProphylaxisReason) -> tuple[str, str, str, str]:
    return "Prophylaxis", row.words, row.strength, "reason to consider prophylaxis"


@_figure.register
def _(row: Drug) -> tuple[str, str, str, str]:
    return "Interactions", row.name, row.advice.name.lower().replace("_", " "), row.effect


@_figure.register
def _(row: CounsellingPoint) -> tuple[str, str, str, str]:
    return "For the family", row.text, row.topic.value, "counselling"


@_figure.register
def _(row: UnitRange) -> tuple[str, str, str, str]:
    value = f"{row.lowest:g} to {row.highest:g} {row.unit}"
    return _RESEARCH, f"{row.column} of a table", value, "beyond it another unit is suspected"


@_figure.register
def _(row: AlertRow) -> tuple[str, str, str, str]:
    return "Alerts", f"`{row.code}`", row.kind.word, " ".join(row.sentences)


def proposed_figures() -> tuple[ProposedFigure, ...]:
    """Return every figure of the table, in its order."""
    return _figures(marked_rows().values())


def limit_figures() -> tuple[ProposedFigure, ...]:
    """Return every limit and every rule of levels, forecasts and checks, whatever its source."""
    kinds = (Limit, LevelRule, Window, Rhythm)
    rows = ((module, row) for module, row in sourced_rows().values() if isinstance(row, kinds))
    return _figures(rows)


def _figures(found: Iterable[tuple[str, object]]) -> tuple[ProposedFigure, ...]:
    """Return the figures of rows, and with them those that a comment marks."""
    rows = [
        ProposedFigure(*_figure(row), str(getattr(row, "source", "")), _file(module), _command(row))
        for module, row in found
    ]
    rows += [
        ProposedFigure(
            each.group, each.use, f"{_value(each)} {each.unit}".strip(), f"`{each.name}`",
            PROPOSED, _file(each.module),
        )
        for each in MARKED_FIGURES if each.name
    ]  # fmt: skip
    rows += map(_range, MARKED_RANGES)
    rows += [
        ProposedFigure(
            "Limits", f"marks of the oral syringes, up to {up_to} mL", f"{step} mL",
            f"rounding, in a clinic whose finest mark is {finest} mL", PROPOSED,
            _file("dosing.knowledge.products"),
        )
        for finest, marks in SYRINGE_MARKS.items()
        for up_to, step in marks.steps
    ]  # fmt: skip
    return tuple(dict.fromkeys(sorted(rows, key=lambda row: (_order(row), row.place))))


_GROUPS = (
    "Limits", "Levels", "Forecasts", "Monitoring", "Prophylaxis", "Rules of the course",
    "Interactions", "For the family", "Alerts", _RESEARCH,
)  # fmt: skip


def _order(row: ProposedFigure) -> int:
    return _GROUPS.index(row.group)


def _command(row: object) -> str:
    """Return the command by which a clinic changes a row, empty for a fixed one."""
    rules = {id(rule): name for name, rule in RULES.items()}
    name = row.name if isinstance(row, Limit) else rules.get(id(row), "")
    return f"sirolimus clinic limits set {name}" if name else ""


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _value(each: MarkedFigure) -> str:
    name, _, field = each.name.partition(".")
    found = getattr(importlib.import_module(each.module), name)
    value = getattr(found, "__dataclass_fields__")[field].default if field else found  # noqa: B009 - typed as any object
    return f"{float(value):.4g}"


def _range(each: MarkedRange) -> ProposedFigure:
    model = model_named(each.model)
    (covariate,) = (found for found in model.covariates if found.name == each.covariate)
    value = getattr(covariate, each.end)
    return ProposedFigure(
        _PHARMACOKINETICS, f"{each.end} {each.covariate} of {each.model}",
        f"{value:.4g} {covariate.unit}", "no forecast beyond it", PROPOSED,
        f"dosing/pharmacokinetics/models/{each.model}.toml",
    )  # fmt: skip


_PAGE = """\
# Proposed figures

{made}
{count} figures and rules of this program have no published source: {proposed} are marked
`proposed`, the judgement of its authors, and {unconfirmed} `unconfirmed`, from memory (an
unconfirmed one never changes a dose). **A clinic confirms or changes each of them before use. This
cannot be done by code:** it needs a clinician with the authority to set limits, a name, a date, and
a reason where a figure is changed. A line with a command is changed and signed by it, without a
change of the program ([clinic limits](../clinic-limits.md)); the others in the file that they name.
Figures with a source are in [clinical basis](../clinical-basis.md).

Confirmed for the clinic, by the line or as a whole:

| clinic | name and profession | date | signature | lines that are not confirmed |
| --- | --- | --- | --- | --- |
|  |  |  |  |  |

{groups}
"""
_GROUP = """\
## {name}

{rows}
"""


def proposed_page() -> str:
    """Return the page with the table of each group, and room for a decision on each line."""
    figures = proposed_figures()
    numbered = [(str(number), row) for number, row in enumerate(figures, start=1)]
    headings = ("no.", "figure", "value", "use", "mark", "changed in", "decision, initials, date")
    groups = (
        _GROUP.format(
            name=name,
            rows=table(
                headings,
                (
                    (
                        number,
                        row.what,
                        row.value,
                        row.use,
                        row.mark,
                        f"`{row.command or row.place}`",
                        "",
                    )
                    for number, row in numbered
                    if row.group == name
                ),
            ),
        )
        for name in _GROUPS
    )
    return _PAGE.format(
        made=MADE,
        count=len(figures),
        proposed=sum(row.mark == PROPOSED for row in figures),
        unconfirmed=sum(row.mark == UNCONFIRMED for row in figures),
        groups="\n".join(groups),
    )


_LIMITS = """\
# All limits on one page

{made}
Each limit and rule of a dose, a level, a forecast and a check, with its value, unit, source and
certainty. {count} figures: {published} are published, {proposed} are `proposed`, the judgement of
the authors of this program, and {unconfirmed} `unconfirmed`. A clinic confirms or changes them
before use: [proposed figures](safety/proposed-figures.md) has room for a signature.

- A **stop** prevents a dose until the input is changed. An **override** prevents it until a named
  person documents a reason. A **caution** and a **note** are to be read. What each says is in
  [alerts](alerts.md).
- Targets and doses of the protocols, formulas, interactions and laboratory grades are in the
  [clinical basis](clinical-basis.md), which also explains the keys of the sources.
- The limits of the files that the program reads are in [reading limits](reading-limits.md).

{groups}
"""


def limits_page() -> str:
    """Return the page of all limits, whatever their source."""
    figures = limit_figures()
    marks = Counter(row.mark for row in figures)
    headings = ("figure", "value", "use", "source", "certainty", "place")
    groups = (
        _GROUP.format(
            name=name,
            rows=table(
                headings,
                (
                    (row.what, row.value, row.use, row.mark if row.mark not in MARKS else "-",
                     row.mark if row.mark in MARKS else "published", f"`{row.place}`")
                    for row in figures
                    if row.group == name
                ),
            ),
        )
        for name in dict.fromkeys(row.group for row in figures)
    )  # fmt: skip
    return _LIMITS.format(
        made=MADE,
        count=len(figures),
        published=len(figures) - sum(marks[mark] for mark in MARKS),
        proposed=marks[PROPOSED],
        unconfirmed=marks[UNCONFIRMED],
        groups="\n".join(groups),
    )

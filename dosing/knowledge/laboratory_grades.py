"""The scales by which CTCAE grades a laboratory value: v5.0, and beside it v6.0.

Source keys `ctcae5` and `ctcae6`; clinical reference, section 8, and the course of treatment,
section 12. A rising value has the grade of the last bracket that it is above (lower < value ≤
upper), a falling one that of the last bracket that it is below (lower ≤ value < upper). Figures
that CTCAE prints in two units are here in both, as printed; converted by definition are only g/dL
to g/L, and mmol/L to meq/L of potassium.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from dosing.quantities.formatting import plain

CTCAE_5, CTCAE_6 = "CTCAE v5.0", "CTCAE v6.0"
SOURCES: Mapping[str, str] = MappingProxyType({CTCAE_5: "ctcae5", CTCAE_6: "ctcae6"})
"""The source key of each version. The first is the default, the second a clinic's choice."""
SOURCE = SOURCES[CTCAE_5]
SERIOUS_FROM_GRADE = 3
ULN, LLN = "upper limit of normal (ULN)", "lower limit of normal (LLN)"

Figures = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesUpperLimit:
    """Grades by multiples of the upper limit of normal, in any unit.

    `multiples` separate the grades 1 to 4. For an abnormal baseline, grade 1 begins at
    `abnormal_from` times the baseline, that figure included if `abnormal_includes`, and
    `abnormal_multiples` of the baseline follow (by default the same as of the limit).
    `baseline_multiples` begin the grades 2 and 3 by the baseline, in addition to the upper limit;
    with `low_baseline_only`, by a baseline below the lower limit of normal.
    """

    name: str
    multiples: Figures
    abnormal_from: Decimal | None = None
    abnormal_includes: bool = True
    abnormal_multiples: Figures = ()
    baseline_multiples: Figures = ()
    low_baseline_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesLowerLimit:
    """Grades by fractions of the lower limit of normal, in the units of `absolute`.

    Grade 1 begins below the limit. `fractions` of it begin the grades 2 to 4, as do the same
    fractions of an abnormal baseline, these included; grade 4 begins below `absolute` too.
    """

    name: str
    fractions: Figures
    absolute: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFigures:
    """Grades by figures in a unit.

    Grade 1 begins beyond the limit of normal (above the upper one where the scale is `rising`,
    below the lower one where it falls), or at `first` where CTCAE names a figure for it. `figures`
    begin the `grades`.
    """

    name: str
    rising: bool
    figures: Mapping[str, Figures]
    grades: tuple[int, ...] = (2, 3, 4)
    first: Mapping[str, Decimal] = field(default_factory=dict)
    first_includes: bool = True
    fasting_only: tuple[int, ...] = ()
    """The grades that only a fasting sample can have."""
    remarks: Mapping[int, str] = field(default_factory=dict)
    """Remarks on a grade that needs more than the number."""

    @property
    def limit(self) -> str:
        """The limit of normal beyond which a value is graded."""
        return ULN if self.rising else LLN


Scale = TimesUpperLimit | TimesLowerLimit | ByFigures


def _figures(*figures: str) -> Figures:
    return tuple(map(Decimal, figures))


def _falling(name: str, unit: str, *figures: str) -> ByFigures:
    return ByFigures(name=name, rising=False, figures={unit: _figures(*figures)})


_CELLS = "10*9/L"
_POTASSIUM = ("mmol/L", "meq/L")
_CLINICAL_GRADE_4 = "Grade 4 is a clinical judgement, not a number."

_SCALES: tuple[Scale, ...] = (
    TimesUpperLimit(
        name="ALT, AST increased",
        multiples=_figures("3", "5", "20"),
        abnormal_from=Decimal("1.5"),
    ),
    TimesUpperLimit(
        name="GGT increased",
        multiples=_figures("2.5", "5", "20"),
        abnormal_from=Decimal(2),
    ),
    TimesUpperLimit(
        name="Bilirubin increased",
        multiples=_figures("1.5", "3", "10"),
        abnormal_from=Decimal(1),
        abnormal_includes=False,
    ),
    TimesUpperLimit(
        name="Creatinine increased",
        multiples=_figures("1.5", "3", "6"),
        baseline_multiples=_figures("1.5", "3"),
    ),
    ByFigures(
        name="Cholesterol high",
        rising=True,
        figures={
            "mg/dL": _figures("300", "400", "500"),
            "mmol/L": _figures("7.75", "10.34", "12.92"),
        },
    ),
    ByFigures(
        name="Hypertriglyceridaemia",
        rising=True,
        first={"mg/dL": Decimal(150), "mmol/L": Decimal("1.71")},
        figures={
            "mg/dL": _figures("300", "500", "1000"),
            "mmol/L": _figures("3.42", "5.7", "11.4"),
        },
    ),
    ByFigures(
        name="Anaemia",
        rising=False,
        figures={"g/dL": _figures("10", "8"), "g/L": _figures("100", "80")},
        grades=(2, 3),
        remarks={3: _CLINICAL_GRADE_4},
    ),
    _falling("Platelets decreased", _CELLS, "75", "50", "25"),
    _falling("Neutrophils decreased", _CELLS, "1.5", "1.0", "0.5"),
    _falling("White cells decreased", _CELLS, "3", "2", "1"),
    _falling("Lymphocytes decreased", _CELLS, "0.8", "0.5", "0.2"),
    ByFigures(
        name="Hypokalaemia",
        rising=False,
        figures=dict.fromkeys(_POTASSIUM, _figures("3.0", "2.5")),
        grades=(3, 4),
        remarks={1: "It is grade 2 with symptoms or treatment."},
    ),
    ByFigures(
        name="Hyperkalaemia",
        rising=True,
        figures=dict.fromkeys(_POTASSIUM, _figures("5.5", "6.0", "7.0")),
    ),
    ByFigures(
        name="Hypoalbuminaemia",
        rising=False,
        figures={"g/dL": _figures("3", "2"), "g/L": _figures("30", "20")},
        grades=(2, 3),
        remarks={3: _CLINICAL_GRADE_4},
    ),
    TimesLowerLimit(
        name="Fibrinogen decreased",
        fractions=_figures("0.75", "0.5", "0.25"),
        absolute={"mg/dL": Decimal(50), "g/L": Decimal("0.5")},
    ),
    ByFigures(
        name="Hypoglycaemia",
        rising=False,
        figures={"mg/dL": _figures("55", "40", "30"), "mmol/L": _figures("3.0", "2.2", "1.7")},
    ),
)
_SIX: tuple[Scale, ...] = (
    TimesUpperLimit(
        name="ALT, AST increased",
        multiples=_figures("3", "5", "20"),
        abnormal_from=Decimal(1),
        abnormal_multiples=_figures("1.5", "2", "4"),
    ),
    TimesUpperLimit(
        name="GGT increased",
        multiples=_figures("2.5", "5", "20"),
        abnormal_from=Decimal(1),
        abnormal_multiples=_figures("1.5", "3", "10"),
    ),
    TimesUpperLimit(
        name="Bilirubin increased",
        multiples=_figures("1.5", "3", "10"),
        abnormal_from=Decimal(1),
        abnormal_multiples=_figures("1.5", "2.5", "10"),
    ),
    TimesUpperLimit(
        name="Creatinine increased",
        multiples=_figures("1.5", "3", "6"),
        baseline_multiples=_figures("1.5", "3"),
        low_baseline_only=True,
    ),
    ByFigures(
        name="Neutrophils decreased",
        rising=False,
        first={_CELLS: Decimal("1.5")},
        first_includes=False,
        figures={_CELLS: _figures("1.0", "0.5", "0.1")},
    ),
    _falling("Platelets decreased", _CELLS, "75", "50", "10"),
    ByFigures(
        name="Hyperglycaemia",
        rising=True,
        figures={"mg/dL": _figures("160", "250", "500"), "mmol/L": _figures("8.9", "13.9", "27.8")},
        fasting_only=(1, 2),
    ),
)
# The scale of lymphocytes in v6.0 is not in the table that was read: no grade by it.
_NOT_IN_SIX = frozenset({"Lymphocytes decreased"})

SCALES: Mapping[str, Scale] = MappingProxyType({scale.name: scale for scale in _SCALES})
"""Every scale of v5.0 by the CTCAE term it grades, in this project's short form."""
SCALES_OF: Mapping[str, Mapping[str, Scale]] = MappingProxyType(
    {
        CTCAE_5: SCALES,
        CTCAE_6: MappingProxyType(
            {name: scale for name, scale in SCALES.items() if name not in _NOT_IN_SIX}
            | {scale.name: scale for scale in _SIX}
        ),
    }
)
"""The scales of each version: v6.0 is v5.0 with what differs."""

# Proteinuria: clinical reference, section 8. A ratio is graded in a child, 24 hours in an adult.
MG_PER_MMOL_CREATININE = Decimal(113)  # its molar mass is 113.12 g/mol
_CHILD_RATIO = (Decimal("0.5"), Decimal("1.9"))
PROTEINURIA_IN_CHILD: Mapping[str, Figures] = MappingProxyType(
    {
        "mg/mg": _CHILD_RATIO,
        "mg/g": tuple(1000 * figure for figure in _CHILD_RATIO),
        "mg/mmol": tuple(MG_PER_MMOL_CREATININE * figure for figure in _CHILD_RATIO),
    }
)
"""Protein/creatinine from which it is grade 2, and above which it is grade 3."""
PROTEINURIA_IN_ADULT = _figures("1.0", "3.5")
"""Protein in g/24h from which it is grade 2, and grade 3."""
PROTEINURIA_GRADE_1_DIPSTICK = Decimal(1)


def scale_wording(scale: Scale) -> Mapping[int, str]:
    """Return each grade that a number can give on a scale, in words.

    >>> scale_wording(SCALES["Platelets decreased"])[2]
    'below 75 10*9/L to 50 10*9/L'
    """
    if isinstance(scale, TimesUpperLimit):
        return _times_wording(scale)
    return (
        _fraction_wording(scale) if isinstance(scale, TimesLowerLimit) else _figure_wording(scale)
    )


def _fraction_wording(scale: TimesLowerLimit) -> dict[int, str]:
    second, third, fourth = scale.fractions
    words = {
        1: f"below the LLN to {second} × LLN",
        2: f"below {second} to {third} × LLN",
        3: f"below {third} to {fourth} × LLN",
        4: f"below {fourth} × LLN or {_written(scale.absolute)}",
    }
    for grade, fraction in zip((2, 3, 4), scale.fractions, strict=True):
        words[grade] += f", or {plain(100 * (1 - fraction))} % or more below an abnormal baseline"
    return words


def _times_wording(scale: TimesUpperLimit) -> dict[int, str]:
    second, third, fourth = scale.multiples
    words = {
        1: f"above the ULN to {second} × ULN",
        2: f"above {second} to {third} × ULN",
        3: f"above {third} to {fourth} × ULN",
        4: f"above {fourth} × ULN",
    }
    if scale.abnormal_from is not None:
        begins = "from" if scale.abnormal_includes else "above"
        words[1] += f" (abnormal baseline: {begins} {scale.abnormal_from} × baseline)"
        for grade, multiple in enumerate(scale.abnormal_multiples or (), start=2):
            words[grade] += f" (abnormal baseline: above {multiple} × baseline)"
        if not scale.abnormal_multiples:
            for grade in (2, 3, 4):
                words[grade] += " (abnormal baseline: × baseline)"
    which = "low baseline" if scale.low_baseline_only else "baseline"
    for grade, multiple in zip((2, 3), scale.baseline_multiples, strict=False):
        words[grade] += f", or above {multiple} × {which}"
    return words


def _figure_wording(scale: ByFigures) -> dict[int, str]:
    beyond = "above" if scale.rising else "below"
    marks = [_in_each_unit(scale, index) for index in range(len(scale.grades))]
    if scale.first:
        begins = "from" if scale.first_includes else beyond
        words = {1: f"{begins} {_written(scale.first)} to {marks[0]}"}
    else:
        words = {1: f"{beyond} the {'ULN' if scale.rising else 'LLN'} to {marks[0]}"}
    for grade, begins, ends in zip(scale.grades, marks, [*marks[1:], None], strict=True):
        words[grade] = f"{beyond} {begins} to {ends}" if ends else f"{beyond} {begins}"
    return words


def _in_each_unit(scale: ByFigures, index: int) -> str:
    return _written({unit: figures[index] for unit, figures in scale.figures.items()})


def _written(figures: Mapping[str, Decimal]) -> str:
    """Return a figure in each unit; once if it is the same in all of them."""
    is_same = len(set(figures.values())) == 1
    shown = list(figures.items())[:1] if is_same else figures.items()
    first, *others = (f"{figure} {unit}" for unit, figure in shown)
    return f"{first} ({', '.join(others)})" if others else first

"""The scales by which CTCAE v5.0 grades a laboratory value, in one table.

Source key `ctcae5`; clinical reference, section 8. A rising value has the grade of the last bracket
that it is above (lower < value ≤ upper), a falling one that of the last bracket that it is below
(lower ≤ value < upper). Figures that CTCAE prints in two units are here in both, as printed; only
haemoglobin is converted (1 g/dL is 10 g/L by definition).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

SOURCE = "ctcae5"
SERIOUS_FROM_GRADE = 3
ULN, LLN = "upper limit of normal (ULN)", "lower limit of normal (LLN)"

Figures = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesUpperLimit:
    """Grades by multiples of the upper limit of normal, in any unit.

    `multiples` separate the grades 1 to 4. For an abnormal baseline, grade 1 begins at
    `abnormal_from` times the baseline, that figure included if `abnormal_includes`, and the same
    multiples of the baseline follow. `baseline_multiples` begin the grades 2 and 3 by the baseline,
    in addition to the upper limit.
    """

    name: str
    multiples: Figures
    abnormal_from: Decimal | None = None
    abnormal_includes: bool = True
    baseline_multiples: Figures = ()


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
    remarks: Mapping[int, str] = field(default_factory=dict)
    """Remarks on a grade that needs more than the number."""

    @property
    def limit(self) -> str:
        """The limit of normal beyond which a value is graded."""
        return ULN if self.rising else LLN


Scale = TimesUpperLimit | ByFigures


def _figures(*figures: str) -> Figures:
    return tuple(map(Decimal, figures))


def _falling(name: str, unit: str, *figures: str) -> ByFigures:
    return ByFigures(name=name, rising=False, figures={unit: _figures(*figures)})


_CELLS = "10*9/L"

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
        remarks={3: "Grade 4 is a clinical judgement, not a number."},
    ),
    _falling("Platelets decreased", _CELLS, "75", "50", "25"),
    _falling("Neutrophils decreased", _CELLS, "1.5", "1.0", "0.5"),
    _falling("White cells decreased", _CELLS, "3", "2", "1"),
    _falling("Lymphocytes decreased", _CELLS, "0.8", "0.5", "0.2"),
    ByFigures(
        name="Hypokalaemia",
        rising=False,
        figures={"mmol/L": _figures("3.0", "2.5")},
        grades=(3, 4),
        remarks={1: "It is grade 2 with symptoms or treatment."},
    ),
)

SCALES: Mapping[str, Scale] = MappingProxyType({scale.name: scale for scale in _SCALES})
"""Every scale by the CTCAE term it grades, in this project's short form."""


def scale_wording(scale: Scale) -> Mapping[int, str]:
    """Return each grade that a number can give on a scale, in words.

    >>> scale_wording(SCALES["Platelets decreased"])[2]
    'below 75 10*9/L to 50 10*9/L'
    """
    return _times_wording(scale) if isinstance(scale, TimesUpperLimit) else _figure_wording(scale)


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
        for grade in (2, 3, 4):
            words[grade] += " (abnormal baseline: × baseline)"
    for grade, multiple in zip((2, 3), scale.baseline_multiples, strict=False):
        words[grade] += f", or above {multiple} × baseline"
    return words


def _figure_wording(scale: ByFigures) -> dict[int, str]:
    beyond = "above" if scale.rising else "below"
    marks = [_in_each_unit(scale, index) for index in range(len(scale.grades))]
    if scale.first:
        words = {1: f"from {_written(scale.first)} to {marks[0]}"}
    else:
        words = {1: f"{beyond} the {'ULN' if scale.rising else 'LLN'} to {marks[0]}"}
    for grade, begins, ends in zip(scale.grades, marks, [*marks[1:], None], strict=True):
        words[grade] = f"{beyond} {begins} to {ends}" if ends else f"{beyond} {begins}"
    return words


def _in_each_unit(scale: ByFigures, index: int) -> str:
    return _written({unit: figures[index] for unit, figures in scale.figures.items()})


def _written(figures: Mapping[str, Decimal]) -> str:
    first, *others = (f"{figure} {unit}" for unit, figure in figures.items())
    return f"{first} ({', '.join(others)})" if others else first

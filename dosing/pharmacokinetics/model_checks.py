"""What a model is checked for: finite and positive numbers, plain texts, a possible covariance."""

import math
from collections.abc import Iterable

from dosing.errors import UserError
from dosing.quantities.text import quoted, required_text

# Against a typing slip, no clinical bound: with ω² = 4 the middle 95 % of patients would span a
# factor of 2,500.
_LARGEST_VARIANCE = 4.0
# A pivot this small beside its diagonal is rounding: two effects would be one.
_SMALLEST_PIVOT = 1e-9


class ModelError(UserError):
    """What is wrong with a model, and the keys that lead to it in the model's file."""

    def __init__(self, message: str, *place: str | int) -> None:
        """Keep the message and the place."""
        super().__init__(message)
        self.place = place


def check_covariance(
    effects: tuple[str, ...], omega: tuple[tuple[float, ...], ...], names: tuple[str, ...]
) -> None:
    """Raise `ModelError` for a covariance of random effects that cannot be.

    The effects are of the named parameters; the covariance is symmetric and positive definite.
    """
    if not effects:
        raise ModelError("no parameter varies: write the variance of at least one.", "parameter")
    if not set(effects) <= set(names) or len(set(effects)) < len(effects):
        raise ModelError(f"the random effects are of {listed(names)}, each once.", "parameter")
    if [len(row) for row in omega] != [len(effects)] * len(effects):
        raise ModelError("the covariance has a row and a column for each effect.", "covariance")
    for row, name in enumerate(effects):
        variance = omega[row][row]
        check_positive(variance, "parameter", name, "variance")
        if variance > _LARGEST_VARIANCE:
            raise ModelError(
                f"the variance of {name} is {variance:g}: write ω², not a percentage; 0.067 is"
                " about 26 %.",
                *("parameter", name, "variance"),
            )
        for column in range(row):
            check_finite(omega[row][column], "covariance")
            if omega[row][column] != omega[column][row]:
                raise ModelError("the covariance is not symmetric.", "covariance")
    if not _is_positive_definite(omega):
        raise ModelError(
            "the covariances are too large for the variances: write covariances, which are"
            " correlation × √(ω² × ω²).",
            "covariance",
        )


def _is_positive_definite(matrix: tuple[tuple[float, ...], ...]) -> bool:
    """Return whether every pivot of Cholesky's decomposition is well above zero."""
    lower: list[list[float]] = []
    for row, entries in enumerate(matrix):
        lower.append([])
        for column in range(row):
            rest = sum(a * b for a, b in zip(lower[row], lower[column][:column], strict=True))
            lower[row].append((entries[column] - rest) / lower[column][column])
        pivot = entries[row] - sum(each**2 for each in lower[row])
        if pivot <= _SMALLEST_PIVOT * entries[row]:
            return False
        lower[row].append(math.sqrt(pivot))
    return True


def check_finite(value: float, *place: str | int) -> None:
    """Raise `ModelError` for what is no finite number."""
    if not math.isfinite(value):
        raise ModelError(f"{place[-1]} is {value:g}: write a finite number.", *place)


def check_positive(value: float, *place: str | int) -> None:
    """Raise `ModelError` for what is no finite number above 0."""
    check_finite(value, *place)
    if value <= 0:
        raise ModelError(f"{place[-1]} is {value:g}: write a number above 0.", *place)


def check_not_negative(value: float, *place: str | int) -> None:
    """Raise `ModelError` for what is no finite number from 0 on."""
    check_finite(value, *place)
    if value < 0:
        raise ModelError(f"{place[-1]} is {value:g}: write 0 or a number above it.", *place)


def check_text(text: str, place: str) -> None:
    """Raise `ModelError` for a text that is not one readable line without control signs."""
    try:
        cleaned = required_text(text, place)
    except UserError as error:
        raise ModelError(str(error), place) from None
    if cleaned != text:
        raise ModelError(f"{place} holds signs that are not shown: {quoted(text)}.", place)


def listed(names: Iterable[str]) -> str:
    """Return the names as a message tells them."""
    return ", ".join(names)

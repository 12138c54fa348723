"""The checks that the values of a model share: finite and positive numbers, plain texts."""

import math
from collections.abc import Iterable

from dosing.errors import UserError
from dosing.quantities.text import quoted, required_text


class ModelError(UserError):
    """An error in a model, with the keys that lead to it in the model's file."""

    def __init__(self, message: str, *place: str | int) -> None:
        """Store the message and the place."""
        super().__init__(message)
        self.place = place


def check_finite(value: float, *place: str | int) -> None:
    """Raise `ModelError` for a number that is not finite."""
    if not math.isfinite(value):
        raise ModelError(f"{place[-1]} is {value:g}. Write a finite number.", *place)


def check_positive(value: float, *place: str | int) -> None:
    """Raise `ModelError` for a number that is not finite and above 0."""
    check_finite(value, *place)
    if value <= 0:
        raise ModelError(f"{place[-1]} is {value:g}. Write a number above 0.", *place)


def check_not_negative(value: float, *place: str | int) -> None:
    """Raise `ModelError` for a number that is not finite and at least 0."""
    check_finite(value, *place)
    if value < 0:
        raise ModelError(f"{place[-1]} is {value:g}. Write 0 or a number above it.", *place)


def check_text(text: str, place: str) -> None:
    """Raise `ModelError` for a text that is not one readable line without control characters."""
    try:
        cleaned = required_text(text, place)
    except UserError as error:
        raise ModelError(str(error), place) from None
    if cleaned != text:
        raise ModelError(
            f"{place} contains invisible characters: {quoted(text)}. Remove them.", place
        )


def listed(names: Iterable[str]) -> str:
    """Return the names for a message."""
    return ", ".join(names)

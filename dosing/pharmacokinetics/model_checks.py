"""What a model is checked for: finite and positive numbers, plain texts, a possible covariance."""

import math
from collections.abc import Iterable

from dosing.errors import UserError
from dosing.quantities.text import quoted, required_text


class ModelError(UserError):
    """What is wrong with a model, and the keys that lead to it in the model's file."""

    def __init__(self, message: str, *place: str | int) -> None:
        """Keep the message and the place."""
        super().__init__(message)
        self.place = place


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

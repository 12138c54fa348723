"""Strict parsing of a TOML text: known keys, values of the right type, errors with their place.

The place of an error is the keys that lead to it; `line_of` finds its line in the text.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from dosing.errors import UserError
from dosing.pharmacokinetics.model_checks import ModelError
from dosing.quantities.reading_limits import MODEL_CHARACTERS, MODEL_NESTING
from dosing.quantities.text import quoted, required_text, shortened
from dosing.quantities.toml_reading import read_toml

_HINTS = {
    "Invalid value": " Write texts in quotation marks, and numbers with a decimal point.",
    "Cannot overwrite": " It is there twice. Keep one.",
    "Cannot declare": " It is there twice. Keep one.",
}


def parsed(text: str, file: str) -> "TomlTable":
    """Return the table in a TOML text; `file` is its name for messages.

    Raises `UserError` with the line for a text that is not TOML, and for one beyond a limit.
    """
    MODEL_CHARACTERS.check(len(text), file)
    try:
        return TomlTable(read_toml(text, file, MODEL_NESTING), ())
    except tomllib.TOMLDecodeError as error:
        raise UserError(_syntax_message(str(error), text, file)) from None


def _syntax_message(error: str, text: str, file: str) -> str:
    """Return the TOML parser's message, "… (at line 3, column 5)", with the line in front."""
    what, _, where = error.rpartition(" (at ")
    line, _, column = where.removeprefix("line ").rstrip(")").partition(", ")
    if not line.isdigit():
        line, column = str(text.rstrip().count("\n") + 1), "at its end"
    hint = next((hint for sign, hint in _HINTS.items() if what.startswith(sign)), "")
    return f"{file}, line {line}: {shortened(what)} ({column}).{hint}"


def line_of(text: str, place: tuple[str | int, ...]) -> int | None:
    """Return the line of a key or table in a TOML text, from 1 on, or None where it is absent.

    The TOML parser gets more and more whole lines until the place is there: nothing is guessed
    about the look of a line. An absent place has the line of the nearest table around it.
    """
    lines = text.split("\n")
    for depth in range(len(place), 0, -1):
        if _is_in(tomllib.loads(text), place[:depth]):
            return _first_line(lines, place[:depth])
    return None


def _first_line(lines: list[str], place: tuple[str | int, ...]) -> int:
    low, high = 0, len(lines)
    while high - low > 1:
        middle = (low + high) // 2
        if _is_in(_readable(lines[:middle])[0], place):
            high = middle
        else:
            low = middle
    return _readable(lines[: high - 1])[1] + 1


def _readable(lines: list[str]) -> tuple[dict[str, Any], int]:
    """Return the content up to the last whole value, and its number of lines."""
    for count in range(len(lines), 0, -1):
        try:
            return tomllib.loads("\n".join(lines[:count])), count
        except tomllib.TOMLDecodeError:
            continue  # the text ends within a value of several lines
    return {}, 0


def _is_in(content: Any, place: tuple[str | int, ...]) -> bool:
    for key in place:
        if isinstance(key, int):
            if not (isinstance(content, list) and key < len(content)):
                return False
        elif not (isinstance(content, dict) and key in content):
            return False
        content = content[key]
    return True


class TomlTable:
    """A table of the text, and the keys that lead to it; unexpected content is a `ModelError`."""

    def __init__(self, content: Mapping[str, Any], place: tuple[str | int, ...]) -> None:
        """Store the table as the TOML parser gave it."""
        self._content = content
        self.place = place

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys, in the order of the text."""
        return tuple(self._content)

    def wrong(self, message: str, *place: str | int) -> ModelError:
        """Return an error about the table, or about a place in it."""
        return ModelError(message, *self.place, *place)

    def allow(self, *known: str) -> None:
        """Refuse every other key."""
        for key in self._content:
            if key not in known:
                raise self.wrong(f"{quoted(key)} is not a key here. Use {', '.join(known)}.", key)

    def text(self, key: str) -> str:
        """Return a text, cleaned to one line."""
        value = self._get(key, str, f'a text, as in {key} = "…"')
        try:
            return required_text(value, key)
        except UserError as error:
            raise self.wrong(str(error), key) from None

    def optional_text(self, key: str) -> str:
        """Return a text, empty where the key is absent."""
        return self.text(key) if key in self._content else ""

    def number(self, key: str) -> float:
        """Return a number; a whole number is one, a truth value is not."""
        value = self._get(key, (int, float), f"a number, as in {key} = 1.5")
        try:
            return float(value)
        except OverflowError:
            raise self.wrong(f"{key} is too large. Write a smaller number.", key) from None

    def optional_number(self, key: str) -> float | None:
        """Return a number, or None where the key is absent."""
        return self.number(key) if key in self._content else None

    def whole_number(self, key: str) -> int:
        """Return a whole number."""
        return int(self._get(key, int, f"a whole number, as in {key} = 1"))

    def optional_truth(self, key: str) -> bool:
        """Return true or false, false where the key is absent."""
        value = self._content.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"{key} is wrong. Write true or false, as in {key} = true.", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        how = f'a list of texts, as in {key} = ["…", "…"]'
        values = self._get(key, list, how)
        if not all(isinstance(each, str) for each in values):
            raise self.wrong(f"{key} is wrong. Write {how}.", key)
        return tuple(values)

    def table(self, key: str) -> "TomlTable":
        """Return the table below a key."""
        content = self._get(key, dict, f"a table, as in [{self._heading(key)}]")
        return TomlTable(content, (*self.place, key))

    def list_of_tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return the tables of a list; none where the key is absent."""
        how = f"a list of tables, as in [[{self._heading(key)}]]"
        rows = self._get(key, list, how) if key in self._content else []
        if not all(isinstance(row, dict) for row in rows):
            raise self.wrong(f"{key} is wrong. Write {how}.", key)
        return tuple(TomlTable(row, (*self.place, key, number)) for number, row in enumerate(rows))

    def _heading(self, key: str) -> str:
        return ".".join(each for each in (*self.place, key) if isinstance(each, str))

    def _get(self, key: str, wanted: type | tuple[type, ...], how: str) -> Any:
        if key not in self._content:
            raise self.wrong(f"{key} is missing. Write {how}.")
        value = self._content[key]
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise self.wrong(f"{key} is wrong. Write {how}.", key)
        return value

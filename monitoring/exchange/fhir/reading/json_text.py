"""JSON as FHIR needs it: every number keeps its text, and no key is there twice.

A number is a `Number`, the text as it was written: 7.20 stays 7.20. The standard's rules for JSON
are kept besides: NaN and Infinity, which JSON lacks, are refused.
"""

import json
import re
from typing import Any, Final

from dosing import UserError
from dosing.quantities.reading_limits import FHIR_NESTING, ReadingLimit
from dosing.quantities.text import quoted

_PLAIN: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


class Number(str):
    """The text of a number in JSON, never a string of JSON."""

    __slots__ = ()

    @property
    def is_plain(self) -> bool:
        """Return whether it is written in digits; 1E2 is not, and so has no digits to keep."""
        return _PLAIN.fullmatch(self) is not None


class NotJsonError(UserError):
    """The error of a text that is not one document of JSON."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJsonError(f"{quoted(twice)} is there twice in one object. Correct the file.")
    return found


def _constant(name: str) -> Any:
    raise NotJsonError(f"{name} is not a number of JSON. Correct the file.")


_DECODER: Final = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=_constant, object_pairs_hook=_object
)


def read_json(content: bytes, what: str, most_bytes: ReadingLimit) -> dict[str, Any]:
    """Return the object that is in `content`, whose name in a message is `what`.

    Raises `NotJsonError` for damage, for a key that is there twice, and for another document than
    an object; `UserError` beyond a limit.
    """
    most_bytes.check(len(content), what)
    try:
        document = _DECODER.decode(content.decode("utf-8-sig"))
    except RecursionError:
        raise FHIR_NESTING.passed(what) from None
    except UnicodeDecodeError:
        raise NotJsonError(f"{what} is not UTF-8 text. Send it again.") from None
    except json.JSONDecodeError as error:
        raise NotJsonError(
            f"{what} is damaged or incomplete: it is not JSON at line {error.lineno}, character "
            f"{error.colno}. Send it again."
        ) from None
    if not isinstance(document, dict):
        raise NotJsonError(f"{what} is not a resource of FHIR. Choose another file.")
    if content.count(b"{") + content.count(b"[") > FHIR_NESTING.most:  # else it cannot be deeper
        _check_nesting(document, what)
    return document


def _check_nesting(document: dict[str, Any], what: str) -> None:
    level: list[Any] = [document]
    for _ in range(FHIR_NESTING.most):
        level = [
            each
            for parent in level
            for each in (parent.values() if type(parent) is dict else parent)
            if type(each) is dict or type(each) is list
        ]
        if not level:
            return
    raise FHIR_NESTING.passed(what)

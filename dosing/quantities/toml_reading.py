"""TOML parsed within limits: a text that is nested too deeply never reaches the parser.

Python's parser needs minutes, or more memory than a machine has, for some short texts of this kind.
"""

import re
import tomllib
from typing import Any

from dosing.errors import UserError
from dosing.quantities.reading_limits import ReadingLimit

# An unclosed text ends with its line, or with the file: a search for its end from every quotation
# mark would take minutes, and the parser refuses it anyway.
_TOKENS = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)'
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"(?:\\[^\n]|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}.,=\n]",
    re.DOTALL,
)


def read_toml(text: str, file: object, nesting: ReadingLimit) -> dict[str, Any]:
    """Return the content of a TOML text; `file` is its name, for messages.

    Raises `UserError` for a text beyond the limit, and for a number that is too long. Raises
    `tomllib.TOMLDecodeError` for a text that is not TOML.
    """
    nesting.check(nesting_of(text), file)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise nesting.passed(file) from None
    except ValueError:
        raise UserError(f"{file} has a number that is too long. Shorten it.") from None


def nesting_of(text: str) -> int:
    """Return the deepest nesting of a TOML text: open brackets, and the parts of a key.

    >>> nesting_of("[a.b]"), nesting_of('a = "[[[["  # ['), nesting_of("a = [1.5, 2.5, [3.5]]")
    (2, 0, 3)
    """
    deepest = brackets = dots = 0
    for token in _TOKENS.finditer(text):
        match token[0]:
            case "[" | "{":
                brackets += 1
            case "]" | "}":
                brackets -= 1
            case ".":
                dots += 1
            case "," | "=" | "\n":
                dots = 0
        deepest = max(deepest, brackets + dots)
    return deepest

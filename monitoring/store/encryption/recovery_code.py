"""The recovery code: 125 random bits as letters and digits that a person can read and type.

Six groups of five signs of Crockford's base 32, the last group a checksum: a typing error is found
before any key is tried. I and L are read as 1, O as 0; case, blanks and hyphens mean nothing.
"""

import re
import secrets
from hashlib import sha256

from dosing import UserError

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM, _CHECK, _GROUP = 25, 5, 5
_READ_AS = str.maketrans("OIL", "011")
_LIKE_A_CODE = re.compile(r"[0-9A-Za-z]{5}([- ]?[0-9A-Za-z]{5}){5}")


def new_code() -> str:
    """Return a new code in groups."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_RANDOM))
    signs += _checksum(signs)
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def is_like_a_code(typed: str) -> bool:
    """Return whether a text has the form of a code.

    >>> is_like_a_code("four words of a passphrase")
    False
    """
    return _LIKE_A_CODE.fullmatch(typed.strip()) is not None


def read_code(typed: str) -> str:
    """Return a code without groups. Raises `UserError` for a typing error.

    >>> read_code("00000-00000-00000-00000-00000-00000")
    Traceback (most recent call last):
    dosing.errors.UserError: The recovery code has a typing error. Compare it with the printed one.
    """
    signs = re.sub(r"[- ]", "", typed.strip()).upper().translate(_READ_AS)
    code, check = signs[:_RANDOM], signs[_RANDOM:]
    if not is_like_a_code(typed) or not set(signs) <= set(_SIGNS) or check != _checksum(code):
        raise UserError("The recovery code has a typing error. Compare it with the printed one.")
    return code


def _checksum(signs: str) -> str:
    digest = sha256(b"recovery code" + signs.encode()).digest()
    return "".join(_SIGNS[byte % len(_SIGNS)] for byte in digest[:_CHECK])

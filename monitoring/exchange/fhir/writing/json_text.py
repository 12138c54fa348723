"""JSON with every digit of its decimals: 7.20 stays 7.20, which `json` cannot write."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring

Json = str | bool | int | Decimal | Sequence["Json"] | Mapping[str, "Json"]
"""A value of JSON without floats, which have no digits of their own, and without null."""


def json_line(value: Json) -> str:
    r"""Return a value as JSON in one line; raises `TypeError` for another one.

    >>> json_line({"value": Decimal("7.20"), "text": "Łukasz \"[/]\"", "whole": [True, 1]})
    '{"value":7.20,"text":"Łukasz \\"[/]\\"","whole":[true,1]}'
    """
    match value:
        case str():
            return encode_basestring(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case Mapping():
            parts = (f"{encode_basestring(key)}:{json_line(each)}" for key, each in value.items())
            return f"{{{','.join(parts)}}}"
        case list() | tuple():
            return f"[{','.join(map(json_line, value))}]"
    raise TypeError(f"{type(value).__name__} is not a value of JSON here")

"""Answers of a command to the shell and to other programs: exit codes, and JSON in one form."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Done, a fault of the program, input to be corrected, or a stop."""

    DONE = 0
    FAULT = 1
    INVALID_INPUT = 2
    STOPPED = 3


def print_json(document: object, *, ascii_only: bool = False) -> None:
    """Print a document, an object with the build that made it.

    With `ascii_only` every other sign is written as its number.
    """
    from dosing.json_document import json_text  # noqa: PLC0415 - only where JSON is asked for

    print(json_text(_with_build(document), ascii_only=ascii_only))


def print_json_line(document: object) -> None:
    """Print a document in one line of ASCII, at once: a file name may hold what is not text."""
    import json  # noqa: PLC0415 - for a log alone

    print(json.dumps(_with_build(document), ensure_ascii=True, allow_nan=False), flush=True)


def _with_build(document: object) -> object:
    """Return an object with the keys of the build that it lacks; lists stay as they are."""
    if not isinstance(document, dict):
        return document
    from dosing.build import this_build  # noqa: PLC0415 - as above

    return {**document, **{
        key: each for key, each in this_build().to_dict().items() if key not in document
    }}  # fmt: skip

"""JSON on standard output, for other programs: one form for every command."""

from dosing.json_document import json_text


def print_json(document: object, *, ascii_only: bool = False) -> None:
    """Print a document; with `ascii_only` every other sign is written as its number."""
    print(json_text(document, ascii_only=ascii_only))

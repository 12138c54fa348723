"""The front page of a package: names that are imported when they are first used."""

import sys
from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, whose own import would take most of the time
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def file_of(names_of: "Mapping[str, str]") -> dict[str, str]:
    """Return the file of each name.

    >>> file_of({"body": "Age Height"})
    {'Age': 'body', 'Height': 'body'}
    """
    return {name: file for file, names in names_of.items() for name in names.split()}


def front_page(
    package: str, names_of: "Mapping[str, str]"
) -> "tuple[Callable[[str], object], Callable[[], list[str]]]":
    """Return a package's `__getattr__` and `__dir__` for the names of its files."""
    files = file_of(names_of)
    page = sys.modules[package]

    def get(name: str) -> object:
        if name not in files:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{package}.{files[name]}"), name)
        setattr(page, name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(page), *files})

    return get, names

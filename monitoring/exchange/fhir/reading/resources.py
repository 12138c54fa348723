"""The resources of one file, and what a reference in one of them means.

A reference finds the resource of its full URL, or of its type and id on the same server; it never
finds one of another server, or one of several.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from dosing import UserError, clean
from dosing.quantities.text import quoted, shortened
from monitoring.exchange.fhir.reading.element import Element, PartError

_ON_A_SERVER: Final = re.compile(
    r"(?P<base>https?://.+)/(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9.-]+)"
)
_VERSION: Final = re.compile(r"/_history/[^/]*$")
_LONGEST_NAME: Final = 100
"""A type, and an id of 64 signs, are shorter."""
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its fields, where it is in the file, and what a reference calls it."""

    fields: Mapping[str, Any] = field(repr=False)
    words: str
    """Its place in words, such as "entry 4, Observation/abc"."""
    full_url: str = ""
    container: "Resource | None" = None

    @property
    def type(self) -> str:
        """The type, such as Observation. Raises `PartError` where it has none."""
        found = self.fields.get("resourceType")
        if type(found) is not str or not _is_type(found):
            raise PartError("resourceType", "it is not the type of a resource. Correct the file.")
        return found

    @property
    def id(self) -> str:
        """The id, empty if it is absent."""
        found = self.fields.get("id", "")
        if type(found) is not str:
            raise PartError("id", "it is not a text. Correct the file.")
        return found

    @property
    def name(self) -> str:
        """The type and the id, for people: both come from outside."""
        name = clean("/".join(filter(None, (self.type, self.id))))
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

    @property
    def root(self) -> "Resource":
        """The resource that contains it, or itself."""
        return self.container or self

    @property
    def key(self) -> str:
        """The text by which it is known within its file."""
        if self.container is not None:
            return f"{self.container.key}#{self.id}"
        return self.full_url or f"{self.type}/{self.id}"

    def element(self, names: frozenset[str], modifier: str = "") -> Element:
        """Return it as an element with these names; `modifier` as in `Element`."""
        return Element(self.fields, "", names, modifier)

    def contained(self) -> Iterator["Resource"]:
        """Yield the resources that it contains."""
        found = self.fields.get("contained", [])
        if type(found) is not list or any(type(each) is not dict for each in found):
            raise PartError("contained", "it is not a list of resources. Correct the file.")
        for each in found:
            name = f"{self.words}, #{shortened(str(each.get('id', '')))}"
            yield Resource(each, name, container=self)


@lru_cache(maxsize=256)
def _is_type(name: str) -> bool:
    return _TYPE.fullmatch(name) is not None


class Directory:
    """The resources of a file that another one can refer to."""

    def __init__(self) -> None:
        """Begin without any resource."""
        self._by_url: dict[str, list[Resource]] = {}
        self._by_name: dict[str, list[Resource]] = {}

    def add(self, resource: Resource) -> None:
        """Add a resource. Raises `PartError` where its full URL is that of another one."""
        url = resource.full_url
        if url:
            parts = _ON_A_SERVER.fullmatch(url)
            if (
                parts
                and resource.id
                and (parts["type"], parts["id"]) != (resource.type, resource.id)
            ):
                raise PartError(
                    "fullUrl", f"{quoted(url)} is not that of {resource.name}. Correct the file."
                )
            _add(self._by_url, url, resource)
        if resource.id:
            _add(self._by_name, f"{resource.type}/{resource.id}", resource)

    def find(self, reference: str, of: Resource) -> Resource | None:
        """Return the resource that a reference in `of` means, or None.

        Raises `UserError` where it can mean several.
        """
        if reference.startswith("#"):
            root = of.root
            if reference == "#":
                return root
            return _only([each for each in root.contained() if each.id == reference[1:]], reference)
        plain = _VERSION.sub("", reference)
        if "://" in plain or plain.startswith("urn:"):
            return _only(self._by_url.get(plain, []), reference)
        own = _ON_A_SERVER.fullmatch(of.root.full_url)
        if own and (here := self._by_url.get(f"{own['base']}/{plain}")):
            return _only(here, reference)
        elsewhere = self._by_name.get(plain, [])
        if own:
            elsewhere = [each for each in elsewhere if not _ON_A_SERVER.fullmatch(each.full_url)]
        return _only(elsewhere, reference)

    def key_of(self, reference: str, of: Resource) -> str:
        """Return the key of what a reference means, also where it is not in the directory."""
        found = self.find(reference, of)
        return _VERSION.sub("", reference) if found is None else found.key


def _add(index: dict[str, list[Resource]], name: str, resource: Resource) -> None:
    """Add a resource unless it is there already in the same words."""
    there = index.setdefault(name, [])
    if all(each.fields != resource.fields for each in there):
        there.append(resource)


def _only(found: list[Resource], reference: str) -> Resource | None:
    if len(found) > 1:
        raise UserError(f"{quoted(reference)} can mean {len(found)} resources. Correct the file.")
    return found[0] if found else None

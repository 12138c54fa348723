"""An element of a resource, read by closed lists: a name or a type that FHIR lacks is refused.

So a misspelt `comparator` cannot turn "below 2.0" into 2.0. Each error has the element's FHIRPath.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from dosing import UserError
from dosing.quantities.text import quoted
from monitoring.exchange.fhir.reading.json_text import Number

Meaning = TypeVar("Meaning")
_ANYWHERE = frozenset({"id", "extension", "modifierExtension"})
_TYPES_IN_WORDS = {
    str: "a text", Number: "a number", bool: "true or false", dict: "an object", list: "a list",
    type(None): "null",
}  # fmt: skip


class PartError(UserError):
    """An element that cannot be read: its FHIRPath, and the reason."""

    def __init__(self, part: str, reason: str) -> None:
        """Keep the FHIRPath beside the reason."""
        super().__init__(reason)
        self.part = part


class Element:
    """An object of JSON with its FHIRPath; every reading checks the type."""

    __slots__ = ("_fields", "path")

    def __init__(
        self, fields: Mapping[str, Any], path: str, names: frozenset[str], modifier: str = ""
    ) -> None:
        """Check that the object has no other names, and nothing that changes its meaning.

        `modifier` is the URL of the one extension whose change of the meaning is known.
        """
        self._fields = fields
        self.path = path
        if fields.keys() <= names:
            return
        for name in fields:
            is_companion = name.startswith("_") and name[1:] in names  # extensions of a text
            if name not in names and name not in _ANYWHERE and not is_companion:
                raise self.error(name, "FHIR has no such element here. Correct the file.")
        modifiers = self.objects("modifierExtension")
        if any(not modifier or each.get("url") != modifier for each in modifiers):
            raise self.error(
                "modifierExtension", "it changes the meaning in an unknown way. Enter it by hand."
            )

    def at(self, name: str) -> str:
        """Return the FHIRPath of an element within this one."""
        return f"{self.path}.{name}" if self.path else name

    def error(self, name: str, reason: str) -> PartError:
        """Return the error of an element within this one; of itself for an empty name."""
        return PartError(self.at(name) if name else self.path, reason)

    def has(self, name: str) -> bool:
        """Return whether an element is there."""
        return name in self._fields

    def names(self, beginning: str) -> tuple[str, ...]:
        """Return the elements of a choice such as value[x] that are there."""
        return tuple(each for each in self._fields if each.startswith(beginning))

    def _typed(self, name: str, kind: type[Meaning]) -> Meaning | None:
        value = self._fields.get(name)
        if type(value) is kind:
            return value
        if value is None and name not in self._fields:
            return None
        found, wanted = _TYPES_IN_WORDS[type(value)], _TYPES_IN_WORDS[kind]
        raise self.error(name, f"it is {found}, not {wanted}. Correct the file.")

    def text(self, name: str) -> str:
        """Return a text, empty if it is absent."""
        return self._typed(name, str) or ""

    def number(self, name: str) -> Number | None:
        """Return a number as it is written.

        1E2 is refused: it does not say how many of its digits were measured.
        """
        found = self._typed(name, Number)
        if found is not None and not found.is_plain:
            raise self.error(name, f"{quoted(found)} has an exponent. Write the number out.")
        return found

    def flag(self, name: str) -> bool | None:
        """Return true or false, or None if it is absent."""
        return self._typed(name, bool)

    def one(self, name: str, names: frozenset[str]) -> "Element | None":
        """Return an element that may be there once."""
        found = self._typed(name, dict)
        return None if found is None else Element(found, self.at(name), names)

    def many(self, name: str, names: frozenset[str]) -> tuple["Element", ...]:
        """Return the elements of a list."""
        found = self._typed(name, list)
        return tuple(self._each(name, found or (), names))

    def _each(self, name: str, found: Iterable[Any], names: frozenset[str]) -> Iterator["Element"]:
        for index, each in enumerate(found):
            path = f"{self.at(name)}[{index}]"
            if type(each) is not dict:
                kind = _TYPES_IN_WORDS[type(each)]
                raise PartError(path, f"it is {kind}, not an object. Correct the file.")
            yield Element(each, path, names)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        found = self._typed(name, list) or []
        if any(type(each) is not str for each in found):
            raise self.error(name, "it is not a list of texts. Correct the file.")
        return tuple(found)

    def objects(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """Return the objects of a list as they are: the resources within a resource."""
        found = self._typed(name, list) or []
        if any(type(each) is not dict for each in found):
            raise self.error(name, "it is not a list of objects. Correct the file.")
        return tuple(found)

    def object(self, name: str) -> Mapping[str, Any] | None:
        """Return an object as it is: the resource of an entry."""
        return self._typed(name, dict)

    def code(self, name: str, meanings: Mapping[str, Meaning]) -> Meaning:
        """Return the meaning of a code of a closed list; it must be there."""
        found = self.text(name)
        if not found:
            raise self.error(name, f"it is missing. Use one of {', '.join(meanings)}.")
        if found not in meanings:
            raise self.error(name, f"{quoted(found)} is not one of {', '.join(meanings)}.")
        return meanings[found]

    def modifier(self, url: str) -> bool:
        """Return whether the extension of a URL changes the meaning of the element."""
        return any(each.get("url") == url for each in self.objects("modifierExtension"))

    def extension(self, url: str, value: str) -> "Element | None":
        """Return the extension of a URL, which must have one value of the type named so."""
        found = [
            (index, each)
            for index, each in enumerate(self.objects("extension"))
            if each.get("url") == url
        ]
        if len(found) > 1:
            raise self.error("extension", f"{url} is there twice. Correct the file.")
        for index, each in found:
            if not each.keys() - {"id"} == {"url", value}:
                raise self.error(f"extension[{index}]", f"it has no {value}. Correct the file.")
            return Element(each, f"{self.at('extension')}[{index}]", frozenset(each))
        return None


def names(text: str) -> frozenset[str]:
    """Return the names of a list in one text."""
    return frozenset(text.split())


CODING = names("system version code display userSelected")
CONCEPT = names("coding text")
REFERENCE = names("reference type identifier display")
IDENTIFIER = names("use type system value period assigner")
PERIOD = names("start end")
QUANTITY = names("value comparator unit system code")
SIMPLE_QUANTITY = QUANTITY - {"comparator"}
RESOURCE = names("resourceType id meta implicitRules language text contained")

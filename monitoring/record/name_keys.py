"""The keys of a name, by which patients are found: Müller is Muller and Mueller, Łukasz Lukasz.

A name has two keys. The first is without accents, capitals and punctuation. In the second, the
two letters that stand for one in another spelling (ae, oe, ue, aa) are one as well. Two names are
alike by either.
"""

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

from dosing import clean

_LETTERS = MappingProxyType(str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
    "ŋ": "ng", "ŧ": "t", "ĸ": "k", "ə": "e", "ß": "ss",
}))  # fmt: skip
"""The letters that no accent makes, as they are typed without them."""
_TWO_FOR_ONE = re.compile(r"([ao])e|(u)e|(a)a")
_JOINED = re.compile(r"(?<=\w)['’‘ʼʻ`´′](?=\w)")
"""An apostrophe within a name: O'Neil is ONeil. All other punctuation separates words."""
_SEPARATORS = re.compile(r"[\W_]+")
_KEPT_NAMES = 20_000


@lru_cache(maxsize=_KEPT_NAMES)
def name_keys(name: str) -> tuple[str, str]:
    """Return the two keys of a name; both are empty for a text of punctuation alone.

    >>> name_keys("Jörg Müller-Straße"), name_keys("Mueller")
    (('jorg muller strasse', 'jorg muller strasse'), ('mueller', 'muller'))
    >>> name_keys("O'Neil"), name_keys("Ørsted"), name_keys("Nguyễn")
    (('oneil', 'oneil'), ('orsted', 'orsted'), ('nguyen', 'nguyen'))
    """
    text = clean(name)
    if text.isascii():
        plain = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        marked = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        plain = marked.translate(_LETTERS).casefold()
    plain = _SEPARATORS.sub(" ", _JOINED.sub("", plain)).strip()
    return plain, _one_for_two(plain)


def _one_for_two(text: str) -> str:
    return _TWO_FOR_ONE.sub(lambda found: found[1] or found[2] or found[3], text)


def is_part_of_name(part: str, name: str) -> bool:
    """Return whether a text is part of a name, as typed or by one of the keys.

    >>> [is_part_of_name(part, "Łukasz Müller") for part in ("lukasz mue", "Muller", "Miller")]
    [True, True, False]
    """
    keys = zip(name_keys(part), name_keys(name), strict=True)
    return part.lower() in name.lower() or any(sought and sought in known for sought, known in keys)


def is_found(search: str, record_number: str, name: str) -> bool:
    """Return whether a search finds a patient: by part of the record number or of the name.

    An empty search finds everybody.
    """
    sought = clean(search)
    return not sought or sought.lower() in record_number.lower() or is_part_of_name(sought, name)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in one order, in one spelling: equal for the same person.

    >>> words_of("Sample-Toddler, José") == words_of("jose sample toddler")
    True
    """
    words = name_keys(name)[1].split()
    return tuple(sorted(words)) or (clean(name),)

"""The search for an adverse event: by everyday words, by synonyms and, as a question, by spelling.

Order, case, accents, British or American spelling, singular or plural make no difference. "High",
"raised" and "elevated" are one word, and so are "low", "decreased" and "reduced".
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from dosing.knowledge.adverse_event_terms import TERMS, Term
from dosing.quantities.text import clean

# Words that do not name the event: little words, and its severity.
_LEFT_OUT = frozenset(
    {"a", "an", "and", "her", "his", "in", "my", "of", "on", "the", "their", "with"}
    | {"mild", "moderate", "severe"}
)
_SAME = {
    **dict.fromkeys(("raised", "elevated", "increased", "increase", "rised"), "high"),
    **dict.fromkeys(("decreased", "reduced", "decrease", "lowered"), "low"),
}
_LONGEST_SOUGHT = 100
_NEAR = 0.72


def _key(text: str) -> str:
    """Return the words that name the event, in one spelling, sorted."""
    decomposed = unicodedata.normalize("NFKD", clean(text)).casefold()
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    words = re.findall(r"\w+", plain.replace("'s", ""))
    return " ".join(sorted({_spelled(word) for word in words if word not in _LEFT_OUT}))


def _spelled(word: str) -> str:
    same = _SAME.get(word, word)
    one_vowel = re.sub(r"[ao]e(?=[acdmnst])", "e", same).replace("leuk", "leuc")
    is_plural = len(one_vowel) > 3 and one_vowel.endswith("s") and one_vowel[-2] not in "sui"
    return one_vowel[:-1] if is_plural else one_vowel


_BY_KEY: Mapping[str, Term] = MappingProxyType(
    {_key(words): term for term in TERMS for words in (term.name, *term.synonyms)}
)


def known_term(text: str) -> Term | None:
    """Return the adverse event of this name or synonym, or None.

    >>> known_term("Severe ulcers in the mouth").name
    'mouth sores'
    >>> known_term("mouht sores") is None
    True
    """
    return _BY_KEY.get(_key(text))


def find_terms(text: str) -> tuple[Term, ...]:
    """Return the adverse event that `text` names, or up to three with a similar spelling.

    A match by spelling alone is a question for the user and never an answer: hypocalcaemia is
    spelled nearly like hypokalaemia.

    >>> [term.name for term in find_terms("mouht sores")]
    ['mouth sores']
    """
    known = known_term(text)
    return (known,) if known else _near_terms(_key(text))


def suggested_terms(text: str) -> tuple[Term, ...]:
    """Return the possible terms of the words typed so far, those in Nadal 2016 first.

    Each word typed is the beginning of a word of the name or of a synonym. Without words that is
    the whole table; without such a beginning, the terms with a similar spelling.

    >>> [term.name for term in suggested_terms("mou s")]
    ['mouth sores']
    """
    sought = _key(text).split()
    found = dict.fromkeys(term for key, term in _BY_KEY.items() if _begins(sought, key.split()))
    if not found:
        return _near_terms(" ".join(sought))
    return tuple(sorted(found, key=lambda term: (not term.in_review_profile, _less_often(term))))


def _begins(sought: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in sought)


def _less_often(term: Term) -> int:
    return -term.review_count.count if term.review_count else 0


def _near_terms(sought: str) -> tuple[Term, ...]:
    import difflib  # noqa: PLC0415 - only a mistyped term needs it

    keys = difflib.get_close_matches(sought[:_LONGEST_SOUGHT], _BY_KEY, n=6, cutoff=_NEAR)
    return tuple(dict.fromkeys(_BY_KEY[key] for key in keys))[:3]

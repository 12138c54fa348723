"""The texts of the family's pages, in one file a language, with the plural rules of each.

A translator edits the file of a language: a line a text. Figures and names are in braces and stay
as they are: every language shows the same numbers and units. English is the source; its
sentences of advice are those of `dosing.knowledge.counselling`. A translation is marked as not yet
reviewed until `reviewed_by` and `reviewed_on` (a day such as 2026-11-05) are in its file.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from dosing.birth_date import BirthDate
from dosing.knowledge.counselling import CounsellingPoint, Topic, every_point
from reports.languages import ENGLISH, LANGUAGES
from reports.printed_text import isolated, kept_apart

_FOLDER = Path(__file__).parent
_ARABIC = "ar"
_HUNDRED = 100
_FEW, _MANY = range(3, 11), range(11, _HUNDRED)
_FIGURE = re.compile(r"\d[\d.:-]*(?: ?°C)?")


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a translation by a person."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language of the family's pages: its texts, plural forms and dates."""

    code: str
    name: str
    """In the language itself."""
    is_right_to_left: bool
    review: Review | None
    """None for English, and for a translation that nobody has reviewed."""
    dates: Mapping[str, str]
    """The forms of a date: `date`, `month_and_year` and `day_of_week`."""
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """From Monday on, in short."""
    texts: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]
    """By what is counted: a text for a number (`2`) or for a category of plural (`few`)."""
    topics: Mapping[str, str]
    advice: Mapping[str, str]

    @property
    def is_reviewed(self) -> bool:
        """Return whether it may be shown without a warning: English, or a reviewed translation."""
        return self.code == ENGLISH or self.review is not None

    def text(self, key: str, **values: str) -> str:
        """Return a text with its figures and names; each is kept apart within Arabic.

        A name or another text from outside is cleaned first (`dosing.clean`).
        """
        return self._filled(self.texts[key], values)

    def counted(self, key: str, number: int) -> str:
        """Return a number of what is counted, in the plural form of the language.

        >>> language_of("en").counted("times_a_day", 1), language_of("en").counted("times_a_day", 3)
        ('once a day', '3 times a day')
        >>> language_of("de").counted("every_hours", 12)
        'alle 12 Stunden'
        """
        forms = self.plurals[key]
        form = forms.get(str(number)) or forms[plural_category(self.code, number)]
        return self._filled(form, {"number": str(number)})

    def topic(self, topic: Topic) -> str:
        """Return the heading of a topic of the advice."""
        return self.topics[topic.name.lower()]

    def point(self, point: CounsellingPoint) -> str:
        """Return a sentence of the advice."""
        return self._filled(self.advice[point.name], {})

    def long_date(self, day: date) -> str:
        """Return a date with the name of its month; a birth as far as it is known.

        >>> language_of("es").long_date(date(2026, 11, 3))
        '3 de noviembre de 2026'
        """
        known = len(str(day).split("-")) if isinstance(day, BirthDate) else 3
        if known == 1:
            return str(day.year)
        return self._dated("date" if known > 2 else "month_and_year", day)

    def day_of_week(self, day: date) -> str:
        """Return a day of a list, without its year.

        >>> language_of("de").day_of_week(date(2026, 11, 3))
        'Di 3. November'
        """
        return self._dated("day_of_week", day)

    def _dated(self, form: str, day: date) -> str:
        number, year = str(day.day), str(day.year)
        if self.is_right_to_left:
            number, year = kept_apart(number), kept_apart(year)
        month, weekday = self.months[day.month - 1], self.weekdays[day.weekday()]
        return self.dates[form].format(day=number, month=month, year=year, weekday=weekday)

    def listed(self, parts: "tuple[str, ...]") -> str:
        """Return a list of clock times, the last after the word for and."""
        if len(parts) == 1:
            return parts[0]
        return self.text("and", first=", ".join(parts[:-1]), last=parts[-1])

    def _filled(self, form: str, values: Mapping[str, str]) -> str:
        if not self.is_right_to_left:
            return form.format(**values)
        apart = _FIGURE.sub(lambda found: isolated(found[0]), form)
        return apart.format(**{name: kept_apart(each) for name, each in values.items()})


def plural_category(code: str, number: int) -> str:
    """Return the category of plural of a whole number in a language, after Unicode's CLDR.

    >>> [plural_category("ar", each) for each in (0, 1, 2, 3, 10, 11, 99, 100, 103)]
    ['other', 'one', 'two', 'few', 'few', 'many', 'many', 'other', 'few']
    >>> plural_category("en", 0), plural_category("fr", 0)
    ('other', 'one')
    """
    if code == _ARABIC:
        exact = {1: "one", 2: "two"}.get(number)
        rest = number % _HUNDRED
        return exact or ("few" if rest in _FEW else "many" if rest in _MANY else "other")
    is_one = number == 1 or (number == 0 and code in {"fr", "pt"})
    return "one" if is_one else "other"


@cache
def language_of(code: str) -> Language:
    """Return a language by its code; raises `KeyError` for one that there is not."""
    LANGUAGES[code]
    read = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    by, on = read.get("reviewed_by", ""), read.get("reviewed_on", "")
    topics = {each.name.lower(): each.value for each in Topic}
    advice = {each.name: each.text for each in every_point()}
    return Language(
        code=code,
        name=read["name"],
        is_right_to_left=read["direction"] == "right to left",
        review=Review(by, date.fromisoformat(on)) if by and on else None,
        dates={each: read[each] for each in ("date", "month_and_year", "day_of_week")},
        months=tuple(read["months"]),
        weekdays=tuple(read["weekdays"]),
        texts=read["texts"],
        plurals=read["plurals"],
        topics=topics if code == ENGLISH else read["topics"],
        advice=advice if code == ENGLISH else read["advice"],
    )

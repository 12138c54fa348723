"""The table of texts: every language is complete, and shows the figures of the English text."""

import re
from datetime import date
from string import Formatter

import pytest

from dosing.birth_date import BirthDate
from dosing.knowledge.counselling import Topic, every_point
from reports.languages import ENGLISH, LANGUAGES
from reports.printed_text import in_order, missing_letters
from reports.translations import Language, Review, language_of, plural_category

TRANSLATED = [each for each in LANGUAGES if each != ENGLISH]
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 21, 24, 48, 72, 99, 100, 101, 102, 103, 111)


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d.:-]*\d|\d", text))


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_text_is_translated_with_its_figures_in_their_places(code: str) -> None:
    english, language = language_of(ENGLISH), language_of(code)
    assert set(language.texts) == set(english.texts)
    for key, text in english.texts.items():
        assert fields(language.texts[key]) == fields(text), key
        assert figures(language.texts[key]) == figures(text), key


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_of_advice_is_translated(code: str) -> None:
    language = language_of(code)
    assert set(language.topics) == {each.name.lower() for each in Topic}
    assert set(language.advice) == {each.name for each in every_point()}
    for point in every_point():
        assert figures(language.advice[point.name]) == figures(point.text)
        assert language.advice[point.name] != point.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_empty_and_every_letter_is_in_the_font(code: str) -> None:
    language = language_of(code)
    forms = [form for each in language.plurals.values() for form in each.values()]
    texts = [*language.texts.values(), *forms, *language.topics.values(), *language.advice.values(),
             *language.months, *language.weekdays]  # fmt: skip
    assert all(each.strip() for each in texts)
    assert missing_letters("".join(texts)) == ""
    assert (len(set(language.months)), len(set(language.weekdays))) == (12, 7)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("key", ["every_hours", "times_a_day", "once_in_days"])
def test_every_number_has_its_plural_form(code: str, key: str) -> None:
    language = language_of(code)
    for number in NUMBERS:
        shown = language.counted(key, number)
        assert "{" not in shown
        assert figures(shown) in ([], [str(number)])


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", ["once a day", "twice a day", "3 times a day", "4 times a day"]),
        ("es", ["una vez al día", "dos veces al día", "3 veces al día", "4 veces al día"]),
        ("de", ["einmal am Tag", "zweimal am Tag", "3 Mal am Tag", "4 Mal am Tag"]),
    ],
)
def test_how_often_a_day_in_the_plural_of_the_language(code: str, shown: list[str]) -> None:
    assert [language_of(code).counted("times_a_day", each) for each in (1, 2, 3, 4)] == shown


def test_arabic_counts_by_its_six_categories() -> None:
    forms = language_of("ar").plurals["every_hours"]
    shown = {n: forms[plural_category("ar", n)] for n in (1, 2, 6, 12, 24, 100, 103)}
    assert shown[6] == shown[103] == "كل {number} ساعات"
    assert shown[12] == shown[24] == "كل {number} ساعة"
    assert (shown[1], shown[2]) == ("كل ساعة", "كل ساعتين")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_date_has_its_figures_in_every_language(code: str) -> None:
    language = language_of(code)
    assert figures(language.long_date(date(2026, 11, 3))) == ["2026", "3"]
    assert figures(language.long_date(BirthDate.read("2024-02"))) == ["2024"]
    assert language.long_date(BirthDate.read("2024")) == "2024"
    assert language.months[1] in language.long_date(BirthDate.read("2024-02"))


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_no_review_until_a_name_and_a_day_are_in_its_table(code: str) -> None:
    language = language_of(code)
    assert language.review is None or (language.review.by and language.review.on)
    assert language.is_reviewed == (language.review is not None)
    assert language_of(ENGLISH).is_reviewed


@pytest.mark.parametrize(
    "name", ["{dose}", "{0.__class__}", "\u202eevil", "a) \u2069שלום (b", "%s"]
)
def test_a_name_in_braces_is_no_place_for_a_figure(name: str) -> None:
    for code in LANGUAGES:
        language = language_of(code)
        shown = language.text("prescribed", name=name, date="x")
        assert name in shown
        assert in_order(shown, base="R" if language.is_right_to_left else "L")


def test_an_unknown_language_is_no_language() -> None:
    with pytest.raises(KeyError):
        language_of("zh")


def test_a_review_has_a_person_and_a_day() -> None:
    reviewed: Language = language_of("es")
    assert Review("Dr Sample", date(2026, 11, 5)).by == "Dr Sample"
    assert reviewed.code == "es"

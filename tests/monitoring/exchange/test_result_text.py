"""Results, limits and units as laboratories write them: read with one meaning, or refused."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from dosing import UserError
from monitoring.exchange.incoming import ResultStatus
from monitoring.exchange.result_text import (
    is_laboratory_unit,
    is_level_unit,
    read_laboratory_result,
    read_level_result,
    read_range,
)
from monitoring.exchange.status_text import STATUS_OF, read_status
from tests.campaign import cases


def level(text: str, sign: str | None = "point", unit: str = "ng/mL") -> str:
    result = read_level_result(text, sign, unit)
    return f"{result.comparator.value if result.comparator else ''}{result.value}"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("7.2", "7.2 ng/mL"), ("7.20", "7.20 ng/mL"), ("<2.0", "<2.0 ng/mL"),
        ("< 2.0", "<2.0 ng/mL"), (">30", ">30 ng/mL"), ("＜2.0", "<2.0 ng/mL"),
        ("＞30", ">30 ng/mL"), ("&lt;2.0", "<2.0 ng/mL"), ("&gt; 30", ">30 ng/mL"),
        ("&#60;2.0", "<2.0 ng/mL"), ("<=2.0", "<2.0 ng/mL"), ("≤2.0", "<2.0 ng/mL"),
        ("≤ 2.0", "<2.0 ng/mL"), ("=<2.0", "<2.0 ng/mL"), (">=30", ">30 ng/mL"),
        ("≥30", ">30 ng/mL"), ("&le;2.0", "<2.0 ng/mL"), ("7.2 H", "7.2 ng/mL"),
        ("7.2*", "7.2 ng/mL"), ("7.2 *", "7.2 ng/mL"), ("*7.2", "7.2 ng/mL"),
        ("7.2 (H)", "7.2 ng/mL"), ("7.2 [L]", "7.2 ng/mL"), ("7.2 HH", "7.2 ng/mL"),
        ("7.2 ↑", "7.2 ng/mL"), ("7.2 H*", "7.2 ng/mL"), ("<2.0 L", "<2.0 ng/mL"),
        ("7.2 ng/mL", "7.2 ng/mL"), ("7.2 ng/mL H", "7.2 ng/mL"), ("1,234.5", "1234.5 ng/mL"),
        ("1'234.5", "1234.5 ng/mL"), ("7.2\u00a0", "7.2 ng/mL"), ("7.2\u202fng/mL", "7.2 ng/mL"),
        ("1,234,567.5", "1234567.5 ng/mL"),
    ],
)  # fmt: skip
def test_a_level_with_one_meaning(text: str, kept: str) -> None:
    assert level(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "", "H", "*", "<", "<>2", "<<2.0", "~7", "7.2 haemolysed", "7.2 (repeat)", "7.2 see note",
        "7.2H", "7.2 7.3", "5-7", "5–7", "7.2e1", "1,234", "12,34.5", "1,23,456.5", "7.2.1", "0,7",
        "7.2 mg/L", "7.2 ug/L", "7.2 ng/mL ng/mL", "<-2", "-7.2", "+7.2", "H 7.2", "7 . 2", "07.2",
        "&amp;lt;2", "&lt", "7.2\u200f", "٧", "７", "<script>", "[/]", "7.2 (H", "7.2 \x1b[31m",
        "=7.2", "0", "<0", "nan", "1_000", "(7.2)", "7.2 ng/dL",
    ],
)  # fmt: skip
def test_any_other_level_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UserError) as refused:
        level(text)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sign", "kept"),
    [
        ("7,2", "comma", "7.2 ng/mL"),
        ("1.234,5", "comma", "1234.5 ng/mL"),
        ("1.234.567", "comma", "1234567 ng/mL"),
        ("1.234", "comma", None),
        ("7.2", "comma", None),
        ("7,2", None, None),
        ("7.2", None, None),
        ("7", None, "7 ng/mL"),
        ("1,234.5", None, None),
        ("1.234,5", "point", None),
        ("1,234.567,8", "point", None),
        ("0,234.5", "point", None),
    ],
)
def test_a_separator_of_thousands_is_clear_or_refused(
    text: str, sign: str | None, kept: str | None
) -> None:
    if kept is None:
        with pytest.raises(UserError):
            level(text, sign)
    else:
        assert level(text, sign) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7.2", ()),
        ("<2.0", ()),
        ("7.2 H", ('The laboratory\'s flag "H" is not kept.',)),
        ("<=2.0", ('It was reported as "<=2.0", and is kept as <2.0.',)),
        ("1,234.5", ('"1,234.5" is read as 1234.5.',)),
    ],
)
def test_whatever_is_not_kept_is_said(text: str, said: tuple[str, ...]) -> None:
    assert read_level_result(text, "point", "ng/mL").comments == said


@pytest.mark.parametrize(
    ("unit", "kept"),
    [
        *((each, "ng/mL") for each in ("ng/mL", "ng/ml", "NG/ML", "ng / ml")),
        *((each, "ug/L") for each in ("ug/L", "ug/l", "µg/L", "μg/l", "mcg/L", "mcg/l", "UG/L")),
        *((each, "nmol/L") for each in ("nmol/L", "nmol/l", "NMOL/L")),
        *((each, None) for each in ("ng/dL", "mg/L", "ug/mL", "pg/mL", "Ng/ml", "mg/dL", "U/L")),
    ],
)
def test_a_unit_of_levels_in_every_spelling(unit: str, kept: str | None) -> None:
    assert is_level_unit(unit) == (kept is not None)
    if kept:
        assert level("7.20", unit=unit) == f"7.20 {kept}"
    else:
        with pytest.raises(UserError):
            level("7.20", unit=unit)


@pytest.mark.parametrize(
    ("number", "unit", "kept"),
    [
        *(("60", unit, "60 10*9/L") for unit in (
            "10^9/L", "10^9/l", "10*9/l", "10⁹/l", "G/l", "G/L", "×10^9/L", "x10E9/L", "10E9/L",
            "10e9/l", "10**9/L", "10*3/uL", "10^3/mm3", "10³/µl", "10^3/mm³", "K/uL", "K/µL",
            "/nL", "1/nl", "Gpt/l", "Tsd./µl", "x10(9)/L", "10x9/L", "10*9/L{cells}", "THOU/UL",
        )),
        ("1500", "/uL", "1.500 10*9/L"),
        ("1500", "cells/µL", "1.500 10*9/L"),
        ("1500", "/mm³", "1.500 10*9/L"),
        ("4.5", "M/uL", "4.5 10*12/L"),
        ("4.5", "10^12/L", "4.5 10*12/L"),
        ("4.5", "10*6/µL", "4.5 10*12/L"),
        ("0.58", "µkat/L", "34.80 U/L"),
        *(("35", unit, "35 U/L") for unit in ("u/l", "U/l", "IU/L", "UI/L", "IE/l")),
        *(("80", unit, "80 umol/L") for unit in ("µmol/l", "μmol/L", "UMOL/L", "mcmol/L")),
        ("140", "mEq/L", "140 meq/L"),
        ("12", "mg/g", "12 mg/g"),
        ("12", "mg/g{creat}", "12 mg/g"),
        ("12", "ng/mL", "12 ug/L"),
        ("12", "mcg/dL", "12 ug/dL"),
    ],
)  # fmt: skip
def test_a_unit_of_laboratory_values(number: str, unit: str, kept: str) -> None:
    assert is_laboratory_unit(unit)
    result = read_laboratory_result(number, "point", unit)
    assert str(result.value) == kept
    assert bool(result.comments) == (not kept.startswith(f"{number} "))


def test_conversions_are_by_the_exact_factor() -> None:
    """The factors by the definitions: a litre is 10^6 µL, a katal 60,000,000 U."""
    factors = {"/uL": Fraction(10**6, 10**9), "µkat/L": Fraction(60), "10*6/L": Fraction(1, 1000)}
    rng = random.Random(3)
    for _ in range(cases(300)):
        unit = rng.choice(sorted(factors))
        number = f"{rng.randrange(1, 100_000)}{rng.choice(('', '.5', '.250'))}"
        value = read_laboratory_result(number, "point", unit).value.number
        assert Fraction(value) == Fraction(Decimal(number)) * factors[unit]


@pytest.mark.parametrize(
    ("test", "unit"),
    [("platelets", "g/l"), ("Thrombozyten", "furlong"), ("albumin", "G/L"), ("neutrophils", "g/L"),
     ("haemoglobin", "G/l"), ("ALT", "M/L"), ("ALT", "Mg/dL"), ("x", "10^9"), ("x", "10 9/L")],
)  # fmt: skip
def test_giga_is_never_gram(test: str, unit: str) -> None:
    with pytest.raises(UserError):
        read_laboratory_result("60", "point", unit, test)


@pytest.mark.parametrize(
    ("text", "sign", "limits"),
    [
        ("0.0 - 41", "point", ("0.0", "41", "")),
        ("0,5–1,2", "comma", ("0.5", "1.2", "")),
        ("[3-7]", None, ("3", "7", "")),
        ("(3 - 7)", None, ("3", "7", "")),
        ("<41", None, ("", "41", "")),
        ("≤ 41", None, ("", "41", "")),
        ("&lt; 41 U/L", None, ("", "41", "U/L")),
        (">5", None, ("5", "", "")),
        (">= 5", None, ("5", "", "")),
        ("150-400 10^9/L", None, ("150", "400", "10^9/L")),
        ("3.5-5.1 mmol/L", "point", ("3.5", "5.1", "mmol/L")),
        ("3 to 7", None, ("3", "7", "")),
        ("5-5", None, ("5", "5", "")),
        *((text, "point", None) for text in (
            "", "-", "7-3", "-2-2", "10-20-30", "3-", "-7", "3,5-7", "abc", "[3-7", "1.2.3-4", "41",
            "<", "3-7 8", "<3-7", "٣-٧", "see report",
        ) if text != "3-7 8"),
    ],
)  # fmt: skip
def test_a_range_of_normal(
    text: str, sign: str | None, limits: tuple[str, str, str] | None
) -> None:
    if limits is None:
        with pytest.raises(UserError):
            read_range(text, sign)
    else:
        found = read_range(text, sign)
        assert (found.lower, found.upper, found.unit) == limits


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((each, ResultStatus.FINAL) for each in ("F", "final", "Final", "Endgültig", "validé",
                                                  "definitief", "Validado", "validato")),
        *((each, ResultStatus.CORRECTED) for each in ("C", "Corrected", "amended", "korrigiert",
                                                      "corrigé", "corregido", "corretto")),
        *((each, ResultStatus.PRELIMINARY) for each in ("P", "R", "S", "I", "preliminary",
                                                        "vorläufig", "provisoire", "voorlopig")),
        *((each, ResultStatus.CANCELLED) for each in ("X", "cancelled", "canceled", "storniert",
                                                      "annulé", "anulado", "geannuleerd")),
        *((each, ResultStatus.WITHDRAWN) for each in ("D", "W", "entered-in-error", "gelöscht")),
        *((each, None) for each in ("", "inpatient", "U", "N", "ok?", "Ｆ ward", "finally")),
    ],
)  # fmt: skip
def test_the_words_of_a_status(text: str, status: ResultStatus | None) -> None:
    assert read_status(text) is status


def test_no_word_of_a_status_is_of_two() -> None:
    assert set(STATUS_OF.values()) == set(ResultStatus)


SIGNS = {"": "", "<": "<", ">": ">", "≤": "<", "≥": ">", "&lt;": "<", "＞": ">", "<= ": "<"}


def test_random_results_in_random_spellings_are_read_back() -> None:
    rng = random.Random(11)
    for _ in range(cases(1_000, full=20_000)):
        digits = rng.choice((0, 1, 2, 3))
        number = f"{Decimal(rng.randrange(1, 200_000)).scaleb(-digits):f}"
        sign = rng.choice(("point", "comma"))
        written = number if sign == "point" else number.replace(".", ",")
        comparator = rng.choice(sorted(SIGNS))
        flag = rng.choice(("", "", " H", "*", " (L)", " HH"))
        unit = rng.choice(("ng/mL", "µg/L", "nmol/l", "ng/ml", "mcg/L"))
        kept = {"µg/L": "ug/L", "mcg/L": "ug/L", "nmol/l": "nmol/L", "ng/ml": "ng/mL"}.get(
            unit, unit
        )
        beside = rng.random() < 0.5
        text = f"{comparator}{written}{'' if beside else f' {unit}'}{flag}"
        result = read_level_result(text, sign, unit if beside else "")
        assert (result.value.number, result.value.unit) == (Decimal(number), kept), text
        assert str(result.value).startswith(number), text
        assert (result.comparator.value if result.comparator else "") == SIGNS[comparator]


def test_random_damage_never_gives_other_digits() -> None:
    """A damaged text is refused, or its number has exactly the digits that are in it."""
    rng, said = random.Random(5), []
    for _ in range(cases(3_000, full=50_000)):
        text = list(rng.choice(("<2.0", "7.20 ng/mL", "12.5 H", "≤ 3.75", "1,234.5", "&lt;2.0")))
        for _ in range(rng.choice((1, 1, 2, 4))):
            place = rng.randrange(len(text) + 1)
            text[place : place + rng.choice((0, 1))] = rng.choice("0123456789<>=.,*H() -&;eE'٣\x00")
        damaged = "".join(text)
        try:
            result = read_level_result(damaged, "point", "ng/mL")
        except UserError as refused:
            said.append(str(refused))
        else:
            shown = "".join(sign for sign in f"{result.value.number:f}" if sign.isdigit())
            assert shown == "".join(sign for sign in damaged if sign in "0123456789"), damaged
            plain = damaged.replace("&lt;", "<").replace("&le;", "<").replace("≤", "<")
            signs = {sign for sign in plain if sign in "<>"}
            assert signs == ({result.comparator.value} if result.comparator else set()), damaged
    assert [each for each in said if len(each.splitlines()) != 1] == []

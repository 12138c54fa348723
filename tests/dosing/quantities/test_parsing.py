"""The reader of typed numbers: what it accepts, exactly, and that it refuses everything else.

The tables are typed by hand from the clinical reference and from the definitions of the units
(1 lb = 0.45359237 kg, 1 in = 2.54 cm, a month = 30.4375 days, sirolimus 914.17 g/mol), not taken
from the program. Odd signs are written by name or number, so that they can be seen here.
"""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dosing.errors import ReadingError
from dosing.quantities.parsing import Quantity, QuantityKind, accepted_units, read
from tests.campaign import cases
from tests.dosing.quantities.test_text import HIDDEN_SIGNS

WEIGHT, HEIGHT, AGE, DOSE = (
    QuantityKind.WEIGHT,
    QuantityKind.HEIGHT,
    QuantityKind.AGE,
    QuantityKind.DOSE,
)
VOLUME, LEVEL, PER_DAY = QuantityKind.VOLUME, QuantityKind.LEVEL, QuantityKind.DOSE_PER_DAY
AREA_DAY, AREA_DOSE = QuantityKind.DOSE_PER_DAY_BY_AREA, QuantityKind.DOSE_BY_AREA
STRENGTH, INTERVAL = QuantityKind.STRENGTH, QuantityKind.INTERVAL
KG_DAY, KG_DOSE = QuantityKind.DOSE_PER_DAY_BY_WEIGHT, QuantityKind.DOSE_BY_WEIGHT

# Every accepted spelling once. 487 days are 487 / 30.4375 = 16 months, 487 weeks seven times that;
# 10 nmol are 9141.7 ng.
READS: dict[QuantityKind, tuple[tuple[str, str], ...]] = {
    WEIGHT: (
        ("12.4 kg", "12.4"),
        ("1 kilogram", "1"),
        ("12.4 kilograms", "12.4"),
        ("3300 g", "3.3"),
        ("1 gram", "0.001"),
        ("850 grams", "0.85"),
        ("27 lb", "12.24699399"),
        ("27 lbs", "12.24699399"),
        ("1 pound", "0.45359237"),
        ("100 pounds", "45.359237"),
    ),
    HEIGHT: (
        ("88 cm", "88"),
        ("1 centimetre", "1"),
        ("88.5 centimetres", "88.5"),
        ("1 centimeter", "1"),
        ("88.5 centimeters", "88.5"),
        ("0.88 m", "88"),
        ("1 metre", "100"),
        ("1.1 metres", "110"),
        ("1 meter", "100"),
        ("1.1 meters", "110"),
        ("35 in", "88.9"),
        ("1 inch", "2.54"),
        ("35 inches", "88.9"),
    ),
    AGE: (
        ("487 days", "16"),
        ("487 day", "16"),
        ("487 d", "16"),
        ("487 weeks", "112"),
        ("487 week", "112"),
        ("487 wk", "112"),
        ("27 months", "27"),
        ("1 month", "1"),
        ("7.5 mo", "7.5"),
        ("2 years", "24"),
        ("1 year", "12"),
        ("1.5 y", "18"),
        ("0.5 yr", "6"),
    ),
    DOSE: (
        ("0.44 mg", "0.44"),
        ("1 milligram", "1"),
        ("0.44 milligrams", "0.44"),
        ("440 micrograms", "0.44"),
        ("1 microgram", "0.001"),
        ("440 mcg", "0.44"),
        ("440 ug", "0.44"),
        ("440 \N{MICRO SIGN}g", "0.44"),
        ("440 \N{GREEK SMALL LETTER MU}g", "0.44"),
    ),
    VOLUME: (
        ("0.44 mL", "0.44"),
        ("0.44 ml", "0.44"),
        ("1 millilitre", "1"),
        ("0.44 millilitres", "0.44"),
        ("1 milliliter", "1"),
        ("0.44 milliliters", "0.44"),
    ),
    LEVEL: (
        ("7.2 ng/mL", "7.2"),
        ("7.2 ng/ml", "7.2"),
        ("7.2 ug/L", "7.2"),
        ("7.2 ug/l", "7.2"),
        ("7.2 \N{MICRO SIGN}g/L", "7.2"),
        ("7.2 \N{MICRO SIGN}g/l", "7.2"),
        ("7.2 \N{GREEK SMALL LETTER MU}g/L", "7.2"),
        ("7.2 \N{GREEK SMALL LETTER MU}g/l", "7.2"),
        ("7.2 mcg/L", "7.2"),
        ("7.2 mcg/l", "7.2"),
        ("7.2 micrograms/L", "7.2"),
        ("10 nmol/L", "9.1417"),
        ("10 nmol/l", "9.1417"),
    ),
    STRENGTH: (("0.5 mg/mL", "0.5"), ("0.5 mg/ml", "0.5")),
    INTERVAL: (
        ("48 hours", "48"),
        ("1 hour", "1"),
        ("48 h", "48"),
        ("2 days", "48"),
        ("1 day", "24"),
        ("2 d", "48"),
    ),
    PER_DAY: (("0.88 mg/day", "0.88"), ("0.88 mg/d", "0.88")),
    AREA_DAY: (
        ("1.6 mg/m²/day", "1.6"),
        ("1.6 mg/m2/day", "1.6"),
        ("1.6 mg/m^2/day", "1.6"),
        ("1.6 mg/m²/d", "1.6"),
        ("1.6 mg/m2/d", "1.6"),
    ),
    AREA_DOSE: (
        ("0.8 mg/m²/dose", "0.8"),
        ("0.8 mg/m2/dose", "0.8"),
        ("0.8 mg/m^2/dose", "0.8"),
    ),
    KG_DAY: (("0.08 mg/kg/day", "0.08"), ("0.08 mg/kg/d", "0.08")),
    KG_DOSE: (("0.04 mg/kg/dose", "0.04"),),
}

# What each message must show as the way to write it.
EXAMPLES = {
    WEIGHT: "12.4 kg",
    HEIGHT: "88 cm",
    AGE: "27 months",
    DOSE: "0.44 mg",
    VOLUME: "0.44 mL",
    LEVEL: "7.2 ng/mL",
    PER_DAY: "0.88 mg/day",
    AREA_DAY: "1.6 mg/m²/day",
    AREA_DOSE: "0.8 mg/m²/dose",
    STRENGTH: "0.5 mg/mL",
    INTERVAL: "48 hours",
    KG_DAY: "0.08 mg/kg/day",
    KG_DOSE: "0.04 mg/kg/dose",
}

# Texts that must be refused, each with what it would be read as. Where it does not matter, a dose.
# fmt: off
REFUSED: tuple[tuple[QuantityKind, tuple[str, ...]], ...] = (
    # a comma, or another sign in the place of the decimal point
    (DOSE, (
        "2,5 mg", "2,50 mg", "0,44 mg", ",5 mg", "2, mg", "1.000,5 mg", "1,000.5 mg", "2,5",
        "1\N{MIDDLE DOT}5 mg", "1\N{ARABIC DECIMAL SEPARATOR}5 mg", "1\N{FULLWIDTH FULL STOP}5 mg",
        "1\N{FULLWIDTH COMMA}5 mg", "1\N{IDEOGRAPHIC FULL STOP}5 mg", "1:5 mg", "1;5 mg", "1'5 mg",
        "1\N{SINGLE LOW-9 QUOTATION MARK}5 mg", "1 .5 mg", "1. 5 mg",
    )),
    (WEIGHT, ("12,4 kg",)), (HEIGHT, ("88,5 cm",)), (LEVEL, ("7,2 ng/mL",)),
    (AREA_DAY, ("1,6 mg/m²/day",)),
    # points in the wrong number or place
    (DOSE, (
        "1.5.2 mg", "1.5.2", "1..5 mg", "5. mg", "5.mg", ".5 mg", ".44mg", ". mg", "..5 mg",
        "1.5. mg", "2 .mg", "2 mg.",
    )),
    # thousands separators
    (DOSE, (
        "1_000 mg", "1_000", "_1 mg", "1_ mg", "0.4_4 mg", "1 000 mg", "1,000 mg", "1,000,000 mg",
        "1.000.000 mg", "1'000 mg", "1\N{RIGHT SINGLE QUOTATION MARK}000 mg",
        "1\N{NO-BREAK SPACE}000 mg", "1\N{NARROW NO-BREAK SPACE}000 mg", "1\N{THIN SPACE}000 mg",
        "1\N{FIGURE SPACE}000 mg", "1\N{ARABIC THOUSANDS SEPARATOR}000 mg", "1\N{DOT ABOVE}000 mg",
        "1\N{ZERO WIDTH SPACE}000 mg", "12,34,567 mg",
    )),
    # what other readers of numbers take
    (DOSE, (
        "nan", "nan mg", "NaN mg", "sNaN mg", "inf", "inf mg", "-inf mg", "Infinity mg", "1e3",
        "1e3 mg", "1E3 mg", "1.5e3 mg", "1e-3 mg", "1e+3 mg", "1 e3 mg", "2e mg", "1d3 mg",
        "1x10^3 mg", "1×10³ mg", "0x10 mg", "0X10 mg", "0b1 mg", "0o7 mg", "1j mg", "True mg",
        "None mg", "null mg", "two mg", "II mg",
    )),
    # digits that are not 0 to 9
    (DOSE, (
        "\N{FULLWIDTH DIGIT TWO} mg", "1\N{FULLWIDTH DIGIT TWO} mg",
        "0.\N{FULLWIDTH DIGIT FOUR} mg", "\N{ARABIC-INDIC DIGIT TWO} mg",
        "1\N{ARABIC-INDIC DIGIT TWO} mg", "\N{EXTENDED ARABIC-INDIC DIGIT TWO} mg",
        "\N{DEVANAGARI DIGIT TWO} mg", "\N{BENGALI DIGIT TWO} mg", "\N{THAI DIGIT TWO} mg",
        "\N{MATHEMATICAL BOLD DIGIT TWO} mg", "\N{SUPERSCRIPT TWO} mg", "1\N{SUPERSCRIPT TWO} mg",
        "1\N{SUBSCRIPT TWO} mg", "\N{VULGAR FRACTION ONE HALF} mg",
        "1\N{VULGAR FRACTION ONE HALF} mg", "1 \N{VULGAR FRACTION ONE QUARTER} mg",
        "\N{CIRCLED DIGIT TWO} mg", "\N{ROMAN NUMERAL TWO} mg", "\N{CJK UNIFIED IDEOGRAPH-4E8C} mg",
        "2\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP} mg", "O.5 mg", "l mg",
    )),
    (WEIGHT, ("\uff11\uff12.\uff14 kg", "12\N{FULLWIDTH FULL STOP}4 kg")),
    # signs, comparators, zero, needless zeros
    (DOSE, (
        "-2 mg", "+2 mg", "- 2 mg", "--2 mg", "2- mg", "\N{MINUS SIGN}2 mg", "\N{EN DASH}2 mg",
        "\N{EM DASH}2 mg", "\N{FULLWIDTH HYPHEN-MINUS}2 mg", "±2 mg", "~2 mg", "(2) mg", "$2 mg",
        "#2 mg", "-0 mg", "0 mg", "0.0 mg", "0.000000000 mg", "0mg", "00 mg", "02 mg", "007 mg",
        "00.5 mg", "0 0.5 mg",
    )),
    (WEIGHT, ("0 kg", "-12.4 kg", "012.4 kg")), (HEIGHT, ("0 cm",)), (AGE, ("0 days", "01 month")),
    (LEVEL, ("0 ng/mL", "<2.0 ng/mL", "< 2.0 ng/mL", ">30 ng/mL", "≤5 ng/mL", "≈7 ng/mL")),
    (AREA_DAY, ("0 mg/m²/day", "-1.6 mg/m²/day")),
    # more than one number
    (DOSE, (
        "2 3 mg", "2 mg 3 mg", "2 mg 3", "2 mg mg", "2 mgmg", "2+3 mg", "2*3 mg", "2/3 mg",
        "1 1/2 mg", "2x3 mg", "2 mg x 2", "2 mg, twice", "0.44 mg 0.44 mL", "0.44 mg (0.44 mL)",
        "2;3 mg", "1-2 mg", "2 mg/3",
    )),
    (WEIGHT, ("12 kg 400 g", "12.4 12.5 kg", "12 kg, 88 cm")), (HEIGHT, ("5 ft 2 in", "5'2\"")),
    (AGE, ("2 years 3 months", "1 y 3 mo", "2-3 years")),
    (LEVEL, ("5-15 ng/mL", "5 to 15 ng/mL", "5\N{EN DASH}15 ng/mL")),
    # no number, no unit, nothing
    (DOSE, ("2", "0.44", "0", " 2 ", "2\t", "mg", " mg", "mg 2", "", " ", "\t", "\n", "?", "-")),
    (DOSE, ("\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}", "\N{ZERO WIDTH SPACE}")),
    (WEIGHT, ("12.4", "kg", "")), (HEIGHT, ("88",)), (AGE, ("27",)), (LEVEL, ("7.2",)),
    (AREA_DAY, ("1.6",)),
    # a unit of the wrong kind: above all per day for per dose, and the other way round
    (DOSE, ("2 mL", "2 kg", "2 g", "2 cm", "2 days", "2 ng/mL", "2 mg/day", "2 mg/dose", "2 ng")),
    (VOLUME, ("0.44 mg", "0.44 L", "0.44 cc", "1 drop")),
    (WEIGHT, ("12.4 mg", "12.4 cm", "12.4 stone", "12.4 oz", "12.4 t", "12.4 kg/m²")),
    (HEIGHT, ("88 kg", "88 mm", "88 ft", '35"', "35 \N{DOUBLE PRIME}")),
    (AGE, ("27 cm", "27 m", "27 M", "27 min", "27 hours", "27 mths", "2024-11-05", "5/11/2024")),
    (LEVEL, ("7.2 mg", "7.2 ng", "7.2 mL", "7.2 mmol/L", "7.2 mg/mL", "7.2 g/L")),
    (LEVEL, ("720 ng/dL", "7200 ng/L", "7200 pg/mL", "0.0072 mg/L", "0.0072 ug/mL")),
    (PER_DAY, ("0.88 mg", "0.88 mg/dose", "0.88 mg/m²/day", "0.88 mg/week", "0.88 ug/day")),
    (AREA_DAY, ("1.6 mg/m²/dose", "1.6 mg/m²", "1.6 mg/day", "1.6 mg/kg/day", "1.6 mg/m2")),
    (AREA_DOSE, ("0.8 mg/m²/day", "0.8 mg/m²", "0.8 mg/dose", "0.8 mg/kg/dose")),
    (KG_DAY, ("0.08 mg/kg/dose", "0.08 mg/kg", "0.08 mg/lb/day", "0.08 mg/m²/day")),
    (KG_DOSE, ("0.04 mg/kg/day", "0.04 mg/kg", "0.04 ug/kg/dose")),
    # capitals that mean another unit, or none
    (DOSE, ("2 Mg", "2 MG", "2 mG", "2 MCG", "2 UG", "2 Milligrams")),
    (VOLUME, ("0.44 ML", "0.44 Ml")), (WEIGHT, ("12.4 KG", "12.4 Kg", "27 LB", "850 G")),
    (HEIGHT, ("88 CM", "88 Cm", "0.88 M")), (AGE, ("27 Months", "27 MONTHS", "2 Y")),
    (LEVEL, ("7.2 NG/ML", "7.2 Ng/mL", "7.2 nMol/L", "7.2 ng/ML")),
    (AREA_DAY, ("1.6 mg/M²/day", "1.6 mg/m²/Day", "1.6 MG/M2/DAY")),
    # units spelled or spaced otherwise
    (DOSE, ("2 mgs", "2 m g", "2 mg,", "2 (mg)", "2 mg/", "2 /mg", "2 %", "2 IU", "2 tablets")),
    (LEVEL, (
        "7.2 ng /mL", "7.2 ng/ mL", "7.2 ng//mL", "7.2 ng per mL", "7.2 ng mL", "7.2 ng·mL⁻¹",
        "7.2 ng.mL-1", "7.2 ng\\mL", "7.2 ng/mL/L", "7.2 ng\N{DIVISION SLASH}mL",
        "7.2 ng\N{FRACTION SLASH}mL", "7.2 ng\N{FULLWIDTH SOLIDUS}mL",
    )),
    (AREA_DAY, (
        "1.6 mg/m³/day", "1.6 mg/m**2/day", "1.6 mg/day/m²", "1.6 mg/(m²·day)", "1.6 mg/m²/j",
        "1.6 mg/m²/day/dose", "1.6 mg per m² per day",
    )),
    # lookalikes of a unit
    (DOSE, (
        "2 \N{CYRILLIC SMALL LETTER EM}g", "2 m\N{LATIN SMALL LETTER SCRIPT G}",
        "2 \N{CYRILLIC SMALL LETTER EM}\N{CYRILLIC SMALL LETTER GHE}", "2 \uff4d\uff47",
        "2 \N{SQUARE MG}", "440 \N{SQUARE MU G}", "440 \N{GREEK CAPITAL LETTER MU}g",
        "440 \N{LATIN SMALL LETTER M WITH HOOK}g", "440 yg", "2 rng", "2 m\u0300g",
    )),
    (VOLUME, ("0.44 \N{SQUARE ML}", "0.44 m\N{SCRIPT SMALL L}", "0.44 mI", "0.44 m1")),
    (WEIGHT, (
        "12.4 \N{CYRILLIC SMALL LETTER KA}g", "12.4 \N{KELVIN SIGN}g", "12.4 \N{SQUARE KG}",
        "12.4 k\N{LATIN SMALL LETTER SCRIPT G}", "27 1b",
    )),
    (HEIGHT, ("88 \N{CYRILLIC SMALL LETTER ES}m", "88 \N{SQUARE CM}")),
    (AREA_DAY, ("1.6 mg/m²/d\N{CYRILLIC SMALL LETTER A}y", "1.6 mg/\N{SQUARE M SQUARED}/day")),
    # mark-up, formulas, templates, SQL, paths, shell
    (DOSE, (
        "[/]", "[red]2 mg[/red]", "[/]2 mg", "2 [/] mg", "2 mg[/]", "[@click=app.quit]2 mg",
        "<b>2</b> mg", "<img src=x> mg", "2 mg<br>", "2 &nbsp;mg", "**2** mg", "=2 mg", "=1+1",
        "@SUM(1) mg", "2 mg|calc", "{} mg", "{0} mg", "2 {unit}", "{2.__class__} mg", "%s mg",
        "2 %s", "2 %n", "${2} mg", "$(2) mg", "`2` mg", "2 mg $(id)", "{{7*7}} mg",
        "__import__('os') mg", "2 mg; rm -rf /", "2 mg'; DROP TABLE patients;--",
        "2' OR '1'='1", "1; SELECT 1", "2 mg--", "../../etc/passwd", "2 ../mg", "2 mg/../day",
        "file:///etc/passwd", "C:\\2 mg", "2\\ mg", "\\x32 mg", '"2 mg"', "'2 mg'",
    )),
    # control signs, escape sequences and line ends
    (DOSE, (
        "\x1b[31m2 mg", "2 mg\x1b[0m", "2\x1b[2K mg", "2 \x1bcmg", "\x1b]0;title\x072 mg",
        "\x9b31m2 mg", "2\x9b mg", "2\x08 mg", "2 mg\x7f", "2\0mg", "\x002 mg", "2 mg\0", "\0",
        "2 mg\n", "\n2 mg", "2\nmg", "2 mg\r\n", "2 mg\r", "2 mg\n3 mg", "2\tmg", "2\x0bmg",
        "2\x0cmg", "2\x1fmg", "2\x85mg", "2 mg\N{LINE SEPARATOR}", "2\N{PARAGRAPH SEPARATOR}mg",
    )),
    # direction signs, signs without width, wide spaces, halves of a surrogate pair
    (DOSE, (
        "\N{RIGHT-TO-LEFT OVERRIDE}2 mg", "2 \N{RIGHT-TO-LEFT OVERRIDE}gm",
        "2 mg\N{POP DIRECTIONAL FORMATTING}", "\N{LEFT-TO-RIGHT ISOLATE}2 mg",
        "\N{RIGHT-TO-LEFT MARK}2 mg", "2\N{LEFT-TO-RIGHT MARK} mg", "2 \N{ARABIC LETTER MARK}mg",
        "2\N{ZERO WIDTH SPACE}mg", "\N{ZERO WIDTH NO-BREAK SPACE}2 mg", "2 mg\N{ZERO WIDTH JOINER}",
        "2\N{WORD JOINER} mg", "2 m\N{SOFT HYPHEN}g", "2\N{COMBINING GRAPHEME JOINER} mg",
        "2\N{NO-BREAK SPACE}mg", "2\N{IDEOGRAPHIC SPACE}mg", "2\N{EM SPACE}mg",
        "\N{NO-BREAK SPACE}2 mg", "\ud8002 mg", "2 \udc80mg", "2 mg\udfff", "\ud83d",
        "2 \U0001f48a",
    )),
    # far too long
    (DOSE, (
        "1234567890 mg", "0.1234567890 mg", "9" * 1_000 + " mg", "0." + "1" * 1_000 + " mg",
        "2 m" + "m" * 1_000 + "g", "2 mg" + " " * 1_000 + "!", "2" + " " * 1_000, "." * 1_000,
        "1." * 1_000, "-" * 1_000, "x" * 100_000, "[" * 1_000, "\0" * 1_000, "2 mg " * 1_000,
    )),
)
# fmt: on
HOSTILE = [(text, kind) for kind, texts in REFUSED for text in texts]


def refusal(text: str, kind: QuantityKind) -> str:
    """Return the message with which `text` is refused."""
    with pytest.raises(ReadingError) as refused:
        read(text, kind)
    return str(refused.value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(kind, text, value) for kind, rows in READS.items() for text, value in rows],
)
def test_each_accepted_spelling_reads_exactly(kind: QuantityKind, text: str, value: str) -> None:
    assert read(text, kind) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.4kg", "12.4"),
        ("12.4   kg", "12.4"),
        ("  12.4 kg  ", "12.4"),
        ("\t12.4 kg\t", "12.4"),
        ("12.40 kg", "12.4"),
        ("12.0 kg", "12"),
        ("0.5 kg", "0.5"),
        ("0.000000001 kg", "0.000000001"),
        ("999999999.999999999 kg", "999999999.999999999"),
        ("999999999.999999999 lb", "453592369.99999999954640763"),
    ],
)
def test_spaces_and_the_length_of_the_number_change_nothing(text: str, value: str) -> None:
    assert read(text, WEIGHT) == Decimal(value)


def test_the_two_signs_for_micro_are_one_unit() -> None:
    micro, mu = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"
    assert read(f"440 {micro}g", DOSE) == read(f"440 {mu}g", DOSE) == Decimal("0.44")
    assert read(f"15 {micro}g/L", LEVEL) == read(f"15 {mu}g/L", LEVEL) == 15


@pytest.mark.parametrize("kind", QuantityKind)
def test_each_recommended_unit_is_accepted(kind: QuantityKind) -> None:
    assert all(read(f"1 {unit}", kind) > 0 for unit in accepted_units(kind))
    assert EXAMPLES[kind].partition(" ")[2] in {*accepted_units(kind), "months"}


@pytest.mark.parametrize("limit", [5, 15])
def test_a_level_at_a_limit_stays_there_in_every_unit(limit: int) -> None:
    assert read(f"{limit} ng/mL", LEVEL) == read(f"{limit} ug/L", LEVEL) == limit


def test_levels_in_ug_per_litre_equal_those_in_ng_per_ml() -> None:
    numbers = [f"{tenths // 10}.{tenths % 10}" for tenths in range(1, 400)]
    assert (len(numbers), numbers[0], numbers[-1]) == (399, "0.1", "39.9")
    assert [read(f"{number} ug/L", LEVEL) for number in numbers] == [*map(Decimal, numbers)]


@pytest.mark.parametrize(
    ("nmol_per_litre", "ng_per_ml"),
    [("1", "0.91417"), ("5", "4.57085"), ("16.4", "14.992388"), ("100", "91.417")],
)
def test_nmol_per_litre_count_914_17_g_per_mol(nmol_per_litre: str, ng_per_ml: str) -> None:
    assert read(f"{nmol_per_litre} nmol/L", LEVEL) == Decimal(ng_per_ml)


def test_1_ng_per_ml_is_1_0939_nmol_per_litre() -> None:
    assert round(1 / read("1 nmol/L", LEVEL), 4) == Decimal("1.0939")


def test_there_are_over_200_different_hostile_texts() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) > 200


@pytest.mark.parametrize(("text", "kind"), HOSTILE, ids=lambda value: ascii(value)[:40])
def test_hostile_text_is_refused_in_one_clean_line(text: str, kind: QuantityKind) -> None:
    message = refusal(text, kind)
    assert not HIDDEN_SIGNS.search(message)
    assert len(message) < 400
    assert EXAMPLES[kind] in message


@pytest.mark.parametrize("kind", QuantityKind)
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("2,5", "comma"),
        ("1.5.2", "two decimal points"),
        ("1_000", "underscore"),
        ("1e3", "exponent"),
        ("1 000", "more than one number"),
        (".5", "begins with the decimal point"),
        ("5.", "no digit after the decimal point"),
        ("007", "needless zero"),
        ("1234567890", "too many digits"),
        ("-2", "sign"),
        ("0", "above zero"),
        ("nan", "digits 0 to 9"),
        ("\N{FULLWIDTH DIGIT TWO}", "digits 0 to 9"),
        ("\N{ARABIC-INDIC DIGIT TWO}", "digits 0 to 9"),
    ],
)
def test_a_refused_number_comes_with_what_is_wrong_and_how_to_write_it(
    number: str, said: str, kind: QuantityKind
) -> None:
    example = EXAMPLES[kind]
    message = refusal(f"{number} {example.partition(' ')[2]}", kind)
    assert said in message
    assert example in message


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("2", DOSE, "no unit"),
        ("12.4", WEIGHT, "no unit"),
        ("2 Mg", DOSE, '"Mg" is not a known unit'),
        ("2 MG", DOSE, '"MG" is not a known unit'),
        ("2 mL", DOSE, "the unit of a volume"),
        ("12.4 cm", WEIGHT, "the unit of a height"),
        ("88 kg", HEIGHT, "the unit of a weight"),
        ("7.2 mg", LEVEL, "the unit of a dose"),
        ("1.6 mg/m²/dose", AREA_DAY, "the unit of a dose per m² per administration"),
        ("0.8 mg/m²/day", AREA_DOSE, "the unit of a dose per m² per day"),
        ("27 m", AGE, "minutes"),
    ],
)
def test_a_refused_unit_comes_with_what_is_wrong_and_how_to_write_it(
    text: str, kind: QuantityKind, said: str
) -> None:
    message = refusal(text, kind)
    assert said in message
    assert EXAMPLES[kind] in message


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("ng/dL", "a hundred times smaller"),
        ("ng/dl", "a hundred times smaller"),
        ("ng/L", "a thousand times smaller"),
        ("pg/mL", "a thousand times smaller"),
        ("mg/L", "a thousand times larger"),
        ("ug/mL", "a thousand times larger"),
        ("\N{MICRO SIGN}g/mL", "a thousand times larger"),
        ("\N{GREEK SMALL LETTER MU}g/mL", "a thousand times larger"),
        ("mcg/mL", "a thousand times larger"),
        ("mg/dL", "ten thousand times larger"),
    ],
)
def test_a_level_in_a_unit_of_another_size_is_explained(unit: str, size: str) -> None:
    assert f"{size} than ng/mL" in refusal(f"7.2 {unit}", LEVEL)


@pytest.mark.parametrize("unit", ["mmol/L", "umol/L", "pmol/L", "mg/mL"])
def test_no_unit_of_another_size_is_suggested_for_a_level(unit: str) -> None:
    assert "Did you mean" not in refusal(f"7.2 {unit}", LEVEL)


@pytest.mark.parametrize(
    ("text", "kind", "untrue"),
    [
        ("12.4\N{NO-BREAK SPACE}kg", WEIGHT, "does not begin with a plain number"),
        ("12.4\tkg", WEIGHT, "does not begin with a plain number"),
        ("12.4 kg\n", WEIGHT, "does not begin with a plain number"),
        ("5-15 ng/mL", LEVEL, "does not begin with a plain number"),
        ("1'000 mg", DOSE, "does not begin with a plain number"),
        ("2 mg\N{ZERO WIDTH SPACE}", DOSE, '"mg" is not a known unit'),
        ("2\0mg", DOSE, '"mg" is not a known unit'),
    ],
)
def test_a_message_says_nothing_untrue_of_what_it_shows(
    text: str, kind: QuantityKind, untrue: str
) -> None:
    assert untrue not in refusal(text, kind)


@pytest.mark.parametrize("length", [61, 62, 20_000])
def test_a_text_above_60_signs_is_refused_for_its_length(length: int) -> None:
    assert "is too long" in refusal(f"2{'mg':>{length - 1}}", DOSE)


@pytest.mark.parametrize("length", [59, 60])
def test_a_text_of_60_signs_is_read(length: int) -> None:
    assert read(f"2{'mg':>{length - 1}}", DOSE) == 2


@pytest.mark.parametrize("number", ["-1", "-0.001", "0", "NaN", "Infinity"])
def test_a_written_number_is_above_zero_also_when_nobody_typed_it(number: str) -> None:
    with pytest.raises(ReadingError):
        Quantity(Decimal(number), "mg", DOSE)


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("12.4 KG", WEIGHT, "kg"),
        ("12.4 kilogrm", WEIGHT, "kilogram"),
        ("12.4 Pounds", WEIGHT, "pounds"),
        ("27 month s", AGE, "months"),
        ("27 yeers", AGE, "years"),
        ("7.2 NG/ML", LEVEL, "ng/mL"),
        ("1.6 MG/M2/DAY", AREA_DAY, "mg/m2/day"),
    ],
)
def test_a_slip_in_a_unit_is_told_with_the_unit_that_was_meant(
    text: str, kind: QuantityKind, meant: str
) -> None:
    assert refusal(text, kind).endswith(f" Did you mean {meant}?")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("27 a", AGE), ("27 z", AGE), ("27 q", AGE), ("12.4 stones", WEIGHT), ("27 m", DOSE)],
)
def test_a_unit_that_is_like_no_other_is_refused_without_a_guess(
    text: str, kind: QuantityKind
) -> None:
    message = refusal(text, kind)
    assert "Did you mean" not in message
    assert "minutes" not in message


# The reader once more, from the tables above: a number in plain digits, spaces, a spelling.
_NUMBERS = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?"
_WELL_FORMED = re.compile(rf"[ \t]*(?P<number>{_NUMBERS}) *(?P<unit>\S.*?)[ \t]*")
_FACTORS = {
    (kind, text.partition(" ")[2]): Fraction(value) / Fraction(text.partition(" ")[0])
    for kind, rows in READS.items()
    for text, value in rows
}


def value_by_the_table(text: str, kind: QuantityKind) -> Fraction | None:
    """Return what `text` states, or None where it is to be refused."""
    parts = _WELL_FORMED.fullmatch(text)
    factor = _FACTORS.get((kind, parts["unit"])) if parts else None
    return Fraction(parts["number"]) * factor or None if parts and factor else None


def assert_reads_or_refuses(text: str, kind: QuantityKind) -> None:
    expected = value_by_the_table(text, kind)
    if expected is None:
        refusal(text, kind)
        return
    value = read(text, kind)
    assert value.is_finite()
    # a day is 12/365.25 of a month, which no decimal number states exactly
    tolerance = expected / 10**24 if kind is AGE else 0
    assert abs(Fraction(value) - expected) <= tolerance


_KINDS = st.sampled_from(QuantityKind)
_ANY_TEXT = st.text(st.one_of(st.characters(), st.characters(categories=["Nd", "Cs", "Cf", "Cc"])))
_PARTS = st.sampled_from(
    [
        *("0", "1", "2.5", "12", "007", "0.0", ".", ",", "_", "e3", "-", "+", "1/2", "nan", "0x"),
        *("", " ", "  ", "\t", "\n", "\0", "\N{NO-BREAK SPACE}", "\N{ARABIC-INDIC DIGIT TWO}", "²"),
        *sorted({unit for _, unit in _FACTORS}),
        *("Mg", "m", "/", "/day", "/dose", "ng/dL", "l", "\N{CYRILLIC SMALL LETTER EM}g"),
    ]
)


@given(text=_ANY_TEXT, kind=_KINDS)
def test_any_text_reads_as_a_number_above_zero_or_is_refused(text: str, kind: QuantityKind) -> None:
    assert_reads_or_refuses(text, kind)


@settings(max_examples=cases(500))
@given(text=st.lists(_PARTS, max_size=6).map("".join), kind=_KINDS)
def test_any_text_made_of_numbers_separators_and_units_reads_right_or_is_refused(
    text: str, kind: QuantityKind
) -> None:
    assert_reads_or_refuses(text, kind)


@settings(max_examples=cases(500))
@given(
    number=st.from_regex(_NUMBERS, fullmatch=True, alphabet=st.characters(codec="ascii")),
    spaces=st.sampled_from(["", " ", "   "]),
    measure_and_unit=st.sampled_from(sorted(_FACTORS, key=str)),
)
def test_every_number_with_an_accepted_unit_reads_back_exactly(
    number: str, spaces: str, measure_and_unit: tuple[QuantityKind, str]
) -> None:
    assume(Decimal(number) > 0)
    kind, unit = measure_and_unit
    text = f"{number}{spaces}{unit}"
    assert value_by_the_table(text, kind) is not None
    assert_reads_or_refuses(text, kind)

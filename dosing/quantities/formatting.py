"""The formatting of doses, levels, counts and times, after ISMP's error-prone designations.

0.5 mg and never .5 mg; 1 mg and never 1.0 mg; a space before the unit; mL; no thousands separator
in a dose; a liquid dose with its volume and strength (clinical reference, section 10). Days and
times here are for people: JSON, the audit trail, exports and command lines keep ISO 8601.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from dosing.birth_date import BirthDate
from dosing.knowledge.products import STRENGTH_MG_PER_ML, Measured, Product
from dosing.quantities.units import converts, magnitude

if TYPE_CHECKING:
    from dosing.quantities.units import PintQuantity


_SIGNIFICANT = 4


def plain(number: Decimal, decimals: int | None = None) -> str:
    """Return `number` without trailing zeros or exponent, rounded where `decimals` are given.

    >>> plain(Decimal("0.50")), plain(Decimal("1E+3")), plain(Decimal("0.44044"), 4)
    ('0.5', '1000', '0.4404')
    """
    if decimals is not None:
        number = rounded(number, decimals)
    text = f"{number + 0:f}"  # adding zero drops the sign of a negative zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def regimen_words(dose_mg: Decimal, times_a_day: int) -> str:
    """Return the mg per administration and the times a day.

    >>> regimen_words(Decimal("0.440"), 2)
    '0.44 mg × 2'
    """
    return f"{plain(dose_mg)} mg × {times_a_day}"


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Return `number` to so many decimals, half to even."""
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def signed(number: Decimal, decimals: int) -> str:
    """Return `number` rounded, with a minus sign that is not a hyphen.

    >>> signed(Decimal("-14.286"), 2)
    '−14.29'
    """
    return plain(number, decimals).replace("-", "−")


def four_digits(number: Decimal) -> str:
    """Return a figure for information only, in at most four significant digits.

    >>> four_digits(Decimal("1.598386")), four_digits(Decimal("0.0440444"))
    ('1.598', '0.04404')
    >>> four_digits(Decimal("16")), four_digits(Decimal("12345.6"))
    ('16', '12346')
    """
    return plain(number, max(0, _SIGNIFICANT - 1 - number.adjusted()))


def percent(number: Decimal) -> str:
    """Return a percentage to one decimal, with its sign.

    >>> percent(Decimal("-0.0908")), percent(Decimal("6.25"))
    ('−0.1 %', '+6.2 %')
    """
    shown = rounded(number, 1)
    sign = "" if shown < 0 else "+" if shown > 0 else "±"
    return f"{sign}{signed(number, 1)} %"


def count_of(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun; `many` is a plural that is not formed with an s.

    >>> count_of(1, "day"), count_of(0, "day"), count_of(1200, "entry", "entries")
    ('1 day', '0 days', '1,200 entries')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def whole_days(days: float) -> str:
    """Return a number of days, rounded to whole ones.

    >>> whole_days(113.96)
    '114 days'
    """
    return count_of(round(days), "day")


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def short_date(day: date) -> str:
    """Return a date with its month in letters.

    >>> short_date(date(2026, 11, 3))
    '3 Nov 2026'
    """
    return _known(day, _MONTHS[day.month - 1][:3])


def long_date(day: date) -> str:
    """Return a date with the full name of its month, for a family.

    >>> long_date(date(2026, 11, 3))
    '3 November 2026'
    """
    return _known(day, _MONTHS[day.month - 1])


def _known(day: date, month: str) -> str:
    """Return a date as far as it is known: a birth may be known to the month or year."""
    if isinstance(day, BirthDate):
        return " ".join((str(day.day), month, str(day.year))[-len(str(day).split("-")) :])
    return f"{day.day} {month} {day.year}"


def short_time(local: datetime) -> str:
    """Return a date and its local time; seconds only where they are not zero.

    >>> short_time(datetime(2026, 11, 28, 8)), short_time(datetime(2026, 11, 28, 8, 0, 30))
    ('28 Nov 2026, 08:00', '28 Nov 2026, 08:00:30')
    """
    seconds = f":{local.second:02}" if local.second else ""
    return f"{short_date(local)}, {local.hour:02}:{local.minute:02}{seconds}"


_CLOCK = ((3600, "h"), (60, "min"), (1, "s"))
_DAYS_AND_HOURS = ((86400, "d"), (3600, "h"))
_IN_DAYS_FROM_H = 72


def duration(hours: float) -> str:
    """Return a duration for people: exact below three days, then in completed days.

    So it never rounds up to a limit in whole days.

    >>> duration(11.75), duration(14 + 1 / 3600), duration(167.9997), duration(72)
    ('11 h 45 min', '14 h 1 s', '6 days', '3 days')
    """
    seconds = round(hours * 3600)
    if seconds < _IN_DAYS_FROM_H * 3600:
        return exact_duration(hours)
    return count_of(seconds // 86400, "day")


def exact_duration(hours: float) -> str:
    """Return a duration, to the second below three days and then in whole hours.

    >>> exact_duration(11.75), exact_duration(167.9997), exact_duration(72)
    ('11 h 45 min', '6 d 23 h', '3 d')
    """
    seconds = round(hours * 3600)
    parts = []
    for unit_s, unit in _DAYS_AND_HOURS if seconds >= _IN_DAYS_FROM_H * 3600 else _CLOCK:
        number, seconds = divmod(seconds, unit_s)
        parts.append(f"{number} {unit}" if number else "")
    return " ".join(filter(None, parts)) or "0 h"


def strength(mg_per_ml: Decimal = STRENGTH_MG_PER_ML) -> str:
    """Return the strength of the oral solution, or of a pharmacy's dilution."""
    return f"{plain(mg_per_ml)} mg/mL"


def measured_dose(dose: Measured) -> str:
    """Return a dose with the volume or the tablets that make it up.

    >>> from dosing.knowledge.products import ORAL_SOLUTION, TABLETS, measure_out
    >>> measured_dose(measure_out(Decimal("0.4404"), ORAL_SOLUTION))
    '0.44 mg (0.44 mL of 1 mg/mL)'
    >>> measured_dose(measure_out(Decimal("1.5"), TABLETS))
    '1.5 mg (1 tablet of 1 mg and 1 tablet of 0.5 mg)'
    """
    if dose.volume_ml is not None:
        of = strength(dose.strength_mg_per_ml)
        return f"{plain(dose.mg)} mg ({plain(dose.volume_ml)} mL of {of})"
    tablets = " and ".join(
        f"{count_of(number, 'tablet')} of {plain(mg)} mg" for mg, number in dose.tablets if number
    )
    return f"{plain(dose.mg)} mg ({tablets})"


def how_to_measure(dose: Measured) -> str:
    """Return the instruction: the syringe and the volume, or the tablets.

    >>> from dosing.knowledge.products import ORAL_SOLUTION, measure_out
    >>> how_to_measure(measure_out(Decimal("0.4404"), ORAL_SOLUTION))
    'Draw 0.44 mL (0.44 mg) of 1 mg/mL into a 0.5 mL oral syringe.'
    """
    volume, syringe = dose.volume_ml, dose.syringe_ml
    if volume is None or syringe is None:
        return "Swallow the tablets whole: not crushed, chewed or split."
    drawn = f"{plain(volume)} mL ({plain(dose.mg)} mg) of {strength(dose.strength_mg_per_ml)}"
    if volume > syringe:
        return f"Draw {drawn} with a {plain(syringe)} mL oral syringe, in more than one draw."
    return f"Draw {drawn} into a {plain(syringe)} mL oral syringe."


def how_often(times_a_day: int | None, every_hours: int) -> str:
    """Return the frequency of a dose, in words; above 24 hours there are no times a day.

    >>> how_often(2, 12), how_often(None, 48)
    ('every 12 hours, twice a day', 'every 48 hours, on every second day')
    """
    if times_a_day is None:
        days = every_hours // 24
        day = {2: "second", 3: "third"}.get(days)
        on = f"on every {day} day" if day else f"once in {days} days"
        return f"every {every_hours} hours, {on}"
    return f"every {every_hours} hours, {often_a_day(times_a_day)}"


def often_a_day(times: int) -> str:
    """Return how often a day.

    >>> often_a_day(1), often_a_day(2), often_a_day(3)
    ('once a day', 'twice a day', '3 times a day')
    """
    word = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"{word} a day"


def product_name(product: Product, mg_per_ml: Decimal = STRENGTH_MG_PER_ML) -> str:
    """Return the name of the product on screen and paper."""
    return f"oral solution {strength(mg_per_ml)}" if product is Product.SOLUTION else "tablets"


_RATE_UNITS = (
    ("mg/m**2/day", "mg/m²/day"),
    ("mg/m**2/dose", "mg/m²/dose"),
    ("mg/kg/day", "mg/kg/day"),
    ("mg/kg/dose", "mg/kg/dose"),
    ("mg/day", "mg/day"),
    ("mg/dose", "mg/dose"),
)


def rate(value: "PintQuantity") -> str:
    """Return a dose rate with its unit.

    >>> from dosing.quantities.units import quantity
    >>> rate(quantity("1.60", "mg/m**2/day"))
    '1.6 mg/m²/day'
    """
    unit, shown = next((unit, shown) for unit, shown in _RATE_UNITS if converts(value, unit))
    return f"{plain(magnitude(value, unit))} {shown}"

"""A second, plain implementation of the taper's rule, in whole hundredths of a mL and in days.

At most 10 % a month of the dose at the start, at least 2 weeks between two steps, each dose on a
mark of the syringe (NCT04448873; rules of the course of treatment, section 7). A month is a
twelfth of 365.25 days. Only the solution of 1 mg/mL is covered, at an interval within a day.
"""

from fractions import Fraction

MONTH = Fraction(36525, 1200)


def mark_step(hundredths: int) -> int:
    """Return the distance of the marks, in hundredths of a mL, at a volume."""
    if hundredths <= 100:
        return 2
    return 10 if hundredths <= 300 else 20


def marks_below(hundredths: int) -> list[int]:
    """Return every volume on a mark below one, the largest first."""
    return [each for each in range(hundredths - 1, 0, -1) if each % mark_step(each) == 0]


def second_taper(hundredths: int) -> list[tuple[int, int]]:
    """Return the day and the dose, in hundredths of a mg, of each step; the last is none."""
    tenth = Fraction(hundredths, 10)
    dose, day, steps = hundredths, 0, []
    while dose:
        lower = [*marks_below(dose), 0]
        within = [each for each in lower if dose - each <= tenth]
        chosen = min(within) if within else lower[0]
        wait = max(14, -(-(dose - chosen) * MONTH // tenth))
        day, dose = day + int(wait), chosen
        steps.append((day, dose))
    first = min(steps[0][0], 30)  # a month's part is given at the start
    return [(day - first, dose) for day, dose in steps]


def breaks_the_rule(hundredths: int, steps: list[tuple[int, int]]) -> list[str]:
    """Return what is wrong with steps, checked day by day."""
    wrong, before = [], hundredths
    for number, (day, dose) in enumerate(steps):
        if dose >= before:
            wrong.append(f"day {day}: {dose} is not lower than {before}")
        if dose % mark_step(dose):
            wrong.append(f"day {day}: {dose} is on no mark")
        if number and day - steps[number - 1][0] < 14:
            wrong.append(f"day {day}: less than 2 weeks after the step before")
        # one month's part at the start, and one more for each month that has passed
        allowed = Fraction(hundredths, 10) * (1 + day / MONTH)
        if hundredths - dose > allowed:
            wrong.append(f"day {day}: {hundredths - dose} less, {float(allowed):.2f} are allowed")
        before = dose
    if steps[-1][1]:
        wrong.append("it does not end")
    return wrong

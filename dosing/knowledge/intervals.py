"""An interval of the calendar, in which a check is due again."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from dosing.quantities.formatting import count_of

_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Every:
    """An interval of the calendar.

    >>> Every(months=1).after(date(2028, 1, 31))
    datetime.date(2028, 2, 29)
    """

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """Return the day one interval later; the last of the month if it has no such day."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        is_in_every_month = day.day <= _SHORTEST_MONTH
        in_month = day.day if is_in_every_month else min(day.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, in_month) + timedelta(days=self.days)

    def last_before(self, day: date, last: date) -> date:
        """Return the last of the days in this rhythm after `last` that is before `day`.

        It is `last` itself where the next one is not before `day`.

        >>> Every(months=1).last_before(date(2028, 5, 1), date(2028, 1, 31))
        datetime.date(2028, 4, 29)
        """
        while (following := self.after(last)) < day:
            last = following
        return last

    def __str__(self) -> str:
        """Return the interval as words after "every"."""
        if self.days:
            return count_of(self.days, "day")
        return "month" if self.months == 1 else count_of(self.months, "month")

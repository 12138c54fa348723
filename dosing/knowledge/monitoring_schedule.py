"""The schedule of monitoring, as one table; a clinic that wants others changes the rows here.

Figures: clinical reference, sections 3, 6 and 8, each with its source. A month is a month of the
calendar: a month after 31 January is the last day of February. This project's own judgement has the
source `proposed`. There are two published rhythms of levels and blood tests (rules of the course of
treatment, section 8): every month (`jop2023`), and every month three times, then every 3 months
(`genereviews`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from dosing import Protocol
from dosing.knowledge.intervals import Every
from dosing.knowledge.limits import ADULT, CHILD, INFANT_BELOW_MONTHS, LIMITS, Population
from dosing.knowledge.nadal2016 import MEDIAN_WEEKS_TO_RESPONSE, WEEKS_TO_RESPONSE_95_PERCENT
from dosing.knowledge.references import PROPOSED
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    STEADY_STATE_NOT_BEFORE,
    STEADY_STATE_SURELY_FROM,
)
from dosing.quantities.formatting import count_of

# A longer pause ends a treatment.
LONGEST_PAUSE_DAYS = 14  # proposed: by then the drug is gone and the next dose is a new start
# Values within so many days before the first dose are its baseline.
BASELINE_BEFORE_DAYS = 30  # proposed
# The restart of an open hold is asked about from then on.
HOLD_ASKED_AFTER_DAYS = 14  # proposed: by then the drug is gone
# An open severe event is asked about once.
OPEN_EVENT_ASKED_AFTER_DAYS = 30  # proposed
# The dose for the body of today differs so much from that of the prescription.
GROWTH_DRIFT_PERCENT = 20  # proposed
# The next bottle or tablets are ordered so many days before the first dose without any.
ORDER_BEFORE_DAYS = 7  # proposed
OPENED_BOTTLE_KEEPS = Every(months=1)
"""How long the oral solution keeps once its bottle is opened, in the fridge."""
OPENED_BOTTLE_SOURCE = "label-secondary"
# Fertility is asked about at visits from menarche or puberty.
# So many levels in a row within the target end the weekly levels of a young infant.
STEADY_LEVELS_IN_A_ROW = 2  # proposed


@dataclass(frozen=True, slots=True)
class Window:
    """The first and the last day of a check, counted from a day, both included."""

    from_days: int
    until_days: int
    source: str

    def after(self, day: date) -> tuple[date, date]:
        """Return the first and the last day."""
        return day + timedelta(days=self.from_days), day + timedelta(days=self.until_days)

    def __str__(self) -> str:
        """Return the days as words before "after"."""
        if self.from_days == self.until_days:
            return count_of(self.from_days, "day")
        return f"{self.from_days}-{self.until_days} days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The interval of a check: at first, and after so many months of treatment.

    It can be done `early_days` before its day and is overdue `late_days` after it (both proposed).
    """

    first: Every
    first_for_months: int = 0
    then: Every
    source: str
    early_days: int = 7
    late_days: int = 7

    def next_after(self, last: date, start: date) -> tuple[date, date]:
        """Return the first and the last day of the check after the one on `last`."""
        day = self.interval_at(last, start).after(last)
        return day - timedelta(days=self.early_days), day + timedelta(days=self.late_days)

    def interval_at(self, day: date, start: date) -> Every:
        """Return the interval that follows a check on a day."""
        at_first = day < Every(months=self.first_for_months).after(start)
        return self.first if at_first else self.then

    def __str__(self) -> str:
        """Return the interval in words."""
        if not self.first_for_months or self.first == self.then:
            return f"every {self.then}"
        return (
            f"every {self.first} in the first {self.first_for_months} months of treatment, then "
            f"every {self.then}"
        )


def _steady(every: Every, source: str, **days: int) -> Rhythm:
    return Rhythm(first=every, then=every, source=source, **days)


def _days_until_old(whom: Population) -> int:
    """Return the days after which the limits call a weight old: the one home of that figure."""
    return next(
        int(row.value) for row in LIMITS if (row.code, row.whom) == ("measurement-old", whom)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The rhythm of every check."""

    first_level: Window
    """After the first dose."""
    level_after_change: Window
    level_after_load: Window
    level_after_drug: Window
    """After the first or the last day of an interacting drug."""
    level_after_drug_again: Window
    level_after_high: Window
    """After a level above 20 ng/mL."""
    level_after_very_high: Window
    """After a level above 30 ng/mL."""
    level_after_jump: Window
    """After a level three times, or a third of, the last on the same dose."""
    level_repeated: Window
    """After a level of which the recommendation asks for another."""
    level: Rhythm
    level_of_young_infant: Rhythm
    """Until two in a row lie in the target."""
    level_while_tapering: Rhythm
    laboratory: Rhythm
    weight_of_infant: Rhythm
    weight_of_child: Rhythm
    weight_of_adult: Rhythm
    first_response: Window
    """After the first dose."""
    response: Rhythm
    prophylaxis: Window
    """After the first day with a strong reason for it."""
    prophylaxis_again: Rhythm
    """In which a missed decision is due again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRhythm:
    """The rhythm of levels and blood tests as one source has it, and the tests that it adds."""

    key: str
    rhythm: Rhythm
    adds_tests: tuple[str, ...] = ()


JOP = PublishedRhythm(key="jop", rhythm=_steady(Every(months=1), "jop2023"))
"""Every month; its first level is taken after 2 weeks."""
GENEREVIEWS = PublishedRhythm(
    key="genereviews",
    rhythm=Rhythm(
        first=Every(months=1), first_for_months=3, then=Every(months=3), source="genereviews"
    ),
    adds_tests=("TSH", "T4"),
)
RHYTHMS: Mapping[str, PublishedRhythm] = MappingProxyType(
    {each.key: each for each in (JOP, GENEREVIEWS)}
)
"""The published rhythms by their keys, the stricter first."""


def rhythm_for(age_months: Decimal, *, steady: bool) -> PublishedRhythm:
    """Return the rhythm at an age: the stricter in infants, and until the level is steady.

    Its use by age is proposed. A level is steady when two in a row are within the target on the
    current dose; the caller knows.

    >>> rhythm_for(Decimal(23), steady=True).key, rhythm_for(Decimal(24), steady=True).key
    ('jop', 'genereviews')
    >>> rhythm_for(Decimal(24), steady=False).key
    'jop'
    """
    return GENEREVIEWS if steady and age_months >= INFANT_BELOW_MONTHS else JOP


STANDARD = Schedule(
    first_level=Window(7, 14, "rapalimus-label"),
    level_after_change=Window(
        STEADY_STATE_NOT_BEFORE.value, STEADY_STATE_SURELY_FROM.value, "us-label"
    ),
    level_after_load=Window(AFTER_LOADING_FROM.value, 4, "us-label"),
    level_after_drug=Window(3, 7, PROPOSED),
    level_after_drug_again=Window(14, 14, PROPOSED),
    level_after_high=Window(3, 7, PROPOSED),
    level_after_very_high=Window(1, 3, PROPOSED),
    level_after_jump=Window(1, 3, PROPOSED),
    level_repeated=Window(1, 7, PROPOSED),
    level=GENEREVIEWS.rhythm,
    level_of_young_infant=_steady(Every(days=7), PROPOSED, early_days=0, late_days=0),
    level_while_tapering=_steady(Every(months=1), "nct04448873"),
    laboratory=GENEREVIEWS.rhythm,
    # Overdue from the day on which the limits call the weight old.
    weight_of_infant=_steady(Every(months=1), PROPOSED, late_days=0),
    weight_of_child=_steady(Every(days=_days_until_old(CHILD)), PROPOSED, late_days=0),
    weight_of_adult=_steady(Every(days=_days_until_old(ADULT)), PROPOSED, late_days=0),
    # From the median of Nadal 2016 to the end of its 95 % interval.
    first_response=Window(
        7 * MEDIAN_WEEKS_TO_RESPONSE, 7 * WEEKS_TO_RESPONSE_95_PERCENT[1], PROPOSED
    ),
    response=_steady(Every(months=3), PROPOSED),
    prophylaxis=Window(0, 14, PROPOSED),
    prophylaxis_again=_steady(Every(months=1), PROPOSED),
)

# Exceptions by a protocol's own source.
_OF_PROTOCOL: Mapping[str, Schedule] = MappingProxyType(
    {"french": replace(STANDARD, level=JOP.rhythm, laboratory=JOP.rhythm)}
)


@lru_cache(maxsize=100)
def schedule_of(protocol: Protocol, rhythm: PublishedRhythm | None = None) -> Schedule:
    """Return the schedule of a protocol: its own first level, the rest from the table.

    A rhythm, as of `rhythm_for`, replaces that of levels and blood tests, but for a protocol whose
    source has its own.
    """
    schedule = _OF_PROTOCOL.get(protocol.key, STANDARD)
    if rhythm and protocol.key not in _OF_PROTOCOL:
        schedule = replace(schedule, level=rhythm.rhythm, laboratory=rhythm.rhythm)
    window = Window(*protocol.first_level_days, protocol.first_level_source)
    return replace(schedule, first_level=window)

"""The figures of Nadal 2016 as counts; percentages are calculated from them.

The systematic review (source key `nadal2016`) has 84 children, 60 with adverse-event data.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SOURCE = "nadal2016"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of patients out of a number of patients; `of` is None where none is given."""

    name: str
    count: int
    of: int | None

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, to one decimal, as in print; None without a total.

        >>> Count("none", 40, 60).percent
        Decimal('66.7')
        """
        if not self.of:
            return None
        return (Decimal(100 * self.count) / self.of).quantize(Decimal("0.1"), ROUND_HALF_UP)


PATIENTS = 84
PATIENTS_WITH_ADVERSE_EVENT_DATA = 60

ANOMALIES = (
    Count("tumours", 30, PATIENTS),
    Count("malformations", 54, PATIENTS),
    Count("lymphatic component", 73, PATIENTS),
)
TUMOURS = (
    Count("kaposiform haemangioendothelioma or tufted angioma", 27, PATIENTS),
    Count("haemangioma", 3, PATIENTS),
)
MALFORMATIONS = (
    Count("lymphatic", 38, PATIENTS),
    Count("venolymphatic", 8, PATIENTS),
    Count("venous", 4, PATIENTS),
    Count("arteriovenous", 1, PATIENTS),
    Count("not reported", 3, PATIENTS),
)

STARTING_DOSES = (
    Count("1.5-1.6 mg/m²/day", 16, PATIENTS),
    Count("0.05-0.1 mg/kg/day", 4, PATIENTS),
    Count("above 2 mg/m²/day", 2, PATIENTS),
    Count("below 0.05 mg/kg/day", 1, PATIENTS),
    Count("below 1 mg/m²/day", 1, PATIENTS),
    Count("not reported", 60, PATIENTS),
)
MOST_COMMON_START = Count("1.6 mg/m²/day in 2 doses", 16, 24)
EXPECTED_TROUGHS = (
    Count("5-15 ng/mL", 26, PATIENTS),
    Count("1-5 ng/mL", 1, PATIENTS),
    Count("not reported", 57, PATIENTS),
)
STILL_TREATED = Count("still on treatment at the last follow-up", 11, 14)
CO_TREATED = Count("with another treatment", 27, 41)
WITHOUT_ADVERSE_EVENT_DATA = Count("no data on adverse events", 24, PATIENTS)

NO_ADVERSE_EVENT = Count("no adverse event", 40, PATIENTS_WITH_ADVERSE_EVENT_DATA)
ADVERSE_EVENTS = tuple(
    Count(name, count, PATIENTS_WITH_ADVERSE_EVENT_DATA)
    for name, count in (
        ("mouth sores", 12),
        ("high cholesterol", 9),
        ("infection", 3),
        ("raised liver enzymes", 3),
        ("headache", 1),
        ("high blood pressure", 1),
    )
)
INFECTIONS = (
    "febrile neutropenia",
    "S. aureus bacteraemia",
    "RSV and influenza, then bacteraemia",
)
"""The three infections; sirolimus was kept in each."""
KEPT_IN_INFECTION = Count("sirolimus kept in infection", 3, 3)
DOSE_DECREASED_IN = 4
"""Patients whose dose was decreased for an adverse event, which is not stated."""
STOPPED_GRADUALLY_IN = 1
STOPPED_GRADUALLY_FOR = "severe oral mucositis at 1.6 mg/m²/day"

CLASSICALLY_DESCRIBED = (
    "mucositis",
    "headache",
    "asthenia",
    "gastrointestinal effects",
    "peripheral oedema",
    "hypertension",
    "defective healing",
    "renal dysfunction",
    "proteinuria",
    "thrombocytopenia",
    "leucopenia",
    "anaemia",
    "microcytosis",
    "hyperlipidaemia",
    "hyperglycaemia",
    "hypokalaemia",
    "hypophosphataemia",
    "raised liver enzymes",
)
"""Adverse events called classically described with sirolimus, without counts."""
RARE_AND_SERIOUS = "interstitial pneumonitis"
"""The adverse event called very rare and potentially serious."""

MEDIAN_WEEKS_TO_RESPONSE = 2
WEEKS_TO_RESPONSE_95_PERCENT = (1, 10)
DAYS_TO_RESPONSE_RANGE = (1, 183)
"""From 24 hours to 6 months."""
RESPONSE_OF_TUMOURS_AGAINST_MALFORMATIONS_P = Decimal("0.241")
"""The p value of the log-rank test."""

IN_PUBLICATIONS = Count("in 14 publications", 25, PATIENTS)
ON_POSTERS = Count("on 9 posters", 59, PATIENTS)
ON_SIROLIMUS = Count("sirolimus", 83, PATIENTS)
ON_EVEROLIMUS = Count("everolimus", 1, PATIENTS)
STEROIDS_AND_VINCRISTINE = Count("steroids and vincristine", 7, None)
"""The commonest other treatment, without a denominator."""
FOLLOW_UP_MONTHS = (1, 28)
"""The shortest and the longest follow-up."""
FIRST_LEVEL_AFTER_DAYS = 15
"""The day of the first level, in the one case that states it."""

PUBLICATIONS, POSTERS = 14, 9

# Who they were. Our reference has 31, 36 and 17 without the names of the sexes: none is given one.
TWO_SEXES = (31, 36)
"""The patients of the one sex and of the other; which is which is not confirmed."""
SEX_NOT_REPORTED = Count("not reported", 17, PATIENTS)
AGES_AT_START = (
    Count("under 2 months", 3, PATIENTS),
    Count("2 months to 2 years", 12, PATIENTS),
    Count("2 to 13 years", 9, PATIENTS),
    Count("13 to 18 years", 3, PATIENTS),
    Count("18 years and older", 0, PATIENTS),
    Count("not reported", 57, PATIENTS),
)
CONGENITAL = (
    Count("congenital", 12, PATIENTS),
    Count("not congenital", 15, PATIENTS),
    Count("not reported", 57, PATIENTS),
)
TWO_SEVERITIES = (6, 37)
"""The patients of two grades of severity, whose names are not in our reference."""
SEVERITY_OF = 44
"""The printed total of the severities; they add up to 43."""
SUBTYPES = (
    Count("PHACE syndrome", 1, PATIENTS),
    Count("spindle cell haemangioma", 1, PATIENTS),
    Count("blue rubber bleb naevus syndrome", 2, PATIENTS),
    Count("Gorham-Stout disease", 2, PATIENTS),
    Count("kaposiform lymphangiomatosis", 15, PATIENTS),
)

# How well it worked, and how far that can be trusted.
EFFICACY_PERCENT = 100
EFFICACY_CAVEAT = "probably publication bias"
RESPONSE_CURVE_PATIENTS = 25
"""The patients with a time to response, who make the curve and its median."""
SHRINKAGE_PERCENT = (20, 80)
BIOAVAILABILITY_PERCENT = 15

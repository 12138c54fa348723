"""What the limits do with plausible patients, and with the same patients mistyped.

400 synthetic children and adults, 8,000 with SIROLIMUS_CAMPAIGN=full; `pytest -s` shows the
tables. Where the reference on limits states a figure for its own synthetic patients, it is held to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

import pytest
from pygrowup.tables.by_day import lfa as length_by_day
from pygrowup.tables.by_day import wfa as weight_by_day
from pygrowup.tables.by_month import bmifa as body_mass_by_month
from pygrowup.tables.by_month import lfa as length_by_month
from pygrowup.tables.by_month import wfa as weight_by_month

from dosing import (
    Age,
    Alert,
    AlertKind,
    Height,
    Override,
    Proposal,
    Request,
    Sex,
    Weight,
    propose_starting_dose,
)
from dosing.knowledge.limits import CheckInput
from tests.builders import checked
from tests.campaign import cases

PATIENTS = cases(240, full=8_000)

DAYS_PER_MONTH = Decimal("30.4375")
KG_PER_LB = Decimal("0.45359237")
CM_PER_INCH = Decimal("2.54")
REASON = Override("shown to the board", "A. Name")

# What became of an error, by the strongest alert that the patient typed rightly does not have.
OUTCOMES = {
    AlertKind.STOP: "stopped",
    AlertKind.OVERRIDE: "override",
    AlertKind.CAUTION: "caution",
    AlertKind.NOTE: "slipped",
}


@dataclass(frozen=True)
class Typed:
    """What was typed for a patient."""

    sex: Sex
    kg: Decimal
    cm: Decimal
    months: Decimal

    @property
    def group(self) -> str:
        """The group of ages that the patient belongs to."""
        return next(name for name, (_, last) in AGE_GROUPS.items() if self.days <= last)

    @property
    def days(self) -> Decimal:
        """The age in days."""
        return self.months * DAYS_PER_MONTH

    def proposal(self, override: Override | None = None) -> Proposal:
        """Return the review protocol's proposal, by Mosteller, as oral solution."""
        return propose_starting_dose(
            Request(
                weight=Weight(self.kg),
                height=Height(self.cm),
                age=Age(self.months, self.days),
                sex=self.sex,
                override=override,
            )
        )


# --- plausible patients

# Days of age, first and last. Vascular anomalies are mostly treated early: a third are infants.
AGE_GROUPS = {
    "under 2 years": (0, 730),
    "2-10 years": (731, 3652),
    "10-18 years": (3653, 6574),
    "18-70 years": (6575, 25567),
}
SHARES = (2, 2, 1, 1)
Z_LIMIT = 2.5
SHARED_Z = 0.7  # tall children are heavy: how much of the weight's z score is the height's


def clipped(z: float) -> float:
    """Return a z score held within what is common."""
    return max(-Z_LIMIT, min(Z_LIMIT, z))


def at_z(row: Mapping[str, Decimal], z: float) -> float:
    """Return the measurement at a z score: the table's L, M and S turned round."""
    power, median, spread = (float(row[name]) for name in "lms")
    return median * float((1 + power * spread * z) ** (1 / power))


def child(random: Random, sex: str, days: int) -> tuple[float, float]:
    """Return kg and cm by the WHO tables; weight by age to 10 years, then by body mass index."""
    month = round(days / (365 / 12))  # as the tables' package counts them
    height_z, free_z = clipped(random.gauss()), clipped(random.gauss())
    weight_z = clipped(SHARED_Z * height_z + (1 - SHARED_Z**2) ** 0.5 * free_z)
    if days <= 1856:
        lengths, weights = length_by_day.DATA[sex][days], weight_by_day.DATA[sex][days]
        return at_z(weights, weight_z), at_z(lengths, height_z)
    cm = at_z(length_by_month.DATA[sex][month], height_z)
    if days <= 3652:
        return at_z(weight_by_month.DATA[sex][month], weight_z), cm
    return at_z(body_mass_by_month.DATA[sex][month], free_z) * (cm / 100) ** 2, cm


def adult(random: Random, sex: str) -> tuple[float, float]:
    """Return kg and cm of an adult of common height and a body mass index of 17 to 40."""
    cm = (163 if sex == "female" else 176) + 7 * clipped(random.gauss())
    return random.triangular(17, 40, 24) * (cm / 100) ** 2, cm


def plausible_patient(random: Random) -> Typed:
    """Return a patient as weighed to 10 g below 10 kg, else to 100 g, and measured to 1 mm."""
    sex = random.choice([Sex.FEMALE, Sex.MALE])  # those of the WHO tables
    [days_of_group] = random.choices(list(AGE_GROUPS.values()), SHARES)
    days = random.randint(*days_of_group)
    kg, cm = adult(random, sex.value) if days >= 6575 else child(random, sex.value, days)
    weight = Decimal(f"{kg:.2f}" if kg < 10 else f"{kg:.1f}")
    return Typed(sex, weight, Decimal(f"{cm:.1f}"), days / DAYS_PER_MONTH)


# --- the errors


def months_as_years(right: Typed) -> Typed | None:
    """Return "5 months" typed as "5 years", for those whose age is told in months: under three."""
    number = int(right.months)
    return replace(right, months=Decimal(number * 12)) if 1 <= number < 36 else None


def years_as_months(right: Typed) -> Typed | None:
    """Return "5 years" typed as "5 months", from one year."""
    number = int(right.months / 12)
    return replace(right, months=Decimal(number)) if number >= 1 else None


ERRORS: dict[str, Callable[[Typed], Typed | None]] = {
    "ten times the weight": lambda right: replace(right, kg=right.kg * 10),
    "a tenth of the weight": lambda right: replace(right, kg=right.kg / 10),
    "g read as kg": lambda right: replace(right, kg=right.kg * 1000),
    "weight and height swapped": lambda right: replace(right, kg=right.cm, cm=right.kg),
    "inches typed as cm": lambda right: replace(right, cm=right.cm / CM_PER_INCH),
    "cm typed as inches": lambda right: replace(right, cm=right.cm * CM_PER_INCH),
    "months typed as years": months_as_years,
    "years typed as months": years_as_months,
    "pounds as kg": lambda right: replace(right, kg=right.kg / KG_PER_LB),
}
TENFOLD_DOSE = "ten times the dose"


def alerts_on_tenfold_dose(right: Typed) -> tuple[Alert, ...] | None:
    """Return what the limits say to ten times the patient's dose; None where there is no dose."""
    dose = right.proposal(REASON).dose
    if dose is None or dose.mg_per_m2_per_day is None:
        return None
    return checked(
        CheckInput(
            weight=Weight(right.kg),
            age=Age(right.months, right.days),
            daily_mg=dose.daily_mg * 10,
            daily_mg_per_m2=dose.mg_per_m2_per_day * 10,
        )
    )


# --- the campaign

ABOUT_THE_PRODUCT = {"rounding", "volume-small"}  # these do not question what was typed


@dataclass
class Campaign:
    """What was found: alerts on patients typed rightly, and what became of each error."""

    patients: int = 0
    false_alerts: list[tuple[Typed, Alert]] = field(default_factory=list)
    outcomes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """Of each error in each group of ages."""

    def add(self, right: Typed) -> None:
        """Count a patient, and each error that can be made with this patient."""
        alerts = [alert for alert in right.proposal().alerts if alert.kind > AlertKind.NOTE]
        self.patients += 1
        self.false_alerts += [(right, alert) for alert in alerts]
        known = {alert.code: alert.kind for alert in alerts}
        tenfold = alerts_on_tenfold_dose(right)
        if tenfold is not None:
            self.add_error(TENFOLD_DOSE, right.group, known, tenfold)
        for error, typed_wrongly in ERRORS.items():
            wrong = typed_wrongly(right)
            if wrong is not None:
                self.add_error(error, right.group, known, wrong.proposal().alerts)

    def add_error(
        self, error: str, group: str, known: Mapping[str, AlertKind], alerts: Iterable[Alert]
    ) -> None:
        """Count an error by the strongest alert that the right entry does not have."""
        new = [
            alert.kind
            for alert in alerts
            if alert.kind > known.get(alert.code, AlertKind.NOTE)
            and alert.code not in ABOUT_THE_PRODUCT
        ]
        outcome = OUTCOMES[max(new, default=AlertKind.NOTE)]
        self.outcomes.setdefault((error, group), Counter())[outcome] += 1

    def percent(self, error: str, outcome: str, group: str | None = None) -> float:
        """Return how many percent of an error went so, in one group of ages or in all."""
        counts = [
            counter
            for (named, where), counter in self.outcomes.items()
            if named == error and group in {None, where}
        ]
        return 100 * sum(each[outcome] for each in counts) / sum(each.total() for each in counts)

    def percent_of_false_cautions(self) -> float:
        """Return how many percent of those typed rightly raise a caution about what was typed."""
        cautioned = {
            id(right)
            for right, alert in self.false_alerts
            if alert.kind is AlertKind.CAUTION and alert.code not in ABOUT_THE_PRODUCT
        }
        return 100 * len(cautioned) / self.patients

    def print_tables(self) -> None:
        """Print what was found, in percent."""
        print(f"\n{self.patients} plausible patients")
        print(f"false cautions {self.percent_of_false_cautions():.2f} %")
        print(f"{'error, % of entries':30}" + "".join(f"{each:>10}" for each in OUTCOMES.values()))
        for error in (*ERRORS, TENFOLD_DOSE):
            row = [self.percent(error, outcome) for outcome in OUTCOMES.values()]
            print(f"{error:30}" + "".join(f"{percent:10.2f}" for percent in row))
        for group in AGE_GROUPS:
            slipped = self.percent("pounds as kg", "slipped", group)
            print(f"pounds as kg slipped, {group}: {slipped:.1f} %")


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    """The whole campaign, run once, its tables printed."""
    random = Random(2016)
    done = Campaign()
    for _ in range(PATIENTS):
        done.add(plausible_patient(random))
    done.print_tables()
    return done


def test_no_plausible_patient_is_stopped_but_the_youngest_for_an_override(
    campaign: Campaign,
) -> None:
    """Under 7 months the review's dose awaits an override, as intended; nobody else is stopped."""
    stopped = [
        (right, alert) for right, alert in campaign.false_alerts if alert.kind > AlertKind.CAUTION
    ]
    assert stopped
    assert all(alert.kind is AlertKind.OVERRIDE for _, alert in stopped)
    assert all(alert.code in {"age-under-7-months", "age-under-1-month"} for _, alert in stopped)
    assert all(right.months < 7 for right, _ in stopped)


def test_false_cautions_are_rare(campaign: Campaign) -> None:
    """The reference states 1 %. Measured 0.1 %, since no z score here lies beyond 2.5."""
    assert campaign.percent_of_false_cautions() <= 1


@pytest.mark.parametrize(
    "error", ["ten times the weight", "a tenth of the weight", "g read as kg", TENFOLD_DOSE]
)
def test_an_error_by_a_power_of_ten_is_never_missed(campaign: Campaign, error: str) -> None:
    """Not one slips, so there is no tolerance."""
    assert campaign.percent(error, "slipped") == 0


def test_a_swap_of_weight_and_height_is_stopped(campaign: Campaign) -> None:
    """The reference states > 99 %. Measured 100 %; the rest may be adults as heavy as tall."""
    assert campaign.percent("weight and height swapped", "stopped") > 99
    assert campaign.percent("weight and height swapped", "slipped") == 0


@pytest.mark.parametrize("error", ["inches typed as cm", "cm typed as inches"])
def test_a_wrong_unit_of_height_is_never_missed(campaign: Campaign, error: str) -> None:
    """A factor of 2.54 in height is one of 6.5 in the body mass index: none slips."""
    assert campaign.percent(error, "slipped") == 0


@pytest.mark.parametrize("error", ["months typed as years", "years typed as months"])
def test_months_typed_as_years_raise_a_question(campaign: Campaign, error: str) -> None:
    """Measured: all do. The floor is lower for the overgrown, who may look like the wrong age.

    It stays a question: body size alone cannot tell a wrong age from an unusual growth, which is
    legitimate here. So an infant typed as years old is asked about, but no longer stopped.
    """
    assert campaign.percent(error, "slipped") < 1


def test_pounds_as_kilograms_slip_no_more_than_the_reference_says(campaign: Campaign) -> None:
    """18-28 % there; the share depends on how many patients are 10 years and older.

    A factor of 2.2 stays within the spread of grown bodies, and no weight for age exists from 10
    years on. Fewer would be no fault, so only the upper end is held to.
    """
    assert campaign.percent("pounds as kg", "slipped") <= 28


@pytest.mark.parametrize(("group", "at_most"), [("under 2 years", 1), ("2-10 years", 12)])
def test_pounds_as_kilograms_are_seen_in_children_to_ten_years(
    campaign: Campaign, group: str, at_most: float
) -> None:
    """Where a weight for age exists; measured 0.04 and 8 %, the thin among the older children."""
    assert campaign.percent("pounds as kg", "slipped", group) <= at_most

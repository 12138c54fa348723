"""The doses of a forecast as a table: the true trough of each, and the place of a measured one.

Screen and paper show the same rows. The true trough is the model's, with the uncertainty of its
parameters; a measured one varies more, and the probabilities are those of a measured one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dosing.pharmacokinetics import TargetAttainment
    from monitoring.recommendation.forecast import FittedForecast

CURRENT, BEFORE_HOLD = "current", "before the hold"
RECOMMENDED, REQUESTED = "recommended", "what if"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRow:
    """One dose at steady state."""

    regimen: str
    trough_ng_ml: float
    """The most probable true trough."""
    low_ng_ml: float
    high_ng_ml: float
    """The ends of its 90 % interval."""
    below: float
    within: float
    above: float
    """The probabilities of a measured trough; they add up to 1."""
    marks: tuple[str, ...]
    """Current, recommended or what if; empty for a dose beside them."""

    @property
    def interval(self) -> str:
        """The interval of the true trough, in ng/mL without the unit."""
        return f"{self.low_ng_ml:.1f}-{self.high_ng_ml:.1f}"

    @property
    def percents(self) -> tuple[int, int, int]:
        """The probabilities below, within and above in whole percent, each rounded by itself."""
        below, within, above = (round(each * 100) for each in self._shares)
        return below, within, above

    @property
    def _shares(self) -> tuple[float, float, float]:
        return self.below, self.within, self.above

    def parts_of(self, cells: int) -> tuple[int, int, int]:
        """Return the cells of a bar that are below, within and above, by the largest remainders.

        >>> row = DoseRow(regimen="1 mg × 2", trough_ng_ml=9, low_ng_ml=7, high_ng_ml=12,
        ...               below=0.06, within=0.93, above=0.01, marks=())
        >>> row.parts_of(10), row.percents
        ((1, 9, 0), (6, 93, 1))
        """
        exact = [share * cells for share in self._shares]
        whole = [int(each) for each in exact]
        most = sorted(range(3), key=lambda place: (whole[place] - exact[place], place))
        for place in most[: cells - sum(whole)]:
            whole[place] += 1
        below, within, above = whole
        return below, within, above


def dose_rows(answer: "FittedForecast") -> tuple[DoseRow, ...]:
    """Return the current dose, the recommended one and some around it, by the dose.

    The requested doses are first.
    """
    from reports.presentation.forecast import outcomes_worth_showing  # noqa: PLC0415 - numpy is heavy

    shown = outcomes_worth_showing(answer.recommendation)
    return (
        *(_row(each, (REQUESTED,)) for each in answer.requested),
        *(_row(each, tuple(_marks(each, answer))) for each in shown),
    )


def _row(outcome: "TargetAttainment", marks: tuple[str, ...]) -> DoseRow:
    return DoseRow(
        regimen=str(outcome.regimen),
        trough_ng_ml=outcome.trough_ng_ml,
        low_ng_ml=outcome.low_ng_ml,
        high_ng_ml=outcome.high_ng_ml,
        below=outcome.below,
        within=outcome.within,
        above=outcome.above,
        marks=marks,
    )


def _marks(outcome: "TargetAttainment", answer: "FittedForecast") -> Iterator[str]:
    """Yield that a dose is the current one, or that before a hold, and the recommended one."""
    recommendation = answer.recommendation
    if recommendation is None:
        return
    if outcome == recommendation.current:
        yield CURRENT if answer.troughs else BEFORE_HOLD
    if recommendation.dose is not None and outcome == recommendation.chosen:
        yield RECOMMENDED

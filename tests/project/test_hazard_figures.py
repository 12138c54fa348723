"""The figures in the words of the hazard log are those of the code.

A control that states a figure would go on stating it after the figure changed: a signature under it
would be under something that is no longer so.
"""

import re
from collections.abc import Iterator

import pytest

from dosing.knowledge.conditions import PREGNANCY_PLANNED_WITHIN_DAYS
from dosing.knowledge.forecast_rules import (
    COVARIATE_COUNTS_FOR,
    FARTHEST,
    MODELS_DISAGREE,
    WORTH_A_CHANGE,
)
from dosing.knowledge.limits import (
    ADULT,
    ANYONE,
    CHILD,
    INFANT,
    LIMITS,
    NEONATE,
    YOUNG_INFANT_BELOW_MONTHS,
    Population,
)
from dosing.knowledge.tdm_rules import (
    AFTER_LOADING_FROM,
    FAR_TOO_EARLY,
    HIGH_LEVELS,
    JUMP,
    LARGEST_FACTOR,
    MISFIT_ABOVE,
    MISFIT_ABOVE_TOP,
    PEAK_WITHIN,
    STEADY_STATE_NOT_BEFORE,
)
from tests.project.hazard_log import hazards

CONTROLS = {each.id: each.controls for each in hazards()}
URGENT, CAUTION, NOTE = (each.above.value for each in HIGH_LEVELS)
WORDS = {2: "twice", 3: "three times", 10: "ten"}


def limit(code: str, kind: str, whom: Population = ANYONE, at: int = 0) -> str:
    """Return the figure of a row of the limits, in the order of the table."""
    found = [
        each.value
        for each in LIMITS
        if (each.code, each.kind.word, each.whom) == (code, kind, whom)
    ]
    return f"{found[at].normalize():f}"


def expected() -> Iterator[tuple[str, str]]:
    """Yield the hazard and the words with today's figures that one of its controls has."""
    yield "D1", f"more than {limit('dose-above-maximum', 'stop')} mg on any day always stops"
    yield (
        "D4",
        f"stops below {limit('body-mass-index-out-of-range', 'stop')} and above "
        + limit("body-mass-index-out-of-range", "stop", at=1),
    )
    yield "D6", f"Under {YOUNG_INFANT_BELOW_MONTHS} months the dose of Nadal 2016 stops"
    yield "D6", f"above {limit('age-under-7-months', 'override', NEONATE)} mg/m²/day"
    caution, stop = limit("rounding", "caution", at=1), limit("rounding", "stop")
    yield "D8", f"Of the solution more than {caution} % is a caution and more than {stop} % a stop"
    caution, override = limit("rounding", "caution"), limit("rounding", "override")
    yield "D8", f"of tablets more than {caution} % is a caution and more than {override} % needs"
    yield "D8", f"{limit('volume-small', 'caution')} mL and less is flagged"
    yield "D9", f"the label's {limit('dose-above-maximum', 'stop')} mg on any day is a stop"
    days = [limit("measurement-old", "caution", whom) for whom in (INFANT, CHILD, ADULT)]
    yield "D11", f"older than {days[0]} days (infants), {days[1]} days (children) or {days[2]} days"
    yield "D12", f"More than {limit('formulas-differ', 'caution')} % from Haycock's"
    yield "D12", f"more than {limit('weight-only-differs', 'caution')} % from the area by weight"
    yield "M1", f"A sample within {PEAK_WITHIN} of a dose"
    yield "M1", f"above {URGENT} ng/mL a true trough is asked for"
    yield "M2", f"not evaluable before {STEADY_STATE_NOT_BEFORE} after a change"
    yield "M2", f"({AFTER_LOADING_FROM.value} after a loading dose)"
    yield "M2", f"no dose is calculated before {FAR_TOO_EARLY}"
    yield "M6", f"Above {NOTE}, {CAUTION} and {URGENT} ng/mL an alert is raised"
    yield "M8", f"The factor is capped at {LARGEST_FACTOR.value}, also after rounding"
    yield "M8", f"{limit('dose-above-maximum', 'stop')} mg on any day hold"
    yield "M17", f"A level over {WORDS[JUMP.value]} or under a third of the last"
    yield "M17", f"above {MISFIT_ABOVE} or {WORDS[MISFIT_ABOVE_TOP.value]} the target"
    yield "K1", f"more than {MODELS_DISAGREE} on the current dose"
    yield "K2", f"only for {WORDS[WORTH_A_CHANGE.value]} points of probability"
    yield "K2", f"at most {LARGEST_FACTOR} the current one"
    yield "K4", f"more than {FARTHEST} from the population"
    yield "K10", f"counts for {COVARIATE_COUNTS_FOR} (proposed)"
    yield "K12", f"beyond {FARTHEST} it is left out"
    yield "K12", f"by more than {MODELS_DISAGREE} on the current dose"
    yield "T4", f"planned within {PREGNANCY_PLANNED_WITHIN_DAYS // 7} weeks"
    yield "U5", f"above {URGENT} ng/mL only with an override"
    yield "U5", f"After a level above {URGENT} ng/mL only a lower dose"


@pytest.mark.parametrize(("hazard", "words"), list(expected()))
def test_a_control_states_the_figure_of_the_code(hazard: str, words: str) -> None:
    assert any(words in control for control in CONTROLS[hazard]), words


def test_a_figure_that_is_not_the_codes_is_seen() -> None:
    """The check itself: each of the words has a figure, and another figure is not found."""
    for hazard, words in expected():
        other = re.sub(r"\d+(?:\.\d+)?|three times|twice|ten\b", "99", words, count=1)
        assert other != words
        assert not any(other in control for control in CONTROLS[hazard])

"""The level that the recommendation asks for again: what it asks for is what is due."""

from dosing.knowledge.alert_catalogue import LEVEL_EXCLUDED, LEVEL_NOT_REPEATED
from monitoring.levels import LevelAssessment, assess_levels
from monitoring.recommendation.decision import Decision
from monitoring.recommendation.dose_recommendation import DoseAction
from monitoring.recommendation.label_advice import AdviceOptions, label_advice, newest_level
from monitoring.state import state_at
from monitoring.times import Moment
from monitoring.treatment import TreatmentHistory


def level_to_repeat(history: TreatmentHistory, now: Moment) -> LevelAssessment | None:
    """Return the newest level in use, where the recommendation asks for another; else None.

    It does so too where it asks for the reason first, as several levels were of no use. An excluded
    level is not among them: it asks for another by itself. Levels after the moment are ignored.
    """
    record = history.record
    levels = [each for each in record.once(assess_levels) if each.level.entry.sampled <= now]
    newest = newest_level(levels)
    if newest is None:
        return None
    state, label = state_at(record, now), label_advice(history, newest, now, AdviceOptions())
    found = Decision(state, label, None, levels).recommendation
    if found.reasons.of_code(LEVEL_EXCLUDED.code):
        return None
    is_repeated = found.action is DoseAction.REPEAT_LEVEL
    return newest if is_repeated or found.reasons.of_code(LEVEL_NOT_REPEATED.code) else None

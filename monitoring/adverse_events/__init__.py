"""Side-effects: what each one is called, how it is graded, and what the review saw of it."""

from monitoring.adverse_events.assessment import EventAssessment, assess_events

__all__ = ["EventAssessment", "assess_events"]

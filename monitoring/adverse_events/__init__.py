"""Adverse events: term, grade, and frequency in Nadal 2016."""

from monitoring.adverse_events.assessment import EventAssessment, assess_events

__all__ = ["EventAssessment", "assess_events"]

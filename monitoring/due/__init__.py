"""Checks that are due, how urgent they are, and the days by which they are overdue."""

from monitoring.due.check import Check, Due
from monitoring.due.due import check_names, due, due_of_all, due_with, names_of, worklist
from monitoring.due.known_levels import KnownLevels
from monitoring.terms import Urgency

__all__ = [
    "Check",
    "Due",
    "KnownLevels",
    "Urgency",
    "check_names",
    "due",
    "due_of_all",
    "due_with",
    "names_of",
    "worklist",
]

"""Checks that are due, how urgent they are, and the days by which they are overdue."""

from monitoring.due.check import Check, Due, Urgency
from monitoring.due.due import check_names, due, due_of_all, due_with, names_of, worklist
from monitoring.due.known_levels import KnownLevels

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

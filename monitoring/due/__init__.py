"""Checks that are due, how urgent they are, and the days by which they are overdue."""

from monitoring.due.check import Check, Due, Urgency
from monitoring.due.due import check_names, due, due_of_all, due_with, worklist

__all__ = ["Check", "Due", "Urgency", "check_names", "due", "due_of_all", "due_with", "worklist"]

"""Checks that are due, and the days by which they are overdue."""

from monitoring.due.check import Check, Due
from monitoring.due.due import due, due_of_all, due_with, worklist

__all__ = ["Check", "Due", "due", "due_of_all", "due_with", "worklist"]

"""Levels: whether each one counts, and where it lies against the target in force."""

"""Keeping the records: backup and verify."""

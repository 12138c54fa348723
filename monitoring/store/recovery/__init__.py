"""Damaged records: what can be read of them, and the whole backups nearby."""

"""Monitoring: the patient's record and, in time, what it means."""

"""One patient: where things stand, every entry, and the audit trail."""

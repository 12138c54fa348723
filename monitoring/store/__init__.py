"""The store keeps the records: nothing is lost, and nothing is erased."""

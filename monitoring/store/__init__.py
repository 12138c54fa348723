"""The store: where the record is kept, so that nothing is lost and nothing is erased."""

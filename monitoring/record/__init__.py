"""The patient's record: what can be written down, one file a kind of entry."""

"""The forms by which something is written down: one file a kind of entry."""

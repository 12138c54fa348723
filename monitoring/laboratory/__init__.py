"""Laboratory values: which test each one is, and its grade where CTCAE v5.0 has numbers."""

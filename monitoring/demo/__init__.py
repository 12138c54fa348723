"""A synthetic clinic: 12 plainly made-up patients that show every state of a record."""

"""A synthetic clinic: 12 made-up patients that show every state of a record."""

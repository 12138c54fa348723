"""A synthetic clinic: 17 made-up patients that show every state of a record."""

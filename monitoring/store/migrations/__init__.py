"""The migrations of the schema; the program runs each once."""

"""The terminal app: one folder a screen, its style sheet beside it."""

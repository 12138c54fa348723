"""The terminal app: its session, screens and widgets."""

"""Widgets and texts that screens are made of."""

"""Quantities: units, and numbers with units as text is parsed and formatted."""

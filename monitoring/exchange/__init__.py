"""Exchange with other programs: export in open formats, and import."""

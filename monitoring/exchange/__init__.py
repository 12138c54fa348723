"""Exchange with other programs: export in files that can be read without this one, and import."""

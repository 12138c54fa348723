"""Clinical knowledge: every table that a clinic signs off, each figure with its source."""

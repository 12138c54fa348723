"""Research tables in the NONMEM convention: many patients read, checked and fitted."""

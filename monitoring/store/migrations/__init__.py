"""The steps by which the schema grew; each is run once, by the program itself."""

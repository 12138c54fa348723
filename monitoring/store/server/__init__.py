"""Records on a PostgreSQL server: addresses and waits, the refusals of the database, roles."""

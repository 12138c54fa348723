"""Several clinics: a clinic's aggregates as a signed share, and the pool of many shares."""

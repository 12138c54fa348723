"""Encryption at rest: the key file, the keys of the process, the seals, and encrypting in place."""

"""Errors the user can fix.

Every error that a person caused and can put right is a `UserError`: one line with what is wrong and
what to do. Anything else that is raised is a fault of the program.
"""


class UserError(ValueError):
    """An error the user can fix: one line with what is wrong and what to do."""


class ReadingError(UserError):
    """A text that cannot be parsed as the value it should be."""

"""What the user can mend.

Every error that a person caused and can put right is a `UserError`: one line that says what is
wrong and how to write it. Anything else that is raised is a fault of the program.
"""


class UserError(ValueError):
    """Something the user can mend, told in one line: what is wrong, and how to write it."""


class ReadingError(UserError):
    """A text that cannot be read as the value it should be."""

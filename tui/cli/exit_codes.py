"""What the program tells the shell."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Done, a fault of the program, input to be mended, or a stop."""

    DONE = 0
    FAULT = 1
    INVALID_INPUT = 2
    STOPPED = 3

"""Where the program starts."""

import gc

# A command lives for a fraction of a second: looking for garbage while hundreds of modules are
# imported costs a tenth of it and finds nothing.
gc.disable()

from tui.command_line import main  # noqa: E402 - the line above must come first

__all__ = ["main"]

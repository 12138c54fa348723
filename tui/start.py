"""Where the program starts."""

import gc

# Looking for garbage while hundreds of modules are imported costs a tenth of a command's time and
# finds nothing.
gc.disable()

from tui.cli.main import main  # noqa: E402 - the line above must come first

gc.freeze()
gc.enable()

__all__ = ["main"]

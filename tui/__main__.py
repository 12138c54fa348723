"""The program as `python -m tui`, where its command is not on the path."""

import sys

from tui.start import main

if __name__ == "__main__":
    sys.exit(main())

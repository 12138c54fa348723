"""How long a starting dose takes, as ratios against named baselines of the same run.

`python -m tests.benchmarks.bench_dose` (`--small` for a quick look). Ratios, because machines are
noisy: the figures of one run compare with each other and with nothing else. Each case is run in
turn, and the medians are compared.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from dosing import Age, Height, Request, Weight, propose_starting_dose
from tests.second_implementation import Patient, starting_dose

_EXAMPLE = ["dose", "--weight", "12.4kg", "--height", "88cm", "--age", "2 years"]
_START = "import sys; from tui.start import main; sys.exit(main())"

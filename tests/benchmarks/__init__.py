"""Benchmarks: programs, not tests. The heads of their records are kept apart from the user's."""

import atexit
import os
import shutil
import tempfile

if "SIROLIMUS_STATE" not in os.environ:
    os.environ["SIROLIMUS_STATE"] = tempfile.mkdtemp(prefix="sirolimus-state-")
    atexit.register(shutil.rmtree, os.environ["SIROLIMUS_STATE"], ignore_errors=True)

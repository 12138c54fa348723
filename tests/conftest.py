"""What pytest leaves alone, and how hypothesis runs."""

from hypothesis import settings

from tests.campaign import cases

# The mutation campaign needs packages of its own (requirements-mutation.txt) and is no test.
collect_ignore = ["mutation.py"]

# Speed is measured by the benchmarks, not in tests: a busy machine must not fail one.
settings.register_profile("no-clock", deadline=None, max_examples=cases(100))
settings.load_profile("no-clock")

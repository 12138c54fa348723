"""What pytest leaves alone."""

# The mutation campaign needs packages of its own (requirements-mutation.txt) and is no test.
collect_ignore = ["mutation.py"]

"""Individual kinetics: what a patient's next level will be, and which dose reaches the target."""

"""The forecast on the patient's screen: the levels to come, and which dose reaches the target."""

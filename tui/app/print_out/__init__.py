"""The patient's summary on paper: where to, and how large."""

"""Recommendations: label arithmetic after a level, and the model's forecast."""

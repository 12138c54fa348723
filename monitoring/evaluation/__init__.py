"""The evaluation of the forecasts on a clinic's own levels, and simulated trials of the advice."""

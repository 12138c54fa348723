"""The worklist: a row of each patient, and the index of dates from which rows are read."""

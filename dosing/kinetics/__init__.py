"""Individual kinetics: what a patient's next level will be, and which dose reaches the target."""

from dosing.kinetics.patients_table import fit_table
from dosing.kinetics.table_text import read_table

__all__ = ["fit_table", "read_table"]

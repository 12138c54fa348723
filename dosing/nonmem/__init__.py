"""Research tables in the NONMEM convention: parsed, checked and fitted for many patients.

It needs numpy and pandas, and is imported where it is used.
"""

from dosing.nonmem.patients_table import fit_table, rows_of_patients
from dosing.nonmem.table_text import read_table

__all__ = ["fit_table", "read_table", "rows_of_patients"]

"""The workbook of an existing clinic: its template, and its reading."""

"""The statements of the worklist's lines, in the SQL of SQLite and PostgreSQL alike.

They are texts, not SQLAlchemy's objects: the first rows are read by the driver alone. A `?` is the
place of a value; `for_server` writes it as PostgreSQL's driver wants it.
"""

READ_LINES = """
SELECT known.patient, known.revision, line.text, line.hash
FROM (SELECT patient, max(number) AS revision FROM audit GROUP BY patient) AS known
LEFT JOIN worklist_line AS line ON line.patient = known.patient AND line.choices = ?
    AND line.rules = ? AND line.revision = known.revision
WHERE known.patient > 0 AND known.patient NOT IN (SELECT "of" FROM void)
    AND known.patient NOT IN (SELECT "of" FROM removal)
ORDER BY known.patient
"""
"""Each patient neither void nor removed, the last change, and its line; NULL without one.

The entries of the clinic have no patient: their number is 0."""

READ_REMOVED = "SELECT patient FROM removal"
"""Each removed patient."""

READ_LIMITS = """
SELECT figures, decided_by, "on" FROM clinic_limits WHERE is_signed = 1 ORDER BY entry DESC LIMIT 1
"""
"""The clinic's limits in force."""

KEEP_LINE = """
INSERT INTO worklist_line (patient, choices, revision, rules, text, hash)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (patient, choices) DO UPDATE SET
    revision = excluded.revision, rules = excluded.rules, text = excluded.text,
    hash = excluded.hash
"""


def for_server(statement: str) -> str:
    """Return a statement with the places of its values as psycopg has them."""
    return statement.replace("?", "%s")

"""The names that a clinic uses: of laboratories, of diagnoses."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Engine, func, select

from monitoring.store.connection import reading
from monitoring.store.tables import TABLES

_MOST = 200


def names_in_use(engine: Engine, columns: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the texts of columns, each by its table and name, the most frequent first.

    At most 200 of each column. Raises the errors of the records.
    """
    found: Counter[str] = Counter()
    with reading(engine, "read the names in use") as connection:
        for table, name in columns:
            column, count = TABLES[table].c[name], func.count()
            query = (
                select(column, count)
                .where(column != "")
                .group_by(column)
                .order_by(count.desc(), column)
                .limit(_MOST)
            )
            for text, number in connection.execute(query):
                found[text] += number
    return tuple(name for name, _ in found.most_common())

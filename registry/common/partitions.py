"""Monthly partitions of the append-only and history tables; made ahead by the nightly task.

The tables are partitioned by migrations (`dtsen_partition_by_month` of 0003_common), each with a
default partition, so that a row with an unforeseen time is never refused.
"""

import datetime as dt

from django.db import connection

_PARTITIONED = """
    SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
    WHERE p.partstrat = 'r' AND to_regclass(c.relname || '_default') IS NOT NULL
    ORDER BY c.relname
"""


def _month(day: dt.date, ahead: int) -> dt.date:
    months = day.year * 12 + day.month - 1 + ahead
    return dt.date(months // 12, months % 12 + 1, 1)


def find_partitioned_tables() -> list[str]:
    """Return the tables that are partitioned by month."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONED)
        return [name for (name,) in cursor.fetchall()]


def ensure_partitions(*, today: dt.date, months: int = 3) -> int:
    """Make the partitions of this month and the next ones that are missing; return how many.

    A month of which the default partition already holds rows is left there.
    """
    made = 0
    tables = find_partitioned_tables()
    with connection.cursor() as cursor:
        for table in tables:
            for ahead in range(months + 1):
                start, end = _month(today, ahead), _month(today, ahead + 1)
                cursor.execute("SELECT dtsen_ensure_partition(%s, %s, %s)", [table, start, end])
                made += bool(cursor.fetchone()[0])
    return made

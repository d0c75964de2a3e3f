"""Monthly partitions of the append-only tables; made ahead by the nightly task.

The tables are partitioned by migration 0003_common, each with a default partition, so that a row
with an unforeseen time is never refused.
"""

import datetime as dt

from django.db import connection

TABLES = ("registry_auditevent", "registry_accesslog", "registry_accesssubject")


def _month(day: dt.date, ahead: int) -> dt.date:
    months = day.year * 12 + day.month - 1 + ahead
    return dt.date(months // 12, months % 12 + 1, 1)


def ensure_partitions(*, today: dt.date, months: int = 3) -> int:
    """Make the partitions of this month and the next ones that are missing; return how many.

    A month of which the default partition already holds rows is left there.
    """
    made = 0
    with connection.cursor() as cursor:
        for table in TABLES:
            for ahead in range(months + 1):
                start, end = _month(today, ahead), _month(today, ahead + 1)
                cursor.execute("SELECT dtsen_ensure_partition(%s, %s, %s)", [table, start, end])
                made += bool(cursor.fetchone()[0])
    return made

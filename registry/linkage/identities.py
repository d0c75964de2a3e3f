"""Public ids that last: clusters keep the ids of the last run wherever they overlap.

An id goes to the cluster with most of its rows, a cluster keeps the id with most of its rows
(ties: the oldest id); ids that lose their cluster lead on to where most of their rows went.
New ids are UUIDv7 bits made from the run's start, so a build that is repeated gives the same.
"""

import datetime as dt
from pathlib import Path

import duckdb


def assign_ids(
    con: duckdb.DuckDBPyConnection, *, kind: str, now_links: str, last: Path | None, started_at: dt.datetime
) -> None:
    """Make the tables `{kind}_ids` (cluster, id, is_new) and `{kind}_moves` (old_id, new_id, was).

    `now_links` is a table (cluster, source, record_key, region_code); `last` the crosswalk of the
    run before, with a column `{kind}_id`. `was` is merged, split or retired; a split keeps its old
    id on the larger part, and `new_id` is then the part that left.
    """
    if last is not None and last.exists():
        votes = (
            f"SELECT n.cluster, l.{kind}_id AS old_id, count(*) AS n FROM {now_links} n"
            f" JOIN read_parquet('{last}') l USING (source, record_key)"
            f" WHERE l.{kind}_id IS NOT NULL GROUP BY ALL"
        )
        before = f"SELECT DISTINCT {kind}_id AS old_id FROM read_parquet('{last}') WHERE {kind}_id IS NOT NULL"
    else:
        votes = "SELECT NULL::BIGINT AS cluster, NULL::UUID AS old_id, 0::BIGINT AS n WHERE false"
        before = "SELECT NULL::UUID AS old_id WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP TABLE votes AS {votes}")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE goes AS
        SELECT old_id, cluster, n FROM votes
        QUALIFY row_number() OVER (PARTITION BY old_id ORDER BY n DESC, cluster) = 1
    """)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE kept AS
        SELECT cluster, old_id FROM goes
        QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY n DESC, old_id) = 1
    """)
    stamp = f"{int(started_at.timestamp() * 1000):012x}"
    salt = "1" if kind == "individual" else "2"
    con.execute(f"""
        CREATE OR REPLACE TABLE {kind}_ids AS
        WITH clusters AS (
            SELECT cluster, min(region_code) AS region_code, min(source || '|' || record_key) AS anchor
            FROM {now_links} GROUP BY cluster
        ), fresh AS (
            SELECT cluster, md5('{salt}' || anchor)[1:8] AS tail,
                   printf('%010x', row_number() OVER (ORDER BY region_code, anchor)) AS place
            FROM clusters ANTI JOIN kept USING (cluster)
        )
        SELECT cluster, old_id AS id, false AS is_new FROM kept
        UNION ALL
        SELECT cluster,
               ('{stamp}' || '7' || place[1:3] || '{"8" if kind == "individual" else "9"}' || place[4:6]
                || place[7:10] || tail)::UUID, true
        FROM fresh
    """)
    con.execute(f"""
        CREATE OR REPLACE TABLE {kind}_moves AS
        SELECT g.old_id, i.id AS new_id, 'merged' AS was
        FROM goes g JOIN {kind}_ids i USING (cluster) WHERE g.old_id <> i.id
        UNION ALL
        SELECT v.old_id, i.id, 'split'
        FROM votes v JOIN goes g USING (old_id) JOIN {kind}_ids i ON i.cluster = v.cluster
        WHERE v.cluster <> g.cluster
        UNION ALL
        SELECT b.old_id, NULL, 'retired' FROM ({before}) b ANTI JOIN goes USING (old_id)
    """)

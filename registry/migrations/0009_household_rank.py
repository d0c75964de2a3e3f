"""The scores of every family and run, partitioned by run; written by hand, Django makes plain tables.

A run's partition is made and filled aside, checked, and attached: its keys equal the parent's, so attaching takes
a millisecond whatever its size.
"""

from django.db import migrations

MAKE = """
CREATE TABLE registry_householdrank (
    run smallint NOT NULL,
    household_id uuid NOT NULL,
    region_code varchar(13) COLLATE "C" NOT NULL,
    regency smallint NOT NULL,
    score integer,
    desil smallint NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    CONSTRAINT household_rank_desil CHECK (desil BETWEEN 1 AND 10),
    CONSTRAINT household_rank_regency CHECK (regency = replace(left(region_code, 5), '.', '')::smallint),
    PRIMARY KEY (run, household_id)
) PARTITION BY LIST (run);
CREATE INDEX household_rank_regency_score ON registry_householdrank (regency, score, household_id);
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_ranking_and_sampling")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE registry_householdrank")]

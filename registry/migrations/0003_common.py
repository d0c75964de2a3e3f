"""Monthly partitions of the append-only tables and of the history of what runs publish.

Written by hand: Django makes plain tables. `dtsen_partition_by_month` makes an empty one again as
a partitioned table with the same columns, indexes, foreign keys and triggers; its primary key
becomes (key, time). Each has a default partition, so that no row is ever refused.
"""

from django.db import migrations

# Statement triggers do not reach a partition that is named directly: it gets its own.
GUARD_PARTITION = """
CREATE FUNCTION dtsen_guard_partition(parent text, part text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT regexp_replace(pg_get_triggerdef(oid), ' ON \\S+ ', format(' ON %I ', part))
               FROM pg_trigger
               WHERE tgrelid = parent::regclass AND NOT tgisinternal AND tgtype & 32 <> 0
    LOOP EXECUTE one; END LOOP;
END $$;
"""

# A month of which the default partition already holds rows is left there: moving them would be
# a change of rows that are never changed.
ENSURE_PARTITION = """
CREATE FUNCTION dtsen_ensure_partition(parent text, start date, stop date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    part text := format('%s_%s', parent, to_char(start, 'YYYY_MM'));
    since timestamptz := start::timestamp AT TIME ZONE 'UTC';
    until timestamptz := stop::timestamp AT TIME ZONE 'UTC';
    moment name;
    stray boolean;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;
    SELECT a.attname INTO STRICT moment
        FROM pg_partitioned_table p
        JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = parent::regclass;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE %I >= %L AND %I < %L)',
                   parent || '_default', moment, since, moment, until) INTO stray;
    IF stray THEN RETURN false; END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                   part, parent, since, until);
    PERFORM dtsen_guard_partition(parent, part);
    RETURN true;
END $$;
"""

PARTITION_BY_MONTH = """
CREATE FUNCTION dtsen_partition_by_month(target text, key name, moment name) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    indexes text[]; keys text[]; triggers text[]; notes text[]; one text; filled boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', target) INTO filled;
    IF filled THEN RAISE EXCEPTION '% holds rows, it cannot be made again', target; END IF;
    SELECT coalesce(array_agg(pg_get_indexdef(indexrelid)), '{}') INTO indexes
        FROM pg_index WHERE indrelid = target::regclass AND NOT indisprimary;
    SELECT coalesce(array_agg(format('ADD CONSTRAINT %I %s', conname,
                                     pg_get_constraintdef(oid))), '{}') INTO keys
        FROM pg_constraint WHERE conrelid = target::regclass AND contype = 'f';
    SELECT coalesce(array_agg(pg_get_triggerdef(oid)), '{}'),
           coalesce(array_agg(format('COMMENT ON TRIGGER %I ON %I IS %L', tgname, target,
                                     obj_description(oid, 'pg_trigger'))), '{}')
        INTO triggers, notes
        FROM pg_trigger WHERE tgrelid = target::regclass AND NOT tgisinternal;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', target, target || '_plain');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
                   ' INCLUDING IDENTITY) PARTITION BY RANGE (%I)',
                   target, target || '_plain', moment);
    EXECUTE format('DROP TABLE %I', target || '_plain');
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (%I, %I)', target, key, moment);
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', target || '_default', target);
    FOREACH one IN ARRAY indexes LOOP EXECUTE one; END LOOP;
    FOREACH one IN ARRAY keys LOOP EXECUTE format('ALTER TABLE %I %s', target, one); END LOOP;
    FOREACH one IN ARRAY triggers LOOP EXECUTE one; END LOOP;
    FOREACH one IN ARRAY notes LOOP EXECUTE one; END LOOP;
    PERFORM dtsen_guard_partition(target, target || '_default');
    PERFORM dtsen_ensure_partition(target,
        (date_trunc('month', now()) + make_interval(months => n))::date,
        (date_trunc('month', now()) + make_interval(months => n + 1))::date)
        FROM generate_series(0, 3) AS n;
END $$;
"""

TABLES = [
    ("registry_auditevent", "id", "at"),
    ("registry_accesslog", "id", "at"),
    ("registry_accesssubject", "id", "at"),
    # The history of what runs publish grows with every run.
    ("registry_householdevent", "pgh_id", "pgh_created_at"),
    ("registry_individualevent", "pgh_id", "pgh_created_at"),
]


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_initial")]

    operations = [
        migrations.RunSQL(GUARD_PARTITION, "DROP FUNCTION dtsen_guard_partition(text, text)"),
        migrations.RunSQL(ENSURE_PARTITION, "DROP FUNCTION dtsen_ensure_partition(text, date, date)"),
        migrations.RunSQL(PARTITION_BY_MONTH, "DROP FUNCTION dtsen_partition_by_month(text, name, name)"),
        *(
            migrations.RunSQL(
                f"SELECT dtsen_partition_by_month('{table}', '{key}', '{moment}')", migrations.RunSQL.noop
            )
            for table, key, moment in TABLES
        ),
    ]

"""The officer in whose name the system acts; and the admin's own tables come after ours.

`swappable_dependency` of `django.contrib.admin` points at our first migration, where the officer
does not exist yet: `run_before` puts its tables after the officer's.
"""

from django.db import migrations

SYSTEM_OFFICER = """
    INSERT INTO registry_officer
        (email, name, password, language, is_active, is_system, created_at)
    VALUES ('sistem@dtsen.invalid', 'DTSEN', '!', 'id', true, true, now())
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_common")]
    run_before = [("admin", "0001_initial")]
    operations = [migrations.RunSQL(SYSTEM_OFFICER, migrations.RunSQL.noop)]

"""PostgreSQL extensions the tables and indexes of this room need (all are in contrib)."""

from django.contrib.postgres.operations import (
    BtreeGinExtension,
    BtreeGistExtension,
    TrigramExtension,
)
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [BtreeGinExtension(), BtreeGistExtension(), TrigramExtension()]

"""Row history by database triggers, at statement level: bulk changes and COPY leave history too."""

import pgtrigger

PGHISTORY_DEFAULT_TRACKERS = ()
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True
PGHISTORY_LEVEL = pgtrigger.Statement
# The page of all events unions every event table: over 30 s at 600,000 events.
PGHISTORY_ADMIN_ALL_EVENTS = False
PGHISTORY_JSON_ENCODER = "django.core.serializers.json.DjangoJSONEncoder"

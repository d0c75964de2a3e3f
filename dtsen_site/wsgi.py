"""The door for the web server; refuses to open without the keys of this installation."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dtsen_site.settings")

application = get_wsgi_application()

from django.db import connections  # noqa: E402  after Django is set up

from dtsen_site.checks import require_keys  # noqa: E402  after Django is set up

require_keys()
# The look at the keys used a connection; the server's own processes open theirs.
connections.close_all()

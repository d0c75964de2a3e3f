"""Settings of the site, one file per concern; every environment variable is in `environment.py`."""

from dtsen_site.settings.apps import *  # noqa: F403
from dtsen_site.settings.celery import *  # noqa: F403
from dtsen_site.settings.database import *  # noqa: F403
from dtsen_site.settings.history import *  # noqa: F403
from dtsen_site.settings.i18n import *  # noqa: F403
from dtsen_site.settings.logs import *  # noqa: F403
from dtsen_site.settings.paths import *  # noqa: F403
from dtsen_site.settings.rest import *  # noqa: F403
from dtsen_site.settings.security import *  # noqa: F403
from dtsen_site.settings.spreadsheets import *  # noqa: F403
from dtsen_site.settings.static import *  # noqa: F403

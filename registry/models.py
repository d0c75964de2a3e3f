"""Table of contents: every stage's models, so that the room has one migration history."""

from registry.beneficiaries.models import *  # noqa: F403
from registry.common.models import *  # noqa: F403
from registry.desil.models import *  # noqa: F403
from registry.households.models import *  # noqa: F403
from registry.linkage.models import *  # noqa: F403
from registry.officers.models import *  # noqa: F403
from registry.programmes.models import *  # noqa: F403
from registry.sources.models import *  # noqa: F403
from registry.uji_petik.models import *  # noqa: F403
from registry.visits.models import *  # noqa: F403
from registry.wilayah.models import *  # noqa: F403

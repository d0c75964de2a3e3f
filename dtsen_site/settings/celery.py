"""The queue: Celery on Redis or the embedded Valkey, and the cache beside it."""

from dtsen_site.embedded.places import Places
from dtsen_site.settings.environment import read
from dtsen_site.settings.paths import DTSEN_STATE_DIR

_url: str = read("REDIS_URL")
DTSEN_EMBEDDED_QUEUE = not _url
_socket = Places.of(DTSEN_STATE_DIR).valkey_socket

# Celery writes a unix socket as redis+socket://, redis-py as unix://.
REDIS_URL = _url or f"unix://{_socket}?db=0"
_broker = f"redis+socket://{REDIS_URL.removeprefix('unix://')}".replace("?db=", "?virtual_host=")
CELERY_BROKER_URL = _broker if REDIS_URL.startswith("unix://") else REDIS_URL

# Tasks keep what they did in Job rows; nobody waits for a result.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Jakarta"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "dtsen"
# Short tasks that must be on time (sealing, the outbox, the watch over jobs) wait in a queue of their
# own, for workers of their own: however many builds run, none of them is late.
CELERY_TASK_ROUTES = {"registry.run_job": {"queue": "dtsen"}, "registry.*": {"queue": "dtsen.house"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A national build takes hours. A task given out again while the first still works finds its
# advisory lock held and ends; twelve hours keep that rare. A job whose worker died does not wait for
# this: the watch over jobs queues it again after a minute of silence.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 12 * 3600}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "dtsen",
    }
}

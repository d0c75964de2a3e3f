"""What receiving and validating again have in common: a private folder to work in, counts, the hash of the regions."""

import datetime as dt
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from registry.sources.models import Delivery, DeliveryFile, DeliveryRegency, FindingCount
from registry.sources.validation import Result

OWN_MAPPING = "mapping.yaml"  # in the folder of a delivery whose mapping does not ship


@contextmanager
def working_folder(content_hash: str) -> Iterator[Path]:
    """Give a private folder beside the store; what killed runs have left is removed first."""
    root = Path(settings.DTSEN_STORE_DIR) / "incoming"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in root.iterdir():
        _remove_abandoned(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{content_hash[:16]}-", dir=root))
    # The lock ends with the process, whatever ends it: a folder without one is abandoned.
    handle = os.open(folder / ".alive", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _remove_abandoned(folder: Path) -> None:
    try:
        handle = os.open(folder / ".alive", os.O_RDWR)
    except OSError:
        age = dt.datetime.now().timestamp() - folder.stat().st_mtime if folder.exists() else 0
        if age > 60:  # made, and killed before its lock
            shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)


def write_counts(delivery: Delivery, result: Result) -> None:
    """Put the counts of a validation in the place of the delivery's former ones."""
    delivery.files.all().delete()
    delivery.finding_counts.all().delete()
    delivery.regencies.all().delete()
    DeliveryFile.objects.bulk_create(DeliveryFile(delivery=delivery, **vars(file)) for file in result.files)
    DeliveryRegency.objects.bulk_create(DeliveryRegency(delivery=delivery, **vars(each)) for each in result.regencies)
    FindingCount.objects.bulk_create(
        FindingCount(delivery=delivery, rule=rule, severity=severity, n=n) for rule, severity, n in result.findings
    )


def hash_regions(lookup: Path) -> str:
    """Return the hash of the regions and the bridge that a validation reads."""
    digest = hashlib.sha256()
    for name in ("regions", "bridge"):
        digest.update((lookup / f"{name}.parquet").read_bytes())
    return digest.hexdigest()

"""What receiving and validating again have in common: a private folder to work in, counts, the hash of the regions."""

import datetime as dt
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from registry.common.errors import BadInput
from registry.sources.models import Delivery, DeliveryFile, DeliveryRegency, FindingCount
from registry.sources.validation import Result

# Held while the files of deliveries and the rows that name their versions change together or are read together.
# A build takes it after its own lock: this name follows that one in the order of `registry.common.locks`.
LOCK = "registry.deliveries"
RESULTS = ("families.parquet", "persons.parquet", "findings.parquet", "manifest.json")
NEXT = ".next"  # in a delivery's folder: the results of a validation whose row may not be written yet
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


def settle_results(delivery: Delivery) -> None:
    """Make the delivery's results those that its row speaks of, where a validation was killed in between.

    The caller holds `LOCK`. Results of the versions in the row take the place of the former ones;
    of other versions the row was never written: they go.
    """
    aside = delivery.folder / NEXT
    if not aside.is_dir():
        return
    manifest = aside / "manifest.json"  # the last to move: without it all the others are in their place
    if manifest.is_file():
        told = json.loads(manifest.read_text(encoding="utf-8"))
        validated = (told["mapping_version"], told["rule_version"], told["regions_hash"])
        if validated == (delivery.mapping_version, delivery.rule_version, delivery.regions_hash):
            for name in RESULTS:
                if (aside / name).is_file():
                    os.replace(aside / name, delivery.folder / name)
            make_durable(delivery.folder)
    shutil.rmtree(aside)


def make_durable(folder: Path) -> None:
    """See to it that the names in a folder outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Raises: BadInput `sources.file.not_found`.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput("sources.file.not_found", name=path.name) from error


def hash_regions(lookup: Path) -> str:
    """Return the hash of the regions and the bridge that a validation reads."""
    digest = hashlib.sha256()
    for name in ("regions", "bridge"):
        digest.update((lookup / f"{name}.parquet").read_bytes())
    return digest.hexdigest()

"""What changes deliveries: receiving one, and validating the current ones again."""

import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from registry.common.audit import record
from registry.common.envelope import encrypt_file
from registry.common.errors import BadInput, Misconfigured
from registry.common.locks import advisory
from registry.common.tables import get_limits
from registry.sources.comparison import Previous
from registry.sources.keeping import OWN_MAPPING, hash_file, hash_regions, make_durable, working_folder, write_counts
from registry.sources.mapping import Mapping, load_mapping, read_mapping
from registry.sources.models import Delivery
from registry.sources.readers import Refused
from registry.sources.rules import load_rules
from registry.sources.selectors import CurrentPart, find_current_parts
from registry.sources.validation import FileResult, Result, Validation, write_manifest
from registry.wilayah import export_lookup

__all__ = ["Received", "receive_delivery"]

Progress = Callable[[str, int], None]


@dataclass
class Received:
    """The answer to somebody who brings files."""

    content_hash: str
    delivery: Delivery | None = None
    already_there: bool = False
    dry_run: bool = False
    refusal: tuple[str, dict[str, Any]] | None = None
    files: list[FileResult] = field(default_factory=list)
    findings: list[tuple[str, str, int]] = field(default_factory=list)
    findings_file: Path | None = None


def receive_delivery(
    *,
    source: str,
    files: Sequence[Path],
    period: str,
    separator: str | None = None,
    encoding: str | None = None,
    mapping_file: Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: Any,
    now: dt.datetime,
) -> Received:
    """Validate the files of one source and keep them as a delivery, or refuse them whole.

    The same set of files again changes nothing and says so. A process killed at any moment leaves
    either the whole delivery or none: the folder is made aside and renamed, then the row written.

    Raises: BadInput `sources.mapping.*`, `sources.period.invalid`, `sources.file.not_found`,
    `sources.delivery.same_file_twice`; Misconfigured `sources.regions.missing`.
    """
    month = _read_period(period)
    mapping = _get_mapping(source, mapping_file)
    hashes = _hash_files(files)
    content_hash = hashlib.sha256("\n".join(sorted(hashes.values())).encode()).hexdigest()
    with advisory(f"delivery:{content_hash}"), working_folder(content_hash) as folder:
        existing = Delivery.objects.filter(content_hash=content_hash).first()
        if existing and existing.state == Delivery.State.RECEIVED and existing.folder.is_dir() and not dry_run:
            return _recall(existing)
        out = folder / "delivery"
        out.mkdir(mode=0o700)
        try:
            parts = find_current_parts(mapping.source)
            parts = [part for part in parts if part.delivery.content_hash != content_hash]
            result, regions_hash = _validate(mapping, files, month, folder, out, separator, encoding, progress, parts)
        except Refused as refused:
            return _refuse(content_hash, mapping, month, refused, dry_run=dry_run, by=by, now=now)
        if dry_run:
            return Received(content_hash, dry_run=True, files=result.files, findings=result.findings)
        if progress:
            progress("keep", 0)
        for path, digest in hashes.items():
            encrypt_file(path, out / "as_sent" / f"{digest}.sealed")
        if mapping_file:
            shutil.copyfile(mapping_file, out / OWN_MAPPING)
        write_manifest(out, _manifest(mapping, month, hashes, result, content_hash, regions_hash))
        place = _move_into_store(out, content_hash)
        before = parts[-1].delivery if parts else None
        delivery = _write_rows(content_hash, mapping, month, result, regions_hash, before, by=by, now=now)
        return Received(content_hash, delivery, files=result.files, findings=result.findings,
                        findings_file=place / "findings.parquet")  # fmt: skip


def _read_period(period: str) -> dt.date:
    found = re.fullmatch(r"(\d{4})-(\d{2})", period)
    try:
        return dt.date(int(found[1]), int(found[2]), 1) if found else dt.date.fromisoformat("")
    except ValueError:
        raise BadInput("sources.period.invalid", period=period) from None


def _get_mapping(source: str, mapping_file: Path | None) -> Mapping:
    if mapping_file is None:
        return load_mapping(source)
    mapping = read_mapping(mapping_file)
    if mapping.source != source:
        raise BadInput("sources.mapping.other_source", name=mapping_file.name, found=mapping.source, source=source)
    return mapping


def _hash_files(files: Sequence[Path]) -> dict[Path, str]:
    hashes: dict[Path, str] = {}
    for path in files:
        digest = hash_file(path)
        if digest in hashes.values():
            raise BadInput("sources.delivery.same_file_twice", name=path.name)
        hashes[path] = digest
    return hashes


def _validate(
    mapping: Mapping, files: Sequence[Path], month: dt.date, folder: Path, out: Path,
    separator: str | None, encoding: str | None, progress: Progress | None, parts: Sequence[CurrentPart],
) -> tuple[Result, str]:  # fmt: skip
    lookup = export_lookup(folder / "lookup")
    validation = Validation(
        mapping=mapping, rules=load_rules(), period=month, folder=folder, out=out, lookup=lookup,
        limits=get_limits(), progress=progress,
    )  # fmt: skip
    try:
        validation.prepare(list(files), separator=separator, encoding=encoding)
        if not validation.has_regions():
            raise Misconfigured("sources.regions.missing")
        return validation.run([Previous(part.delivery.folder, part.replaced) for part in parts]), hash_regions(lookup)
    finally:
        validation.close()


def _refuse(
    content_hash: str, mapping: Mapping, month: dt.date, refused: Refused, *, dry_run: bool, by: Any, now: dt.datetime
) -> Received:
    answer = Received(content_hash, dry_run=dry_run, refusal=(refused.code, refused.facts))
    if dry_run:
        return answer
    with transaction.atomic():
        answer.delivery, _ = Delivery.objects.update_or_create(
            content_hash=content_hash,
            defaults=_row(mapping, month, by, now)
            | {"state": Delivery.State.REFUSED, "refusal_code": refused.code, "refusal_facts": refused.facts},
        )
        record(
            "sources.delivery.refused", by=by, obj_type="delivery", obj_id=answer.delivery.pk,
            params={"source": mapping.source, "period": f"{month:%Y-%m}", "reason": refused.code}, now=now,
        )  # fmt: skip
    return answer


def _row(mapping: Mapping, month: dt.date, by: Any, now: dt.datetime) -> dict[str, Any]:
    return {
        "source": mapping.source,
        "period": month,
        "mapping_version": mapping.version,
        "rule_version": load_rules().version,
        "priority": mapping.priority,
        "complete": mapping.complete,
        "received_at": now,
        "received_by": by,
    }


def _manifest(
    mapping: Mapping, month: dt.date, hashes: dict[Path, str], result: Result, content_hash: str, regions_hash: str
) -> dict[str, Any]:
    return {
        "delivery": content_hash,
        "source": mapping.source,
        "period": f"{month:%Y-%m}",
        "mapping_version": mapping.version,
        "rule_version": load_rules().version,
        "priority": mapping.priority,
        "complete": mapping.complete,
        "as_sent": [{"name": path.name, "sha256": digest} for path, digest in hashes.items()],
        "files": [vars(file) for file in result.files],
        "findings": [{"rule": rule, "severity": severity, "n": n} for rule, severity, n in result.findings],
        "regencies": [vars(each) for each in result.regencies],
        "regions_hash": regions_hash,
        "read": result.read,
    }


def _move_into_store(out: Path, content_hash: str) -> Path:
    root = Path(settings.DTSEN_STORE_DIR) / "deliveries"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = root / content_hash
    if place.exists():  # a run was killed between its rename and its row
        shutil.rmtree(place)
    out.rename(place)
    make_durable(root)
    return place


def _write_rows(
    content_hash: str, mapping: Mapping, month: dt.date, result: Result, regions_hash: str, before: Delivery | None,
    *, by: Any, now: dt.datetime,
) -> Delivery:  # fmt: skip
    rows, accepted = sum(file.rows for file in result.files), sum(file.accepted for file in result.files)
    with transaction.atomic():
        delivery, _ = Delivery.objects.update_or_create(
            content_hash=content_hash,
            defaults=_row(mapping, month, by, now)
            | {
                "state": Delivery.State.RECEIVED,
                "rows": rows,
                "accepted": accepted,
                "refusal_code": "",
                "refusal_facts": {},
                "regions_hash": regions_hash,
                "compared_with": before,
            },
        )
        write_counts(delivery, result)
        record(
            "sources.delivery.received", by=by, obj_type="delivery", obj_id=delivery.pk,
            params={"source": mapping.source, "period": f"{month:%Y-%m}", "rows": rows, "accepted": accepted}, now=now,
        )  # fmt: skip
    return delivery


def _recall(delivery: Delivery) -> Received:
    files = [
        FileResult(file.name, file.role, file.rows, file.accepted, file.rejected, file.with_findings)
        for file in delivery.files.all()
    ]
    findings = list(delivery.finding_counts.values_list("rule", "severity", "n"))
    return Received(
        delivery.content_hash, delivery, already_there=True, files=files, findings=findings,
        findings_file=delivery.folder / "findings.parquet",
    )  # fmt: skip

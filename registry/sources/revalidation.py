"""Validating deliveries again when the rules, the mapping or the regions have changed since they came.

The text of a delivery lies beside its values (`<role>.raw.parquet`), so the file as sent stays sealed.
"""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from registry.common.audit import record
from registry.common.errors import DomainError
from registry.common.locks import advisory
from registry.common.tables import get_limits
from registry.sources.comparison import Previous
from registry.sources.keeping import (
    LOCK,
    NEXT,
    OWN_MAPPING,
    hash_regions,
    make_durable,
    settle_results,
    working_folder,
    write_counts,
)
from registry.sources.mapping import Mapping, load_mapping, read_mapping
from registry.sources.models import Delivery
from registry.sources.rules import load_rules
from registry.sources.selectors import find_current_parts
from registry.sources.validation import Result, Validation, write_manifest
from registry.wilayah import export_lookup

__all__ = ["revalidate_deliveries"]


def revalidate_deliveries(
    *, by: Any, now: dt.datetime, progress: Callable[[int, int], None] | None = None
) -> list[Delivery]:
    """Validate every current delivery again whose rules, mapping or regions are no longer those of today.

    Returns the deliveries that were validated again. One after the other, each in its own
    transaction: a run that is killed leaves the finished ones, and the next run takes up the rest.
    A second run at once changes nothing, and a build reads either the former results or the new ones:
    they lie whole beside the former when the row is written, and take their place under the lock that
    a build reads under.
    """
    done = []
    with working_folder("revalidate") as folder:
        lookup = export_lookup(folder / "lookup")
        today = hash_regions(lookup)
        waiting = [part.delivery for part in find_current_parts() if _is_outdated(part.delivery, today)]
        for number, delivery in enumerate(waiting):
            if progress:
                progress(number, len(waiting))
            place = folder / str(delivery.pk)
            (place / "out").mkdir(parents=True, mode=0o700)
            with advisory(f"delivery:{delivery.content_hash}"):
                delivery.refresh_from_db()
                if not _is_outdated(delivery, today):  # another run was first
                    continue
                _revalidate(delivery, place, lookup, today, by=by, now=now)
            done.append(delivery)
    return done


def _mapping_of(delivery: Delivery) -> Mapping:
    own = delivery.folder / OWN_MAPPING
    return read_mapping(own) if own.is_file() else load_mapping(delivery.source)


def _is_outdated(delivery: Delivery, regions_hash: str) -> bool:
    if not (delivery.folder / "manifest.json").is_file():
        return False
    try:
        mapping = _mapping_of(delivery)
    except DomainError:  # a mapping that no longer ships
        return False
    validated = (delivery.mapping_version, delivery.rule_version, delivery.regions_hash)
    return validated != (mapping.version, load_rules().version, regions_hash)


def _revalidate(delivery: Delivery, place: Path, lookup: Path, regions_hash: str, *, by: Any, now: dt.datetime) -> None:
    mapping, rules, out = _mapping_of(delivery), load_rules(), place / "out"
    manifest = json.loads((delivery.folder / "manifest.json").read_text(encoding="utf-8"))
    before = [
        Previous(part.delivery.folder, part.replaced)
        for part in find_current_parts(delivery.source)
        if delivery.compared_with_id == part.delivery.pk
    ]
    validation = Validation(
        mapping=mapping, rules=rules, period=delivery.period, folder=place, out=out, lookup=lookup, limits=get_limits()
    )
    try:
        validation.take_up(delivery.folder, manifest["read"])
        validation.has_regions()
        result = validation.run(before)
    finally:
        validation.close()
    kept = {each.regency: each for each in delivery.regencies.all()}
    for count in result.regencies:  # what it was compared with may be replaced by now: keep what was found then
        if count.persons_before is None and (was := kept.get(count.regency)):
            count.persons_before, count.persons_new = was.persons_before, was.persons_new
            count.persons_gone, count.persons_changed = was.persons_gone, was.persons_changed
    write_manifest(out, manifest | _news(mapping, rules.version, regions_hash, result))
    with advisory(LOCK):
        settle_results(delivery)
        out.rename(delivery.folder / NEXT)
        make_durable(delivery.folder)
        _write_row(delivery, mapping, rules.version, regions_hash, result, by=by, now=now)
        settle_results(delivery)


def _write_row(
    delivery: Delivery, mapping: Mapping, rule_version: int, regions_hash: str, result: Result,
    *, by: Any, now: dt.datetime,
) -> None:  # fmt: skip
    with transaction.atomic():
        delivery.mapping_version, delivery.rule_version = mapping.version, rule_version
        delivery.regions_hash = regions_hash
        delivery.rows = sum(file.rows for file in result.files)
        delivery.accepted = sum(file.accepted for file in result.files)
        delivery.save(update_fields=["mapping_version", "rule_version", "regions_hash", "rows", "accepted"])
        write_counts(delivery, result)
        record(
            "sources.delivery.revalidated", by=by, obj_type="delivery", obj_id=delivery.pk,
            params={"source": delivery.source, "rules": rule_version, "accepted": delivery.accepted}, now=now,
        )  # fmt: skip


def _news(mapping: Mapping, rule_version: int, regions_hash: str, result: Result) -> dict[str, Any]:
    return {
        "mapping_version": mapping.version,
        "rule_version": rule_version,
        "regions_hash": regions_hash,
        "files": [vars(file) for file in result.files],
        "findings": [{"rule": rule, "severity": severity, "n": n} for rule, severity, n in result.findings],
        "regencies": [vars(each) for each in result.regencies],
    }

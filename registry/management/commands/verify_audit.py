"""`verify_audit`: walk the hash chain of the audit events."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registry.common.sealing import Fault, verify_on_record
from registry.officers.actor import add_by_argument, get_actor

WHY = {
    "changed": "it was changed after it was sealed",
    "missing": "it was removed",
    "unlisted": "it was added past the sealer or taken off its list",
    "listed_twice": "two blocks list it",
    "block_changed": "the block was changed, or it does not follow from the one before",
    "block_missing": "the block is missing",
    "head_differs": "the block is not the one whose hash was kept",
    "head_missing": "the chain ends before the block whose hash was kept",
}


class Command(BaseCommand):
    """Exit 0 when every sealed event fits, 1 naming the first that does not."""

    help = "Walk the audit chain and name the first event that does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--known-head", help="NUMBER:HASH printed by an earlier run and kept elsewhere")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        add_by_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk and tell."""
        verdict = verify_on_record(by=get_actor(options), now=timezone.now(), known_head=options["known_head"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict)))
        if verdict.fault is not None:
            raise CommandError(_tell(verdict.fault), returncode=1)
        if options["json"]:
            return
        self.stdout.write(
            f"{verdict.events} events in {verdict.blocks} blocks fit;"
            f" {verdict.unsealed} not sealed yet"
            + (f", {verdict.overdue} of them overdue: is the sealer running?" if verdict.overdue else "")
        )
        if verdict.head:
            self.stdout.write(f"Head of the chain, to be kept elsewhere: {verdict.head}")


def _tell(fault: Fault) -> str:
    where = f" of block {fault.block}" if fault.block and fault.event else ""
    what = f"event {fault.event}{where}" if fault.event else f"block {fault.block}"
    return f"The audit chain breaks at {what}: {WHY[fault.why]}."

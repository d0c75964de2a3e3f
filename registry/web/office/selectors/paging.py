"""Pages by key: the address carries where the last page ended, so that page 1,000 costs as much as page 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE = 50


@dataclass
class Page:
    """Some rows, the way on and the way back to the start."""

    rows: list[Any] = field(default_factory=list)
    next_url: str = ""
    first_url: str = ""
    total: int | None = None


def keyset_page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    order: Sequence[str],
    key: Callable[[Any], Sequence[Any]] | None = None,
    size: int = PAGE,
) -> Page:
    """One page of `queryset` in `order` (names, minus = descending, the last one unique)."""
    names = [name.lstrip("-") for name in order]
    after = read_cursor(request)
    rows = queryset.order_by(*order)
    if after is not None and len(after) == len(order):
        rows = rows.filter(beyond(order, after))
    found = list(rows[: size + 1])
    page = Page(rows=found[:size])
    take = key or (lambda row: [getattr(row, name) for name in names])
    if len(found) > size:
        page.next_url = link(request, after=write_cursor(take(page.rows[-1])))
    if after is not None:
        page.first_url = link(request)
    return page


def beyond(order: Sequence[str], after: Sequence[Any]) -> Q:
    """The condition of lying after a key in a mixed order."""
    wanted = Q()
    for depth, name in enumerate(order):
        step = Q()
        for before, value in zip(order[:depth], after, strict=False):
            step &= Q(**{before.lstrip("-"): value})
        compare = "lt" if name.startswith("-") else "gt"
        wanted |= step & Q(**{f"{name.lstrip('-')}__{compare}": after[depth]})
    return wanted


def link(request: HttpRequest, **changes: str) -> str:
    """This page's address with its filters, without or with another place to go on from."""
    query = {k: v for k, v in request.GET.items() if k != "after" and v} | changes
    return f"{request.path}?{urlencode(query)}" if query else request.path


def write_cursor(key: Sequence[Any]) -> str:
    return signing.dumps([str(part) if not isinstance(part, int | float) else part for part in key], compress=True)


def read_cursor(request: HttpRequest) -> list[Any] | None:
    """Where the last page ended; a cursor that was tampered with starts from the beginning."""
    text = request.GET.get("after")
    if not text:
        return None
    try:
        return list(signing.loads(text))
    except signing.BadSignature:
        return None

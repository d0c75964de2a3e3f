"""The sections as the pages show them. A section is kept as long as what stands behind it stays the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from dtsen_site.transparency.cartogram import SHADES, Tile, lay_tiles
from registry.common.transparency import (
    NATION,
    Bars,
    Block,
    Column,
    Provider,
    Ranges,
    Section,
    Table,
    Tiles,
    Words,
    list_providers,
)
from registry.templatetags.dtsen import number, percent
from registry.wilayah.selectors import get_names

SHAPE = 1  # grows with the shape of a section, so that none is read that an older release kept
KEPT_FOR = 3600

log = logging.getLogger(__name__)


@dataclass
class Shown:
    """One block, ready for its template."""

    kind: str
    block: Block
    rows: list[Any] = field(default_factory=list)
    west: list[Tile] = field(default_factory=list)
    east: list[Tile] = field(default_factory=list)
    legend: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class Part:
    """One provider's section on a page."""

    name: str
    title: Words
    section: Section
    link: str
    blocks: list[Shown]


def tell(provider: Provider, province: str = NATION) -> Section:
    """Return a provider's section, as it was kept where nothing behind it has changed."""
    version = provider.version()
    if not version:
        return provider.tell(province)
    key = f"transparency:{SHAPE}:{provider.name}:{version}:{province}:{get_language()}"
    try:
        kept = cache.get(key)
        if kept is not None:
            return kept
        section = provider.tell(province)
        cache.set(key, section, KEPT_FOR)
    except RedisError:
        # the page is for everyone: it is slower without the store, never away
        log.warning("transparency: what was computed could not be kept")
        return provider.tell(province)
    return section


def show_parts(province: str = NATION) -> list[Part]:
    """Return the sections of the page, or of a province's page, in order."""
    return [
        _show(provider, tell(provider, province))
        for provider in list_providers()
        if provider.by_province or not province
    ]


def _show(provider: Provider, section: Section) -> Part:
    link = section.origin.link if section.origin else ()
    return Part(
        name=provider.name,
        title=provider.title,
        section=section,
        link=reverse(link[0], args=link[1:]) if link else "",
        blocks=[_show_block(block) for block in section.blocks],
    )


def _show_block(block: Block) -> Shown:
    if isinstance(block, Bars):
        total = sum(bar.value or 0 for bar in block.bars)
        largest = max((bar.value or 0 for bar in block.bars), default=0)
        rows = [(bar, largest, percent(bar.value, total) if bar.value is not None else "") for bar in block.bars]
        hidden = any(bar.value is None for bar in block.bars)
        # the shares of a chart with hidden lines would be shares of another whole
        return Shown("bars", block, [(bar, most, "" if hidden else share) for bar, most, share in rows])
    if isinstance(block, Ranges):
        return Shown("ranges", block, [_show_range(line, block) for line in block.lines])
    return _show_tiles(block)


def _show_range(line: Any, block: Ranges) -> tuple[Any, str, str]:
    def said(share: float) -> str:
        return number(100 * share, 1)

    return line, f"{said(line.value)}%", f"{said(line.low)}–{said(line.high)}%"


def _show_tiles(block: Tiles) -> Shown:
    west, east = lay_tiles(block.values, block.limits)
    names = get_names(block.values)
    rows = [
        (
            code,
            names.get(code, code),
            f"{number(100 * share, 1)}%" if share is not None else "–",
            block.further.get(code, ()),
        )
        for code, share in sorted(
            block.values.items(), key=lambda one: (one[1] is None, -(one[1] or 0.0), names.get(one[0], ""))
        )
    ]
    return Shown("tiles", block, rows, west, east, _legend(block.limits))


def _legend(limits: tuple[float, ...]) -> list[tuple[float, str]]:
    marks = [round(100 * limit) for limit in limits]
    words = [_("under %(n)s") % {"n": marks[0]}]
    words += [f"{low}–{high - 1}" for low, high in zip(marks, marks[1:], strict=False)]
    words.append(_("%(n)s and above") % {"n": marks[-1]})
    return list(zip(SHADES, words, strict=True))


def find_table(name: str) -> tuple[Provider, Table | None] | None:
    """Return the provider of a table and the table, None in place of what does not exist or is empty today."""
    for provider in list_providers():
        if name in provider.columns:
            tables = {table.name: table for table in tell(provider).tables}
            return provider, tables.get(name)
    return None


@dataclass(frozen=True)
class File:
    """One table as the dictionary describes it."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    rows: int
    version: str


def list_files() -> list[File]:
    """Return every table that can be downloaded, also those that are empty today."""
    found = []
    for provider in list_providers():
        section = tell(provider)
        tables = {table.name: table for table in section.tables}
        for name, (title, columns) in provider.columns.items():
            rows = len(tables[name].rows) if name in tables else 0
            found.append(File(name, title, columns, rows, section.origin.version if section.origin else ""))
    return found


def dictionary_rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield file, column, kind, label and meaning of every column of every table."""
    for file in list_files():
        for column in file.columns:
            yield file.name, column.name, column.kind, str(column.label), str(column.meaning)

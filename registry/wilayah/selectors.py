"""Questions to the regions: names, places within a place, old codes, and the lookup for DuckDB."""

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from registry.common.errors import BadInput
from registry.wilayah.codes import NO_REGION, ancestors_of, dotted
from registry.wilayah.models import BpsBridge, Region
from registry.wilayah.querysets import within


def get_region(code: str) -> Region:
    """Return the region of a code with or without dots.

    Raises: BadInput `wilayah.region.unknown`.
    """
    try:
        return Region.objects.get(code=dotted(code))
    except (ValueError, Region.DoesNotExist) as error:
        raise BadInput("wilayah.region.unknown", region=code) from error


def get_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of codes; a code that is not known is left out."""
    wanted = set(codes)
    names = dict(Region.objects.filter(code__in=wanted).values_list("code", "name"))
    return names | {NO_REGION: gettext("place unknown")} if NO_REGION in wanted else names


def get_place(code: str, *, above: int = 2) -> str:
    """Return a place in words from the code's region outwards: "Caturharjo, Sleman, …".

    `above` is the outermost level named (1 province, 2 regency, 3 district). Empty code: the
    nation.
    """
    return get_places([code], above=above)[code]


def get_places(codes: Iterable[str], *, above: int = 2) -> dict[str, str]:
    """Return places in words by their codes, as `get_place` says each, in one query."""
    lineages = {code: ancestors_of(code) if code else [] for code in codes}
    names = get_names(part for lineage in lineages.values() for part in lineage)
    return {
        code: ", ".join(names.get(part, part) for part in reversed(lineage[above - 1 :] or lineage)) or "Indonesia"
        for code, lineage in lineages.items()
    }


def get_children(code: str = "", *, on: dt.date | None = None) -> list[tuple[str, str]]:
    """Return code and name of the regions directly below, in force that day (default today)."""
    regions = Region.objects.in_force(on or timezone.localdate())
    return list(regions.filter(parent=code or None).values_list("code", "name"))


_KINDS_OF_PLACE = re.compile(r"^(desa|kelurahan|kel|kecamatan|kec|kampung|nagari|gampong)[. ]+", re.IGNORECASE)
_MOST_PLACES = 40


def find_places(text: str, *, within_codes: Iterable[str]) -> list[str]:
    """Return codes of the villages and districts called so within regions ("" is the nation).

    The very name first; else names that begin so; else names spelled nearly so.
    """
    name = _KINDS_OF_PLACE.sub("", text.strip())
    wanted = Q(pk__in=[])
    for code in within_codes:
        wanted |= Q(level__gte=3) & within(code, "code")
    regions = Region.objects.filter(wanted, level__gte=3)
    for condition in (Q(name__iexact=name), Q(name__istartswith=name)):
        codes = list(regions.filter(condition).order_by("code").values_list("code", flat=True)[:_MOST_PLACES])
        if codes:
            return codes
    near = regions.annotate(likeness=TrigramSimilarity("name", name)).filter(likeness__gte=0.4)
    return list(near.order_by("-likeness", "code").values_list("code", flat=True)[:5])


def find_current_codes(code: str) -> list[str]:
    """Return the codes in force today that a code leads to, through every succession."""
    seen: set[str] = set()
    open_codes = [code]
    today = timezone.localdate()
    current: list[str] = []
    while open_codes:
        regions = Region.objects.filter(code__in=open_codes).prefetch_related("successions")
        open_codes = []
        for region in regions:
            seen.add(region.code)
            if (region.valid.upper is None or region.valid.upper > today) and not region.valid.isempty:
                current.append(region.code)
                continue
            following = {s.new_id for s in region.successions.all()}
            following |= {region.successor_id} if region.successor_id else set()
            open_codes += sorted(following - seen)
    return sorted(current)


def find_bps_regencies() -> dict[str, str]:
    """Return the dotted Kemendagri code of each BPS regency.

    The two systems share digits that mean different places: 3171 of BPS is 31.74.
    """
    return dict(BpsBridge.objects.filter(bps_code__regex=r"^\d{4}$").values_list("bps_code", "region_id"))


def get_nik_region_codes(*, on: dt.date | None = None) -> dict[str, str]:
    """Return the six digits a NIK may begin with: ``{"340201": "current" | "historic"}``.

    Of a recoded regency the districts known under the old code are historic; a NIK keeps the
    code of first registration for life.
    """
    day = on or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(code, '.', ''), CASE WHEN valid @> %s::date THEN 'current'"
            " ELSE 'historic' END FROM registry_region WHERE level = 3",
            [day],
        )
        return dict(cursor.fetchall())


_REGIONS = """
    COPY (
        SELECT region.code, region.name, region.level, region.parent_id AS parent,
               upper(regexp_replace(region.name, '[^0-9A-Za-z]', '', 'g')) AS name_key,
               region.valid @> current_date AS in_force,
               CASE WHEN region.valid @> current_date THEN region.code
                    ELSE region.successor_id END AS current_code
        FROM registry_region region ORDER BY region.code
    ) TO STDOUT WITH (FORMAT csv, HEADER)
"""

_BRIDGE = """
    COPY (
        SELECT bridge.bps_code, bridge.bps_name,
               CASE WHEN region.valid @> current_date THEN region.code
                    ELSE region.successor_id END AS code
        FROM registry_bpsbridge bridge JOIN registry_region region ON region.code = region_id
        WHERE region.valid @> current_date OR region.successor_id IS NOT NULL
        ORDER BY bridge.bps_code
    ) TO STDOUT WITH (FORMAT csv, HEADER)
"""

_TEXT = ("code", "name", "parent", "name_key", "current_code", "bps_code", "bps_name")


def export_lookup(path: str | Path) -> Path:
    """Write the regions and the BPS bridge as Parquet for DuckDB and return the folder.

    ``<path>/regions.parquet``: `code` (dotted), `name`, `level` smallint (1 province … 4
    village), `parent` (null for provinces), `name_key` (letters and digits, upper case),
    `in_force` bool (today), `current_code` (itself, or its successor when it ended; null when it
    has none). Regions no longer in force are there too: a NIK or an older file may name them.

    ``<path>/bridge.parquet``: `bps_code` (2, 4 or 7 digits: province, regency, district),
    `bps_name`, `code` (the dotted Kemendagri code of today). A BPS code whose region has no
    certain successor is not there.
    """
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in (("regions", _REGIONS), ("bridge", _BRIDGE)):
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            content = b"".join(copy)
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            convert_options=pa_csv.ConvertOptions(
                column_types={column: pa.string() for column in _TEXT} | {"level": pa.int16(), "in_force": pa.bool_()},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
        half = folder / f".{name}.parquet.part"
        pq.write_table(table, half, compression="zstd")
        half.replace(folder / f"{name}.parquet")
    return folder

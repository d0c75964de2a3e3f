"""What rankings publish: who stands in which desil, how wrong the model is by its own card, which places are ranked.

Counts come from the summary that is written with a run, never from the families' rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.db.models.functions import Left, Length
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from registry.common.suppression import LEAST
from registry.common.transparency import (
    Bar,
    Bars,
    Column,
    Origin,
    Provider,
    Range,
    Ranges,
    Section,
    Stat,
    Table,
    Tiles,
    register_provider,
)
from registry.desil.models import NATION, RankModel, RankRun, RankSummary
from registry.desil.published_counts import DESILS, find_shown_table
from registry.desil.selectors import find_published_run
from registry.wilayah.models import Region
from registry.wilayah.selectors import get_names

POOREST = 4  # the shade of the map: families in desil 1 to 4, for whom most programmes are
DESIL_SHADES = (0.3, 0.4, 0.5, 0.6)
PLACE_SHADES = (0.25, 0.5, 0.75, 0.95)

PROVINCE = Column(
    "kode_provinsi",
    "text",
    gettext_lazy("Province code"),
    gettext_lazy("Kemendagri code of the province; 00 is Indonesia"),
)
PROVINCE_NAME = Column("provinsi", "text", gettext_lazy("Province"), gettext_lazy("Name of the province"))
AS_OF = Column("per_tanggal", "date", gettext_lazy("As of"), gettext_lazy("The day that the numbers describe"))
VERSION = Column(
    "versi",
    "text",
    gettext_lazy("Version"),
    gettext_lazy("What stands behind the numbers: the run, the model or the design"),
)
DESIL_COLUMNS = (
    PROVINCE,
    PROVINCE_NAME,
    Column("desil", "count", gettext_lazy("Desil"), gettext_lazy("1 is the poorest tenth, 10 the best-off; 0 is all together")),
    Column("keluarga", "count", gettext_lazy("Families"), gettext_lazy("Families (one family card each); empty where hidden")),
    Column("jiwa", "count", gettext_lazy("Persons"), gettext_lazy("Persons in these families; empty where hidden")),
    Column("disembunyikan", "count", gettext_lazy("Hidden"), gettext_lazy("1 where the number is hidden so that nobody can be recognised, else 0")),
    AS_OF,
    VERSION,
)  # fmt: skip
ERROR_COLUMNS = (
    Column("termiskin_persen", "count", gettext_lazy("Poorest"), gettext_lazy("The share of the people that is served, in percent, from the poorest on")),
    Column("kesalahan", "text", gettext_lazy("Error"), gettext_lazy("eksklusi: poor people who are missed; inklusi: people served who are not that poor")),
    Column("nilai", "share", gettext_lazy("Value"), gettext_lazy("The estimated share, 0 to 1")),
    Column("bawah", "share", gettext_lazy("Lower bound"), gettext_lazy("Lower bound of the 95% interval")),
    Column("atas", "share", gettext_lazy("Upper bound"), gettext_lazy("Upper bound of the 95% interval")),
    Column("terbaik", "share", gettext_lazy("Best possible"), gettext_lazy("The smallest error possible at the model's R²")),
    Column("satuan", "text", gettext_lazy("Unit"), gettext_lazy("jiwa: shares of persons; keluarga: shares of families")),
    AS_OF,
    VERSION,
)  # fmt: skip
PLACE_COLUMNS = (
    PROVINCE,
    PROVINCE_NAME,
    Column("kabupaten_ada", "count", gettext_lazy("Regencies with families"), gettext_lazy("Regencies and cities with at least one ranked family")),
    Column("kabupaten", "count", gettext_lazy("Regencies"), gettext_lazy("Regencies and cities of the province")),
    Column("desa_ada", "count", gettext_lazy("Villages with families"), gettext_lazy("Villages with at least one ranked family")),
    Column("desa", "count", gettext_lazy("Villages"), gettext_lazy("Villages of the province")),
    AS_OF,
    VERSION,
)  # fmt: skip


def version_of_run() -> str:
    """Name the published run, nothing where there is none."""
    run = find_published_run()
    return str(run.pk) if run else ""


def origin_of(run: RankRun) -> Origin:
    """Say which ranking stands behind numbers."""
    if run.kind == RankRun.Kind.OFFICIAL or run.model_id is None:
        return Origin(_("Official ranking %(id)s") % {"id": run.pk}, run.as_of, f"ranking-{run.pk}")
    said = _("Ranking %(id)s, model %(model)s") % {"id": run.pk, "model": run.model_id}
    return Origin(said, run.as_of, f"ranking-{run.pk}.model-{run.model_id}", ("public:model", run.model_id))


def _hidden_or(value: int, hidden: bool) -> int | None:
    return None if hidden else value


def tell_desil(province: str) -> Section:
    """Families and persons by desil, of the nation or of a province, small counts hidden."""
    run = find_published_run()
    if run is None:
        return Section(empty=_("No ranking is published yet."))
    table = find_shown_table(run)
    rows, pattern = table.rows, table.pattern
    if province not in rows and (province or not rows):
        return Section(origin=origin_of(run), empty=_("The published ranking holds no family here."))
    codes = list(rows)
    counts = {code: row.counts for code, row in rows.items()}
    shown: dict[str, list[tuple[int | None, int | None]]] = {}
    for at, code in enumerate(codes):
        cells = [
            (_hidden_or(families, hidden), _hidden_or(persons, hidden))
            for (families, persons), hidden in zip(counts[code], pattern.cells[at], strict=True)
        ]
        shown[code] = [*cells, _total(counts[code], pattern.rows[at])]
    columns = [[counts[code][at] for code in codes] for at in range(len(DESILS))]
    every = [pair for column in columns for pair in column]
    shown[NATION] = [
        *(_total(column, hidden) for column, hidden in zip(columns, pattern.columns, strict=True)),
        _total(every, pattern.total),
    ]
    *cells, (families, persons) = shown[province]
    bars = Bars(
        title=_("Families and persons by desil"),
        counted=_("Families"),
        beside=_("Persons"),
        lead=_("Desil 1 is the poorest tenth, desil 10 the best-off."),
        bars=tuple(
            Bar(_("Desil %(n)s") % {"n": desil}, *cell) for desil, cell in zip(DESILS, cells, strict=True)
        ),
    )  # fmt: skip
    tiles = Tiles(
        title=_("Families in desil 1 to 4, by province"),
        said=_("Share in desil 1–4"),
        lead=_("Of the families ranked in a province, the share that stands in desil 1 to 4."),
        values={code: _poor_share(shown[code]) for code in codes},
        limits=DESIL_SHADES,
        columns=(_("Families"), _("Persons")),
        further={code: shown[code][-1] for code in codes},
    )
    names = get_names(codes) | {NATION: "Indonesia"}
    behind = {code: row.run for code, row in rows.items()} | {NATION: run}
    kept = sum(one != run for code, one in behind.items() if province in (NATION, code))
    file = Table(
        "desil",
        _("Families and persons by desil and province"),
        DESIL_COLUMNS,
        tuple(
            (
                code or "00",
                names.get(code, code),
                desil,
                *cell,
                int(cell[0] is None),
                behind[code].as_of,
                origin_of(behind[code]).version,
            )
            for code in [NATION, *codes]
            for desil, cell in zip([*DESILS, 0], shown[code], strict=True)
        ),
    )
    return Section(
        lead=_("Every family of the register is ranked by an estimate of what it spends per person."),
        origin=origin_of(run),
        stats=(Stat(families, _("families ranked")), Stat(persons, _("persons in these families"))),
        blocks=(bars,) if province else (bars, tiles),
        tables=(file,),
        note=_(
            "Counts of 1 to %(most)s families are hidden, and so many others that a hidden one cannot be worked out."
        )
        % {"most": LEAST - 1}
        + (
            " "
            + ngettext(
                "In %(n)s province fewer than %(least)s families moved since an earlier ranking; it keeps that one's"
                " figures, so that the difference tells of nobody.",
                "In %(n)s provinces fewer than %(least)s families moved since an earlier ranking; they keep that one's"
                " figures, so that the difference tells of nobody.",
                kept,
            )
            % {"n": kept, "least": LEAST}
            if kept
            else ""
        ),
    )


def _total(pairs: Iterable[tuple[int, int]], hidden: bool) -> tuple[int | None, int | None]:
    rows = list(pairs)
    return (None, None) if hidden else (sum(row[0] for row in rows), sum(row[1] for row in rows))


def _poor_share(cells: list[tuple[int | None, int | None]]) -> float | None:
    """Return the share in desil 1 to 4; None as soon as one of its numbers is hidden."""
    poor = [families for families, _ in cells[:POOREST]]
    total = cells[-1][0]
    if not total or any(families is None for families in poor):
        return None
    return sum(families or 0 for families in poor) / total


def tell_model_errors(province: str) -> Section:
    """Exclusion and inclusion of the model behind the published ranking, from its card."""
    run = find_published_run()
    if run is None:
        return Section(empty=_("No ranking is published yet."))
    if run.model is None or run.kind == RankRun.Kind.OFFICIAL:
        return Section(
            origin=origin_of(run),
            empty=_("The published ranking is an official one that came without a measure of its errors."),
        )
    card = run.model.card
    word = 1 if (get_language() or "id").startswith("en") else 0
    lines: list[dict[str, Any]] = card["errors"][card["unit"]]
    said = {name: pair[word] for name, pair in card["definitions"].items()}
    blocks = tuple(
        Ranges(
            title=title,
            lead=said[kind],
            lines=tuple(
                Range(
                    _("Poorest %(quota)s%%") % {"quota": line["quota"]},
                    "",
                    line[kind]["value"],
                    line[kind]["low"],
                    line[kind]["high"],
                )
                for line in lines
            ),
        )
        for kind, title in (("exclusion", _("Exclusion error of the model")), ("inclusion", _("Inclusion error of the model")))
    )  # fmt: skip
    origin = Origin(
        _("Card of model %(model)s, from the survey %(survey)s: %(n)s households")
        % {"model": run.model_id, "survey": run.model.survey_name, "n": card["survey"]["households"]},
        run.model.fitted_at.date(),
        f"model-{run.model_id}",
        ("public:model", run.model_id),
    )
    unit = {"person": "jiwa", "family": "keluarga"}[card["unit"]]
    table = Table(
        "kesalahan-model",
        _("Errors of the model"),
        ERROR_COLUMNS,
        tuple(
            (line["quota"], told, *(round(line[kind][part], 4) for part in ("value", "low", "high")),
             round(line["best_possible"], 4), unit, origin.as_of, origin.version)
            for kind, told in (("exclusion", "eksklusi"), ("inclusion", "inklusi"))
            for line in lines
        ),
    )  # fmt: skip
    return Section(
        lead=_(
            "How often the model alone would be wrong, measured on families of the survey that it had not seen. It says"
            " nothing of wrong data, of families that are missing, or of decisions."
        ),
        origin=origin,
        blocks=blocks,
        tables=(table,),
        note=said["interval"]
        + (
            " " + _("As many are served as truly belong there, so both errors are the same share.")
            if all(line["exclusion"]["value"] == line["inclusion"]["value"] for line in lines)
            else ""
        ),
    )


def tell_places(province: str) -> Section:
    """Which share of the regencies and villages has ranked families."""
    run = find_published_run()
    if run is None:
        return Section(empty=_("No ranking is published yet."))
    ranked = {length: _ranked_places(run, length) for length in (5, 13)}
    there = {level: _places(run, level) for level in (Region.Level.REGENCY, Region.Level.VILLAGE)}
    regencies, villages = there[Region.Level.REGENCY], there[Region.Level.VILLAGE]
    codes = [province] if province else sorted(regencies)
    if province and province not in regencies:
        return Section(origin=origin_of(run), empty=_("The published ranking holds no family here."))
    names = get_names(codes)

    def line(code: str) -> tuple[int, int, int, int]:
        return ranked[5].get(code, 0), regencies.get(code, 0), ranked[13].get(code, 0), villages.get(code, 0)

    lines = {code: line(code) for code in codes}
    sums = [sum(row[at] for row in lines.values()) for at in range(4)]
    tiles = Tiles(
        title=_("Villages with ranked families, by province"),
        said=_("Villages with families"),
        lead=_("Of all villages of a province, the share with at least one ranked family."),
        values={code: row[2] / row[3] if row[3] else None for code, row in lines.items()},
        limits=PLACE_SHADES,
        columns=(_("Villages with families"), _("Villages")),
        further={code: (row[2], row[3]) for code, row in lines.items()},
    )
    table = Table(
        "cakupan",
        _("Coverage of regencies and villages by province"),
        PLACE_COLUMNS,
        tuple((code, names.get(code, code), *lines[code], run.as_of, origin_of(run).version) for code in codes),
    )
    return Section(
        lead=_(
            "A village without a family here has not been delivered or built yet. Which families are missing in a"
            " village is estimated by uji petik, and told there."
        ),
        origin=origin_of(run),
        stats=(
            Stat(sums[0], _("regencies and cities with families"), _("of %(n)s") % {"n": sums[1]}),
            Stat(sums[2], _("villages with families"), _("of %(n)s") % {"n": sums[3]}),
        ),
        blocks=() if province else (tiles,),
        tables=(table,),
    )


def _ranked_places(run: RankRun, length: int) -> dict[str, int]:
    rows = (
        RankSummary.objects.annotate(length=Length("region_code"), province=Left("region_code", 2))
        .filter(run=run, length=length)
        .values_list("province")
        .annotate(places=Count("region_code", distinct=True))
        .order_by("province")
    )
    return dict(rows)


def _places(run: RankRun, level: int) -> dict[str, int]:
    rows = (
        Region.objects.in_force(run.as_of)
        .filter(level=level)
        .annotate(province=Left("code", 2))
        .values_list("province")
        .annotate(places=Count("code"))
        .order_by("province")
    )
    return dict(rows)


def find_public_models() -> list[RankModel]:
    """Return the models that stand behind a published ranking, newest first; no other is public."""
    behind = RankRun.objects.exclude(published_at=None).exclude(model=None).values("model")
    return list(RankModel.objects.select_related("predecessor").filter(pk__in=behind).order_by("-version"))


register_provider(
    Provider(
        "desil", 10, gettext_lazy("Who stands in which desil"), version_of_run, tell_desil, by_province=True,
        columns={"desil": (gettext_lazy("Families and persons by desil and province"), DESIL_COLUMNS)},
    )
)  # fmt: skip
register_provider(
    Provider(
        "kesalahan-model", 20, gettext_lazy("How often the model is wrong"), version_of_run, tell_model_errors,
        columns={"kesalahan-model": (gettext_lazy("Errors of the model"), ERROR_COLUMNS)},
    )
)  # fmt: skip
register_provider(
    Provider(
        "cakupan", 40, gettext_lazy("Where the register reaches"), version_of_run, tell_places, by_province=True,
        columns={"cakupan": (gettext_lazy("Coverage of regencies and villages by province"), PLACE_COLUMNS)},
    )
)  # fmt: skip

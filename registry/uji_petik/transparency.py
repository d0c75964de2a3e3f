"""What uji petik publishes: the newest estimate of every closed sample, each error over its own denominator."""

from __future__ import annotations

from django.db.models import Max
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.common.transparency import (
    Column,
    Origin,
    Provider,
    Range,
    Ranges,
    Section,
    Table,
    register_provider,
)
from registry.uji_petik.estimating import EXCLUSION, FAMILIES, INCLUSION
from registry.uji_petik.models import JUDGING, Design, ErrorKind, Estimate
from registry.uji_petik.states import DesignState
from registry.wilayah.selectors import get_place

LEAST_ANSWERS = 10  # a rate from fewer answers is not published: who was asked could be recognised
MOST_PRECISE = 5  # a sample of a village or kecamatan is told as its regency's

KINDS = ("", EXCLUSION, INCLUSION, FAMILIES)  # the rates that are published; those of single strata are not

# What each error is a share of (targeting: five errors, never added up, never mixed).
DENOMINATORS: dict[str, Promise] = {
    ErrorKind.COVERAGE: gettext_lazy("Share of the people who live there, on a list or not, that the register lacks."),
    FAMILIES: gettext_lazy("Share of the families that live there, on a list or not, of whom the register has nobody."),
    ErrorKind.DATA: gettext_lazy("Share of the families whose recorded facts differ from what was found at home."),
    ErrorKind.MODEL: gettext_lazy("Share of the families whose rank differs from their true welfare."),
    ErrorKind.RULE: gettext_lazy("Share of the families that are eligible and not served, or served and not eligible."),
    EXCLUSION: gettext_lazy("Of the families that belong among the poor, the share that the ranking leaves out."),
    INCLUSION: gettext_lazy("Of the families ranked among the poor, the share that does not belong there."),
    ErrorKind.PROCESS: gettext_lazy("Share of the families decided or paid against the evidence."),
}
TITLES: dict[str, Promise] = {
    ErrorKind.COVERAGE: gettext_lazy("Coverage error, people"),
    FAMILIES: gettext_lazy("Coverage error, families"),
    ErrorKind.DATA: gettext_lazy("Data error"),
    ErrorKind.MODEL: gettext_lazy("Model error"),
    ErrorKind.RULE: gettext_lazy("Rule error"),
    EXCLUSION: gettext_lazy("Exclusion by rank, found at home"),
    INCLUSION: gettext_lazy("Inclusion by rank, found at home"),
    ErrorKind.PROCESS: gettext_lazy("Process error"),
}
COLUMNS = (
    Column("kesalahan", "text", gettext_lazy("Error"), gettext_lazy("coverage (people), families (coverage of families), data, model, rule, process, exclusion or inclusion; each has its own denominator")),
    Column("kode_wilayah", "text", gettext_lazy("Region code"), gettext_lazy("Kemendagri code of the regency or province; empty is Indonesia")),
    Column("wilayah", "text", gettext_lazy("Region"), gettext_lazy("Name of the region")),
    Column("kerangka", "text", gettext_lazy("Frame"), gettext_lazy("everyone: all families; below_line: up to the desil; above_line: above it")),
    Column("batas_desil", "count", gettext_lazy("Desil of the frame"), gettext_lazy("The desil that the frame ends or begins at; empty where it is all families")),
    Column("nilai", "share", gettext_lazy("Value"), gettext_lazy("The estimated share, 0 to 1")),
    Column("bawah", "share", gettext_lazy("Lower bound"), gettext_lazy("Lower bound of the interval")),
    Column("atas", "share", gettext_lazy("Upper bound"), gettext_lazy("Upper bound of the interval")),
    Column("kepercayaan", "share", gettext_lazy("Confidence"), gettext_lazy("Confidence of the interval, 0 to 1")),
    Column("jawaban", "count", gettext_lazy("Answers"), gettext_lazy("Families that were reached and answered for")),
    Column("respons", "share", gettext_lazy("Response"), gettext_lazy("Share of the drawn families that were reached")),
    Column("efek_rancangan", "share", gettext_lazy("Design effect"), gettext_lazy("Variance against a simple random sample of the same size")),
    Column("metode", "text", gettext_lazy("Method"), gettext_lazy("How the interval was computed")),
    Column("per_tanggal", "date", gettext_lazy("As of"), gettext_lazy("The day that the numbers describe")),
    Column("versi", "text", gettext_lazy("Version"), gettext_lazy("What stands behind the numbers: the run, the model or the design")),
)  # fmt: skip


def find_public_estimates() -> list[Estimate]:
    """Return the newest rates of each closed design: of its whole frame, and of a rank's two sides; newest first."""
    public = Estimate.objects.filter(design__state=DesignState.CLOSED, domain__in=KINDS, n__gte=LEAST_ANSWERS).exclude(
        design__method__in=JUDGING  # few families of one place say nothing of the regency that it would be told as
    )
    best: dict[tuple[int, str], Estimate] = {}
    # a rate corrected for the checkers' mistakes comes after the plain one, and is the better one
    for one in public.select_related("design").order_by("estimated_at", "id"):
        best[one.design_id, one.domain] = one
    return sorted(best.values(), key=lambda one: (-one.estimated_at.timestamp(), -one.design_id, one.domain))


def kind_of(one: Estimate) -> str:
    """Return which error a rate is about: that of its design, or one side of a rank."""
    return one.domain or one.design.error


def version_of_estimates() -> str:
    """Name the newest public estimate; a design that is closed later counts too."""
    estimates = Estimate.objects.filter(design__state=DesignState.CLOSED).exclude(design__method__in=JUDGING)
    newest = estimates.aggregate(newest=Max("id"))["newest"]
    return f"{newest}.{estimates.values('design').distinct().count()}" if newest else ""


def tell_estimates(province: str) -> Section:
    """The errors that closed samples found, one chart for each kind, none added to another."""
    found = [one for one in find_public_estimates() if one.design.region_code.startswith(province)]
    if not found:
        return Section(empty=_("No uji petik has been closed here yet."))
    blocks = tuple(
        Ranges(
            title=str(TITLES[kind]),
            lead=str(DENOMINATORS[kind]),
            lines=tuple(_range(one) for one in found if kind_of(one) == kind),
        )
        for kind in TITLES
        if any(kind_of(one) == kind for one in found)
    )
    newest = found[0]
    origin = Origin(
        _("Closed samples, the newest: uji petik %(design)s") % {"design": newest.design_id},
        newest.estimated_at.date(),
        f"uji-petik-{newest.design_id}",
    )
    table = Table(
        "uji-petik",
        _("Errors found by uji petik"),
        COLUMNS,
        tuple(
            (
                kind_of(one), _public_code(one.design), get_place(_public_code(one.design), above=1),
                one.design.frame, one.design.line, round(one.value, 4), round(one.low, 4), round(one.high, 4), one.level,
                one.n, round(one.response, 4), round(one.deff, 3) if one.deff is not None else None, one.method,
                one.estimated_at.date(), f"uji-petik-{one.design_id}",
            )
            for one in found
        ),
    )  # fmt: skip
    return Section(
        lead=_("Families drawn by chance are visited at home, and what is found is held against the register."),
        origin=origin,
        blocks=blocks,
        tables=(table,),
        note=_("Each error has a denominator of its own: they cannot be added up, nor set against those of the model."),
    )


def _public_code(design: Design) -> str:
    return design.region_code[:MOST_PRECISE]


def _range(one: Estimate) -> Range:
    design = one.design
    frame = design.get_frame_display()
    if design.line is not None:
        frame = {
            Design.Frame.BELOW_LINE: _("families in desil 1 to %(line)s"),
            Design.Frame.ABOVE_LINE: _("families above desil %(line)s"),
            Design.Frame.EVERYONE: _("all families, held against the line of desil %(line)s"),
        }[Design.Frame(design.frame)] % {"line": design.line}
    basis = _("%(n)s families answered for, %(response)s%% of those drawn; interval of %(level)s%%") % {
        "n": one.n,
        "response": round(100 * one.response),
        "level": round(100 * one.level),
    }
    if one.method == "chapman":
        frame = _("an independent list of the area")
        basis = _(
            "%(n)s on the list; interval of %(level)s%%; %(low)s to %(high)s%% if the lists depend on each other (odds"
            " ratio 0.5 to 2)"
        ) % {
            "n": one.n, "level": round(100 * one.level), "low": number_format(100 * one.note["band_low"], 1),
            "high": number_format(100 * one.note["band_high"], 1),
        }  # fmt: skip
    return Range(get_place(_public_code(design), above=1), frame, one.value, one.low, one.high, basis)


register_provider(
    Provider(
        "uji-petik", 30, gettext_lazy("What was found at home: uji petik"), version_of_estimates, tell_estimates,
        by_province=True, columns={"uji-petik": (gettext_lazy("Errors found by uji petik"), COLUMNS)},
    )
)  # fmt: skip

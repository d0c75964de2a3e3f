"""Tags and filters of our templates: icons, tones, dates, numbers and masks, in the words of the interface.

What a value means (code labels, sentences of findings) comes from the dictionary and the stages; here it only gets its form.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

THEMES = ("light", "dark")
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
MESSAGE_TONES = {"success": "ok", "info": "info", "warning": "wait", "error": "late", "debug": "info"}
MESSAGE_ICONS = {"success": "cek", "info": "info", "warning": "awas", "error": "awas", "debug": "info"}


@register.simple_tag
def sprite(name: str) -> str:
    """The address of one symbol of the sprite."""
    return f"{static('icons/sprite.svg')}#{name}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon beside a word (hidden from screen readers)."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}"/></svg>', sprite(name))


@register.simple_tag
def chip(tone: str, word: str, symbol: str = "") -> SafeString:
    """One status or one reason: tone, word and, nearly always, an icon."""
    return format_html('<span class="chip {}">{}{}</span>', tone, icon(symbol) if symbol else "", word)


@register.simple_block_tag
def note(content: str, tone: str = "info", symbol: str = "") -> SafeString:
    """One thing to know before acting."""
    symbols = {"ok": "cek", "info": "info", "wait": "awas", "late": "awas"}
    return format_html(
        '<div class="note {}">{}<div class="stack tight">{}</div></div>',
        tone,
        icon(symbol or symbols[tone]),
        mark_safe(content),  # noqa: S308 - the block was rendered, and escaped, by the template engine
    )


@register.simple_tag
def bar(value: float, total: float, tone: str = "info", label: str = "", tall: bool = False) -> SafeString:
    """A bar whose width lives in SVG attributes, so that no inline style is needed."""
    share = max(0.0, min(100.0, 100 * float(value or 0) / float(total))) if total else 0.0
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bar{} {}" viewBox="0 0 100 8" preserveAspectRatio="none" {}><rect width="{}" height="8"/></svg>',
        " tall" if tall else "",
        tone,
        role,
        f"{share:.1f}",
    )


@register.simple_tag
def range_bar(low: float, high: float, at: float, total: float, label: str = "") -> SafeString:
    """An interval with its value on a line from nought to `total`."""
    left, right, middle = (100 * max(0.0, min(float(one), total)) / total for one in (low, high, at))
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="bar tall" viewBox="0 0 100 8" preserveAspectRatio="none" {}>'
        '<rect x="{}" y="2.6" width="{}" height="2.8" fill-opacity=".45"/>'
        '<rect x="{}" width="2" height="8"/></svg>',
        role,
        f"{left:.1f}",
        f"{max(right - left, 0.5):.1f}",
        f"{max(middle - 1, 0):.1f}",
    )


@register.simple_tag
def curve(points: list[tuple[float, float]], label: str) -> SafeString:
    """A line through points whose both sides run from nought to one."""
    path = " ".join(f"{100 * x:.1f},{50 - 48 * y:.1f}" for x, y in points)
    return format_html(
        '<svg class="sunk" viewBox="0 0 100 50" preserveAspectRatio="none" height="120" width="100%" role="img"'
        ' aria-label="{}"><polyline class="ln" points="{}" fill="none" stroke-width="2"'
        ' vector-effect="non-scaling-stroke"/></svg>',
        label,
        path,
    )


@register.simple_tag(takes_context=True)
def theme_class(context: template.Context) -> SafeString | str:
    """The theme that the person chose, as a class of the html element."""
    request = context.get("request")
    theme = request.COOKIES.get("theme") if request else None
    return format_html(' class="{}"', theme) if theme in THEMES else ""


@register.filter
def message_tone(level: str) -> str:
    return MESSAGE_TONES.get(level or "info", "info")


@register.filter
def message_icon(level: str) -> str:
    return MESSAGE_ICONS.get(level or "info", "info")


@register.filter
def number(value: Any, decimals: int = 0) -> str:
    """1234567 -> 1.234.567 in Indonesian, 1,234,567 in English."""
    if value is None or value == "":
        return "–"
    if isinstance(value, str):
        return value
    # Django cuts the decimals off: 6.76 would become 6.7.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True)


@register.filter
def percent(value: float, total: float) -> str:
    """Share of a total, with one decimal and its sign."""
    if not total:
        return "–"
    return f"{number_format(Decimal(str(round(100 * float(value or 0) / float(total), 1))), 1, use_l10n=True)}%"


@register.filter
def day(value: Any) -> str:
    """14 Juli 2026; an ISO text is understood too."""
    if not value:
        return "–"
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value[:10])
        except ValueError:
            return value
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return date_format(value, "j F Y")


@register.filter
def month(value: Any) -> str:
    """2026-06 or a date -> Juni 2026."""
    if not value:
        return "–"
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(f"{value[:7]}-01")
        except ValueError:
            return value
    return date_format(value, "F Y")


@register.filter
def moment(value: dt.datetime | None) -> str:
    """14 Juli 2026, 13.31 WIB."""
    if not value:
        return "–"
    local = timezone.localtime(value)
    return f"{date_format(local, 'j F Y')}, {clock(local)}"


@register.filter
def clock(value: dt.datetime | None) -> str:
    """13.31 WIB."""
    if not value:
        return "–"
    local = timezone.localtime(value)
    return f"{local:%H.%M} {ZONES.get(settings.TIME_ZONE, local.tzname() or '')}"


@register.filter
def duration(seconds: Any) -> str:
    """Seconds or a timedelta in words: 4 mnt 3 dtk."""
    if seconds is None or seconds == "":
        return "–"
    total = seconds.total_seconds() if isinstance(seconds, dt.timedelta) else float(seconds)
    whole = int(round(total))
    if whole < 1:
        return _("under 1 second")
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    parts = []
    if hours:
        parts.append(_("%(n)s h") % {"n": hours})
    if minutes:
        parts.append(_("%(n)s min") % {"n": minutes})
    if secs and not hours:
        parts.append(_("%(n)s s") % {"n": secs})
    return " ".join(parts)


@register.filter
def size(count: Any) -> str:
    """Bytes in KB, MB or GB."""
    if not count:
        return "0 KB"
    value = float(count) / 1024
    for unit in ("KB", "MB"):
        if value < 1024:
            return f"{number_format(Decimal(str(round(value, 1))), 1, use_l10n=True)} {unit}"
        value /= 1024
    return f"{number_format(Decimal(str(round(value, 1))), 1, use_l10n=True)} GB"


@register.filter
def masked(number_text: Any) -> str:
    """3514••••••••0001: the first and last four figures of a NIK or KK number."""
    text = str(number_text or "")
    if len(text) < 9:
        return "•" * len(text) or "–"
    return f"{text[:4]}{'•' * (len(text) - 8)}{text[-4:]}"


@register.filter
def sex(code: Any) -> str:
    return {1: _("Male"), 2: _("Female")}.get(code, "–") if code is not None else "–"


@register.filter
def people(count: int) -> str:
    return ngettext("%(n)s person", "%(n)s people", count or 0) % {"n": number(count or 0)}


@register.filter
def families(count: int) -> str:
    return ngettext("%(n)s family", "%(n)s families", count or 0) % {"n": number(count or 0)}


@register.filter
def source_name(code: Any) -> str:
    """The name of a source as people write it."""
    names = {
        "dtks": "DTKS",
        "regsosek": "Regsosek",
        "p3ke": "P3KE",
        "lapangan": _("Met in the field"),
        "correction": _("Correction by an officer"),
    }
    return names.get(str(code or "").lower(), str(code or "–").upper() if code else "–")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The entry of a mapping under a key that is itself a variable."""
    return mapping.get(key) if mapping else None

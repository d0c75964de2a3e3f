"""The versioned files that decide what is read and what is found: dictionary, mappings, rules.

They are shown, not edited: a new version is a new file, reviewed like code, or given by option.
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import yaml
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDERS: dict[str, tuple[str, str, Promise]] = {
    "dictionary": ("registry.variables", "", _("Dictionary of variables")),
    "mappings": ("registry.sources", "mappings", _("Mappings of the sources")),
    "rules": ("registry.sources", "rules", _("Rules of validation")),
}

TEXTS: dict[str, Promise] = {
    "about": _(
        "These files decide how a delivery is read and what is found in it. They are shown here and changed as new "
        "versions of the files; every delivery keeps the version it was read with."
    ),
    "all": _("All files"),
    "kind": _("Kind"),
    "name": _("Name"),
    "version": _("Version"),
    "entries": _("Entries"),
    "fingerprint": _("Fingerprint"),
}


@dataclass(frozen=True)
class RuleFile:
    """One file: what it is, which version, how much it says, and its text."""

    kind: str
    kind_label: Promise
    name: str
    version: str
    entries: int
    fingerprint: str
    text: str


def read_rule_files() -> list[RuleFile]:
    """Return every shipped file, by kind and name."""
    found = []
    for kind, (package, folder, label) in FOLDERS.items():
        place = files(package)
        place = place / folder if folder else place
        if not place.is_dir():
            continue
        for file in sorted(place.iterdir(), key=lambda entry: entry.name):
            if not file.name.endswith(".yaml"):
                continue
            content = file.read_bytes()
            told = yaml.safe_load(content) or {}
            found.append(
                RuleFile(
                    kind=kind,
                    kind_label=label,
                    name=file.name.removesuffix(".yaml"),
                    version=str(told.get("version", "")) if isinstance(told, dict) else "",
                    entries=_count(told),
                    fingerprint=hashlib.sha256(content).hexdigest()[:12],
                    text=content.decode(),
                )
            )
    return found


def _count(told: Any) -> int:
    """Count what a file lists: rules, variables, or the columns of its parts."""
    if isinstance(told, list):
        return len(told)
    if not isinstance(told, dict):
        return 0
    columns = [part["columns"] for part in told.values() if isinstance(part, dict) and "columns" in part]
    lists = columns or [told[name] for name in ("rules", "variables") if name in told]
    return sum(len(part) for part in lists if isinstance(part, list | dict))


def rule_urls(site: AdminSite) -> list[URLPattern]:
    """Return the two addresses, for whoever may open the administration."""
    return [
        path("rules/", site.admin_view(partial(show_list, site)), name="rules"),
        path("rules/<str:kind>/<str:name>/", site.admin_view(partial(show_file, site)), name="rule-file"),
    ]


def show_list(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show which files there are."""
    context = {
        **site.each_context(request),
        "title": _("Rules, mappings and dictionary"),
        "rule_files": read_rule_files(),
        "texts": TEXTS,
    }
    return render(request, "admin/administration/rules.html", context)


def show_file(site: AdminSite, request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Show the text of one file. Raises: Http404 when there is none of that name."""
    file = next((f for f in read_rule_files() if (f.kind, f.name) == (kind, name)), None)
    if file is None:
        raise Http404
    context = {**site.each_context(request), "title": f"{file.kind_label}: {file.name}"}
    return render(request, "admin/administration/rule_file.html", {**context, "file": file, "texts": TEXTS})

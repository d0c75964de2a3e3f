"""What happens to each field of each model in a developer's copy, and how numbers are masked.

Every model declares every field with `classify` under its definition; a field without an entry
fails a test (`unclassified_fields`). The masks for NIK and KK and the log filter are here too.
"""

import logging
import re
from collections.abc import Iterable
from enum import StrEnum

from django.apps import apps
from django.db import models

from registry.identifiers import mask

ROOMS = ("registry", "complaints", "graduation")


class Copy(StrEnum):
    """What a developer's copy holds instead of the value."""

    KEEP = "keep"  # says nothing about a person: copied as it is
    FAKE = "fake"  # replaced by a made-up value of the same kind
    SHIFT = "shift"  # a date, moved by a secret number of days per person
    EMPTY = "empty"  # left out: null, or an empty value


_DECLARED: dict[type[models.Model], dict[str, Copy]] = {}


def _names(fields: str | Iterable[str]) -> list[str]:
    return fields.split() if isinstance(fields, str) else list(fields)


def classify(
    model: type[models.Model],
    *,
    keep: str | Iterable[str] = (),
    fake: str | Iterable[str] = (),
    shift: str | Iterable[str] = (),
    empty: str | Iterable[str] = (),
) -> None:
    """Declare the privacy class of the fields of `model`; may be called again to add fields.

    Names come as a list or as one string with spaces: ``classify(Region, keep="code name")``.
    Raises ValueError for a name that is no field or that is declared twice.
    """
    known = {field.name for field in [*model._meta.fields, *model._meta.many_to_many]}
    declared = _DECLARED.setdefault(model, {})
    for copy, fields in (
        (Copy.KEEP, keep),
        (Copy.FAKE, fake),
        (Copy.SHIFT, shift),
        (Copy.EMPTY, empty),
    ):
        for name in _names(fields):
            if name not in known:
                raise ValueError(f"{model.__name__} has no field {name!r} to classify")
            if name in declared:
                raise ValueError(f"{model.__name__}.{name} is classified twice")
            declared[name] = copy


def get_classes(model: type[models.Model]) -> dict[str, Copy]:
    """Return the declared classes of a model, history tables taking those of their origin."""
    declared = dict(_DECLARED.get(model, {}))
    tracked = getattr(model, "pgh_tracked_model", None)
    if tracked is not None:
        names = {field.name for field in model._meta.fields}
        declared = {n: c for n, c in _DECLARED.get(tracked, {}).items() if n in names} | declared
        declared |= {n: Copy.KEEP for n in names if n.startswith("pgh_")}
    return declared


def unclassified_fields() -> list[str]:
    """Return `Model.field` of every concrete field of our rooms that nobody has classified."""
    missing = []
    for room in ROOMS:
        if not apps.is_installed(room):
            continue
        for model in apps.get_app_config(room).get_models(include_auto_created=True):
            declared = get_classes(model)
            missing += [
                f"{model.__name__}.{field.name}"
                for field in [*model._meta.concrete_fields, *model._meta.many_to_many]
                if field.name not in declared and not model._meta.auto_created
            ]
    return sorted(missing)


def mask_nik(value: str | None) -> str:
    """Return a NIK or KK of which the first and last four figures stay, as all pages show it.

    >>> mask_nik("3402011704900003")
    '3402••••••••0003'
    >>> mask_nik(None)
    ''
    """
    return mask(value)


def mask_name(value: str | None) -> str:
    """Return a name of which only the initials can be read.

    >>> mask_name("SITI AMINAH")
    'S••• A•••••'
    """
    return " ".join(word[0] + "•" * (len(word) - 1) for word in (value or "").split())


# A NIK or a KK anywhere in a text, also in the groups in which people write it.
_NUMBER = re.compile(
    r"\d{16,}"
    r"|(?<!\d)\d{4}([ .-])\d{4}\1\d{4}\1\d{4}(?!\d)"
    r"|(?<!\d)\d{6}([ .-])\d{6}\2\d{4}(?!\d)"
    r"|(?<!\d)\d\d([ .-])\d\d\3\d\d\3\d{6}\3\d{4}(?!\d)"
)


def mask_text(text: str) -> str:
    """Return `text` with every run of 16 or more digits masked.

    >>> mask_text("no family for 3402011704900003 found")
    'no family for 3402********0003 found'
    """

    def hide(match: re.Match[str]) -> str:
        # Stars, not dots: a log may go through programs that know ASCII only.
        return mask(re.sub(r"\D", "", match.group())).replace("•", "*")

    return _NUMBER.sub(hide, text)


class MaskSixteenDigits(logging.Filter):
    """Log filter that masks 16-digit runs in the message, its arguments and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record so that no formatter after it can show a NIK or KK."""
        try:
            message = record.getMessage()
        except Exception:  # a wrong format string must not lose the line
            message = f"{record.msg} {record.args}"
        record.msg = mask_text(message)
        record.args = ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = mask_text(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(record.stack_info)
        return True

"""Files as they were uploaded, kept for the worker that receives them."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

UNSAFE = re.compile(r"[^\w.\-]+")


def keep_uploads(files: list[UploadedFile]) -> list[str]:
    """Write the files to a folder of their own (0700) and return their paths."""
    folder = Path(settings.DTSEN_UPLOAD_DIR) / uuid.uuid4().hex
    folder.mkdir(mode=0o700, parents=True)
    paths = []
    for number, file in enumerate(files):
        name = UNSAFE.sub("_", Path(file.name or "").name).strip("._")[-120:] or f"berkas-{number}"
        path = folder / name
        if path.exists():
            path = folder / f"{number}-{name}"
        with path.open("xb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        path.chmod(0o600)
        paths.append(str(path))
    return paths

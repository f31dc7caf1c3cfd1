"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ripplegraph.errors import SettingsError


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: a reader never sees half of it. Text is UTF-8."""
    raw = content.encode() if isinstance(content, str) else content
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(raw)
            Path(temporary).chmod(_mode_of(path))
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as exc:
        reason = f"cannot write {path} ({exc.strerror or exc})"
        advice = "Name a file in a folder that can be written"
        raise SettingsError(setting="--output", reason=reason, advice=advice) from exc


def _mode_of(path: Path) -> int:
    """Return the permissions of the file that is replaced, else those of a new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

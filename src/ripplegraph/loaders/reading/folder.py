"""The export files of a folder, at any depth; what is passed over is reported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ripplegraph.errors import LimitExceededError
from ripplegraph.graph.wording import writable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession
from ripplegraph.loaders.reading.sources import KNOWN_SUFFIXES


def files_of_folder(folder: Path, prefix: str, session: ReadingSession) -> Iterator[Path]:
    """Yield the export files of a folder in order; links that lead out of it are passed over."""
    root = folder.resolve()
    hidden: list[str] = []
    denied: list[OSError] = []
    for count, path in enumerate(_walk(folder, hidden, denied)):
        if count >= session.limits.folder_files:
            limit = f"it holds more than {session.limits.folder_files:,} files (folder_files)"
            raise LimitExceededError(str(folder), limit, SPLIT_OR_RAISE)
        label = prefix + writable(path.relative_to(folder).as_posix())
        if path.is_dir():
            session.found.add("not-in-folder", "a link to a folder is not followed", file=label)
        elif path.suffix.lower() not in KNOWN_SUFFIXES:
            session.found.add("not-in-folder", "no export file by its suffix", file=label)
        elif not path.is_file() or not path.resolve().is_relative_to(root):
            session.found.add("not-in-folder", "no regular file of the folder", file=label)
        else:
            yield path
    for error in denied:
        message = f"the folder cannot be opened ({error.strerror})"
        session.found.add("unreadable-file", message, file=writable(str(error.filename)))
    if hidden:
        names = writable(", ".join(sorted(hidden)[:5]))
        message = f"{len(hidden):,} hidden files or folders were passed over: {names}"
        session.found.add("not-in-folder", message, file=prefix.rstrip("/"), count=len(hidden))


def _walk(folder: Path, hidden: list[str], denied: list[OSError]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=denied.append):
        here = Path(place)
        hidden.extend(name for name in (*folders, *files) if name.startswith("."))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (here / name).is_symlink()]
        yield from (here / name for name in sorted([*files, *links]) if not name.startswith("."))

"""Files that are written whole or not at all, also when a person stops the program."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def beside(*paths: Path) -> Iterator[list[Path]]:
    """Yield a new, hidden file beside each path; they take the names of the paths at the end.

    After an error or an interrupt they are gone, and what stood under the names is still there.
    What is no file, as a pipe or a device, is yielded itself.
    """
    targets = [path.resolve() for path in paths]  # a link stays a link
    with ExitStack() as kept:
        files = [_new_file(path, kept) if _can_be_replaced(path) else path for path in targets]
        yield files
        pairs = [(file, path) for file, path in zip(files, targets, strict=True) if file != path]
        for file, path in pairs:
            file.chmod(_mode_of(path))
        for file, path in pairs:
            file.replace(path)


def _can_be_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _new_file(path: Path, kept: ExitStack) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    file = Path(name)
    kept.callback(file.unlink, missing_ok=True)
    return file


def _mode_of(path: Path) -> int:
    """Return the permissions of the file that is replaced, else those of a new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

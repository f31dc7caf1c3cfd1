"""The files of an export: given one by one, as a folder, as a zip or on stdin."""

from __future__ import annotations

import io
import os
import select
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading.limits import ReadLimits
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE

if TYPE_CHECKING:
    from typing_extensions import Buffer

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})
YAML_SUFFIXES = frozenset({".yaml", ".yml"})
XML_SUFFIXES = frozenset({".xml"})
BOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
PARQUET_SUFFIXES = frozenset({".parquet"})
ZIP_SUFFIXES = frozenset({".zip"})
KNOWN_SUFFIXES = (
    TABLE_SUFFIXES | JSON_SUFFIXES | YAML_SUFFIXES | XML_SUFFIXES | BOOK_SUFFIXES
    | PARQUET_SUFFIXES | ZIP_SUFFIXES
)  # fmt: skip
"""Suffixes of the files that a folder or an archive is searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file: its label for findings, its size, and how to open it.

    ``path`` is where it lies on disk, None for a member of an archive and for stdin.
    """

    label: str
    size: int
    opener: Callable[[], BinaryIO]
    path: Path | None = None

    @property
    def suffix(self) -> str:
        """Return the suffix in lower case."""
        return PurePosixPath(self.label).suffix.lower()

    @property
    def name(self) -> str:
        """Return the casefolded stem, which names the table."""
        return PurePosixPath(self.label).stem.casefold()

    def head(self, count: int = 8192) -> bytes:
        """Return the first bytes."""
        with self.opener() as stream:
            return stream.read(count)

    def data(self) -> bytes:
        """Return all bytes."""
        with self.opener() as stream:
            return stream.read()


def source_of_path(path: Path, label: str, limits: ReadLimits) -> SourceFile:
    """Return the file at ``path``; a pipe is read at once, a device is refused."""
    try:
        if not path.exists():
            raise UnreadableFileError(label, "there is no such file", "Check the path.")
        if not path.is_file():
            return _source_of_pipe(path, label, limits)
        size = path.stat().st_size
        check_size(label, size, limits)
        path.open("rb").close()  # a file without permission is told here, at its name
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFileError(label, f"cannot be opened ({reason})", "Check it.") from error
    return SourceFile(label=label, size=size, opener=lambda: path.open("rb"), path=path)


def _source_of_pipe(path: Path, label: str, limits: ReadLimits) -> SourceFile:
    """Return what comes out of a named pipe or ``<(command)``; a silent one is refused."""
    if not stat.S_ISFIFO(path.stat().st_mode):
        raise UnreadableFileError(label, "it is a device or a socket", "Give a file or a pipe.")
    # opened without waiting: a pipe that nobody ever writes to would wait for ever
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.set_blocking(pipe, True)
        with io.BufferedReader(_SilenceLimited(pipe, label, limits.seconds)) as stream:
            return source_of_stream(stream, label, limits)
    finally:
        os.close(pipe)


class _SilenceLimited(io.RawIOBase):
    """A pipe whose reader gives up when nothing comes for so many seconds."""

    def __init__(self, pipe: int, label: str, seconds: float) -> None:
        self._pipe, self._label, self._seconds = pipe, label, seconds
        self._poll = select.poll()
        self._poll.register(pipe, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        if not self._poll.poll(self._seconds * 1000):
            limit = f"nothing came out of the pipe for {self._seconds:g} s (seconds)"
            raise LimitExceededError(self._label, limit, "Start the program that writes to it.")
        return os.readv(self._pipe, [buffer])


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder; one that no system can look up is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def source_of_stream(stream: BinaryIO, label: str, limits: ReadLimits) -> SourceFile:
    """Return what a stream such as stdin holds."""
    # a stream is held in memory as a whole, so it may be no larger than what is unpacked
    most = min(limits.file_bytes, limits.unpacked_bytes)
    data = stream.read(most + 1)
    if len(data) > most:
        limit = f"it is longer than {most:,} bytes (file_bytes, unpacked_bytes)"
        raise LimitExceededError(label, limit, SPLIT_OR_RAISE)
    return source_of_bytes(data, label)


def source_of_bytes(data: bytes, label: str) -> SourceFile:
    """Return a file that lies in memory."""
    return SourceFile(label=label, size=len(data), opener=lambda: io.BytesIO(data))


def check_size(label: str, size: int, limits: ReadLimits) -> None:
    """Refuse a file that is too large as it lies there."""
    if size > limits.file_bytes:
        limit = f"it has {size:,} bytes, at most {limits.file_bytes:,} are read (file_bytes)"
        raise LimitExceededError(label, limit, SPLIT_OR_RAISE)

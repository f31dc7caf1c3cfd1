"""The export files of a zip: read in place, never unpacked to disk, bombs and climbing refused.

Big CSV and JSON files are unpacked piece by piece while they are read, others into memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, BinaryIO

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import delimited, json_documents
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession
from ripplegraph.loaders.reading.sources import (
    JSON_SUFFIXES,
    KNOWN_SUFFIXES,
    TABLE_SUFFIXES,
    ZIP_SUFFIXES,
    SourceFile,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

_CHUNK = 1 << 20
_ENTRY = b"PK\x01\x02"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
_PACK_AGAIN = "Pack the archive again."


def members_of(
    source: SourceFile, session: ReadingSession
) -> Iterator[tuple[str, Callable[[], SourceFile]]]:
    """Yield the export files of an archive in the order of their names."""
    with source.opener() as stream:
        archive = open_archive(source.label, stream, session)
        seen: set[str] = set()
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            label = f"{source.label}/{entry.filename}"
            if entry.is_dir() or _is_passed_over(entry, label, session):
                continue
            yield label, _opener_of(archive, entry, label, session, is_second=label in seen)
            seen.add(label)


def open_archive(file: str, stream: BinaryIO, session: ReadingSession) -> zipfile.ZipFile:
    """Open an archive after counting its members in its raw bytes."""
    limit = session.limits.archive_members
    # counted before zipfile builds an object per member; the mark may also occur in packed data
    if _count_entries(stream) > 2 * limit + 100:
        raise _too_many(file, limit)
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (*_DAMAGED, ValueError, UnicodeError) as error:
        raise UnreadableFileError(file, f"it is a broken zip ({error})", _PACK_AGAIN) from error
    if len(archive.infolist()) > limit:
        raise _too_many(file, limit)
    return archive


def _too_many(file: str, limit: int) -> LimitExceededError:
    text = f"it holds more than {limit:,} members (archive_members)"
    return LimitExceededError(file, text, SPLIT_OR_RAISE)


def _count_entries(stream: BinaryIO) -> int:
    stream.seek(0)
    count, tail = 0, b""
    while chunk := stream.read(_CHUNK):
        count += (tail + chunk).count(_ENTRY)
        tail = chunk[-len(_ENTRY) + 1 :]
    return count


def _is_passed_over(entry: zipfile.ZipInfo, label: str, session: ReadingSession) -> bool:
    parts = entry.filename.replace("\\", "/").split("/")
    if _climbs(parts):
        return False
    if any(part.startswith((".", "__MACOSX")) for part in parts):
        session.found.add("not-in-folder", "a hidden file was passed over", file=label)
        return True
    if _suffix(entry) not in KNOWN_SUFFIXES:
        session.found.add("not-in-folder", "no export file by its suffix", file=label)
        return True
    return False


def _suffix(entry: zipfile.ZipInfo) -> str:
    return "." + entry.filename.rpartition(".")[2].lower()


def _climbs(parts: list[str]) -> bool:
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


def _opener_of(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    label: str,
    session: ReadingSession,
    *,
    is_second: bool,
) -> Callable[[], SourceFile]:
    def opened() -> SourceFile:
        reason = _reason_against(entry, is_second=is_second)
        if reason:
            raise UnreadableFileError(label, reason, _PACK_AGAIN)
        if _is_big(entry):
            return _in_pieces(archive, entry, label, session)
        data = _unpacked(archive, entry, label, session)
        return SourceFile(label=label, size=len(data), opener=lambda: io.BytesIO(data))

    return opened


def _reason_against(entry: zipfile.ZipInfo, *, is_second: bool) -> str:
    parts = entry.filename.replace("\\", "/").split("/")
    if _climbs(parts):
        return "its path leads out of the archive"
    if is_second:
        return "its name stands twice in the archive; the first was read"
    if _suffix(entry) in ZIP_SUFFIXES:
        return "an archive inside an archive is not read"
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    return ""


def _is_big(entry: zipfile.ZipInfo) -> bool:
    suffix, size = _suffix(entry), entry.file_size
    if suffix in JSON_SUFFIXES:
        return size >= json_documents.BIG_BYTES
    return suffix in TABLE_SUFFIXES and size >= delimited.BIG_BYTES


def _in_pieces(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, label: str, session: ReadingSession
) -> SourceFile:
    """Return a member that is unpacked while it is read; no more comes out than it claims."""
    session.unpack_in_pieces(label, entry.file_size)

    def opened() -> BinaryIO:
        try:
            return io.BufferedReader(_Member(archive.open(entry), label), _CHUNK)
        except _DAMAGED as error:
            raise _damaged(label, error) from error

    return SourceFile(label=label, size=entry.file_size, opener=opened)


class _Member(io.RawIOBase):
    """A member that says what is wrong with it as other files do."""

    def __init__(self, member: IO[bytes], label: str) -> None:
        self._member, self._label = member, label

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        room = memoryview(buffer).cast("B")
        try:
            data = self._member.read(len(room))
        except _DAMAGED as error:
            raise _damaged(self._label, error) from error
        room[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return self._member.seek(offset, whence)
        except _DAMAGED as error:
            raise _damaged(self._label, error) from error

    def tell(self) -> int:
        return self._member.tell()

    def close(self) -> None:
        self._member.close()
        super().close()


def _damaged(label: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(label, f"it is damaged ({error})", _PACK_AGAIN)


def _unpacked(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, label: str, session: ReadingSession
) -> bytes:
    room = session.limits.unpacked_bytes - session.unpacked
    if entry.file_size > room:
        session.unpack(label, room + 1)
    parts: list[bytes] = []
    try:
        with archive.open(entry) as member:
            while chunk := member.read(_CHUNK):
                session.unpack(label, len(chunk))
                parts.append(chunk)
    except _DAMAGED as error:
        raise _damaged(label, error) from error
    return b"".join(parts)

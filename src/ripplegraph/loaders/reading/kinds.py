"""Which kind of file a source is: its first bytes decide, then its suffix."""

from __future__ import annotations

from enum import Enum

from ripplegraph.errors import UnreadableFileError
from ripplegraph.loaders.reading.sources import (
    BOOK_SUFFIXES,
    JSON_SUFFIXES,
    PARQUET_SUFFIXES,
    TABLE_SUFFIXES,
    XML_SUFFIXES,
    YAML_SUFFIXES,
    SourceFile,
)


class FileKind(Enum):
    """How a file is read."""

    DELIMITED = "delimited"
    JSON = "json"
    YAML = "yaml"
    XML = "xml"
    BOOK = "book"
    PARQUET = "parquet"
    ZIP = "zip"


_BY_SUFFIX = {
    **dict.fromkeys(TABLE_SUFFIXES, FileKind.DELIMITED),
    **dict.fromkeys(JSON_SUFFIXES, FileKind.JSON),
    **dict.fromkeys(YAML_SUFFIXES, FileKind.YAML),
    **dict.fromkeys(XML_SUFFIXES, FileKind.XML),
}
_BOOK_MEMBERS = (b"[Content_Types].xml", b"xl/", b"_rels/", b"docProps/", b"mimetype")
_REFUSED = {
    b"\x1f\x8b": ("it is gzip-compressed", "Unpack it first."),
    b"%PDF": ("it is a PDF", "Export CSV, XLSX, JSON or XML instead."),
    b"7z\xbc\xaf": ("it is a 7z archive", "Unpack it first, or pack a zip."),
    b"SQLite format": ("it is a database", "Export its tables as CSV."),
}


def kind_of(source: SourceFile) -> FileKind:
    """Return how to read a file; raise UnreadableFileError for what no reader can read."""
    head = source.head()
    if not head:
        raise UnreadableFileError(source.label, "it is empty", "Export it again.")
    for magic, (reason, advice) in _REFUSED.items():
        if head.startswith(magic):
            raise UnreadableFileError(source.label, reason, advice)
    binary = _binary_kind(source, head)
    return binary if binary is not None else _text_kind(source, head)


def _binary_kind(source: SourceFile, head: bytes) -> FileKind | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        # the name of the first member stands at byte 30 of the local header
        is_book = source.suffix in BOOK_SUFFIXES or head[30:].startswith(_BOOK_MEMBERS)
        return FileKind.BOOK if is_book and source.suffix != ".zip" else FileKind.ZIP
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return FileKind.BOOK
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    if source.suffix in PARQUET_SUFFIXES or source.suffix == ".zip":
        raise UnreadableFileError(
            source.label, f"it is no {source.suffix[1:]} file", "Export it again."
        )
    return None


def _text_kind(source: SourceFile, head: bytes) -> FileKind:
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if text[:15].lower().startswith((b"<!doctype html", b"<html")):
        reason = "it is a web page (HTML), perhaps of a login"
        raise UnreadableFileError(source.label, reason, "Export it again.")
    if text.startswith((b"<?xml", b"<unload", b"<xml")):
        return FileKind.XML
    kind = _BY_SUFFIX.get(source.suffix)
    if kind is FileKind.DELIMITED and text.startswith((b'{"', b'[{"')):
        return FileKind.JSON
    if kind is not None:
        return kind
    if text.startswith((b"{", b"[")):
        return FileKind.JSON
    if text.startswith(b"<"):
        return FileKind.XML
    return _table_or_yaml(text)


def _table_or_yaml(text: bytes) -> FileKind:
    first = text.partition(b"\n")[0]
    is_table = any(first.count(mark) for mark in (b",", b";", b"\t", b"|"))
    return FileKind.DELIMITED if is_table or b":" not in first else FileKind.YAML

"""CSV and its kin: the delimiter is found out, quotes that never close are survived."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.reading.encodings import TextEncoding, encoding_of
from ripplegraph.loaders.reading.raw import RawTable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile
from ripplegraph.loaders.reading.table_builder import TableBuilder

BIG_BYTES = 16_000_000
"""Files from this size on are read by compiled kernels: below, loading those takes longer."""

ALSO_BIG_BYTES = 250_000
"""Files from this size on are so once the kernels are there for another file of the export."""

DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_CHARS = 65_536
_SNIFFED_ROWS = 20
_MAX_OPEN_QUOTES = 3
_FIELD_LIMIT = 2**31 - 1  # our own limits are narrower; the csv module's default is 131,072


def read_delimited(source: SourceFile, session: ReadingSession) -> RawTable:
    """Return the table that a CSV or TSV file holds."""
    is_big = source.size >= (ALSO_BIG_BYTES if session.has_big else BIG_BYTES)
    session.has_big = session.has_big or is_big
    table = _read_big(source, session) if is_big else None
    return table or _read_plain(source, session)


def _read_big(source: SourceFile, session: ReadingSession) -> RawTable | None:
    from ripplegraph.loaders.reading.big_delimited import read_big_delimited

    with source.opener() as stream, _text(stream, TextEncoding(codec="utf-8-sig")) as text:
        delimiter, skips_first = _delimiter_of(text, source.suffix)
    if not delimiter.isascii() or delimiter in '"\r\n\0':
        return None
    return read_big_delimited(source, session, delimiter=delimiter, skips_first=skips_first)


def _read_plain(source: SourceFile, session: ReadingSession) -> RawTable:
    with source.opener() as stream:
        encoding = encoding_of(stream)
    encoding.report(session, source.label)
    builder = TableBuilder(session, source.name, source.label)
    with _wide_fields():
        with source.opener() as stream, _text(stream, encoding) as text:
            delimiter, skips_first = _delimiter_of(text, source.suffix)
        with source.opener() as stream, _text(stream, encoding) as text:
            builder.on_chunk = lambda: session.show(source.label, stream.tell(), source.size)
            if skips_first:
                text.readline()
            builder.add_all(_rows_of(text, encoding, delimiter, session, source.label))
    table = builder.finish()
    if table is None:
        raise BrokenFileError(source.label, "it is empty", "Export it again, with its header.")
    return table


def _rows_of(
    text: TextIO, encoding: TextEncoding, delimiter: str, session: ReadingSession, file: str
) -> Iterable[tuple[int, list[str]]]:
    limit, has_nul = session.limits.line_chars, encoding.nuls > 0
    if encoding.has_quotes or has_nul or encoding.longest_line > limit:
        feed = _LineFeed(text, limit, file, has_nul=has_nul)
        return _numbered(feed, delimiter, session, file)
    return enumerate(_reader(text, delimiter, quoted=False), 1)


def _text(stream: BinaryIO, encoding: TextEncoding) -> TextIO:
    stream.seek(encoding.bom)
    return io.TextIOWrapper(stream, encoding=encoding.codec, errors="replace", newline="")


def _delimiter_of(text: TextIO, suffix: str) -> tuple[str, bool]:
    """Return the delimiter, and whether the first line only declares it (``sep=;``)."""
    head = text.read(_SNIFFED_CHARS).replace("\0", "")
    first_line = head.lstrip("\r\n").partition("\n")[0].strip().strip('"')
    if first_line[:4].casefold() == "sep=" and len(first_line) <= 5:
        return first_line[4:] or "\t", True
    choices = ("\t", *DELIMITERS) if suffix in {".tsv", ".tab"} else DELIMITERS
    best, best_score = choices[0], (1, 0)
    for delimiter in choices:
        widths = _widths(head, delimiter)
        header = widths[0] if widths else 1
        score = (header, widths.count(header))
        if header > 1 and score > best_score:
            best, best_score = delimiter, score
    return best, False


def _widths(head: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
        if row:
            widths.append(len(row))
        if len(widths) == _SNIFFED_ROWS:
            break
    return widths


class _LineFeed:
    """Lines for the csv reader; keeps those of the record at hand, so that it can start anew.

    It also ends where one record grows beyond the limit of a line: a quote that never closes.
    """

    def __init__(self, text: TextIO, limit: int, file: str, *, has_nul: bool) -> None:
        self._text, self._limit, self._file, self._has_nul = text, limit, file, has_nul
        self._again: deque[str] = deque()
        self._pending_chars = 0
        self.pending: list[str] = []
        self.has_ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(self._limit + 1)
        if not line:
            self.has_ended = True
            raise StopIteration
        if len(line) > self._limit:
            text = f"a line has more than {self._limit:,} characters (line_chars)"
            raise LimitExceededError(self._file, text, SPLIT_OR_RAISE)
        self.pending.append(line)
        self._pending_chars += len(line)
        if self._pending_chars > self._limit:
            self.has_ended = True
            raise StopIteration
        return line.replace("\0", "") if self._has_nul else line

    def next_record(self) -> None:
        """Forget the lines of a record that was read."""
        self.pending.clear()
        self._pending_chars = 0

    def restart_after_first(self) -> str:
        """Return the first line of the record at hand; the others come again."""
        first, *others = self.pending
        self._again.extendleft(reversed(others))
        self.next_record()
        self.has_ended = False
        return first.replace("\0", "")


def _numbered(
    feed: _LineFeed, delimiter: str, session: ReadingSession, file: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with its number; a quote that never closes costs its own row only."""
    number = open_quotes = 0
    reader = _reader(feed, delimiter)
    while True:
        row = next(reader, None)
        if row is None:
            return
        number += 1
        if feed.has_ended:  # the record asked for more lines than there are
            open_quotes += 1
            rows = "from this row on" if open_quotes == _MAX_OPEN_QUOTES else "in this row"
            message = f"a quote opens here and never closes; {rows} quotes are plain characters"
            session.found.add("broken-file", message, file=file, row=number)
            row = next(_reader([feed.restart_after_first()], delimiter, quoted=False), [])
            reader = _reader(feed, delimiter, quoted=open_quotes < _MAX_OPEN_QUOTES)
        else:
            feed.next_record()
        yield number, row


def _reader(lines: Iterable[str], delimiter: str, *, quoted: bool = True) -> Iterator[list[str]]:
    if quoted:
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


@contextmanager
def _wide_fields() -> Iterator[None]:
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)

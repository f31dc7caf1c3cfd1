"""Big JSON files: read in pieces, long lists of records turned into columns on the way, or packed.

What comes of a list is the table, and the findings, that the plain reader of
:mod:`ripplegraph.loaders.reading.json_documents` and :func:`table_from_records` would give.
A file with anything odd outside of its lists (an encoding other than UTF-8, NULs, a break,
a key that stands twice), or of which a loader has to see the records, is left to that reader.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from ripplegraph.loaders.reading.chunk_reading import ChunkReading, NotPlainError
from ripplegraph.loaders.reading.json_pieces import Pieces, ends_in_list
from ripplegraph.loaders.reading.json_values import (
    LenientDecoder,
    check_depth,
    cleaned,
    is_deeper,
    items_of,
    may_hold_keys_twice,
    memory_of,
    too_deep,
    value_of,
)
from ripplegraph.loaders.reading.packed_records import PackedRecords
from ripplegraph.loaders.reading.plan import Kept
from ripplegraph.loaders.reading.raw import RawDocument, RecordColumns
from ripplegraph.loaders.reading.record_columns import RecordColumnsBuilder
from ripplegraph.loaders.reading.session import ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile

_KEY = re.compile(rb'"([^"\\]*)"[ \t\r\n]*:[ \t\r\n]*')
_SCALAR = re.compile(rb'"(?:[^"\\]|\\.)*+"|[^\s,}\]"{\[]+', re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")
_LONGEST_WORD = len("false")
_ERROR_KEY = b'"error"'
_FIRST, _NEXT = b"[", b"[{}"  # what makes the text of a part a list: an entry goes before the rest
_MOST_COLUMNS = 4_000  # each takes room of its own: more are left to the plain reader


def read_big_json(
    source: SourceFile, session: ReadingSession, *, reading: ChunkReading | None = None
) -> RawDocument | None:
    """Return the document that a file holds, or None if the plain reader has to read it."""
    arrays, memory = session.arrays_used, session.memory_used
    try:
        with source.opener() as stream:
            how = reading or ChunkReading()
            pieces = Pieces(stream, how.chunk_bytes, session.limits.line_chars)
            document = _BigDocument(source, session, pieces, is_compiled=how.is_compiled)
            data = document.read()
        document.report(data)
    except NotPlainError:
        session.arrays_used, session.memory_used = arrays, memory
        return None
    session.has_big = True
    return RawDocument(file=source.label, data=data)


class _Part(NamedTuple):
    """The next entries of a list, as parsed and as text."""

    entries: list[object]
    text: bytes
    is_last: bool


class _BigDocument:
    """One document in the making."""

    def __init__(
        self, source: SourceFile, session: ReadingSession, pieces: Pieces, *, is_compiled: bool
    ) -> None:
        self._source, self._session, self._pieces = source, session, pieces
        self._is_compiled = is_compiled
        self._lenient = LenientDecoder()
        self._why = ""
        self._is_broken = self._has_stopped = self._holds_error = False
        self._is_packed = self._has_columns = False

    def read(self) -> object:
        """Return what the file holds."""
        pieces = self._pieces
        first = pieces.next_byte()
        if first == b"[":
            data: object = self._collected("", self._parts_of_list(above=0))
        elif first == b"{" and self._is_of_lines():
            data = self._collected("", self._parts_of_lines())
        elif first == b"{":
            data = self._object()
        else:
            raise NotPlainError
        if not self._is_broken and pieces.next_byte():
            raise NotPlainError
        self._pass_over_rest()
        return data

    def report(self, data: object) -> None:
        """Report what was repaired."""
        found, file, records = self._session.found, self._source.label, _count(data)
        if self._is_broken and not records:
            raise NotPlainError
        self._lenient.report(file, self._session)
        if self._is_broken:
            text = (
                f"no valid JSON ({self._why}); the {records:,} complete records before were read"
            )
            found.add("broken-file", text, file=file, row=records + 1)
        elif self._why:
            text = f"no strict JSON ({self._why}); what is no value was left empty"
            found.add("broken-file", text, file=file)

    def _object(self) -> dict[str, object]:
        """Return an object: its long lists as columns or packed, all else as it is."""
        pieces, data = self._pieces, dict[str, object]()
        pieces.drop(1)
        mark = b","
        while mark == b",":
            pieces.next_byte()
            key = str(_strict(b'"' + pieces.match(_KEY)[1] + b'"'))
            if key in data:
                raise NotPlainError
            data[key] = self._value(key)
            if self._is_broken:
                return data
            mark = pieces.next_byte()
            pieces.drop(1)
        if mark != b"}":
            raise NotPlainError
        return data

    def _value(self, key: str) -> object:
        pieces = self._pieces
        first = pieces.next_byte()
        if first == b"[":
            return self._collected(key, self._parts_of_list(above=1))
        text = pieces.whole_object() if first == b"{" else pieces.match(_SCALAR)[0]
        value = _strict(text)
        if may_hold_keys_twice(
            text, check_depth(value, self._source.label, self._session, above=1)
        ):
            value = self._lenient.decode(text.decode())
        self._hold(key, value, text)
        return value

    def _hold(self, key: str, value: object, text: bytes) -> None:
        """Count the memory of a value that is kept as it is."""
        self._keep_as_planned(key, value)
        self._session.hold(self._source.label, memory_of(text))

    def _keep_as_planned(self, key: str, value: object) -> None:
        """Ask the loaders how lists are kept; leave the file to the plain reader if as a whole."""
        if self._is_packed:
            return
        kept = self._session.document_plan(key, value)
        self._is_packed = kept is Kept.RECORDS
        if kept is Kept.WHOLE or (self._is_packed and self._has_columns):
            raise NotPlainError

    def _collected(
        self, key: str, parts: Iterator[_Part]
    ) -> list[object] | RecordColumns | PackedRecords:
        """Return the entries of a list; those of a long one as columns, or packed."""
        part = next(parts)
        if part.is_last:
            self._hold(key, part.entries, part.text)
            return part.entries
        self._keep_as_planned(key, part.entries)
        if self._is_packed:
            return self._packed(chain((part,), parts))
        builder = RecordColumnsBuilder(is_compiled=self._is_compiled)
        self._has_columns = True
        for one in chain((part,), parts):
            if one is not part:
                self._keep_as_planned(key, one.entries)
            if builder.width > _MOST_COLUMNS:
                raise NotPlainError
            share = self._pieces.bytes_read / max(self._source.size, 1)
            self._count_array(builder.add(one.entries, share))
        return builder.finish()

    def _packed(self, parts: Iterator[_Part]) -> PackedRecords:
        records = PackedRecords()
        for one in parts:
            self._count_array(records.add(one.entries))
        return records

    def _count_array(self, memory: int) -> None:
        """Count memory of what is kept of a list, and tell how far the file has been read."""
        session, source = self._session, self._source
        session.hold_arrays(source.label, memory)
        session.show(source.label, self._pieces.bytes_read, source.size)

    def _parts_of_list(self, *, above: int) -> Iterator[_Part]:
        """Yield what is in a list, up to its end or a break."""
        pieces, before = self._pieces, _FIRST
        pieces.drop(1)
        self._holds_error, is_last = False, False
        while not is_last:
            ends = ends_in_list(pieces.text)
            end, after = max(ends), pieces.text[ends.bracket : ends.bracket + 1] or b"]"
            if end <= 0 and ends.bracket < 0:
                if pieces.more():
                    continue
                end, after = len(pieces.text), b""  # the file breaks off here
            text = _checked(pieces.text[:end])
            self._holds_error = self._holds_error or _ERROR_KEY in text
            entries = self._entries(before + text + after, pieces.at - len(before), above)
            is_last = ends.bracket >= 0 or not after or self._has_stopped
            pieces.drop(end + (ends.bracket >= 0))
            yield _Part(entries if before == _FIRST else entries[1:], text, is_last)
            before = _NEXT
            pieces.more()

    def _entries(self, text: bytes, at: int, above: int) -> list[object]:
        """Return the entries of a list, or of a part of one that starts at a byte of the file."""
        import msgspec

        try:
            entries = value_of(text)
        except RecursionError:
            raise too_deep(self._source.label, self._session) from None
        except msgspec.ValidationError:  # its message tells where in the document the value stands
            raise NotPlainError from None
        except msgspec.DecodeError as error:
            self._why = self._why or self._reason(text, at, str(error))
            entries = cleaned(self._salvaged(text.decode(), above))
        else:
            keys = check_depth(entries, self._source.label, self._session, above=above)
            if may_hold_keys_twice(text, keys):
                entries = self._lenient.decode(text.decode())
        return entries if isinstance(entries, list) else []

    def _reason(self, text: bytes, at: int, error: str) -> str:
        """Return what the strict parser says of a break, with its place in the file.

        It looks some bytes beyond the part at hand, whose last bytes may be half a word.
        """
        import msgspec

        pieces = self._pieces
        while len(pieces.text) < len(text) + _LONGEST_WORD and pieces.more():
            pass
        try:
            value_of(text[: pieces.at - at] + pieces.text)
        except msgspec.DecodeError as whole:
            error = str(whole)
        return _BYTE.sub(lambda byte: f"(byte {int(byte[1]) + at})", error)

    def _salvaged(self, text: str, above: int) -> object:
        """Return the entries of a list that is no strict JSON, or those up to a break."""
        if is_deeper(text, self._session.limits.depth - above):
            raise too_deep(self._source.label, self._session)
        try:
            return self._lenient.decode(text)
        except ValueError:
            entries, end = items_of(self._lenient, text, 1)
        self._is_broken = True
        self._has_stopped = text[end:] != "]"
        return entries

    def _is_of_lines(self) -> bool:
        """Return whether there is an object on the first line, and another after it."""
        import msgspec

        pieces = self._pieces
        lines = pieces.first_lines()
        if len(lines) < 2 or not lines[1].lstrip().startswith(b"{"):
            return False
        try:
            value_of(lines[0])
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    def _parts_of_lines(self) -> Iterator[_Part]:
        """Yield the objects on the lines."""
        pieces, is_last = self._pieces, False
        while not is_last:
            is_last = not pieces.more()
            end = len(pieces.text) if is_last else pieces.end_of_lines()
            if end or is_last:
                text = _checked(pieces.text[:end])
                pieces.drop(end)
                yield _Part(self._entries_of_lines(text), text, is_last)

    def _entries_of_lines(self, text: bytes) -> list[object]:
        lines = [line for line in text.splitlines() if line.strip()]
        if not all(line.lstrip().startswith(b"{") for line in lines):
            raise NotPlainError
        entries = [_strict(line) for line in lines]
        if may_hold_keys_twice(text, check_depth(entries, self._source.label, self._session)):
            return [self._lenient.decode(line.decode()) for line in lines]
        return entries

    def _pass_over_rest(self) -> None:
        """Read what follows a break; an error answer behind it is found by the plain reader."""
        pieces, decoder = self._pieces, getincrementaldecoder("utf-8")()
        is_left = True
        while is_left:
            try:
                decoder.decode(pieces.text)
            except UnicodeDecodeError:
                raise NotPlainError from None
            self._holds_error = self._holds_error or _ERROR_KEY in pieces.text
            pieces.drop(len(pieces.text))
            is_left = pieces.more()
        if decoder.getstate()[0]:  # half a character at the end
            raise NotPlainError
        if self._is_broken and self._holds_error:
            raise NotPlainError


def _strict(text: bytes) -> object:
    """Return a value; the file is left to the plain reader if it is none."""
    import msgspec

    try:
        return value_of(_checked(text))
    except (msgspec.DecodeError, RecursionError):
        raise NotPlainError from None


def _checked(text: bytes) -> bytes:
    """Return a text, if it is UTF-8."""
    try:
        if not text.isascii():
            text.decode()
    except UnicodeDecodeError:
        raise NotPlainError from None
    return text


def _count(data: object) -> int:
    """Return how many records a document holds."""
    if isinstance(data, dict):
        lists = (list, RecordColumns, PackedRecords)
        return sum(len(value) if isinstance(value, lists) else 1 for value in data.values())
    return len(data) if isinstance(data, (list, RecordColumns)) else 0

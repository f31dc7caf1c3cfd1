"""JSON: one document, or one per line; of a broken file the records before the break."""

from __future__ import annotations

import re

from ripplegraph.loaders.reading.encodings import decode
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
from ripplegraph.loaders.reading.raw import RawDocument
from ripplegraph.loaders.reading.session import BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile

_EXPORT_AGAIN = "Export it again."
_SPACE = re.compile(r"[\s,]*")
_BLANK = b"\xef\xbb\xbf \t\r\n"
_KEY = re.compile(r'\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
_ERROR_KEY = re.compile(r'"error"\s*:\s*(?=\{)')


BIG_BYTES = 32_000_000
"""Files from this size on are read in pieces, and so are smaller ones where memory runs short."""

_MEMORY_PER_BYTE = 6  # what parsed JSON occupies, roughly


def read_json(source: SourceFile, session: ReadingSession) -> RawDocument:
    """Return the document that a JSON file holds; of a big one the lists may be columns."""
    document = _read_big(source, session) if _is_big(source, session) else None
    return document or _read_plain(source, session)


def _is_big(source: SourceFile, session: ReadingSession) -> bool:
    likely = session.memory_used + _MEMORY_PER_BYTE * source.size
    return source.size >= BIG_BYTES or likely > session.limits.memory_bytes // 2


def _read_big(source: SourceFile, session: ReadingSession) -> RawDocument | None:
    from ripplegraph.loaders.reading.big_json import read_big_json

    return read_big_json(source, session)


def _read_plain(source: SourceFile, session: ReadingSession) -> RawDocument:
    import msgspec

    session.check_room(source.label, source.size)
    data = _as_utf8(source.data(), session, source.label)
    if not data.strip():
        raise BrokenFileError(source.label, "it is empty", _EXPORT_AGAIN)
    session.hold(source.label, memory_of(data))
    try:
        parsed = _strictly(data)
    except RecursionError:
        raise too_deep(source.label, session) from None
    except msgspec.DecodeError as error:
        parsed = _salvaged(data.decode("utf-8", "replace"), str(error), source, session)
        check_depth(parsed, source.label, session)
    else:
        keys = check_depth(parsed, source.label, session)
        if may_hold_keys_twice(data, keys):
            parsed = _with_first_keys(data, parsed, source, session)
    return RawDocument(file=source.label, data=parsed)


def _strictly(data: bytes) -> object:
    """Return a document, or the list of those on each line."""
    import msgspec

    try:
        return value_of(data)
    except msgspec.DecodeError:
        lines = _from_lines(data)
        if lines is None:
            raise
        return lines


def _with_first_keys(
    data: bytes, parsed: object, source: SourceFile, session: ReadingSession
) -> object:
    """Return the document, parsed anew so that of keys that stand twice the first counts."""
    decoder = LenientDecoder()
    is_lines = isinstance(parsed, list) and not data.lstrip(_BLANK).startswith(b"[")
    texts = data.splitlines() if is_lines else [data]
    again = [decoder.decode(text.decode("utf-8-sig")) for text in texts if text.strip()]
    decoder.report(source.label, session)
    return again if is_lines else again[0]


def _as_utf8(data: bytes, session: ReadingSession, file: str) -> bytes:
    if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and b"\0" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return data
    return decode(data, session, file).encode("utf-8", "replace")


def _from_lines(data: bytes) -> list[object] | None:
    """Return the records of newline-delimited JSON, None if it is something else."""
    import msgspec

    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith(b"{") for line in lines):
        return None
    try:
        return [value_of(line) for line in lines]
    except (msgspec.DecodeError, RecursionError):
        return None


def _salvaged(text: str, why: str, source: SourceFile, session: ReadingSession) -> object:
    decoder = LenientDecoder()
    if is_deeper(text, session.limits.depth):
        raise too_deep(source.label, session)
    try:
        whole = _whole(decoder, text)
        found = _partial(decoder, text) if whole is None else whole
    except RecursionError:
        raise too_deep(source.label, session) from None
    records = _count(found)
    decoder.report(source.label, session)
    if whole:
        message = f"no strict JSON ({why}); what is no value was left empty"
        session.found.add("broken-file", message, file=source.label)
        return cleaned(whole)
    if not found or not records:
        raise BrokenFileError(source.label, f"it is no valid JSON ({why})", _EXPORT_AGAIN)
    message = f"no valid JSON ({why}); the {records:,} complete records before were read"
    session.found.add("broken-file", message, file=source.label, row=records + 1)
    return cleaned(found)


def _whole(decoder: LenientDecoder, text: str) -> object:
    """Return a document that only the stricter parser refused (NaN, lone surrogates)."""
    try:
        parsed, end = decoder.raw_decode(text.lstrip())
    except ValueError:
        return None
    is_all = not text.lstrip()[end:].strip()
    return parsed if is_all and isinstance(parsed, (dict, list)) else None


def _partial(decoder: LenientDecoder, text: str) -> object:
    start = _SPACE.match(text, 0)
    at = start.end() if start else 0
    if text[at : at + 1] == "[":
        return items_of(decoder, text, at + 1)[0]
    if text[at : at + 1] != "{":
        return None
    found: dict[str, object] = {}
    at += 1
    while (key := _KEY.match(text, at)) is not None:
        try:
            found[key[1]], at = decoder.raw_decode(text, key.end())
        except ValueError:
            if text[key.end() : key.end() + 1] == "[":
                found[key[1]], _ = items_of(decoder, text, key.end() + 1)
            break
    error = _ERROR_KEY.search(text, at)
    if error is not None and "error" not in found:
        try:
            found["error"], _ = decoder.raw_decode(text, error.end())
        except ValueError:
            return found
    return found


def _count(found: object) -> int:
    if isinstance(found, dict):
        return sum(len(value) if isinstance(value, list) else 1 for value in found.values())
    return len(found) if isinstance(found, list) else 0

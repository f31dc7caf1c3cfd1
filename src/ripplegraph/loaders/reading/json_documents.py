"""JSON: one document, or one per line; of a broken file the records before the break."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isfinite

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.reading.encodings import decode
from ripplegraph.loaders.reading.raw import RawDocument
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile

_EXPORT_AGAIN = "Export it again."
_OBJECT, _LIST, _VALUE = 230, 88, 66  # bytes that a dict, a list and a small value occupy
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SPACE = re.compile(r"[\s,]*")
_KEY = re.compile(r'\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
_ERROR_KEY = re.compile(r'"error"\s*:\s*(?=\{)')


def read_json(source: SourceFile, session: ReadingSession) -> RawDocument:
    """Return the document that a JSON file holds."""
    import msgspec

    data = _as_utf8(source.data(), session, source.label)
    if not data.strip():
        raise BrokenFileError(source.label, "it is empty", _EXPORT_AGAIN)
    session.hold(source.label, _memory_of(data))
    try:
        parsed = msgspec.json.decode(data)
    except RecursionError:
        raise _too_deep(source.label, session) from None
    except msgspec.DecodeError as error:
        parsed = _from_lines(data)
        if parsed is None:
            parsed = _salvaged(data.decode("utf-8", "replace"), str(error), source, session)
    check_depth(parsed, source.label, session)
    return RawDocument(file=source.label, data=parsed)


def check_depth(data: object, file: str, session: ReadingSession) -> None:
    """Refuse a document that is nested deeper than the limit."""
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > session.limits.depth:
            raise _too_deep(file, session)
        level = [inner for outer in level for inner in _inner(outer)]


def _inner(outer: object) -> list[object]:
    if isinstance(outer, dict):
        return [value for value in outer.values() if isinstance(value, (dict, list))]
    if isinstance(outer, list):
        return [value for value in outer if isinstance(value, (dict, list))]
    return []


def _too_deep(file: str, session: ReadingSession) -> LimitExceededError:
    limit = f"it is nested deeper than {session.limits.depth} levels (depth)"
    return LimitExceededError(file, limit, SPLIT_OR_RAISE)


def _as_utf8(data: bytes, session: ReadingSession, file: str) -> bytes:
    if not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and b"\0" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return data
    return decode(data, session, file).encode("utf-8", "replace")


def _memory_of(data: bytes) -> int:
    """Return about how many bytes the parsed document occupies, never far below it."""
    values = data.count(b",") + data.count(b":")
    return (
        len(data)
        + _OBJECT * data.count(b"{")
        + _LIST * data.count(b"[")
        + _VALUE * max(values, data.count(b'"') // 4)
    )


def _from_lines(data: bytes) -> list[object] | None:
    """Return the records of newline-delimited JSON, None if it is something else."""
    import msgspec

    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith(b"{") for line in lines):
        return None
    try:
        return [msgspec.json.decode(line) for line in lines]
    except (msgspec.DecodeError, RecursionError):
        return None


def _salvaged(text: str, why: str, source: SourceFile, session: ReadingSession) -> object:
    decoder = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)
    if _is_deeper(text, session.limits.depth):
        raise _too_deep(source.label, session)
    try:
        whole = _whole(decoder, text)
        found = _partial(decoder, text) if whole is None else whole
    except RecursionError:
        raise _too_deep(source.label, session) from None
    records = _count(found)
    if whole:
        message = f"no strict JSON ({why}); what is no value was left empty"
        session.found.add("broken-file", message, file=source.label)
        return _clean(whole)
    if not found or not records:
        raise BrokenFileError(source.label, f"it is no valid JSON ({why})", _EXPORT_AGAIN)
    message = f"no valid JSON ({why}); the {records:,} complete records before were read"
    session.found.add("broken-file", message, file=source.label, row=records + 1)
    return _clean(found)


def _is_deeper(text: str, limit: int) -> bool:
    """Return whether brackets outside of texts nest deeper; parsers differ in what they bear."""
    depth = 0
    for token in _NESTING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > limit:
            return True
    return False


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


def _whole(decoder: json.JSONDecoder, text: str) -> object:
    """Return a document that only the stricter parser refused (NaN, lone surrogates)."""
    try:
        parsed, end = decoder.raw_decode(text.lstrip())
    except ValueError:
        return None
    is_all = not text.lstrip()[end:].strip()
    return parsed if is_all and isinstance(parsed, (dict, list)) else None


def _partial(decoder: json.JSONDecoder, text: str) -> object:
    start = _SPACE.match(text, 0)
    at = start.end() if start else 0
    if text[at : at + 1] == "[":
        return list(_items(decoder, text, at + 1))
    if text[at : at + 1] != "{":
        return None
    found: dict[str, object] = {}
    at += 1
    while (key := _KEY.match(text, at)) is not None:
        try:
            found[key[1]], at = decoder.raw_decode(text, key.end())
        except ValueError:
            if text[key.end() : key.end() + 1] == "[":
                found[key[1]] = list(_items(decoder, text, key.end() + 1))
            break
    error = _ERROR_KEY.search(text, at)
    if error is not None and "error" not in found:
        try:
            found["error"], _ = decoder.raw_decode(text, error.end())
        except ValueError:
            return found
    return found


def _items(decoder: json.JSONDecoder, text: str, at: int) -> Iterator[object]:
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        try:
            item, at = decoder.raw_decode(text, at)
        except ValueError:
            return
        yield item


def _count(found: object) -> int:
    if isinstance(found, dict):
        return sum(len(value) if isinstance(value, list) else 1 for value in found.values())
    return len(found) if isinstance(found, list) else 0


def _clean(found: object) -> object:
    """Replace lone surrogates, which no file could be written with."""
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))

"""JSON: one document, or one per line; of a broken file the records before the break."""

from __future__ import annotations

import json
import re
from collections import Counter
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
_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?\d[\d.eE+-]*+', re.DOTALL)
_LONGEST_NUMBER = 300
_BLANK = b"\xef\xbb\xbf \t\r\n"
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
        parsed = _strictly(data)
    except RecursionError:
        raise _too_deep(source.label, session) from None
    except msgspec.DecodeError as error:
        parsed = _salvaged(data.decode("utf-8", "replace"), str(error), source, session)
        check_depth(parsed, source.label, session)
    else:
        keys = check_depth(parsed, source.label, session)
        # a text may hold what looks like a key, so more of them are only a reason to look closer
        if keys < data.count(b'":') + data.count(b'" :'):
            parsed = _with_first_keys(data, parsed, source, session)
    return RawDocument(file=source.label, data=parsed)


def _strictly(data: bytes) -> object:
    """Return a document, or the list of those on each line."""
    import msgspec

    try:
        return _value(data)
    except msgspec.DecodeError:
        lines = _from_lines(data)
        if lines is None:
            raise
        return lines


def _value(data: bytes) -> object:
    """Return a parsed document; a number out of range is a text, so that it is told by its row."""
    import msgspec

    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:
        return msgspec.json.decode(_NUMBER.sub(_quoted_if_out_of_range, data))


def _quoted_if_out_of_range(token: re.Match[bytes]) -> bytes:
    text = token[0]
    return text if text[:1] == b'"' or _is_in_range(text) else b'"' + text + b'"'


def _is_in_range(number: bytes | str) -> bool:
    try:
        return len(number) <= _LONGEST_NUMBER and isfinite(float(number))
    except ValueError:
        return True  # no number at all: the parser tells


def _float(text: str) -> float | str:
    return float(text) if _is_in_range(text) else text


def _int(text: str) -> int | str:
    return int(text) if _is_in_range(text) else text


class _FirstKeys:
    """Makes the objects of the json module: of a key that stands twice the first counts."""

    def __init__(self) -> None:
        self._twice: Counter[str] = Counter()

    def __call__(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            made = {}
            for key, value in pairs:
                if key in made:
                    self._twice[key] += 1
                made.setdefault(key, value)
        return made

    def report(self, file: str, session: ReadingSession) -> None:
        """Collect a finding for each key that stood twice in an object."""
        for key, count in self._twice.items():
            message = f"key {key[:100]!r} stands twice in an object; the first counts"
            session.found.add("duplicate-column", message, file=file, count=count)


def _with_first_keys(
    data: bytes, parsed: object, source: SourceFile, session: ReadingSession
) -> object:
    """Return the document, parsed anew so that of keys that stand twice the first counts."""
    first_keys = _FirstKeys()
    decoder = json.JSONDecoder(object_pairs_hook=first_keys, parse_float=_float, parse_int=_int)
    is_lines = isinstance(parsed, list) and not data.lstrip(_BLANK).startswith(b"[")
    texts = data.splitlines() if is_lines else [data]
    again = [decoder.decode(text.decode("utf-8-sig")) for text in texts if text.strip()]
    first_keys.report(source.label, session)
    return again if is_lines else again[0]


def check_depth(data: object, file: str, session: ReadingSession) -> int:
    """Refuse a document that is nested deeper than the limit; return how many keys it has."""
    level, depth, keys = [data], 0, 0
    while level:
        depth += 1
        if depth > session.limits.depth:
            raise _too_deep(file, session)
        keys += sum(len(outer) for outer in level if isinstance(outer, dict))
        level = [inner for outer in level for inner in _inner(outer)]
    return keys


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
        return [_value(line) for line in lines]
    except (msgspec.DecodeError, RecursionError):
        return None


def _salvaged(text: str, why: str, source: SourceFile, session: ReadingSession) -> object:
    first_keys = _FirstKeys()
    decoder = json.JSONDecoder(
        parse_constant=lambda _: None,
        parse_float=_float,
        parse_int=_int,
        object_pairs_hook=first_keys,
    )
    if _is_deeper(text, session.limits.depth):
        raise _too_deep(source.label, session)
    try:
        whole = _whole(decoder, text)
        found = _partial(decoder, text) if whole is None else whole
    except RecursionError:
        raise _too_deep(source.label, session) from None
    records = _count(found)
    first_keys.report(source.label, session)
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

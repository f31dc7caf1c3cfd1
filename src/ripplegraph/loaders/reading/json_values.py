"""Values of JSON: read strictly or leniently, and what no reader of JSON checks by itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import chain
from math import isfinite

from ripplegraph.errors import LimitExceededError
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession

_OBJECT, _LIST, _VALUE = 230, 88, 66  # bytes that a dict, a list and a small value occupy
_SPACE = re.compile(r"[\s,]*")
_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?\d[\d.eE+-]*+', re.DOTALL)
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_LONGEST_NUMBER = 300


def value_of(data: bytes) -> object:
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


def _float_of(text: str) -> float | str:
    return float(text) if _is_in_range(text) else text


def _int_of(text: str) -> int | str:
    return int(text) if _is_in_range(text) else text


class LenientDecoder:
    """Reads what the strict parser refuses; of a key that stands twice the first counts.

    Constants such as NaN are no values; a number out of range is a text.
    """

    def __init__(self) -> None:
        self._twice: Counter[str] = Counter()
        self._decoder = json.JSONDecoder(
            parse_constant=lambda _: None,
            parse_float=_float_of,
            parse_int=_int_of,
            object_pairs_hook=self._object_of,
        )

    def raw_decode(self, text: str, at: int = 0) -> tuple[object, int]:
        """Return the value that starts at ``at``, and where it ends; ValueError if none does."""
        before = self._twice.copy()
        try:
            return self._decoder.raw_decode(text, at)
        except ValueError:
            self._twice = before  # what is read in smaller pieces then is counted there
            raise

    def decode(self, text: str) -> object:
        """Return the one value that a text holds; ValueError if it holds none, or more."""
        before = self._twice.copy()
        try:
            return self._decoder.decode(text)
        except ValueError:
            self._twice = before
            raise

    def report(self, file: str, session: ReadingSession) -> None:
        """Collect a finding for each key that stood twice in an object."""
        for key, count in self._twice.items():
            message = f"key {key[:100]!r} stands twice in an object; the first counts"
            session.found.add("duplicate-column", message, file=file, count=count)

    def _object_of(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            made = {}
            for key, value in pairs:
                if key in made:
                    self._twice[key] += 1
                made.setdefault(key, value)
        return made


def may_hold_keys_twice(data: bytes, keys: int) -> bool:
    """Return whether a text with so many keys may hold more: a text may look like a key."""
    return keys < data.count(b'":') + data.count(b'" :')


def check_depth(data: object, file: str, session: ReadingSession, *, above: int = 0) -> int:
    """Refuse what is nested deeper than the limit, ``above`` levels around it; count its keys."""
    level, depth, keys = [data], above, 0
    while level:
        depth += 1
        if depth > session.limits.depth:
            raise too_deep(file, session)
        dicts = [outer for outer in level if isinstance(outer, dict)]
        lists = [outer for outer in level if isinstance(outer, list)]
        keys += sum(map(len, dicts))
        inner = chain(chain.from_iterable(map(dict.values, dicts)), chain.from_iterable(lists))
        level = [value for value in inner if type(value) is dict or type(value) is list]
    return keys


def is_deeper(text: str, limit: int) -> bool:
    """Return whether brackets outside of texts nest deeper; parsers differ in what they bear."""
    depth = 0
    for token in _NESTING.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > limit:
            return True
    return False


def too_deep(file: str, session: ReadingSession) -> LimitExceededError:
    """Return the refusal of a file that is nested too deep."""
    limit = f"it is nested deeper than {session.limits.depth} levels (depth)"
    return LimitExceededError(file, limit, SPLIT_OR_RAISE)


def memory_of(data: bytes) -> int:
    """Return about how many bytes the parsed document occupies, never far below it."""
    values = data.count(b",") + data.count(b":")
    return (
        len(data)
        + _OBJECT * data.count(b"{")
        + _LIST * data.count(b"[")
        + _VALUE * max(values, data.count(b'"') // 4)
    )


def items_of(decoder: LenientDecoder, text: str, at: int) -> tuple[list[object], int]:
    """Return the values of a list from ``at`` on, up to its end or a break, and where that is."""
    items: list[object] = []
    while True:
        at = _after_space(text, at)
        try:
            item, at = decoder.raw_decode(text, at)
        except ValueError:
            return items, at
        items.append(item)


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def cleaned(found: object) -> object:
    """Replace lone surrogates, which no file could be written with."""
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))

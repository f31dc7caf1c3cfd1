"""Look-ups of CIs by what people call them: one text, one or several CIs, and near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import TextColumn
from ripplegraph.graph.numbered_texts import MANY_TEXTS, alike, coded_texts, numbered

_GIVEN = 3
_CUTOFF = 0.7
_COMPARED = 2_000
"""How many spellings are compared letter by letter, at about 20 microseconds each."""

_CHUNK = 65_536
"""Spellings whose letters are held as numbers at a time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumbersByText:
    """The CIs by a text of theirs: one number each, and all numbers where several share it."""

    one: Mapping[str, int]
    several: Mapping[str, Sequence[int]]


def numbers_by_text(texts: Sequence[str]) -> NumbersByText:
    """Return the numbers of the CIs by a text that each of them has.

    Examples
    --------
    >>> numbers_by_text(["web", "db", "web"]).several
    {'web': [0, 2]}
    """
    if isinstance(texts, TextColumn):
        return _of_many(texts)
    one = {text: number for number, text in enumerate(texts)}
    several: dict[str, list[int]] = {}
    if len(one) < len(texts):
        shared = {text for number, text in enumerate(texts) if one[text] != number}
        for number, text in enumerate(texts):
            if text in shared:
                several.setdefault(text, []).append(number)
    return NumbersByText(one=one, several=several)


def shared_texts(texts: Sequence[str]) -> list[tuple[int, str]]:
    """Return the cells whose text another cell has too, with their positions, ascending.

    Examples
    --------
    >>> shared_texts(["web", "db", "web"])
    [(0, 'web'), (2, 'web')]
    """
    if isinstance(texts, TextColumn) and len(texts) >= MANY_TEXTS:
        suspects = alike(texts, is_compiled=True)
        cells = texts.take(suspects)
        return [(int(suspects[at]), text) for at, text in _shared(cells)]
    return _shared(texts)


def _shared(texts: Sequence[str]) -> list[tuple[int, str]]:
    codes = numbered(texts).codes
    shared = np.flatnonzero(np.bincount(codes, minlength=1)[codes] > 1)
    return [(number, texts[number]) for number in shared.tolist()]


def _of_many(texts: TextColumn) -> NumbersByText:
    """Return the same of a column held in arrays."""
    column = coded_texts([texts])[0]
    times = np.bincount(column.codes, minlength=len(column.values))
    shared = np.flatnonzero(times[column.codes] > 1)
    several: dict[str, list[int]] = {}
    for number, code in zip(shared.tolist(), column.codes[shared].tolist(), strict=True):
        several.setdefault(column.values[code], []).append(number)
    numbers = np.empty(len(column.values), dtype=np.int64)
    numbers[column.codes] = np.arange(len(texts))
    one = dict(zip(column.values, numbers.tolist(), strict=True))
    return NumbersByText(one=one, several=several)


def near_misses(text: str, columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return up to three spellings that a person may have meant.

    Parameters
    ----------
    columns
        The texts by which CIs are called: one column or several of the same length.

    Notes
    -----
    Ratcliff and Obershelp's ratio of at least 0.7, as ``difflib`` computes it, then spellings
    that hold the text. Where the letters of more than 2,000 spellings would allow that ratio,
    only those that begin and end most like the text are compared.

    Examples
    --------
    >>> near_misses("wbe-1", [["web-1", "db-1"]])
    ('web-1',)
    """
    wanted = text.casefold()
    if not wanted:
        return ()
    spellings: dict[str, str] = {}
    for row in zip(*columns, strict=True):
        for spelling in row:
            spellings.setdefault(spelling.casefold(), spelling)
    near = spellings if len(spellings) <= _COMPARED else _nearest(wanted, list(spellings))
    close = get_close_matches(wanted, near, n=_GIVEN, cutoff=_CUTOFF)
    inside = sorted(key for key in spellings if wanted in key)[:_GIVEN]
    return tuple(dict.fromkeys(spellings[key] for key in (*close, *inside)))[:_GIVEN]


def _nearest(wanted: str, keys: Sequence[str]) -> list[str]:
    """Return the keys that may reach the ratio; of very many those with the longest same ends."""
    found: list[str] = []
    same_ends: list[NDArray[np.int64]] = []
    for first in range(0, len(keys), _CHUNK):
        part = keys[first : first + _CHUNK]
        spelled = _Spelled(part)
        possible = np.flatnonzero(spelled.most_alike(wanted) >= _CUTOFF)
        found.extend([part[at] for at in possible.tolist()])
        same_ends.append(spelled.same_ends(wanted)[possible])
    if len(found) <= _COMPARED:
        return found
    longest = np.argsort(-np.concatenate(same_ends), kind="stable")[:_COMPARED]
    return [found[at] for at in longest.tolist()]


class _Spelled:
    """Texts as one array of their code points."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._points = _points_of("".join(texts))
        self._lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._starts = np.cumsum(self._lengths) - self._lengths

    def most_alike(self, wanted: str) -> NDArray[np.float64]:
        """Return for each text the ratio that its letters in the best order would have."""
        letters, wanted_counts = np.unique(_points_of(wanted), return_counts=True)
        letter = np.searchsorted(letters, self._points)
        letter[letter == len(letters)] = 0
        is_wanted = letters[letter] == self._points
        owner = np.repeat(np.arange(len(self._lengths)), self._lengths)
        cells = owner[is_wanted] * len(letters) + letter[is_wanted]
        counts = np.bincount(cells, minlength=len(self._lengths) * len(letters))
        same = np.minimum(counts.reshape(-1, len(letters)), wanted_counts).sum(axis=1)
        ratios: NDArray[np.float64] = 2.0 * same / (self._lengths + len(wanted))
        return ratios

    def same_ends(self, wanted: str) -> NDArray[np.int64]:
        """Return for each text how many letters it has in common at its start and its end."""
        ends = self._starts + self._lengths - 1
        points = _points_of(wanted)
        return self._run(points, self._starts, 1) + self._run(points[::-1], ends, -1)

    def _run(
        self, points: NDArray[np.uint32], firsts: NDArray[np.int64], step: int
    ) -> NDArray[np.int64]:
        runs = np.zeros(len(firsts), dtype=np.int64)
        alike = np.arange(len(firsts))
        for at, point in enumerate(points.tolist()):
            alike = alike[self._lengths[alike] > at]
            alike = alike[self._points[firsts[alike] + step * at] == point]
            runs[alike] += 1
        return runs


def _points_of(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")

"""Look-ups of CIs by what people call them: one text, one or several CIs, and near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


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
    one = {text: number for number, text in enumerate(texts)}
    several: dict[str, list[int]] = {}
    if len(one) < len(texts):
        shared = {text for number, text in enumerate(texts) if one[text] != number}
        for number, text in enumerate(texts):
            if text in shared:
                several.setdefault(text, []).append(number)
    return NumbersByText(one=one, several=several)


def near_misses(text: str, columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return up to three spellings that a person may have meant.

    Parameters
    ----------
    columns
        The texts by which CIs are called: one column or several of the same length.

    Examples
    --------
    >>> near_misses("wbe-1", [["web-1", "db-1"]])
    ('web-1',)
    """
    wanted = text.casefold()
    spellings: dict[str, str] = {}
    for row in zip(*columns, strict=True):
        for spelling in row:
            spellings.setdefault(spelling.casefold(), spelling)
    close = get_close_matches(wanted, spellings, n=3, cutoff=0.7)
    inside = sorted(key for key in spellings if wanted and wanted in key)[:3]
    return tuple(dict.fromkeys(spellings[key] for key in (*close, *inside)))[:3]

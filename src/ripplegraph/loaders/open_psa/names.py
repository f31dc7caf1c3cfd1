"""Names that a fault tree may use for CIs: as people know them, as far as MEF allows."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
_HYPHENS = re.compile(r"-{2,}")
_OURS = re.compile(r"g[0-9]+(?:copy[0-9]+)?")
"""What gates between tops and events are called."""

_MOST = 60
"""Letters of a name: a longer one is cut."""


def unique_names(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Return a name for each CI that MEF and SCRAM accept, no two of them the same.

    MEF wants a letter or ``_`` first, then letters, digits and single hyphens within.

    Parameters
    ----------
    wanted
        How each CI is known, and what it is called by people or an empty text: the first is taken
        where it may stand as it is, else what is left of the second, or of the first.

    Examples
    --------
    >>> unique_names([("pump-1", "Pump"), ("cmdb:7f", "Online Shop"), ("cmdb:80", "Online/Shop")])
    ['pump-1', 'Online_Shop', 'Online_Shop_2']
    """
    taken: dict[str, int] = {}
    names = []
    for known_as, called in wanted:
        name = known_as if _LEGAL.fullmatch(known_as) else _legible(called) or _legible(known_as)
        names.append(_free(name or "ci", taken))
    return names


def _legible(text: str) -> str:
    """Return what MEF allows of a text; empty if nothing of it can be read."""
    kept = _HYPHENS.sub("-", _OTHER.sub("_", text))[:_MOST].strip("_-")
    if not kept:
        return ""
    return kept if _LEGAL.fullmatch(kept) else f"_{kept}"


def _free(name: str, taken: dict[str, int]) -> str:
    """Take a name: itself if it is free, or with the first number that makes it so.

    ``taken`` holds of each name the last number that was tried: thousands may be called alike.
    """
    if name not in taken and not _OURS.fullmatch(name):
        taken[name] = 1
        return name
    number = taken.get(name, 1) + 1
    while f"{name}_{number}" in taken:
        number += 1
    taken[name], taken[f"{name}_{number}"] = number, 1
    return f"{name}_{number}"

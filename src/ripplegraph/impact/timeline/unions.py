"""Outages of many CIs united: overlapping and touching intervals of one owner become one."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.compilation import kernel_of
from ripplegraph.impact.timeline.kernels_union import sweep_packed

COMPILED_FROM = 500_000
"""From so many intervals on the sweep is worth compiling."""

_BITS = 63


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnedIntervals:
    """Half-open intervals by owner, sorted by owner and start; those of one owner are apart."""

    owners: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def united(
    owners: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    *,
    compiled: bool | None = None,
) -> OwnedIntervals:
    """Return the intervals of each owner, united.

    Parameters
    ----------
    owners
        Numbers >= 0.
    starts, ends
        UTC epoch seconds, half-open; empty and reversed ones are left out.
    compiled
        Whether the sweep runs compiled by numba; None lets the number decide.

    Notes
    -----
    Owner, start and length are packed into one integer where they fit, so that one sort of
    integers does; else the intervals are sorted by owner and start.

    Examples
    --------
    >>> found = united(np.array([1, 0, 1]), np.array([5, 0, 7]), np.array([8, 2, 9]))
    >>> found.owners.tolist(), found.starts.tolist(), found.ends.tolist()
    ([0, 1], [0, 5], [2, 9])
    """
    some = ends > starts
    if not some.all():
        owners, starts, ends = owners[some], starts[some], ends[some]
    count = len(starts)
    if not count:
        nothing = np.zeros(0, dtype=np.int64)
        return OwnedIntervals(owners=nothing, starts=nothing, ends=nothing)
    origin = int(starts.min())
    start_bits = int(starts.max() - origin).bit_length()
    length_bits = int((ends - starts).max()).bit_length()
    is_compiled = count >= COMPILED_FROM if compiled is None else compiled
    if int(owners.max()).bit_length() + start_bits + length_bits > _BITS:
        order = np.lexsort((starts, owners))
        return _united_in_order(owners[order], starts[order], ends[order])
    keys = owners << start_bits
    keys += starts
    keys -= origin
    keys <<= length_bits
    keys += ends
    keys -= starts
    keys.sort()
    return _swept(
        keys,
        start_bits=start_bits,
        length_bits=length_bits,
        origin=origin,
        is_compiled=is_compiled,
    )


def _swept(
    keys: NDArray[np.int64], *, start_bits: int, length_bits: int, origin: int, is_compiled: bool
) -> OwnedIntervals:
    if not is_compiled:
        lengths = keys & ((1 << length_bits) - 1)
        places = keys >> length_bits
        starts = (places & ((1 << start_bits) - 1)) + origin
        return _united_in_order(places >> start_bits, starts, starts + lengths)
    owners, starts, ends = (np.empty(len(keys), dtype=np.int64) for _ in range(3))
    found = kernel_of(sweep_packed, is_compiled=True)(
        cast("Sequence[int]", keys),
        start_bits,
        length_bits,
        origin,
        cast("MutableSequence[int]", owners),
        cast("MutableSequence[int]", starts),
        cast("MutableSequence[int]", ends),
    )
    return OwnedIntervals(owners=owners[:found], starts=starts[:found], ends=ends[:found])


def _united_in_order(
    owners: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> OwnedIntervals:
    """Unite intervals sorted by owner and start, without a loop."""
    fresh_owner = np.ones(len(owners), dtype=bool)
    fresh_owner[1:] = owners[1:] != owners[:-1]
    rank = np.cumsum(fresh_owner) - 1
    span = int(ends.max()) - int(starts.min()) + 1
    reach = np.maximum.accumulate(ends + rank * span) - rank * span
    is_fresh = fresh_owner.copy()
    is_fresh[1:] |= starts[1:] > reach[:-1]
    first = np.flatnonzero(is_fresh)
    last = np.append(first[1:], len(owners)) - 1
    return OwnedIntervals(owners=owners[first], starts=starts[first], ends=reach[last])

"""Attributes of CIs that several tables tell: those of big tables stay in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import ArrayColumn
from ripplegraph.graph.numbered_texts import as_texts
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.loaders.array_records import texts_of_attribute
from ripplegraph.loaders.generic_columns import is_filled

_NOWHERE = -1


def with_attribute(
    known: Mapping[int, str],
    cells: Sequence[str],
    positions: NDArray[np.int64],
    count: int,
) -> Mapping[int, str]:
    """Return an attribute by the position of the CI, with the cells of one more table.

    Parameters
    ----------
    known
        What earlier tables told; that stays.
    cells
        By row of the table.
    positions
        By row of the table, the position of its CI among ``count``; -1 for none. If
        several rows tell of one CI the last that is not empty counts.

    Examples
    --------
    >>> with_attribute({0: "x"}, ["y", "z", "", "w"], np.array([0, 1, 1, -1]), 2)
    {0: 'x', 1: 'z'}
    """
    if not isinstance(cells, ArrayColumn) and not isinstance(known, SparseTexts):
        told = {at: cell for at, cell in zip(positions.tolist(), cells, strict=True) if cell}
        told.pop(_NOWHERE, None)
        return {**told, **known}
    before = texts_of_attribute(known)
    texts = before.extended(as_texts(cells))
    rows = np.full(count, len(texts), dtype=np.int64)  # the number of an empty one behind them
    told_at = np.flatnonzero(is_filled(cells) & (positions != _NOWHERE))
    rows[positions[told_at]] = len(before) + told_at
    known_at = np.flatnonzero(is_filled(before))
    rows[known_at] = known_at
    return SparseTexts(texts.extended([""]).take(rows))

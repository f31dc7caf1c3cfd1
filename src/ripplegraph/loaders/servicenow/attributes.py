"""Attributes of CIs that several tables tell: those of big tables stay in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import ArrayColumn, NumberColumn, TextColumn, as_numbers, coded
from ripplegraph.graph.numbered_texts import MANY_TEXTS, as_texts
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.loaders.generic_columns import is_filled

_TEXTS = frozenset({"native_id", "name"})
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
    before = _in_column(known)
    texts = before.extended(as_texts(cells))
    rows = np.full(count, len(texts), dtype=np.int64)  # the number of an empty one behind them
    told_at = np.flatnonzero(is_filled(cells) & (positions != _NOWHERE))
    rows[positions[told_at]] = len(before) + told_at
    known_at = np.flatnonzero(is_filled(before))
    rows[known_at] = known_at
    return SparseTexts(texts.extended([""]).take(rows))


def _in_column(known: Mapping[int, str]) -> TextColumn:
    if isinstance(known, SparseTexts):
        return as_texts(known.column)
    return TextColumn.of(known.get(at, "") for at in range(max(known, default=-1) + 1))


def hold_in_arrays(cis: CiColumns) -> None:
    """Hold many CIs in arrays instead of lists, which take several times as much memory."""
    if len(cis) < MANY_TEXTS:
        return
    for column in fields(cis):
        cells = getattr(cis, column.name)
        if column.name in _TEXTS:
            setattr(cis, column.name, TextColumn.of(cells))
        elif column.name == "row":
            cis.row = NumberColumn(as_numbers(cells))
        elif column.name != "attributes":
            setattr(cis, column.name, coded(cells))
    for name, known in cis.attributes.items():
        cis.attributes[name] = SparseTexts(_in_column(known))

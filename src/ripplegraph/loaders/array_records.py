"""Records made row by row, held in arrays: lists take several times as much memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np

from ripplegraph.graph.columns import NumberColumn, TextColumn, as_numbers, coded
from ripplegraph.graph.numbered_texts import as_texts
from ripplegraph.graph.records import CiColumns, DependencyColumns, Records
from ripplegraph.graph.shared_values import one_after_another
from ripplegraph.graph.sparse_texts import SparseTexts

Entry = TypeVar("Entry")
Columns = TypeVar("Columns", CiColumns, DependencyColumns)

BLOCK = 1 << 16
"""So many records are held as lists at a time."""

_TEXTS = frozenset({"native_id", "name", "dependent", "dependency"})


def in_blocks(entries: Iterable[Entry], records: Records) -> Iterator[Entry]:
    """Yield entries; the CIs and dependencies that are made of them on the way end in arrays."""
    cis, dependencies = [records.cis], [records.dependencies]
    records.cis, records.dependencies = CiColumns(), DependencyColumns()
    for number, entry in enumerate(entries, start=1):
        yield entry
        if number % BLOCK == 0:
            cis.append(records.cis)
            dependencies.append(records.dependencies)
            hold_in_arrays(records.cis)
            hold_in_arrays(records.dependencies)
            records.cis, records.dependencies = CiColumns(), DependencyColumns()
    records.cis = _together([*cis, records.cis])
    records.dependencies = _together([*dependencies, records.dependencies])


def hold_in_arrays(columns: CiColumns | DependencyColumns) -> None:
    """Hold CIs or dependencies in arrays."""
    for column in fields(columns):
        cells = getattr(columns, column.name)
        if column.name in _TEXTS:
            setattr(columns, column.name, as_texts(cells))
        elif column.name == "row":
            columns.row = NumberColumn(as_numbers(cells))
        elif column.name != "attributes":
            setattr(columns, column.name, coded(cells))
    if isinstance(columns, CiColumns):
        for name, known in columns.attributes.items():
            columns.attributes[name] = SparseTexts(texts_of_attribute(known))


def texts_of_attribute(known: Mapping[int, str]) -> TextColumn:
    """Return an attribute as texts by position, up to the last that there is."""
    if isinstance(known, SparseTexts):
        return as_texts(known.column)
    return TextColumn.of(known.get(at, "") for at in range(max(known, default=-1) + 1))


def _together(parts: Sequence[Columns]) -> Columns:
    """Return the records of several columns one after another, in arrays if they are many."""
    filled = [part for part in parts if len(part)]
    if len(filled) <= 1:
        return filled[0] if filled else parts[0]
    made = type(parts[0])()
    for column in fields(made):
        cells = [getattr(part, column.name) for part in filled]
        if column.name in _TEXTS:
            setattr(made, column.name, _texts_together(list(map(as_texts, cells))))
        elif column.name == "row":
            made.row = NumberColumn(np.concatenate(list(map(as_numbers, cells))))
        elif column.name != "attributes":
            setattr(made, column.name, one_after_another(cells))
    if isinstance(made, CiColumns):
        made.attributes = _attributes_together(filled)
    return made


def _attributes_together(parts: Sequence[CiColumns]) -> dict[str, Mapping[int, str]]:
    names = dict.fromkeys(name for part in parts for name in part.attributes)
    return {
        name: SparseTexts(
            _texts_together(
                [_filled_up(part.attributes.get(name, {}), len(part)) for part in parts]
            )
        )
        for name in names
    }


def _filled_up(known: Mapping[int, str], count: int) -> TextColumn:
    """Return an attribute as a text for each of so many CIs."""
    texts = texts_of_attribute(known)
    missing = count - len(texts)
    return TextColumn(
        texts.buffer,
        np.pad(texts.starts, (0, missing)),
        np.pad(texts.lengths, (0, missing)),
    )


def _texts_together(columns: Sequence[TextColumn]) -> TextColumn:
    """Return the texts of columns one after another, in one buffer."""
    columns = [column.compacted() for column in columns]
    sizes = np.array([len(column.buffer) for column in columns], dtype=np.uint64)
    before = np.cumsum(sizes) - sizes
    return TextColumn(
        np.concatenate([column.buffer for column in columns]),
        np.concatenate([one.starts + start for one, start in zip(columns, before, strict=True)]),
        np.concatenate([column.lengths for column in columns]),
    )

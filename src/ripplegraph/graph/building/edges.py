"""Dependencies between numbered CIs: references resolved, stubs added, each kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.references import AMBIGUOUS, UNKNOWN, References
from ripplegraph.graph.building.sorting import (
    Ends,
    Numbers,
    SortedEnds,
    ends_by_code,
    odd_ends,
    sorted_ends,
)
from ripplegraph.graph.columns import CodedColumn, as_list, taken
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.number_sets import sorted_distinct
from ripplegraph.graph.records import CiColumns, DependencyColumns
from ripplegraph.graph.wording import place_words

STUB_CLASS = "stub"
"""Class of the CIs that stand for a missing record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResolvedEdges:
    """The dependencies kept, by dependent, dependency and record; ``positions`` of the records."""

    dependents: Numbers
    dependencies: Numbers
    positions: Numbers
    refused: list[int]


def resolved_edges(
    columns: DependencyColumns, cis: CiColumns, references: References, found: FindingCollector
) -> ResolvedEdges:
    """Return the dependencies that join two CIs, each once.

    CIs that only relations name are added to ``cis`` and ``references`` as stubs, sorted by
    native id, so that their numbers do not depend on the order of the relations.
    """
    starts, ends, odd = _ends(columns, references)
    bad = _leave_out_ambiguous_and_self(columns, (starts, ends), odd, references, found)
    stubs = _add_stubs(
        ((columns.dependent, starts), (columns.dependency, ends)),
        odd,
        references,
        first_number=len(cis),
    )
    made = sorted_ends(starts, ends, len(cis) + len(stubs))
    again = _repeated(columns, made, found)
    edges = ResolvedEdges(
        dependents=_without(made.dependents, again),
        dependencies=_without(made.dependencies, again),
        positions=_without(made.positions, again),
        refused=sorted((*bad, *made.positions[again].tolist())),
    )
    if stubs:
        _add_and_report_stubs(columns, edges, cis, stubs, references, found)
    return edges


def _ends(
    columns: DependencyColumns, references: References
) -> tuple[Ends, Ends, NDArray[np.int64]]:
    """Return the CI numbers of both ends, and where they do not join two CIs.

    Texts that both columns share are looked up once.
    """
    first, second = columns.dependent, columns.dependency
    if (
        isinstance(first, CodedColumn)
        and isinstance(second, CodedColumn)
        and first.values is second.values
    ):
        numbers = references.find_all(first.values).astype(np.int32)
        return ends_by_code(numbers, first.codes, second.codes)
    starts = references.find_all(first).astype(np.int32)
    ends = references.find_all(second).astype(np.int32)
    return starts, ends, odd_ends(starts, ends)


def _without(numbers: Numbers, places: list[int]) -> Numbers:
    """Return the numbers but those at a few places, ascending: all others are copied at once."""
    bounds = zip([-1, *places], [*places, len(numbers)], strict=True)
    return np.concatenate([numbers[before + 1 : place] for before, place in bounds])


def _leave_out_ambiguous_and_self(
    columns: DependencyColumns,
    sides: tuple[Ends, Ends],
    odd: NDArray[np.int64],
    references: References,
    found: FindingCollector,
) -> list[int]:
    """Put -1 into the ends of the odd relations that do not join two CIs, known or missing."""
    starts, ends = sides
    is_ambiguous = (starts[odd] == AMBIGUOUS) | (ends[odd] == AMBIGUOUS)
    bad: list[int] = []
    suspects = odd[is_ambiguous | (starts[odd] == ends[odd])]
    records = columns.few(suspects)
    for number, position in enumerate(suspects.tolist()):
        pair = (records.dependent[number], records.dependency[number])
        file, row = records.file[number], records.row[number]
        numbers = (starts[position], ends[position])
        if AMBIGUOUS in numbers:
            said_by = f"relation of {pair[0]!r} on {pair[1]!r}"
            text = pair[numbers.index(AMBIGUOUS)]
            references.report_ambiguous(found, text, said_by, file=file, row=row)
        elif starts[position] != UNKNOWN or pair[0] == pair[1]:
            found.add("self-relation", f"CI {pair[0]!r} depends on itself", file=file, row=row)
        else:
            continue  # two different CIs, both missing
        bad.append(position)
    starts[bad] = ends[bad] = -1
    return bad


def _add_stubs(
    sides: Sequence[tuple[Sequence[str], Ends]],
    odd: NDArray[np.int64],
    references: References,
    *,
    first_number: int,
) -> dict[int, str]:
    """Return a new CI for each text that names none; its number is put into the unknown ends.

    ``sides`` are the texts of all relations, with their numbers; ``odd`` are the positions where
    one may be unknown.
    """
    places = [odd[numbers[odd] == UNKNOWN] for _, numbers in sides]
    unknown = [as_list(taken(texts, at)) for (texts, _), at in zip(sides, places, strict=True)]
    stubs = dict(enumerate(sorted(set().union(*unknown)), start=first_number))
    references.add(list(stubs.values()), first_number)
    for (_, numbers), at, named in zip(sides, places, unknown, strict=True):
        numbers[at] = references.find_all(named)
    return stubs


def _repeated(columns: DependencyColumns, made: SortedEnds, found: FindingCollector) -> list[int]:
    """Return where in the sorted dependencies one stands that stood before."""
    suspects = sorted_distinct(np.concatenate((made.again - np.uint32(1), made.again)))
    records = columns.few(made.positions[suspects])
    ends = zip(
        made.dependents[suspects].tolist(), made.dependencies[suspects].tolist(), strict=True
    )
    first_at: dict[tuple[object, ...], int] = {}
    again: list[int] = []
    for number, pair in enumerate(ends):
        first = first_at.setdefault((*pair, *_sameness(records, number)), number)
        if first != number:
            _report_repeated(records, first, number, found)
            again.append(int(suspects[number]))
    return again


def _sameness(columns: DependencyColumns, position: int) -> tuple[object, ...]:
    """Return what else makes a dependency the same one: in a group its type does not count.

    In a group another strength is no repetition: the strictest holds, and mixed ones are found.
    """
    dates = (columns.valid_from[position], columns.valid_to[position])
    group = columns.group[position]
    if group:
        return (group, columns.strength[position], *dates)
    return (columns.relation_type[position], columns.strength[position], *dates)


def _report_repeated(
    columns: DependencyColumns, first: int, again: int, found: FindingCollector
) -> None:
    label = columns.relation_type[again]
    text = (
        f"relation of {columns.dependent[again]!r} on {columns.dependency[again]!r}"
        f"{f' ({label!r})' if label else ''} stands already"
        f"{place_words(columns.file[first], columns.row[first])}"
    )
    weights = [_weight(columns, position) for position in (first, again)]
    if weights[0] != weights[1]:
        text += f"; it weighs {weights[1]} here and {weights[0]} there: the first holds"
    found.add("duplicate-relation", text, file=columns.file[again], row=columns.row[again])


def _weight(columns: DependencyColumns, position: int) -> Decimal:
    weight = columns.weight[position]
    return Decimal(1) if weight is None else weight


def _add_and_report_stubs(
    columns: DependencyColumns,
    edges: ResolvedEdges,
    cis: CiColumns,
    stubs: dict[int, str],
    references: References,
    found: FindingCollector,
) -> None:
    """Add each stub, with the place where it is named first; report it once for each file."""
    rows: dict[int, dict[str, list[int]]] = {number: {} for number in stubs}
    for ends in (edges.dependents, edges.dependencies):
        places = np.flatnonzero(ends >= min(stubs))
        records = columns.few(edges.positions[places])
        for stub, file, row in zip(ends[places].tolist(), records.file, records.row, strict=True):
            rows[stub].setdefault(file, []).append(row)
    source, added = cis.source[0] if len(cis) else "export", CiColumns()
    for number, by_file in rows.items():
        native_id = stubs[number]
        first_file, first_row = min((file, min(of)) for file, of in by_file.items())
        added.append(
            source=source,
            class_name=STUB_CLASS,
            native_id=native_id,
            is_stub=True,
            file=first_file,
            row=first_row,
        )
        for file, of_file in by_file.items():
            text = f"CI {native_id!r} is not in the export; a stub stands for it"
            found.add("dangling-reference", text, file=file, row=min(of_file), count=len(of_file))
    added.native_id = references.stored(added.native_id)
    cis.extend(added)

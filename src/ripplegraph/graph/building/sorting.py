"""Dependencies in the order of the graph: by arrays, or of large graphs by kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.kernels_edges import invert_edges, look_up_ends, sort_edges
from ripplegraph.graph.columns import Codes
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.kernels_texts import cell_kernel

Ends = NDArray[np.int32]
Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SortedEnds:
    """Dependents, dependencies and positions of relations, in this order.

    Attributes
    ----------
    again
        Where one stands that joins the same CIs as the one before.
    """

    dependents: Numbers
    dependencies: Numbers
    positions: Numbers
    again: Numbers


def ends_by_code(
    numbers: Ends, first: Codes, second: Codes
) -> tuple[Ends, Ends, NDArray[np.int64]]:
    """Return the CIs that relations join, and the positions where they do not join two CIs.

    Parameters
    ----------
    numbers
        The CI that each code means, negative where it means none.
    first, second
        The codes of both ends.

    Examples
    --------
    >>> codes = np.array([1, 2, 0]), np.array([2, 2, 1])
    >>> made = ends_by_code(np.array([-2, 7, 4], dtype=np.int32), *codes)
    >>> [column.tolist() for column in made]
    [[7, 4, -2], [4, 4, 7], [1, 2]]
    """
    if is_large(len(numbers), len(first)):
        return ends_by_kernel(numbers, first, second, is_compiled=True)
    starts, ends = numbers[first], numbers[second]
    return starts, ends, odd_ends(starts, ends)


def odd_ends(starts: Ends, ends: Ends) -> NDArray[np.int64]:
    """Return the positions where an end is no CI, or both are the same."""
    return np.flatnonzero((starts < 0) | (ends < 0) | (starts == ends))


def ends_by_kernel(
    numbers: Ends, first: Codes, second: Codes, *, is_compiled: bool
) -> tuple[Ends, Ends, NDArray[np.int64]]:
    """Return the same by a kernel."""
    starts, ends, odd = (np.empty(len(first), dtype=np.int32) for _ in range(3))
    kernel = cell_kernel(look_up_ends, is_compiled=is_compiled)
    count = kernel(numbers, _of_one_kind(first), _of_one_kind(second), starts, ends, odd)
    return starts, ends, odd[:count].astype(np.int64)


def _of_one_kind(codes: Codes) -> Numbers:
    """Return codes as numba knows them, whoever made them: else it compiles for each kind."""
    made = np.ascontiguousarray(codes, dtype=np.uint32).view()
    made.setflags(write=False)
    return made


def sorted_ends(starts: Ends, ends: Ends, ci_count: int) -> SortedEnds:
    """Return relations in the order of the graph.

    Parameters
    ----------
    starts, ends
        The CIs that each relation joins; both -1 for one that is left out.
    ci_count
        How many CIs there are.

    Examples
    --------
    >>> starts, ends = np.array([[1, 1, -1, 0, 1], [2, 0, -1, 2, 2]], dtype=np.int32)
    >>> made = sorted_ends(starts, ends, ci_count=3)
    >>> made.dependents.tolist(), made.dependencies.tolist(), made.positions.tolist()
    ([0, 1, 1, 1], [2, 0, 2, 2], [3, 1, 0, 4])
    >>> made.again.tolist()
    [3]
    """
    if is_large(ci_count, len(starts)):
        return sorted_by_kernel(starts, ends, ci_count, is_compiled=True)
    used = np.flatnonzero(starts >= 0)
    keys = starts[used].astype(np.int64) * ci_count + ends[used]
    order = np.argsort(keys, kind="stable")
    in_order, positions = keys[order], used[order]
    return SortedEnds(
        dependents=starts[positions].astype(np.uint32),
        dependencies=ends[positions].astype(np.uint32),
        positions=positions.astype(np.uint32),
        again=(np.flatnonzero(in_order[1:] == in_order[:-1]) + 1).astype(np.uint32),
    )


def sorted_by_kernel(starts: Ends, ends: Ends, ci_count: int, *, is_compiled: bool) -> SortedEnds:
    """Return the same by a kernel."""
    count = len(starts)
    places = np.zeros(ci_count, dtype=np.uint32)
    dependents, dependencies, positions, again = (
        np.empty(count, dtype=np.uint32) for _ in range(4)
    )
    repeated = cell_kernel(sort_edges, is_compiled=is_compiled)(
        starts,
        ends,
        places,
        np.empty(count, dtype=np.int64),
        dependents,
        dependencies,
        positions,
        again,
    )
    used = int(places[-1]) if ci_count else 0
    return SortedEnds(
        dependents=dependents[:used],
        dependencies=dependencies[:used],
        positions=positions[:used],
        again=again[:repeated].copy(),
    )


def inverted(dependencies: Numbers, offsets: Numbers) -> Numbers:
    """Return the positions of dependencies in the order of what is needed; those of one ascend.

    Parameters
    ----------
    dependencies
        The CI that is needed, of each.
    offsets
        Where those that need each CI begin, and where the last end.

    Examples
    --------
    >>> needed, offsets = np.array([2, 0, 2]), np.array([0, 1, 1, 3])
    >>> inverted(needed.astype(np.uint32), offsets.astype(np.uint32)).tolist()
    [1, 0, 2]
    """
    if is_large(len(offsets) - 1, len(dependencies)):
        return inverted_by_kernel(dependencies, offsets, is_compiled=True)
    return np.argsort(dependencies, kind="stable").astype(np.uint32)


def inverted_by_kernel(dependencies: Numbers, offsets: Numbers, *, is_compiled: bool) -> Numbers:
    """Return the same by a kernel."""
    edges = np.empty(len(dependencies), dtype=np.uint32)
    kernel = cell_kernel(invert_edges, is_compiled=is_compiled)
    kernel(dependencies, offsets[:-1].copy(), edges)
    return edges

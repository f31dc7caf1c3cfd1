"""Dependencies in the order of the graph: by arrays, or of large graphs by kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.building.kernels_edges import invert_edges, sort_edges
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.kernels_texts import cell_kernel

Numbers = NDArray[np.int64]


def sorted_ends(starts: Numbers, ends: Numbers, ci_count: int) -> tuple[Numbers, Numbers, Numbers]:
    """Return dependents, dependencies and positions of relations, in this order.

    Parameters
    ----------
    starts, ends
        The CIs that each relation joins; both -1 for one that is left out.
    ci_count
        How many CIs there are.

    Examples
    --------
    >>> ends = np.array([1, 1, -1, 0]), np.array([2, 0, -1, 2])
    >>> [numbers.tolist() for numbers in sorted_ends(*ends, ci_count=3)]
    [[0, 1, 1], [2, 0, 2], [3, 1, 0]]
    """
    if is_large(ci_count, len(starts)):
        return sorted_by_kernel(starts, ends, ci_count, is_compiled=True)
    used = np.flatnonzero(starts >= 0)
    order = used[np.argsort(starts[used] * ci_count + ends[used], kind="stable")]
    return starts[order], ends[order], order


def sorted_by_kernel(
    starts: Numbers, ends: Numbers, ci_count: int, *, is_compiled: bool
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the same by a kernel."""
    counts = np.bincount(starts + 1, minlength=ci_count + 1)[1:]
    places = np.concatenate(([0], np.cumsum(counts)))
    keys = np.empty(int(places[-1]), dtype=np.int64)
    cell_kernel(sort_edges, is_compiled=is_compiled)(starts, ends, places[:-1].copy(), keys)
    dependents = np.repeat(np.arange(ci_count), counts)
    return dependents, keys >> 32, keys & 0xFFFF_FFFF


def inverted(dependencies: NDArray[np.uint32], ci_count: int) -> NDArray[np.uint32]:
    """Return the positions of dependencies in the order of what is needed; those of one ascend.

    Examples
    --------
    >>> inverted(np.array([2, 0, 2], dtype=np.uint32), ci_count=3).tolist()
    [1, 0, 2]
    """
    if is_large(ci_count, len(dependencies)):
        return inverted_by_kernel(dependencies, ci_count, is_compiled=True)
    return np.argsort(dependencies, kind="stable").astype(np.uint32)


def inverted_by_kernel(
    dependencies: NDArray[np.uint32], ci_count: int, *, is_compiled: bool
) -> NDArray[np.uint32]:
    """Return the same by a kernel."""
    counts = np.bincount(dependencies, minlength=ci_count)
    places = (np.cumsum(counts) - counts).astype(np.uint32)
    edges = np.empty(len(dependencies), dtype=np.uint32)
    cell_kernel(invert_edges, is_compiled=is_compiled)(dependencies, places, edges)
    return edges

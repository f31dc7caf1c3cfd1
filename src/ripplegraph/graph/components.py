"""Strongly connected components of dependency arrays: which CIs depend on each other.

CMDBs are nearly free of circles. So CIs that cannot lie in one are peeled off from above and
from below, level by level with array operations, and Tarjan's algorithm (1972) runs on the few
that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.kernels_components import label_components
from ripplegraph.graph.kernels_texts import cell_kernel
from ripplegraph.graph.number_sets import sorted_distinct

_WORTH_PEELING = 256
"""Levels with fewer CIs cost more as array operations than one by one."""


def component_labels(
    *, ci_count: int, dependents: NDArray[np.uint32], dependencies: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Return for each CI the smallest number among the CIs that it shares all circles with.

    Parameters
    ----------
    ci_count
        Number of CIs.
    dependents, dependencies
        The two ends of each dependency that counts, in any order, same shape.

    Examples
    --------
    >>> ends = np.array([0, 1, 2], dtype=np.uint32), np.array([1, 0, 0], dtype=np.uint32)
    >>> component_labels(ci_count=3, dependents=ends[0], dependencies=ends[1]).tolist()
    [0, 0, 2]
    """
    labels = np.arange(ci_count, dtype=np.uint32)
    rest, starts, ends = _within(ci_count, dependents, dependencies)
    lower, ends, starts = _within(len(rest), ends, starts)  # from below, in the other direction
    rest = rest[lower]
    neighbours = _adjacency(len(rest), starts.tolist(), ends.tolist())
    for component in _tarjan(neighbours):
        members = rest[component]
        labels[members] = members.min()
    return labels


def component_labels_at_once(
    *,
    offsets: NDArray[np.uint32],
    needed: NDArray[np.uint32],
    effect: NDArray[np.uint8],
    is_compiled: bool,
) -> NDArray[np.uint32]:
    """Return the same labels from arrays sorted by dependent, by a kernel: for large graphs.

    Parameters
    ----------
    offsets, needed, effect
        ``needed[offsets[i]:offsets[i + 1]]`` are what CI ``i`` needs; what has no effect does not
        count.
    is_compiled
        Whether the kernel runs compiled.

    Examples
    --------
    >>> offsets = np.array([0, 1, 2, 3], dtype=np.uint32)
    >>> needed = np.array([1, 0, 0], dtype=np.uint32)
    >>> effect = np.array([2, 2, 2], dtype=np.uint8)
    >>> component_labels_at_once(
    ...     offsets=offsets, needed=needed, effect=effect, is_compiled=False
    ... ).tolist()
    [0, 0, 2]
    """
    count = len(offsets) - 1
    labels = np.arange(count, dtype=np.uint32)
    seen, low = np.zeros((2, count), dtype=np.uint32)
    following, path, stack = np.empty((3, count), dtype=np.uint32)
    cell_kernel(label_components, is_compiled=is_compiled)(
        offsets,
        needed,
        effect,
        labels,
        seen,
        low,
        following,
        path,
        stack,
    )
    return labels


_Ends: TypeAlias = NDArray[np.uint32] | NDArray[np.int64]


def _within(
    ci_count: int, dependents: _Ends, dependencies: _Ends
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the CIs that peeling leaves, and the dependencies between them, numbered anew."""
    rest = _peeled(ci_count, dependents, dependencies)
    position = np.full(ci_count, len(rest), dtype=np.int64)
    position[rest] = np.arange(len(rest))
    starts, ends = position[dependents], position[dependencies]
    inside = (starts < len(rest)) & (ends < len(rest))
    return rest, starts[inside], ends[inside]


def _peeled(ci_count: int, dependents: _Ends, dependencies: _Ends) -> NDArray[np.int64]:
    """Return the CIs left after removing, while it pays, those that nothing left needs."""
    needed_by = np.bincount(dependencies, minlength=ci_count)
    needs = np.bincount(dependents, minlength=ci_count)
    order = np.argsort(dependents, kind="stable")
    targets = dependencies[order]
    offsets = np.concatenate(([0], np.cumsum(needs)))
    left = needed_by > 0
    level = np.flatnonzero(~left)
    left &= needs > 0
    while len(level) >= _WORTH_PEELING:
        reached = targets[_positions(offsets, level)]
        np.subtract.at(needed_by, reached, 1)
        level = sorted_distinct(reached[needed_by[reached] == 0]).astype(np.int64)
        left[level] = False
    return np.flatnonzero(left)


def _positions(offsets: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the array positions of all dependencies of these CIs."""
    starts, counts = offsets[numbers], offsets[numbers + 1] - offsets[numbers]
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))


def _adjacency(count: int, starts: Sequence[int], ends: Sequence[int]) -> list[list[int]]:
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for start, end in zip(starts, ends, strict=True):
        neighbours[start].append(end)
    return neighbours


def _tarjan(neighbours: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the components of more than one position; iterative, so depth is no limit."""
    search = _Search(len(neighbours))
    for root in range(len(neighbours)):
        if search.index[root] < 0:
            search.from_root(root, neighbours)
    return search.components


class _Search:
    """The state of one depth-first search for components."""

    def __init__(self, count: int) -> None:
        self.index = [-1] * count
        self.low = [0] * count
        self.on_stack = [False] * count
        self.stack: list[int] = []
        self.components: list[list[int]] = []
        self._clock = 0

    def from_root(self, root: int, neighbours: Sequence[Sequence[int]]) -> None:
        """Visit everything that ``root`` reaches for the first time."""
        index, low, on_stack = self.index, self.low, self.on_stack
        path = [(root, iter(neighbours[root]))]
        self._enter(root)
        while path:
            current, waiting = path[-1]
            for other in waiting:
                if index[other] < 0:
                    self._enter(other)
                    path.append((other, iter(neighbours[other])))
                    break
                if on_stack[other] and index[other] < low[current]:
                    low[current] = index[other]
            else:
                path.pop()
                if path and low[current] < low[path[-1][0]]:
                    low[path[-1][0]] = low[current]
                if low[current] == index[current]:
                    self._leave(current)

    def _enter(self, position: int) -> None:
        self.index[position] = self.low[position] = self._clock
        self._clock += 1
        self.stack.append(position)
        self.on_stack[position] = True

    def _leave(self, root: int) -> None:
        """Take the component that ``root`` was entered first of off the stack."""
        component: list[int] = []
        while not component or component[-1] != root:
            component.append(self.stack.pop())
            self.on_stack[component[-1]] = False
        if len(component) > 1:
            self.components.append(component)

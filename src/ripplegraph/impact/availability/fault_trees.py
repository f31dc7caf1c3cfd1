"""Fault trees as a formula with names: what a fault tree file gives instead of a graph of CIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import UnknownCiError
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.options import AvailabilityOptions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaultTrees:
    """Fault trees that share basic events.

    Parameters
    ----------
    formula
        The gates of all trees; truth is failure.
    roots
        Node of each top event.
    root_names
        Name of each top event, in the order of ``roots``.
    root_labels
        What the file says of each top event, or an empty text.
    variable_names
        Name of each basic event; variable ``i`` of the formula is ``variable_names[i]``.
    variable_labels
        What the file says of each basic event, or an empty text.
    unavailability
        Probability of each basic event, a fraction; NaN where the file gives none.
    notes
        What was assumed or left out while reading, one sentence each.
    stands_for
        By variable another one: both are the same CI, which counts differently for other roots.
    spans
        Least and largest probability of variables whose own is not settled by what is known.
    """

    formula: Formula
    roots: tuple[int, ...]
    root_names: tuple[str, ...]
    root_labels: tuple[str, ...]
    variable_names: tuple[str, ...]
    variable_labels: tuple[str, ...]
    unavailability: NDArray[np.float64]
    notes: tuple[str, ...] = ()
    stands_for: Mapping[int, int] = field(default_factory=dict)
    spans: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    def event_name(self, variable: int) -> str:
        """Return the name of a basic event, of a CI the same for all roots."""
        return self.variable_names[self.stands_for.get(variable, variable)]


def top_of(trees: FaultTrees, name: str) -> int:
    """Return the place of a top event.

    Raises
    ------
    UnknownCiError
        If no top event has this name.
    """
    if name in trees.root_names:
        return trees.root_names.index(name)
    raise UnknownCiError(name, trees.root_names[:5])


def variable_of(trees: FaultTrees, name: str) -> int:
    """Return the number of a basic event.

    Raises
    ------
    UnknownCiError
        If no basic event has this name.
    """
    if name in trees.variable_names:
        return trees.variable_names.index(name)
    raise UnknownCiError(name)


def probabilities_of(trees: FaultTrees, options: AvailabilityOptions) -> NDArray[np.float64]:
    """Return the probability of each basic event, what ``options.own`` says in its place.

    Parameters
    ----------
    trees
        The fault trees.
    options
        Only ``own`` counts, by the number of the basic event.
    """
    q = trees.unavailability.copy()
    for variable, own in options.own.items():
        q[variable] = np.nan if own.unavailability is None else own.unavailability
    return q


def is_coherent(ops: NDArray[np.uint8]) -> bool:
    """Return whether a further failure never mends what has these gates beneath it.

    Parameters
    ----------
    ops
        The ``op`` of the node and of all nodes beneath it.
    """
    return not bool(np.isin(ops, (Op.NOT, Op.XOR)).any())


def selected(
    trees: FaultTrees, tops: Sequence[str] | None, options: AvailabilityOptions
) -> FaultTrees:
    """Return some of the top events, with the probabilities that ``options.own`` says.

    Parameters
    ----------
    trees
        The fault trees.
    tops
        Names of top events; None for all.
    options
        Only ``own`` counts, by the number of the basic event.

    Raises
    ------
    UnknownCiError
        If no top event has one of the names.
    """
    names = trees.root_names if tops is None else tops
    places = [top_of(trees, name) for name in names]
    return replace(
        trees,
        roots=tuple(trees.roots[place] for place in places),
        root_names=tuple(trees.root_names[place] for place in places),
        root_labels=tuple(trees.root_labels[place] for place in places),
        unavailability=probabilities_of(trees, options),
    )

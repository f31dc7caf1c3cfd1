"""Fault trees as a formula with names: what a fault tree file gives instead of a graph of CIs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.formula import Formula


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
    """

    formula: Formula
    roots: tuple[int, ...]
    root_names: tuple[str, ...]
    root_labels: tuple[str, ...]
    variable_names: tuple[str, ...]
    variable_labels: tuple[str, ...]
    unavailability: NDArray[np.float64]
    notes: tuple[str, ...] = ()

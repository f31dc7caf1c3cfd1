"""Minimal cut sets of fault trees: the smallest sets of basic events that bring a top about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.compile import cone_of
from ripplegraph.impact.availability.cut_sets import (
    MinimalSets,
    minimal_cut_sets,
    minimal_path_sets,
)
from ripplegraph.impact.availability.fault_trees import (
    FaultTrees,
    is_coherent,
    probabilities_of,
    top_of,
)
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, CutSet, CutSetsAnswer

Floats = NDArray[np.float64]


def cut_sets(
    trees: FaultTrees,
    top: str,
    *,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    max_order: int | None = None,
    min_probability: float | None = None,
) -> CutSetsAnswer:
    """Return the smallest sets of basic events that bring a top event about.

    Parameters
    ----------
    trees
        The fault trees.
    top
        Name of the top event.
    options
        ``own`` counts.
    max_order
        Most events of a set; None for no limit but the number of sets.
    min_probability
        Sets less likely are left out, a fraction; sets of unknown probability stay.

    Returns
    -------
    CutSetsAnswer
        Likeliest first, then smallest, then by name.

    Raises
    ------
    UnknownCiError
        If no top event has this name.
    InvalidScenarioError
        If a NOT or XOR lies beneath: such a tree has no minimal cut sets in this sense.
    """
    place = top_of(trees, top)
    q = probabilities_of(trees, options)
    formula, root = trees.formula, trees.roots[place]
    if not is_coherent(formula.op[cone_of(formula, root)]):
        reason = f"NOT or XOR lies beneath {top!r}, so a further failure may mend it"
        raise InvalidScenarioError(reason, "Ask for its availability or importance instead")
    found = minimal_cut_sets(formula, root, max_order=max_order)
    paths = minimal_path_sets(formula, root, max_order=max_order)
    sets = [_cut_set(trees, q, one) for one in found.sets]
    listed = [one for one in sets if _is_likely(one, min_probability)]
    return CutSetsAnswer(
        ci_id=CiId(top),
        native_id=top,
        name=trees.root_labels[place] or top,
        cut_sets=tuple(sorted(listed, key=_likeliest_first)),
        is_complete=found.is_complete and len(listed) == len(sets),
        count=len(sets) if found.is_complete else None,
        single_points_of_failure=tuple(sorted(one.cis[0] for one in sets if one.order == 1)),
        path_sets=tuple(_names(trees, one) for one in paths.sets) if paths.is_complete else (),
        assumptions=(*_how_far(found), *trees.notes),
    )


def _how_far(found: MinimalSets) -> Iterator[str]:
    """Return what the list rests on, and how far it goes."""
    yield "Basic events fail independently of each other."
    if not found.is_complete:
        yield f"Sets of more than {found.complete_order} events are not looked for."


def _names(trees: FaultTrees, variables: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted(trees.variable_names[one] for one in variables))


def _cut_set(trees: FaultTrees, q: Floats, variables: tuple[int, ...]) -> CutSet:
    probability = float(np.prod(q[list(variables)]))
    is_known = not np.isnan(probability)
    return CutSet(
        cis=_names(trees, variables),
        order=len(variables),
        probability=probability if is_known else None,
        downtime_minutes_per_year=probability * MINUTES_PER_YEAR if is_known else None,
    )


def _is_likely(one: CutSet, least: float | None) -> bool:
    return least is None or one.probability is None or one.probability >= least


def _likeliest_first(one: CutSet) -> tuple[float, int, tuple[str, ...]]:
    return -(one.probability or 0.0), one.order, one.cis

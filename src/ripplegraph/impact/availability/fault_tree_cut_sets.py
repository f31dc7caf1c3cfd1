"""Minimal cut sets of fault trees: the smallest sets of basic events that bring a top about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.asked_trees import AskedTrees, ask_trees
from ripplegraph.impact.availability.compile import cone_of
from ripplegraph.impact.availability.cut_set_lists import listed_cut_sets, listed_path_sets
from ripplegraph.impact.availability.cut_sets import MinimalSets
from ripplegraph.impact.availability.fault_trees import FaultTrees, top_of
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.rewriting import alone_enough
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    CutSet,
    CutSetsAnswer,
    PathSet,
)

_INDEPENDENT = "Basic events fail independently of each other."
_MOST_PATH_SETS = 10_000


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
    asked = ask_trees(trees, [place], options)
    if not asked.is_coherent[0]:
        reason = "NOT or XOR lies beneath the top event, so a further failure may mend it"
        advice = "Ask for its availability or importance instead"
        raise InvalidScenarioError(reason, advice, (top,))
    answer = cut_sets_of(asked, max_order=max_order, min_probability=min_probability)
    notes = (_INDEPENDENT, *answer.assumptions, *trees.notes)
    return replace(answer, name=trees.root_labels[place] or top, assumptions=notes)


def cut_sets_of(
    asked: AskedTrees, *, max_order: int | None = None, min_probability: float | None = None
) -> CutSetsAnswer:
    """Return the minimal cut sets of the one coherent top event that has been asked about.

    Parameters
    ----------
    max_order, min_probability
        As for :func:`cut_sets`.
    """
    listed = listed_cut_sets(
        asked.fleet, 0, asked.q, max_order=max_order, min_probability=min_probability or 0.0
    )
    sets = [_cut_set(asked, one) for one in listed.found.sets]
    sets = [one for one in sets if _is_likely(one, min_probability)]
    counts = listed.counts or _counts_of(listed.found)
    paths = listed_path_sets(asked.fleet, 0, limit=_MOST_PATH_SETS)
    path_sets = [_path_set(asked, one) for one in paths.sets] if paths.is_complete else []
    name = asked.name(0)
    return CutSetsAnswer(
        ci_id=CiId(name),
        native_id=name,
        name=name,
        cut_sets=tuple(sorted(sets, key=_likeliest_first)),
        is_complete=bool(counts) and len(sets) == sum(counts),
        count=sum(counts) if counts else None,
        single_points_of_failure=tuple(sorted(alone(asked, 0))),
        path_sets=tuple(sorted(path_sets, key=_surest_first)),
        counts_by_order=counts,
        assumptions=(
            *_unknown_last(sets),
            *_how_far(listed.found, paths, min_probability),
        ),
    )


def alone(asked: AskedTrees, place: int) -> list[str]:
    """Return the basic events that bring a coherent top event about with nothing else failed."""
    formula, root = asked.trees.formula, asked.root(place)
    bits = alone_enough(formula, cone_of(formula, root), [root])[root]
    variables = asked.variables[place]
    return sorted(asked.trees.variable_names[one] for one in variables if bits >> one & 1)


def _counts_of(found: MinimalSets) -> tuple[int, ...]:
    """Return how many sets there are of each size, where all of them are listed."""
    if not found.is_complete:
        return ()
    sizes = Counter(map(len, found.sets))
    return tuple(sizes[size] for size in range(max(sizes, default=0) + 1))


def _unknown_last(sets: Sequence[CutSet]) -> Iterator[str]:
    """Return how many sets have no probability: the last of a long list are seen by nobody."""
    unknown = sum(one.probability is None for one in sets)
    if unknown:
        hold = "1 cut set holds" if unknown == 1 else f"{unknown:,} cut sets hold"
        yield f"{hold} what is of unknown availability: no number, last in the list."


def _how_far(found: MinimalSets, paths: MinimalSets, least: float | None) -> Iterator[str]:
    """Return how far the lists go."""
    if least:
        yield f"Cut sets less likely than {least:g} are not listed."
    if found.complete_order is not None:
        yield f"Cut sets of more than {found.complete_order} CIs are not listed."
    if not paths.is_complete:
        yield "The minimal path sets are too many to be listed."


def _names(asked: AskedTrees, variables: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted(asked.trees.variable_names[one] for one in variables))


def _cut_set(asked: AskedTrees, variables: tuple[int, ...]) -> CutSet:
    probability = float(np.prod(asked.q[list(variables)]))
    is_known, window = not np.isnan(probability), asked.options.window_minutes
    return CutSet(
        cis=_names(asked, variables),
        order=len(variables),
        probability=probability if is_known else None,
        downtime_minutes_per_year=probability * MINUTES_PER_YEAR if is_known else None,
        downtime_minutes_per_window=probability * window if is_known and window else None,
    )


def _path_set(asked: AskedTrees, variables: tuple[int, ...]) -> PathSet:
    with np.errstate(divide="ignore"):  # a CI that never works
        exponent = float(np.log1p(-asked.q[list(variables)]).sum())
    is_known, window = not np.isnan(exponent), asked.options.window_minutes
    probability = float(np.exp(exponent))
    return PathSet(
        cis=_names(asked, variables),
        order=len(variables),
        probability=probability if is_known else None,
        unavailability=float(-np.expm1(exponent)) if is_known else None,
        uptime_minutes_per_year=probability * MINUTES_PER_YEAR if is_known else None,
        uptime_minutes_per_window=probability * window if is_known and window else None,
    )


def _surest_first(one: PathSet) -> tuple[float, int, tuple[str, ...]]:
    unavailability = 1.0 if one.unavailability is None else one.unavailability
    # equal but for the order of the sum: then by name
    return float(f"{unavailability:.12g}"), one.order, one.cis


def _is_likely(one: CutSet, least: float | None) -> bool:
    return least is None or one.probability is None or one.probability >= least


def _likeliest_first(one: CutSet) -> tuple[float, int, tuple[str, ...]]:
    return -(one.probability or 0.0), one.order, one.cis

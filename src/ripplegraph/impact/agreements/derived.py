"""How available services are by what they rest on, with all that a verdict needs to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ripplegraph.graph.model import CiId
from ripplegraph.impact.agreements.contributions import Partition, Shares, shares_of
from ripplegraph.impact.agreements.foundations import Batch, Floats, Foundations
from ripplegraph.impact.agreements.values import Unavailability
from ripplegraph.impact.availability import fault_tree_answers
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.naive import naive_product, naive_trees
from ripplegraph.impact.availability.values import Label


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derived:
    """How available one service is.

    Parameters
    ----------
    failures_per_year
        Of the service; None where that of a CI that counts is unknown.
    shares
        Who takes how much; None where the number is not exact.
    inputs
        Numbers of the CIs that can fail and count, ascending.
    """

    unavailability: Unavailability
    label: Label
    method: str
    failures_per_year: float | None
    naive_product: float | None
    naive_tree: float | None
    coverage: float
    missing: tuple[CiId, ...]
    shares: Shares | None
    inputs: tuple[int, ...]


def derived_services(found: Foundations, by: Mapping[str, Partition]) -> Mapping[int, Derived]:
    """Return by number how available each service is.

    Parameters
    ----------
    by
        How CIs are summed.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> from ripplegraph.impact.agreements.foundations import foundations
    >>> from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
    >>> options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    >>> found = foundations(graph_of("shop -> db"), [0], at=None, options=options)
    >>> derived_services(found, {})[0].unavailability
    Unavailability(lower=0.25, upper=0.25)
    """
    known = {
        ci: one.unavailability for ci, one in found.own.items() if one.unavailability is not None
    }
    trees = naive_trees(found.graph, sorted(found.own), known, cut_points=found.inclusive)
    derived: dict[int, Derived] = {}
    for batch in found.batches:
        ends = _ends(found, batch)
        shares = shares_of(batch, by)
        for place, service in enumerate(batch.services):
            derived[service] = _derived(
                found,
                batch,
                place,
                bounds=ends[place],
                shares=shares[place],
                tree=trees.get(service),
            )
    return derived


def _derived(
    found: Foundations,
    batch: Batch,
    place: int,
    *,
    bounds: tuple[float, float, str],
    shares: Shares | None,
    tree: float | None,
) -> Derived:
    inputs = batch.inputs[place]
    values = [found.own[ci].unavailability for ci in inputs]
    numbers = [value for value in values if value is not None]
    missing = [found.graph.ci_ids[ci] for ci in inputs if found.own[ci].unavailability is None]
    lower, upper, method = bounds
    label = Label.EXACT if shares is not None else Label.BOUNDED
    return Derived(
        unavailability=Unavailability(lower=lower, upper=upper),
        label=Label.INCOMPLETE if missing else label,
        method=method,
        failures_per_year=_frequency(found, batch, inputs, shares),
        naive_product=None if missing else naive_product(numbers),
        naive_tree=tree,
        coverage=len(numbers) / len(values) if values else 1.0,
        missing=tuple(sorted(missing)),
        shares=shares,
        inputs=inputs,
    )


def _ends(found: Foundations, batch: Batch) -> list[tuple[float, float, str]]:
    """Return by place the least and the most unavailability, and how they were found."""
    rows = failure_probabilities(batch.fleet, np.stack([batch.best, batch.worst]))
    ends = [
        (float(lower), max(float(lower), float(upper)), "binary decision diagram")
        for lower, upper in rows.T.tolist()
    ]
    beyond = [place for place, is_exact in enumerate(batch.fleet.is_exact) if not is_exact]
    if beyond:
        least = _bounded(found, batch, beyond, batch.best)
        most = least if batch.is_known else _bounded(found, batch, beyond, batch.worst)
        for place, (lower, _, method), (_, upper, _) in zip(beyond, least, most, strict=True):
            ends[place] = (lower, upper, method)
    return ends


def _bounded(
    found: Foundations, batch: Batch, places: Sequence[int], q: Floats
) -> list[tuple[float, float, str]]:
    """Return bounds of the services that have no diagram within the budget."""
    ids = found.graph.ci_ids
    trees = FaultTrees(
        formula=batch.structure.formula,
        roots=tuple(batch.structure.roots[place] for place in places),
        root_names=tuple(ids[batch.services[place]] for place in places),
        root_labels=("",) * len(places),
        variable_names=tuple(ids),
        variable_labels=("",) * len(ids),
        unavailability=q,
    )
    options = replace(found.options, own={})
    rows = fault_tree_answers.availability(trees, options=options).services
    return [(row.lower, row.upper, row.method) for row in rows]


def _frequency(
    found: Foundations, batch: Batch, inputs: Sequence[int], shares: Shares | None
) -> float | None:
    """Return the sum of Birnbaum importance times own frequency (independent CIs)."""
    if shares is None:
        return None
    frequencies: dict[int, float] = {}
    for ci in inputs:
        own = found.own[ci]
        if own.failures_per_year is None or own.unavailability is None:
            return None
        # a residual takes its part of the failures: the mean down time stays
        part = batch.best[ci] / own.unavailability if own.unavailability else 1.0
        frequencies[ci] = own.failures_per_year * float(part)
    return float(
        shares.slopes @ np.array([frequencies.get(ci, 0.0) for ci in shares.cis.tolist()])
    )

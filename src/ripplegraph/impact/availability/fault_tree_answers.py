"""The questions on fault trees: each top event is a service, each basic event a CI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.asked_trees import AskedTrees, Chance, ask_trees, chances_of
from ripplegraph.impact.availability.contributions import contributions
from ripplegraph.impact.availability.fault_tree_cut_sets import alone
from ripplegraph.impact.availability.fault_trees import FaultTrees, top_of
from ripplegraph.impact.availability.importance_totals import rounded
from ripplegraph.impact.availability.importance_values import ImportanceAnswer
from ripplegraph.impact.availability.naive import naive_product, naive_tree
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.tree_importance import importance_of
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    AvailabilityAnswer,
    Basis,
    Contribution,
    ExplainAnswer,
    OwnReliability,
    ServiceAvailability,
)

_NO_FREQUENCIES = "a fault tree gives probabilities, not how often its events occur"
_INDEPENDENT = "Basic events fail independently of each other."


def availability(
    trees: FaultTrees,
    tops: Sequence[str] | None = None,
    *,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> AvailabilityAnswer:
    """Return how likely top events are.

    Parameters
    ----------
    trees
        The fault trees.
    tops
        Names of top events; None for all.
    options
        ``own``, ``nodes_per_module``, ``samples`` and ``seed`` count.

    Returns
    -------
    AvailabilityAnswer
        One row per top event; ``unavailability`` is its probability.

    Raises
    ------
    UnknownCiError
        If no top event has one of the names.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> top = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> trees = FaultTrees(
    ...     formula=builder.build(), roots=(top,), root_names=("top",), root_labels=("",),
    ...     variable_names=("a", "b"), variable_labels=("", ""),
    ...     unavailability=np.array([0.5, 0.25]),
    ... )
    >>> [(one.name, one.unavailability, one.label.value) for one in availability(trees).services]
    [('top', 0.125, 'exact')]
    """
    places = range(len(trees.roots)) if tops is None else [top_of(trees, top) for top in tops]
    return availability_of(ask_trees(trees, places, options))


def availability_of(asked: AskedTrees) -> AvailabilityAnswer:
    """Return how likely top events are that have been asked about."""
    rows = tuple(_row(asked, place, one) for place, one in enumerate(chances_of(asked)))
    variables = set().union(*asked.variables)
    unknown = len(set().union(*asked.unknown))
    counts = {Basis.DECLARED.value: len(variables) - unknown, Basis.UNKNOWN.value: unknown}
    return AvailabilityAnswer(
        services=rows,
        basis_counts={basis: count for basis, count in counts.items() if count},
        assumptions=(_INDEPENDENT,),
    )


def importance(
    trees: FaultTrees,
    top: str | None = None,
    *,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    limit: int = 10_000,
) -> ImportanceAnswer:
    """Return what each basic event means to a top event.

    Parameters
    ----------
    trees
        The fault trees.
    top
        Name of the top event; None for every one.
    options
        As for ``availability``. Unknown events are taken as never failing.
    limit
        Most rows, and most totals.

    Returns
    -------
    ImportanceAnswer
        Most minutes at stake first.

    Raises
    ------
    UnknownCiError
        If no top event has this name.

    Notes
    -----
    Birnbaum (1969) ``B = dQ/dq``; criticality ``q B / Q``; DIF ``q (Q + (1 - q) B) / Q``;
    RAW ``1 + (1 - q) B / Q``; RRW ``Q / (Q - q B)``.
    """
    places = range(len(trees.roots)) if top is None else [top_of(trees, top)]
    asked = ask_trees(trees, list(places), options)
    answer = importance_of(asked, limit=limit, with_totals=top is None)
    return replace(answer, service=None if top is None else CiId(top))


def explain(
    trees: FaultTrees, top: str, *, options: AvailabilityOptions = DEFAULT_OPTIONS
) -> ExplainAnswer:
    """Return where the probability of a top event comes from.

    Parameters
    ----------
    trees
        The fault trees.
    top
        Name of the top event.
    options
        As for ``availability``. Unknown events contribute nothing and are listed.

    Returns
    -------
    ExplainAnswer
        Contributions by minutes, most first.

    Raises
    ------
    UnknownCiError
        If no top event has this name.
    """
    return explanation_of(ask_trees(trees, [top_of(trees, top)], options))


def explanation_of(asked: AskedTrees) -> ExplainAnswer:
    """Return where the probability of the one top event comes from that has been asked about."""
    return ExplainAnswer(
        service=_row(asked, 0, chances_of(asked)[0]),
        contributions=tuple(_contributions(asked)),
        inputs=tuple(_own(asked, variable) for variable in asked.variables[0]),
        single_points_of_failure=tuple(alone(asked, 0)) if asked.is_coherent[0] else (),
        assumptions=(_INDEPENDENT, *asked.trees.notes, *_unshared(asked)),
    )


def _unshared(asked: AskedTrees) -> tuple[str, ...]:
    """Return why there are no contributions, if there are none for want of a diagram."""
    if asked.is_exact(0):
        return ()
    if asked.fleet.is_exact[0]:
        return (
            "No contributions: of CIs with all beneath them only bounds are known of what they"
            " share.",
        )
    return ("No contributions: not exact within the budget of diagram nodes.",)


def _row(asked: AskedTrees, place: int, chance: Chance) -> ServiceAvailability:
    variables, unknown = asked.variables[place], asked.unknown[place]
    name, value = asked.name(place), chance.value
    return ServiceAvailability(
        ci_id=CiId(name),
        native_id=name,
        name=name,
        availability=None if value is None else 1.0 - value,
        unavailability=value,
        label=chance.label,
        lower=chance.lower,
        upper=chance.upper,
        method=chance.method,
        downtime_minutes_per_year=None if value is None else value * MINUTES_PER_YEAR,
        naive_product=None if unknown else naive_product(asked.q[variables].tolist()),
        naive_tree=None
        if unknown
        else naive_tree(asked.trees.formula, asked.root(place), asked.q),
        missing=tuple(CiId(asked.trees.event_name(one)) for one in unknown),
        coverage=1.0 - len(unknown) / max(1, len(variables)),
        failures_reason=_NO_FREQUENCIES,
        width_seconds_per_year=(chance.upper - chance.lower) * MINUTES_PER_YEAR * 60,
    )


def _contributions(asked: AskedTrees) -> list[Contribution]:
    if not asked.is_exact(0):
        return []
    q = asked.known()
    variables, shares = contributions(asked.fleet, q, 0)
    total = float(shares.sum())
    found = [
        Contribution(
            ci_id=asked.trees.variable_names[variable],
            native_id=asked.trees.variable_names[variable],
            name=asked.trees.variable_labels[variable] or asked.trees.variable_names[variable],
            minutes_per_year=share * MINUTES_PER_YEAR,
            percent=100.0 * share / total if total else None,
            basis=_basis(asked, variable),
        )
        for variable, share in zip(variables.tolist(), shares.tolist(), strict=True)
        if share
    ]
    return sorted(found, key=lambda one: (-rounded(one.minutes_per_year), one.ci_id))


def _own(asked: AskedTrees, variable: int) -> OwnReliability:
    name = asked.trees.variable_names[variable]
    value = float(asked.q[variable])
    return OwnReliability(
        ci_id=CiId(name),
        native_id=name,
        name=asked.trees.variable_labels[variable] or name,
        basis=_basis(asked, variable),
        unavailability=None if np.isnan(value) else value,
        failures_per_year=None,
    )


def _basis(asked: AskedTrees, variable: int) -> Basis:
    return Basis.UNKNOWN if np.isnan(asked.q[variable]) else Basis.DECLARED

"""The questions on fault trees: each top event is a service, each basic event a CI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    NodeBudget,
    compile_fleet,
    cone_of,
)
from ripplegraph.impact.availability.contributions import contributions
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.fault_trees import (
    FaultTrees,
    is_coherent,
    probabilities_of,
    top_of,
)
from ripplegraph.impact.availability.formula import Op
from ripplegraph.impact.availability.naive import naive_product
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import (
    MINUTES_PER_YEAR,
    AvailabilityAnswer,
    Basis,
    CiImportance,
    Contribution,
    ExplainAnswer,
    ImportanceAnswer,
    Label,
    OwnReliability,
    ServiceAvailability,
)

Floats = NDArray[np.float64]

_MOST_CORNERS = 10
"""Unknown events of a tree with NOT or XOR of which every combination is looked at."""


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
    asked = _asked(trees, list(places), options)
    rows = tuple(_row(asked, place) for place in range(len(asked.places)))
    variables = set().union(*asked.variables)
    unknown = sum(bool(np.isnan(asked.q[variable])) for variable in variables)
    counts = {Basis.DECLARED.value: len(variables) - unknown, Basis.UNKNOWN.value: unknown}
    return AvailabilityAnswer(
        services=rows,
        basis_counts={basis: count for basis, count in counts.items() if count},
        assumptions=("Basic events fail independently of each other.",),
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
        Most rows.

    Returns
    -------
    ImportanceAnswer
        Most minutes at stake first. Empty for a top event that is not exact.

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
    asked = _asked(trees, list(places), options)
    rows = _importances(asked)
    rows.sort(key=lambda one: (-_rounded(one.minutes), one.service, one.ci_id))
    return ImportanceAnswer(
        service=None if top is None else CiId(top),
        rows=tuple(rows[:limit]),
        row_count=len(rows),
        labels={
            asked.name(place): _row(asked, place).label.value for place in range(len(asked.places))
        },
        assumptions=("Basic events fail independently of each other.",),
    )


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
    asked = _asked(trees, [top_of(trees, top)], options)
    row = _row(asked, 0)
    return ExplainAnswer(
        service=row,
        contributions=tuple(_contributions(asked)),
        inputs=tuple(_own(asked, variable) for variable in asked.variables[0]),
        single_points_of_failure=tuple(_alone(asked)),
        assumptions=("Basic events fail independently of each other.", *trees.notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """Some compiled top events, and the probabilities that count.

    ``values`` are theirs with the unknown events never failed, ``worst`` with them always failed;
    NaN where a top event is not exact.
    """

    trees: FaultTrees
    places: list[int]
    q: Floats
    fleet: CompiledFleet
    variables: tuple[list[int], ...]
    is_coherent: tuple[bool, ...]
    values: Floats
    worst: Floats

    def name(self, place: int) -> str:
        """Return the name of a top event."""
        return self.trees.root_names[self.places[place]]

    def known(self, value: float = 0.0) -> Floats:
        """Return the probabilities with the unknown ones at a value."""
        return np.where(np.isnan(self.q), value, self.q)


def _asked(trees: FaultTrees, places: list[int], options: AvailabilityOptions) -> _Asked:
    q = probabilities_of(trees, options)
    budget = NodeBudget(nodes_per_module=options.nodes_per_module)
    roots = [trees.roots[place] for place in places]
    fleet = compile_fleet(trees.formula, roots, budget=budget, compiled=options.compiled)
    cones = [np.array(cone_of(trees.formula, root)) for root in roots]
    ops = [trees.formula.op[cone] for cone in cones]
    ends = np.stack([np.where(np.isnan(q), end, q) for end in (0.0, 1.0)])
    values, worst = failure_probabilities(fleet, ends)
    return _Asked(
        trees=trees,
        places=places,
        q=q,
        fleet=fleet,
        variables=tuple(
            np.sort(trees.formula.variable[cone[op == Op.VARIABLE]]).tolist()
            for cone, op in zip(cones, ops, strict=True)
        ),
        is_coherent=tuple(is_coherent(op) for op in ops),
        values=values,
        worst=worst,
    )


def _row(asked: _Asked, place: int) -> ServiceAvailability:
    variables = asked.variables[place]
    unknown = [variable for variable in variables if np.isnan(asked.q[variable])]
    lower, upper = _interval(asked, place, unknown)
    label, method = Label.EXACT, "binary decision diagram"
    if not asked.fleet.is_exact[place]:
        label, method = Label.BOUNDED, "none: too large for the budget"
    if unknown:
        label = Label.INCOMPLETE
    value = None if unknown else lower
    name = asked.name(place)
    return ServiceAvailability(
        ci_id=CiId(name),
        native_id=name,
        name=name,
        availability=None if value is None else 1.0 - value,
        unavailability=value,
        label=label,
        lower=lower,
        upper=upper,
        method=method,
        downtime_minutes_per_year=None if value is None else value * MINUTES_PER_YEAR,
        naive_product=None if unknown else naive_product(asked.q[variables].tolist()),
        missing=tuple(CiId(asked.trees.variable_names[one]) for one in unknown),
        coverage=1.0 - len(unknown) / max(1, len(variables)),
        width_seconds_per_year=(upper - lower) * MINUTES_PER_YEAR * 60,
    )


def _interval(asked: _Asked, place: int, unknown: list[int]) -> tuple[float, float]:
    """Return the least and the largest probability over what the unknown events may be."""
    if not asked.fleet.is_exact[place]:
        return 0.0, 1.0
    if not unknown or asked.is_coherent[place]:
        return float(asked.values[place]), float(asked.worst[place])
    if len(unknown) > _MOST_CORNERS:
        return 0.0, 1.0
    # the probability is linear in each event, so its extremes lie at the corners
    corners = np.repeat(asked.known()[None, :], 2 ** len(unknown), axis=0)
    corners[:, unknown] = np.arange(2 ** len(unknown))[:, None] >> np.arange(len(unknown)) & 1
    values = failure_probabilities(asked.fleet, corners)[:, place]
    return float(values.min()), float(values.max())


def _importances(asked: _Asked) -> list[CiImportance]:
    offsets, variables, derivatives = birnbaum_all(asked.fleet, asked.known())
    rows = []
    for place in range(len(asked.places)):
        span = slice(int(offsets[place]), int(offsets[place + 1]))
        pairs = zip(variables[span].tolist(), derivatives[span].tolist(), strict=True)
        rows += [_importance(asked, place, variable, one) for variable, one in pairs]
    return rows


def _importance(asked: _Asked, place: int, variable: int, derivative: float) -> CiImportance:
    total = float(asked.values[place])
    is_unknown = bool(np.isnan(asked.q[variable]))
    q = 0.0 if is_unknown else float(asked.q[variable])
    name = asked.trees.variable_names[variable]
    rest = total - q * derivative
    return CiImportance(
        service=CiId(asked.name(place)),
        ci_id=name,
        native_id=name,
        name=name,
        unavailability=None if is_unknown else q,
        birnbaum=derivative,
        criticality=q * derivative / total if total else None,
        fussell_vesely=None,
        dif=q * (total + (1.0 - q) * derivative) / total if total else None,
        raw=1.0 + (1.0 - q) * derivative / total if total else None,
        rrw=total / rest if rest > 1e-15 * total else None,
        minutes=q * derivative * MINUTES_PER_YEAR,
    )


def _contributions(asked: _Asked) -> list[Contribution]:
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
    return sorted(found, key=lambda one: (-_rounded(one.minutes_per_year), one.ci_id))


def _rounded(minutes: float) -> float:
    """Return minutes without the last digits, so that equal ones sort by name."""
    return float(f"{minutes:.10g}")


def _alone(asked: _Asked) -> list[str]:
    """Return the basic events that bring a coherent top about with nothing else failed."""
    variables = asked.variables[0]
    if not (asked.fleet.is_exact[0] and asked.is_coherent[0]):
        return []
    states = np.zeros((len(variables), len(asked.q)))
    states[np.arange(len(variables)), variables] = 1.0
    values = failure_probabilities(asked.fleet, states)[:, 0]
    pairs = zip(variables, values.tolist(), strict=True)
    return sorted(asked.trees.variable_names[one] for one, value in pairs if value == 1.0)


def _own(asked: _Asked, variable: int) -> OwnReliability:
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


def _basis(asked: _Asked, variable: int) -> Basis:
    return Basis.UNKNOWN if np.isnan(asked.q[variable]) else Basis.DECLARED

"""Shared causes: CIs of one site, power feed or release that now and then fail together.

Beta factor (Fleming 1975): of the smallest unavailability ``u`` among the CIs of a group, the
share ``beta`` comes from a cause that brings all of them down at once. Each CI keeps its own
unavailability: what its causes bring is taken out of what it brings by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder, Op
from ripplegraph.impact.availability.options import CommonCauses
from ripplegraph.impact.availability.rewriting import written

Floats = NDArray[np.float64]

_ROUNDING = 1e-12
"""What is left of a CI beside its causes may be so far below 0 by rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCause:
    """One cause that brings several CIs down at once.

    Parameters
    ----------
    name
        The column and its value: ``site:Munich``.
    members
        Numbers of the CIs, ascending, two or more.
    beta
        Share of the smallest unavailability among them that is shared, a fraction.
    """

    name: str
    members: tuple[int, ...]
    beta: float


def shared_causes(
    graph: ServiceGraph, cis: Collection[int], causes: Sequence[CommonCauses]
) -> tuple[SharedCause, ...]:
    """Return the causes that CIs share.

    Parameters
    ----------
    cis
        Numbers of the CIs that can fail by themselves.
    causes
        By which columns.

    Raises
    ------
    InvalidScenarioError
        If no CI of the graph has a value in such a column.

    Examples
    --------
    >>> from graph_building import records_of_text
    >>> from ripplegraph.graph.build import build_service_graph
    >>> records = records_of_text("shop -> a | b | c")
    >>> records.cis.attributes["site"] = {1: "muc", 2: "muc", 3: "ber"}
    >>> graph = build_service_graph(records).graph
    >>> [one.members for one in shared_causes(graph, range(4), [CommonCauses(attribute="site")])]
    [(1, 2)]
    """
    found = []
    for one in causes:
        cells = graph.cis.attributes.get(one.attribute, {})
        if not cells:
            reason, advice = "no CI has a value in a column", "Name a column that CIs have"
            raise InvalidScenarioError(reason, advice, (one.attribute,))
        groups: dict[str, list[int]] = {}
        for ci in sorted(cis):
            if cells.get(ci):
                groups.setdefault(cells[ci], []).append(ci)
        for value, members in sorted(groups.items()):
            beta = one.betas.get(value, one.beta)
            if len(members) > 1 and beta > 0:
                name = f"{one.attribute}:{value}"
                found.append(SharedCause(name=name, members=tuple(members), beta=beta))
    return tuple(found)


def with_shared_causes(
    trees: FaultTrees, frequency: Floats, causes: Sequence[SharedCause]
) -> tuple[FaultTrees, Floats]:
    """Return fault trees in which causes are events of their own, and how often each event occurs.

    Parameters
    ----------
    trees
        Variable ``i`` is the own failure of the CI with number ``i``.
    frequency
        Own failures a year by variable; NaN where unknown.
    causes
        Each becomes a variable after those of the CIs.

    Raises
    ------
    InvalidScenarioError
        If the causes of a CI together fail more often than the CI.

    Notes
    -----
    With ``c = beta * min u`` for each cause of a CI, ``1 - u' = (1 - u) / product of (1 - c)``;
    frequencies are shared out like the unavailabilities, mean down times stay. CIs of unknown
    availability take no part in a cause, so that the interval from never failing to always down
    holds for them.
    """
    first = len(trees.variable_names)
    chances = np.concatenate([trees.unavailability[:first], np.zeros(len(causes))])
    often = np.concatenate([frequency[:first], np.zeros(len(causes))])
    of_ci: dict[int, list[int]] = {}
    for at, cause in enumerate(causes):
        known = [ci for ci in cause.members if not np.isnan(trees.unavailability[ci])]
        if known:
            chances[first + at], often[first + at] = _of_cause(trees, frequency, cause, known)
        for ci in known:  # one of unknown availability may be perfect
            of_ci.setdefault(ci, []).append(first + at)
    for ci, variables in of_ci.items():
        whole = chances[ci]
        rest = 1.0 - (1.0 - whole) / np.prod(1.0 - chances[variables])
        if rest < -_ROUNDING:
            raise _too_much(trees.variable_names[ci], [causes[one - first] for one in variables])
        chances[ci] = max(0.0, rest)
        often[ci] = often[ci] * chances[ci] / whole if whole else 0.0
    for variable, ci in trees.stands_for.items():
        chances[variable], often[variable] = chances[ci], often[ci]
        of_ci[variable] = of_ci.get(ci, [])
    formula, roots = _with_causes(trees, of_ci)
    changed = replace(
        trees,
        formula=formula,
        roots=roots,
        variable_names=(*trees.variable_names, *(one.name for one in causes)),
        variable_labels=(*trees.variable_labels, *(one.name for one in causes)),
        unavailability=chances,
    )
    return changed, often


def _too_much(name: str, causes: Sequence[SharedCause]) -> InvalidScenarioError:
    reason = "the shared causes of a CI fail more often than it does"
    advice = "Give smaller beta factors: they add up for each CI"
    return InvalidScenarioError(reason, advice, (name, *(cause.name for cause in causes)))


def _of_cause(
    trees: FaultTrees, frequency: Floats, cause: SharedCause, known: Sequence[int]
) -> tuple[float, float]:
    """Return how likely a cause is, and how often it occurs; NaN where that is unknown."""
    least = min(known, key=lambda ci: (trees.unavailability[ci], ci))
    return (
        cause.beta * float(trees.unavailability[least]),
        cause.beta * float(frequency[least]),
    )


def _with_causes(
    trees: FaultTrees, of_ci: Mapping[int, Sequence[int]]
) -> tuple[Formula, tuple[int, ...]]:
    """Return the formula in which a CI fails by itself or with one of its causes."""
    formula, builder = trees.formula, FormulaBuilder()
    made: list[int] = []
    for node, op in enumerate(formula.op.tolist()):
        new = written(formula, node, builder, made)
        if op == Op.VARIABLE:
            causes = of_ci.get(int(formula.variable[node]), ())
            new = builder.any_of([new, *map(builder.variable, causes)])
        made.append(new)
    return builder.build(), tuple(made[root] for root in trees.roots)

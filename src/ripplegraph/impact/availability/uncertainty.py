"""How far the availability of services is known, given how far those of the CIs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.asked_trees import budget_of
from ripplegraph.impact.availability.compile import (
    CompiledFleet,
    compile_fleet,
    cone_of,
    variables_in,
)
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.grounds import Grounds, rest_on
from ripplegraph.impact.availability.measured import OutageHistory, outage_histories
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import Basis, UncertaintyAnswer

Floats = NDArray[np.float64]

_LEAST_HOURS = 1 / 3_600

_NOT_SAMPLED = (
    "not exact within the budget of {:,} nodes for each module: the samples go through exact"
    " diagrams, bounds are not sampled"
)
_OPEN = (
    "of CIs with all beneath them only bounds are known of what they share: bounds are not sampled"
)

_AT_ONCE = 64
"""Scenarios evaluated at a time, which bounds the memory."""


def uncertainty(  # noqa: PLR0913 - one question with its sampling
    graph: ServiceGraph,
    services: Sequence[str] | None = None,
    *,
    at: datetime | None = None,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
    ranges: Mapping[int, tuple[float, float]] | None = None,
    samples: int = 1_000,
    confidence: float = 0.9,
) -> tuple[UncertaintyAnswer, ...]:
    """Return intervals of the unavailability of services, by sampling what is known of their CIs.

    Parameters
    ----------
    graph, services, at
        As for :func:`ripplegraph.impact.availability.answers.availability`.
    options
        As there; ``seed`` seeds the samples. Shared causes are not sampled: they are refused.
    ranges
        Lowest and highest unavailability by CI number, fractions; any between is as likely.
    samples
        How many, >= 2.
    confidence
        Share of the samples between ``lower`` and ``upper``, a fraction in (0, 1).

    Returns
    -------
    tuple
        One for each service, in the order asked for. Those that are not exact cannot be sampled:
        they have no numbers but a reason.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If it names several.
    ValueError
        If there are fewer than two samples, shared causes are asked for, a range or the
        confidence is outside (0, 1) or its ends are the wrong way round.

    Notes
    -----
    A CI with an outage history that counts (basis ``measured``): its failure rate has the
    posterior ``Gamma(n + 1/2, T)`` for ``n`` outages in ``T`` hours up (Jeffreys 1946), its
    repair rate ``Gamma(n, D)`` for ``D`` hours down, or is ``1 / MTTR`` where there was no outage;
    ``u = failure rate / (failure rate + repair rate)``. All other CIs count as certain. The
    samples go through the compiled diagrams, so that shared CIs are drawn once.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> graph = graph_of("shop -> db")
    >>> (one,) = uncertainty(graph, ranges={1: (0.0, 0.1)}, samples=2000)
    >>> one.lower < 0.01, 0.045 < one.median < 0.055, 0.09 < one.upper < 0.1
    (True, True, True)
    """
    given = dict(ranges or {})
    _refuse(options, given, samples, confidence)
    grounds = rest_on(graph, services, at, options)
    fleet = compile_fleet(grounds.trees.formula, grounds.trees.roots, budget=budget_of(options))
    varying = _varying(grounds, given, at)
    drawn = _drawn(grounds, given, varying, samples, options.seed)
    values, open_ones = _values(grounds, fleet, drawn)
    tails = (1.0 - confidence) / 2.0
    reasons = _reasons(grounds, fleet, open_ones)
    quantiles = np.quantile(values, [tails, 0.5, 1.0 - tails], axis=0)
    numbers = np.concatenate([quantiles, values.mean(axis=0)[None, :]]).T.tolist()
    found = [
        (None,) * 4 if reason else four for four, reason in zip(numbers, reasons, strict=True)
    ]
    return tuple(
        UncertaintyAnswer(
            ci_id=grounds.graph.ci_ids[number],
            native_id=grounds.graph.cis.native_id[number],
            name=grounds.graph.cis.name[number],
            lower=lower,
            median=median,
            upper=upper,
            mean=mean,
            confidence=confidence,
            samples=samples,
            seed=options.seed,
            reason=reasons[place],
            missing=_missing(grounds, place, drawn),
            assumptions=_assumptions(grounds, place, given, varying),
        )
        for place, (number, (lower, median, upper, mean)) in enumerate(
            zip(grounds.numbers, found, strict=True)
        )
    )


def _refuse(
    options: AvailabilityOptions,
    ranges: Mapping[int, tuple[float, float]],
    samples: int,
    confidence: float,
) -> None:
    if options.common_causes:
        msg = "shared causes are not sampled: ask without them"
        raise ValueError(msg)
    if samples < 2 or not 0 < confidence < 1:
        msg = f"need 2 samples or more and 0 < confidence < 1, got {samples} and {confidence:g}"
        raise ValueError(msg)
    wrong = [ends for ends in ranges.values() if not 0 <= ends[0] <= ends[1] <= 1]
    if wrong:
        msg = f"a range of unavailabilities is 0 <= lowest <= highest <= 1, got {wrong[0]}"
        raise ValueError(msg)


def _varying(
    grounds: Grounds, ranges: Mapping[int, tuple[float, float]], at: datetime | None
) -> dict[int, OutageHistory]:
    """Return the histories that the availability of CIs rests on, where no range is given."""
    measured = [
        ci for ci, one in grounds.own.items() if one.basis is Basis.MEASURED and ci not in ranges
    ]
    return outage_histories(grounds.graph, measured, at=at)


def _drawn(
    grounds: Grounds,
    ranges: Mapping[int, tuple[float, float]],
    histories: Mapping[int, OutageHistory],
    samples: int,
    seed: int,
) -> dict[int, Floats]:
    """Return samples of the unavailability by CI; CIs in rising order, so that seeds hold."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn: dict[int, Floats] = {}
    for ci in sorted({*ranges, *histories}):
        if ci in ranges:
            drawn[ci] = generator.uniform(*ranges[ci], samples)
            continue
        history = histories[ci]
        up_hours = max(history.up_hours, _LEAST_HOURS)
        failing = generator.gamma(history.outage_count + 0.5, 1.0 / up_hours, samples)
        if history.outage_count:
            restored = generator.gamma(history.outage_count, 1.0 / history.down_hours, samples)
        else:
            restored = np.full(samples, 1.0 / (grounds.graph.cis.mttr_hours[ci] or np.inf))
        drawn[ci] = failing / (failing + restored)
    return drawn


def _reasons(grounds: Grounds, fleet: CompiledFleet, open_ones: Set[int]) -> list[str]:
    """Return by service why it cannot be sampled; empty where it can."""
    formula, said = grounds.trees.formula, []
    for root, is_exact in zip(grounds.trees.roots, fleet.is_exact.tolist(), strict=True):
        if not is_exact:
            said.append(_NOT_SAMPLED.format(max(grounds.options.nodes_per_module)))
        elif open_ones and not open_ones.isdisjoint(variables_in(formula, cone_of(formula, root))):
            said.append(_OPEN)
        else:
            said.append("")
    return said


def _values(
    grounds: Grounds, fleet: CompiledFleet, drawn: Mapping[int, Floats]
) -> tuple[Floats, set[int]]:
    """Return the unavailability of each service (columns) in each sample (rows).

    And the variables of cut points of which what is left is known between bounds only.
    """
    q = np.nan_to_num(grounds.trees.unavailability)
    columns = list(drawn)
    table = np.array([drawn[ci] for ci in columns]).T
    rows, unsettled = [np.zeros((0, len(fleet.roots)))], frozenset[int]()
    for first in range(0, len(table), _AT_ONCE):
        part = table[first : first + _AT_ONCE]
        scenarios = np.repeat(q[None, :], len(part), axis=0)
        scenarios[:, columns] = part
        unsettled |= _settle(grounds, scenarios, dict(zip(columns, part.T, strict=True)))
        rows.append(failure_probabilities(fleet, scenarios))
    values = np.concatenate(rows) if columns else failure_probabilities(fleet, q)[None, :]
    residuals = grounds.residuals
    if residuals is None:
        return values, set()
    return values, residuals.open_among(q, unsettled | residuals.unsettled)


def _settle(grounds: Grounds, scenarios: Floats, drawn: Mapping[int, Floats]) -> frozenset[int]:
    """Leave cut points what is left in each scenario beside what they share; see Residuals."""
    for variable, ci in grounds.trees.stands_for.items():
        scenarios[:, variable] = drawn.get(ci, scenarios[:, variable])
    if grounds.residuals is None:
        return frozenset()
    whole = grounds.promised()
    promised = [
        drawn.get(one.ci, np.full(len(scenarios), np.nan_to_num(whole[one.ci])))
        for one in grounds.residuals.holders
    ]
    return grounds.residuals.settle(scenarios, np.stack(promised, axis=1))


def _missing(grounds: Grounds, place: int, drawn: Mapping[int, Floats]) -> tuple[CiId, ...]:
    cone = grounds.structure.cones[place]
    unknown = [ci for ci in cone if grounds.own[ci].unavailability is None and ci not in drawn]
    return tuple(sorted(grounds.graph.ci_ids[ci] for ci in unknown))


def _assumptions(
    grounds: Grounds,
    place: int,
    ranges: Mapping[int, tuple[float, float]],
    histories: Mapping[int, OutageHistory],
) -> tuple[str, ...]:
    cone = set(grounds.structure.cones[place])
    given, counted = len(cone & set(ranges)), len(cone & set(histories))
    certain = sum(
        grounds.own[ci].basis is not Basis.LOGICAL
        and grounds.own[ci].unavailability is not None
        and ci not in ranges
        and ci not in histories
        for ci in cone
    )
    unknown = sum(
        grounds.own[ci].unavailability is None and ci not in ranges and ci not in histories
        for ci in cone
    )
    perfect = f", {unknown} of unknown availability as perfect" if unknown else ""
    return (
        f"{counted} CIs vary with their outage history (Gamma posteriors, Jeffreys' prior),"
        f" {given} within the range given; {certain} count as certain{perfect}.",
        *grounds.assumptions(),
    )

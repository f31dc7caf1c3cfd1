"""Who takes how much of a service's downtime: CIs, agreements, teams, suppliers, classes.

Aumann-Shapley shares of single CIs, summed; those of one partition add up to the downtime.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.answering import Answering
from ripplegraph.impact.agreements.foundations import Batch
from ripplegraph.impact.availability.compile import CompiledFleet
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

PARTITIONS = ("agreement", "team", "supplier", "class")
"""What CIs are summed by; ``agreement`` holds OLAs, UPCs and the row of CIs without one."""

_TOLERANCE = 1e-12
_FIRST_NODES, _MOST_NODES = 4, 256
_SCENARIOS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """The shares of the CIs in the unavailability of one service, and what groups of them save.

    Parameters
    ----------
    total
        Unavailability of the service, unknown CIs perfect.
    cis
        Numbers of the CIs, ascending.
    shares
        What each takes of the total; they add up to it.
    slopes
        How fast the total grows with the unavailability of each (Birnbaum).
    gains
        How much smaller the total would be if the CI were perfect.
    group_gains
        The same for all CIs of one key at once, by partition and key.
    """

    total: float
    cis: Numbers
    shares: Floats
    slopes: Floats
    gains: Floats
    group_gains: Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """The key of each CI in one partition: ``keys[codes[ci]]``, a kind and an id."""

    keys: tuple[tuple[str, str], ...]
    codes: Numbers


def partitions(graph: ServiceGraph, answering: Mapping[int, Answering]) -> Mapping[str, Partition]:
    """Return how CIs are summed.

    Parameters
    ----------
    answering
        The agreement that answers for each CI.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> partitions(graph_of("shop -> db"), {})["class"].keys
    (('class', 'server'), ('class', 'service'))
    """
    cis = graph.cis
    agreement = [("none", "")] * graph.ci_count
    for ci, one in answering.items():
        agreement[ci] = (one.agreement.kind.value, one.agreement.agreement_id)
    return {
        "agreement": _partition(agreement),
        "team": _partition([("team", one) for one in cis.owner_team]),
        "supplier": _partition([("supplier", one) for one in cis.supplier]),
        "class": _partition([("class", one) for one in cis.class_name]),
    }


def shares_of(batch: Batch, by: Mapping[str, Partition]) -> tuple[Shares | None, ...]:
    """Return for each service of a batch who takes how much; None where it is not exact.

    Parameters
    ----------
    batch
        The services; CIs of unknown availability are taken as perfect.
    by
        The partitions.

    Notes
    -----
    ``C_i = u_i * integral of dU/du_i (t u) over t from 0 to 1`` (Aumann-Shapley; for single CIs
    the Shapley value, Owen 1972), by Gauss-Legendre with 4 nodes, doubled until the shares add
    up to the unavailability within 1e-12 of it.
    """
    fleet, q = batch.fleet, batch.perfect
    totals = failure_probabilities(fleet, q)
    offsets, variables, shares = _integrated(fleet, q, totals)
    _, _, slopes = birnbaum_all(fleet, q)
    spans = [slice(int(a), int(b)) for a, b in itertools.pairwise(offsets)]
    cis_of = [variables[span].astype(np.int64) for span in spans]
    gains = _group_gains(batch, by, totals, cis_of)
    return tuple(
        Shares(
            total=float(totals[place]),
            cis=cis_of[place],
            shares=shares[span],
            slopes=slopes[span],
            gains=q[cis_of[place]] * slopes[span],
            group_gains=gains[place],
        )
        if batch.is_exact(place)
        else None
        for place, span in enumerate(spans)
    )


def _partition(keys: Sequence[tuple[str, str]]) -> Partition:
    distinct = sorted(set(keys))
    number = {key: position for position, key in enumerate(distinct)}
    codes = np.array([number[key] for key in keys], np.int64)
    return Partition(keys=tuple(distinct), codes=codes)


def _integrated(
    fleet: CompiledFleet, q: Floats, totals: Floats
) -> tuple[Numbers, NDArray[np.uint32], Floats]:
    """Return the shares of every root."""
    count = _FIRST_NODES
    while True:
        offsets, variables, shares = _with_nodes(fleet, q, count)
        is_off = any(
            fleet.is_exact[place] and _is_off(shares[offsets[place] : offsets[place + 1]], total)
            for place, total in enumerate(totals.tolist())
        )
        if count >= _MOST_NODES or not is_off:
            return offsets, variables, shares
        count *= 2


def _is_off(shares: Floats, total: float) -> bool:
    return abs(float(shares.sum()) - total) > _TOLERANCE * total


def _with_nodes(
    fleet: CompiledFleet, q: Floats, count: int
) -> tuple[Numbers, NDArray[np.uint32], Floats]:
    points, weights = np.polynomial.legendre.leggauss(count)
    offsets, variables, slopes = birnbaum_all(fleet, (points[0] + 1.0) / 2.0 * q)
    total = weights[0] / 2.0 * slopes
    for point, weight in zip(points[1:].tolist(), weights[1:].tolist(), strict=True):
        _, _, slopes = birnbaum_all(fleet, (point + 1.0) / 2.0 * q)
        total += weight / 2.0 * slopes
    return offsets, variables, q[variables] * total


def _group_gains(
    batch: Batch, by: Mapping[str, Partition], totals: Floats, cis_of: Sequence[Numbers]
) -> list[dict[tuple[str, int], float]]:
    """Return by service what each key saves whose CIs there are more than one."""
    wanted: dict[tuple[str, int], list[int]] = {}
    for place, cis in enumerate(cis_of):
        for name, partition in by.items():
            codes, counts = np.unique(partition.codes[cis], return_counts=True)
            for code in codes[counts > 1].tolist():
                wanted.setdefault((name, code), []).append(place)
    found: list[dict[tuple[str, int], float]] = [{} for _ in cis_of]
    keys = list(wanted)
    for start in range(0, len(keys), _SCENARIOS):
        some = keys[start : start + _SCENARIOS]
        rows = np.repeat(batch.perfect[None, :], len(some), axis=0)
        for row, (name, code) in zip(rows, some, strict=True):
            row[: len(by[name].codes)][by[name].codes == code] = 0.0
        values = failure_probabilities(batch.fleet, rows)
        for key, row in zip(some, values, strict=True):
            for place in wanted[key]:
                found[place][key] = float(totals[place] - row[place])
    return found

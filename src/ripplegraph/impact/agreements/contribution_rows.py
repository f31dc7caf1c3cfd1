"""The shares of a downtime as rows: CIs, then agreements, teams, suppliers and classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.contributions import Partition, Shares
from ripplegraph.impact.agreements.values import ContributionShare


def contribution_rows(
    graph: ServiceGraph, by: Mapping[str, Partition], shares: Shares, minutes: float
) -> tuple[ContributionShare, ...]:
    """Return one partition after the other, each with the most minutes first.

    Parameters
    ----------
    by
        How CIs are summed.
    minutes
        Length of the window; shares of downtime become minutes of it.

    Returns
    -------
    tuple of ContributionShare
        CIs that take nothing are left out.
    """
    rows = _of_cis(graph, by.get("agreement"), shares, minutes)
    names = _agreement_names(graph)
    for name, partition in by.items():
        rows += _of_partition(name, partition, shares, minutes, names)
    return tuple(rows)


def _of_cis(
    graph: ServiceGraph, agreements: Partition | None, shares: Shares, minutes: float
) -> list[ContributionShare]:
    columns = zip(shares.cis.tolist(), shares.shares.tolist(), shares.gains.tolist(), strict=True)
    rows = [
        ContributionShare(
            kind="ci",
            id=graph.cis.native_id[ci],
            name=graph.cis.name[ci],
            minutes=share * minutes,
            percent=_percent(share, shares.total),
            gain_if_perfect_minutes=gain * minutes,
            agreement="" if agreements is None else agreements.keys[agreements.codes[ci]][1],
        )
        for ci, share, gain in columns
        if share or gain
    ]
    return sorted(rows, key=_most_first)


def _of_partition(
    name: str,
    partition: Partition,
    shares: Shares,
    minutes: float,
    names: Mapping[tuple[str, str], str],
) -> list[ContributionShare]:
    codes = partition.codes[shares.cis]
    sums = np.bincount(codes, weights=shares.shares, minlength=len(partition.keys))
    alone = np.bincount(codes, weights=shares.gains, minlength=len(partition.keys))
    rows = []
    for code in np.unique(codes).tolist():
        share, (kind, key) = float(sums[code]), partition.keys[code]
        gain = shares.group_gains.get((name, code), float(alone[code]))
        if share or gain:
            rows.append(
                ContributionShare(
                    kind=kind,
                    id=key,
                    name=names.get((kind, key), ""),
                    minutes=share * minutes,
                    percent=_percent(share, shares.total),
                    gain_if_perfect_minutes=gain * minutes,
                )
            )
    return sorted(rows, key=_most_first)


def _percent(share: float, total: float) -> float | None:
    return 100.0 * share / total if total else None


def _agreement_names(graph: ServiceGraph) -> dict[tuple[str, str], str]:
    return {(one.kind.value, one.agreement_id): one.name for one in graph.agreements}


def _most_first(one: ContributionShare) -> tuple[float, str, str]:
    # the last digits must not decide the order of equal shares
    return (-float(f"{one.minutes:.10g}"), one.kind, one.id)

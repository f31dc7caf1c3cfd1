"""What several CIs mean to a service together: all of one class, team, supplier or tag."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.questions import Asked
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Basis, GroupImportance

GROUP_KINDS = ("class", "team", "supplier", "tag")
"""What CIs can be grouped by."""


def group_importances(asked: Asked, kind: str) -> tuple[GroupImportance, ...]:
    """Return what groups of CIs mean to each service that is exact, most minutes first.

    Parameters
    ----------
    asked
        The services; CIs of unknown availability are taken as perfect.
    kind
        One of ``GROUP_KINDS``. CIs without a team, supplier or tag are in no group.

    Raises
    ------
    ValueError
        If the kind is no such word.

    Notes
    -----
    With all of a group down the unavailability is ``Q1``, with all perfect ``Q0``: Birnbaum
    ``Q1 - Q0``, criticality ``(Q - Q0) / Q``, RAW ``Q1 / Q``, RRW ``Q / Q0``.
    """
    if kind not in GROUP_KINDS:
        msg = f"need one of {', '.join(GROUP_KINDS)}, got {kind!r}"
        raise ValueError(msg)
    places = np.flatnonzero(asked.compiled.fleet.is_exact).tolist()
    found = [one for place in places for one in _of_service(asked, place, kind)]
    return tuple(sorted(found, key=lambda one: (-one.minutes, one.service, one.key)))


def _of_service(asked: Asked, place: int, kind: str) -> list[GroupImportance]:
    members: dict[str, list[int]] = {}
    for ci in asked.grounds.structure.cones[place]:
        if asked.grounds.own[ci].basis is not Basis.LOGICAL:
            for key in _keys(asked.grounds.graph, ci, kind):
                members.setdefault(key, []).append(ci)
    q = asked.compiled.known()
    scenarios = np.repeat(q[None, :], 2 * len(members) + 1, axis=0)
    for at, cis in enumerate(members.values()):
        scenarios[2 * at, cis], scenarios[2 * at + 1, cis] = 1.0, 0.0
    values = failure_probabilities(asked.compiled.fleet, scenarios)[:, place].tolist()
    total = values[-1]
    pairs = zip(members.items(), values[:-1:2], values[1::2], strict=True)
    return [
        GroupImportance(
            service=asked.grounds.graph.ci_ids[asked.grounds.numbers[place]],
            kind=kind,
            key=key,
            ci_count=len(cis),
            birnbaum=down - perfect,
            criticality=(total - perfect) / total if total else None,
            raw=down / total if total else None,
            rrw=total / perfect if perfect > 0 else None,
            minutes=(total - perfect) * MINUTES_PER_YEAR,
        )
        for (key, cis), down, perfect in pairs
    ]


def _keys(graph: ServiceGraph, ci: int, kind: str) -> Sequence[str]:
    cis = graph.cis
    if kind == "tag":
        return tuple(dict.fromkeys(cis.tags[ci]))
    column = {"class": cis.class_name, "team": cis.owner_team, "supplier": cis.supplier}[kind]
    return (column[ci],) if column[ci] else ()

"""What several CIs mean to a service together: all of one class, team, supplier or tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.cut_set_diagrams import CutSetDiagrams
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fussell_vesely import CutSetChances
from ripplegraph.impact.availability.importance_totals import listed, rounded
from ripplegraph.impact.availability.importance_values import GroupImportance
from ripplegraph.impact.availability.questions import Asked
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Basis

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
    ``Q1 - Q0``, criticality ``(Q - Q0) / Q``, RAW ``Q1 / Q``, RRW ``Q / Q0``; DIF, that one of
    them is down given that the service is: ``1 - Q0 * product of (1 - q) / Q``. Fussell-Vesely:
    P(some minimal cut set with one of them is down) ``/ Q``.
    """
    if kind not in GROUP_KINDS:
        msg = f"need one of {', '.join(GROUP_KINDS)}, got {kind!r}"
        raise ValueError(msg)
    finder = _Finder(asked, kind)
    places = np.flatnonzero(asked.compiled.fleet.is_exact).tolist()
    found = [one for place in places for one in finder.groups(place)]
    return tuple(sorted(found, key=lambda one: (-rounded(one.minutes), one.service, one.key)))


class _Finder:
    """Weighs the groups of one kind."""

    def __init__(self, asked: Asked, kind: str) -> None:
        self._asked, self._kind, self._q = asked, kind, asked.compiled.known()
        diagrams = CutSetDiagrams(fleet=asked.compiled.fleet)
        self._chances = CutSetChances(diagrams=diagrams, q=self._q)
        everything = sorted({ci for cone in asked.grounds.structure.cones for ci in cone})
        # of all services, so that what is found of a module serves all of them
        again = asked.compiled.trees.stands_for
        self._all = {
            key: frozenset([*cis, *(one for one, ci in again.items() if ci in set(cis))])
            for key, cis in self._members(everything).items()
        }

    def _members(self, cis: Sequence[int]) -> Mapping[str, list[int]]:
        members: dict[str, list[int]] = {}
        for ci in cis:
            if self._asked.grounds.own[ci].basis is not Basis.LOGICAL:
                for key in _keys(self._asked.grounds.graph, ci, self._kind):
                    members.setdefault(key, []).append(ci)
        return members

    def _variables(self, place: int) -> Mapping[str, list[int]]:
        """Return the members beneath one service, as variables of its formula."""
        stands_for = self._asked.compiled.trees.stands_for
        of_ci = {stands_for.get(one, one): one for one in self._asked.compiled.variables[place]}
        members = self._members(self._asked.grounds.structure.cones[place])
        return {key: [of_ci.get(ci, ci) for ci in cis] for key, cis in members.items()}

    def groups(self, place: int) -> list[GroupImportance]:
        """Return what the groups mean to one service."""
        asked, q = self._asked, self._q
        members = self._variables(place)
        scenarios = np.repeat(q[None, :], 2 * len(members) + 1, axis=0)
        for at, cis in enumerate(members.values()):
            scenarios[2 * at, cis], scenarios[2 * at + 1, cis] = 1.0, 0.0
        values = failure_probabilities(asked.compiled.fleet, scenarios)[:, place].tolist()
        pairs = zip(members.items(), values[:-1:2], values[1::2], strict=True)
        return [
            self._group(place, key, cis, (values[-1], down, perfect))
            for (key, cis), down, perfect in pairs
        ]

    def _group(
        self, place: int, key: str, cis: Sequence[int], values: tuple[float, float, float]
    ) -> GroupImportance:
        asked, (total, down, perfect) = self._asked, values
        window = asked.grounds.options.window_minutes
        chance = self._chances.of_group(place, self._all[key]) if total else None
        none_down = perfect * float(np.prod(1.0 - self._q[cis]))
        return GroupImportance(
            service=asked.grounds.graph.ci_ids[asked.grounds.numbers[place]],
            kind=self._kind,
            key=key,
            ci_count=len(cis),
            birnbaum=down - perfect,
            criticality=(total - perfect) / total if total else None,
            fussell_vesely=None if chance is None else min(1.0, chance / total),
            dif=max(0.0, 1.0 - none_down / total) if total else None,
            raw=down / total if total else None,
            rrw=total / perfect if perfect > 0 else None,
            minutes=(total - perfect) * MINUTES_PER_YEAR,
            minutes_per_window=None if window is None else (total - perfect) * window,
        )


def group_reasons(asked: Asked, groups: Sequence[GroupImportance]) -> tuple[str, ...]:
    """Return why services have no groups, or groups no Fussell-Vesely importance."""
    said = []
    inexact = np.flatnonzero(~asked.compiled.fleet.is_exact).tolist()
    names = [asked.compiled.name(place) for place in inexact]
    if names:
        said.append(f"No groups for {listed(names)}: not exact within the budget.")
    too_many = {
        one.service for one in groups if one.fussell_vesely is None and one.raw is not None
    }
    if too_many:
        said.append(
            f"No Fussell-Vesely importance of groups for {listed(sorted(too_many))}: too many"
            " minimal cut sets."
        )
    return tuple(said)


def _keys(graph: ServiceGraph, ci: int, kind: str) -> Sequence[str]:
    cis = graph.cis
    if kind == "tag":
        return tuple(dict.fromkeys(cis.tags[ci]))
    column = {"class": cis.class_name, "team": cis.owner_team, "supplier": cis.supplier}[kind]
    return (column[ci],) if column[ci] else ()

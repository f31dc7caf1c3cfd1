"""What several CIs mean to a service together: all of one class, team, supplier or tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import list_words
from ripplegraph.impact.availability.compile import part_of
from ripplegraph.impact.availability.cut_set_diagrams import CutSetDiagrams
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.fussell_vesely import CutSetChances
from ripplegraph.impact.availability.importance_totals import rounded
from ripplegraph.impact.availability.importance_values import GroupImportance
from ripplegraph.impact.availability.questions import Asked
from ripplegraph.impact.availability.values import MINUTES_PER_YEAR, Basis, Label

GROUP_KINDS = ("class", "team", "supplier", "tag")
"""What CIs can be grouped by."""


MOST_STEPS = 1_000_000
"""Steps of bounds worked out anew in one question, twice for each group; see ``RootBounds``."""

_Ends = tuple[float, float, float]
"""An unavailability, and the least and the most that it may be; all equal where it is exact."""

_CANCELLED, _NODES = 1e-6, 8
"""What is less than this share of a total is not told from a difference of totals, but from its
derivatives at so many points (Gauss-Legendre)."""


def group_importances(
    asked: Asked, kind: str, labels: Mapping[str, str]
) -> tuple[GroupImportance, ...]:
    """Return what groups of CIs mean to each service, most minutes first.

    Parameters
    ----------
    asked
        The services; CIs of unknown availability are taken as perfect.
    kind
        One of ``GROUP_KINDS``. CIs without a team, supplier or tag are in no group.
    labels
        By the id of each service how far its number can be trusted.

    Raises
    ------
    ValueError
        If the kind is no such word.

    Notes
    -----
    With all of a group down the unavailability is ``Q1``, with all perfect ``Q0``: Birnbaum
    ``Q1 - Q0``, criticality ``(Q - Q0) / Q``, RAW ``Q1 / Q``, RRW ``Q / Q0``; DIF, that one of
    them is down given that the service is: ``1 - Q0 * product of (1 - q) / Q``. Fussell-Vesely:
    P(some minimal cut set with one of them is down) ``/ Q``. Of services that are not exact the
    measures are those of the lower bounds, and the minutes lie between their bounds. Those whose
    bounds would take more than ``MOST_STEPS`` have no groups.
    """
    if kind not in GROUP_KINDS:
        msg = f"need one of {', '.join(GROUP_KINDS)}, got {kind!r}"
        raise ValueError(msg)
    finder = _Finder(asked, kind, labels)
    places = range(len(asked.grounds.numbers))
    found = [one for place in places for one in finder.groups(place)]
    return tuple(
        sorted(found, key=lambda one: (-rounded(one.minutes or 0.0), one.service, one.key))
    )


class _Finder:
    """Weighs the groups of one kind."""

    def __init__(self, asked: Asked, kind: str, labels: Mapping[str, str]) -> None:
        self._asked, self._kind, self._q = asked, kind, asked.compiled.known()
        self._labels, self._steps_left = labels, MOST_STEPS
        diagrams = CutSetDiagrams(fleet=asked.compiled.fleet)
        self._chances = CutSetChances(diagrams=diagrams, q=self._q)
        everything = sorted({ci for cone in asked.grounds.structure.cones for ci in cone})
        # of all services, so that what is found of a module serves all of them
        again: dict[int, list[int]] = {}
        for one, ci in asked.compiled.trees.stands_for.items():
            again.setdefault(ci, []).append(one)
        self._all = {
            key: frozenset([*cis, *(one for ci in cis for one in again.get(ci, ()))])
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
        members = self._variables(place)
        ends = self._ends(place, list(members.values()))
        if not ends:
            return []
        pairs = zip(members.items(), ends[:-1:2], ends[1::2], strict=True)
        return [
            self._group(place, key, cis, (ends[-1], down, perfect))
            for (key, cis), down, perfect in pairs
        ]

    def _ends(self, place: int, members: Sequence[Sequence[int]]) -> list[_Ends]:
        """Return the unavailability of a service with each group down, and perfect; as it is.

        None beyond the budget.
        """
        asked = self._asked.compiled
        found = [self._intervals(place, _scenarios(self._q, members))]
        if asked.open_spans(place):
            found += [self._intervals(place, _scenarios(q, members)) for q in asked.ends()]
        if not all(found):
            return []
        rows = zip(found[0], found[1 % len(found)], found[-1], strict=True)
        return [(value, lower, upper) for (value, _), (lower, _), (_, upper) in rows]

    def _intervals(
        self, place: int, scenarios: NDArray[np.float64]
    ) -> Sequence[tuple[float, float]]:
        """Return the unavailability of a service in each scenario; none beyond the budget."""
        asked = self._asked.compiled
        if asked.fleet.is_exact[place]:
            values = failure_probabilities(part_of(asked.fleet, place), scenarios)[:, 0]
            return [(one, one) for one in values.tolist()]
        bounds, is_over = asked.bounds_of(place), asked.options.is_over
        steps = len(scenarios) * bounds.steps
        if steps > self._steps_left or (is_over is not None and is_over()):
            return []
        self._steps_left -= steps
        return bounds.intervals(scenarios)

    def _group(
        self, place: int, key: str, cis: Sequence[int], values: tuple[_Ends, _Ends, _Ends]
    ) -> GroupImportance:
        asked, ((total, total_at_least, most), (down, _, _), (perfect, *of_perfect)) = (
            self._asked,
            values,
        )
        perfect_at_least, perfect_at_most = of_perfect
        window = asked.grounds.options.window_minutes
        is_exact = asked.compiled.is_exact(place)
        chance = self._chances.of_group(place, self._all[key]) if total and is_exact else None
        none_down = perfect * float(np.prod(1.0 - self._q[cis]))
        lower, upper = max(0.0, total_at_least - perfect_at_most), most - perfect_at_least
        saved = min(max(total - perfect, lower), upper)
        if is_exact and saved < _CANCELLED * total:
            lower = upper = saved = self._saved(place, cis)
        service = asked.grounds.graph.ci_ids[asked.grounds.numbers[place]]
        found = GroupImportance(
            service=service,
            kind=self._kind,
            key=key,
            ci_count=len(cis),
            birnbaum=max(0.0, down - perfect),
            criticality=saved / total if total else None,
            fussell_vesely=None if chance is None else min(1.0, chance / total),
            dif=max(0.0, 1.0 - none_down / total) if total else None,
            raw=down / total if total else None,
            rrw=total / perfect if perfect > 0 else None,
            minutes=saved * MINUTES_PER_YEAR,
            minutes_lower=lower * MINUTES_PER_YEAR,
            minutes_upper=upper * MINUTES_PER_YEAR,
            label=self._label(place, service),
            minutes_per_window=None if window is None else saved * window,
        )
        return _of_unknown(found) if np.isnan(asked.compiled.q[cis]).any() else found

    def _saved(self, place: int, cis: Sequence[int]) -> float:
        """Return what a perfect group saves, summed from slopes: no digit cancels."""
        fleet, saved = part_of(self._asked.compiled.fleet, place), 0.0
        points, weights = np.polynomial.legendre.leggauss(_NODES)
        for point, weight in zip((points + 1.0) / 2.0, weights / 2.0, strict=True):
            row, slopes = self._q.copy(), np.zeros_like(self._q)
            row[cis] *= point
            _, variables, values = birnbaum_all(fleet, row)
            slopes[variables] = values
            saved += weight * float(self._q[cis] @ slopes[cis])
        return saved

    def _label(self, place: int, service: str) -> Label:
        if self._labels[service] == Label.INCOMPLETE:
            return Label.INCOMPLETE
        return Label.EXACT if self._asked.compiled.is_exact(place) else Label.BOUNDED


def _scenarios(q: NDArray[np.float64], members: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Return for each group a row with all of it down and one with all perfect; last ``q``."""
    rows = np.repeat(q[None, :], 2 * len(members) + 1, axis=0)
    for at, cis in enumerate(members):
        rows[2 * at, cis], rows[2 * at + 1, cis] = 1.0, 0.0
    return rows


def _of_unknown(group: GroupImportance) -> GroupImportance:
    """Return a group without what depends on the availability of one that is unknown."""
    return replace(
        group,
        criticality=None,
        fussell_vesely=None,
        dif=None,
        rrw=None,
        minutes=None,
        minutes_lower=None,
        minutes_upper=None,
        minutes_per_window=None,
    )


def group_reasons(asked: Asked, groups: Sequence[GroupImportance]) -> tuple[str, ...]:
    """Return why services have no groups, or groups no Fussell-Vesely importance."""
    said = []
    inexact = np.flatnonzero(~asked.compiled.fleet.is_exact).tolist()
    names, answered = [asked.compiled.name(place) for place in inexact], _services(groups)
    without = [name for name in names if name not in answered]
    if without:
        said.append(
            f"No groups for {list_words(sorted(without))}:"
            " not exact within the budget, and bounds would take"
            " more work than it allows."
        )
    bounded = [name for name in names if name in answered]
    if bounded:
        said.append(
            f"Groups of {list_words(sorted(bounded))}"
            " lie between bounds, as the number does; the measures"
            " are those of the lower bound, without Fussell-Vesely."
        )
    too_many = _services(
        one
        for one in groups
        if one.fussell_vesely is None and one.criticality is not None and one.label is Label.EXACT
    )
    if too_many:
        said.append(
            f"No Fussell-Vesely importance of groups for {list_words(sorted(too_many))}:"
            " too many"
            " minimal cut sets."
        )
    return tuple(said)


def _services(groups: Iterable[GroupImportance]) -> set[str]:
    return {one.service for one in groups}


def _keys(graph: ServiceGraph, ci: int, kind: str) -> Sequence[str]:
    cis = graph.cis
    if kind == "tag":
        return tuple(dict.fromkeys(cis.tags[ci]))
    column = {"class": cis.class_name, "team": cis.owner_team, "supplier": cis.supplier}[kind]
    return (column[ci],) if column[ci] else ()

"""Scenarios: which CIs are down, in maintenance or degraded by their own outage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from ripplegraph.errors import InvalidScenarioError
from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """CIs with outages of their own; everything else works.

    Parameters
    ----------
    down
        Unplanned outages.
    maintenance
        Planned outages.
    degraded
        Unplanned degradations.

    Raises
    ------
    InvalidScenarioError
        If one CI stands in two of them.

    Examples
    --------
    >>> Scenario(down=(CiId("s:server:b"), CiId("s:server:a"))).down
    ('s:server:a', 's:server:b')
    """

    down: tuple[CiId, ...] = ()
    maintenance: tuple[CiId, ...] = ()
    degraded: tuple[CiId, ...] = ()

    def __post_init__(self) -> None:
        """Sort the CIs and refuse contradictions."""
        for name in ("down", "maintenance", "degraded"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        _refuse_common(self.down, "down", self.maintenance, "in maintenance")
        _refuse_common(self.down, "down", self.degraded, "degraded")
        _refuse_common(self.maintenance, "in maintenance", self.degraded, "degraded")

    @property
    def cis(self) -> tuple[CiId, ...]:
        """Every CI with an outage of its own, sorted."""
        return tuple(sorted({*self.down, *self.maintenance, *self.degraded}))


def scenario_of(
    graph: ServiceGraph,
    *,
    down: Iterable[str] = (),
    maintenance: Iterable[str] = (),
    degraded: Iterable[str] = (),
    open_outages_at: datetime | None = None,
) -> Scenario:
    """Return the scenario that texts and the open outages describe.

    Parameters
    ----------
    graph
        Its :meth:`~ServiceGraph.resolve` says which texts name a CI.
    down, maintenance, degraded
        Texts that name CIs.
    open_outages_at
        Aware; outages of the graph that are open then are added, ``excluded`` ones too.

    Returns
    -------
    Scenario
        What the caller says of a CI wins over an open outage. Of open outages of one CI a
        planned one wins over an unplanned one (semantics.md section 1), that over a degradation.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.
    InvalidScenarioError
        If the caller gives one CI two states.
    ValueError
        If ``open_outages_at`` has no time zone.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> scenario_of(graph_of("shop -> db"), down=["db"])
    Scenario(down=('t:server:db',), maintenance=(), degraded=())
    """
    if open_outages_at is not None and open_outages_at.tzinfo is None:
        msg = f"open_outages_at needs a time zone, got {open_outages_at.isoformat()}"
        raise ValueError(msg)
    said = _said(graph, (tuple(down), tuple(maintenance), tuple(degraded)))
    if open_outages_at is None:
        return said
    open_now = _open_outages(graph, open_outages_at, skip=frozenset(said.cis))
    return Scenario(
        down=said.down + open_now[OutageKind.UNPLANNED],
        maintenance=said.maintenance + open_now[OutageKind.PLANNED],
        degraded=said.degraded + open_now[OutageKind.DEGRADATION],
    )


def actual_of(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the own status of each CI by planned and unplanned outages together."""
    return unplanned_of(graph, scenario) | planned_of(graph, scenario)


def planned_of(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the own status of each CI by planned outages alone."""
    return {graph.resolve(ci_id): Status.DOWN for ci_id in scenario.maintenance}


def unplanned_of(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    """Return the own status of each CI by unplanned outages and degradations alone."""
    own = {graph.resolve(ci_id): Status.DEGRADED for ci_id in scenario.degraded}
    return own | {graph.resolve(ci_id): Status.DOWN for ci_id in scenario.down}


def _said(graph: ServiceGraph, texts: Sequence[tuple[str, ...]]) -> Scenario:
    """Return the scenario of texts; a contradiction names its CI as the caller did."""
    ids = {text: graph.ci_ids[graph.resolve(text)] for text in chain(*texts)}
    down, maintenance, degraded = (tuple(ids[text] for text in group) for group in texts)
    try:
        return Scenario(down=down, maintenance=maintenance, degraded=degraded)
    except InvalidScenarioError as error:
        named = tuple(text for text, ci_id in ids.items() if ci_id in error.named)
        raise InvalidScenarioError(error.reason, error.advice, named) from error


def _open_outages(
    graph: ServiceGraph, moment: datetime, *, skip: frozenset[CiId]
) -> Mapping[OutageKind, tuple[CiId, ...]]:
    found: dict[OutageKind, set[CiId]] = {kind: set() for kind in OutageKind}
    for outage, number in zip(graph.outages, graph.outage_ci, strict=True):
        end = outage.end  # looked at here, and first: mostly it is past, and there are very many
        if (end is None or moment < end) and outage.is_open_at(moment):
            found[outage.kind].add(graph.ci_ids[number])
    taken = set(skip)
    by_kind: dict[OutageKind, tuple[CiId, ...]] = {}
    for kind in (OutageKind.PLANNED, OutageKind.UNPLANNED, OutageKind.DEGRADATION):
        by_kind[kind] = tuple(sorted(found[kind] - taken))
        taken |= found[kind]
    return by_kind


def _refuse_common(
    one: tuple[CiId, ...], one_word: str, other: tuple[CiId, ...], other_word: str
) -> None:
    common = sorted(set(one) & set(other))
    if common:
        reason = f"one CI is said to be both {one_word} and {other_word}"
        raise InvalidScenarioError(reason, "Name it once", (common[0],))

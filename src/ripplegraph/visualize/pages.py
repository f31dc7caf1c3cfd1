"""Which page shows a service or an outage: the scenes that it holds, and what draws them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import resolve_promised
from ripplegraph.impact.propagation.scenario import Scenario, actual_of, scenario_of
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.moments import Moments, history_of, spread_of
from ripplegraph.visualize.outage_selection import cis_of_outage
from ripplegraph.visualize.redaction import redacted
from ripplegraph.visualize.scene import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    build_outage_scene,
    build_scenario_scene,
    build_scene,
)
from ripplegraph.visualize.selection import cis_of_service
from ripplegraph.visualize.service_numbers import ServiceNumbers, numbers_of
from ripplegraph.visualize.svg_page import PageContent, render_svg_page
from ripplegraph.visualize.view_model import Level, Scene

_SHORT_PATH = 12
_MUCH_THE_SAME = 1 / 3
"""A path neither short nor of at most this share of the boxes is no picture of its own: it would
look much like the next one, in which red lines show the path as well. Of such a path of a service
the shortest ways to its root causes are drawn."""

_MOST_OF_HISTORY = 1_000
"""CIs of an outage over whose past the slider goes: its moments would take longer than the picture
of many more, which goes over the spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewQuestion:
    """What is shown: a service, coloured by a scenario and the statuses that follow from it.

    Without a ``service``, all that falls by the scenario is shown. ``renderer`` is ``svg`` or
    ``pyvis``; ``limit`` None takes the defaults; ``moment`` (aware) is "now" for the history of
    outages and for agreements, None for none.
    """

    service: str | None
    scenario: Scenario | None = None
    statuses: Mapping[int, Status] | None = None
    limit: int | None = None
    renderer: str = "svg"
    is_redacted: bool = False
    moment: datetime | None = None


def render_view_page(graph: ServiceGraph, question: ViewQuestion) -> str:
    """Return one self-contained HTML page.

    Raises
    ------
    InvalidScenarioError
        If the question names neither a service nor anything that is out.
    """
    asked = _Asked(graph, question)
    if question.renderer == "pyvis":
        from ripplegraph.visualize.pyvis_page import render_page  # noqa: PLC0415 - loads pyvis

        return render_page(asked.one_scene())
    return render_svg_page(asked.content())


class _Asked:
    """One question on one graph, redacted if the question says so."""

    def __init__(self, graph: ServiceGraph, question: ViewQuestion) -> None:
        self._graph, self._question = graph, question
        self._number = (
            None if question.service is None else resolve_promised(graph, question.service)
        )
        self._drawn, self._scenario = graph, question.scenario
        if question.is_redacted:
            self._drawn = redacted(graph)
            if question.scenario is not None:
                self._scenario = _renamed(question.scenario, graph, self._drawn)
        self._statuses = question.statuses or {}
        self._first_limit = DEFAULT_LIMIT if question.limit is None else question.limit
        self._last_limit = LARGEST_LIMIT if question.limit is None else question.limit
        self._whole = self._belonging()

    def _belonging(self) -> frozenset[int]:
        if self._number is not None:
            return frozenset(cis_of_service(self._drawn, self._number))
        scenario = self._scenario or Scenario()
        causes = map(self._drawn.resolve, scenario.cis)
        return frozenset(cis_of_outage(self._drawn, self._statuses, {*causes}))

    def one_scene(self) -> Scene:
        """Return what a page of one picture shows: every CI if they fit, else pools folded."""
        is_small = len(self._whole) <= self._first_limit
        return self._scene(Level.ALL if is_small else Level.FOLDED, self._first_limit)

    def scenes(self) -> list[Scene]:
        """Return the impact path, folded pools, all CIs; none that would look much the same.

        Where most of a service fails, the path is cut to the shortest way to each root cause:
        what a reader of the page wants to see first.
        """
        every = self._scene(Level.ALL, self._last_limit)
        folded = self._scene(Level.FOLDED, self._first_limit)
        scenes = [every]
        if folded.pool_count or folded.hidden_cis > every.hidden_cis:
            scenes.insert(0, folded)
        if every.status is not Status.UP:
            differing = (one for one in self._paths() if _differs(one, scenes[0]))
            scenes[:0] = islice(differing, 1)
        return scenes

    def _paths(self) -> Iterator[Scene]:
        """Yield the impact path; then, of a service, only the shortest ways on it."""
        path = self._scene(Level.PATH, self._first_limit)
        yield path
        if self._number is not None:
            count = len(path.on_shortest_ways)
            if 0 < count <= _SHORT_PATH:  # boxes of these ways are chosen before all others
                yield self._scene(Level.PATH, count)

    def content(self) -> PageContent:
        """Return all that the page holds."""
        scenes = self.scenes()
        return PageContent(
            graph=self._drawn,
            scenes=tuple(scenes),
            whole=self._whole,
            statuses=self._statuses,
            # names play no part in numbers; agreements of the redacted graph cover nothing by name
            numbers=ServiceNumbers()
            if self._number is None
            else numbers_of(self._graph, self._number, self._whole, self._question.moment),
            moments=self._moments(scenes[-1]),
        )

    def _moments(self, scene: Scene) -> Moments | None:
        question = self._question
        fits = self._number is not None or len(self._whole) <= _MOST_OF_HISTORY
        if question.moment is not None and fits and self._is_actual(question.moment):
            is_now = question.scenario is not None
            return history_of(self._drawn, scene, self._whole, question.moment, is_now=is_now)
        if question.statuses is None:
            return None
        return spread_of(self._drawn, scene, Explanation(self._drawn, question.statuses))

    def _is_actual(self, moment: datetime) -> bool:
        """Return whether nothing is assumed: whatever is out has an outage that is open."""
        scenario, graph = self._question.scenario, self._graph
        if scenario is None:
            return True
        return actual_of(graph, scenario) == actual_of(
            graph, scenario_of(graph, open_outages_at=moment)
        )

    def _scene(self, level: Level, limit: int) -> Scene:
        scenario = self._scenario
        if self._number is None:
            return build_outage_scene(
                self._drawn,
                scenario or Scenario(),
                statuses=self._question.statuses,
                limit=limit,
                level=level,
                chosen_in=self._graph,
            )
        service = self._drawn.ci_ids[self._number]
        if scenario is None:
            return build_scene(
                self._drawn,
                service,
                statuses=self._question.statuses,
                limit=limit,
                level=level,
                chosen_in=self._graph,
            )
        return build_scenario_scene(
            self._drawn,
            service,
            scenario,
            statuses=self._statuses,
            limit=limit,
            level=level,
            chosen_in=self._graph,
        )


def _differs(path: Scene, other: Scene) -> bool:
    most = max(_SHORT_PATH, _MUCH_THE_SAME * len(other.boxes))
    return path.hidden_cis > other.hidden_cis and len(path.boxes) <= most


def _renamed(scenario: Scenario, graph: ServiceGraph, drawn: ServiceGraph) -> Scenario:
    """Return the scenario with the ids that its CIs have in the redacted graph."""

    def renamed(ids: Collection[CiId]) -> tuple[CiId, ...]:
        return tuple(sorted(drawn.ci_ids[graph.resolve(ci_id)] for ci_id in ids))

    return Scenario(
        down=renamed(scenario.down),
        maintenance=renamed(scenario.maintenance),
        degraded=renamed(scenario.degraded),
    )

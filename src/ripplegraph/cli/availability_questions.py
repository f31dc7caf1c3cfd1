"""The questions on availability, of an export and of fault trees alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ripplegraph.cli.availability_options import Assumptions, range_of
from ripplegraph.cli.options import Loading, Moment
from ripplegraph.cli.refusals import refuse_usage
from ripplegraph.cli.session import graph_then, moment_of, tell_of_compiling
from ripplegraph.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.availability.fault_trees import FaultTrees
    from ripplegraph.impact.availability.importance_values import ImportanceAnswer
    from ripplegraph.impact.availability.options import AvailabilityOptions
    from ripplegraph.impact.availability.values import (
        AvailabilityAnswer,
        CutSetsAnswer,
        ExplainAnswer,
        SinglePointsAnswer,
        UncertaintyAnswer,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedGraph:
    """Questions on an export."""

    graph: ServiceGraph
    options: AvailabilityOptions
    at: datetime | None
    notes: Sequence[str] = ()

    def name_of(self, ci_id: str) -> str:
        """Return the name of a CI."""
        from ripplegraph.cli.words import name_words
        from ripplegraph.errors import RippleGraphError

        try:
            return name_words(self.graph, ci_id)
        except RippleGraphError:
            return ci_id  # a shared cause, which is no CI

    def availability(self, services: Sequence[str] | None) -> AvailabilityAnswer:
        """Return the availability of services."""
        from ripplegraph.impact.availability import answers

        return answers.availability(self.graph, services, at=self.at, options=self.options)

    def fault_trees(self, services: Sequence[str] | None) -> FaultTrees:
        """Return services as fault trees."""
        from ripplegraph.impact.availability.grounds import rest_on

        return rest_on(self.graph, services, self.at, self.options).named_trees()

    def uncertainty(
        self, services: Sequence[str] | None, samples: int | None, ranges: Sequence[str]
    ) -> tuple[UncertaintyAnswer, ...]:
        """Return how far the availability of services is known; nothing unless asked for."""
        if samples is None:
            if ranges:
                refuse_usage("--range says something only with --uncertainty")
            return ()
        if self.options.common_causes:
            refuse_usage("--uncertainty does not sample shared causes")
        from ripplegraph.impact.availability.uncertainty import uncertainty

        given = {self.graph.resolve(name): ends for name, ends in map(range_of, ranges)}
        return uncertainty(
            self.graph,
            services,
            at=self.at,
            options=self.options,
            ranges=given,
            samples=samples,
        )

    def single_points(self, services: Sequence[str] | None) -> SinglePointsAnswer:
        """Return the single points of failure of services."""
        from ripplegraph.impact.availability.single_points import single_points_of_failure

        return single_points_of_failure(self.graph, services, at=self.at, options=self.options)

    def cut_sets(self, service: str, order: int | None, least: float | None) -> CutSetsAnswer:
        """Return the minimal cut sets of a service."""
        from ripplegraph.impact.availability import answers

        return answers.cut_sets(
            self.graph,
            service,
            at=self.at,
            options=self.options,
            max_order=order,
            min_probability=least,
        )

    def importance(self, service: str | None, group_by: str, limit: int) -> ImportanceAnswer:
        """Return what CIs mean to services."""
        from ripplegraph.impact.availability import answers

        return answers.importance(
            self.graph,
            service,
            at=self.at,
            options=self.options,
            group_by=group_by,
            limit=limit,
        )

    def explain(self, service: str) -> ExplainAnswer:
        """Return where an availability comes from."""
        from ripplegraph.impact.availability import answers

        return answers.explain(self.graph, service, at=self.at, options=self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFaultTrees:
    """Questions on fault trees."""

    trees: FaultTrees
    options: AvailabilityOptions
    notes: Sequence[str]
    at: None = None

    def name_of(self, ci_id: str) -> str:
        """Return the name of a CI."""
        return ci_id

    def availability(self, services: Sequence[str] | None) -> AvailabilityAnswer:
        """Return the availability of services."""
        from ripplegraph.impact.availability import fault_tree_answers as answers

        return answers.availability(self.trees, services, options=self.options)

    def fault_trees(self, services: Sequence[str] | None) -> FaultTrees:
        """Return services as fault trees."""
        from ripplegraph.impact.availability.fault_trees import selected

        return selected(self.trees, services, self.options)

    def uncertainty(
        self, services: Sequence[str] | None, samples: int | None, ranges: Sequence[str]
    ) -> tuple[UncertaintyAnswer, ...]:
        """Refuse to say how far the numbers are known."""
        if samples is not None or ranges:
            refuse_usage("--uncertainty says nothing about a fault tree")
        return ()

    def single_points(self, services: Sequence[str] | None) -> SinglePointsAnswer:
        """Return the single points of failure of top events."""
        from ripplegraph.impact.availability.single_points import single_points_of_trees

        return single_points_of_trees(self.trees, services, options=self.options)

    def cut_sets(self, service: str, order: int | None, least: float | None) -> CutSetsAnswer:
        """Return the minimal cut sets of a service."""
        from ripplegraph.impact.availability.fault_tree_cut_sets import cut_sets

        return cut_sets(
            self.trees, service, options=self.options, max_order=order, min_probability=least
        )

    def importance(self, service: str | None, group_by: str, limit: int) -> ImportanceAnswer:
        """Return what CIs mean to services."""
        from ripplegraph.impact.availability import fault_tree_answers as answers

        if group_by:
            refuse_usage("--by says nothing about a fault tree")
        return answers.importance(self.trees, service, options=self.options, limit=limit)

    def explain(self, service: str) -> ExplainAnswer:
        """Return where an availability comes from."""
        from ripplegraph.impact.availability import fault_tree_answers as answers

        return answers.explain(self.trees, service, options=self.options)


def asked_of(
    source: str, loading: Loading, moment: Moment, assumptions: Assumptions
) -> AskedGraph | AskedFaultTrees:
    """Read SOURCE and return what can be asked of it."""
    from ripplegraph.wiring import find_fault_trees

    trees = find_fault_trees(
        [source, *loading.also],
        mission_time_hours=assumptions.mission_hours,
        with_common_causes=assumptions.common_causes,
    )
    if trees is not None:
        _refuse_reading_options_of_fault_trees(loading, moment)
        tell_of_compiling(None)
        from ripplegraph.impact.availability.fault_trees import variable_of

        options = assumptions.of_fault_trees(lambda name: variable_of(trees, name))
        return AskedFaultTrees(trees=trees, options=options, notes=trees.notes)
    at = moment_of(moment, loading)
    time_zone = loading.timezone or read_settings().time_zone or ""
    window_minutes = assumptions.window_minutes(at, time_zone)
    graph = graph_then([source], loading, at)
    options = replace(assumptions.of_graph(graph), window_minutes=window_minutes)
    return AskedGraph(graph=graph, options=options, at=at)


def _refuse_reading_options_of_fault_trees(loading: Loading, moment: Moment) -> None:
    """Refuse what says how to read an export: a fault tree has no tables, times or outages."""
    said = {
        "--outage-rules": loading.outage_rules,
        "--mapping": loading.mapping,
        "--timezone": loading.timezone,
        "--day-first": loading.day_first,
        "--source-name": loading.source_name,
        "--strict": loading.strict or None,
        "--revision": loading.revision,
        "--at": moment.at,
    }
    for option, value in said.items():
        if value is not None:
            refuse_usage(f"{option} says nothing about a fault tree")

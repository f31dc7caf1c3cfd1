"""The immutable service graph: CIs as columns, dependencies as CSR arrays, groups as gates.

It answers neighbour questions only; analyses are functions in ``impact``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ripplegraph.errors import AmbiguousCiError, UnknownCiError
from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.ci_ids import CiIds
from ripplegraph.graph.columns import Codes, coded
from ripplegraph.graph.compilation import is_large
from ripplegraph.graph.components import component_labels, component_labels_at_once
from ripplegraph.graph.findings import NOTHING_LOADED, LoadReport
from ripplegraph.graph.gates import NO_GROUP, Gates
from ripplegraph.graph.group_columns import GroupRuleColumns
from ripplegraph.graph.look_up import NumbersByText, near_misses, numbers_by_text
from ripplegraph.graph.model import (
    SERVICE_KINDS,
    CiId,
    ConfigurationItem,
    Dependency,
    RedundancyGroup,
    Strength,
)
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import ProcessTuples
from ripplegraph.graph.records import CiColumns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topology:
    """Dependencies as arrays, numbered by ``(dependent, dependency)``; both CSR directions.

    The dependencies of CI ``i`` are ``dependency_offsets[i]:dependency_offsets[i + 1]``; those
    in which it is the dependency are ``dependent_edge[dependent_offsets[i]:...[i + 1]]``.
    ``edge_type`` and ``edge_file`` number the name tables of :class:`EdgeDetails` in few bytes.
    """

    dependency_offsets: NDArray[np.uint32]
    edge_dependent: NDArray[np.uint32]
    edge_dependency: NDArray[np.uint32]
    edge_strength: NDArray[np.uint8]
    edge_group: NDArray[np.uint32]
    edge_type: Codes
    edge_file: Codes
    edge_row: NDArray[np.uint32]
    dependent_offsets: NDArray[np.uint32]
    dependent_edge: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EdgeDetails:
    """What few dependencies carry: weights other than 1 and dates, by position; name tables."""

    relation_types: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    weights: Mapping[int, Decimal]
    validity: Mapping[int, tuple[datetime | None, datetime | None]]


def is_valid_at(dates: tuple[datetime | None, datetime | None], moment: datetime) -> bool:
    """Return whether something with these dates holds at a moment: from <= moment < to.

    Parameters
    ----------
    dates
        Valid from and valid to, aware; None for no limit on that side.
    moment
        Aware.

    Examples
    --------
    >>> from datetime import UTC
    >>> is_valid_at((None, datetime(2026, 1, 1, tzinfo=UTC)), datetime(2026, 1, 1, tzinfo=UTC))
    False
    """
    valid_from, valid_to = dates
    return (valid_from is None or valid_from <= moment) and (valid_to is None or moment < valid_to)


@dataclass(frozen=True, kw_only=True, eq=False)
class ServiceGraph(ProcessTuples):
    """CIs, dependencies, groups, agreements, outages and records of the process. Immutable.

    Build one with :func:`ripplegraph.graph.build.build_service_graph`. CIs are numbered
    0..n-1 in the order of the export; functions that take text accept what
    :meth:`resolve` accepts.

    Attributes
    ----------
    cis
        The CIs as columns; do not change them.
    ids
        The id of each CI, by number, as a column; ``ci_ids`` are the same, all written out.
    topology, gates, edges, group_rules
        Dependencies and groups as arrays, for kernels; the groups, by group number.
    covered
        For each agreement the numbers of the CIs that it covers, sorted.
    outage_ci
        For each outage the number of its CI.
    report
        What loading read, used and reported.
    """

    __networkx_backend__ = "ripplegraph"

    cis: CiColumns
    ids: CiIds
    topology: Topology
    gates: Gates
    edges: EdgeDetails
    group_rules: GroupRuleColumns
    agreements: tuple[Agreement, ...] = ()
    covered: tuple[tuple[int, ...], ...] = ()
    calendars: tuple[Calendar, ...] = ()
    outages: tuple[Outage, ...] = ()
    outage_ci: tuple[int, ...] = ()
    report: LoadReport = NOTHING_LOADED

    @property
    def ci_count(self) -> int:
        """Number of CIs, stubs included."""
        return len(self.ids)

    @property
    def ci_ids(self) -> tuple[CiId, ...]:
        """The id of each CI, by number; all are written when one is asked for first."""
        return self.ids.all()

    @property
    def dependency_count(self) -> int:
        """Number of dependencies, those without impact included."""
        return len(self.topology.edge_dependency)

    def is_directed(self) -> bool:
        """Return True: networkx asks its graphs so before it runs an algorithm."""
        return True

    def is_multigraph(self) -> bool:
        """Return True: two CIs may have several dependencies; for networkx, see above."""
        return True

    @cached_property
    def _number_of_ci_id(self) -> dict[str, int]:
        return {ci_id: number for number, ci_id in enumerate(self.ci_ids)}

    @cached_property
    def _numbers_of_native_id(self) -> NumbersByText:
        return numbers_by_text(self.cis.native_id)

    @cached_property
    def _numbers_of_name(self) -> NumbersByText:
        return numbers_by_text(self.cis.name)

    @cached_property
    def service_numbers(self) -> tuple[int, ...]:
        """Numbers of the CIs that count as services, ascending."""
        is_service = coded(self.cis.kind).flags(SERVICE_KINDS.__contains__)
        return tuple(np.flatnonzero(is_service).tolist())

    @cached_property
    def component_labels(self) -> NDArray[np.uint32]:
        """See :func:`ripplegraph.graph.cycles.component_of`, the way to ask for it."""
        topology, effect = self.topology, self.gates.edge_effect
        if is_large(self.ci_count, self.dependency_count):
            labels = component_labels_at_once(
                offsets=topology.dependency_offsets,
                needed=topology.edge_dependency,
                effect=effect,
                is_compiled=True,
            )
        else:
            labels = component_labels(
                ci_count=self.ci_count,
                dependents=topology.edge_dependent[effect != Strength.NONE],
                dependencies=topology.edge_dependency[effect != Strength.NONE],
            )
        labels.setflags(write=False)
        return labels

    def resolve(self, text: str) -> int:
        """Return the number of the CI that a person or record means.

        Parameters
        ----------
        text
            A full ``ci_id``, else a native id that is unique, else a name that is unique.

        Raises
        ------
        UnknownCiError
            If nothing fits; it carries near misses.
        AmbiguousCiError
            If a native id or name fits several CIs.
        """
        number = self.look_up(text)
        if number is None:
            raise UnknownCiError(text, near_misses(text, (self.cis.native_id, self.cis.name)))
        return number

    def look_up(self, text: str) -> int | None:
        """Return what :meth:`resolve` does, None if nothing fits: near misses cost time.

        Raises
        ------
        AmbiguousCiError
            If a native id or name fits several CIs.
        """
        number = self._number_of_ci_id.get(text)
        if number is not None:
            return number
        for numbers_of in (self._numbers_of_native_id, self._numbers_of_name):
            if text in numbers_of.several:
                numbers = numbers_of.several[text]
                raise AmbiguousCiError(text, tuple(sorted(self.ci_ids[one] for one in numbers)))
            if text in numbers_of.one:
                return numbers_of.one[text]
        return None

    def find(self, text: str) -> int | None:
        """Return the number of the CI with this ``ci_id`` or unique native id, or None."""
        number = self._number_of_ci_id.get(text)
        if number is not None:
            return number
        numbers_of = self._numbers_of_native_id
        return None if text in numbers_of.several else numbers_of.one.get(text)

    def ci(self, number: int) -> ConfigurationItem:
        """Return the CI with this number as a value.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        cis = self.cis
        return ConfigurationItem(
            ci_id=self.ci_ids[number],
            source=cis.source[number],
            class_name=cis.class_name[number],
            native_id=cis.native_id[number],
            name=cis.name[number],
            kind=cis.kind[number],
            is_logical=cis.is_logical[number],
            state=cis.state[number],
            owner_team=cis.owner_team[number],
            supplier=cis.supplier[number],
            lifecycle=cis.lifecycle[number],
            environment=cis.environment[number],
            criticality=cis.criticality[number],
            availability=cis.availability[number],
            mtbf_hours=cis.mtbf_hours[number],
            mttr_hours=cis.mttr_hours[number],
            tags=cis.tags[number],
            observed_from=cis.observed_from[number],
            observed_to=cis.observed_to[number],
            last_seen=cis.last_seen[number],
            is_stub=cis.is_stub[number],
            attributes={
                name: cells[number] for name, cells in cis.attributes.items() if number in cells
            },
            file=cis.file[number],
            row=cis.row[number],
        )

    def ci_of(self, text: str) -> ConfigurationItem:
        """Return the CI that ``text`` names; raises like :meth:`resolve`."""
        return self.ci(self.resolve(text))

    def configuration_items(self) -> Iterator[ConfigurationItem]:
        """Yield every CI as a value, by number."""
        return (self.ci(number) for number in range(self.ci_count))

    def dependency(self, edge: int) -> Dependency:
        """Return the dependency with this position as a value.

        Raises
        ------
        IndexError
            If there is no such position.
        """
        topology, edges = self.topology, self.edges
        group = int(topology.edge_group[edge])
        valid_from, valid_to = edges.validity.get(edge, (None, None))
        return Dependency(
            dependent=self.ci_ids[topology.edge_dependent[edge]],
            dependency=self.ci_ids[topology.edge_dependency[edge]],
            relation_type=edges.relation_types[topology.edge_type[edge]],
            strength=Strength(int(topology.edge_strength[edge])),
            effect=Strength(int(self.gates.edge_effect[edge])),
            group="" if group == NO_GROUP else self.group_rules[group].key,
            weight=edges.weights.get(edge, Decimal(1)),
            valid_from=valid_from,
            valid_to=valid_to,
            file=edges.files[topology.edge_file[edge]],
            row=int(topology.edge_row[edge]),
        )

    def dependencies(self) -> Iterator[Dependency]:
        """Yield every dependency as a value, by position."""
        return (self.dependency(edge) for edge in range(self.dependency_count))

    def group(self, number: int) -> RedundancyGroup:
        """Return the redundancy group with this number as a value, with its members.

        Raises
        ------
        IndexError
            If there is no such number.
        """
        rule = self.group_rules[number]
        edges = self.edges_to_dependencies(rule.dependent)
        members = [edge for edge in edges if self.topology.edge_group[edge] == number]
        return RedundancyGroup(
            dependent=self.ci_ids[rule.dependent],
            key=rule.key,
            min_up=rule.min_up,
            degraded_below=rule.degraded_below,
            grounded=rule.grounded,
            members=tuple(self.dependency(edge) for edge in members),
        )

    def edges_to_dependencies(self, number: int) -> range:
        """Return the positions of the dependencies in which this CI is the dependent."""
        offsets = self.topology.dependency_offsets
        return range(int(offsets[number]), int(offsets[number + 1]))

    def edges_to_dependents(self, number: int) -> list[int]:
        """Return the positions of the dependencies in which this CI is the dependency."""
        topology = self.topology
        start, end = topology.dependent_offsets[number], topology.dependent_offsets[number + 1]
        found: list[int] = topology.dependent_edge[start:end].tolist()
        return found

    def direct_dependencies_of(self, text: str, *, with_none: bool = False) -> tuple[CiId, ...]:
        """Return the CIs that this one needs, one hop away, sorted.

        Parameters
        ----------
        text
            See :meth:`resolve`, also for what is raised.
        with_none
            True to include dependencies of effect ``none``.
        """
        return self._ids(self._neighbours(self.resolve(text), down=True, with_none=with_none))

    def direct_dependents_of(self, text: str, *, with_none: bool = False) -> tuple[CiId, ...]:
        """Return the CIs that need this one, one hop away, sorted; see above."""
        return self._ids(self._neighbours(self.resolve(text), down=False, with_none=with_none))

    def all_dependencies_of(self, text: str, *, with_none: bool = False) -> tuple[CiId, ...]:
        """Return every CI that this one needs, directly or through others, sorted; not itself."""
        return self._ids(self._closure(self.resolve(text), down=True, with_none=with_none))

    def all_dependents_of(self, text: str, *, with_none: bool = False) -> tuple[CiId, ...]:
        """Return every CI that needs this one, directly or through others, sorted; not itself."""
        return self._ids(self._closure(self.resolve(text), down=False, with_none=with_none))

    def with_report(self, report: LoadReport) -> ServiceGraph:
        """Return the same graph with another load report."""
        return replace(self, report=report)

    def _neighbours(self, number: int, *, down: bool, with_none: bool) -> set[int]:
        topology = self.topology
        edges: NDArray[np.uint32]
        if down:
            span = self.edges_to_dependencies(number)
            edges = np.arange(span.start, span.stop, dtype=np.uint32)
            ends = topology.edge_dependency
        else:
            start, end = topology.dependent_offsets[number : number + 2].tolist()
            edges, ends = topology.dependent_edge[start:end], topology.edge_dependent
        found = ends[edges]
        if not with_none:
            found = found[self.gates.edge_effect[edges] != Strength.NONE]
        return set(found.tolist())

    def _closure(self, number: int, *, down: bool, with_none: bool) -> set[int]:
        seen, waiting = {number}, [number]
        while waiting:
            fresh = self._neighbours(waiting.pop(), down=down, with_none=with_none) - seen
            seen |= fresh
            waiting.extend(fresh)
        return seen - {number}

    def _ids(self, numbers: set[int]) -> tuple[CiId, ...]:
        return tuple(sorted(self.ci_ids[number] for number in numbers))

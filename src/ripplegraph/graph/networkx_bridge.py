"""The bridge to networkx: conversion both ways, and a backend for its algorithms.

The only module that imports networkx.
"""

# mypy: disable-error-code="explicit-any"
# networkx's stubs give attributes the type Any

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import TypeVar

import networkx as nx
import numpy as np
from networkx.utils import backends as nx_backends

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.build import build_service_graph, ci_id_of
from ripplegraph.graph.building.edges import STUB_CLASS
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import NOTHING_LOADED, LoadReport
from ripplegraph.graph.model import CiId
from ripplegraph.graph.networkx_cells import add_ci, add_dependency, ci_cells, dependency_cells
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import PROCESS_KINDS, process_records
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph

Node = TypeVar("Node", bound=Hashable)
Value = TypeVar("Value")


def to_networkx(graph: ServiceGraph) -> nx.MultiDiGraph[CiId]:
    """Return the graph for networkx: an edge from each dependent to each dependency.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are ``ci_id``s, in the order of the graph, with the fields of
        :class:`ConfigurationItem` as attributes. Edges have those of :class:`Dependency`, but
        ``group_weight`` for its weight in a group: networkx takes ``weight`` for a distance.
        The graph attributes hold ``groups``, ``agreements``, ``calendars``, ``outages``,
        ``process`` and ``report``. It is new: changing it does not change ``graph``.

    Notes
    -----
    ``effect`` is what works in this graph, for readers; :func:`from_networkx` computes it anew
    from the strengths. So of a graph from :func:`graph_at` the way back gives all dependencies
    their effect again: convert first, or take :func:`graph_at` again.

    Examples
    --------
    >>> records = Records()
    >>> records.cis.append(source="csv", class_name="service", native_id="shop")
    >>> records.cis.append(source="csv", class_name="database", native_id="db")
    >>> records.dependencies.append(dependent="shop", dependency="db")
    >>> sorted(nx.descendants(to_networkx(build_service_graph(records).graph), "csv:service:shop"))
    ['csv:database:db']
    """
    records = records_of(graph)
    converted: nx.MultiDiGraph[CiId] = nx.MultiDiGraph(
        groups=tuple(records.groups),
        agreements=graph.agreements,
        calendars=graph.calendars,
        outages=graph.outages,
        process=process_records(graph),
        report=graph.report,
    )
    for ci in graph.configuration_items():
        converted.add_node(ci.ci_id, **ci_cells(ci))
    for one in graph.dependencies():
        converted.add_edge(one.dependent, one.dependency, **dependency_cells(one))
    return converted


def from_networkx(converted: nx.DiGraph[Node]) -> ServiceGraph:
    """Return the service graph that a directed networkx graph describes.

    Parameters
    ----------
    converted
        What :func:`to_networkx` gave, changed or not, or any directed graph whose edges go from
        dependent to dependency. It is not changed. Attributes with the names that
        :func:`to_networkx` gives are read, all may be missing: a node becomes a CI of class
        ``ci`` with its text as id, an edge a hard dependency. Further node attributes are kept
        as text, further edge attributes are not.

    Returns
    -------
    ServiceGraph
        Its report holds what was found while building it.

    Raises
    ------
    ValueError
        If the graph is not directed.
    InvalidQuantityError
        If an attribute does not hold what its name promises.

    Examples
    --------
    >>> graph = from_networkx(nx.DiGraph([("shop", "db")]))
    >>> graph.direct_dependencies_of("shop")
    ('networkx:ci:db',)
    """
    if not converted.is_directed():
        msg = "need a directed graph, whose edges go from dependent to dependency"
        raise ValueError(msg)
    cis, reference_of = _cis_of(converted)
    report = next(iter(_values_of((converted.graph.get("report"),), LoadReport)), NOTHING_LOADED)
    records = Records(
        cis=cis,
        dependencies=_dependencies_of(converted, reference_of),
        groups=_values_of(converted.graph.get("groups"), GroupRecord),
        agreements=_values_of(converted.graph.get("agreements"), Agreement),
        calendars=_values_of(converted.graph.get("calendars"), Calendar),
        outages=_values_of(converted.graph.get("outages"), Outage),
        findings=list(report.findings),
    )
    for name, kind in PROCESS_KINDS.items():
        setattr(records, name, _values_of(converted.graph.get("process"), kind))
    built = build_service_graph(records)
    return built.graph.with_report(replace(report, findings=built.findings))


def _cis_of(converted: nx.DiGraph[Node]) -> tuple[CiColumns, dict[Node, str]]:
    """Return the CIs of a graph, and the text by which relations name each."""
    every = CiColumns()
    reference_of: dict[Node, str] = {}
    kept: list[int] = []
    for position, node in enumerate(converted):
        add_ci(every, node, converted.nodes[node])
        native_id, class_name = every.native_id[position], every.class_name[position]
        is_stub = every.is_stub[position] and class_name == STUB_CLASS
        if is_stub and converted.degree(node):  # building makes it again
            reference_of[node] = native_id
        else:
            reference_of[node] = ci_id_of(every.source[position], class_name, native_id)
            kept.append(position)
    return every.take(np.array(kept, dtype=np.int64)), reference_of


def _dependencies_of(
    converted: nx.DiGraph[Node], reference_of: Mapping[Node, str]
) -> DependencyColumns:
    columns = DependencyColumns()
    for dependent, dependency, cells in converted.edges(data=True):
        add_dependency(columns, (reference_of[dependent], reference_of[dependency]), cells)
    return columns


def _values_of(cell: object, wanted: type[Value]) -> list[Value]:
    """Return the values of our own type in a graph attribute; a user's own are passed over."""
    values = cell if isinstance(cell, list | tuple) else ()
    return [one for one in values if isinstance(one, wanted)]


class RippleGraphBackend:
    """What networkx calls for algorithms on a :class:`ServiceGraph`.

    Reach is answered on the arrays, every other algorithm by networkx on a converted graph.
    Algorithms that change their graph are refused: a service graph is immutable.
    """

    def convert_to_nx(self, graph: ServiceGraph, **_: object) -> nx.MultiDiGraph[CiId]:
        """Return the graph as networkx has it."""
        return to_networkx(graph)

    def convert_from_nx(self, graph: nx.DiGraph[CiId], **_: object) -> ServiceGraph:
        """Return the service graph of a networkx graph whose nodes are its ``ci_id``s.

        Raises
        ------
        NotImplementedError
            If the graph does not come from :func:`to_networkx`: its nodes would be renamed.
        """
        ours = from_networkx(graph) if graph.is_directed() else None
        if ours is None or set(ours.ci_ids) != set(graph):
            msg = "the nodes are no ci_ids; convert the graph with from_networkx"
            raise NotImplementedError(msg)
        return ours

    def descendants(self, graph: ServiceGraph, source: str) -> set[CiId]:
        """Return every CI that this one needs, over all relations.

        Raises
        ------
        networkx.NetworkXError
            If there is no CI with this ``ci_id``.
        """
        return set(graph.all_dependencies_of(_known(graph, source), with_none=True))

    def ancestors(self, graph: ServiceGraph, source: str) -> set[CiId]:
        """Return every CI that needs this one, over all relations.

        Raises
        ------
        networkx.NetworkXError
            If there is no CI with this ``ci_id``.
        """
        return set(graph.all_dependents_of(_known(graph, source), with_none=True))

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return a networkx algorithm that converts service graphs first."""
        algorithm = nx_backends._registered_algorithms.get(name)  # type: ignore[attr-defined]
        if algorithm is None or algorithm.mutates_input:
            raise AttributeError(name)

        def run_converted(*arguments: object, **options: object) -> object:
            return algorithm.orig_func(
                *map(_converted, arguments),
                **{option: _converted(value) for option, value in options.items()},
            )

        return run_converted


def _known(graph: ServiceGraph, ci_id: str) -> str:
    number = graph.find(ci_id)
    if number is None or graph.ci_ids[number] != ci_id:
        msg = f"The node {ci_id} is not in the graph."
        raise nx.NetworkXError(msg)
    return ci_id


def _converted(argument: object) -> object:
    if isinstance(argument, ServiceGraph):
        return to_networkx(argument)
    if isinstance(argument, list):
        return [_converted(one) for one in argument]
    return argument


backend = RippleGraphBackend()
"""The object that networkx loads by its entry point."""

"""CIs: search in pages, and what lies around one within stated limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field

from ripplegraph.api.callers import Scope
from ripplegraph.api.cursors import CursorText, cursor_after, position_of
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.routes.scenarios import AtQuery, CiText, Clock, graph_then
from ripplegraph.api.schemas import CiPageOut, NeighbourhoodOut
from ripplegraph.api.scopes import needs
from ripplegraph.graph.service_graph import ServiceGraph

MOST_CIS = 500
MOST_NEIGHBOURS = 20_000


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


class CisQuery(AtQuery):
    """What is searched for, and which page."""

    search: Annotated[
        str,
        BeforeValidator(_stripped),
        Field(max_length=200, description="Part of an id or a name; case does not matter."),
    ] = ""
    class_name: Annotated[str, Field(alias="class", max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_CIS)] = 100
    after: Annotated[
        CursorText | None, Field(description="The cursor that the page before gave.")
    ] = None


class NeighbourhoodQuery(AtQuery):
    """From where, which way, and how far."""

    ci: CiText
    direction: Annotated[
        Literal["dependencies", "dependents"], Field(description="What it needs, or who needs it.")
    ] = "dependencies"
    depth: Annotated[
        int | None, Field(ge=1, le=1000, description="Hops at most; no limit if not given.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST_NEIGHBOURS, description="CIs at most.")] = 1000


def ci_routes(estate: ServedEstate, clock: Clock) -> APIRouter:
    """Return the routes that list CIs."""
    routes = APIRouter(prefix="/v1", tags=["cis"])

    @routes.get("/cis", summary="CIs by page, by part of an id or name, by class.")
    @needs(Scope.READ, by_tag=True)
    def cis(asked: Annotated[CisQuery, Query()]) -> CiPageOut:
        graph, _ = graph_then(estate, clock, asked)
        return ci_page(graph, asked)

    @routes.get("/neighbourhood", summary="What lies around a CI, nearest first.")
    @needs(Scope.READ, by_tag=True)
    def neighbourhood(asked: Annotated[NeighbourhoodQuery, Query()]) -> NeighbourhoodOut:
        graph, _ = graph_then(estate, clock, asked)
        start = graph.resolve(asked.ci)
        is_down = asked.direction == "dependencies"
        found, is_cut = _reached(graph, start, asked.depth, asked.limit, is_down=is_down)
        return NeighbourhoodOut.of(
            start, found, graph, direction=asked.direction, truncated=is_cut
        )

    return routes


def ci_page(graph: ServiceGraph, asked: CisQuery) -> CiPageOut:
    """Return one page of the CIs that are searched for."""
    start = 0 if asked.after is None else position_of(asked.after, graph)
    found = list(_first(_matching(graph, asked, start), asked.limit + 1))
    page, more = found[: asked.limit], len(found) > asked.limit
    return CiPageOut.of_page(page, graph, after=cursor_after(page[-1], graph) if more else None)


def _matching(graph: ServiceGraph, asked: CisQuery, start: int) -> Iterator[int]:
    wanted, class_name = asked.search.casefold(), asked.class_name.casefold()
    cis = graph.cis
    for number in range(start, graph.ci_count):
        if class_name and cis.class_name[number].casefold() != class_name:
            continue
        texts = (cis.name[number], cis.native_id[number], graph.ci_ids[number])
        if not wanted or any(wanted in text.casefold() for text in texts):
            yield number


def _first(numbers: Iterator[int], count: int) -> Iterator[int]:
    for _, number in zip(range(count), numbers, strict=False):
        yield number


def _reached(
    graph: ServiceGraph, start: int, depth: int | None, limit: int, *, is_down: bool
) -> tuple[dict[int, int], bool]:
    """Return the CIs reached with their distance, nearest first, and whether some were cut off."""
    found, layer, hops = {start: 0}, [start], 0
    while layer and (depth is None or hops < depth):
        hops += 1
        further: list[int] = []
        for number in layer:
            for other in _next_to(graph, number, is_down=is_down):
                if other in found:
                    continue
                if len(found) > limit:
                    return found, True
                found[other] = hops
                further.append(other)
        layer = further
    return found, False


def _next_to(graph: ServiceGraph, number: int, *, is_down: bool) -> list[int]:
    edges = graph.topology
    if is_down:
        first, last = edges.dependency_offsets[number], edges.dependency_offsets[number + 1]
        return sorted(set(edges.edge_dependency[first:last].tolist()))
    first, last = edges.dependent_offsets[number], edges.dependent_offsets[number + 1]
    return sorted(set(edges.edge_dependent[edges.dependent_edge[first:last]].tolist()))

"""How a request becomes a question on a graph: which revision, which moment, which CIs are out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from ripplegraph.api.answering import use_snapshot
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.asked import (
    AtQuery,
    CiText,
    CiTexts,
    Clock,
    Moment,
)
from ripplegraph.api.questions.incident import ScenarioIn
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.service_graph import ServiceGraph

__all__ = [
    "AtQuery",
    "CiText",
    "CiTexts",
    "Clock",
    "Moment",
    "ScenarioIn",
    "answered",
    "graph_then",
    "whole_graph",
]

Answer = TypeVar("Answer")


class AsksThen(Protocol):
    """What says which revision and which moment are asked about."""

    @property
    def at(self) -> datetime | None:
        """The moment, None for now."""

    @property
    def revision(self) -> int | datetime | None:
        """The revision by number or time, None for the newest."""


def whole_graph(estate: ServedEstate, asked: AsksThen) -> ServiceGraph:
    """Return the graph of the revision asked about, with dependencies of all times."""
    snapshot = estate.snapshot(estate.revision_number(asked.revision))
    use_snapshot(snapshot)
    return snapshot.graph


def graph_then(
    estate: ServedEstate, clock: Clock, asked: AsksThen
) -> tuple[ServiceGraph, datetime]:
    """Return the graph with the dependencies in effect at the moment, else now; and the moment."""
    moment = asked.at or clock()
    return graph_at(whole_graph(estate, asked), moment), moment


def answered(
    estate: ServedEstate,
    clock: Clock,
    asked: AtQuery,
    answer: Callable[[ServiceGraph, datetime], Answer],
) -> Answer:
    """Return the answer to a question on the graph that it asks about."""
    if asked.is_over_time:
        return answer(whole_graph(estate, asked), asked.at or clock())
    return answer(*graph_then(estate, clock, asked))

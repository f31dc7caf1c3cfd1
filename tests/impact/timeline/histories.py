"""Small graphs with a past: outages in one line of text, moments as seconds of one day.

``db 0 60; h1 30 - planned; h2 5 9 degradation; db 5 9 excluded``: CI, start, end (``-`` open) in
seconds after :data:`START`, and what else it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from graph_building import graph_of
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph

START = datetime(2026, 10, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def outages_of(text: str) -> tuple[Outage, ...]:
    """Return the outages that a text describes."""
    return tuple(_outage(*part.split()) for part in text.split(";") if part.strip())


def _outage(ci: str, start: str, end: str, *words: str) -> Outage:
    kinds = [OutageKind(word) for word in words if word in set(OutageKind)]
    return Outage(
        ci=ci,
        start=after(float(start)),
        end=None if end == "-" else after(float(end)),
        kind=kinds[0] if kinds else OutageKind.UNPLANNED,
        excluded="clause 7, Ms Roe" if "excluded" in words else "",
        external_id=f"{ci}@{start}",
        cause="test",
    )


def with_past(
    graph: ServiceGraph,
    outages: str | tuple[Outage, ...] = "",
    *,
    agreements: tuple[Agreement, ...] = (),
    covers: tuple[str, ...] = ("shop",),
    calendars: tuple[Calendar, ...] = (),
) -> ServiceGraph:
    """Return a graph with outages, and with agreements that each cover the same CIs."""
    past = outages_of(outages) if isinstance(outages, str) else outages
    covered = tuple(sorted(graph.resolve(text) for text in covers)) if agreements else ()
    return replace(
        graph,
        outages=past,
        outage_ci=tuple(graph.resolve(one.ci) for one in past),
        agreements=agreements,
        covered=(covered,) * len(agreements),
        calendars=calendars,
    )


def graph_with_past(text: str, outages: str, **options: object) -> ServiceGraph:
    """Return the graph of one text with the outages of another."""
    return with_past(graph_of(text), outages, **options)  # type: ignore[arg-type] # passed on


def sla(**options: object) -> Agreement:
    """Return an SLA."""
    said = {"agreement_id": "gold", "kind": AgreementKind.SLA} | options
    return Agreement(**said)  # type: ignore[arg-type] # whatever the test says


KINDS = st.sampled_from(
    ["", "", "planned", "degradation", "excluded", "degradation excluded"],
)


@st.composite
def pasts(draw: st.DrawFn, graph: ServiceGraph, *, most: int = 8, horizon: int = 40) -> str:
    """Draw outages of the CIs of a graph whose native ids are ``c0``, ``c1``, ..."""
    numbers = st.integers(0, graph.ci_count - 1)
    lines = []
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, horizon))
        end = draw(st.one_of(st.none(), st.integers(start + 1, horizon + 10)))
        shown = "-" if end is None else str(end)
        lines.append(f"c{draw(numbers)} {start} {shown} {draw(KINDS)}")
    return "; ".join(lines)

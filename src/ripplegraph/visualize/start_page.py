"""The start page of the server: every service with its status, and a field to let CIs fail."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ripplegraph.graph.findings import Finding, Severity
from ripplegraph.graph.model import CiKind, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.values import ImpactAnswer
from ripplegraph.visualize.page_parts import hash_source, markup_of, part, template_environment

_LISTED_NAMES = 2000  # of CIs to choose from; more would make the page heavy


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """What the page answers: the impact of what was typed, and the findings of the data."""

    answer: ImpactAnswer
    typed: str
    findings: tuple[Finding, ...]
    with_open_outages: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service in the list."""

    name: str
    kind: CiKind
    status: Status
    because: str
    more_failures: str
    owner_team: str
    address: str


def render_start_page(graph: ServiceGraph, page: StartPage) -> str:
    """Return the page as HTML; it runs no script and loads nothing."""
    counts = dict.fromkeys(Severity, 0)
    for finding in page.findings:
        counts[finding.severity] += 1
    return (
        template_environment()
        .get_template("start.html.j2")
        .render(
            graph=graph,
            page=page,
            rows=_rows(graph, page.answer),
            counts=counts,
            names=_names(graph),
            style=markup_of(part("start.css")),
        )
    )


def start_page_policy() -> str:
    """Return the content security policy of the start page."""
    style = hash_source(part("start.css"))
    return f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'self'"


def _rows(graph: ServiceGraph, answer: ImpactAnswer) -> list[ServiceRow]:
    """Return the services, those that are impacted first and worst first."""
    impacted = {one.ci_id: one for one in answer.impacted}
    rows = [
        _row(graph, number, answer)
        for number in graph.service_numbers
        if graph.ci_ids[number] not in impacted
    ]
    rows.sort(key=lambda row: (row.name.casefold(), row.address))
    return [_row(graph, graph.resolve(ci_id), answer) for ci_id in impacted] + rows


def _row(graph: ServiceGraph, number: int, answer: ImpactAnswer) -> ServiceRow:
    ci_id, cis = graph.ci_ids[number], graph.cis
    one = next((found for found in answer.impacted if found.ci_id == ci_id), None)
    chain = [cis.name[graph.resolve(step)] for step in one.because] if one else []
    cut = one.more_failures if one else None
    return ServiceRow(
        name=cis.name[number],
        kind=cis.kind[number],
        status=one.status if one else Status.UP,
        because=" ← ".join(chain),
        more_failures="" if cut is None else f"{'' if cut.is_exact else 'at least '}{cut.count}",
        owner_team=cis.owner_team[number],
        address=_view_address(ci_id, answer),
    )


def _view_address(ci_id: str, answer: ImpactAnswer) -> str:
    scenario = answer.scenario
    query = urlencode(
        {
            "down": scenario.down,
            "maintenance": scenario.maintenance,
            "degraded": scenario.degraded,
        },
        doseq=True,
    )
    address = f"/v1/services/{quote(ci_id, safe='')}/view"
    return f"{address}?{query}" if query else address


def _names(graph: ServiceGraph) -> list[str]:
    if graph.ci_count > _LISTED_NAMES:
        return []
    services = frozenset(graph.service_numbers)
    natives = (graph.cis.native_id[one] for one in range(graph.ci_count) if one not in services)
    return sorted(set(natives))

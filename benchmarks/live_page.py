"""The live page with 2,000 services on 20,000 CIs: CPU seconds of the browser, and of the server.

Budgets stand where other sections have peers: seconds of CPU; a row holds if ours is less.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.browser import Spent, browser_at, chromium_here
from benchmarks.rows import Row, explained, profile_of
from ripplegraph.api.app import create_app
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.schemas import OverviewOut
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.records import Records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.timeline.overview import estate_overview
from ripplegraph.store.memory_journal import MemoryJournal

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
_PAGE_BUDGET_S, _SEARCH_BUDGET_S, _OVERVIEW_BUDGET_S = 1.0, 0.5, 3.0
_SEARCHED = "service 19"


@dataclass
class _Ready:
    graph: ServiceGraph

    def read(self) -> ServiceGraph:
        return self.graph


def live_page_rows(services: int, cis: int, *, rounds: int) -> list[Row]:
    """Return the rows on the wall of so many services, with an SLA each and a past of 40 days."""
    graph = estate_of(services, cis)

    def overview() -> object:
        return OverviewOut.of(estate_overview(graph, NOW), graph).model_dump_json()

    spent = []
    for _ in range(rounds):
        start = process_time()
        overview()
        spent.append(process_time() - start)
    row = _row("overview of services, computed", services, min(spent), _OVERVIEW_BUDGET_S)
    rows = explained([row], lambda: profile_of(overview))
    path = chromium_here()
    if path is None:
        return rows
    with _served(graph) as base:
        opened, searched = zip(*(_spent(path, base) for _ in range(rounds)), strict=True)
    return [
        *rows,
        _least("browser until the wall of services is still", services, opened, _PAGE_BUDGET_S),
        _least(
            f"browser while {len(_SEARCHED)} keys search", services, searched, _SEARCH_BUDGET_S
        ),
    ]


def estate_of(services: int, cis: int) -> ServiceGraph:
    """Return services on eight CIs each, with an SLA each and 600 outages, three of them open."""
    draw = Random(3)
    records = Records()
    below = cis - services
    for number in range(services):
        records.cis.append(
            source="b",
            class_name="service",
            native_id=f"s{number}",
            name=f"Service {number}",
            kind=CiKind.SERVICE,
            owner_team=f"Team {number % 40}",
        )
        records.agreements.append(
            Agreement(
                agreement_id=f"SLA {number}",
                kind=AgreementKind.SLA,
                covers=(f"s{number}",),
                target_availability=Decimal("0.999"),
                customer=f"Customer {number % 70}",
            )
        )
        for other in sorted({draw.randrange(below) for _ in range(8)}):
            records.dependencies.append(dependent=f"s{number}", dependency=f"c{other}")
    for number in range(below):
        records.cis.append(
            source="b",
            class_name="server",
            native_id=f"c{number}",
            name=f"server-{number}",
            kind=CiKind.SERVER,
        )
    for number in range(600):
        start = NOW - timedelta(hours=draw.uniform(0, 24 * 40))
        length = timedelta(minutes=1 + draw.expovariate(1 / 60))
        end = None if number < 3 else min(NOW, start + length)
        records.outages.append(Outage(ci=f"c{draw.randrange(below)}", start=start, end=end))
    return build_service_graph(records).graph


@contextmanager
def _served(graph: ServiceGraph) -> Iterator[str]:
    import uvicorn

    estate = ServedEstate(source=_Ready(graph), journal=MemoryJournal(), origin="bench")
    app = create_app(estate=estate, clock=lambda: NOW)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _spent(path: str, base: str) -> tuple[Spent, Spent]:
    """Return what a browser spends to open the wall, and to search."""

    def opened(page: Page) -> None:
        page.goto(base)
        page.wait_for_selector("body[data-ready]")

    def searched(page: Page) -> None:
        page.get_by_role("searchbox").press_sequentially(_SEARCHED, delay=60)
        page.wait_for_selector("body[data-ready]")

    with browser_at(path) as browser:
        return browser.spent(opened), browser.spent(searched)


def _least(name: str, size: int, spent: Sequence[Spent], budget_s: float) -> Row:
    least = min(spent, key=lambda one: one.seconds)
    return replace(_row(name, size, least.seconds, budget_s), why=least.why)


def _row(name: str, size: int, ours_s: float, budget_s: float) -> Row:
    return Row(name=name, size=size, ours_s=ours_s, peer="budget", peer_s=budget_s, goal=1.0)

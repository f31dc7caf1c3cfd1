"""The picture of a service: CPU seconds for a scene of 5,000 CIs, and of a browser for 250 boxes.

Budgets stand where other sections have peers: seconds of CPU; a row holds if ours is less.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.browser import Spent, browser_at, chromium_here
from benchmarks.rows import Row, explained, profile_of
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit, Status
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.scene import DEFAULT_LIMIT, LARGEST_LIMIT, build_scenario_scene
from ripplegraph.visualize.view_model import Level

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SCENE_BUDGET_S = 3.0
_BROWSER_BUDGET_S = 1.0
_ONE = Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))


def view_rows(ci_count: int, *, rounds: int) -> list[Row]:
    """Return the rows on a service of so many CIs, half of which fail with two storages."""
    graph = service_of(ci_count)
    rows = [row for level in Level for row in _scene_rows(graph, level, rounds)]
    browser_row = _browser_row(service_of(LARGEST_LIMIT), rounds)
    return rows if browser_row is None else [*rows, browser_row]


def service_of(ci_count: int) -> ServiceGraph:
    """Return one service on applications, each on a pool of machines, on hosts, on storage."""
    draw = Random(7)
    records = Records()
    apps = [f"app-{number}" for number in range(ci_count // 10)]
    hosts = [f"host-{number}" for number in range(ci_count // 10)]
    storages = [f"san-{number}" for number in range(max(2, ci_count // 250))]
    machines = [f"vm-{number}" for number in range(ci_count - 1 - len(apps + hosts + storages))]
    kinds = {"shop": CiKind.SERVICE}
    kinds |= dict.fromkeys(apps, CiKind.APPLICATION)
    kinds |= dict.fromkeys(machines, CiKind.VIRTUAL_MACHINE)
    kinds |= dict.fromkeys(hosts, CiKind.SERVER) | dict.fromkeys(storages, CiKind.STORAGE)
    for name, kind in kinds.items():
        records.cis.append(source="b", class_name=kind.value, native_id=name, kind=kind)
    for app in apps:
        records.dependencies.append(dependent="shop", dependency=app)
        records.groups.append(GroupRecord(dependent=app, key="pool", min_up=_ONE))
    for number, machine in enumerate(machines):
        app = apps[number % len(apps)]
        records.dependencies.append(dependent=app, dependency=machine, group="pool")
        records.dependencies.append(dependent=machine, dependency=draw.choice(hosts))
    for host in hosts:
        records.dependencies.append(dependent=host, dependency=draw.choice(storages))
    return build_service_graph(records).graph


def _statuses(graph: ServiceGraph, *down: str) -> Mapping[int, Status]:
    actual = actual_of(graph, scenario_of(graph, down=down))
    return dict(enumerate(map(Status, propagate(graph, actual).tolist())))


def _scene_rows(graph: ServiceGraph, level: Level, rounds: int) -> list[Row]:
    down = ("san-0", "san-1")
    scenario, statuses = scenario_of(graph, down=down), _statuses(graph, *down)
    limit = LARGEST_LIMIT if level is Level.ALL else DEFAULT_LIMIT

    def scene() -> object:
        return build_scenario_scene(
            graph, "shop", scenario, statuses=statuses, limit=limit, level=level
        )

    spent = []
    for _ in range(rounds):
        start = process_time()
        scene()
        spent.append(process_time() - start)
    row = _budget_row(f"scene, {level.value}", graph.ci_count, min(spent), _SCENE_BUDGET_S)
    return explained([row], lambda: profile_of(scene))


def _browser_row(graph: ServiceGraph, rounds: int) -> Row | None:
    """Return the CPU seconds of all processes of a browser until a page of 250 boxes is still."""
    path = chromium_here()
    if path is None:
        return None
    question = ViewQuestion(
        service="shop",
        scenario=scenario_of(graph, down=["san-0"]),
        statuses=_statuses(graph, "san-0"),
        limit=LARGEST_LIMIT,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "view.html"
        file.write_text(render_view_page(graph, question), encoding="utf-8")
        spent = min((_opened(path, file) for _ in range(rounds)), key=lambda one: one.seconds)
    boxes = "browser until 250 boxes are still"
    row = _budget_row(boxes, graph.ci_count, spent.seconds, _BROWSER_BUDGET_S)
    return replace(row, why=spent.why)


def _opened(path: str, file: Path) -> Spent:
    def opened(page: Page) -> None:
        page.goto(file.as_uri())
        page.wait_for_selector("body[data-ready]")
        page.click("button[data-view=all]")
        page.click("#fit")

    with browser_at(path) as browser:
        return browser.spent(opened)


def _budget_row(name: str, size: int, ours_s: float, budget_s: float) -> Row:
    return Row(name=name, size=size, ours_s=ours_s, peer="budget", peer_s=budget_s, goal=1.0)

"""The shipped examples: written by their tool, loadable, and two shapes of one company."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ripplegraph
from ripplegraph.graph.service_graph import ServiceGraph

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
EXPORTED = datetime(2026, 11, 20, 9, tzinfo=UTC)

Row = tuple[str, str, int | None, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@pytest.fixture(scope="module")
def servicenow_shape() -> ServiceGraph:
    return ripplegraph.load(EXAMPLES / "acme")


@pytest.fixture(scope="module")
def generic_shape() -> ServiceGraph:
    return ripplegraph.load(EXAMPLES / "acme-csv")


def _codes(graph: ServiceGraph) -> set[str]:
    return {one.code for one in ripplegraph.validate(graph, at=EXPORTED)}


def _names(graph: ServiceGraph, ci_ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(graph.ci_of(ci_id).name for ci_id in ci_ids))


def _agreement_names(graph: ServiceGraph, agreement_ids: tuple[str, ...]) -> tuple[str, ...]:
    names = {one.agreement_id: one.name for one in graph.agreements}
    return tuple(sorted(names[agreement_id] for agreement_id in agreement_ids))


def _impacted(graph: ServiceGraph, down: list[str]) -> list[Row]:
    return sorted(
        (
            one.name,
            one.status.word,
            one.more_failures.count if one.more_failures else None,
            _names(graph, one.root_cis),
            _agreement_names(graph, one.sla_ids),
            # equally short chains are told apart by ci_id, and ids differ between the shapes
            _agreement_names(graph, one.root_agreement_ids) if len(down) == 1 else (),
        )
        for one in ripplegraph.impacted_services(graph, down=down)
    )


def test_the_tool_writes_the_committed_bytes(tmp_path: Path) -> None:
    tool = ROOT / "tools" / "make_example.py"
    subprocess.run([sys.executable, str(tool), "--into", str(tmp_path)], check=True)

    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")}
    committed = {path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*.*")}
    assert written == committed
    differing = [
        path
        for path in written
        if (tmp_path / path).read_bytes() != (EXAMPLES / path).read_bytes()
    ]
    assert differing == []


@pytest.mark.parametrize("folder", sorted(path.name for path in EXAMPLES.iterdir()))
def test_every_folder_is_one_export_of_200_to_400_cis(folder: str) -> None:
    graph = ripplegraph.load(EXAMPLES / folder)

    assert 200 <= graph.ci_count <= 400
    assert graph.report.files
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally


def test_the_servicenow_shape_holds_its_honest_defects(servicenow_shape: ServiceGraph) -> None:
    assert _codes(servicenow_shape) >= {
        "agreement-expired",
        "agreement-overlap",
        "agreement-review-overdue",
        "cluster-without-requirement",
        "cycle",
        "dangling-reference",
        "duplicate-name",
        "orphan",
        "retired-dependency",
        "service-without-sla",
        "sla-without-cis",
        "stale-ci",
        "test-dependency",
        "unknown-relation-type",
    }


def test_the_servicenow_shape_holds_no_defect_that_was_not_meant(
    servicenow_shape: ServiceGraph,
) -> None:
    unmeant = {"invalid-value", "naive-time", "unknown-class", "unknown-table", "unknown-calendar"}
    assert _codes(servicenow_shape) & unmeant == set()


def test_both_shapes_hold_the_same_company(
    servicenow_shape: ServiceGraph, generic_shape: ServiceGraph
) -> None:
    def names(graph: ServiceGraph) -> list[str]:
        return sorted(ci.name for ci in graph.configuration_items() if not ci.is_stub)

    def promises(graph: ServiceGraph) -> list[tuple[object, ...]]:
        return sorted(
            (one.name, one.kind, one.target_availability, one.customer, one.calendar, one.scope)
            for one in graph.agreements
        )

    assert names(servicenow_shape) == names(generic_shape)
    assert promises(servicenow_shape) == promises(generic_shape)
    assert servicenow_shape.dependency_count == generic_shape.dependency_count
    recorded = [one for one in servicenow_shape.outages if not one.change]
    assert len(recorded) == len(generic_shape.outages)


@pytest.mark.parametrize(
    "down",
    [
        ["san-1"],
        ["paybridge"],
        ["fra-esx-1", "fra-esx-2", "fra-esx-3"],
        ["muc-esx-1", "muc-esx-2"],
        ["recommend-1"],
        ["active-directory"],
        ["fra-ups-a", "fra-ups-b"],
        ["muc-fw-1"],
        ["pim-legacy"],
        ["bus-test-1"],
        ["erp-app-1", "erp-app-2"],
    ],
    ids=" ".join,
)
def test_both_shapes_give_the_same_impact(
    down: list[str], servicenow_shape: ServiceGraph, generic_shape: ServiceGraph
) -> None:
    assert _impacted(servicenow_shape, down) == _impacted(generic_shape, down)


def test_losing_three_of_eight_hosts_brings_the_shop_down_but_losing_two_does_not(
    servicenow_shape: ServiceGraph,
) -> None:
    def shop(*down: str) -> str:
        impacted = ripplegraph.impacted_services(servicenow_shape, down=down)
        return next((one.status.word for one in impacted if one.name == "Online Shop"), "up")

    assert shop("fra-esx-1", "fra-esx-2") == "at_risk"
    assert shop("fra-esx-1", "fra-esx-2", "fra-esx-3") == "down"


def test_a_soft_dependency_only_degrades_the_shop(servicenow_shape: ServiceGraph) -> None:
    impacted = ripplegraph.impacted_services(servicenow_shape, down=["recommend-1"])
    assert {one.name: one.status.word for one in impacted}["Online Shop"] == "degraded"


def test_a_supplier_outage_names_the_contract_behind_it(servicenow_shape: ServiceGraph) -> None:
    impacted = ripplegraph.impacted_services(servicenow_shape, down=["paybridge"])
    payments = next(one for one in impacted if one.name == "Payments")

    assert payments.status.word == "down"
    assert payments.root_suppliers == ("PayBridge",)
    names = _agreement_names(servicenow_shape, payments.root_agreement_ids)
    assert names == ("Underpinning contract PayBridge",)
    assert payments.customers == ("ACME Retail",)


def test_open_outages_of_the_example_are_a_scenario(servicenow_shape: ServiceGraph) -> None:
    scenario = ripplegraph.scenario_of(servicenow_shape, open_outages_at=EXPORTED)
    shown = [_names(servicenow_shape, part) for part in (scenario.down, scenario.maintenance)]
    assert shown == [("pg-shop-db-2",), ("intranet-web-1",)]
    assert _names(servicenow_shape, scenario.degraded) == ("paybridge",)


@pytest.mark.parametrize("down", [(), ("fra-core",)], ids=["as it is", "in a wide outage"])
def test_the_page_of_up_to_fifty_cis_has_less_than_a_hundred_kilobytes(
    servicenow_shape: ServiceGraph, down: tuple[str, ...]
) -> None:
    graph = servicenow_shape
    pages = [
        ripplegraph.view(
            graph, graph.ci_ids[service], ripplegraph.scenario_of(graph, down=down), at=EXPORTED
        ).html
        for service in graph.service_numbers
        if graph.cis.name[service] in {"Order Management Gold", "Product Catalogue Standard"}
    ]
    counts = [page.count("<tr data-row") for page in pages]
    assert sorted(counts) == [39, 46]  # the largest of at most fifty, and another one
    assert max(len(page.encode()) for page in pages) < 100_000

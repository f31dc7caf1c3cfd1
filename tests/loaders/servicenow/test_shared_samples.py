"""Recorded answers and documented examples of ServiceNow, where they are present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders.servicenow.exports import SHARED, check_totals, codes
from ripplegraph.errors import UnreadableFileError
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export

SAMPLES = SHARED / "servicenow"
INCIDENTS = SHARED / "uci_incident" / "incident_event_log_119998.csv.zip"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")


@dataclass(frozen=True)
class Expected:
    read: int
    used: int
    codes: dict[str, int]
    cis: int = 0
    dependencies: int = 0


def not_used(rows: int) -> Expected:
    return Expected(read=rows, used=0, codes={"table-not-used": rows})


def ticket(code: str) -> Expected:
    return Expected(read=1, used=1, codes={code: 1})


def without_window(rows: int) -> Expected:
    return Expected(read=rows, used=0, codes={"change-without-window": rows})


_INSTANCE = Expected(read=4, used=4, cis=3, dependencies=4, codes={"dangling-reference": 4})
_ONE_CI = Expected(read=1, used=1, cis=1, codes={})

EXPECTED = {
    "ibm_incidents_REST.csv": Expected(
        read=67, used=0, codes={"naive-time": 102, "unusable-record": 67}
    ),
    "docs_examples/c_TableAPI__3.json": not_used(1),
    **{
        f"docs_examples/c_TableAPI__{number}.json": ticket("dangling-ticket")
        for number in (5, 7, 11)
    },
    "docs_examples/c_TableAPI__9.json": ticket("ticket-without-ci"),
    "docs_examples/c_JSONObjectFormat__1.json": ticket("ticket-without-ci"),
    "docs_examples/c_JSONObjectFormat__2.json": Expected(
        read=1, used=0, codes={"failed-record": 1}
    ),
    **{
        f"docs_examples/change-management-api__{number}.json": without_window(1)
        for number in (5, 28, 46, 107)
    },
    "docs_examples/case-api__4.json": not_used(1),
    "docs_examples/case-api__17.json": not_used(1),
    "docs_examples/case-api__24.json": not_used(2),
    "docs_examples/cmdb-meta-api__1.json": not_used(1),
    "docs_examples/integrations-api__25.json": not_used(3),
    "docs_examples/integrations-api__52.json": not_used(1),
    "docs_examples/integrations-api__76.json": not_used(1),
    **{
        f"docs_examples/{page}__{number}.json": not_used(rows)
        for page, rows_of in {
            "IdentificationEngineScopedAPI": {28: 1, 30: 4, 32: 3, 34: 1, 84: 1, 119: 4},
            "c_IdentEngineScriptAPI": {28: 1, 30: 4, 32: 3, 34: 1, 84: 1, 119: 4},
            "c_IdentifyReconcileAPI": {56: 3, 113: 1, 115: 1, 172: 3, 229: 1, 231: 1},
        }.items()
        for number, rows in rows_of.items()
    },
    **{
        f"docs_examples/cmdb-instance-api__{number}.json": _INSTANCE for number in (23, 36, 47, 56)
    },
    "docs_examples/application-service-api__11.json": Expected(
        read=3, used=3, cis=3, dependencies=2, codes={"dangling-reference": 2}
    ),
    "docs_examples/sg_services-api__6.json": Expected(
        read=5, used=5, cis=3, dependencies=2, codes={}
    ),
    "docs_examples/synth-monitor_dev-guide__18.json": Expected(
        read=1, used=0, codes={"unknown-table": 1}
    ),
    "table_api_samples/CHG0000001.json": without_window(1),
    "table_api_samples/CHG0000002.json": without_window(1),
    "table_api_samples/CHG0000003.json": without_window(1),
    "table_api_samples/CHG0040007_custom_cr_fields.json": without_window(1),
    "table_api_samples/planned_crs.json": without_window(2),
    "table_api_samples/cmdb_ci_result_200.json": _ONE_CI,
    "table_api_samples/cmdb_ci_result_with_utf8.json": _ONE_CI,
    "table_api_samples/empty_result.json": Expected(read=0, used=0, codes={"empty-table": 1}),
    "table_api_samples/cmdb_ci_result_error_message.json": Expected(
        read=0, used=0, codes={"error-answer": 1}
    ),
    "table_api_samples/cmdb_ci_result_malformed_json_with_error_msg.txt": Expected(
        read=0, used=0, codes={"broken-file": 1, "error-answer": 1, "empty-table": 1}
    ),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_sample_is_read_with_its_counts_and_findings(name: str) -> None:
    expected = EXPECTED[name]
    graph = load_export([SAMPLES / name])
    check_totals(graph)
    assert codes(graph) == expected.codes
    assert (graph.report.rows_read, graph.report.rows_used) == (expected.read, expected.used)
    assert (graph.ci_count, graph.dependency_count) == (expected.cis, expected.dependencies)


def test_no_sample_is_left_out() -> None:
    refused = {"table_api_samples/cmdb_ci_result_with_malformed_json.txt"}
    no_exports = {"SOURCES.md", "table_api_samples/LICENSE"}
    files = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.is_file()}
    assert files == {*EXPECTED, *refused, *no_exports}


def test_a_sole_broken_answer_is_refused_with_the_reason() -> None:
    path = SAMPLES / "table_api_samples" / "cmdb_ci_result_with_malformed_json.txt"
    with pytest.raises(UnreadableFileError, match="no valid JSON"):
        load_export([path])


def test_the_whole_folder_is_one_export() -> None:
    graph = load_export([SAMPLES / "table_api_samples"])
    check_totals(graph)
    assert codes(graph) == {
        "conflicting-records": 1,  # two answers tell one CI, with different names
        "merged-record": 1,
        "empty-table": 1,
        "error-answer": 1,
        "not-in-folder": 3,
        "change-without-window": 6,
    }
    assert (graph.report.rows_read, graph.report.rows_used, graph.ci_count) == (8, 2, 1)


def test_the_documented_examples_are_one_export_too() -> None:
    graph = load_export([SAMPLES / "docs_examples"])
    check_totals(graph)
    assert (graph.ci_count, graph.dependency_count) == (9, 8)
    assert codes(graph)["merged-record"] == 12  # four answers tell one server and its relations
    assert graph.report.rows_read == 84


def test_relations_of_an_instance_answer_point_the_documented_way() -> None:
    graph = load_export([SAMPLES / "docs_examples" / "cmdb-instance-api__23.json"])
    server, apache = "0c3ff2641b425010593876a61a4bcb39", "3a27d4370a0a0bb4006316812bf45439"
    oracle = "3a307c930a0a0bb400353965d0b8861f"
    dependencies = {
        (one.dependent.rpartition(":")[2], one.dependency.rpartition(":")[2], one.strength.word)
        for one in graph.dependencies()
    }
    assert dependencies == {
        (apache, server, "hard"),
        (server, oracle, "hard"),
        (server, oracle, "soft"),
        (oracle, server, "soft"),
    }


@pytest.mark.skipif(not INCIDENTS.is_file(), reason="the shared incident log is not here")
def test_a_log_of_119998_events_gives_each_ticket_once() -> None:
    options = LoadOptions(time_zone="UTC", day_first=True)
    graph = load_export([Path(INCIDENTS)], options)
    check_totals(graph)
    assert (graph.report.rows_read, graph.report.rows_reported) == (119_998, 0)
    assert len(graph.tickets) == len({one.ticket_id for one in graph.tickets}) == 20_769
    counts = codes(graph)
    assert counts["merged-record"] == 119_998 - 20_769
    first = graph.tickets[0]
    assert (first.ticket_id, first.priority) == ("INC0000045", "P3")
    assert first.resolved == datetime(2016, 2, 29, 11, 29, tzinfo=UTC)

"""Whose times records hold, and that nothing of an export is lost without a word."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.servicenow.exports import (
    ci,
    codes,
    load_files,
    needs,
    outage,
    relation,
    result,
    sys_id,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export

# --- whose times: the database's (UTC) or those that people see --------------------------------

LIST = "number,cmdb_ci,begin,end,type\nO1,web,2024-01-01 10:00:00,2024-01-01 11:00:00,Outage\n"


def begins(graph: ServiceGraph) -> list[datetime]:
    return [one.start for one in graph.outages]


def test_a_list_export_on_stdin_needs_a_zone_as_a_file_does() -> None:
    graph = load_export(["-"], stdin=io.BytesIO(LIST.encode()))
    assert (begins(graph), codes(graph)["naive-time"]) == ([], 2)


def test_a_list_export_without_suffix_needs_a_zone_too(tmp_path: Path) -> None:
    (tmp_path / "cmdb_ci_outage").write_text(LIST, encoding="utf-8")
    graph = load_export([tmp_path / "cmdb_ci_outage"])
    assert (begins(graph), codes(graph)["naive-time"]) == ([], 2)


@pytest.mark.parametrize(
    "cells",
    [
        {"cmdb_ci": "web"},
        {"cmdb_ci": {"display_value": "web", "link": f"https://x/cmdb_ci/{sys_id('web')}"}},
        {"cmdb_ci": sys_id("web"), "sys_class_name": "Outage Record"},
        {"ci_number": "web"},
    ],
)
def test_answers_of_display_values_need_a_zone(tmp_path: Path, cells: dict[str, Any]) -> None:
    record = {"cmdb_ci": "", **outage(), **cells}
    if "ci_number" in cells:
        del record["cmdb_ci"]
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(record)}
    graph = load_files(tmp_path, files)
    assert (begins(graph), codes(graph)["naive-time"]) == ([], 2)


@pytest.mark.parametrize(
    "cells",
    [
        {"cmdb_ci": sys_id("web")},
        {"cmdb_ci": {"value": sys_id("web"), "link": "https://x/y"}},
        {"cmdb_ci": {"display_value": "web", "value": sys_id("web")}},
        {"cmdb_ci": "web", "sys_class_name": "cmdb_ci_outage"},
    ],
)
def test_answers_of_database_values_are_in_utc(tmp_path: Path, cells: dict[str, Any]) -> None:
    record = {**outage(), **cells}
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(record)}
    graph = load_files(tmp_path, files, LoadOptions(time_zone="Asia/Tokyo"))
    assert begins(graph) == [datetime(2026, 10, 1, 8, tzinfo=UTC)]


def test_a_display_time_without_its_value_is_in_the_zone_given(tmp_path: Path) -> None:
    shown = {"display_value": "2026-10-01 10:00:00", "value": ""}
    stored = {"display_value": "2026-10-01 10:00:00", "value": "2026-10-01 08:00:00"}
    records = [outage(begin=stored, end=""), outage(begin=shown, end="", number="OUT2")]
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(*records)}
    assert codes(load_files(tmp_path, files))["naive-time"] == 1
    graph = load_files(tmp_path, files, LoadOptions(time_zone="Europe/Berlin"))
    assert begins(graph) == [datetime(2026, 10, 1, 8, tzinfo=UTC)] * 2


# --- tables that say what ids are called ------------------------------------------------------


def test_names_of_teams_that_give_nothing_are_reported(tmp_path: Path) -> None:
    team = sys_id("team")
    rows = f"{team},Web Team\n,Nameless\n{sys_id('x')},\n{team},Other Team\n{team},Web Team\n"
    files = {
        "cmdb_ci.json": result(ci("web", support_group=team)),
        "sys_user_group.csv": f"sys_id,name\n{rows}",
    }
    graph = load_files(tmp_path, files)
    assert graph.ci_of("web").owner_team == "Web Team"
    assert codes(graph) == {"missing-id": 2, "conflicting-records": 1}
    assert (graph.report.rows_used, graph.report.rows_reported) == (3, 3)


def test_the_first_meaning_of_a_relation_type_counts(tmp_path: Path) -> None:
    kind = sys_id("t")
    rows = f"{kind},Depends on::Used by\n{kind},Manages::Managed by\n,Runs on::Runs\n"
    files = {
        "cmdb_ci.json": result(ci("shop", "cmdb_ci_service"), ci("web")),
        "cmdb_rel_ci.json": result(relation("shop", "Depends on::Used by", "web")),
        "cmdb_rel_type.csv": f"sys_id,name\n{rows}",
    }
    graph = load_files(tmp_path, files)
    assert needs(graph) == {("shop", "web", "hard")}
    assert codes(graph) == {"conflicting-records": 1, "missing-id": 1}
    assert graph.report.rows_reported == 2


def test_tables_of_names_without_any_id_are_not_used(tmp_path: Path) -> None:
    files = {
        "cmdb_ci.json": result(ci("web")),
        "sys_user_group.csv": "name,manager\nWeb Team,x\nShop Team,y\n",
        "cmdb_rel_type.csv": "name\nRuns on::Runs\n",
    }
    graph = load_files(tmp_path, files)
    assert (codes(graph), graph.report.rows_reported) == ({"table-not-used": 3}, 3)


# --- what is lost is said ---------------------------------------------------------------------


def test_a_commitment_whose_agreement_is_missing_is_reported(tmp_path: Path) -> None:
    rows = f"{sys_id('c')},c1,SLA,{sys_id('d')}\n"
    files = {
        "cmdb_ci.json": result(ci("web")),
        "service_commitment.csv": f"sys_id,name,type,sla\n{rows}",
    }
    graph = load_files(tmp_path, files)
    assert (graph.agreements, codes(graph)) == ((), {"dangling-cover": 1})
    assert graph.report.rows_reported == 1


def test_a_commitment_finds_its_agreement_by_name(tmp_path: Path) -> None:
    files = {
        "service_offering.json": result(ci("gold", "service_offering")),
        "contract_sla.csv": "name,type\nShop SLA,SLA\n",
        "service_commitment.json": result(
            {"sys_id": sys_id("c"), "name": "c1", "type": "SLA",
             "sla": {"value": sys_id("s"), "display_value": "Shop SLA"}}
        ),
        "service_offering_commitment.csv": "service_offering,service_commitment\ngold,c1\n",
    }  # fmt: skip
    graph = load_files(tmp_path, files)
    assert [one.covers for one in graph.agreements] == [(sys_id("gold"),)]


def test_deleted_records_of_an_unload_are_not_used(tmp_path: Path) -> None:
    unload = f"""<unload><cmdb_ci_server action="INSERT_OR_UPDATE"><sys_id>{sys_id("a")}</sys_id>
    <name>a</name></cmdb_ci_server><cmdb_ci_server action="DELETE"><sys_id>{sys_id("b")}</sys_id>
    <name>b</name></cmdb_ci_server></unload>"""
    graph = load_files(tmp_path, {"unload.xml": unload})
    assert (graph.ci_count, codes(graph)) == (1, {"failed-record": 1})
    assert graph.report.findings[0].row == 2


def test_an_offering_whose_parent_no_rule_maps_is_reported(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nclasses:\n  - match: service_offering\n    kind: service_offering\n"
        "columns:\n  servicenow_ci:\n    class: [sys_class_name]\n",
        encoding="utf-8",
    )
    (tmp_path / "x").mkdir()
    gold = ci("gold", "service_offering", parent=sys_id("shop"))
    files = {"x/cmdb_ci.json": result(ci("shop", "service_offering"), gold)}
    options = LoadOptions(mapping=tmp_path / "rules.yaml")
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    graph = load_export([tmp_path / "x"], options)
    assert [strength for *_, strength in needs(graph)] == ["none"]
    assert codes(graph)["unknown-relation-type"] == 1


def test_attributes_that_differ_between_tables_are_reported(tmp_path: Path) -> None:
    base = ci(
        "web", "cmdb_ci", u_rack="r1", location=sys_id("muc"), sys_mod_count="3", u_on="true"
    )
    further = {"u_rack": "r2", "location": "Munich", "sys_mod_count": "4", "u_on": "TRUE"}
    files = {
        "cmdb_ci.json": result(base),
        "cmdb_ci_server.json": result(ci("web", **further)),
    }
    graph = load_files(tmp_path, files)
    assert codes(graph) == {"merged-record": 1, "conflicting-records": 1}
    assert graph.ci_of("web").attributes["u_rack"] == "r1"
    (conflict,) = [one for one in graph.report.findings if one.code == "conflicting-records"]
    assert conflict.message.endswith("differs from cmdb_ci.json:1 in u_rack")


def test_the_link_of_a_reference_gives_its_id_whatever_query_follows(tmp_path: Path) -> None:
    twins = [{**ci(name), "name": "web"} for name in ("w1", "w2")]
    link = f"https://acme.example/api/now/table/cmdb_ci/{sys_id('w2')}?sysparm_view=x"
    association = {
        "service_id": sys_id("shop"),
        "ci_id": {"display_value": "web", "link": link},
    }
    files = {
        "cmdb_ci.json": result(ci("shop", "cmdb_ci_service"), *twins),
        "svc_ci_assoc.json": result(association),
    }
    graph = load_files(tmp_path, files)
    assert [one.dependency for one in graph.dependencies()] == [
        f"servicenow:cmdb_ci_server:{sys_id('w2')}"
    ]


def test_an_association_whose_names_fit_several_cis_is_refused(tmp_path: Path) -> None:
    twins = [{**ci(name), "name": "web"} for name in ("w1", "w2")]
    files = {
        "cmdb_ci.json": result(ci("shop", "cmdb_ci_service"), *twins),
        "svc_ci_assoc.csv": "service_id,ci_id\nshop,web\n",
    }
    graph = load_files(tmp_path, files)
    counted = codes(graph)
    assert (graph.dependency_count, counted["ambiguous-id"]) == (0, 1)
    assert "reference-by-name" not in counted
    assert graph.report.rows_reported == 1

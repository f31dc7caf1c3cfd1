# ruff: noqa: E501 - a record is read best on one line
"""iTop's XML sets, CSV exports and REST answers: CIs, impact, agreements and calendars."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.export_writing import codes_of
from ripplegraph.graph.agreements import AgreementKind, AgreementState, Scope
from ripplegraph.graph.calendars import WeeklyInterval
from ripplegraph.graph.model import CiKind, OperatingState
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.load import load_export

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "itop"


def load(
    folder: Path, *objects: tuple[str, int, Mapping[str, object]], **csv: str
) -> ServiceGraph:
    """Load objects as one XML set for each class, and tables as CSV."""
    by_class: dict[str, list[str]] = {}
    for name, number, fields in objects:
        cells = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
        by_class.setdefault(name, []).append(
            f'<{name} alias="{name}" id="{number}">{cells}</{name}>'
        )
    for name, elements in by_class.items():
        (folder / f"data.{name}.xml").write_text(f"<Set>{''.join(elements)}</Set>")
    for name, text in csv.items():
        (folder / f"{name}.csv").write_text(text)
    graph = load_export([folder])
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally
    return graph


def needs(graph: ServiceGraph) -> set[tuple[str, str, str]]:
    """Return dependent, dependency and effect of each dependency, by native id."""
    names = dict(zip(graph.ci_ids, graph.cis.native_id, strict=True))
    return {
        (names[one.dependent], names[one.dependency], one.strength.word)
        for one in graph.dependencies()
    }


def test_references_and_links_carry_failure_as_the_relation_impacts_says(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        (
            "Server",
            1,
            {
                "name": "srv",
                "powerA_id": 2,
                "powerB_id": 3,
                "status": "production",
                "org_id": 9,
                "business_criticity": "high",
            },
        ),
        ("PDU", 2, {"name": "pdu-a"}),
        ("PDU", 3, {"name": "pdu-b"}),
        ("Hypervisor", 4, {"name": "esx", "server_id": 1, "farm_id": 5}),
        ("Farm", 5, {"name": "farm", "redundancy": "1"}),
        ("VirtualMachine", 6, {"name": "vm", "virtualhost_id": 5}),
        ("DBServer", 7, {"name": "mysql", "system_id": 6}),
        ("DatabaseSchema", 8, {"name": "crm", "dbserver_id": 7}),
        ("ApplicationSolution", 10, {"name": "CRM", "status": "obsolete"}),
        ("BusinessProcess", 11, {"name": "Sales"}),
        ("Service", 1, {"name": "CRM service"}),
        ("LogicalVolume", 1, {"name": "lun"}),
        ("NetworkDevice", 12, {"name": "switch"}),
        ("Organization", 9, {"name": "Demo"}),
        (
            "lnkApplicationSolutionToFunctionalCI",
            1,
            {"applicationsolution_id": 10, "functionalci_id": 8},
        ),
        (
            "lnkApplicationSolutionToBusinessProcess",
            1,
            {"businessprocess_id": 11, "applicationsolution_id": 10},
        ),
        ("lnkFunctionalCIToService", 1, {"functionalci_id": 10, "service_id": 1}),
        ("lnkServerToVolume", 1, {"server_id": 1, "volume_id": 1}),
        (
            "lnkConnectableCIToNetworkDevice",
            1,
            {"networkdevice_id": 12, "connectableci_id": 1, "connection_type": "downlink"},
        ),
        (
            "lnkConnectableCIToNetworkDevice",
            2,
            {"networkdevice_id": 12, "connectableci_id": 4, "connection_type": "uplink"},
        ),
    )
    assert needs(graph) == {
        ("Server::1", "PDU::2", "hard"),
        ("Server::1", "PDU::3", "hard"),
        ("Server::1", "LogicalVolume::1", "hard"),
        ("Server::1", "NetworkDevice::12", "hard"),
        ("Hypervisor::4", "Server::1", "hard"),
        ("Hypervisor::4", "NetworkDevice::12", "none"),
        ("Farm::5", "Hypervisor::4", "hard"),
        ("VirtualMachine::6", "Farm::5", "hard"),
        ("DBServer::7", "VirtualMachine::6", "hard"),
        ("DatabaseSchema::8", "DBServer::7", "hard"),
        ("ApplicationSolution::10", "DatabaseSchema::8", "hard"),
        ("BusinessProcess::11", "ApplicationSolution::10", "hard"),
        ("Service::1", "ApplicationSolution::10", "hard"),
    }
    groups = {
        (graph.cis.native_id[rule.dependent], rule.key, str(rule.min_up))
        for rule in graph.group_rules
    }
    assert groups == {("Server::1", "power", "1"), ("Farm::5", "members", "1")}
    server = graph.ci_of("srv")
    assert (server.ci_id, server.kind, server.owner_team) == (
        "itop:Server:Server::1",
        CiKind.SERVER,
        "Demo",
    )
    assert graph.ci_of("CRM").state is OperatingState.RETIRED
    assert graph.ci_of("Sales").kind is CiKind.BUSINESS_SERVICE
    assert "unknown-relation-type" not in codes_of(graph)


def test_a_solution_may_need_only_some_of_its_cis(tmp_path: Path) -> None:
    link = "lnkApplicationSolutionToFunctionalCI"
    graph = load(
        tmp_path,
        ("ApplicationSolution", 1, {"name": "web", "redundancy": "50%"}),
        ("ApplicationSolution", 2, {"name": "all", "redundancy": "disabled"}),
        ("ApplicationSolution", 3, {"name": "odd", "redundancy": "some"}),
        ("Server", 4, {"name": "a"}),
        ("Server", 5, {"name": "b"}),
        *[(link, n, {"applicationsolution_id": solution, "functionalci_id": server})
          for n, (solution, server) in enumerate([(1, 4), (1, 5), (2, 4), (2, 5)])],
    )  # fmt: skip
    assert [(graph.cis.name[rule.dependent], str(rule.min_up)) for rule in graph.group_rules] == [
        ("web", "50%")
    ]
    assert codes_of(graph)["invalid-requirement"] == 1


def test_contracts_are_agreements_with_targets_hours_and_what_they_cover(tmp_path: Path) -> None:
    hours = {f"{day}_{end}": value for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
             for end, value in (("start", 8), ("end", 18.5))}  # fmt: skip
    graph = load(
        tmp_path,
        ("Organization", 2, {"name": "Customer"}),
        ("Organization", 3, {"name": "IT"}),
        ("Service", 2, {"name": "Computers"}),
        ("Service", 3, {"name": "Software"}),
        ("Server", 4, {"name": "srv"}),
        ("CustomerContract", 1, {"name": "Contract", "org_id": 2, "provider_id": 3, "start_date": "2026-01-01", "end_date": "2026-12-31", "status": "production"}),
        ("SLA", 1, {"name": "Standard"}),
        ("SLT", 1, {"name": "TTO", "priority": 1, "request_type": "incident", "metric": "tto", "value": 5, "unit": "minutes"}),
        ("SLT", 2, {"name": "TTR", "priority": 1, "request_type": "incident", "metric": "ttr", "value": 2, "unit": "hours"}),
        ("SLT", 3, {"name": "Request", "priority": 1, "request_type": "servicerequest", "metric": "ttr", "value": 2, "unit": "days"}),
        ("SLT", 4, {"name": "Odd", "priority": 2, "request_type": "incident", "metric": "ttr", "value": "soon", "unit": "hours"}),
        *[("lnkSLAToSLT", n, {"sla_id": 1, "slt_id": n}) for n in (1, 2, 3, 4)],
        ("lnkCustomerContractToService", 1, {"customercontract_id": 1, "service_id": 2, "sla_id": 1, "coveragewindow_id": 1}),
        ("lnkCustomerContractToService", 2, {"customercontract_id": 1, "service_id": 3, "sla_id": 1, "coveragewindow_id": 1}),
        ("lnkCustomerContractToService", 3, {"customercontract_id": 7, "service_id": 3, "sla_id": 1}),
        ("lnkCustomerContractToService", 4, {"customercontract_id": 1, "service_id": 0}),
        ("CoverageWindow", 1, {"name": "office", **hours, "saturday_start": 0, "saturday_end": 0}),
        ("CoverageWindow", 2, {"name": "closed"}),
        ("CoverageWindow", 3, {"name": "odd", "monday_start": "x", "monday_end": 9}),
        ("ProviderContract", 5, {"name": "Hardware", "org_id": 3, "provider_id": 2, "sla": "99,5 % a month", "coverage": "24x7"}),
        ("lnkFunctionalCIToProviderContract", 1, {"providercontract_id": 5, "functionalci_id": 4}),
        ("lnkFunctionalCIToProviderContract", 2, {"providercontract_id": 6, "functionalci_id": 4}),
        ("lnkProviderContractToService", 1, {"providercontract_id": 5, "service_id": 2}),
    )  # fmt: skip
    sla, upc = graph.agreements
    assert (sla.agreement_id, sla.kind, sla.state) == (
        "CustomerContract::1/SLA::1/CoverageWindow::1",
        AgreementKind.SLA,
        AgreementState.AGREED,
    )
    assert (sla.name, sla.customer, sla.provider) == ("Contract: Standard", "Customer", "IT")
    assert sla.covers == ("Service::2", "Service::3")
    assert (upc.kind, upc.scope, upc.provider) == (AgreementKind.UPC, Scope.INCLUSIVE, "Customer")
    assert (upc.target_availability, upc.penalty) == (Decimal("0.995"), "99,5 % a month; 24x7")
    assert upc.covers == ("Server::4", "Service::2")
    (target,) = graph.time_targets
    assert (target.priority, target.response_minutes, target.resolution_minutes) == ("P1", 5, 120)
    (calendar,) = graph.calendars
    assert sla.calendar == calendar.calendar_id == "office"
    assert calendar.weekly == tuple(
        WeeklyInterval(weekday=day, start_minute=480, end_minute=1110) for day in range(5)
    )
    found = codes_of(graph)
    assert (found["dangling-cover"], found["missing-reference"], found["table-not-used"]) == (
        2,
        1,
        1,
    )
    assert found["unusable-record"] == 3


def test_a_csv_export_without_localisation_is_read(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        server="id,name,org_id,org_id_friendlyname,status\n1,srv,2,Demo,production\n,x,2,Demo,\n",
        hypervisor="id,name,server_id,finalclass\n2,esx,1,Hypervisor\n",
        lnkapplicationsolutiontofunctionalci="applicationsolution_id,functionalci_id\n3,2\n3,\n",
    )
    assert needs(graph) == {
        ("Hypervisor::2", "Server::1", "hard"),
        ("FunctionalCI::3", "Hypervisor::2", "hard"),
    }
    found = codes_of(graph)
    assert (found["missing-id"], found["missing-reference"], found["dangling-reference"]) == (
        1,
        1,
        1,
    )


def test_answers_of_the_rest_interface_are_read(tmp_path: Path) -> None:
    def entry(name: str, **fields: object) -> dict[str, object]:
        return {"code": 0, "message": "", "fields": {"name": name, **fields}}

    related = {
        "objects": {
            "Server::1": entry("srv"),
            "ApplicationSolution::2": entry("crm"),
            "Person::3": entry("Ann"),
        },
        "relations": {"Server::1": [{"key": "ApplicationSolution::2"}]},
        "code": 0,
        "message": "Scope: 1",
    }
    (tmp_path / "related.json").write_text(json.dumps(related))
    graph = load(tmp_path)
    assert needs(graph) == {("ApplicationSolution::2", "Server::1", "hard")}
    assert codes_of(graph)["table-not-used"] == 1
    assert (graph.report.rows_read, graph.report.rows_used) == (4, 3)


def test_an_answer_without_objects_and_relations_is_no_crash(tmp_path: Path) -> None:
    answer = {
        "objects": {"Server::1": None, "PDU::": "odd"},
        "relations": {"Server::1": ["x"]},
        "code": 0,
    }
    (tmp_path / "odd.json").write_text(json.dumps(answer))
    graph = load(tmp_path)
    assert [ci.native_id for ci in graph.configuration_items()] == ["Server::1"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
def test_the_vendors_sample_data_is_read_with_every_row_accounted_for() -> None:
    wanted = ("itop-structure", "itop-datacenter", "itop-service-mgmt__")
    graph = load_export(
        [path for path in sorted(SHARED.glob("*.xml")) if path.name.startswith(wanted)]
    )
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally
    (agreement,) = graph.agreements
    assert agreement.name == "Customer contract Demo: Standard SLA"
    assert len(agreement.covers) == 3
    (target,) = graph.time_targets
    assert (target.priority, target.response_minutes, target.resolution_minutes) == ("P1", 5, 15)
    assert [calendar.calendar_id for calendar in graph.calendars] == ["8h-18h30 5*7"]

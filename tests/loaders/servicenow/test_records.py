"""What ServiceNow's tables become: CIs, groups, agreements and outages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
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
from ripplegraph.errors import StrictFindingError
from ripplegraph.graph.agreements import AgreementKind, AgreementState, Scope
from ripplegraph.graph.findings import Severity
from ripplegraph.graph.model import CiKind, OperatingState, Strength
from ripplegraph.graph.outages import OutageKind
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_explained

# --- CIs --------------------------------------------------------------------------------------


def test_a_ci_keeps_its_fields_and_every_further_column(tmp_path: Path) -> None:
    record = ci(
        "db",
        "cmdb_ci_db_mssql_instance",
        managed_by_group={"display_value": "Databases", "value": sys_id("team")},
        support_group="",
        vendor={"display_value": "Oraculum", "value": sys_id("vendor")},
        used_for="Production",
        busines_criticality="1 - most critical",
        operational_status={"display_value": "Operational", "value": "1"},
        u_availability="99.95%",
        u_mtbf_hours="3,665",
        u_mttr_hours="4.5",
        sys_tags="gold, eu",
        last_discovered="2026-11-18 08:25:00",
        ip_address="10.0.0.1",
        location={"display_value": "Munich", "link": "https://x/api/now/table/cmn_location/abc"},
    )
    db = load_files(tmp_path, {"cmdb_ci.json": result(record)}).ci_of("db")
    assert db.ci_id == f"servicenow:cmdb_ci_db_mssql_instance:{sys_id('db')}"
    assert (db.kind, db.owner_team, db.supplier) == (CiKind.DATABASE, "Databases", "Oraculum")
    assert (db.environment, db.lifecycle) == ("Production", "Operational")
    assert (db.criticality, db.tags) == ("1 - most critical", ("gold", "eu"))
    assert (db.availability, db.mtbf_hours, db.mttr_hours) == (Decimal("0.9995"), 3665.0, 4.5)
    assert db.attributes["ip_address"] == "10.0.0.1"
    assert db.attributes["location"] == "Munich"


def test_times_of_display_values_need_a_zone(tmp_path: Path) -> None:
    record = ci("db", "Linux Server", last_discovered="2026-11-18 09:25:00")
    files = {"cmdb_ci.json": result(record)}
    assert codes(load_files(tmp_path, files)) == {"naive-time": 1}
    graph = load_files(tmp_path, files, LoadOptions(time_zone="Europe/Berlin"))
    assert graph.ci_of("db").last_seen == datetime(2026, 11, 18, 8, 25, tzinfo=UTC)


def test_times_of_database_values_are_utc_whatever_zone_is_given(tmp_path: Path) -> None:
    cell = {"display_value": "2026-11-18 09:25:00", "value": "2026-11-18 08:25:00"}
    files = {"cmdb_ci.json": result(ci("db", last_discovered=cell))}
    graph = load_files(tmp_path, files, LoadOptions(time_zone="Asia/Tokyo"))
    assert graph.ci_of("db").last_seen == datetime(2026, 11, 18, 8, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"install_status": "7"}, OperatingState.RETIRED),
        ({"install_status": {"display_value": "Retired", "value": "7"}}, OperatingState.RETIRED),
        ({"life_cycle_stage": "End of Life"}, OperatingState.RETIRED),
        ({"used_for": "Test"}, OperatingState.TEST),
        ({"environment": "Development"}, OperatingState.TEST),
        ({"install_status": "1", "used_for": "Production"}, OperatingState.LIVE),
    ],
)
def test_status_columns_tell_whether_a_ci_is_live(
    tmp_path: Path, fields: dict[str, Any], state: OperatingState
) -> None:
    assert (
        load_files(tmp_path, {"cmdb_ci.json": result(ci("x", **fields))}).ci_of("x").state is state
    )


def test_a_ci_of_base_and_class_table_is_one(tmp_path: Path) -> None:
    base = ci(
        "web", "cmdb_ci", support_group=sys_id("team"), last_discovered="2026-01-01 00:00:00"
    )
    special = ci(
        "web",
        "cmdb_ci_linux_server",
        support_group={"display_value": "Web Team", "value": sys_id("team")},
        vendor="Dull",
        last_discovered="2026-02-01 00:00:00",
        os="Linux",
    )
    files = {"cmdb_ci.json": result(base), "cmdb_ci_linux_server.json": result(special)}
    graph = load_files(tmp_path, files)
    web = graph.ci_of("web")
    assert (graph.ci_count, codes(graph)) == (1, {"merged-record": 1})
    assert (web.class_name, web.kind) == ("cmdb_ci_linux_server", CiKind.SERVER)
    assert (web.owner_team, web.supplier) == ("Web Team", "Dull")
    assert web.last_seen == datetime(2026, 2, 1, tzinfo=UTC)
    assert web.attributes["os"] == "Linux"
    assert graph.report.rows_used == 2


def test_records_of_one_ci_that_contradict_each_other_are_reported(tmp_path: Path) -> None:
    files = {
        "cmdb_ci.json": result(ci("web", vendor="Dull")),
        "cmdb_ci_server.json": result({**ci("web", vendor="Sharp"), "name": "web-1"}),
    }
    graph = load_files(tmp_path, files)
    assert codes(graph) == {"merged-record": 1, "conflicting-records": 1}
    assert graph.ci_of(sys_id("web")).supplier == "Dull"
    conflict = next(one for one in graph.report.findings if one.code == "conflicting-records")
    assert "name, supplier" in conflict.message


def test_one_id_twice_in_one_table_is_a_duplicate(tmp_path: Path) -> None:
    graph = load_files(tmp_path, {"cmdb_ci.json": result(ci("web"), ci("web"))})
    assert (graph.ci_count, codes(graph)) == (1, {"duplicate-id": 1})
    assert graph.report.rows_reported == 1


def test_a_record_without_id_is_merged_by_name_and_class(tmp_path: Path) -> None:
    files = {
        "cmdb_ci_server.json": result(ci("web", "cmdb_ci_linux_server")),
        "cmdb_ci.csv": "Name,Class,Vendor\nweb,Linux Server,Dull\nweb,Application,\n",
    }
    graph = load_files(tmp_path, files)
    assert graph.ci_count == 2
    assert graph.ci_of(sys_id("web")).supplier == "Dull"
    assert codes(graph)["id-from-name"] == 2


def test_a_record_without_class_takes_that_of_its_table(tmp_path: Path) -> None:
    files = {"cmdb_ci_ip_switch.json": result({"sys_id": sys_id("sw"), "name": "sw"}, {"x": "y"})}
    graph = load_files(tmp_path, files)
    assert (graph.ci_of("sw").class_name, graph.ci_of("sw").kind) == (
        "cmdb_ci_ip_switch",
        CiKind.NETWORK,
    )
    assert codes(graph) == {"missing-id": 1}


def test_an_unknown_class_is_reported_once(tmp_path: Path) -> None:
    files = {"cmdb_ci.json": result(ci("a", "u_robot"), ci("b", "u_robot"))}
    assert codes(load_files(tmp_path, files)) == {"unknown-class": 2}


# --- relations and groups -----------------------------------------------------------------------


def cluster_files(requirement: object = "", degraded: object = "") -> dict[str, object]:
    cluster = ci("pool", "cmdb_ci_cluster", u_min_up=requirement, u_degraded_below=degraded)
    return {
        "cmdb_ci.json": result(ci("a"), ci("b"), ci("c"), cluster),
        "cmdb_rel_ci.json": result(
            *(relation("pool", "Members::Member of", name) for name in "abc")
        ),
    }


def test_a_cluster_needs_what_its_own_record_says(tmp_path: Path) -> None:
    graph = load_files(tmp_path, cluster_files("2", "3"))
    (rule,) = graph.group_rules
    assert (str(rule.min_up), str(rule.degraded_below), rule.is_assumed) == ("2", "3", False)
    assert codes(graph) == {}


def test_a_cluster_without_requirement_takes_that_of_the_rule_as_assumed(tmp_path: Path) -> None:
    graph = load_files(tmp_path, cluster_files())
    (rule,) = graph.group_rules
    assert (str(rule.min_up), rule.is_assumed) == ("1", True)
    assert codes(graph) == {"cluster-without-requirement": 1}


def test_a_requirement_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    graph = load_files(tmp_path, cluster_files("most"))
    assert codes(graph) == {"invalid-requirement": 1, "cluster-without-requirement": 1}


def test_the_only_member_of_a_cluster_is_needed(tmp_path: Path) -> None:
    files = {
        "cmdb_ci.json": result(ci("a"), ci("pool", "cmdb_ci_cluster")),
        "cmdb_rel_ci.json": result(relation("pool", "Members::Member of", "a")),
    }
    graph = load_files(tmp_path, files)
    assert (list(graph.group_rules), needs(graph)) == ([], {("pool", "a", "hard")})


def test_two_power_feeds_of_one_device_back_each_other(tmp_path: Path) -> None:
    power = "Provides Power for::Receives Power From"
    files = {
        "cmdb_ci.json": result(
            ci("a", "cmdb_ci_pdu"), ci("b", "cmdb_ci_pdu"), ci("san", u_min_up=2)
        ),
        "cmdb_rel_ci.json": result(relation("a", power, "san"), relation("b", power, "san")),
    }
    (rule,) = load_files(tmp_path, files).group_rules
    assert (rule.key, str(rule.min_up), rule.is_assumed) == ("power", "1", True)


def test_strength_and_weight_columns_count_where_there_is_impact(tmp_path: Path) -> None:
    files = cluster_files("2")
    files["cmdb_rel_ci.json"] = result(
        relation("pool", "Members::Member of", "a", u_weight="2"),
        relation("pool", "Members::Member of", "b", u_weight="-1"),
        relation("a", "Depends on::Used by", "c", u_strength="soft"),
        relation("b", "Managed by::Manages", "c", u_strength="hard"),
        relation("b", "Depends on::Used by", "c", u_strength="strong"),
    )
    graph = load_files(tmp_path, files)
    assert needs(graph) >= {("a", "c", "soft"), ("b", "c", "none"), ("b", "c", "hard")}
    weights = {one.dependency[-32:]: one.weight for one in graph.dependencies() if one.group}
    assert weights == {sys_id("a"): 2, sys_id("b"): 1}
    assert codes(graph) == {"invalid-weight": 1, "invalid-strength": 1}


def test_data_exchange_makes_two_soft_dependencies_of_one_row(tmp_path: Path) -> None:
    exchange = "Exchanges data with::Exchanges data with"
    files = {
        "cmdb_ci.json": result(ci("a"), ci("b")),
        "cmdb_rel_ci.json": result(relation("a", exchange, "b")),
    }
    graph = load_files(tmp_path, files)
    assert needs(graph) == {("a", "b", "soft"), ("b", "a", "soft")}
    assert graph.report.rows_used == 3


def test_unknown_types_are_kept_without_impact_and_explained(tmp_path: Path) -> None:
    files = {
        "cmdb_ci.json": result(ci("a"), ci("b")),
        "cmdb_rel_ci.json": result(
            relation("a", "Feeds::Fed by", "b"),
            relation("b", "Feeds::Fed by", "a"),
            {"parent": sys_id("a"), "child": sys_id("b")},
        ),
    }
    graph = load_files(tmp_path, files)
    assert {strength for *_, strength in needs(graph)} == {"none"}
    assert codes(graph) == {"unknown-relation-type": 3}
    explained = load_explained([tmp_path])[1]
    assert explained["no rule", "Feeds::Fed by", "cmdb_ci_server", "cmdb_ci_server"] == 2


def test_relations_without_two_ends_are_refused(tmp_path: Path) -> None:
    files = {
        "cmdb_ci.json": result(ci("a")),
        "cmdb_rel_ci.json": result({"parent": sys_id("a"), "type": "x"}, {"type": "y"}),
    }
    graph = load_files(tmp_path, files)
    assert (codes(graph), graph.report.rows_reported) == ({"missing-reference": 2}, 2)


def test_relation_types_without_a_name_are_made_of_their_descriptors(tmp_path: Path) -> None:
    types = (
        f"sys_id,parent_descriptor,child_descriptor\n{sys_id('t')},Runs on,Runs\n{sys_id('u')},,\n"
    )
    relations = f"parent,type,child\n{sys_id('a')},{sys_id('t')},{sys_id('b')}\n"
    files = {
        "cmdb_ci.json": result(ci("a"), ci("b")),
        "types.csv": types,
        "cmdb_rel_ci.csv": relations,
    }
    graph = load_files(tmp_path, files)
    assert (needs(graph), codes(graph)) == ({("a", "b", "hard")}, {"missing-id": 1})


def test_well_known_ids_of_relation_types_need_no_table(tmp_path: Path) -> None:
    known = {"value": "1a9cb166f1571100a92eb60da2bce5c5"}
    files = {
        "cmdb_ci.json": result(ci("a"), ci("b")),
        "cmdb_rel_ci.json": result({"parent": sys_id("a"), "type": known, "child": sys_id("b")}),
    }
    assert needs(load_files(tmp_path, files)) == {("a", "b", "hard")}


def test_associations_and_offerings_become_dependencies(tmp_path: Path) -> None:
    shop = sys_id("shop")
    offering = ci("gold", "service_offering", parent={"value": shop})
    files = {
        "cmdb_ci.json": result(ci("shop", "cmdb_ci_service"), ci("web")),
        "service_offering.json": result(offering),
        "svc_ci_assoc.csv": f"service_id,ci_id\n{shop},{sys_id('web')}\n{shop},\n",
    }
    graph = load_files(tmp_path, files)
    assert needs(graph) == {("shop", "web", "hard"), ("gold", "shop", "hard")}
    assert graph.ci_of("gold").kind is CiKind.SERVICE_OFFERING
    assert codes(graph) == {"missing-reference": 1}


def test_an_offering_whose_parent_fits_several_services_stands_alone(tmp_path: Path) -> None:
    text = "name,sys_class_name,parent\ngold,service_offering,shop\n"
    files = {
        "cmdb_ci.json": result(
            ci("shop", "cmdb_ci_service"), {**ci("shop2", "cmdb_ci_service"), "name": "shop"}
        ),
        "service_offering.csv": text,
    }
    graph = load_files(tmp_path, files)
    assert graph.dependency_count == 0
    assert codes(graph)["ambiguous-id"] == 1


def test_a_users_rule_decides_before_the_shipped_ones(tmp_path: Path) -> None:
    mapping = tmp_path / "own.yaml"
    mapping.write_text(
        "version: 1\nextends: servicenow-default\nrelations:\n"
        '  - {match: {type: "Feeds::Fed by"}, impact: parent_to_child, strength: soft}\n',
        encoding="utf-8",
    )
    folder = tmp_path / "export"
    folder.mkdir()
    files = {
        "cmdb_ci.json": result(ci("a"), ci("b")),
        "cmdb_rel_ci.json": result(relation("a", "Feeds::Fed by", "b")),
    }
    graph = load_files(folder, files, LoadOptions(mapping=mapping))
    (dependency,) = graph.dependencies()
    assert (dependency.dependent[-32:], dependency.strength) == (sys_id("b"), Strength.SOFT)


# --- agreements -------------------------------------------------------------------------------


def test_sla_definitions_become_agreements(tmp_path: Path) -> None:
    head = (
        "sys_id,name,type,u_customer,vendor,u_target_availability,"
        "schedule,u_covers,start_date,active"
    )
    rows = [
        f"{sys_id('s1')},Gold,SLA,Retail,,99.9%,24 x 7,shop; web,2026-01-01,true",
        f"{sys_id('s2')},Net,OLA,,,0.999,office,class:cmdb_ci_server,,false",
        f"{sys_id('s3')},Line,Underpinning contract,,TeleNord,99.5,,web,,true",
        f"{sys_id('s4')},Odd,Handshake,,,,,,,true",
        ",,SLA,,,,,,,true",
    ]
    files = {
        "cmdb_ci.json": result(ci("shop", "cmdb_ci_service"), ci("web")),
        "contract_sla.csv": "\n".join([head, *rows, ""]),
    }
    graph = load_files(tmp_path, files)
    gold, net, line = graph.agreements
    assert (gold.kind, gold.customer, gold.target_availability) == (
        AgreementKind.SLA,
        "Retail",
        Decimal("0.999"),
    )
    assert gold.covers == (sys_id("shop"), sys_id("web"))
    assert gold.calendar == ""
    assert gold.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (net.kind, net.scope, net.state) == (
        AgreementKind.OLA,
        Scope.OWN,
        AgreementState.EXPIRED,
    )
    assert net.covers == ("class:cmdb_ci_server",)
    assert (line.kind, line.scope, line.provider) == (
        AgreementKind.UPC,
        Scope.INCLUSIVE,
        "TeleNord",
    )
    assert line.target_availability is None
    assert codes(graph) == {
        "invalid-availability": 1,
        "unknown-agreement-kind": 1,
        "missing-id": 1,
        "unknown-calendar": 1,
    }


def test_an_agreement_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    times = {"start_date": "2026-02-01 00:00:00", "end_date": "2026-01-01 00:00:00"}
    record = ci("S", "contract_sla", type="SLA", **times)
    graph = load_files(tmp_path, {"contract_sla.json": result(record)})
    assert (graph.agreements, codes(graph)) == ((), {"reversed-times": 1})


def test_service_commitments_cover_their_offerings(tmp_path: Path) -> None:
    commitments = [
        {"sys_id": sys_id("c1"), "name": "99.9", "type": "Availability", "availability": "99.9"},
        {"sys_id": sys_id("c2"), "name": "by SLA", "type": "SLA", "sla": {"value": sys_id("s")}},
        {"sys_id": sys_id("c3"), "name": "fast", "type": "Response Time"},
    ]
    links = [
        {"service_commitment": sys_id("c1"), "service_offering": sys_id("gold")},
        {"service_commitment": sys_id("c2"), "service_offering": sys_id("gold")},
        {"service_commitment": sys_id("c1"), "service_offering": ""},
        {"service_commitment": sys_id("c3"), "service_offering": sys_id("gold")},
        {"service_commitment": sys_id("c9"), "service_offering": sys_id("gold")},
    ]
    files = {
        "service_offering.json": result(ci("gold", "service_offering")),
        "contract_sla.json": result({"sys_id": sys_id("s"), "name": "S", "type": "SLA"}),
        "service_commitment.json": result(*commitments),
        "service_offering_commitment.json": result(*links),
    }
    graph = load_files(tmp_path, files)
    by_name = {one.name: one for one in graph.agreements}
    assert set(by_name) == {"99.9", "S"}
    assert by_name["99.9"].target_availability == Decimal("0.999")
    assert by_name["99.9"].covers == by_name["S"].covers == (sys_id("gold"),)
    assert codes(graph) == {"table-not-used": 2, "missing-reference": 1, "dangling-cover": 1}


def test_the_sla_field_of_a_service_is_covered_by_that_agreement(tmp_path: Path) -> None:
    files = {
        "cmdb_ci_service.json": result(ci("shop", "cmdb_ci_service", sla={"value": sys_id("s")})),
        "contract_sla.json": result({"sys_id": sys_id("s"), "name": "S", "type": "SLA"}),
    }
    (agreement,) = load_files(tmp_path, files).agreements
    assert agreement.covers == (sys_id("shop"),)


def test_an_sla_field_whose_agreement_is_missing_is_reported(tmp_path: Path) -> None:
    files = {"cmdb_ci_service.json": result(ci("shop", "cmdb_ci_service", sla={"value": "gone"}))}
    graph = load_files(tmp_path, files)
    assert (graph.ci_count, codes(graph)) == (1, {"invalid-value": 1})


# --- outages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("outage", OutageKind.UNPLANNED),
        ("planned", OutageKind.PLANNED),
        ({"display_value": "Planned Outage", "value": "planned"}, OutageKind.PLANNED),
        ("Degradation", OutageKind.DEGRADATION),
        ("", OutageKind.UNPLANNED),
    ],
)
def test_an_outage_has_its_kind(tmp_path: Path, word: object, kind: OutageKind) -> None:
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(outage(type=word))}
    graph = load_files(tmp_path, files)
    (one,) = graph.outages
    assert (one.kind, one.external_id, one.source) == (kind, "OUT1", "servicenow")
    assert one.start == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert codes(graph) == {}


def test_outages_that_cannot_be_used_are_refused_with_a_reason(tmp_path: Path) -> None:
    records = [
        outage(type="mystery", end="UNKNOWN"),
        outage(cmdb_ci=""),
        outage(begin=""),
        outage(begin="yesterday"),
        outage(end="2026-10-01 08:00:00"),
        outage(end="later"),
        outage(cmdb_ci=sys_id("gone")),
    ]
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(*records)}
    graph = load_files(tmp_path, files)
    (open_outage,) = graph.outages
    assert (open_outage.kind, open_outage.end) == (OutageKind.UNPLANNED, None)
    assert codes(graph) == {
        "invalid-value": 3,
        "unusable-record": 3,
        "missing-reference": 1,
        "zero-length-outage": 1,
        "dangling-outage": 1,
    }
    assert graph.report.rows_reported == 6


def test_outages_of_a_list_export_go_by_name_and_need_a_zone(tmp_path: Path) -> None:
    rows = (f"OUT,{name},Outage,2026-10-01 10:00:00,\n" for name in ("web", "twin"))
    table = f"Number,Configuration Item,Type,Begin,End\n{''.join(rows)}"
    twins = (ci("twin"), {**ci("twin2"), "name": "twin"})
    files = {"cmdb_ci.json": result(ci("web"), *twins), "cmdb_ci_outage.csv": table}
    assert codes(load_files(tmp_path, files))["naive-time"] == 2
    graph = load_files(tmp_path, files, LoadOptions(time_zone="Europe/Berlin"))
    (one,) = graph.outages
    assert one.start == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert codes(graph) == {"reference-by-name": 1, "ambiguous-id": 1}


def test_a_csv_of_database_values_is_in_utc(tmp_path: Path) -> None:
    table = f"cmdb_ci,type,begin,end\n{sys_id('web')},outage,2026-10-01 10:00:00,\n"
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.csv": table}
    (one,) = load_files(tmp_path, files).outages
    assert one.start == datetime(2026, 10, 1, 10, tzinfo=UTC)


def test_a_lost_outage_is_an_error_that_says_so(tmp_path: Path) -> None:
    records = [outage(begin="2026-02-30 10:00:00"), outage(end="junk"), outage(begin="")]
    files = {"cmdb_ci.json": result(ci("web")), "cmdb_ci_outage.json": result(*records)}
    graph = load_files(tmp_path, files)
    lost = [one.message for one in graph.report.findings if one.severity is Severity.ERROR]
    assert [text.partition("was not used: ")[2] for text in lost] == [
        "its begin '2026-02-30 10:00:00' could not be read",
        "its end 'junk' could not be read",
        "it has no begin",
    ]
    with pytest.raises(StrictFindingError, match="was not used"):
        load_files(tmp_path, files, LoadOptions(strict=True))

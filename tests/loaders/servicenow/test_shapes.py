"""The shapes of ServiceNow exports: the same small company in each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders.servicenow.exports import check_totals, codes, load_files, needs, sys_id
from ripplegraph.graph.model import CiKind
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export

SHOP, WEB, TYPE, TEAM = (sys_id(name) for name in ("shop", "web", "type", "team"))
TYPES = {"result": [{"sys_id": TYPE, "name": "Depends on::Used by"}]}
API = "https://acme.example/api/now/table"


def link(table: str, key: str) -> str:
    return f"{API}/{table}/{key}"


def value_only(table: str, key: str, name: str) -> object:
    return {"link": link(table, key), "value": key}


def display_and_link(table: str, key: str, name: str) -> object:
    return {"display_value": name, "link": link(table, key)}


def display_and_value(table: str, key: str, name: str) -> object:
    return {"display_value": name, "value": key}


def all_three(table: str, key: str, name: str) -> object:
    return {"display_value": name, "link": link(table, key), "value": key}


@pytest.mark.parametrize("shape", [value_only, display_and_link, display_and_value, all_three])
def test_the_table_api_is_read_in_every_shape_of_references(tmp_path: Path, shape: object) -> None:
    assert callable(shape)
    team = shape("sys_user_group", TEAM, "Web Team")
    graph = load_files(
        tmp_path,
        {
            "cmdb_ci.json": {
                "result": [
                    {
                        "sys_id": SHOP,
                        "name": "shop",
                        "sys_class_name": "cmdb_ci_service",
                        "vendor": "",
                    },
                    {
                        "sys_id": WEB,
                        "name": "web",
                        "sys_class_name": "cmdb_ci_linux_server",
                        "support_group": team,
                        "vendor": None,
                    },
                ]
            },
            "cmdb_rel_ci.json": {
                "result": [
                    {
                        "sys_id": sys_id("rel"),
                        "parent": shape("cmdb_ci", SHOP, "shop"),
                        "type": shape("cmdb_rel_type", TYPE, "Depends on::Used by"),
                        "child": shape("cmdb_ci", WEB, "web"),
                    }
                ]
            },
            "cmdb_rel_type.json": TYPES,
            "sys_user_group.json": {"result": [{"sys_id": TEAM, "name": "Web Team"}]},
        },
    )  # fmt: skip
    assert needs(graph) == {("shop", "web", "hard")}
    assert graph.ci_of("web").owner_team == "Web Team"
    assert graph.report.findings == ()
    assert graph.report.rows_used == 5


def test_a_list_export_in_csv_goes_by_names_and_labels(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        {
            "cmdb_ci.csv": '\ufeffName,Class,"Support group",Cost\r\n'
            'shop,Service,Shop Team,"3,665"\r\nweb 1,Linux Server,Web Team,\r\n',
            "cmdb_rel_ci.csv": "Parent,Type,Child\r\nshop,Depends on::Used by,web 1\r\n",
        },
    )
    assert needs(graph) == {("shop", "web 1", "hard")}
    web = graph.ci_of("web 1")
    assert (web.kind, web.owner_team) == (CiKind.SERVER, "Web Team")
    assert graph.ci_of("shop").ci_id == "servicenow:Service:shop"
    assert graph.ci_of("shop").attributes["Cost"] == "3,665"
    assert codes(graph) == {"id-from-name": 2}


def test_names_are_resolved_to_ids_where_only_the_cis_have_them(tmp_path: Path) -> None:
    cis = f"sys_id,name,sys_class_name\n{SHOP},shop,Service\n{WEB},web,Linux Server\n"
    relations = "parent,type,child\nshop,Uses::Used by,web\nshop,Uses::Used by,gone\n"
    graph = load_files(tmp_path, {"cmdb_ci.csv": cis, "cmdb_rel_ci.csv": relations})
    assert needs(graph) == {("shop", "web", "hard"), ("shop", "gone", "hard")}
    assert codes(graph) == {"reference-by-name": 2, "dangling-reference": 1}


def test_a_name_that_several_cis_have_is_no_reference(tmp_path: Path) -> None:
    cis = f"sys_id,name,sys_class_name\n{SHOP},a,Service\n{WEB},a,Linux Server\n"
    graph = load_files(
        tmp_path,
        {"cmdb_ci.csv": cis, "cmdb_rel_ci.csv": f"parent,type,child\na,Uses::Used by,{WEB}\n"},
    )
    assert graph.dependency_count == 0
    assert codes(graph) == {"ambiguous-id": 1}
    assert graph.report.rows_reported == 1


def test_a_workbook_whose_sheet_is_called_page_1_is_known_by_its_file(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Page 1"
    for row in (["Name", "Class"], ["shop", "Service"], ["web", "Linux Server"]):
        sheet.append(row)
    book.save(tmp_path / "cmdb_ci.xlsx")
    graph = load_export([tmp_path / "cmdb_ci.xlsx"])
    check_totals(graph)
    assert [graph.ci_of(name).kind for name in ("shop", "web")] == [CiKind.SERVICE, CiKind.SERVER]


def test_records_of_the_json_processor_are_read_and_failed_ones_reported(tmp_path: Path) -> None:
    records = [
        {
            "sys_id": SHOP,
            "name": "shop",
            "sys_class_name": "cmdb_ci_service",
            "__status": "success",
        },
        {
            "sys_id": WEB,
            "name": "web",
            "sys_class_name": "cmdb_ci_server",
            "__status": "failure",
            "__error": {"message": "no access", "reason": "ACL"},
        },
    ]
    graph = load_files(tmp_path, {"cmdb_ci.json": {"records": records}})
    assert (graph.ci_count, codes(graph)) == (1, {"failed-record": 1})
    assert "no access" in graph.report.findings[0].message


UNLOAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2026-10-14 22:34:04">
<cmdb_ci_service action="INSERT_OR_UPDATE"><sys_id>{SHOP}</sys_id><name>shop</name>
<sys_class_name>cmdb_ci_service</sys_class_name>
<support_group display_value="Shop Team">{TEAM}</support_group></cmdb_ci_service>
<cmdb_ci_linux_server action="INSERT_OR_UPDATE"><sys_id>{WEB}</sys_id><name>web</name>
<sys_class_name>cmdb_ci_linux_server</sys_class_name></cmdb_ci_linux_server>
<cmdb_rel_ci action="INSERT_OR_UPDATE"><sys_id>{sys_id("rel")}</sys_id>
<parent display_value="shop">{SHOP}</parent><child display_value="web">{WEB}</child>
<type display_value="Depends on::Used by">{TYPE}</type></cmdb_rel_ci>
<cmdb_ci_outage action="INSERT_OR_UPDATE"><cmdb_ci display_value="web">{WEB}</cmdb_ci>
<type>outage</type><begin>2026-10-01 08:00:00</begin><end/></cmdb_ci_outage>
</unload>"""


def test_one_unload_file_may_hold_every_table(tmp_path: Path) -> None:
    graph = load_files(tmp_path, {"unload.xml": UNLOAD})
    assert needs(graph) == {("shop", "web", "hard")}
    assert graph.ci_of("shop").owner_team == "Shop Team"
    assert graph.outages[0].start == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert graph.outages[0].end is None
    assert graph.report.rows_used == 4


def test_a_document_may_hold_several_tables_by_name(tmp_path: Path) -> None:
    document = {
        "cmdb_ci": [{"sys_id": WEB, "name": "web", "sys_class_name": "cmdb_ci_server"}],
        "incident": [{"number": "INC1"}],
    }
    graph = load_files(tmp_path, {"all.json": document})
    assert [tally.file for tally in graph.report.files] == [
        "all.json#cmdb_ci",
        "all.json#incident",
    ]
    assert codes(graph) == {"unusable-record": 1}


def test_a_bare_list_of_records_is_known_by_its_ids(tmp_path: Path) -> None:
    records = [{"sys_id": WEB, "name": "web", "sys_class_name": "cmdb_ci_server"}, "no record"]
    graph = load_files(tmp_path, {"servers.json": records})
    assert (graph.ci_count, codes(graph)) == (1, {"missing-id": 1})


def test_a_payload_for_the_identification_engine_gives_cis_and_relations(tmp_path: Path) -> None:
    payload = {
        "items": [
            {"className": "cmdb_ci_appl", "values": {"name": "app"}},
            {"className": "cmdb_ci_linux_server", "values": {"name": "host", "sys_id": WEB}},
        ],
        "relations": [
            {"parent": 0, "child": 1, "type": "Runs on::Runs"},
            {"parent": 0, "child": 7, "type": "Runs on::Runs"},
        ],
    }
    graph = load_files(tmp_path, {"payload.json": payload})
    assert needs(graph) == {("app", "host", "hard")}
    assert codes(graph) == {"missing-reference": 1, "id-from-name": 1}


def test_several_instances_tell_one_relation_once(tmp_path: Path) -> None:
    relation = {"sys_id": sys_id("rel"), "type": {"display_value": "Runs on::Runs"}}
    ends = {name: {"display_value": name, "value": sys_id(name)} for name in ("app", "host")}
    answer = {
        "result": [
            {
                "attributes": {
                    "sys_id": sys_id("app"), "name": "app", "sys_class_name": "cmdb_ci_appl",
                },
                "outbound_relations": [{**relation, "target": ends["host"]}],
                "inbound_relations": [],
            },
            {
                "attributes": {
                    "sys_id": sys_id("host"), "name": "host", "sys_class_name": "cmdb_ci_server",
                },
                "outbound_relations": "none",
                "inbound_relations": [{**relation, "target": ends["app"]}],
            },
        ]
    }  # fmt: skip
    graph = load_files(tmp_path, {"instances.json": answer})
    assert needs(graph) == {("app", "host", "hard")}
    assert codes(graph) == {"merged-record": 1}
    assert graph.report.rows_used == 4


def test_an_error_beside_a_partial_result_is_reported_and_the_result_used(tmp_path: Path) -> None:
    answer = {
        "result": [{"sys_id": WEB, "name": "web", "sys_class_name": "cmdb_ci_server"}],
        "error": {"message": "Transaction cancelled", "detail": "maximum execution time"},
        "status": "failure",
    }
    graph = load_files(tmp_path, {"cmdb_ci.json": answer, "b.json": {"result": [], "error": "x"}})
    assert (graph.ci_count, codes(graph)) == (1, {"error-answer": 2, "empty-table": 1})


def test_records_of_no_known_kind_are_reported(tmp_path: Path) -> None:
    graph = load_files(tmp_path, {"x.json": {"result": [{"sys_id": WEB, "u_foo": "1"}, "text"]}})
    assert codes(graph) == {"unknown-table": 2}


def test_an_application_service_that_is_no_record_is_reported(tmp_path: Path) -> None:
    graph = load_files(tmp_path, {"x.json": {"result": {"services": ["broken"]}}})
    assert codes(graph) == {"missing-id": 1}


@pytest.mark.parametrize(
    "name", ["cmdb_ci (2).csv", "cmdb_ci_server-2026.csv", "u_cmdb_ci_robot.csv", "servers.csv"]
)
def test_a_table_is_known_by_the_begin_of_its_name_or_by_its_columns(
    tmp_path: Path, name: str
) -> None:
    graph = load_files(tmp_path, {name: f"sys_id,name,sys_class_name\n{WEB},web,Linux Server\n"})
    assert (graph.ci_of("web").kind, codes(graph)) == (CiKind.SERVER, {})


def test_an_export_of_exactly_10000_rows_was_probably_cut_off(tmp_path: Path) -> None:
    rows = "\n".join(f"{number:032x},s{number},cmdb_ci_server" for number in range(10_000))
    graph = load_files(tmp_path, {"cmdb_ci.csv": f"sys_id,name,sys_class_name\n{rows}\n"})
    assert (graph.ci_count, codes(graph)) == (10_000, {"export-cut-off": 1})


def test_the_source_of_ci_ids_is_told_by_the_option(tmp_path: Path) -> None:
    table = f"sys_id,name,sys_class_name\n{WEB},web,cmdb_ci_server\n"
    graph = load_files(tmp_path, {"cmdb_ci.csv": table}, LoadOptions(source="prod"))
    assert graph.ci_ids == (f"prod:cmdb_ci_server:{WEB}",)


def test_records_beside_a_result_are_read_and_others_reported(tmp_path: Path) -> None:
    servers = [
        {"sys_id": key, "name": key, "sys_class_name": "cmdb_ci_server"} for key in (SHOP, WEB)
    ]
    answer = {
        "result": servers[:1],
        "records": servers[1:],
        "u_things": [{"x": 1}, {"x": 2}],
        "status": "success",
    }
    graph = load_files(tmp_path, {"cmdb_ci.json": answer})
    assert (graph.ci_count, graph.report.rows_read) == (2, 4)
    assert codes(graph) == {"unknown-table": 2}


def test_tables_beside_an_error_are_read(tmp_path: Path) -> None:
    server = {"sys_id": WEB, "name": "web", "sys_class_name": "cmdb_ci_server"}
    answer = {"error": {"message": "cancelled"}, "status": "failure", "cmdb_ci": [server]}
    graph = load_files(tmp_path, {"all.json": answer})
    assert (graph.ci_count, codes(graph)) == (1, {"error-answer": 1})


def test_relations_of_an_instance_that_are_no_records_are_reported(tmp_path: Path) -> None:
    attributes = {"sys_id": WEB, "name": "web", "sys_class_name": "cmdb_ci_server"}
    relations = {"outbound_relations": ["junk", 7], "inbound_relations": {"a": 1}}
    answer = {"result": [{"attributes": attributes, **relations}, "junk"]}
    graph = load_files(tmp_path, {"cmdb_ci.json": answer})
    assert (graph.ci_count, graph.report.rows_read) == (1, 5)
    assert codes(graph) == {"missing-reference": 3, "missing-id": 1}


def test_an_item_that_is_no_record_keeps_its_number_in_a_payload(tmp_path: Path) -> None:
    payload = {
        "items": [
            7,
            {"className": "cmdb_ci_server", "values": {"name": "web", "sys_id": WEB}},
            {"className": "cmdb_ci_service", "values": {"name": "shop", "sys_id": SHOP}},
        ],
        "relations": [{"parent": 2, "type": "Depends on::Used by", "child": 1}, "junk"],
    }
    graph = load_files(tmp_path, {"payload.json": payload})
    assert needs(graph) == {("shop", "web", "hard")}
    assert codes(graph) == {"missing-id": 1, "missing-reference": 1}


def test_what_consumes_an_application_service_is_read_or_reported(tmp_path: Path) -> None:
    services = [
        {"sys_id": SHOP, "name": "shop", "relationships": {"business_app": WEB}},
        {"sys_id": TYPE, "name": "mail", "relationships": ["junk"]},
    ]
    graph = load_files(tmp_path, {"x.json": {"result": {"services": services}}})
    assert graph.dependency_count == 1
    assert codes(graph) == {"missing-reference": 1, "dangling-reference": 1}

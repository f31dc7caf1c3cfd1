"""The commands ``show``, ``services``, ``mapping`` and ``version``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cli.shop_export import json_of, run_cli, write_shop


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


def test_show_gives_facts_neighbours_agreements_and_outages(shop: str) -> None:
    text = run_cli("show", shop, "SAN 1").stdout
    assert "Storage Team" in text
    assert "Datavault" in text
    assert "Needs: nothing" in text
    assert "Orders DB" in text
    assert "Web Shop" in text
    assert ["OLA", "OLA-1", "Storage", "99.9%"] in [line.split()[:4] for line in text.splitlines()]
    assert "2026-11-01T02:00:00Z" in text
    assert "cis.csv:8" in text


def test_show_gives_the_redundancy_groups_of_a_ci(shop: str) -> None:
    assert json_of("show", shop, "shop")["groups"] == [
        {
            "group": "web",
            "min_up": "1",
            "degraded_below": None,
            "grounded": False,
            "members": json_of("show", shop, "shop")["groups"][0]["members"],
        }
    ]
    assert "REDUNDANCY GROUP" in run_cli("show", shop, "shop").stdout


def test_show_as_json_and_csv_gives_each_dependency(shop: str) -> None:
    answer = json_of("show", shop, "db")
    assert answer["schema"] == "ripplegraph/ci/1"
    assert answer["ci"]["class"] == "database"
    assert [one["dependency"]["native_id"] for one in answer["dependencies"]] == ["san-1"]
    assert [one["dependent"]["native_id"] for one in answer["dependents"]] == ["shop"]
    rows = list(csv.DictReader(io.StringIO(run_cli("show", shop, "db", "--csv").stdout)))
    assert [row["relation_type"] for row in rows] == ["stored on", "needs"]


def test_show_without_a_ci_lists_all_and_search_narrows_the_list(shop: str) -> None:
    assert len(json_of("show", shop)["cis"]) == 9
    assert [one["native_id"] for one in json_of("show", shop, "--search", "SHOP")["cis"]] == [
        "shop",
        "shop-gold",
    ]
    assert "9 CIs." in run_cli("show", shop).stdout
    assert "No CI fits." in run_cli("show", shop, "--search", "zzz").stdout
    rows = list(csv.DictReader(io.StringIO(run_cli("show", shop, "--csv").stdout)))
    assert {row["owner_team"] for row in rows} >= {"DBA Team", "Storage Team"}


def test_show_of_a_ci_and_a_search_at_once_is_refused(shop: str) -> None:
    assert run_cli("show", shop, "db", "--search", "x").exit_code == 2


def test_services_lists_slas_customers_and_offerings(shop: str) -> None:
    line = next(
        one for one in run_cli("services", shop).stdout.splitlines() if one.startswith("Web Shop")
    )
    assert "Gold 99.95%" in line
    assert "Retail" in line
    assert "Shop Gold" in line
    answer = json_of("services", shop)
    assert answer["schema"] == "ripplegraph/services/1"
    assert [one["native_id"] for one in answer["services"]] == [
        "evil",
        "intranet",
        "shop",
        "shop-gold",
    ]
    rows = list(csv.DictReader(io.StringIO(run_cli("services", shop, "--csv").stdout)))
    assert next(row for row in rows if row["native_id"] == "shop")["slas"] == "SLA-1"


def test_services_stand_by_kind_and_name(tmp_path: Path) -> None:
    cis = (
        "id,name,class\n1,Zebra,business service\n2,b-offer,service offering\n3,mail,service\n"
        "4,apple,business service\n5,Archive,service\n"
    )
    shop = write_shop(
        tmp_path / "names", cis=cis, relations="dependent,dependency\n1,3\n2,1\n",
        groups="dependent,group,min_up\n", agreements="id,kind,covers\n", outages="ci,start\n",
    )  # fmt: skip
    wanted = ["apple", "Zebra", "Archive", "mail", "b-offer"]
    lines = run_cli("services", shop).stdout.splitlines()[1:6]
    assert [line.split()[0] for line in lines] == wanted
    rows = csv.DictReader(io.StringIO(run_cli("services", shop, "--csv").stdout))
    assert [row["name"] for row in rows] == wanted


def test_agreement_without_a_name_is_shown_by_its_id(tmp_path: Path) -> None:
    agreements = "id,kind,covers,target_availability\nSLA-9,SLA,shop,99%\n"
    shop = write_shop(tmp_path / "nameless", agreements=agreements)
    assert "SLA-9 99%" in run_cli("services", shop).stdout
    lines = [line.split() for line in run_cli("show", shop, "shop").stdout.splitlines()]
    assert ["SLA", "SLA-9", "-", "99%", "-", "agreed"] in lines


def test_services_of_an_export_without_any_says_so(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id,class\nh,server\n", encoding="utf-8")
    result = run_cli("services", str(tmp_path / "cis.csv"))
    assert result.stdout == "The export holds no services.\n"


def test_mapping_list_show_and_check_take_the_shipped_ones() -> None:
    assert "servicenow-default" in json_of("mapping", "list")["mappings"]
    assert "version: 1" in run_cli("mapping", "show", "servicenow-default").stdout
    result = run_cli("mapping", "check", "servicenow-default")
    assert (result.exit_code, "is a valid mapping" in result.stdout) == (0, True)


def test_mapping_check_of_a_wrong_file_exits_2(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nrelations: 7\n", encoding="utf-8")
    result = run_cli("mapping", "check", str(wrong))
    assert result.exit_code == 2
    assert "wrong.yaml" in result.stderr


def test_mapping_explain_counts_the_relations_that_each_rule_took(tmp_path: Path) -> None:
    records = [
        {"sys_id": "1" * 32, "name": "app", "sys_class_name": "cmdb_ci_appl"},
        {"sys_id": "2" * 32, "name": "host", "sys_class_name": "cmdb_ci_server"},
    ]
    relations = [{"parent": "1" * 32, "child": "2" * 32, "type": "Runs on::Runs"}]
    for name, rows in (("cmdb_ci", records), ("cmdb_rel_ci", relations)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"result": rows}), encoding="utf-8")
    answer = json_of("mapping", "explain", str(tmp_path))
    assert [(one["relation_type"], one["count"]) for one in answer["relations"]] == [
        ("Runs on::Runs", 1)
    ]
    assert "servicenow-default" in answer["relations"][0]["rule"]
    assert "Runs on::Runs" in run_cli("mapping", "explain", str(tmp_path)).stdout


def test_mapping_explain_of_an_export_without_relations_says_so(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id,class\nh,server\n", encoding="utf-8")
    assert "no relations" in run_cli("mapping", "explain", str(tmp_path)).stdout


def test_version_is_printed_in_each_form() -> None:
    assert run_cli("--version").stdout == run_cli("version").stdout
    assert json_of("version")["schema"] == "ripplegraph/version/1"
    assert run_cli("version", "--csv").stdout.startswith("ripplegraph,python\n")


def test_services_lists_only_slas_in_force() -> None:
    example = str(Path(__file__).parents[2] / "examples" / "acme-csv")

    def slas_at(moment: str) -> list[object]:
        services = json_of("services", example, "--at", moment)["services"]
        return [sla for service in services for sla in service["slas"]]

    assert len(slas_at("2026-11-20T09:00:00Z")) > 10
    assert slas_at("2030-01-01T00:00:00Z") == []

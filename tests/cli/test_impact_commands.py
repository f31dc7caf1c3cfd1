"""The commands ``impact`` and ``why``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, CIS, RELATIONS, json_of, run_cli, write_shop


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


def test_impact_names_service_chain_agreements_and_whom_to_call(shop: str) -> None:
    text = run_cli("impact", shop, "san-1", "--at", AT).stdout
    assert "Down: SAN 1" in text
    assert "Impacted: 2 of 4 services (2 down)" in text
    line = next(one for one in text.splitlines() if "Shop Gold" in one)
    assert line.startswith("down    Web Shop  Shop Gold")
    assert line.endswith("Web Shop -> Orders DB -> SAN 1")
    assert "Gold 99.95%" in line
    assert "Retail" in line
    call = next(one for one in text.splitlines() if "Storage Team" in one)
    assert "Datavault" in call
    assert "OLA Storage 99.9%, UPC Support 99%" in call


def test_offering_with_a_reason_of_its_own_has_its_own_row(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "own", relations=RELATIONS + "shop-gold,san-1,needs,,\n")
    rows = run_cli("impact", shop, "san-1").stdout.splitlines()
    assert any(row.split()[:3] == ["down", "Shop", "Gold"] for row in rows)


def test_all_gives_each_offering_its_own_row(shop: str) -> None:
    listed = run_cli("impact", shop, "san-1", "--all").stdout
    assert "Shop Gold -> Web Shop -> Orders DB -> SAN 1" in listed


def test_impact_as_json_has_the_documented_fields_in_their_order(shop: str) -> None:
    answer = json_of("impact", shop, "san-1", "--at", AT)
    assert answer["schema"] == "ripplegraph/impact/1"
    assert answer["scenario"]["at"] == AT
    first = answer["impacted"][0]
    assert list(first)[:6] == ["ci_id", "native_id", "name", "class", "status", "because"]
    assert [one["native_id"] for one in answer["impacted"]] == ["shop", "shop-gold"]
    assert [one.rsplit(":")[-1] for one in first["because"]] == ["shop", "db", "san-1"]
    assert first["slas"][0]["agreement_id"] == "SLA-1"
    assert first["slas"][0]["target_availability"] == 0.9995
    assert [one["agreement_id"] for one in first["root_agreements"]] == ["OLA-1", "UPC-1"]
    assert first["root_suppliers"] == ["Datavault"]
    assert first["root_owner_teams"] == ["Storage Team"]
    assert first["owner_team"] == "Shop Team"
    assert first["customers"] == ["Retail"]


def test_impact_of_one_replica_says_how_many_more_failures_until_down(shop: str) -> None:
    text = run_cli("impact", shop, "web-1").stdout
    assert "Impacted: 2 of 4 services (2 at_risk)" in text
    assert "web of Web Shop: 1 of 2 usable, needs 1; down: web-1" in text
    shop_line = next(one for one in text.splitlines() if one.startswith("at_risk  Web Shop"))
    assert "1 (e.g. " in shop_line
    group = json_of("impact", shop, "web-1")["impacted"][0]["failed_groups"][0]
    assert group["status"] == "at_risk"
    assert group["usable_members"] == 1


def test_impact_takes_options_after_the_cis_and_several_cis(shop: str) -> None:
    answer = json_of("impact", shop, "web-1", "web-2", "--maintenance", "db", "--at", AT)
    assert [one.rsplit(":")[-1] for one in answer["scenario"]["down"]] == ["web-1", "web-2"]
    assert [one.rsplit(":")[-1] for one in answer["scenario"]["maintenance"]] == ["db"]


def test_impact_takes_maintenance_several_times_and_shows_it(shop: str) -> None:
    result = run_cli("impact", shop, "--maintenance", "web-1", "--maintenance", "web-2")
    assert result.exit_code == 0
    assert "In maintenance: web-1, web-2" in result.stdout
    assert "down (in maintenance)" in result.stdout


def test_one_half_planned_and_the_other_failed_is_down_and_says_what_the_plan_does(
    shop: str,
) -> None:
    text = run_cli("impact", shop, "web-1", "--maintenance", "web-2").stdout
    assert "down (planned work alone: at_risk)" in text


def test_degraded_ci_degrades_its_services(shop: str) -> None:
    text = run_cli("impact", shop, "--degraded", "db").stdout
    assert "Degraded: Orders DB" in text
    assert "2 degraded" in text


def test_ci_names_with_spaces_and_ids_with_a_dash_are_taken(shop: str) -> None:
    by_name = json_of("impact", shop, "Orders DB", "--at", AT)
    assert [one.rsplit(":")[-1] for one in by_name["scenario"]["down"]] == ["db"]
    dashed = run_cli("impact", shop, "--json", "--", "-odd")
    assert dashed.exit_code == 0
    assert '"evil"' in dashed.stdout


def test_open_outages_hold_at_the_moment_asked_about(shop: str) -> None:
    open_now = json_of("impact", shop, "--with-open-outages", "--at", AT)
    assert [one.rsplit(":")[-1] for one in open_now["scenario"]["down"]] == ["web-1"]
    long_ago = json_of("impact", shop, "--with-open-outages", "--at", "2026-11-01T02:30:00Z")
    assert [one.rsplit(":")[-1] for one in long_ago["scenario"]["down"]] == ["san-1"]
    nothing = run_cli("impact", shop, "--with-open-outages", "--at", "2020-01-01")
    assert "Nothing is out." in nothing.stdout
    assert "No service is impacted, of 4 services. 0 CIs are not up." in nothing.stdout


def test_relations_outside_their_dates_have_no_impact_then(tmp_path: Path) -> None:
    relations = "dependent,dependency,valid_to\nshop,db,2026-01-01T00:00:00Z\n"
    shop = write_shop(tmp_path / "dated", relations=relations, groups="dependent,group,min_up\n")
    assert json_of("impact", shop, "db", "--at", "2025-06-01")["impacted"] != []
    assert json_of("impact", shop, "db", "--at", "2026-06-01")["impacted"] == []


def test_all_lists_every_ci_that_is_not_up(shop: str) -> None:
    listed = {one["native_id"] for one in json_of("impact", shop, "san-1", "--all")["impacted"]}
    assert listed == {"shop", "shop-gold", "db", "san-1"}
    text = run_cli("impact", shop, "san-1", "--all").stdout
    assert "Impacted: 2 of 4 services (2 down). 4 CIs are not up." in text


def test_impact_as_csv_starts_no_formula_and_reads_back(shop: str) -> None:
    text = run_cli("impact", shop, "--csv", "--", "-odd").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    evil = next(row for row in rows if row["native_id"] == "evil")
    assert evil["name"] == "'=HYPERLINK(1)"
    assert evil["status"] == "down"
    assert evil["because"].endswith(":-odd")


@pytest.mark.parametrize(
    ("fail_on", "ci", "exit_code"),
    [("down", "san-1", 1), ("down", "web-1", 0), ("at_risk", "web-1", 1), ("at_risk", "evil", 1)],
)
def test_fail_on_exits_1_from_that_status_on(
    shop: str, fail_on: str, ci: str, exit_code: int
) -> None:
    assert run_cli("impact", shop, ci, "--fail-on", fail_on).exit_code == exit_code
    assert run_cli("impact", shop, ci).exit_code == 0


def test_unknown_ci_exits_2_and_suggests_near_misses(shop: str) -> None:
    result = run_cli("impact", shop, "san-2")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Did you mean 'san-1'" in result.stderr


def test_unknown_ci_that_is_like_no_other_names_the_command_that_searches(shop: str) -> None:
    result = run_cli("impact", shop, "zzzzzzzz")
    assert result.exit_code == 2
    assert "'zzzzzzzz' is not in the graph" in result.stderr
    assert "`ripplegraph show --search`" in result.stderr


def test_impact_of_nothing_is_refused(shop: str) -> None:
    result = run_cli("impact", shop)
    assert result.exit_code == 2
    assert "nothing is out" in result.stderr


def test_ci_both_down_and_in_maintenance_is_refused(shop: str) -> None:
    result = run_cli("impact", shop, "db", "--maintenance", "db")
    assert result.exit_code == 2
    assert "both down and in maintenance" in result.stderr


def test_why_shows_each_step_with_its_record(shop: str) -> None:
    text = run_cli("why", shop, "Web Shop", "--down", "san-1").stdout
    assert "Web Shop is down." in text
    assert "Because: Web Shop -> Orders DB -> SAN 1" in text
    assert "relations.csv:4" in text
    assert "stored on" in text


def test_why_follows_every_branch_to_its_root(tmp_path: Path) -> None:
    cis = "id,class\nsvc,service\napp1,server\napp2,server\nweb,server\ndb,database\n"
    relations = (
        "dependent,dependency,group\nsvc,app1,\nsvc,app2,\nsvc,web,\napp1,db,\napp2,db,\n"
        "web,app2,\n"
    )
    twins = write_shop(
        tmp_path / "twins", cis=cis, relations=relations, groups="dependent,group,min_up\n",
        agreements="id,kind,covers\n", outages="ci,start\n",
    )  # fmt: skip
    text = run_cli("why", twins, "svc", "--down", "db").stdout
    chain, also = text.split("The shortest chain")[1].split("Also")
    assert [line.split()[:3] for line in chain.splitlines()[2:4]] == [
        ["down", "app1", "svc"], ["down", "db", "app1"],
    ]  # fmt: skip
    assert [line.split()[:3] for line in also.splitlines()[2:6]] == [
        ["down", "app2", "svc"], ["down", "db", "app2"], ["down", "web", "svc"],
        ["down", "app2", "web"],
    ]  # fmt: skip


def test_why_of_a_service_at_risk_says_what_would_still_have_to_fail(shop: str) -> None:
    text = run_cli("why", shop, "shop", "--down", "web-1").stdout
    assert "Web Shop is at_risk." in text
    assert "Not down: more failures until down: 1" in text
    assert "Each of these alone would bring it down now:" in text
    assert "Still holds: web of Web Shop: 1 of 2 usable" in text


def test_why_of_a_service_that_is_up_says_so(shop: str) -> None:
    text = run_cli("why", shop, "intranet", "--down", "san-1").stdout
    assert "Intranet is up." in text
    assert "Because" not in text


def test_why_takes_several_cis_after_down_as_documented(shop: str) -> None:
    several = json_of("why", shop, "shop", "--down", "web-1", "web-2", "--at", AT)
    repeated = json_of("why", shop, "shop", "--down", "web-1", "--down", "web-2", "--at", AT)
    assert several == repeated
    assert several["ci"]["status"] == "down"
    assert several["why_not"] is None
    assert several["schema"] == "ripplegraph/why/1"


def test_why_refuses_further_cis_that_could_mean_two_things(shop: str) -> None:
    without_down = run_cli("why", shop, "shop", "web-1", "--maintenance", "web-2")
    assert without_down.exit_code == 2
    unclear = run_cli("why", shop, "shop", "--down", "web-1", "--maintenance", "db", "web-2")
    assert unclear.exit_code == 2
    assert "Repeat the option" in unclear.stderr


def test_why_as_json_and_csv_give_the_steps(shop: str) -> None:
    answer = json_of("why", shop, "shop", "--down", "web-1")
    assert answer["why_not"]["more_failures"]["count"] == 1
    rows = list(
        csv.DictReader(io.StringIO(run_cli("why", shop, "shop", "--down", "db", "--csv").stdout))
    )
    assert rows[0]["in_chain"] == "true"
    assert rows[0]["dependency_name"] == "Orders DB"
    assert rows[0]["file"] == "relations.csv"


def test_why_with_fail_on_exits_1_if_the_service_is_down(shop: str) -> None:
    arguments = ("why", shop, "shop", "--down", "san-1", "--fail-on", "down")
    assert run_cli(*arguments).exit_code == 1


def test_time_that_is_none_is_refused(shop: str) -> None:
    result = run_cli("impact", shop, "db", "--at", "yesterday")
    assert result.exit_code == 2
    assert "--at: 'yesterday' is no time" in result.stderr


def test_time_without_zone_is_in_the_zone_said_else_utc(shop: str) -> None:
    berlin = ("--timezone", "Europe/Berlin", "--at", "2026-11-23T04:00")
    assert json_of("impact", shop, "db", *berlin)["scenario"]["at"] == AT
    assert json_of("impact", shop, "db", "--at", "2026-11-23T03:00")["scenario"]["at"] == AT
    wrong = run_cli("impact", shop, "db", "--at", "2026-11-23", "--timezone", "Mars/Base")
    assert wrong.exit_code == 2
    assert "Mars/Base" in wrong.stderr


def test_names_that_several_cis_bear_stand_with_their_ids(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "twins", cis=CIS + "db-2,Orders DB,database,,,\n")
    assert "Orders DB (db)" in run_cli("impact", shop, "db").stdout
    ambiguous = run_cli("impact", shop, "Orders DB")
    assert ambiguous.exit_code == 2
    assert "names 2 CIs" in ambiguous.stderr


def test_group_names_its_impaired_members_and_agreements_may_lack_a_target(
    tmp_path: Path,
) -> None:
    agreements = "id,kind,customer,covers\nSLA-2,SLA,Retail,shop\n"
    shop = write_shop(tmp_path / "soft", agreements=agreements)
    text = run_cli("impact", shop, "--degraded", "web-1").stdout
    assert "2 of 2 usable, needs 1; impaired: web-1" in text
    assert "SLA-2  Retail" in text


def test_circle_that_holds_itself_up_shows_the_grounded_status_too(tmp_path: Path) -> None:
    cis = "id,class\nsvc,service\nr1,server\nr2,server\ncore,server\n"
    relations = (
        "dependent,dependency,group\nsvc,r1,\nr1,r2,way\nr1,core,way\nr2,r1,way\nr2,core,way\n"
    )
    groups = "dependent,group,min_up\nr1,way,1\nr2,way,1\n"
    ring = write_shop(
        tmp_path / "ring", cis=cis, relations=relations, groups=groups,
        agreements="id,kind,covers\n", outages="ci,start\n",
    )  # fmt: skip
    assert "at_risk (grounded: down)" in run_cli("impact", ring, "core").stdout


def test_kind_of_an_agreement_is_not_said_twice(tmp_path: Path) -> None:
    agreements = "id,kind,name,provider,covers\nx,OLA,OLA Storage,Storage Team,san-1\n"
    shop = write_shop(tmp_path / "kinds", agreements=agreements)
    line = next(
        one for one in run_cli("impact", shop, "san-1").stdout.splitlines() if "Datavault" in one
    )
    assert line.endswith("  OLA Storage")

"""The commands on availability asked about the services of an export: what counts, and how far."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, CIS, ended, json_of, run_cli, write_shop
from cli.theatre_file import write_theatre

CIS_WITH_TARGETS = CIS.replace("lifecycle\n", "lifecycle,availability\n").replace(
    "Linux Team,,\n", "Linux Team,,,99%\n"
)


@pytest.fixture
def theatre(tmp_path: Path) -> str:
    return write_theatre(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop", cis=CIS_WITH_TARGETS)


def test_service_of_an_export_is_exact_once_its_cis_are_known(shop: str, tmp_path: Path) -> None:
    known = ["--set", "db=99.9%", "--at", AT]
    written = str(tmp_path / "shop.xml")
    one = json_of("availability", shop, "shop", *known, "--open-psa", written)["services"][0]
    san, pair, db = 0.001, 0.01**2, 0.001
    assert one["label"] == "exact"
    assert one["unavailability"] == pytest.approx(1 - (1 - san) * (1 - pair) * (1 - db), rel=1e-12)
    again = json_of("availability", written)["services"][0]
    assert again["unavailability"] == one["unavailability"]
    assert again["ci_id"] == "Web_Shop"  # as people call it


def test_a_fault_tree_that_lacks_a_probability_is_written_with_a_warning(
    shop: str, tmp_path: Path
) -> None:
    written = str(tmp_path / "shop.xml")
    done = run_cli("availability", shop, "shop", "--at", AT, "--open-psa", written)
    assert "1 basic event in it without a probability" in done.stderr
    known = ["--set", "db=99.9%"]
    done = run_cli("availability", shop, "shop", *known, "--at", AT, "--open-psa", written)
    assert "without a probability" not in done.stderr


def test_service_of_an_export_that_lacks_numbers_names_the_cis(shop: str) -> None:
    text = run_cli("availability", shop, "shop", "--at", AT).stdout
    assert "incomplete" in text
    assert "availability of Orders DB (1 service)" in text
    text = run_cli("explain", shop, "shop", "--at", AT).stdout
    assert "Missing:\n- availability of Orders DB (1 service)" in text


def test_cut_sets_and_importance_of_an_export_name_its_cis(shop: str) -> None:
    sets = run_cli("cutsets", shop, "shop", "--at", AT).stdout
    assert "Single points of failure: " in sets
    assert "web-1 + web-2" in sets
    rows = json_of("importance", shop, "--at", AT)["importance"]
    assert "SAN 1" in {row["name"] for row in rows}
    text = run_cli("importance", shop, "--at", AT).stdout
    assert "Web Shop" in text
    assert "- What is of unknown availability counts as perfect here; its own minutes" in text


def test_class_default_fills_what_the_data_lacks(shop: str) -> None:
    options = ["--class-default", "database=99.9%", "--at", AT, "--basis", "class_default"]
    one = json_of("availability", shop, "shop", *options)["services"][0]
    assert len(one["missing"]) == 3


def test_importance_by_team_adds_up_the_cis_of_a_team(shop: str) -> None:
    options = ["--by", "team", "--set", "db=99.9%", "--at", AT]
    groups = json_of("importance", shop, "shop", *options)["groups"]
    linux = next(one for one in groups if one["key"] == "Linux Team")
    assert (linux["kind"], linux["ci_count"]) == ("team", 2)
    assert "team Linux Team" in run_cli("importance", shop, "shop", *options).stdout


def test_a_column_that_no_ci_has_is_no_shared_cause(shop: str) -> None:
    asked = ("availability", shop, "--common-causes")
    assert "no CI has a value in a column: 'failure_group'" in ended(2, *asked).stderr


def test_cis_of_one_site_fail_together_where_asked_for(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text(
        "id,class,availability,site\nshop,service,,\na,server,99%,muc\nb,server,99%,muc\n",
        encoding="utf-8",
    )
    (tmp_path / "relations.csv").write_text(
        "dependent,dependency,group\nshop,a,g\nshop,b,g\n", encoding="utf-8"
    )
    (tmp_path / "groups.csv").write_text("dependent,group,min_up\nshop,g,1\n", encoding="utf-8")
    source = str(tmp_path)
    (alone,) = json_of("availability", source)["services"]
    answer = json_of("availability", source, "--failure-group", "site=0.1")
    (together,) = answer["services"]
    assert alone["unavailability"] == pytest.approx(1e-4)
    assert together["unavailability"] == pytest.approx(1e-3 + 0.999 * (1 - 0.99 / 0.999) ** 2)
    assert answer["assumptions"][0].startswith("1 group of CIs shares a cause, a beta factor of")
    spof = json_of("spof", source, "--failure-group", "site")
    assert [one["ci_id"] for one in spof["single_points"]] == ["site:muc"]
    shares = json_of("explain", source, "shop", "--failure-group", "site")["contributions"]
    assert {one["ci_id"]: one["detail"] for one in shares}["site:muc"] == "shared cause"
    rows = json_of("importance", source, "shop", "--failure-group", "site")["importance"]
    assert rows[0]["ci_id"] == "site:muc"
    cuts = ended(0, "cutsets", source, "shop", "--failure-group", "site", "--paths").stdout
    assert "site:muc" in cuts
    assert "Minimal path sets: enough to keep it up" in cuts
    assert "ALL WORK AT ONCE" in cuts
    written = ended(0, "cutsets", source, "shop", "--failure-group", "site", "--paths", "--csv")
    kinds = [row["set"] for row in csv.DictReader(io.StringIO(written.stdout))]
    assert (kinds[0], kinds[-1]) == ("cut", "path")


@pytest.mark.parametrize("text", ["site=2", "site=x", "=0.1"])
def test_failure_groups_that_cannot_be_read_are_refused(shop: str, text: str) -> None:
    result = ended(2, "availability", shop, "--failure-group", text)
    assert "is not COLUMN=BETA, such as site=0.1" in result.stderr


@pytest.mark.parametrize("asked", [(), ("--failure-group", "site=0.1")])
def test_a_share_of_failures_that_no_group_takes_is_refused(
    shop: str, asked: tuple[str, ...]
) -> None:
    result = ended(2, "availability", shop, "--beta", "0.3", *asked)
    assert "--beta says something only with --common-causes, or with a" in result.stderr


@pytest.mark.parametrize(
    "option",
    [
        ("--failure-group", "site"),
        ("--beta", "0.3"),
        ("--outage-rules", "no-such-file.yaml"),
        ("--mapping", "generic"),
        ("--day-first",),
        ("--at", AT),
    ],
)
def test_what_needs_an_export_is_refused_of_a_fault_tree(
    theatre: str, option: tuple[str, ...]
) -> None:
    result = ended(2, "availability", theatre, *option)
    assert f"{option[0]} says nothing about a fault tree" in result.stderr


def test_spof_lists_what_alone_brings_services_down(theatre: str, shop: str) -> None:
    text = ended(0, "spof", theatre).stdout
    assert text.startswith("0 single points of failure beneath 1 service; 1 of them without any.")
    assert "Without any: Supply." in text
    answer = json_of("spof", shop, "--at", AT)
    points = {one["native_id"]: one["services"] for one in answer["single_points"]}
    rows = list(csv.DictReader(io.StringIO(ended(0, "spof", shop, "--at", AT, "--csv").stdout)))
    assert {row["native_id"].lstrip("'") for row in rows} == set(points)
    table = ended(0, "spof", shop, "--at", AT).stdout
    assert "What alone brings services down" in table
    service = answer["single_points"][0]["services"][0]
    cuts = json_of("cutsets", shop, service, "--at", AT)
    alone = {one["ci_id"] for one in answer["single_points"] if service in one["services"]}
    assert alone == set(cuts["single_points_of_failure"])


def test_uncertainty_shows_how_far_the_numbers_are_known(shop: str, theatre: str) -> None:
    asked = ("availability", shop, "intranet", "shop", "--at", AT, "--set", "db=99%")
    more = ("--uncertainty", "500", "--range", "san-1=99%..99.9%")
    found = json_of(*asked, *more)["uncertainty"]
    assert [one["native_id"] for one in found] == ["intranet", "shop"]
    assert found[1]["lower"] > 0.01
    assert found[1]["upper"] < 0.02
    text = ended(0, *asked, *more).stdout
    assert "How far this is known: 90% of 500 samples, seed 1" in text
    assert json_of(*asked)["uncertainty"] == []
    assert "says something only with" in ended(2, *asked, "--range", "db=1%..2%").stderr
    result = ended(2, "availability", theatre, "--uncertainty", "9")
    assert "--uncertainty says nothing about a fault tree" in result.stderr


def test_uncertainty_names_the_services_that_it_leaves_out() -> None:
    asked = ("availability", "examples/acme", "Printing", "Backup", "--uncertainty", "9")
    text = ended(0, *asked, "--nodes", "1").stdout
    assert "How far this is known is not said for 2 services (Backup, Printing): not exact" in text
    assert "seed 1" not in text
    found = json_of(*asked, "--nodes", "1")["uncertainty"]
    assert [one["lower"] for one in found] == [None, None]
    assert all("budget of 1 nodes" in one["reason"] for one in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("db=99%", "is not NAME=LOW..HIGH"),
        ("=1%..2%", "is not NAME=LOW..HIGH"),
        ("db=99%..x", "--range 'db=99%..x'"),
        ("db=99%..98%", "the lower availability comes first"),
    ],
)
def test_ranges_that_cannot_be_read_are_refused(shop: str, text: str, message: str) -> None:
    result = ended(2, "availability", shop, "--uncertainty", "9", "--range", text)
    assert message in result.stderr


def test_shared_causes_are_not_sampled_and_it_shows(shop: str) -> None:
    asked = ("availability", shop, "--failure-group", "x", "--uncertainty", "9")
    assert ended(2, *asked).exit_code == 2


def test_beneath_a_ci_of_inclusive_promise_nothing_counts(shop: str, theatre: str) -> None:
    given = [f"--set={one}" for one in ("db=99%", "web-1=90%", "web-2=90%", "san-1=90%")]
    asked = ("availability", shop, "shop", "--at", AT, *given)
    (whole,) = json_of(*asked)["services"]
    (cut,) = json_of(*asked, "--inclusive", "db")["services"]
    assert whole["unavailability"] == pytest.approx(1 - 0.99 * 0.99 * 0.9)
    assert cut["unavailability"] == pytest.approx(1 - 0.99 * 0.99)
    refused = ended(2, "availability", theatre, "--inclusive", "mains").stderr
    assert "--inclusive says nothing about a fault tree" in refused


def test_a_degraded_service_counts_as_failed_where_asked_for(shop: str) -> None:
    asked = ("availability", shop, "intranet", "--at", AT, "--set=-odd=90%")
    (down,) = json_of(*asked)["services"]
    (degraded,) = json_of(*asked, "--level", "degraded")["services"]
    assert (down["unavailability"], degraded["unavailability"]) == (0, pytest.approx(0.1))


def test_downtime_is_also_given_in_the_window_that_holds_the_moment(shop: str) -> None:
    options = ("--at", "2026-02-14T09:00:00Z", "--window", "month", "--set", "db=99.9%")
    (row,) = json_of("availability", shop, "shop", *options)["services"]
    assert row["downtime_minutes_per_window"] == pytest.approx(row["unavailability"] * 28 * 1440)
    first = json_of("cutsets", shop, "shop", *options)["cut_sets"][0]
    assert first["downtime_minutes_per_window"] == pytest.approx(first["probability"] * 28 * 1440)
    assert "IN THE WINDOW" in run_cli("availability", shop, "shop", *options).stdout
    assert "IN THE WINDOW" in run_cli("cutsets", shop, "shop", *options).stdout
    assert "In the window of 40,320 minutes: " in run_cli("explain", shop, "shop", *options).stdout


def test_a_window_that_is_none_is_refused(shop: str, theatre: str) -> None:
    said = ended(2, "availability", shop, "--window", "week").stderr
    assert "write month, quarter, year or rolling:30d" in said
    assert (
        "--window says nothing about"
        in ended(2, "cutsets", theatre, "Supply", "--window", "year").stderr
    )

"""``availability``, ``importance`` and ``explain`` on a fault tree: what is read of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, CIS, ended, json_of, run_cli, write_shop

THEATRE = """\
<?xml version="1.0"?>
<opsa-mef><define-fault-tree name="Theatre">
  <define-gate name="Supply">
    <and><basic-event name="mains"/><gate name="Standby"/></and>
  </define-gate>
  <define-gate name="Standby">
    <or><basic-event name="generator"/><basic-event name="relay"/></or>
  </define-gate>
  <define-basic-event name="mains"><float value="0.03"/></define-basic-event>
  <define-basic-event name="generator"><float value="0.02"/></define-basic-event>
  <define-basic-event name="relay">{relay}</define-basic-event>
</define-fault-tree></opsa-mef>
"""
RELAY = '<float value="0.05"/>'


@pytest.fixture
def theatre(tmp_path: Path) -> str:
    path = tmp_path / "theatre.xml"
    path.write_text(THEATRE.format(relay=RELAY), encoding="utf-8")
    return str(path)


@pytest.fixture
def half_known(tmp_path: Path) -> str:
    path = tmp_path / "half.xml"
    path.write_text(THEATRE.format(relay=""), encoding="utf-8")
    return str(path)


def test_availability_shows_number_label_downtime_and_what_it_rests_on(theatre: str) -> None:
    text = run_cli("availability", theatre).stdout
    assert text.startswith("1 service: 1 exact.")
    row = next(line for line in text.splitlines() if line.startswith("Supply"))
    assert row.split()[1:5] == ["99.793%", "exact", "18.14", "h"]
    assert "- Basic events fail independently of each other." in text
    assert "mission time of 8760 h" in text


def test_availability_that_lacks_inputs_is_an_interval_and_names_them(half_known: str) -> None:
    text = run_cli("availability", half_known).stdout
    row = next(line for line in text.splitlines() if line.startswith("Supply"))
    assert "97.0000% .. 99.9400%" in row
    assert "incomplete" in row
    assert "Missing:\n- availability of relay (1 service)" in text
    assert "Own availability of CIs: 2 declared, 1 unknown." in text


def test_availability_as_json_has_the_documented_fields(theatre: str) -> None:
    answer = json_of("availability", theatre)
    assert answer["schema"] == "ripplegraph/availability/1"
    one = answer["services"][0]
    assert list(one)[:8] == [
        "ci_id", "native_id", "name", "availability", "unavailability", "label", "lower", "upper",
    ]  # fmt: skip
    assert one["unavailability"] == pytest.approx(0.00207)
    assert one["label"] == "exact"
    assert one["missing"] == []


def test_json_holds_every_field_that_others_build_on(theatre: str) -> None:
    service = json_of("availability", theatre)["services"][0]
    assert set(service) >= {
        "ci_id", "native_id", "availability", "unavailability", "label", "lower", "upper",
        "method", "downtime_minutes_per_year", "naive_product", "naive_tree",
        "failures_per_year", "mtbf_hours", "mean_down_time_hours", "missing",
    }  # fmt: skip
    cut_set = json_of("cutsets", theatre, "Supply")["cut_sets"][0]
    assert set(cut_set) >= {"cis", "order", "probability", "downtime_minutes_per_year"}
    row = json_of("importance", theatre)["importance"][0]
    assert set(row) >= {
        "ci_id", "birnbaum", "criticality", "fussell_vesely", "dif", "raw", "rrw", "minutes",
    }  # fmt: skip
    columns = csv.DictReader(io.StringIO(run_cli("availability", theatre, "--csv").stdout))
    assert set(columns.fieldnames or ()) == set(service)


def test_availability_as_csv_leaves_unknown_numbers_empty(half_known: str) -> None:
    text = run_cli("availability", half_known, "--csv").stdout
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["label"], row["unavailability"], row["missing"]) == ("incomplete", "", "relay")
    assert float(row["upper"]) == pytest.approx(0.03)


def test_what_if_sets_the_availability_of_an_event(half_known: str) -> None:
    answer = json_of("availability", half_known, "--set", "relay=95%")
    assert answer["services"][0]["unavailability"] == pytest.approx(0.00207)


@pytest.mark.parametrize(("percent", "code"), [("99.79%", 0), ("99.8%", 1)])
def test_fail_below_ends_with_one_unless_every_service_reaches_it(
    theatre: str, percent: str, code: int
) -> None:
    assert ended(code, "availability", theatre, "--fail-below", percent).stdout


def test_fail_below_counts_what_is_not_known_as_missed(half_known: str) -> None:
    ended(1, "availability", half_known, "--fail-below", "99%")


@pytest.mark.parametrize(
    "options",
    [
        ["--fail-below", "99"],
        ["--set", "relay"],
        ["--set", "relay=many"],
        ["--level", "degraded"],
        ["--basis", "measured"],
        ["--class-default", "server=99%"],
        ["--json", "--csv"],
    ],
)
def test_wrong_options_are_refused_with_the_usage(theatre: str, options: list[str]) -> None:
    assert "Usage:" in ended(2, "availability", theatre, *options).stderr


def test_unknown_top_event_is_refused_with_those_there_are(theatre: str) -> None:
    assert "Did you mean 'Supply'?" in ended(2, "explain", theatre, "Shop").stderr


def test_importance_lists_minutes_at_stake_first(theatre: str) -> None:
    lines = run_cli("importance", theatre, "Supply").stdout.splitlines()
    assert lines[0] == "Supply: 1 exact."
    assert [line.split()[0] for line in lines[4:7]] == ["mains", "relay", "generator"]
    estate = run_cli("importance", theatre).stdout
    assert estate.startswith("Every service: 1 exact.")
    rows = json_of("importance", theatre)["importance"]
    assert rows[1]["birnbaum"] == pytest.approx(0.0294)
    assert rows[0]["rrw"] is None
    text = run_cli("importance", theatre, "--csv").stdout
    assert next(csv.DictReader(io.StringIO(text)))["ci_id"] == "mains"


@pytest.mark.parametrize("group", ["class", "colour"])
def test_importance_by_a_group_that_says_nothing_is_refused(theatre: str, group: str) -> None:
    assert "--by" in ended(2, "importance", theatre, "--by", group).stderr


def test_explanation_shows_shares_points_of_failure_and_what_is_missing(
    theatre: str, half_known: str
) -> None:
    text = run_cli("explain", theatre, "Supply").stdout
    assert text.startswith("Supply: 99.793% available (exact).\nDowntime a year: 18.14 h.")
    assert "No single point of failure." in text
    assert "Missing:\n- availability of relay" in run_cli("explain", half_known, "Supply").stdout
    answer = json_of("explain", theatre, "Supply")
    assert sum(one["percent"] for one in answer["contributions"]) == pytest.approx(100)
    rows = list(csv.DictReader(io.StringIO(run_cli("explain", theatre, "Supply", "--csv").stdout)))
    assert {row["ci_id"] for row in rows} == {"mains", "generator", "relay"}


def test_fault_tree_may_come_on_stdin(theatre: str) -> None:
    data = Path(theatre).read_bytes()
    assert "99.793%" in run_cli("availability", "-", stdin=data).stdout


def test_cut_sets_of_a_fault_tree_are_listed(theatre: str) -> None:
    text = run_cli("cutsets", theatre, "Supply").stdout
    assert text.startswith("Supply: 2 minimal cut sets.\nNo single point of failure.")
    assert "mains + relay" in text
    sets = json_of("cutsets", theatre, "Supply")["cut_sets"]
    assert [one["order"] for one in sets] == [2, 2]
    rows = list(csv.DictReader(io.StringIO(run_cli("cutsets", theatre, "Supply", "--csv").stdout)))
    assert rows[0]["cis"] == "mains;relay"


def test_budget_of_nodes_leaves_a_tree_bounded(theatre: str) -> None:
    assert json_of("availability", theatre, "--nodes", "70000")["services"][0]["label"] == "exact"


def test_services_are_written_as_a_fault_tree_that_says_the_same(
    tmp_path: Path, theatre: str
) -> None:
    written = str(tmp_path / "supply.xml")
    done = run_cli("availability", theatre, "Supply", "--set", "relay=99%", "--open-psa", written)
    assert f"wrote {written}" in done.stderr
    again = json_of("availability", written)["services"]
    assert [one["unavailability"] for one in again] == pytest.approx([0.03 * (1 - 0.98 * 0.99)])


CIS_WITH_TARGETS = CIS.replace("lifecycle\n", "lifecycle,availability\n").replace(
    "Linux Team,,\n", "Linux Team,,,99%\n"
)


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
    assert "no CI has a value in the column 'failure_group'" in ended(2, *asked).stderr


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

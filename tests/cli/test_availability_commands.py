"""``availability``, ``importance`` and ``explain`` on a fault tree: what is read of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import ended, json_of, run_cli
from cli.theatre_file import write_theatre


@pytest.fixture
def theatre(tmp_path: Path) -> str:
    return write_theatre(tmp_path)


@pytest.fixture
def half_known(tmp_path: Path) -> str:
    return write_theatre(tmp_path, relay="")


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

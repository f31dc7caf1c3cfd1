"""``report`` and ``timeline`` on the command line: tables, JSON, CSV, exit codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, json_of, run_cli, write_shop


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "export")


REPORT_KEYS = {
    "service", "agreement", "window_start", "window_end", "agreed_seconds", "down_seconds",
    "degraded_seconds", "at_risk_seconds", "planned_seconds", "availability", "target", "met",
    "budget_seconds", "budget_left_seconds", "outages", "attribution",
}  # fmt: skip


def test_report_as_json_has_exactly_the_promised_fields_with_whole_seconds(shop: str) -> None:
    found = json_of("report", shop, "shop", "--window", "2026-11", "--at", AT)
    (report,) = found["reports"]
    assert set(report) == REPORT_KEYS
    assert report["down_seconds"] == 3600
    assert report["agreed_seconds"] == 22 * 86_400 + 3 * 3600
    assert report["at_risk_seconds"] == 3600
    assert report["budget_seconds"] == 1296
    assert report["budget_left_seconds"] == 1296 - 3600
    assert report["met"] is False
    assert [one["seconds"] for one in report["outages"]] == [3600]
    assert sum(one["seconds"] for one in report["attribution"]) == report["down_seconds"]
    assert report["attribution"][0]["agreement"] == "OLA-1"
    assert found["details"][0]["verdict"] == "missed"


def test_report_as_a_table_names_verdict_outage_root_and_who_answers(shop: str) -> None:
    text = run_cli("report", shop, "--window", "2026-11", "--at", AT).stdout
    assert text.startswith("1 report up to 2026-11-23 03:00:00Z: 1 missed.")
    assert "SAN 1 (disk)" in text
    assert "Shop Gold -> Web Shop -> Orders DB -> SAN 1" in text
    assert "OLA OLA-1" in text
    assert "-38 min 24 s" in text
    assert "windows are those of UTC" in text


def test_report_as_csv_has_one_row_per_report(shop: str) -> None:
    text = run_cli("report", shop, "--window", "2026-11", "--at", AT, "--csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["agreement"] == "SLA-1"
    assert row["down_seconds"] == "3600"
    assert row["verdict"] == "missed"


def test_report_of_services_without_slas_says_so(shop: str) -> None:
    assert "no SLA in force" in run_cli("report", shop, "intranet", "--at", AT).stdout


def test_report_fails_on_request_if_an_sla_is_missed_or_open(shop: str) -> None:
    arguments = ("report", shop, "--at", AT, "--fail-on")
    assert run_cli(*arguments, "missed").exit_code == 1
    quiet = ("report", shop, "--at", "2026-11-01T00:30:00Z", "--fail-on")
    assert run_cli(*quiet, "missed").exit_code == 0
    assert run_cli(*quiet, "open").exit_code == 1


def test_a_window_that_is_none_is_refused(shop: str) -> None:
    result = run_cli("report", shop, "--window", "2026-13")
    assert result.exit_code == 2
    assert "no window; write 2026-10" in result.output


def test_timeline_shows_each_interval_with_its_reason(shop: str) -> None:
    text = run_cli("timeline", shop, "shop", "--at", AT).stdout
    assert "Web Shop: 2 intervals not up" in text
    assert "2026-11-01 02:00:00Z" in text
    assert "goes on" in text
    assert "downtime" in text


def test_timeline_of_a_window_and_of_everything(shop: str) -> None:
    october = run_cli("timeline", shop, "shop", "--window", "2026-10", "--at", AT).stdout
    assert "nothing on record" in october
    everything = json_of("timeline", shop, "--at", AT)
    names = [one["service"]["native_id"] for one in everything["services"]]
    assert sorted(names) == ["shop", "shop-gold"]
    quiet = run_cli("timeline", shop, "--window", "2026-10", "--at", AT).stdout
    assert "No service was ever not up" in quiet


def test_timeline_as_csv_joins_lists(shop: str) -> None:
    text = run_cli("timeline", shop, "shop", "--at", AT, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["status"] for row in rows] == ["down", "at_risk"]
    assert rows[1]["end"] == ""
    assert rows[0]["because"].count(";") == 2

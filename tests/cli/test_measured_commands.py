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
    assert "No service was not up in the window that starts at 2026-10-01 00:00Z." in quiet


def test_timeline_as_csv_joins_lists(shop: str) -> None:
    text = run_cli("timeline", shop, "shop", "--at", AT, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["status"] for row in rows] == ["down", "at_risk"]
    assert rows[1]["end"] == ""
    assert rows[0]["because"].count(";") == 2


def test_report_with_metrics_and_design_adds_their_tables(shop: str) -> None:
    arguments = ("report", shop, "--window", "2026-11", "--at", AT, "--metrics", "--design")
    text = run_cli(*arguments).stdout
    assert "Service level management" in text
    assert "breaches due to internal departments" in text
    assert "Design against measured" in text
    assert "CIs that failed by themselves" in text
    found = json_of(*arguments)
    assert found["metrics"][0]["name"] == "targets_met"
    assert found["design"][0]["measured"] is not None
    assert {one["ci_id"] for one in found["ci_histories"]} == {
        "csv:server:web-1",
        "csv:storage:san-1",
    }


def test_report_writes_a_page(shop: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = run_cli("report", shop, "--window", "2026-11", "--at", AT, "--html", str(page))
    assert result.exit_code == 0
    assert "SAN 1" in page.read_text(encoding="utf-8")
    assert run_cli("report", shop, "--html", "").exit_code == 2
    assert "The design gives no single number" in page.read_text(encoding="utf-8")
    empty = run_cli("report", shop, "intranet", "--at", AT, "--html", str(page))
    assert empty.exit_code == 0
    assert "No SLA was in force." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("further", [(), ("--design",)])
def test_the_page_of_a_service_that_offerings_stand_for_tells_its_name_and_the_design_of_these(
    shop: str, tmp_path: Path, further: tuple[str, ...]
) -> None:
    page = tmp_path / "page.html"
    asked = ("report", shop, "Web Shop", "--window", "2026-11", "--at", AT, "--html", str(page))
    assert run_cli(*asked, *further).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<h1>Service level report on <bdi>Web Shop</bdi>: Nov 2026</h1>" in text
    assert "The design gives no single number" in text


def test_report_writes_the_review_document_of_one_customer(shop: str, tmp_path: Path) -> None:
    both = ("--html", str(tmp_path / "page.html"), "--pdf", str(tmp_path / "page.pdf"))
    asked = ("report", shop, "--window", "2026-11", "--at", AT, "--customer")
    result = run_cli(*asked, "RETAIL", *both)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    assert "Service level report for" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert [one["service"] for one in json_of(*asked, "Retail")["reports"]]
    refused = run_cli(*asked, "nobody")
    assert refused.exit_code == 2
    assert "'Retail'" in refused.stderr


PROCESS = {
    "improvements.csv": (
        "id,action,service,owner,due,state,expected_minutes,realised_minutes\n"
        "SIP-1,second SAN,shop,Ms Roe,2026-10-01,in progress,600,\n"
        "SIP-2,restart by script,shop,Mr Doe,2026-09-01,done,60,30\n"
    ),
    "tickets.csv": (
        "id,service,priority,opened,responded,resolved\n"
        "I1,shop,P1,2026-11-02T10:00:00Z,2026-11-02T10:40:00Z,\n"
    ),
    "time_targets.csv": (
        "agreement,priority,response_minutes,resolution_minutes\nSLA-1,P1,30,240\n"
    ),
    "experience.csv": "service,window_start,score,target\nshop,2026-11-01T00:00:00Z,3,4\n",
}


@pytest.fixture
def managed_shop(shop: str) -> str:
    for name, text in PROCESS.items():
        (Path(shop) / name).write_text(text, encoding="utf-8")
    return shop


def test_tickets_and_experience_stand_beside_the_metrics(managed_shop: str) -> None:
    arguments = ("report", managed_shop, "--window", "2026-11", "--at", AT, "--metrics")
    text = run_cli(*arguments).stdout
    assert "Tickets: 0 times met, these are not" in text
    assert "missed" in text
    assert "Experience beside SLAs" in text
    found = json_of(*arguments)
    assert {one["state"] for one in found["tickets"]} == {"missed", "overdue"}
    assert found["experience"][0]["is_poor"] is True


def test_improve_lists_the_plan_and_what_would_gain_most(managed_shop: str) -> None:
    text = run_cli("improve", managed_shop, "--at", AT).stdout
    assert "SLAs were down 1 h in all." in text
    assert "overdue  SIP-1" in text
    assert "50%" in text
    assert "no failures: the CI had not failed at all" in text
    found = json_of("improve", managed_shop, "--at", AT, "--days", "30")
    assert found["candidates"][0]["gained_seconds"] == 3600
    rows = run_cli("improve", managed_shop, "--at", AT, "--csv").stdout.splitlines()
    assert rows[1].startswith("no failures,csv:storage:san-1,SAN 1,3600,1,SLA-1")
    quiet = run_cli("improve", managed_shop, "--at", "2026-10-01T00:00Z").stdout
    assert "Options" not in quiet

"""``at``, ``breaches`` and ``forecast`` on the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, OUTAGES, json_of, run_cli, write_shop

DURING = "2026-11-01T02:30:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "export")


def test_at_a_moment_shows_services_slas_and_the_incident_to_fix_first(shop: str) -> None:
    text = run_cli("at", shop, DURING).stdout
    assert text.startswith("2026-11-01 02:30:00Z: 2 services not up (2 down).")
    assert "Incidents, the dearest first" in text
    assert "since 2026-11-01 02:21:36Z" in text
    found = json_of("at", shop, DURING)
    assert [one["ci_id"] for one in found["incidents"]] == ["csv:storage:san-1"]
    (outlook,) = found["slas"]
    assert outlook["is_breached"]
    assert outlook["budget_left_seconds"] == 1296 - 1800
    assert {rate["hours"] for rate in outlook["burn_rates"]} == {1, 6, 24, 72, 168}


def test_at_a_moment_without_outages_nothing_is_listed(shop: str) -> None:
    assert run_cli("at", shop, "2026-10-01T00:00Z").stdout == (
        "2026-10-01 00:00:00Z: 0 services not up.\n"
    )
    assert run_cli("at", shop, "now").exit_code == 0


def test_at_as_csv_has_one_row_per_sla(shop: str) -> None:
    text = run_cli("at", shop, DURING, "--csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["agreement"] == "SLA-1"
    assert row["probability"] == "1.0"


def test_at_fails_on_request(shop: str) -> None:
    assert run_cli("at", shop, DURING, "--fail-on", "down").exit_code == 1
    assert run_cli("at", shop, AT, "--fail-on", "down").exit_code == 0


def test_a_time_that_is_none_is_refused(shop: str) -> None:
    assert run_cli("at", shop, "yesterday").exit_code == 2


def test_breaches_name_severity_moment_and_party(shop: str) -> None:
    text = run_cli("breaches", shop, "--window", "2026-11", "--at", AT).stdout
    assert text.startswith("1 breach up to 2026-11-23 03:00:00Z: 1 major.")
    assert "internal 1 h" in text
    found = json_of("breaches", shop, "--window", "2026-11", "--at", AT)
    assert found["breaches"][0]["breached_at"] == "2026-11-01T02:21:36Z"
    rows = run_cli("breaches", shop, "--window", "2026-11", "--at", AT, "--csv").stdout
    assert rows.splitlines()[1].startswith("major,")


def test_breaches_fail_on_request_by_severity(shop: str) -> None:
    arguments = ("breaches", shop, "--window", "2026-11", "--at", AT, "--fail-on")
    assert run_cli(*arguments, "major").exit_code == 1
    assert run_cli(*arguments, "critical").exit_code == 0
    october = ("breaches", shop, "--window", "2026-10", "--at", AT)
    assert run_cli(*october).stdout.startswith("0 breaches")


def test_forecast_shows_the_chance_with_its_bounds_and_method(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "export", outages=OUTAGES.replace("03:00:00", "02:00:10"))
    text = run_cli("forecast", shop, "--at", AT).stdout
    assert text.startswith("2026-11-23 03:00:00Z: 1 SLA in force, 0 breached.")
    assert "measured, 1 outage" in text
    assert "Takacs 1957" in text
    found = json_of("forecast", shop, "shop", "--at", AT)
    chance = found["slas"][0]["forecast"]
    assert 0 <= chance["lower"] <= chance["probability"] <= chance["upper"] <= 1
    assert run_cli("forecast", shop, "--at", AT, "--csv").stdout.count("\n") == 2
    assert run_cli("forecast", shop, "--at", AT, "--fail-above", "0.5").exit_code == 0


def test_forecast_fails_above_a_chance_and_refuses_services_without_slas(shop: str) -> None:
    assert run_cli("forecast", shop, "--at", AT, "--fail-above", "0.5").exit_code == 1
    result = run_cli("forecast", shop, "intranet", "--at", AT)
    assert result.exit_code == 2
    assert "no SLA in force" in result.output
    later = run_cli("forecast", shop, "--at", "2026-10-31T23:59:00Z").stdout
    assert "no failure frequency known" in later


@pytest.mark.parametrize("moment", ["0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_a_moment_around_which_there_are_no_windows_is_an_error(shop: str, moment: str) -> None:
    result = run_cli("forecast", shop, "--at", moment)
    assert result.exit_code == 2
    assert "lies outside the years 1900 to 8999" in result.stderr

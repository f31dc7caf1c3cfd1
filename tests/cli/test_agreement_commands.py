"""``times`` and ``agreements``: tables, JSON, CSV, and the exit code of bad news."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

from cli.shop_export import json_of, run_cli

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "support-hours"
AT = ("--at", "2026-11-20T09:00Z")


def changed(folder: Path, **tables: str) -> str:
    """Return a copy of the example with some tables replaced; "" leaves a table out."""
    shutil.copytree(EXAMPLE, folder)
    for name, text in tables.items():
        if text:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        else:
            (folder / f"{name}.csv").unlink()
    return str(folder)


def test_times_stand_worst_first_with_the_way_and_the_worst_start() -> None:
    text = run_cli("times", str(EXAMPLE), *AT).stdout
    assert text.startswith("4 time targets: 4 missed.")
    row = next(line for line in text.splitlines() if "P1        resolution" in line)
    assert "8 h     7 h       71 h" in row
    assert "Fri 2026-11-06 13:00Z" in row
    assert "Web Team -> Database Team -> SAN support" in row
    assert "(1 CI not promised)" in text


def test_times_of_one_service_show_each_step_and_what_nobody_promises() -> None:
    text = run_cli("times", str(EXAMPLE), "Web Shop", *AT).stdout
    assert "Longest way of P1 resolution, Web Shop for Sales" in text
    assert "OLA   Database Team  office  2 h" in text
    assert "Nobody promises:\n- a time for SAN 1" in text


def test_times_that_never_end_and_slow_contracts_are_told(tmp_path: Path) -> None:
    source = changed(
        tmp_path / "shut",
        calendars="id,exceptions\n24x7,\noffice,2000-01-01/2099-01-01 closed\n",
        time_targets="agreement,priority,resolution_minutes\n"
        "sla-sales,P1,600\nola-web,P1,60\nola-db,P1,60\n",
    )
    assert "never done" in run_cli("times", source, *AT).stdout
    met = changed(
        tmp_path / "met",
        agreements="id,kind,covers,calendar\nsla,SLA,shop,\nola,OLA,web;db;san,\nupc,UPC,db,\n",
        time_targets="agreement,priority,resolution_minutes\nsla,P1,600\nola,P1,60\nupc,P1,90\n",
    )
    text = run_cli("times", met, *AT).stdout
    assert "met      sla  Web Shop  P1        resolution  10 h    60 min    60 min" in text
    assert "behind it only in 90" in text


def test_without_time_targets_there_is_nothing_to_say(tmp_path: Path) -> None:
    source = changed(tmp_path / "none", time_targets="")
    none = "0 time targets: none; the table time_targets holds those of SLAs in force.\n"
    assert run_cli("times", source, *AT).stdout == none


def test_many_missing_promises_are_counted(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(9)]
    source = changed(
        tmp_path / "many",
        cis="id,class\nshop,service\n" + "".join(f"{name},server\n" for name in names),
        relations="dependent,dependency\n" + "".join(f"shop,{name}\n" for name in names),
        agreements="id,kind,covers\nsla-sales,SLA,shop\n",
    )
    assert (
        "- and for 3 more; --json lists them all" in run_cli("times", source, "shop", *AT).stdout
    )


def test_json_and_csv_of_times_hold_minutes_steps_and_moments(tmp_path: Path) -> None:
    answer = json_of("times", str(EXAMPLE), *AT)
    assert answer["schema"] == "ripplegraph/times/1"
    one = next(v for v in answer["verdicts"] if (v["priority"], v["kind"]) == ("P1", "resolution"))
    assert (one["target_minutes"], one["promised_minutes"], one["worst_minutes"]) == (
        480,
        420,
        4260,
    )
    assert one["missed_by_hours_only"] is True
    assert [step["agreement"] for step in one["steps"]] == ["ola-web", "ola-db", "upc-san"]
    rows = list(csv.DictReader(io.StringIO(run_cli("times", str(EXAMPLE), "--csv", *AT).stdout)))
    assert (rows[2]["steps"], rows[2]["worst_minutes"]) == ("ola-web; ola-db; upc-san", "4260.0")
    shut = changed(
        tmp_path / "s", calendars="id,exceptions\n24x7,\noffice,2000-01-01/2099-01-01 closed\n"
    )
    never = csv.DictReader(io.StringIO(run_cli("times", shut, "--csv", *AT).stdout))
    assert {row["worst_end"] for row in never} == {""}


@pytest.mark.parametrize(("word", "code"), [("missed", 0), ("unprovable", 1)])
def test_fail_on_ends_with_one_from_that_verdict_on(tmp_path: Path, word: str, code: int) -> None:
    source = changed(
        tmp_path / "open",
        time_targets="agreement,priority,resolution_minutes\nsla-sales,P1,600\nola-web,P1,60\n",
    )
    assert run_cli("times", source, "--fail-on", word, *AT).exit_code == code
    assert run_cli("times", str(EXAMPLE), "--fail-on", word, *AT).exit_code == 1
    assert run_cli("times", str(EXAMPLE), *AT).exit_code == 0


def test_agreements_show_metrics_reviews_signatures_and_what_holds_for_whom() -> None:
    text = run_cli("agreements", str(EXAMPLE), *AT).stdout
    assert text.startswith("6 agreements, 5 in force at 2026-11-20 09:00 UTC.")
    assert "services with an up-to-date SLA     1 of 1" in text
    assert "2026-09-30 (51 days overdue)" in text
    assert "2025-12-15 by Sales and IT  75.00" in text
    assert "Wish of Sales  Sales     negotiating  sla-sales (agreed)  3 of 3 in force" in text
    assert "Web Shop  Sales     availability  99.5%      Web Shop for Sales  All services" in text


def test_other_targets_ends_and_differing_states_are_told(tmp_path: Path) -> None:
    source = changed(
        tmp_path / "more",
        agreements="id,kind,covers,max_outages,customer,valid_to,state\n"
        "a,SLA,shop,2,Sales,2027-01-31,agreed\nb,SLA,shop,3,,,agreed\nc,SLR,db,,,,draft\n",
        agreement_states="agreement,state,at\na,negotiating,2026-11-01\n",
    )
    text = run_cli("agreements", source, *AT).stdout
    assert "2027-01-31" in text
    assert "c    -         draft  -            0 of 0 in force" in text
    assert "Findings:\n- SLA 'a' is agreed in its own record, but negotiating" in text
    several = changed(
        tmp_path / "several",
        agreements="id,kind,covers,max_outages,customer\na,SLA,shop,2,Sales\nb,SLA,shop,3,\n",
        agreement_states="",
    )
    assert "max outages  2          a       b" in run_cli("agreements", several, *AT).stdout


def test_an_export_without_agreements_has_metrics_alone(tmp_path: Path) -> None:
    bare = {"agreements": "", "time_targets": "", "agreement_states": "", "calendars": ""}
    text = run_cli("agreements", changed(tmp_path / "bare", **bare), *AT).stdout
    assert text.startswith("0 agreements, 0 in force")
    assert "What calls first" not in text


def test_json_and_csv_of_agreements_hold_days_and_ids() -> None:
    answer = json_of("agreements", str(EXAMPLE), *AT)
    assert answer["schema"] == "ripplegraph/agreements/1"
    by_id = {one["agreement"]["agreement_id"]: one for one in answer["agreements"]}
    assert by_id["sla-sales"]["days_to_agree"] == 75
    assert by_id["sla-all"]["review_overdue"] is True
    assert answer["requirements"][0]["answered_by"] == ["sla-sales"]
    holding = {one["customer"]: one["agreements"] for one in answer["applicable"]}
    assert holding == {"": ["sla-all"], "Sales": ["sla-sales", "sla-all"]}
    metrics = {one["name"]: (one["value"], one["of"]) for one in answer["metrics"]}
    assert metrics["services_with_sla"] == (1, 1)
    text = run_cli("agreements", str(EXAMPLE), "--csv", *AT).stdout
    rows = {row["agreement"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows["sla-sales"]["signed_by"], rows["slr-sales"]["in_force"]) == (
        "Sales and IT",
        "false",
    )

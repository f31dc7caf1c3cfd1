"""``sla``: verdicts as tables, JSON and CSV, and the exit code of bad news."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli.shop_export import AT, json_of, run_cli, write_shop


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return str(write_shop(tmp_path / "shop"))


KNOWN = ("--set", "web-1=99%", "--set", "web-2=99%", "--set", "db=99.99%", "--at", AT)


def test_all_slas_stand_worst_first_with_budget_and_what_is_over(shop: str) -> None:
    text = run_cli("sla", shop, *KNOWN).stdout
    assert text.startswith("1 SLA: 1 missed.")
    row = next(line for line in text.splitlines() if line.startswith("missed"))
    assert "99.95%" in row
    assert "21.60 min" in row
    assert "over" in row
    assert "OLA Storage" in row


def test_unknown_inputs_are_named(shop: str) -> None:
    text = run_cli("sla", shop, "--at", AT).stdout
    assert "missed" in text.split("\n")[0]
    assert "- availability of Orders DB (1 SLA)" in text
    assert "Without proposals:\n- Gold: availabilities beneath it are unknown" in text
    whole = run_cli("sla", shop, "Web Shop", "--at", AT).stdout
    assert "No proposals: availabilities beneath it are unknown." in whole
    rows = [line for line in whole.splitlines() if line.startswith("spreadsheet: ")]
    assert [row.endswith("none: an availability is unknown") for row in rows] == [True, True]


def test_one_service_is_shown_whole_with_bars_and_the_spreadsheet_beside(shop: str) -> None:
    text = run_cli("sla", shop, "Web Shop", *KNOWN).stdout
    assert text.startswith("missed: Gold for Retail, 99.95% a month, on Shop Gold")
    assert "####" in text
    assert "no agreement" in text
    assert "spreadsheet: product" in text
    assert "; at worst by linear programme over minimal cut sets." in text
    nothing = run_cli("sla", shop, "Intranet", *KNOWN).stdout
    assert nothing.startswith("No SLA in force covers it.")


def test_json_holds_fractions_and_each_partition(shop: str) -> None:
    answer = json_of("sla", shop, *KNOWN)
    (one,) = answer["slas"]
    assert answer["schema"] == "ripplegraph/sla/1"
    assert (one["agreement"], one["target"], one["verdict"]) == ("SLA-1", 0.9995, "missed")
    assert one["budget_minutes"] == pytest.approx(21.6)
    kinds = {row["kind"] for row in one["contributions"]}
    assert kinds == {"ci", "class", "team", "supplier", "OLA", "none"}
    assert sum(
        row["minutes"] for row in one["contributions"] if row["kind"] in ("OLA", "UPC", "none")
    ) == pytest.approx((1 - one["independent"]) * one["agreed_minutes"])
    (open_one,) = json_of("sla", shop, "--at", AT)["slas"]
    assert open_one["independent"]["lower"] == 0.0
    assert open_one["headroom_minutes"]["upper"] < 0


def test_csv_has_one_row_per_sla(shop: str) -> None:
    (row,) = csv.DictReader(io.StringIO(run_cli("sla", shop, "--csv", *KNOWN).stdout))
    (one,) = json_of("sla", shop, *KNOWN)["slas"]
    for answer in ("contractual_worst", "contractual_worst_covered", "contractual_best"):
        assert float(row[f"{answer}_lower"]) == float(row[f"{answer}_upper"]) == one[answer]
    assert row["verdict_contractual_worst"] == one["verdict_contractual_worst"]
    assert (row["verdict"], row["agreement"], row["target"]) == ("missed", "SLA-1", "0.9995")


def test_fail_on_ends_with_one_on_bad_news_only(shop: str) -> None:
    perfect = ("--set", "san-1=100%", "--set", "db=100%", "--set", "web-1=100%", "--at", AT)
    assert run_cli("sla", shop, "--fail-on", "unprovable", *perfect).exit_code == 0
    assert run_cli("sla", shop, "--fail-on", "missed", *KNOWN).exit_code == 1
    half = ("--set", "san-1=100%", "--at", AT)
    assert run_cli("sla", shop, "--fail-on", "missed", *half).exit_code == 0
    assert run_cli("sla", shop, "--fail-on", "unprovable", *half).exit_code == 1


def test_class_defaults_fill_what_is_missing(shop: str) -> None:
    answer = json_of(
        "sla", shop, "--class-default", "server=99.9%", "--set", "db=99.9%", "--at", AT
    )
    assert answer["slas"][0]["label"] == "exact"


def test_short_times_are_seconds_and_perfect_services_have_bars_without_length(shop: str) -> None:
    known = ("--set", "san-1=99.9999%", "--set", "db=100%", "--set", "web-1=100%", "--at", AT)
    text = run_cli("sla", shop, "Shop Gold", *known).stdout
    assert text.startswith("met: Gold")
    assert " s" in text
    left = ("--set", "san-1=99.951%", "--set", "db=100%", "--set", "web-1=100%", "--at", AT)
    row = run_cli("sla", shop, *left).stdout.splitlines()[3]
    assert " s " in row


WHOLE = ("--set", "web-1=99%", "--set", "web-2=99%", "--set", "db=99.99%", "--at", AT)


def test_a_miss_comes_with_what_could_be_done(shop: str) -> None:
    text = run_cli("sla", shop, "Shop Gold", *WHOLE).stdout
    assert "What one agreement alone would need" in text
    assert "OLA Storage" in text
    assert "What an independent twin of a single point of failure would save" in text
    (one,) = json_of("sla", shop, *WHOLE)["slas"]
    kinds = [proposal["kind"] for proposal in one["proposals"]]
    assert kinds == ["single_agreement", "redundancy", "redundancy"]
    assert one["proposals"][0]["changes"][0]["id"] == "OLA-1"


def test_allocations_stand_in_columns_by_rule(tmp_path: Path) -> None:
    agreements = """\
id,kind,name,customer,provider,covers,target_availability
SLA-1,SLA,Gold,Retail,,shop-gold,99.9%
SLR-1,SLR,Platinum,Retail,,shop-gold,99.99%
OLA-1,OLA,OLA Storage,,Storage Team,san-1,99.9%
OLA-2,OLA,Data,,DBA Team,db,99.9%
"""
    shop = write_shop(tmp_path / "two", agreements=agreements)
    known = ("--set", "web-1=100%", "--set", "web-2=100%", "--at", AT)
    text = run_cli("sla", shop, "Shop Gold", *known).stdout
    assert "EQUAL FACTOR" in text
    assert "OLA Data" in text
    asked = run_cli("slr", shop, *known)
    assert asked.stdout.startswith("missed: Platinum for Retail, 99.99%")
    assert run_cli("slr", shop, "SLR-1", "--fail-on", "missed", *known).exit_code == 1
    assert json_of("slr", shop, "Platinum", *known)["slas"][0]["agreement"] == "SLR-1"
    assert run_cli("slr", shop, "nobody", *known).exit_code == 2


def test_allocate_says_the_targets_needed_and_ends_with_one_if_there_are_none(shop: str) -> None:
    target = ("--target", "99.95%")
    known = ("--set", "web-1=100%", "--set", "web-2=100%", "--set", "db=100%", "--at", AT)
    found = run_cli("allocate", shop, "Shop Gold", *target, *known)
    assert found.exit_code == 0
    assert "99.95% wanted, 99.9" in found.stdout
    assert "OLA Storage" in found.stdout
    assert json_of("allocate", shop, "Shop Gold", *target, *known)["is_enough"] is True
    stays = run_cli("allocate", shop, "Shop Gold", *target, "--fixed", "Storage Team", *known)
    assert stays.exit_code == 1
    assert "Not possible" in stays.stdout
    assert "OLA Storage" in stays.stdout.split("limit is what stays")[1]
    kept = run_cli("allocate", shop, "Shop Gold", "--target", "99%", *known)
    assert "no agreement has to change" in kept.stdout
    rows = list(
        csv.DictReader(
            io.StringIO(run_cli("allocate", shop, "Shop Gold", *target, *known, "--csv").stdout)
        )
    )
    assert (rows[0]["agreement"], rows[0]["target_then"]) == ("OLA-1", "0.9995")
    nothing = run_cli("allocate", shop, "Intranet", "--target", "99%", "--at", AT)
    assert nothing.exit_code == 0
    bad = run_cli("allocate", shop, "Shop Gold", "--target", "much", *known)
    assert bad.exit_code == 2
    unknown = run_cli("allocate", shop, "Shop Gold", *target, "--at", AT)
    assert unknown.exit_code == 2
    assert "--class-default" in unknown.stderr
    other = run_cli(
        "allocate",
        shop,
        "Shop Gold",
        *target,
        *known,
        "--rule",
        "equal-targets",
        "--for",
        "contractual-worst",
    )
    assert "raised to it" in other.stdout


def test_ceilings_stand_lowest_first_with_what_is_promised(shop: str) -> None:
    text = run_cli("sla", shop, "--ceiling", *WHOLE).stdout
    assert "the highest target that each could promise" in text.splitlines()[0]
    answer = json_of("sla", shop, "Shop Gold", "--ceiling", *WHOLE)
    assert answer["schema"] == "ripplegraph/sla-ceiling/1"
    (one,) = answer["ceilings"]
    assert (one["native_id"], one["targets"]) == ("shop-gold", [0.9995])
    rows = list(
        csv.DictReader(io.StringIO(run_cli("sla", shop, "--ceiling", "--csv", *WHOLE).stdout))
    )
    assert len(rows) == 4
    assert run_cli("sla", shop, "--ceiling", "--fail-on", "missed", *WHOLE).exit_code == 2


def test_verdicts_are_also_written_as_a_workbook_and_as_openslo(shop: str, tmp_path: Path) -> None:
    book, slo = tmp_path / "slas.xlsx", tmp_path / "slas.yaml"
    result = run_cli("sla", shop, "--xlsx", str(book), "--openslo", str(slo), *WHOLE)
    assert result.exit_code == 0
    assert "wrote" in result.stderr
    assert book.read_bytes()[:2] == b"PK"
    assert slo.read_text(encoding="utf-8").startswith("---\napiVersion: openslo/v1\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["shop", "slas.xlsx", "slas.yaml"]
    nowhere = str(tmp_path / "no" / "where.xlsx")
    assert run_cli("sla", shop, "--xlsx", nowhere, *WHOLE).exit_code == 2
    assert run_cli("sla", shop, "--xlsx", "", *WHOLE).exit_code == 2
    assert run_cli("sla", shop, "--ceiling", "--xlsx", str(book), *WHOLE).exit_code == 2

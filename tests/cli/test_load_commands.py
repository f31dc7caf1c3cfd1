"""The commands ``load``, ``check`` and ``export``."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from cli.shop_export import AT, CIS, RELATIONS, json_of, run_cli, write_shop
from ripplegraph.cli.work_budget import peak_memory_mib


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


@pytest.fixture
def dangling(tmp_path: Path) -> str:
    return write_shop(tmp_path / "dangling", relations=RELATIONS + "db,ghost,needs,,\n")


def test_load_shows_rows_per_file_totals_and_findings_by_severity(dangling: str) -> None:
    text = run_cli("load", dangling).stdout
    total = next(line for line in text.splitlines() if line.startswith("total"))
    assert total.split() == ["total", "23", "23", "0"]
    assert "The graph holds 10 CIs, 4 services among them" in text
    assert "1 error" in text
    assert "dangling-reference" in text
    assert "relations.csv:9" in text


def test_load_as_json_has_the_documented_fields(dangling: str) -> None:
    answer = json_of("load", dangling)
    assert answer["schema"] == "ripplegraph/load/1"
    assert set(answer["files"][0]) == {"file", "rows_read", "rows_used", "rows_reported"}
    for one in answer["files"]:
        assert one["rows_read"] == one["rows_used"] + one["rows_reported"]
    found = next(one for one in answer["findings"] if one["code"] == "dangling-reference")
    assert list(found) == ["code", "severity", "file", "row", "count", "message"]
    assert (found["file"], found["row"], found["severity"]) == ("relations.csv", 9, "error")
    assert answer["findings_by_severity"]["error"] == 1
    assert answer["graph"]["stubs"] == 1


def test_load_as_csv_gives_a_row_per_file(shop: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run_cli("load", shop, "--csv").stdout)))
    assert {row["file"] for row in rows} >= {"cis.csv", "relations.csv"}


def test_load_without_findings_says_so(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "clean")
    assert "No findings." in run_cli("load", folder).stdout


def test_a_limit_that_refuses_a_file_names_the_setting_that_raises_it(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json_of("load", shop)["graph"]
    monkeypatch.setenv("RIPPLEGRAPH_LIMITS", "memory_bytes=1500")
    answer = json_of("load", shop)
    refused = [one["message"] for one in answer["findings"] if one["code"] == "limit-exceeded"]
    assert "more than 1,500 bytes of memory (memory_bytes)" in refused[0]
    assert "raise the limit (RIPPLEGRAPH_LIMITS)" in refused[0]
    monkeypatch.setenv("RIPPLEGRAPH_LIMITS", "memory_bytes=900000000,rows=1000")
    assert json_of("load", shop)["graph"] == whole


def test_a_limit_that_nobody_knows_is_refused_with_those_that_are(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIPPLEGRAPH_LIMITS", "memory=900000000")
    done = run_cli("load", shop)
    assert done.exit_code == 2
    assert "'memory' is no limit" in done.stderr
    assert "memory_bytes" in done.stderr


def test_load_takes_several_files_as_one_export(shop: str) -> None:
    files = (str(Path(shop, "cis.csv")), str(Path(shop, "relations.csv")))
    assert json_of("load", *files)["graph"]["dependencies"] == 7
    also = json_of("load", files[0], "--also", files[1])
    assert also["graph"]["dependencies"] == 7


def test_dash_reads_the_export_from_stdin(shop: str) -> None:
    native = run_cli("export", shop).stdout.encode()
    result = run_cli("impact", "-", "san-1", "--json", stdin=native)
    assert result.exit_code == 0, result.stderr
    assert [one["native_id"] for one in json.loads(result.stdout)["impacted"]] == [
        "shop",
        "shop-gold",
    ]


def test_check_lists_findings_and_what_to_do(dangling: str) -> None:
    text = run_cli("check", dangling, "--at", AT).stdout
    assert "rows read" in text
    assert "dangling-reference" in text
    assert "service-without-sla" in text
    assert "Add its record; a stub stands for it." in text


def test_check_as_json_and_csv_lists_more_than_load(dangling: str) -> None:
    check, load = json_of("check", dangling, "--at", AT), json_of("load", dangling)
    assert check["schema"] == "ripplegraph/check/1"
    assert len(check["findings"]) > len(load["findings"])
    assert check["files"] == load["files"]
    text = run_cli("check", dangling, "--at", AT, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in rows] == [one["code"] for one in check["findings"]]


def test_findings_are_listed_worst_first(dangling: str) -> None:
    severities = [one["severity"] for one in json_of("check", dangling)["findings"]]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


@pytest.mark.parametrize("command", ["load", "check"])
def test_fail_on_error_exits_1_only_with_an_error_finding(
    command: str, shop: str, dangling: str
) -> None:
    assert run_cli(command, dangling, "--fail-on", "error").exit_code == 1
    assert run_cli(command, shop, "--fail-on", "error").exit_code == 0
    assert run_cli(command, dangling).exit_code == 0


def test_fail_on_warning_regards_what_is_worse_and_not_what_is_better(shop: str) -> None:
    assert run_cli("check", shop, "--at", AT, "--fail-on", "warning").exit_code == 1
    assert run_cli("check", shop, "--at", AT, "--fail-on", "error").exit_code == 0


def test_strict_stops_at_the_first_error_with_exit_2(dangling: str) -> None:
    result = run_cli("load", dangling, "--strict")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "ghost" in result.stderr
    assert "[dangling-reference]" in result.stderr


def test_export_that_is_not_there_exits_2(tmp_path: Path) -> None:
    result = run_cli("load", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_address_of_no_store_is_refused_with_what_to_give_instead() -> None:
    result = run_cli("load", "https://db.example/export.zip")
    assert result.exit_code == 2
    assert "cannot be read yet" in result.stderr


def test_json_and_csv_together_are_refused(shop: str) -> None:
    result = run_cli("load", shop, "--json", "--csv")
    assert result.exit_code == 2
    assert "not both" in result.stderr


@pytest.mark.parametrize("name", ["copy.json", "copy.yaml", "copy.xlsx", "tables"])
def test_exported_copy_loads_to_the_same_graph(shop: str, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    result = run_cli("export", shop, "-o", str(target))
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert f"wrote {target}" in result.stderr
    assert json_of("load", str(target))["graph"] == json_of("load", shop)["graph"]


def test_export_replaces_a_file_whole_and_keeps_its_permissions(shop: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.json"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    assert run_cli("export", shop, "-o", str(target)).exit_code == 0
    assert target.stat().st_mode & 0o777 == 0o640
    assert json.loads(target.read_text(encoding="utf-8"))
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_export_to_an_unknown_format_or_folder_is_refused(shop: str, tmp_path: Path) -> None:
    unknown = run_cli("export", shop, "-o", str(tmp_path / "copy.pdf"))
    assert unknown.exit_code == 2
    assert "tells no format" in unknown.stderr
    nowhere = run_cli("export", shop, "-o", str(tmp_path / "no" / "copy.json"))
    assert nowhere.exit_code == 2
    assert "cannot write" in nowhere.stderr


def test_control_characters_of_an_export_never_reach_the_terminal(tmp_path: Path) -> None:
    hostile = CIS + "esc,\x1b[2Jred\u202egnp,server,,,\n"
    folder = write_shop(tmp_path / "hostile", cis=hostile)
    for arguments in (("show", folder), ("impact", folder, "esc")):
        text = run_cli(*arguments).stdout
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b[2Jred\\u202egnp" in text


@pytest.mark.parametrize(
    "arguments", [("export", "SHOP", "-o", ""), ("export", "SHOP", "-o", " ")]
)
def test_empty_target_is_refused_and_nothing_is_written(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = run_cli(*(shop if one == "SHOP" else one for one in arguments))
    assert result.exit_code == 2
    assert "--output is empty" in result.stderr
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize("command", ["load", "services", "export"])
def test_empty_source_is_refused_and_not_read_as_the_current_folder(
    shop: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(shop)
    result = run_cli(command, "")
    assert result.exit_code == 2
    assert "SOURCE: it is empty" in result.stderr


def test_export_that_is_not_there_is_named_with_its_folder(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    for arguments in (("load", nowhere), ("mapping", "explain", nowhere)):
        assert f"{nowhere}: there is no such file" in run_cli(*arguments).stderr


@pytest.mark.parametrize("command", ["load", "check", "services", "export"])
def test_source_without_a_usable_row_exits_2_and_says_why(tmp_path: Path, command: str) -> None:
    page = tmp_path / "page.csv"
    page.write_text("title,text\nhello,world\n", encoding="utf-8")
    result = run_cli(command, str(page))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{page}: not one row of it could be used; page.csv: " in result.stderr
    assert "no table that ripplegraph knows" in result.stderr


def test_text_that_is_no_export_exits_2() -> None:
    readme = str(Path(__file__).parents[2] / "README.md")
    result = run_cli("load", readme)
    assert (result.exit_code, result.stdout) == (2, "")
    assert readme in result.stderr


def test_every_command_says_that_a_file_is_damaged_or_was_not_read_whole(tmp_path: Path) -> None:
    shop = Path(write_shop(tmp_path / "shop"))
    (shop / "more.json").write_text('{"cis": [{"id": "a"')
    result = run_cli("impact", str(shop), "db")
    assert result.exit_code == 0
    assert "damaged or were not read whole" in result.stderr
    assert "more.json" in result.stderr
    assert "damaged" not in run_cli("impact", write_shop(tmp_path / "w"), "db").stderr


def test_load_tells_the_peak_memory_of_reading_beside_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "cis.csv"
    path.write_text("id,class\nweb,server\n")
    resource = pytest.importorskip("resource")
    result = run_cli("load", str(path), "--json")
    told = re.search(r"peak memory of reading: ([\d,]+) MiB", result.stderr)
    assert told is not None
    peak_mib = int(told[1].replace(",", ""))
    # not what getrusage counts of this process: Linux counts it less exactly, up to 0.4 MiB lower
    of_this = peak_memory_mib()
    assert of_this is not None
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    assert 20 < peak_mib <= max(of_this, of_children)
    assert "peak" not in result.stdout

"""``load --into``, a store as SOURCE, and the commands of ``store``."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from cli.shop_export import AT, CIS, RELATIONS, json_of, run_cli, write_shop
from ripplegraph.wiring import sole_server


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return write_shop(tmp_path / "shop")


@pytest.fixture
def store(tmp_path: Path, shop: str) -> str:
    """A store that holds the shop as revision 1."""
    path = str(tmp_path / "estate.db")
    result = run_cli("load", shop, "--into", path, "--author", "ann", "--reason", "first")
    assert result.exit_code == 0, result.output
    assert result.stderr.endswith(f"kept as revision 1 of {path}\n")
    return path


@pytest.fixture
def second(tmp_path: Path, store: str) -> str:
    """The same store after a CI was renamed."""
    folder = write_shop(tmp_path / "second", cis=CIS.replace("Orders DB", "Order Database"))
    assert run_cli("load", folder, "--into", store, "--author", "bob").exit_code == 0
    return store


def test_answers_from_a_store_are_those_of_the_export(shop: str, store: str) -> None:
    for question in (
        ("impact", "san-1", "--json", "--at", AT),
        ("services", "--json", "--at", AT),
        ("check", "--json", "--at", AT),
        ("availability", "--json", "--at", AT),
        ("load", "--json"),
    ):
        command, *rest = question
        asked = [run_cli(command, source, *rest) for source in (shop, store)]
        assert asked[0].exit_code == asked[1].exit_code == 0
        assert asked[0].stdout == asked[1].stdout


def test_loading_the_same_again_says_that_nothing_differs(shop: str, store: str) -> None:
    assert "nothing differs from revision 1" in run_cli("load", shop, "--into", store).stderr


def test_an_earlier_revision_is_asked_by_number_or_time(second: str) -> None:
    assert json_of("show", second, "db", "--revision", "1")["ci"]["name"] == "Orders DB"
    assert json_of("show", second, "db")["ci"]["name"] == "Order Database"
    at = json_of("store", "revisions", second)["revisions"][0]["at"]
    assert json_of("show", second, "db", "--revision", at)["ci"]["name"] == "Orders DB"


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("9", "holds no revision 9"),
        ("soon", "'soon' is neither"),
        ("2026-01-01T00:00", "has no time zone"),
        ("2026-01-01T00:00Z", "holds no revision at 2026-01-01"),
    ],
)
def test_a_revision_that_is_not_there_is_an_error(store: str, revision: str, words: str) -> None:
    result = run_cli("services", store, "--revision", revision)
    assert result.exit_code == 2
    assert words in result.stderr


def test_an_export_has_no_revisions(shop: str) -> None:
    result = run_cli("services", shop, "--revision", "1")
    assert result.exit_code == 2
    assert "an export has no revisions" in result.stderr


@pytest.mark.parametrize(
    "option",
    [("--mapping", "generic"), ("--day-first",), ("--source-name", "x"), ("--strict",)],
)
def test_options_that_tell_how_to_read_are_refused_for_a_store(
    store: str, option: tuple[str, ...]
) -> None:
    result = run_cli("services", store, *option)
    assert result.exit_code == 2
    assert option[0] in result.stderr
    assert "is a store" in result.stderr


def test_a_store_is_named_alone(store: str, shop: str) -> None:
    result = run_cli("load", store, "--also", shop)
    assert result.exit_code == 2
    assert "Name a store alone" in result.stderr


def test_revisions_are_listed_newest_first(second: str) -> None:
    lines = run_cli("store", "revisions", second).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["2", "1"]
    assert "first" in lines[2]
    rows = list(csv.DictReader(io.StringIO(run_cli("store", "revisions", second, "--csv").stdout)))
    assert [row["author"] for row in rows] == ["ann", "bob"]


def test_diff_names_the_field_that_changed(second: str) -> None:
    answer = json_of("store", "diff", second, "1")
    assert (answer["old"], answer["new"]) == (1, 2)
    assert answer["differences"] == [
        {
            "change": "changed",
            "kind": "cis",
            "record": "csv / database / db",
            "fields": ["name"],
        }
    ]
    text = run_cli("store", "diff", second, "1", "2").stdout
    assert "1 record differs" in text
    assert "changed" in run_cli("store", "diff", second, "2", "1", "--csv").stdout


def test_a_long_diff_is_cut_with_a_count(tmp_path: Path, store: str) -> None:
    more = "".join(f"n{number},,server,,,\n" for number in range(120))
    folder = write_shop(tmp_path / "more", cis=CIS + more)
    assert run_cli("load", folder, "--into", store).exit_code == 0
    assert "... and 20 more" in run_cli("store", "diff", store, "1").stdout


def test_a_smaller_export_is_refused_until_it_is_allowed(tmp_path: Path, store: str) -> None:
    few = "\n".join(CIS.splitlines()[:4]) + "\n"
    folder = write_shop(tmp_path / "few", cis=few, relations=RELATIONS.splitlines()[0] + "\n")
    refused = run_cli("load", folder, "--into", store)
    assert refused.exit_code == 2
    assert "nothing was changed" in refused.stderr
    allowed = run_cli("load", folder, "--into", store, "--max-removed", "1")
    assert "revision 2" in allowed.stderr


def test_a_conflict_with_what_was_expected_is_told(shop: str, store: str) -> None:
    result = run_cli("load", shop, "--into", store, "--expected-revision", "0")
    assert result.exit_code == 2
    assert "the newest revision is 1, not 0" in result.stderr


def test_verify_backup_and_prune(second: str, tmp_path: Path) -> None:
    assert "is sound" in run_cli("store", "verify", second).stdout
    copy = str(tmp_path / "copy.db")
    assert run_cli("store", "backup", second, copy).exit_code == 0
    assert len(json_of("store", "revisions", copy)["revisions"]) == 2
    pruned = run_cli("store", "prune", second, "--keep-from", "2", "--author", "ann")
    assert "kept the revisions from 2 on" in pruned.stderr
    assert len(json_of("store", "revisions", second)["revisions"]) == 1


def test_the_audit_lists_imports_and_prunings(second: str) -> None:
    run_cli("store", "prune", second, "--keep-from", "2", "--author", "ann", "--reason", "space")
    entries = json_of("store", "audit", second)["entries"]
    assert [one["action"] for one in entries] == ["publish", "publish", "prune"]
    assert (entries[2]["author"], entries[2]["detail"]) == (
        "ann",
        "revisions before 2: space",
    )
    assert "revisions before 2: space" in run_cli("store", "audit", second).stdout


def test_migrate_says_what_it_did(store: str) -> None:
    assert "has schema 2 already" in run_cli("store", "migrate", store).stderr


def test_verify_tells_the_versions_of_what_keeps_the_store(store: str) -> None:
    assert re.search(
        r"is sound \(SQLite 3\.\d+.* by apsw .*, schema 2\)\.",
        run_cli("store", "verify", store).stdout,
    )


def test_a_second_server_of_the_same_store_is_refused_while_imports_go_on(
    store: str, shop: str
) -> None:
    with sole_server(store):
        refused = run_cli("serve", store, "--port", "0")
        assert refused.exit_code == 2
        assert f"is served by process {os.getpid()} already" in refused.stderr
        assert run_cli("load", shop, "--into", store).exit_code == 0


def test_a_store_that_was_served_may_be_served_again(store: str) -> None:
    for _ in range(2):
        with sole_server(store):
            pass


def test_verify_of_a_damaged_store_exits_1(store: str) -> None:
    from ripplegraph.store.sqlite.schema import connect  # noqa: PLC0415

    connection = connect(Path(store), writes=True)
    connection.execute("DELETE FROM record WHERE kind = 'outages'")
    connection.close()
    result = run_cli("store", "verify", store)
    assert result.exit_code == 1
    assert "not what was published" in result.stdout


def test_what_is_no_store_is_told(shop: str) -> None:
    result = run_cli("store", "revisions", shop)
    assert result.exit_code == 2
    assert "it is no store" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux only")
def test_a_file_whose_name_is_not_in_utf_8_is_kept_and_told(shop: str, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"gru\xdfe")
    shutil.copytree(shop, folder)
    inner = folder / os.fsdecode(b"stra\xdfe")
    inner.mkdir()
    (folder / "cis.csv").rename(inner / "cis.csv")
    (folder / os.fsdecode(b".h\xdf")).touch()
    kept = str(tmp_path / "new.db")
    result = run_cli("load", str(folder), "--into", kept, "--author", os.fsdecode(b"J\xfcrgen"))
    assert "kept as revision 1" in result.stderr
    (revision,) = json_of("store", "revisions", kept)["revisions"]
    assert (revision["source"][-10:], revision["author"]) == (r"gru\udcdfe", r"J\udcfcrgen")
    assert run_cli("store", "verify", kept).exit_code == 0

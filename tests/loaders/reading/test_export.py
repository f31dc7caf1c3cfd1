"""Folders, zips, workbooks, Parquet, stdin and several files as one export."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import RawExport, ReadLimits, read_export

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def _codes(export: RawExport) -> set[tuple[str, str]]:
    return {(one.code, one.file) for one in export.findings}


def _zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_folder_is_one_export_and_every_other_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub" / "Relations.CSV").write_text("a,b\n1,2\n")
    (tmp_path / "cis.csv").write_text("id\n1\n")
    (tmp_path / "README.md").write_text("hello")
    (tmp_path / ".hidden.csv").write_text("id\n1\n")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "page.csv").write_text("<html>")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "out.csv").symlink_to("/etc/hosts")
    export = read_export([tmp_path])
    tables = [(table.name, table.file) for table in export.tables]
    assert tables == [("cis", "cis.csv"), ("relations", "sub/Relations.CSV")]
    assert _codes(export) == {
        ("not-in-folder", "README.md"),
        ("not-in-folder", "pipe.csv"),
        ("not-in-folder", "out.csv"),
        ("not-in-folder", ""),
        ("broken-file", "broken.json"),
        ("unreadable-file", "page.csv"),
    }
    hidden = next(one for one in export.findings if one.file == "")
    assert (hidden.count, hidden.message.partition(": ")[2]) == (2, ".git, .hidden.csv")


def test_refused_file_of_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n" + "abcdefghij\n" * 6000)
    (tmp_path / "b.csv").write_text("id\n" + "abcdefghij\n" * 100)
    export = read_export([tmp_path], limits=ReadLimits(memory_bytes=300_000))
    assert [table.file for table in export.tables] == ["b.csv"]
    assert _codes(export) == {("limit-exceeded", "a.csv")}


def test_folder_without_export_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    with pytest.raises(UnreadableFileError, match="holds no export file that could be read"):
        read_export([tmp_path])


def test_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("id\n1\n")
    with pytest.raises(LimitExceededError, match=r"more than 2 files \(folder_files\)"):
        read_export([tmp_path], limits=ReadLimits(folder_files=2))


def test_several_paths_are_one_export_with_labels_that_tell_them_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cis.csv").write_text(f"id\n{name}\n")
    one, two = tmp_path / "one" / "cis.csv", tmp_path / "two" / "cis.csv"
    labels = [table.file for table in read_export([one, two]).tables]
    assert labels == [str(one), str(two)]
    labels = [table.file for table in read_export([one, tmp_path / "two"]).tables]
    assert labels == ["cis.csv", "two/cis.csv"]


def test_missing_one_of_several_files_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id\n1\n")
    export = read_export([tmp_path / "cis.csv", tmp_path / "gone.csv"])
    assert _codes(export) == {("unreadable-file", "gone.csv")}


def test_cycle_collector_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id\n1\n")
    read_export([tmp_path / "cis.csv"])
    assert gc.isenabled()
    gc.disable()
    try:
        read_export([tmp_path / "cis.csv"])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_missing_sole_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"gone\.csv: there is no such file"):
        read_export([tmp_path / "gone.csv"])


def test_path_that_no_system_can_open_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match=r"there is no such file|cannot be opened"):
        read_export([Path("a" * 5000)])


def test_dash_reads_stdin_and_its_kind_is_found_out() -> None:
    export = read_export([Path("-")], stdin=io.BytesIO(b"id;name\n1;a\n"))
    assert (export.tables[0].name, export.tables[0].columns["name"]) == ("stdin", ["a"])
    export = read_export([Path("-")], stdin=io.BytesIO(b'{"a": 1}'))
    assert export.documents[0].data == {"a": 1}
    export = read_export([Path("-")], stdin=io.BytesIO(b"a:\n  b: 1\n"))
    assert export.documents[0].data == {"a": {"b": 1}}
    export = read_export([Path("-")], stdin=io.BytesIO(b"<set><r><a>1</a></r></set>"))
    assert export.tables[0].columns == {"a": ["1"]}


def test_endless_stdin_is_refused() -> None:
    with pytest.raises(LimitExceededError, match="stdin: refused, it is longer than 1,000 bytes"):
        read_export([Path("/dev/zero").parent / "stdin-is-not-used", Path("-")][1:],
                    stdin=io.BytesIO(b"x" * 2000), limits=ReadLimits(file_bytes=1000))  # fmt: skip


def test_device_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="it is a device"):
        read_export([Path("/dev/zero")])


def test_pipe_that_nobody_writes_to_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cis.csv")
    with pytest.raises(LimitExceededError, match=r"nothing came out of the pipe.* \(seconds\)"):
        read_export([tmp_path / "cis.csv"], limits=ReadLimits(seconds=0.1))


def test_named_pipe_with_a_slow_writer_is_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cis.csv")
    script = "echo id; sleep 0.2; echo a; sleep 0.2; seq 100000"
    with subprocess.Popen(["sh", "-c", f'({script}) > "$0"', str(tmp_path / "cis.csv")]):
        (table,) = read_export([tmp_path / "cis.csv"]).tables
    assert len(table) == 100_001


def test_pipe_whose_writer_has_already_gone_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"id,name\n1,a\n")
    os.close(writing)
    try:
        (table,) = read_export([Path(f"/dev/fd/{reading}")]).tables
    finally:
        os.close(reading)
    assert table.columns == {"id": ["1"], "name": ["a"]}


def test_link_to_a_folder_is_not_followed_but_told(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "cis.csv").write_text("id\n1\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "relations.csv").write_text("a,b\n1,2\n")
    (tmp_path / "export" / "more").symlink_to(tmp_path / "elsewhere")
    export = read_export([tmp_path / "export"])
    assert [table.file for table in export.tables] == ["cis.csv"]
    assert _codes(export) == {("not-in-folder", "more")}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"", "it is empty"),
        ("a.gz", b"\x1f\x8bxxx", "gzip"),
        ("a.pdf", b"%PDF-1.4", "PDF"),
        ("a.zip", b"no zip at all", "it is no zip file"),
        ("a.zip", b"PK\x03\x04 and then nothing", "it is a broken zip"),
        ("a.parquet", b"id\n1\n", "it is no parquet file"),
        ("a.xlsx", b"PK\x03\x04 and then nothing", "it is a broken zip"),
    ],
)
def test_sole_file_of_the_wrong_kind_is_refused(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnreadableFileError, match=reason):
        read_export([tmp_path / name])


def test_json_that_is_called_csv_is_read_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('{"error": {"message": "no"}}')
    assert read_export([tmp_path / "a.csv"]).documents[0].data == {"error": {"message": "no"}}


def test_zip_is_read_in_place_and_what_climbs_out_is_refused(tmp_path: Path) -> None:
    members = {
        "x/cis.csv": "id\n1\n", "readme.txt": "x", "__MACOSX/cis.csv": "id\n", "in.zip": "x",
        "../evil.csv": "id\n1\n", "/abs.csv": "id\n", "c:/abs.csv": "id\n", "acme.json": "{}",
    }  # fmt: skip
    path = _zip(tmp_path / "e.zip", members)
    export = read_export([path])
    assert [(table.name, table.file) for table in export.tables] == [("cis", "e.zip/x/cis.csv")]
    assert [one.file for one in export.documents] == ["e.zip/acme.json"]
    assert _codes(export) == {
        ("not-in-folder", "e.zip/readme.txt"),
        ("not-in-folder", "e.zip/__MACOSX/cis.csv"),
        ("unreadable-file", "e.zip/in.zip"),
        ("unreadable-file", "e.zip/../evil.csv"),
        ("unreadable-file", "e.zip//abs.csv"),
        ("unreadable-file", "e.zip/c:/abs.csv"),
    }
    assert list(tmp_path.iterdir()) == [path]


def test_encrypted_and_second_members_are_findings(tmp_path: Path) -> None:
    members = {"a.csv": "id\n1\n", "b.csv": "id\n2\n", "secret.csv": "id\n3\n"}
    path = _zip(tmp_path / "e.zip", members)
    data = bytearray(path.read_bytes().replace(b"b.csv", b"a.csv"))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    export = read_export([path])
    assert [table.columns for table in export.tables] == [{"id": ["1"]}]
    assert _codes(export) == {
        ("unreadable-file", "e.zip/a.csv"),
        ("unreadable-file", "e.zip/secret.csv"),
    }


def test_zip_over_its_limits_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", {f"{i}.csv": "id\n1\n" for i in range(300)})
    with pytest.raises(LimitExceededError, match="archive_members"):
        read_export([path], limits=ReadLimits(archive_members=299))
    with pytest.raises(LimitExceededError, match="archive_members"):
        read_export([path], limits=ReadLimits(archive_members=10))
    export = read_export([path], limits=ReadLimits(unpacked_bytes=50))
    assert len(export.tables) == 10
    assert {one.code for one in export.findings} == {"limit-exceeded"}


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "CIs"
    sheet.append(["id", "n", "f", "at", "day", "ok", "took"])
    sheet.append([" a ", 5, 0.9995, datetime(2026, 1, 2, 3, 4, 5), date(2026, 1, 2), True])  # noqa: DTZ001
    sheet.append([])
    sheet.append(["b", 1.5, None, None, None, False, timedelta(hours=1)])
    book.create_sheet("empty")
    book.save(path)
    return path


def test_workbook_gives_a_table_per_sheet_with_the_rows_of_the_sheet(tmp_path: Path) -> None:
    export = read_export([_workbook(tmp_path / "book.xlsx")])
    (table,) = export.tables
    assert (table.name, table.file, list(table.rows)) == ("cis", "book.xlsx#CIs", [2, 4])
    assert table.columns == {
        "id": ["a", "b"],
        "n": ["5", "1.5"],
        "f": ["0.9995", ""],
        "at": ["2026-01-02 03:04:05", ""],
        "day": ["2026-01-02", ""],
        "ok": ["true", "false"],
        "took": ["", "1:00:00"],
    }
    assert _codes(export) == {("empty-table", "book.xlsx#empty")}


def test_workbook_is_read_from_stdin_and_from_a_zip(tmp_path: Path) -> None:
    data = _workbook(tmp_path / "book.xlsx").read_bytes()
    export = read_export([Path("-")], stdin=io.BytesIO(data))
    assert export.tables[0].file == "stdin#CIs"
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.write(tmp_path / "book.xlsx", "book.xlsx")
    assert read_export([tmp_path / "e.zip"]).tables[0].file == "e.zip/book.xlsx#CIs"


def test_file_of_the_working_folder_cannot_pose_as_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    assert len(read_export([_workbook(tmp_path / "book.xlsx")]).tables) == 1


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (ReadLimits(unpacked_bytes=1000), "unpacked_bytes"),
        (ReadLimits(columns=2), "sheet 'CIs' is too wide or too long"),
        (ReadLimits(memory_bytes=100), "memory"),
        (ReadLimits(seconds=0.001), "takes longer than 0.001 s"),
    ],
)
def test_workbook_over_a_limit_is_refused(tmp_path: Path, limits: ReadLimits, text: str) -> None:
    path = _workbook(tmp_path / "book.xlsx")
    with pytest.raises(LimitExceededError, match=text):
        read_export([path], limits=limits)


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": ["a", None],
            "n": [1, 2],
            "tags": [["x", "y"], None],
            "at": [datetime(2026, 1, 1, tzinfo=UTC), None],
        }
    )
    frame.write_parquet(tmp_path / "cis.parquet")
    (table,) = read_export([tmp_path / "cis.parquet"]).tables
    assert (table.name, table.file, list(table.rows)) == ("cis", "cis.parquet", [2, 3])
    assert table.columns == {
        "id": ["a", ""],
        "n": ["1", "2"],
        "tags": ["x;y", ""],
        "at": ["2026-01-01 00:00:00+00:00", ""],
    }


def test_real_incident_log_is_read_whole() -> None:
    path = SHARED / "uci_incident"
    if not path.is_dir():
        pytest.skip("the shared data is not here")
    (table,) = read_export([path]).tables
    assert (len(table), len(table.columns)) == (119_998, 36)


def test_real_exports_of_servicenow_are_read() -> None:
    path = SHARED / "servicenow"
    if not path.is_dir():
        pytest.skip("the shared data is not here")
    export = read_export([path])
    assert ([len(table) for table in export.tables], len(export.documents)) == ([67], 52)
    assert {one.code for one in export.findings} == {"not-in-folder"}
    cancelled = path / "table_api_samples" / "cmdb_ci_result_malformed_json_with_error_msg.txt"
    assert "error" in str(read_export([cancelled]).documents[0].data)

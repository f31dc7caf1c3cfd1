"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import ripplegraph
from graph_building import graph_of
from ripplegraph.loaders import tables_out
from ripplegraph.loaders.whole_files import beside


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_files_take_their_names_at_the_end_and_keep_their_permissions(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("before")
    one.chmod(0o640)
    with beside(one, other) as files:
        for file in files:
            file.write_text("after")
        assert one.read_text() == "before"
        assert not other.exists()
    assert (one.read_text(), other.read_text()) == ("after", "after")
    assert stat.S_IMODE(one.stat().st_mode) == 0o640
    assert names_in(tmp_path) == ["one.csv", "other.csv"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_nothing_is_half_written_when_writing_stops(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    one = tmp_path / "one.csv"
    one.write_text("before")

    def write_half() -> None:
        with beside(one, tmp_path / "other.csv") as files:
            files[0].write_text("half")
            raise stop

    with pytest.raises(stop):
        write_half()
    assert one.read_text() == "before"
    assert names_in(tmp_path) == ["one.csv"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_links_stay_links_and_pipes_stay_pipes(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with beside(tmp_path / "link") as (file,):
        file.write_text("after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"
    os.mkfifo(tmp_path / "pipe")
    with beside(tmp_path / "pipe") as (file,):
        assert file == tmp_path / "pipe"
    assert (tmp_path / "pipe").is_fifo()


def test_tables_stopped_halfway_leave_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ripplegraph.write_tables(graph_of("shop -> db"), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    written: list[str] = []

    def stops_at_the_second(rows: object) -> str:
        written.append("")
        if len(written) == 2:
            raise KeyboardInterrupt
        return "half"

    monkeypatch.setattr(tables_out, "csv_text", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        ripplegraph.write_tables(graph_of("shop -> web"), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before

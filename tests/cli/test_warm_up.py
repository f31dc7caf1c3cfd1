"""``warm-up``, and what a person hears of compiling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest
from typer.testing import CliRunner

import ripplegraph
from ripplegraph.cli import rehearsal
from ripplegraph.cli.main import app
from ripplegraph.cli.session import CompilingLines, ProgressLine, tell_of_compiling
from ripplegraph.graph.compilation import CompilePolicy, compile_with, kernel_of
from ripplegraph.impact.availability import rehearsal as engine
from ripplegraph.settings import kernel_cache_folder
from ripplegraph.store import rows


@pytest.fixture(autouse=True)
def _own_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = compile_with(CompilePolicy())
    yield
    compile_with(before)


def test_warm_up_says_how_much_it_compiled_and_where_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rehearsal, "_CIS", 2_000)  # too small to compile for
    # these two compile, whatever the size
    monkeypatch.setattr(engine, "rehearse", lambda: None)
    monkeypatch.setattr(rows, "records_of_rows", lambda _rows, is_compiled: None)
    result = CliRunner().invoke(app, ["warm-up"])
    assert result.exit_code == 0
    assert result.stdout.startswith("compiled 0 kernels in ")
    assert str(tmp_path / "ripplegraph" / "kernels") in result.stdout


def test_the_rehearsal_is_a_whole_export_with_a_cycle_groups_and_flaws(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rehearsal, "_CIS", 2_000)
    asked: list[str] = []
    monkeypatch.setattr(engine, "rehearse", lambda: asked.append("availability"))
    monkeypatch.setattr(rows, "records_of_rows", lambda _rows, is_compiled: asked.append("rows"))
    rehearsal.write_rehearsal(tmp_path)
    graph = ripplegraph.load(tmp_path)
    codes = {finding.code for finding in ripplegraph.validate(graph)}
    assert {"cycle", "dangling-reference", "duplicate-relation", "self-relation"} <= codes
    assert len(graph.group_rules) > 100
    assert graph.cis.name[100] == 'CI "100"'
    rehearsal.ask_everything(tmp_path)
    assert asked == ["availability", "rows"]


def _twice(number: int) -> int:
    return 2 * number


def _thrice(number: int) -> int:
    return 3 * number


def _four_times(number: int) -> int:
    return 4 * number


@pytest.mark.parametrize("line", [ProgressLine(), None], ids=["terminal", "log"])
def test_who_waits_hears_that_kernels_are_compiled_and_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], line: ProgressLine | None
) -> None:
    clock = iter([0.0, 9.0, 11.0])
    tell_of_compiling(line, clock=lambda: next(clock))
    for kernel in (_twice, _thrice, _four_times):
        copy = FunctionType(kernel.__code__, kernel.__globals__, kernel.__name__)
        assert kernel_of(copy, is_compiled=True)(4) == kernel(4)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("compiling, once, for a minute or so") == 1
    assert "warm-up" in captured.err
    assert captured.err.count("still compiling, 3 kernels so far") == 1


def test_a_line_on_compiling_takes_the_progress_away_before_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = ProgressLine(quiet_seconds=0, step_seconds=0)
    clock = iter([0.0, 11.0])
    lines = CompilingLines("compiling", line, lambda: next(clock))
    for done in (1, 2):
        line("cis.csv", done, 10)
        lines("kernel")
    progress = "\r\x1b[Kreading cis.csv: {} % of 0 MB\r\x1b[Kripplegraph: {}\n"
    assert capsys.readouterr().err == (
        progress.format(10, "compiling") + progress.format(20, "still compiling, 2 kernels so far")
    )


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/ripplegraph/kernels"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/cache"}, "/cache/ripplegraph/kernels"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "here"}, "/h/.cache/ripplegraph/kernels"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/ripplegraph/kernels"),
        ("win32", {"USERPROFILE": "/ada"}, "/ada/AppData/Local/ripplegraph/kernels"),
        ("linux", {}, None),
    ],
)
def test_kernels_are_kept_where_the_system_keeps_caches(
    platform: str, environment: dict[str, str], folder: str | None
) -> None:
    assert kernel_cache_folder(environment, platform=platform) == folder

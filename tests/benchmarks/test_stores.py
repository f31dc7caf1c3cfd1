"""Rows on the stores, at a small size."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.rows import WrongAnswerError
from benchmarks.stores import store_rows
from benchmarks.subject import Subject


def test_an_estate_goes_in_and_comes_back_with_every_dependency(tmp_path: Path) -> None:
    found = store_rows(Subject(300, estates=tmp_path), rounds=1)
    assert [one.name for one in found] == ["into SQLite", "back from SQLite"]


def test_a_store_that_loses_a_dependency_stops_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import stores  # noqa: PLC0415 - what is patched

    monkeypatch.setattr(stores, "read_bare", lambda _: ([], []))
    with pytest.raises(WrongAnswerError, match="every dependency too"):
        store_rows(Subject(300, estates=tmp_path), rounds=1)

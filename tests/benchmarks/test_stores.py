"""Rows on the stores, at a small size."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.neo4j_store import what_is_sent
from benchmarks.rows import WrongAnswerError
from benchmarks.stores import store_rows
from benchmarks.subject import Subject
from ripplegraph.store.neo4j import cypher


def test_an_estate_goes_in_and_comes_back_with_every_dependency(tmp_path: Path) -> None:
    found = store_rows(Subject(300, estates=tmp_path), rounds=1)
    assert [one.name for one in found] == ["into SQLite", "into SQLite", "back from SQLite"]
    assert [bool(one.goal) for one in found] == [True, False, True]


def test_a_store_that_loses_a_dependency_stops_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import stores  # noqa: PLC0415 - what is patched

    monkeypatch.setattr(stores, "read_bare", lambda _: ([], []))
    with pytest.raises(WrongAnswerError, match="every dependency too"):
        store_rows(Subject(300, estates=tmp_path), rounds=1)


def test_a_bare_script_sends_every_row_of_an_estate_to_a_server(tmp_path: Path) -> None:
    graph = Subject(300, estates=tmp_path).graph
    sent = {text: len(given["rows"]) for text, given in what_is_sent(graph)}
    assert sent[cypher.STAGE_CIS] == graph.ci_count
    dependencies = sent[cypher.STAGE_DEPENDS_ON] + sent.get(cypher.STAGE_RELATED_TO, 0)
    assert dependencies == len(graph.topology.edge_dependent)

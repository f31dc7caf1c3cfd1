"""A writer that is killed leaves the old or the new state whole: revisions, journal, audit.

A server that is killed leaves word in its audit of what it answered, and of what was done.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from neo4j_server import Neo4jServer, versions_here
from ripplegraph.store.sqlite.schema import connect
from store.conftest import skipping
from store.test_conformance import empty_server

ROOT = Path(__file__).parents[2]


def kills_of(kind: str, place: str, killer: str = "store.killed_writers") -> tuple[int, int, int]:
    """Return how many writers were killed, and the revisions and commits that came through."""
    done = subprocess.run(
        [sys.executable, "-m", killer, kind, place],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src:tests:tools/neo4j"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, revisions, commits = map(int, re.findall(r"\d+", done.stdout))
    return kills, revisions, commits


def test_an_embedded_store_is_whole_after_every_kill_of_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    connect(path, create=True, writes=True).close()
    kills, revisions, commits = kills_of("sqlite", str(path))
    assert kills >= 80
    assert revisions > 20, "the kills came too early to mean anything"
    assert commits > 20, "the kills came too early to mean anything"


@pytest.mark.neo4j
def test_a_store_in_neo4j_is_whole_after_every_kill_of_its_writer(neo4j_uri: str) -> None:
    empty_server(neo4j_uri)
    kills, revisions, commits = kills_of("neo4j", neo4j_uri)
    assert kills >= 35
    assert revisions > 5, "the kills came too early to mean anything"
    assert commits > 5, "the kills came too early to mean anything"


@pytest.mark.neo4j
def test_a_shared_store_is_whole_after_every_kill_of_its_server(
    tmp_path: Path,
) -> None:
    with skipping():
        Neo4jServer(versions_here()[0], tmp_path)
    kills, revisions, commits = kills_of("server", str(tmp_path))
    assert kills >= 5
    assert revisions > 5, "the kills came too early to mean anything"
    assert commits > 5, "the kills came too early to mean anything"


def test_the_audit_of_an_embedded_store_tells_what_killed_servers_did(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    connect(path, create=True, writes=True).close()
    check_servers(*kills_of("sqlite", str(path), "api.killed_servers"))


@pytest.mark.neo4j
def test_the_audit_in_neo4j_tells_what_killed_servers_did(neo4j_uri: str) -> None:
    empty_server(neo4j_uri)
    check_servers(*kills_of("neo4j", neo4j_uri, "api.killed_servers"))


def check_servers(kills: int, answered: int, left_begun: int) -> None:
    """Check that kills came before, while and after the write was done."""
    assert kills >= 9
    assert 0 < answered < kills
    assert left_begun >= 2, "no kill came between a write and its answer"

"""A real Neo4j server for the tests that need one, started once for each version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conftest import server_of
from neo4j_server import Neo4jMissingError, Neo4jServer, versions_here


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse a test whose name does not tell which server it needs."""
    needed = set(getattr(item, "fixturenames", ()))
    call = getattr(item, "callspec", None)
    needed |= {one for one in call.params.values() if isinstance(one, str)} if call else set()
    for server in needed & {"neo4j_uri", "newest_neo4j_uri"}:
        assert server_of(item.nodeid) == server, f"{item.nodeid} is on {server}: name it so"


@contextmanager
def skipping() -> Iterator[None]:
    """Skip with the reason where there is no server, but never in CI."""
    try:
        yield
    except Neo4jMissingError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


def started(version: str, tmp_path_factory: pytest.TempPathFactory) -> Neo4jServer:
    """Start a server, or skip."""
    with skipping():
        server = Neo4jServer(version, tmp_path_factory.mktemp("neo4j"))
        server.start()
    return server


@pytest.fixture(scope="session")
def neo4j_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the oldest version, or of the one that the environment names."""
    given = os.environ.get("RIPPLEGRAPH_TEST_NEO4J_URI")
    if given:
        yield given
        return
    server = started(versions_here()[0], tmp_path_factory)
    yield server.uri
    server.stop()


@pytest.fixture(scope="session")
def newest_neo4j_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the newest version for which there is a Java."""
    versions = versions_here()
    if len(versions) == 1:
        pytest.skip("no Java here is new enough for the newest Neo4j")
    server = started(versions[-1], tmp_path_factory)
    yield server.uri
    server.stop()

"""How tests run: those of one Neo4j server in one process; drawn examples take their time."""

from __future__ import annotations

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


def server_of(node_id: str) -> str | None:
    """Return the fixture of the Neo4j server that a test needs, as its name tells."""
    if "neo4j" not in node_id:
        return None
    is_newest = "newest_neo4j" in node_id or "newest_server" in node_id
    return "newest_neo4j_uri" if is_newest else "neo4j_uri"


class ServerScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One process runs all tests of a server, so that each server is started once.

    xdist's own groups stand in the ids of tests, which pytest 9.2 no longer lets it change.
    """

    def _split_scope(self, nodeid: str) -> str:
        return server_of(nodeid) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ServerScheduling | None:
    """Use this scheduling unless the command line asks for another."""
    return ServerScheduling(config, log) if config.getvalue("dist") == "load" else None

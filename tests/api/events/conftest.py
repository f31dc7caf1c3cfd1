"""The estate that most tests of events are told of, and a server of it over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from api.servers import ReadyGraph, estate_of, serving_estate
from graph_building import graph_of
from ripplegraph.api.estates import ServedEstate


@pytest.fixture
def estate() -> ServedEstate:
    return estate_of(ReadyGraph(graph_of("shop -> web & db; web -> h1 | h2")))


@pytest.fixture
def client(estate: ServedEstate) -> Iterator[httpx.Client]:
    with serving_estate(estate) as client:
        yield client

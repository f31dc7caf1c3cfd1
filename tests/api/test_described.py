"""Every operation answers as the API's description says, to what fits it and to what does not."""

from __future__ import annotations

from collections.abc import Iterator
from shutil import rmtree
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from api.servers import ReadyGraph, estate_of, serving_estate
from api.test_tenants import estate, whole_app
from ripplegraph.wiring.serving import edges_of

MOST_OF_AN_ADDRESS = 8_000
"""Bytes; longer ones are refused by the server before the API sees them."""

STREAMS = {"GET /v1/stream", "GET /v1/jobs/{job_id}/events"}
"""They do not end; tests of their own read them."""

CONFIG = schemathesis.Config.from_dict(
    # an operation that this server does not offer, or cannot now, refuses what is malformed too
    {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx", 501, 503]}}}
)
SCHEMA = schemathesis.openapi.from_dict(whole_app().openapi(), config=CONFIG)
_FOUND: list[Any] = [one.ok() for one in SCHEMA.get_all_operations()]  # type: ignore[union-attr]
OPERATIONS = {one.label: one for one in _FOUND}


def can_be_wrong(operation: Any) -> bool:
    return any(True for _ in operation.iter_parameters()) or bool(operation.body)


ASKED = [
    (label, mode)
    for label, operation in OPERATIONS.items()
    if label not in STREAMS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or can_be_wrong(operation)
]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    edges = edges_of(None)
    with serving_estate(estate_of(ReadyGraph(estate())), edges=edges) as client:
        yield client
    rmtree(edges.spool, ignore_errors=True)


@pytest.mark.parametrize(
    ("label", "mode"), ASKED, ids=[f"{label} {mode.value}" for label, mode in ASKED]
)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_every_operation_answers_as_described(
    client: httpx.Client, label: str, mode: GenerationMode, data: st.DataObject
) -> None:
    case = data.draw(OPERATIONS[label].as_strategy(generation_mode=mode))
    base = str(client.base_url).rstrip("/")
    address = case.as_transport_kwargs(base_url=base)
    words = httpx.QueryParams(address.get("params") or {})
    assume(len(address["url"]) + len(str(words)) < MOST_OF_AN_ADDRESS)
    # what fits the description may still name a CI that is not there, and is then refused
    case.call_and_validate(base_url=base, excluded_checks=[positive_data_acceptance])


def test_no_operation_is_left_out() -> None:
    asked = {label for label, _ in ASKED}
    described = {
        f"{method.upper()} {path}"
        for path, item in whole_app().openapi()["paths"].items()
        for method in item
    }
    assert asked == described - STREAMS
    assert described > STREAMS

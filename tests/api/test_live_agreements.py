"""The agreements on the live page, in a real browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from api.live_pages import live_page
from api.servers import ReadyGraph, serving
from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph

pytestmark = pytest.mark.browser


def test_an_agreement_is_valid_up_to_its_last_day() -> None:
    records = records_of_text("shop -> db")
    records.agreements.append(
        Agreement(
            agreement_id="SLA-1",
            kind=AgreementKind.SLA,
            covers=("shop",),
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            valid_to=datetime(2028, 1, 1, tzinfo=UTC),
        )
    )
    graph = build_service_graph(records).graph
    with serving(ReadyGraph(graph)) as client, live_page(client) as live:
        page = live.open("agreements")
        expect(page.get_by_role("row", name="SLA-1")).to_contain_text(
            re.compile("1 Jan 2026 . 31 Dec 2027")
        )
        assert live.wrongs() == []

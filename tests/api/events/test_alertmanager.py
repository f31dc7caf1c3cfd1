"""Webhooks of Alertmanager over real HTTP: one outage for each time that an alert fires."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import httpx
import pytest

from api.events.deliveries import fed, sample, sent, told
from api.servers import NOW, ReadyGraph, estate_of
from graph_building import graph_of
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.desk import EventDesk
from ripplegraph.api.events.notices import Notice
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.events.sources.alertmanager import alertmanager_delivery
from ripplegraph.api.schemas.base import time_text


def test_alertmanager_alerts_open_and_close_outages(
    client: httpx.Client, estate: ServedEstate
) -> None:
    answer = client.post("/v1/events/alertmanager", json=sample("alertmanager")).json()
    became = [(one["became"], one["ci_id"]) for one in answer["events"]]
    assert became == [
        ("opened", "t:server:db"),
        ("closed", "t:server:h1"),
        ("ignored", None),
        ("unmatched", None),
    ]
    assert answer["events"][2]["reason"] == "severity 'none' opens no outage by the rules"
    assert "'cache7:9100', 'cache7', 'CACHE7'" in answer["events"][3]["reason"]
    assert answer["notes"][0].startswith("2 alerts were left out by the sender")
    slow, down = told(client)
    assert (slow["kind"], slow["start"], slow["end"], slow["cause"]) == (
        "degradation",
        "2026-09-15T08:00:00Z",
        "2026-09-15T09:00:00Z",
        "slow",
    )
    assert (down["kind"], down["start"], down["end"]) == (
        "unplanned",
        "2026-09-15T10:00:00.123456Z",
        None,
    )
    before = fed(estate)
    again = client.post("/v1/events/alertmanager", json=sample("alertmanager")).json()
    assert [one["became"] for one in again["events"]] == [
        "unchanged",
        "unchanged",
        "ignored",
        "unmatched",
    ]
    assert fed(estate) == before


def test_an_alert_that_is_resolved_ends_its_outage(client: httpx.Client) -> None:
    body = sample("alertmanager")
    sent(client, "alertmanager", body)
    body["alerts"] = body["alerts"][:1]
    body["alerts"][0] |= {"status": "resolved", "endsAt": "2026-09-15T11:00:00Z"}
    assert sent(client, "alertmanager", body) == [("closed", "t:server:db")]
    assert sent(client, "alertmanager", body) == [("unchanged", "t:server:db")]


def webhook(status: str, starts: str, ends: str = "0001-01-01T00:00:00Z") -> dict[str, Any]:
    """Return what an Alertmanager posts of a group with one alert, as it writes it."""
    labels = {
        "alertname": "InstanceDown",
        "instance": "db.example.com:9100",
        "job": "node",
        "severity": "critical",
    }
    annotations = {"summary": "db does not answer"}
    return {
        "receiver": "ripplegraph",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": f"2026-09-15T{starts}",
                "endsAt": ends if ends.startswith("0001") else f"2026-09-15T{ends}",
                "generatorURL": "http://prometheus-0:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
                "fingerprint": "c4e2a9a1b9d3f001",
            }
        ],
        "groupLabels": {"alertname": "InstanceDown"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "http://alertmanager-0:9093",
        "version": "4",
        "groupKey": '{}:{alertname="InstanceDown"}',
        "truncatedAlerts": 0,
    }


FIRES = webhook("firing", "08:00:03.241Z")
RULE_MADE_AGAIN = webhook("firing", "08:41:48.241Z")
"""The rule was loaded anew (or the other Prometheus of a pair speaks): it began later, it says."""

IS_RESOLVED = webhook("resolved", "08:41:48.241Z", "09:12:33.241Z")
FIRES_LATER = webhook("firing", "11:00:18.241Z")
OUTAGES = [
    ("2026-09-15T08:00:03.241000Z", "2026-09-15T09:12:33.241000Z"),
    ("2026-09-15T11:00:18.241000Z", None),
]


def episodes(client: httpx.Client) -> list[tuple[str, str | None]]:
    (outage,) = client.get("/v1/outages").json()["outages"]
    return [(one["start"], one["end"]) for one in outage["episodes"]]


def test_an_alert_whose_begin_moves_while_it_fires_is_one_outage(client: httpx.Client) -> None:
    for body, became in (
        (FIRES, "opened"),
        (RULE_MADE_AGAIN, "unchanged"),
        (FIRES, "unchanged"),
        (IS_RESOLVED, "closed"),
        (IS_RESOLVED, "unchanged"),
        (FIRES_LATER, "opened"),
    ):
        assert sent(client, "alertmanager", body) == [(became, "t:server:db")]
    assert episodes(client) == OUTAGES
    answer = client.post("/v1/impact", json={"with_open_outages": True}).json()
    assert [one["name"] for one in answer["impacted"]] == ["shop"]


@pytest.mark.parametrize(
    "order", [*permutations((FIRES, RULE_MADE_AGAIN, IS_RESOLVED, FIRES_LATER))]
)
def test_alerts_in_any_order_and_twice_end_in_the_same_outages(
    order: tuple[dict[str, Any], ...],
) -> None:
    estate = estate_of(ReadyGraph(graph_of("shop -> db")))
    desk = EventDesk(estate, lambda: NOW, EventOptions())
    for body in (*order, *order[::2]):
        events = alertmanager_delivery(body, "alertmanager").events
        desk.intake.take([one for one in events if isinstance(one, Notice)])
    found = [(time_text(one.start), time_text(one.end)) for one in estate.read().outages]
    assert found == OUTAGES


def test_what_a_person_corrected_stays_though_the_begin_moves_to_before_it(
    client: httpx.Client,
) -> None:
    sent(client, "alertmanager", RULE_MADE_AGAIN)
    address = "/v1/outages/alertmanager/" + FIRES["alerts"][0]["fingerprint"]
    client.patch(address, json={"excluded": "by the customer", "cause": "a fan"})
    sent(client, "alertmanager", FIRES)
    client.patch(address, json={"cause": "two fans"})
    (episode,) = client.get(address).json()["episodes"]
    assert episode["start"] == OUTAGES[0][0]
    assert {(one["excluded"], one["cause"]) for one in episode["spans"]} == {
        ("by the customer", "two fans")
    }


def test_two_alertmanagers_that_both_send_make_one_outage(client: httpx.Client) -> None:
    for body in (FIRES, RULE_MADE_AGAIN, IS_RESOLVED):
        other = body | {"externalURL": "http://alertmanager-1:9093"}
        sent(client, "alertmanager", body)
        sent(client, "alertmanager", other)
    assert episodes(client) == OUTAGES[:1]


def test_a_resolved_alert_that_tells_no_end_closes_only_its_own_outage(
    client: httpx.Client,
) -> None:
    no_end = webhook("resolved", "08:00:03.241Z")
    sent(client, "alertmanager", FIRES)
    assert sent(client, "alertmanager", no_end)[0][0] == "closed"
    later = webhook("firing", "12:30:00Z")
    assert sent(client, "alertmanager", later)[0][0] == "opened"
    assert sent(client, "alertmanager", no_end)[0][0] == "unchanged"
    assert episodes(client) == [
        (OUTAGES[0][0], "2026-09-15T12:00:00Z"),
        ("2026-09-15T12:30:00Z", None),
    ]


def test_grafana_sends_what_alertmanager_does_with_more(client: httpx.Client) -> None:
    assert sent(client, "alertmanager?source=grafana", sample("grafana")) == [
        ("opened", "t:server:web")
    ]
    (span,) = told(client)
    assert (span["source"], span["start"]) == ("grafana", "2026-09-15T09:30:56.400000Z")
    assert span["cause"] == "memory alert"

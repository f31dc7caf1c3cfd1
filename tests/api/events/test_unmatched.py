"""Events whose CI is not known, over real HTTP: listed, assigned, dismissed."""

from __future__ import annotations

import httpx

from api.events.deliveries import fed, sample, sent
from api.test_api import problem_of
from ripplegraph.api.estates import ServedEstate


def test_an_unmatched_event_is_listed_assigned_and_then_followed(
    client: httpx.Client, estate: ServedEstate
) -> None:
    body = sample("alertmanager")
    body["alerts"] = body["alerts"][3:]
    body["alerts"][0]["labels"]["instance"] = "dbb:9100"
    sent(client, "alertmanager", body)
    (kept,) = client.get("/v1/events/unmatched").json()["events"]
    assert kept["labels"]["labels.instance"] == "dbb:9100"
    assert kept["candidates"] == ["db"]
    url = f"/v1/events/unmatched/{kept['id']}"
    assert client.get(url).json() == kept
    problem_of(client.post(f"{url}/assign", json={"ci": "nowhere"}), 404, "unknown-ci")
    made = client.post(f"{url}/assign", json={"ci": "db"}).json()
    assert made["state"] == "open"
    assert client.get("/v1/events/unmatched").json()["events"] == []
    assert fed(estate) == ["event.unmatched", "outage.opened"]
    assert sent(client, "alertmanager", body) == [("unchanged", "t:server:db")]
    body["alerts"][0] |= {"status": "resolved", "endsAt": "2026-09-15T11:30:00Z"}
    assert sent(client, "alertmanager", body) == [("closed", "t:server:db")]
    problem_of(client.post(f"{url}/assign", json={"ci": "db"}), 404, "unknown-item")


def test_an_event_that_ended_before_its_ci_was_known_is_a_past_outage_once_it_is(
    client: httpx.Client,
) -> None:
    body = sample("pagerduty-trigger")
    body["payload"] |= {"component": "cache", "source": "x", "group": "y"}
    assert sent(client, "pagerduty", body) == [("unmatched", None)]
    end = {"event_action": "resolve", "dedup_key": "srv01/HTTP"}
    assert sent(client, "pagerduty", end) == [("unmatched", None)]
    kept = client.get("/v1/events/unmatched").json()["events"][0]
    assert kept["episodes"][0]["end"] == "2026-09-15T12:00:00Z"
    made = client.post(f"/v1/events/unmatched/{kept['id']}/assign", json={"ci": "h1"}).json()
    assert made["state"] == "closed"


def test_an_event_is_dismissed_with_a_reason_and_stays_listed_as_that(
    client: httpx.Client,
) -> None:
    body = sample("alertmanager")
    body["alerts"] = body["alerts"][3:]
    sent(client, "alertmanager", body)
    url = f"/v1/events/unmatched/{client.get('/v1/events/unmatched').json()['events'][0]['id']}"
    assert client.post(f"{url}/dismiss", json={"reason": ""}).status_code == 422
    gone = client.post(f"{url}/dismiss", json={"reason": "a test rack"}).json()
    assert (gone["state"], gone["dismissed"], gone["dismissed_by"]) == (
        "dismissed",
        "a test rack",
        "local",
    )
    assert client.get("/v1/events/unmatched").json()["events"] == []
    listed = client.get("/v1/events/unmatched", params={"state": "dismissed"}).json()["events"]
    assert [one["id"] for one in listed] == [gone["id"]]
    answer = client.post("/v1/events/alertmanager", json=body).json()["events"][0]
    assert (answer["became"], answer["reason"]) == ("ignored", "dismissed: a test rack")

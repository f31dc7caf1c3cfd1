"""Webhooks of each source over real HTTP: what they open, close, leave, and say of it."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator

import httpx
import pytest

from api.events.deliveries import sample, sent, told
from api.servers import ReadyGraph, estate_of, serving_estate
from api.test_api import problem_of
from graph_building import graph_of
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.options import EventOptions

SECRET = "a shared secret"


@pytest.fixture
def estate() -> ServedEstate:
    return estate_of(ReadyGraph(graph_of("shop -> web & db; web -> h1 | h2")))


@pytest.fixture
def client(estate: ServedEstate) -> Iterator[httpx.Client]:
    options = EventOptions(secrets={"pagerduty": SECRET})
    with serving_estate(estate, events=options) as client:
        yield client


@pytest.fixture(scope="module")
def idle() -> Iterator[tuple[ServedEstate, httpx.Client]]:
    estate = estate_of(ReadyGraph(graph_of("shop -> db")))
    with serving_estate(estate) as client:
        yield estate, client


def test_pagerduty_events_trigger_and_resolve(client: httpx.Client, estate: ServedEstate) -> None:
    body = sample("pagerduty-trigger")
    answer = client.post("/v1/events/pagerduty", json=body)
    assert answer.status_code == 202
    assert sent(client, "pagerduty", body) == [("unchanged", "t:server:db")]
    assert sent(client, "pagerduty", body | {"event_action": "acknowledge"})[0][0] == "ignored"
    resolve = {"routing_key": "x", "event_action": "resolve", "dedup_key": "srv01/HTTP"}
    assert sent(client, "pagerduty", resolve) == [("closed", "t:server:db")]
    assert sent(client, "pagerduty", resolve) == [("unchanged", "t:server:db")]
    (span,) = told(client)
    assert (span["start"], span["end"]) == (
        "2026-09-15T10:00:00.315000Z",
        "2026-09-15T12:00:00Z",
    ), "a resolve says no moment, so it is when it came"
    everything = "".join(
        one.payload
        for collection in ("live-outages", "unmatched-events")
        for one in estate.journal.documents(collection)
    )
    assert body["routing_key"] not in everything


def test_a_trigger_without_a_dedup_key_is_told_by_what_it_says(client: httpx.Client) -> None:
    body = sample("pagerduty-trigger")
    del body["dedup_key"]
    assert sent(client, "pagerduty", body) == [("opened", "t:server:db")]
    assert sent(client, "pagerduty", body) == [("unchanged", "t:server:db")]


def signed(client: httpx.Client, body: object, *, secret: str = SECRET) -> httpx.Response:
    raw = json.dumps(body).encode()
    right = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "x-pagerduty-signature": f"v1={'0' * 64}, v1={right}",
    }
    return client.post("/v1/events/pagerduty", content=raw, headers=headers)


def test_signed_pagerduty_webhooks_open_close_and_open_again(client: httpx.Client) -> None:
    body = sample("pagerduty-v3")
    first = signed(client, body).json()["events"][0]
    assert (first["became"], first["ci_id"], first["external_id"]) == (
        "opened",
        "t:server:web",
        "PGR0VU2",
    )
    for kind, hour, became in (
        ("incident.acknowledged", 10, "ignored"),
        ("incident.resolved", 11, "closed"),
        ("incident.resolved", 11, "unchanged"),
        ("incident.reopened", 12, "opened"),
    ):
        later = copy.deepcopy(body)
        later["event"] |= {"event_type": kind, "occurred_at": f"2026-09-15T{hour}:30:00Z"}
        assert signed(client, later).json()["events"][0]["became"] == became
    assert [(one["start"], one["end"]) for one in told(client)] == [
        ("2026-09-15T10:00:00Z", "2026-09-15T11:30:00Z"),
        ("2026-09-15T12:30:00Z", None),
    ]


def test_a_webhook_that_is_not_signed_with_the_secret_is_refused(
    client: httpx.Client, estate: ServedEstate
) -> None:
    body = sample("pagerduty-v3")
    problem_of(client.post("/v1/events/pagerduty", json=body), 403, "unsigned-event")
    problem_of(signed(client, body, secret="another"), 403, "unsigned-event")
    assert estate.journal.last_number("feed") == 0


def test_servicenow_records_open_and_severity_0_clears(client: httpx.Client) -> None:
    body = sample("servicenow")
    assert sent(client, "servicenow", body) == [
        ("opened", "t:server:db"),
        ("opened", "t:server:h1"),
        ("ignored", None),
    ]
    high_cpu, disk = told(client)
    assert (disk["kind"], disk["ticket"], disk["start"]) == (
        "unplanned",
        "INC0010023",
        "2026-09-15T10:00:00Z",
    )
    assert high_cpu["kind"] == "degradation"
    assert high_cpu["id"] == "SolarWinds|h1|High CPU||CPU"
    clear = body["records"][0] | {"severity": "0", "time_of_event": "2026-09-15 11:00:00"}
    assert sent(client, "servicenow", clear) == [("closed", "t:server:db")]


def test_cloud_events_open_and_close_once_each(client: httpx.Client) -> None:
    body = sample("cloudevent")
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}

    def became(content: object, **more: str) -> list[str]:
        answer = client.post(
            "/v1/events/cloudevents", content=json.dumps(content), headers=headers | more
        )
        return [one["became"] for one in answer.json()["events"]]

    assert became(body) == ["opened"]
    assert became(body | {"type": "com.example.outage.closed"}) == ["unchanged"], "the id is old"
    later = {"id": "2", "type": "com.example.outage.closed", "time": "2026-09-15T11:00:00Z"}
    assert became(
        [body, body | later], **{"content-type": "application/cloudevents-batch+json"}
    ) == [
        "unchanged",
        "closed",
    ]
    (span,) = told(client)
    assert (span["source"], span["id"], span["end"]) == (
        "https://probes.example/eu",
        "probe-17",
        "2026-09-15T11:00:00Z",
    )


def test_a_binary_cloud_event_has_its_attributes_in_headers(client: httpx.Client) -> None:
    body = sample("cloudevent")
    names = ("specversion", "id", "source", "type", "subject", "time")
    headers = {f"ce-{name}": body[name] for name in names}
    answer = client.post("/v1/events/cloudevents", json=body["data"], headers=headers).json()
    assert [one["became"] for one in answer["events"]] == ["opened"]
    assert told(client)[0]["cause"] == "no answer"


@pytest.mark.parametrize(
    ("source", "change", "reason"),
    [
        ("alertmanager", {"alerts": [1]}, "the alert is no object"),
        ("alertmanager", {"alerts": [{"startsAt": "soon"}]}, "startsAt is no moment"),
        ("alertmanager", {"alerts": [{"startsAt": "0001-01-01T00:00:00Z"}]}, "startsAt is no"),
        (
            "alertmanager",
            {"alerts": [{"startsAt": "2026-09-15T08:00:00Z", "status": "odd"}]},
            "status is neither",
        ),
        (
            "alertmanager",
            {
                "alerts": [
                    {
                        "startsAt": "2026-09-15T08:00:00Z",
                        "endsAt": "2026-09-15T07:00:00Z",
                        "labels": {"ci": "db"},
                    }
                ]
            },
            "it ends before it starts",
        ),
        ("pagerduty", {"event_action": "explode"}, "event_action is none of"),
        ("pagerduty", {"event_action": "resolve"}, "resolve needs the dedup_key"),
        ("pagerduty", {"event_action": "trigger", "dedup_key": "k" * 256}, "more than 255"),
        (
            "pagerduty",
            {"event_action": "trigger", "payload": {"timestamp": "noon"}},
            "timestamp is no moment",
        ),
        ("pagerduty", {"event": {"event_type": "pagey.ping"}}, "this type of event changes no"),
        ("pagerduty", {"event": {"event_type": "incident.triggered"}}, "the incident has no id"),
        ("servicenow", {"records": ["x"]}, "the record is no object"),
        ("servicenow", {"severity": "9"}, "severity is none of"),
        ("servicenow", {"severity": "1", "time_of_event": "noon"}, "time_of_event is no moment"),
        ("servicenow", {"severity": "1"}, "it has no id that tells it from others"),
        ("cloudevents", {"specversion": "0.3"}, "specversion is not 1.0"),
        ("cloudevents", {"specversion": "1.0", "id": "1"}, "it lacks id, source or type"),
        (
            "cloudevents",
            {"specversion": "1.0", "id": "1", "source": "s", "type": "odd"},
            "neither its type nor data.status",
        ),
        (
            "cloudevents",
            {"specversion": "1.0", "id": "1", "source": "s", "type": "a.closed"},
            "it closes an outage and says neither",
        ),
        (
            "cloudevents",
            {"specversion": "1.0", "id": "1", "source": "s", "type": "a.up", "time": "noon"},
            "time is no moment",
        ),
    ],
)
def test_an_event_that_says_nothing_is_ignored_with_the_reason(
    idle: tuple[ServedEstate, httpx.Client], source: str, change: dict[str, object], reason: str
) -> None:
    estate, client = idle
    answer = client.post(f"/v1/events/{source}", json=change).json()
    (one,) = answer["events"]
    assert one["became"] == "ignored"
    assert one["reason"].startswith(reason) or reason in one["reason"]
    assert estate.journal.last_number("feed") == 0


@pytest.mark.parametrize("source", ["alertmanager", "pagerduty", "servicenow", "cloudevents"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1e999",
        b'"text"',
        b'{"alerts": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"alerts": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 5_000,
        b'{"n": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_hostile_body_is_a_problem_and_leaves_nothing(
    idle: tuple[ServedEstate, httpx.Client], source: str, body: bytes
) -> None:
    estate, client = idle
    for media_type in ("application/json", "text/plain"):
        headers = {"content-type": media_type}
        answer = client.post(f"/v1/events/{source}", content=body, headers=headers)
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
    problem_of(answer, 422, "invalid-event")
    assert estate.journal.last_number("feed") == 0


def test_more_events_than_one_delivery_may_have_are_refused(
    idle: tuple[ServedEstate, httpx.Client],
) -> None:
    body: dict[str, object] = {"alerts": [{}] * 5_001}
    problem_of(idle[1].post("/v1/events/alertmanager", json=body), 422, "invalid-event")


@pytest.mark.parametrize(
    "written",
    ['{"ci": "\\ud800"}', '{"ticket": "\\ud800"}', '{"n": NaN}', "[" * 5_000, "no JSON"],
)
def test_additional_info_that_is_no_strict_json_stays_a_text(
    client: httpx.Client, written: str
) -> None:
    record = {"node": "nowhere", "severity": "1", "message_key": "k", "additional_info": written}
    answer = client.post("/v1/events/servicenow", json={"records": [record]}).json()
    assert [one["became"] for one in answer["events"]] == ["unmatched"]
    (kept,) = client.get("/v1/events/unmatched").json()["events"]
    assert kept["labels"]["additional_info"] == written[:2_000]


def test_labels_of_any_shape_are_no_trouble(client: httpx.Client) -> None:
    body = sample("alertmanager")
    deep: dict[str, object] = {"x": 1}
    for _ in range(50):
        deep = {"x": deep}
    body["alerts"][0]["labels"] = {"ci": ["db"], "instance": {"a": deep}, "n": 1, "t": True}
    body["alerts"] = body["alerts"][:1]
    assert sent(client, "alertmanager", body)[0][0] == "unmatched"

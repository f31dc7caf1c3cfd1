"""Signed webhooks: to a real receiver that fails first, and to nobody whom the rules forbid."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from api.servers import ReadyGraph, estate_of, serving_estate
from api.test_api import problem_of
from graph_building import graph_of, records_of_text
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.events.webhooks.dispatch import MOST_ATTEMPTS, Dispatcher, Sending
from ripplegraph.api.events.webhooks.signing import keys_of, signed_headers
from ripplegraph.api.events.webhooks.targets import (
    Target,
    WebhookRules,
    is_public,
    pinned_address,
    target_of,
)
from ripplegraph.errors import InvalidEventError, SettingsError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.journal import AppendEntry, ForgetEntries
from ripplegraph.wiring.event_options import secrets_in
from ripplegraph.wiring.webhook_posting import HttpPoster

NOON = datetime(2026, 9, 15, 12, tzinfo=UTC)
KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Received:
    """What a receiver got, and what it answers next; 200 when nothing is left."""

    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes, int]] = field(default_factory=list)

    @property
    def arrived(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body, status in self.requests if status == 200]


@contextmanager
def receiver(received: Received) -> Iterator[str]:
    """Yield the address of a real HTTP server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = received.answers.pop(0) if received.answers else 200
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((headers, body, status))
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?x=1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


LOCAL = WebhookRules(allowed_hosts=frozenset({"127.0.0.1"}))


@pytest.fixture
def estate() -> ServedEstate:
    return estate_of(ReadyGraph(graph_of("shop -> db")))


@pytest.fixture
def client(estate: ServedEstate) -> Iterator[httpx.Client]:
    options = EventOptions(secrets={"ops": SECRET, "bad": "x"}, webhook_rules=LOCAL)
    with serving_estate(estate, events=options) as client:
        yield client


def dispatcher(estate: ServedEstate, clock: Clock, rules: WebhookRules = LOCAL) -> Dispatcher:
    sending = Sending(
        poster=HttpPoster(), secrets={"ops": SECRET}, rules=rules, chance=lambda: 0.5
    )
    return Dispatcher(estate.journal, clock, sending)


def subscribed(client: httpx.Client, url: str, **more: object) -> str:
    answer = client.post("/v1/webhooks", json={"url": url, "secret": "ops", **more})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def noted(estate: ServedEstate, *kinds: str) -> None:
    payloads = [json.dumps({"type": kind, "at": "2026-09-15T12:00:00Z"}) for kind in kinds]
    estate.journal.commit([AppendEntry(stream="feed", at=NOON, payload=one) for one in payloads])


def test_a_receiver_that_fails_first_gets_each_entry_once_it_can(
    client: httpx.Client, estate: ServedEstate
) -> None:
    noted(estate, "job.changed")
    received, clock = Received(answers=[500, 302]), Clock()
    with receiver(received) as url:
        webhook = subscribed(client, url)
        body = {"external_id": "1", "ci": "db", "start": "2026-09-15T10:00:00Z"}
        client.post("/v1/outages", json=body)
        sender = dispatcher(estate, clock)
        sender.work()
        assert [status for *_, status in received.requests] == [500, 302]
        state = client.get(f"/v1/webhooks/{webhook}").json()
        assert (state["waiting"], state["dead"]) == (2, 0)
        sender.work()
        assert len(received.requests) == 2, "nothing is due yet"
        clock.now += timedelta(seconds=2)
        sender.work()
        sender.work()
        dispatcher(estate, clock).work()
    assert [one["type"] for one in received.arrived] == ["outage.opened", "service.status"]
    assert [one["number"] for one in received.arrived] == [2, 3]
    assert received.arrived[0]["data"]["outage"]["ci_id"] == "t:server:db"  # type: ignore[index]
    ids = [headers["webhook-id"] for headers, *_ in received.requests]
    assert ids[:2] == ids[2:], "an attempt that is made again has the same id"
    assert client.get(f"/v1/webhooks/{webhook}").json()["waiting"] == 0


def test_what_is_sent_is_signed_as_standard_webhooks_has_it(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received = Received()
    with receiver(received) as url:
        subscribed(client, url)
        noted(estate, "job.changed")
        dispatcher(estate, Clock()).work()
    ((headers, body, _),) = received.requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert headers["content-type"] == "application/json"


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example of the Standard Webhooks libraries."""
    keys = keys_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', keys
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_changes_both_sign() -> None:
    other = "whsec_" + base64.b64encode(b"n" * 24).decode()
    headers = signed_headers("m", 1, b"{}", keys_of(f"{SECRET} {other}"))
    assert len(headers["webhook-signature"].split()) == 2


@pytest.mark.parametrize("text", ["", "x", "whsec_", "whsec_###", "whsec_" + "QQ==", SECRET[6:]])
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"it is") as caught:
        keys_of(text)
    assert text in ("", "whsec_") or text not in str(caught.value).split()


def test_a_delivery_that_never_arrives_is_listed_and_may_be_tried_again(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received, clock = Received(answers=[503] * MOST_ATTEMPTS), Clock()
    with receiver(received) as url:
        webhook = subscribed(client, url)
        noted(estate, "job.changed")
        sender = dispatcher(estate, clock)
        for _ in range(MOST_ATTEMPTS):
            sender.work()
            clock.now += timedelta(hours=2)
        (letter,) = client.get("/v1/webhooks/dead-letters").json()["deliveries"]
        assert (letter["attempts"], letter["problem"]) == (
            MOST_ATTEMPTS,
            "the receiver answered 503",
        )
        path = f"/v1/webhooks/dead-letters/{webhook}/{letter['number']}"
        assert client.post(f"{path}/retry").status_code == 200
        sender.work()
        assert len(received.arrived) == 1
        problem_of(client.delete(path), 404, "unknown-item")
    assert client.get("/v1/webhooks/dead-letters").json()["deliveries"] == []


def test_only_wanted_types_are_sent_and_a_stopped_webhook_gets_nothing(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received = Received()
    with receiver(received) as url:
        webhook = subscribed(client, url, types=["forecast.breach"])
        noted(estate, "job.changed", "forecast.breach")
        sender = dispatcher(estate, Clock())
        sender.work()
        assert [one["type"] for one in received.arrived] == ["forecast.breach"]
        client.patch(f"/v1/webhooks/{webhook}", json={"is_active": False})
        noted(estate, "forecast.breach")
        sender.work()
        assert len(received.requests) == 1
        client.patch(f"/v1/webhooks/{webhook}", json={"is_active": True})
        sender.work()
        assert len(received.requests) == 2
        assert client.delete(f"/v1/webhooks/{webhook}").status_code == 204
        noted(estate, "forecast.breach")
        sender.work()
        assert len(received.requests) == 2
    problem_of(client.get(f"/v1/webhooks/{webhook}"), 404, "unknown-item")


def test_a_receiver_that_is_gone_for_good_gets_nothing_more(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received = Received(answers=[410])
    with receiver(received) as url:
        webhook = subscribed(client, url)
        noted(estate, "job.changed")
        dispatcher(estate, Clock()).work()
    assert client.get(f"/v1/webhooks/{webhook}").json()["is_active"] is False


def test_entries_that_were_forgotten_before_they_were_read_are_counted(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received = Received()
    with receiver(received) as url:
        webhook = subscribed(client, url)
        noted(estate, *["job.changed"] * 4)
        estate.journal.commit([ForgetEntries(stream="feed", up_to=3)])
        dispatcher(estate, Clock()).work()
    assert client.get(f"/v1/webhooks/{webhook}").json()["missed"] == 3
    assert len(received.arrived) == 1


def test_secrets_are_never_shown_nor_kept(client: httpx.Client, estate: ServedEstate) -> None:
    subscribed(client, "https://hooks.example/x")
    shown = client.get("/v1/webhooks").text
    kept = "".join(one.payload for one in estate.journal.documents("webhooks"))
    assert SECRET[6:] not in shown + kept
    assert SECRET not in repr(EventOptions(secrets={"ops": SECRET}))


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://hooks.example/x", "secret": "ops"},
        {"url": "ftp://hooks.example/x", "secret": "ops"},
        {"url": "https://u:p@hooks.example/x", "secret": "ops"},
        {"url": "https://hooks.example/x#y", "secret": "ops"},
        {"url": "https:///x", "secret": "ops"},
        {"url": "https://hooks.example:99999/x", "secret": "ops"},
        {"url": "https://hooks.example/a b", "secret": "ops"},
        {"url": "https://hooks.example/x\r\nx: y", "secret": "ops"},
        {"url": "https://" + "a" * 70 + ".example/", "secret": "ops"},
        {"url": "https://10.1.2.3/x", "secret": "ops"},
        {"url": "https://[fd00::1]/x", "secret": "ops"},
        {"url": "https://hooks.example/x", "secret": "none"},
        {"url": "https://hooks.example/x", "secret": "bad"},
    ],
)
def test_a_webhook_that_may_not_be_is_refused(
    client: httpx.Client, estate: ServedEstate, body: dict[str, str]
) -> None:
    problem_of(client.post("/v1/webhooks", json=body), 422, "invalid-event")
    assert estate.journal.documents("webhooks") == ()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "ff02::1",
        "not an address",
    ],
)
def test_addresses_that_are_not_public_are_not_sent_to(address: str) -> None:
    assert not is_public(address)
    target = target_of("https://hooks.example/x", WebhookRules())
    with pytest.raises(InvalidEventError, match="not public"):
        pinned_address(target, ["93.184.216.34", address], WebhookRules())


def test_public_addresses_are_and_those_that_whoever_runs_the_server_allows() -> None:
    target = target_of("https://hooks.example/x", WebhookRules())
    assert pinned_address(target, ["93.184.216.34"], WebhookRules()) == "93.184.216.34"
    assert pinned_address(target, ["10.0.0.1"], WebhookRules(allow_private=True)) == "10.0.0.1"
    named = WebhookRules(allowed_hosts=frozenset({"hooks.example:443"}))
    assert pinned_address(target, ["10.0.0.1"], named) == "10.0.0.1"
    with pytest.raises(InvalidEventError, match="no address"):
        pinned_address(target, [], WebhookRules())


def test_a_name_that_leads_into_the_network_here_is_not_connected_to(
    client: httpx.Client, estate: ServedEstate
) -> None:
    received, clock = Received(), Clock()

    class Rebound(HttpPoster):
        def addresses_of(self, host: str, port: int) -> Sequence[str]:
            return ["127.0.0.1"]

    with receiver(received) as url:
        port = httpx.URL(url).port
        client.post(
            "/v1/webhooks", json={"url": f"https://hooks.example:{port}/", "secret": "ops"}
        )
        noted(estate, "job.changed")
        sending = Sending(
            poster=Rebound(), secrets={"ops": SECRET}, rules=WebhookRules(), chance=lambda: 0.0
        )
        Dispatcher(estate.journal, clock, sending).work()
    assert received.requests == []
    (waiting,) = estate.journal.documents("outbox")
    assert "not public" in waiting.payload


def test_nobody_listening_is_a_problem_of_the_delivery_only(
    client: httpx.Client, estate: ServedEstate
) -> None:
    subscribed(client, "http://127.0.0.1:1/x")
    noted(estate, "job.changed")
    dispatcher(estate, Clock()).work()
    (waiting,) = estate.journal.documents("outbox")
    assert "no answer" in waiting.payload


def test_a_running_server_tells_a_receiver_what_an_outage_does_to_services_and_slas() -> None:
    records = records_of_text("shop -> db")
    records.agreements.append(
        Agreement(
            agreement_id="sla-1",
            kind=AgreementKind.SLA,
            covers=("shop",),
            target_availability=Decimal("0.999"),
        )
    )
    estate = estate_of(ReadyGraph(build_service_graph(records).graph))
    options = EventOptions(
        secrets={"ops": SECRET}, webhook_rules=LOCAL, poster=HttpPoster(), look_every_seconds=0.2
    )
    received = Received(answers=[500])
    with receiver(received) as url, serving_estate(estate, events=options) as client:
        types = ["outage.opened", "service.status", "forecast.breach"]
        subscribed(client, url, types=types)
        body = {"external_id": "1", "ci": "db", "start": "2026-09-15T08:00:00Z"}
        client.post("/v1/outages", json=body, timeout=30)
        limit = time.monotonic() + 60
        while len(received.arrived) < 2 and time.monotonic() < limit:
            time.sleep(0.05)
    told = {str(one["type"]) for one in received.arrived}
    assert told == {"service.status", "forecast.breach"}, "the first is tried again later"
    (waiting,) = estate.journal.documents("outbox")
    assert "the receiver answered 500" in waiting.payload


def test_secrets_are_read_line_by_line() -> None:
    text = "# for the pager\npagerduty = abc=\n\nops=whsec_x y\n"
    assert secrets_in(text) == {"pagerduty": "abc=", "ops": "whsec_x y"}
    for wrong in ("ops", "=x", "ops=", "a=1\na=2"):
        with pytest.raises(SettingsError, match="is not name=secret"):
            secrets_in(wrong)


@dataclass
class HangingPoster:
    """Somebody whom nothing reaches: every attempt takes as long as one may."""

    seconds: float = 0.0
    attempts: int = 0

    def addresses_of(self, _host: str, _port: int) -> Sequence[str]:
        return ("203.0.113.7",)

    def post(self, _target: Target, _address: str, _body: bytes, _headers: object) -> int:
        self.seconds += 20.0
        self.attempts += 1
        raise TimeoutError


def test_a_receiver_that_hangs_has_its_turn_and_then_the_others_have_theirs(
    client: httpx.Client, estate: ServedEstate
) -> None:
    subscribed(client, "http://127.0.0.1:1/hangs")
    noted(estate, *["job.changed"] * 250)
    poster = HangingPoster()
    sending = Sending(
        poster=poster,
        secrets={"ops": SECRET},
        rules=WebhookRules(allow_private=True, allowed_hosts=LOCAL.allowed_hosts),
        chance=lambda: 0.5,
        seconds=lambda: poster.seconds,
    )
    sender = Dispatcher(estate.journal, Clock(), sending)
    sender.work()
    assert poster.attempts == 1
    sender.work()
    assert poster.attempts == 2, "what is due goes on in the next turn"

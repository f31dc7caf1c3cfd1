"""The feed as server-sent events over real HTTP: reconnected without loss, filtered, reset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from api.servers import NOW, serving_estate
from api.test_keys import EARLY, RING
from ripplegraph.api.estates import ServedEstate
from ripplegraph.graph.journal import AppendEntry, ForgetEntries

NOON = datetime(2026, 9, 15, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    event: str
    number: int
    data: dict[str, object]


def listened(
    client: httpx.Client, count: int, *, last: int | None = None, query: str = ""
) -> list[Sent]:
    """Return the first events that a reader sees, then hang up."""
    headers = {} if last is None else {"last-event-id": str(last)}
    found: list[Sent] = []
    with client.stream("GET", f"/v1/stream{query}", headers=headers, timeout=20) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for event in events_of(answer.iter_lines()):
            found.append(event)
            if len(found) == count:
                break
    return found


def events_of(lines: Iterator[str]) -> Iterator[Sent]:
    """Parse events as the HTML standard says, comments and retry left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield Sent(fields["event"], int(fields["id"]), json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


def noted(estate: ServedEstate, *kinds: str) -> None:
    payloads = [json.dumps({"type": kind}) for kind in kinds]
    estate.journal.commit([AppendEntry(stream="feed", at=NOON, payload=one) for one in payloads])


def test_a_reader_that_reconnects_sees_every_entry_once_and_in_order(
    client: httpx.Client, estate: ServedEstate
) -> None:
    noted(estate, "job.changed")
    (start,) = listened(client, 1)
    assert (start.event, start.number) == ("start", 1)
    seen, last = [], start.number
    for round_ in range(4):
        for number in range(5):
            body = {
                "external_id": f"{round_}-{number}",
                "ci": "h1",
                "start": "2026-09-15T10:00:00Z",
            }
            client.post("/v1/outages", json=body)
        got = [one for one in listened(client, 4, last=last) if one.event != "start"]
        seen += got
        last = got[-1].number
    missing = estate.journal.last_number("feed") - last
    seen += listened(client, missing + 1, last=last)[1:]
    assert [one.number for one in seen] == list(range(2, estate.journal.last_number("feed") + 1))
    opened = [one.data["outage"] for one in seen if one.event == "outage.opened"]
    assert len(opened) == 20


def test_entries_that_are_appended_while_a_reader_listens_reach_it(
    client: httpx.Client, estate: ServedEstate
) -> None:
    with client.stream("GET", "/v1/stream", timeout=20) as answer:
        events = events_of(answer.iter_lines())
        assert next(events).event == "start"
        noted(estate, "job.changed", "revision.published")
        assert [next(events).event, next(events).event] == ["job.changed", "revision.published"]


def test_only_the_types_asked_for_are_sent(client: httpx.Client, estate: ServedEstate) -> None:
    noted(estate, "job.changed", "outage.opened", "job.changed", "service.status")
    query = "?after=0&type=service.status&type=outage.opened"
    got = listened(client, 3, query=query)
    assert [one.event for one in got] == ["start", "outage.opened", "service.status"]
    assert client.get("/v1/stream?type=nothing").status_code == 422


def test_a_reader_of_forgotten_entries_is_told_to_read_anew(
    client: httpx.Client, estate: ServedEstate
) -> None:
    noted(estate, *["job.changed"] * 5)
    estate.journal.commit([ForgetEntries(stream="feed", up_to=3)])
    got = listened(client, 4, last=1)
    assert [(one.event, one.number) for one in got] == [
        ("start", 1),
        ("reset", 3),
        ("job.changed", 4),
        ("job.changed", 5),
    ]
    estate.journal.commit([ForgetEntries(stream="feed", up_to=5)])
    got = listened(client, 2, last=1)
    assert [(one.event, one.number) for one in got] == [("start", 1), ("reset", 5)]


def test_a_reader_that_knows_another_feed_is_told_to_read_anew(
    client: httpx.Client, estate: ServedEstate
) -> None:
    noted(estate, "job.changed")
    got = listened(client, 2, last=77)
    assert [(one.event, one.number) for one in got] == [("reset", 1), ("start", 1)]


def test_a_last_event_id_that_is_no_number_is_no_trouble(client: httpx.Client) -> None:
    with client.stream("GET", "/v1/stream", headers={"last-event-id": "x"}, timeout=20) as answer:
        assert next(events_of(answer.iter_lines())).event == "start"


def test_a_stream_ends_when_the_key_of_its_reader_expires(estate: ServedEstate) -> None:
    now = [NOW]
    headers = {"Authorization": f"Bearer {EARLY}"}
    with (
        serving_estate(estate, RING, clock=lambda: now[0]) as client,
        client.stream("GET", "/v1/stream", headers=headers, timeout=20) as answer,
    ):
        events = events_of(answer.iter_lines())
        assert next(events).event == "start"
        noted(estate, "outage.opened")
        assert next(events).event == "outage.opened"
        now[0] += timedelta(days=1)
        for _ in range(2):  # what was being read then may still be sent
            noted(estate, "outage.opened")
            after = next(events, None)
        assert after is None
        assert client.get("/v1/me", headers=headers).status_code == 401


def test_head_of_the_stream_tells_its_headers_and_ends(client: httpx.Client) -> None:
    for _ in range(2):  # the connection serves on
        answer = client.head("/v1/stream", timeout=10)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-length" not in answer.headers
    assert client.get("/livez").status_code == 200

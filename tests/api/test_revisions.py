"""Revisions over HTTP: which one an answer comes from, entity tags, and what differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.servers import NOW, ReadyGraph, serving, serving_estate
from api.test_api import problem_of, served_graph
from api.test_estates import Clock, SlowStore
from graph_building import graph_of
from ripplegraph.api.estates import Keeping, ServedEstate
from ripplegraph.api.events.documents import LiveLayer
from ripplegraph.api.freshness import REVISION_HEADER
from ripplegraph.graph.revisions import ImportRules, Provenance
from ripplegraph.store.memory_journal import MemoryJournal
from ripplegraph.store.sqlite.estate import SqliteEstate

ANY = ImportRules(max_removed_share=1.0)
AT = NOW.isoformat()


def stored_estate(folder: Path) -> ServedEstate:
    """Return a served store of two revisions, a day apart."""
    store = SqliteEstate(folder / "estate.db")
    yesterday = Provenance(author="ann", at=NOW - timedelta(days=1), reason="first")
    store.publish(graph_of("shop -> web"), yesterday)
    store.publish(graph_of("shop -> web & db"), Provenance(author="bob", at=NOW))
    keeping = Keeping(store=store, revision=2)
    return ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving_estate(stored_estate(tmp_path_factory.mktemp("store"))) as client:
        yield client


def ci_names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["cis"]]


def test_answers_come_from_the_newest_revision_and_say_so(client: httpx.Client) -> None:
    answer = client.get("/v1/cis")
    assert ci_names(answer) == ["shop", "web", "db"]
    assert answer.headers[REVISION_HEADER] == "2"


@pytest.mark.parametrize("revision", ["1", (NOW - timedelta(hours=1)).isoformat()])
def test_an_earlier_revision_is_asked_by_number_or_time(
    client: httpx.Client, revision: str
) -> None:
    answer = client.get("/v1/cis", params={"revision": revision})
    assert ci_names(answer) == ["shop", "web"]
    assert answer.headers[REVISION_HEADER] == "1"


def test_a_posted_question_names_its_revision_in_the_body(client: httpx.Client) -> None:
    question = {"down": ["db"], "revision": 1}
    problem_of(client.post("/v1/impact", json=question), 404, "unknown-ci")
    answer = client.post("/v1/impact", json={"down": ["db"]})
    assert "shop" in answer.text
    assert answer.headers[REVISION_HEADER] == "2"


@pytest.mark.parametrize("revision", ["9", "1999-01-01T00:00:00Z"])
def test_a_revision_that_is_not_there_is_a_problem(client: httpx.Client, revision: str) -> None:
    answer = client.get("/v1/services", params={"revision": revision})
    assert ".db" not in str(problem_of(answer, 404, "unknown-revision")["detail"])


@pytest.mark.parametrize("revision", ["0", "-1", "1e3", "newest", "2026-11-23", "9" * 400])
def test_what_is_no_revision_is_refused(client: httpx.Client, revision: str) -> None:
    problem_of(client.get("/v1/services", params={"revision": revision}), 422, "invalid-request")


def test_revisions_are_listed_with_author_and_reason(client: httpx.Client) -> None:
    found = client.get("/v1/revisions").json()["revisions"]
    assert [(one["revision"], one["author"], one["reason"]) for one in found] == [
        (1, "ann", "first"),
        (2, "bob", ""),
    ]


@pytest.mark.parametrize("asked", [{"old": "1"}, {"old": "1", "new": "2"}])
def test_what_differs_between_two_revisions_is_listed(
    client: httpx.Client, asked: dict[str, str]
) -> None:
    found = client.get("/v1/revisions/differences", params=asked).json()
    assert (found["old"], found["new"]) == (1, 2)
    assert ("added", "cis") in {(one["change"], one["kind"]) for one in found["differences"]}


def test_an_export_has_no_revisions() -> None:
    with serving(ReadyGraph(served_graph())) as export:
        assert export.get("/v1/revisions").json()["revisions"] == []
        assert REVISION_HEADER not in export.get("/v1/services").headers
        for path in ("/v1/services?revision=1", "/v1/revisions/differences?old=1"):
            problem_of(export.get(path), 404, "unknown-revision")
        then = {"revision": NOW.isoformat()}
        problem_of(export.get("/v1/services", params=then), 404, "unknown-revision")


@pytest.mark.parametrize("path", ["/v1/cis", "/v1/services?at=2026-09-15T12:00:00Z", "/"])
def test_who_has_the_answer_already_gets_no_body(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_a_head_has_the_tag_of_its_get(client: httpx.Client) -> None:
    assert client.head("/v1/cis").headers["etag"] == client.get("/v1/cis").headers["etag"]


def test_the_tag_of_a_question_tells_question_and_revision(client: httpx.Client) -> None:
    asked = [{"at": AT}, {"at": AT, "revision": "1"}, {"at": AT, "limit": "2"}]
    tags = [client.get("/v1/cis", params=one).headers["etag"] for one in asked]
    assert len(set(tags)) == 3


def test_an_answer_is_new_where_the_estate_changed(tmp_path: Path) -> None:
    estate = stored_estate(tmp_path)
    with serving_estate(estate) as client:
        first = client.get("/v1/cis", params={"at": AT})
        assert estate.store is not None
        estate.store.publish(graph_of("shop -> web"), Provenance(author="ann", at=NOW), ANY)
        estate.refresh()
        known = {"If-None-Match": first.headers["etag"]}
        assert ci_names(client.get("/v1/cis", params={"at": AT}, headers=known)) == ["shop", "web"]


@pytest.mark.parametrize("asked", [{"at": AT}, {"at": AT, "revision": "2"}])
def test_the_same_number_in_a_store_put_in_its_place_is_another_revision(
    tmp_path: Path, asked: dict[str, str]
) -> None:
    tags: list[str] = []
    for name in ("shop -> web & db", "shop -> web & cache"):
        store = SqliteEstate(tmp_path / f"{len(tags)}.db")
        for graph in ("shop -> web", name):
            store.publish(graph_of(graph), Provenance(author="ann", at=NOW))
        keeping = Keeping(store=store, revision=2)
        estate = ServedEstate(source=store, journal=MemoryJournal(), keeping=keeping)
        with serving_estate(estate) as client:
            tags.append(client.get("/v1/cis", params=asked).headers["etag"])
    assert tags[0] != tags[1]


def test_problems_have_no_tag(client: httpx.Client) -> None:
    answer = client.get("/v1/cis/nobody", headers={"If-None-Match": "*"})
    problem_of(answer, 404, "unknown-ci")
    assert "etag" not in answer.headers


def test_calls_are_answered_from_the_old_revision_while_the_new_one_is_read(
    tmp_path: Path,
) -> None:
    store = SqliteEstate(tmp_path / "estate.db")
    store.publish(graph_of("shop -> web"), Provenance(author="ann", at=NOW))
    slow, seconds = SlowStore(store), Clock()
    keeping = Keeping(store=slow, revision=1)  # type: ignore[arg-type] # the rest is delegated
    estate = ServedEstate(
        source=store, journal=MemoryJournal(), keeping=keeping, overlay=LiveLayer, seconds=seconds
    )
    with serving_estate(estate) as client:
        assert ci_names(client.get("/v1/cis")) == ["shop", "web"]
        store.publish(graph_of("shop -> web & db"), Provenance(author="bob", at=NOW))
        seconds.now = 1.0
        assert ci_names(client.get("/v1/cis")) == ["shop", "web"]
        assert slow.is_reading.wait(20)
        opened = client.post("/v1/outages", json={"external_id": "1", "ci": "web"})
        assert opened.status_code == 201, "events do not wait for it either"
        body = {"with_open_outages": True}
        impact = client.post("/v1/impact", json=body)
        assert impact.headers[REVISION_HEADER] == "1"
        assert [one["name"] for one in impact.json()["impacted"]] == ["shop"]
        slow.may_go_on.set()
        estate.refresh()
        impact = client.post("/v1/impact", json=body)
        assert impact.headers[REVISION_HEADER] == "2"
        assert [one["name"] for one in impact.json()["impacted"]] == ["shop"]
        assert ci_names(client.get("/v1/cis")) == ["shop", "web", "db"]

"""The files of the live page: found by their hash, kept for ever, open to all, without data."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from api.servers import ReadyGraph, serving
from api.test_api import problem_of
from api.test_questions import asked_graph
from ripplegraph.api.routes.web import PAGE_POLICY, assets


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)


def test_the_page_names_its_files_by_their_hash_and_they_are_there(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    found = addresses(page.text)
    assert f"/assets/{assets().tag}/main.js" in found
    assert len(set(found)) == len(assets().files) - 1  # all but the page itself
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_what_a_browser_has_is_not_sent_again(client: httpx.Client) -> None:
    for address in ("/", addresses(client.get("/").text)[0]):
        tag = client.get(address).headers["etag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["index.html", "no.js", "..%2Fapp.py", "%2e%2e%2fapp.py"])
def test_no_other_file_is_given(client: httpx.Client, name: str) -> None:
    problem_of(client.get(f"/assets/{assets().tag}/{name}"), 404, "not-found")


def test_another_hash_is_not_found(client: httpx.Client) -> None:
    problem_of(client.get("/assets/0000/main.js"), 404, "not-found")


def test_modules_hold_no_markup_in_text_and_no_foreign_address() -> None:
    for name, body in assets().files.items():
        text = body.decode("utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, (name, word)
        if name.endswith(".js"):
            assert set(re.findall(r"https?://[^\s\"'`]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_a_reader_without_scripts_finds_the_plain_page(client: httpx.Client) -> None:
    assert '<a href="/services">' in client.get("/").text
    assert "shop" in client.get("/services").text

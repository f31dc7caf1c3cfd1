"""The API over real HTTP: answers, pages, problems, and headers that keep web pages out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.servers import NOW, BrokenSource, ReadyGraph, serving
from graph_building import records_of_text
from ripplegraph import errors
from ripplegraph.api.freshness import REVISION_HEADER
from ripplegraph.api.schemas import ImpactOut
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph, graph_at
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.answers import impact
from ripplegraph.impact.propagation.scenario import scenario_of
from visualize.browsers import watched_page
from visualize.hostile import hostile_graph


def served_graph() -> ServiceGraph:
    records = records_of_text(
        "shop -> web & db; web -> 2 of (h1, h2, h3); svc2 ~> db; a/b:c -> db"
    )
    opened = Outage(ci="h1", start=NOW - timedelta(hours=1))
    ended = Outage(ci="db", start=NOW - timedelta(hours=3), end=NOW - timedelta(hours=2))
    planned = Outage(ci="h2", start=NOW - timedelta(hours=1), kind=OutageKind.PLANNED)
    records.outages.extend((opened, ended, planned))
    records.cis.append(source="t", class_name="switch", native_id="h3")
    return build_service_graph(records).graph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(served_graph())) as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """Check that an answer is one RFC 9457 problem of this kind, and return it."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["type"] == f"urn:ripplegraph:problem:{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_a_living_process_says_so(client: httpx.Client) -> None:
    assert client.get("/livez").json() == {"status": "live"}


def test_a_ready_server_says_so_and_nothing_of_the_estate(client: httpx.Client) -> None:
    answer = client.get("/readyz")
    assert answer.json() == {"status": "ready", "is_current": True}
    assert REVISION_HEADER not in answer.headers


def test_a_server_that_cannot_read_its_export_lives_but_is_not_ready() -> None:
    error = errors.UnreadableFileError("acme.zip", "it is no zip", "Export it again")
    with serving(BrokenSource(error)) as client:
        assert client.get("/livez").status_code == 200
        body = problem_of(client.get("/readyz"), 503, "export-unusable")
        assert "acme.zip" not in str(body)


def test_services_are_listed(client: httpx.Client) -> None:
    body = client.get("/v1/services").json()
    assert body["schema"] == "ripplegraph/services/1"
    assert [one["ci_id"] for one in body["services"]] == ["t:service:shop", "t:service:svc2"]


@pytest.mark.parametrize("text", ["web", "t:server:web"])
def test_one_ci_is_found_by_its_id(client: httpx.Client, text: str) -> None:
    body = client.get(f"/v1/cis/{text}").json()
    assert body["schema"] == "ripplegraph/ci/1"
    assert body["ci"]["ci_id"] == "t:server:web"


def test_an_id_may_hold_slashes_and_colons(client: httpx.Client) -> None:
    assert client.get("/v1/cis/t:server:a%2Fb:c").json()["ci"]["native_id"] == "a/b:c"


def test_findings_hold_those_of_the_validation(client: httpx.Client) -> None:
    body = client.get("/v1/findings").json()
    assert body["schema"] == "ripplegraph/check/1"
    assert "service-without-sla" in {one["code"] for one in body["findings"]}


def test_the_impact_of_an_outage_is_answered_with_its_reason(client: httpx.Client) -> None:
    body = client.post("/v1/impact", json={"down": ["db"]}).json()
    assert body["schema"] == "ripplegraph/impact/1"
    assert [(one["native_id"], one["status"]) for one in body["impacted"]] == [
        ("shop", "down"),
        ("svc2", "degraded"),
    ]
    assert body["impacted"][0]["because"] == ["t:service:shop", "t:server:db"]


def test_impact_tells_of_every_ci_if_asked(client: httpx.Client) -> None:
    body = client.post("/v1/impact", json={"maintenance": ["db"], "all": True}).json()
    assert {one["native_id"] for one in body["impacted"]} == {"shop", "svc2", "db", "a/b:c"}
    assert body["scenario"]["maintenance"] == ["t:server:db"]


def test_open_outages_are_those_of_the_clock_or_of_the_moment_asked(client: httpx.Client) -> None:
    now = client.post("/v1/impact", json={"with_open_outages": True}).json()["scenario"]
    assert (now["down"], now["maintenance"]) == (["t:server:h1"], ["t:server:h2"])
    assert now["at"] == "2026-09-15T12:00:00Z"
    question = {"with_open_outages": True, "at": "2026-09-15T11:30:00+02:00"}
    then = client.post("/v1/impact", json=question).json()["scenario"]
    assert (then["down"], then["at"]) == (["t:server:db"], "2026-09-15T09:30:00Z")


def test_an_unknown_ci_is_a_problem_with_suggestions(client: httpx.Client) -> None:
    body = problem_of(client.get("/v1/cis/shap"), 404, "unknown-ci")
    assert body["suggestions"] == ["shop"]
    problem_of(client.post("/v1/impact", json={"down": ["nothing"]}), 404, "unknown-ci")


def test_an_ambiguous_id_is_a_problem_with_the_candidates(client: httpx.Client) -> None:
    body = problem_of(client.get("/v1/cis/h3"), 409, "ambiguous-ci")
    assert body["candidates"] == ["t:server:h3", "t:switch:h3"]


def test_a_scenario_that_contradicts_itself_is_a_problem(client: httpx.Client) -> None:
    answer = client.post("/v1/impact", json={"down": ["db"], "degraded": ["db"]})
    problem_of(answer, 422, "invalid-scenario")


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ({}, "body"),
        ({"down": ["db"], "at": "0001-01-01T00:00:00+14:00"}, "body/at"),
        ({"down": "db"}, "body/down"),
        ({"down": [1]}, "body/down/0"),
        ({"down": [""]}, "body/down/0"),
        ({"up": ["db"]}, "body/{0}"),
        ({"at": "2026-09-15T11:30:00"}, "body/at"),
        ({"with_open_outages": "maybe"}, "body/with_open_outages"),
    ],
)
def test_a_wrong_question_is_a_problem_that_says_where(
    client: httpx.Client, question: dict[str, object], where: str
) -> None:
    body = problem_of(client.post("/v1/impact", json=question), 422, "invalid-request")
    wrong = body["errors"]
    assert isinstance(wrong, list)
    assert [one["where"] for one in wrong] == [where]


def test_a_problem_echoes_nothing_that_was_sent(client: httpx.Client) -> None:
    answer = client.post("/v1/impact", json={"down": "<script>alert(1)</script>"})
    assert "script" not in answer.text


def test_a_body_that_is_no_json_is_a_problem(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/v1/impact", content=b'{"down": [', headers=headers)
    problem_of(answer, 422, "invalid-request")


def test_a_body_above_the_limit_is_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/impact", json={"down": ["x" * 2_000_000]})
    problem_of(answer, 413, "body-too-large")


def test_a_body_of_unknown_length_is_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/impact", content=iter([b"{}"]))
    problem_of(answer, 411, "length-required")


def test_an_unknown_address_is_a_problem(client: httpx.Client) -> None:
    problem_of(client.get("/v2/services"), 404, "not-found")


def test_a_wrong_method_is_a_problem_that_says_which_is_right(client: httpx.Client) -> None:
    answer = client.delete("/v1/services")
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_bug_is_a_problem_without_details() -> None:
    with serving(BrokenSource(ZeroDivisionError("secret"))) as client:
        answer = client.get("/v1/services")
        problem_of(answer, 500, "failed")
        assert "secret" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.MissingExtraError("The HTML view", "html"), 501, "missing-extra"),
        (errors.MappingFileError("m.yaml", "is wrong", "Mend it"), 503, "mapping-unusable"),
        (errors.InvalidQuantityError("x", "a number", "Write one"), 422, "invalid-quantity"),
        (errors.SettingsError("RIPPLEGRAPH_X", "is wrong", "Mend it"), 500, "failed"),
    ],
)
def test_every_error_of_our_tree_is_a_problem(error: Exception, status: int, code: str) -> None:
    with serving(BrokenSource(error)) as client:
        body = problem_of(client.get("/v1/services"), status, code)
        assert [one for one in ("m.yaml", "'x'", "RIPPLEGRAPH_X") if one in str(body)] == []


@pytest.mark.parametrize(
    "address",
    [
        "/livez",
        "/v1/services",
        "/",
        "/services",
        "/v1/services/shop/view",
        "/openapi.json",
        "/no",
    ],
)
def test_every_answer_is_guarded(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/v1/services", headers={"host": host})
    problem_of(answer, 421, "foreign-host")


@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.1"])
def test_the_names_of_this_machine_are_served(client: httpx.Client, host: str) -> None:
    assert client.get("/livez", headers={"host": host}).status_code == 200


def test_openapi_describes_every_route(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/services", "/v1/cis/{ci}", "/v1/impact", "/v1/findings", "/livez", "/readyz"} <= {
        *paths
    }
    assert client.get("/docs").status_code == 404


def test_the_view_shows_the_service_under_the_scenario(client: httpx.Client) -> None:
    address = "/v1/services/shop/view"
    quiet = client.get(address)
    assert quiet.headers["content-type"] == "text/html; charset=utf-8"
    assert "No outage is assumed" in quiet.text
    assert "shop is down because db is down." in client.get(address, params={"down": "db"}).text
    several = client.get(address, params={"maintenance": ["h1", "h2"], "degraded": "db"}).text
    assert "Scenario: db degraded, h1 in maintenance and h2 in maintenance." in several


def test_the_view_takes_a_limit(client: httpx.Client) -> None:
    address = "/v1/services/shop/view"
    assert "Shows 2 of 5 CIs" in client.get(address, params={"limit": 2}).text
    problem_of(client.get(address, params={"limit": 251}), 422, "invalid-request")


def test_the_start_page_lists_services_and_lets_cis_fail(client: httpx.Client) -> None:
    quiet = client.get("/services").text
    assert "2 services" in quiet
    assert "services are impacted" not in quiet
    hit = client.get("/services", params={"down": "db, h1"}).text
    assert "2 of 2 services are impacted" in hit
    assert "shop ← db" in hit
    assert (
        "/v1/services/t%3Aservice%3Ashop/view?down=t%3Aserver%3Adb&amp;down=t%3Aserver%3Ah1" in hit
    )


def test_the_start_page_takes_open_outages(client: httpx.Client) -> None:
    hit = client.get("/services", params={"with_open_outages": "true"}).text
    assert "1 of 2 services are impacted" in hit


def test_the_start_page_of_an_export_without_services_says_so() -> None:
    graph = build_service_graph(records_of_text("a -> b")).graph
    with serving(ReadyGraph(graph)) as client:
        assert "No CI of this export counts as a service." in client.get("/services").text


def test_the_start_page_of_a_large_export_offers_no_list_of_names() -> None:
    text = ";".join(f"c{number}" for number in range(2001))
    with serving(ReadyGraph(build_service_graph(records_of_text(text)).graph)) as client:
        assert "<option" not in client.get("/services").text


def test_the_same_question_gives_the_same_bytes(client: httpx.Client) -> None:
    address = "/v1/services/shop/view?down=db"
    assert client.get(address).content == client.get(address).content


def graph_of_2020() -> ServiceGraph:
    """Return a shop that needed its database in 2020 only, under an SLA in two versions."""
    records = records_of_text("shop -> db")
    records.dependencies.valid_from[0] = datetime(2020, 1, 1, tzinfo=UTC)
    records.dependencies.valid_to[0] = datetime(2021, 1, 1, tzinfo=UTC)
    turn = datetime(2020, 6, 1, tzinfo=UTC)
    for name, start, end in (("old", None, turn), ("new", turn, None)):
        records.agreements.append(
            Agreement(
                agreement_id="sla1",
                kind=AgreementKind.SLA,
                name=name,
                covers=("shop",),
                valid_from=start,
                valid_to=end,
            )
        )
    return build_service_graph(records).graph


@pytest.mark.parametrize(("year", "hit"), [(2020, ["shop"]), (2026, [])])
def test_the_api_answers_as_the_command_line_outside_the_dates_of_a_relation(
    year: int, hit: list[str]
) -> None:
    graph, moment = graph_of_2020(), datetime(year, 2, 1, tzinfo=UTC)
    then = graph_at(graph, moment)  # what the command line does
    answer = impact(then, scenario_of(then, down=["db"]), at=moment)
    with serving(ReadyGraph(graph)) as client:
        question = {"down": ["db"], "at": moment.isoformat()}
        body = client.post("/v1/impact", json=question).json()
        page = client.get(
            "/v1/services/shop/view", params={"down": "db", "at": moment.isoformat()}
        ).text
    assert body == ImpactOut.of(answer, then, at=moment).model_dump(mode="json")
    assert [one["native_id"] for one in body["impacted"]] == hit
    assert body["scenario"]["at"] == f"{year}-02-01T00:00:00Z"
    assert ("shop is down because db is down." in page) is bool(hit)


def test_without_a_moment_the_relations_of_now_hold() -> None:
    with serving(ReadyGraph(graph_of_2020())) as client:
        body = client.post("/v1/impact", json={"down": ["db"]}).json()
        needs = client.get("/v1/cis/shop").json()["dependencies"]
        needed = client.get("/v1/cis/shop", params={"at": "2020-02-01T00:00Z"}).json()
    assert (body["impacted"], body["scenario"]["at"]) == ([], "2026-09-15T12:00:00Z")
    assert [one["effect"] for one in needs] == ["none"]
    assert [one["effect"] for one in needed["dependencies"]] == ["hard"]


@pytest.mark.parametrize(("month", "version"), [("02", "old"), ("09", "new")])
def test_of_two_versions_of_an_agreement_the_one_in_force_is_shown(
    month: str, version: str
) -> None:
    with serving(ReadyGraph(graph_of_2020())) as client:
        question = {"down": ["db"], "at": f"2020-{month}-01T00:00:00Z"}
        [one] = client.post("/v1/impact", json=question).json()["impacted"]
    assert [sla["name"] for sla in one["slas"]] == [version]


def test_the_view_takes_open_outages(client: httpx.Client) -> None:
    page = client.get("/v1/services/shop/view", params={"with_open_outages": "true"}).text
    assert "Scenario: h1 down and h2 in maintenance." in page


@pytest.mark.parametrize(
    "address", ["/v1/services/shop/view", "/v1/services", "/services", "/v1/findings"]
)
def test_an_unknown_parameter_is_refused(client: httpx.Client, address: str) -> None:
    body = problem_of(client.get(address, params={"dwon": "db"}), 422, "invalid-request")
    assert isinstance(body["errors"], list)
    assert [one["where"] for one in body["errors"]] == ["query/{0}"]


@pytest.mark.parametrize("address", ["/livez", "/v1/services", "/", "/v1/services/shop/view"])
def test_head_answers_as_get_without_the_body(client: httpx.Client, address: str) -> None:
    head, whole = client.head(address), client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_openapi_declares_the_problems_of_every_operation(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    wanted = {"400", "404", "405", "409", "411", "413", "421", "422", "500"}
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert wanted <= {*operation["responses"]}
            reference = operation["responses"]["422"]["$ref"]
            assert reference == "#/components/responses/Problem"
    content = schema["components"]["responses"]["Problem"]["content"]
    assert list(content) == ["application/problem+json"]


@pytest.mark.browser
def test_a_reader_lets_a_ci_fail_and_opens_the_picture(client: httpx.Client) -> None:
    base = str(client.base_url)
    with watched_page(allowed=base) as watched:
        page = watched.page
        page.goto(f"{base}/services")
        page.get_by_label("Which services fall").fill("db")
        page.get_by_role("button", name="Show the impact").click()
        page.get_by_role("link", name="shop").click()
        page.wait_for_selector("body[data-ready]")
        assert "shop is down because db is down." in page.locator("header").inner_text()
        assert (watched.requests, watched.complaints) == ([], [])


@pytest.mark.browser
def test_hostile_names_never_run_on_the_served_pages() -> None:
    graph = hostile_graph()
    with (
        serving(ReadyGraph(graph)) as client,
        watched_page(allowed=str(client.base_url)) as watched,
    ):
        page = watched.page
        page.goto(str(client.base_url.join("/services")))
        page.get_by_role("table").get_by_role("link").click()
        page.wait_for_selector("body[data-ready]")
        assert page.evaluate("window.__pwn") is None
        assert (watched.requests, watched.complaints) == ([], [])

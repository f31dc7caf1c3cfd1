"""The API answers what the command line answers: the same bodies for the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from api.servers import NOW, ReadyGraph, serving
from api.test_api import problem_of
from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph


def asked_graph() -> ServiceGraph:
    """A shop on a pair of hosts and a database, with an SLA of 99 % and a short outage."""
    records = records_of_text("shop -> web & db; web -> h1 | h2; svc2 -> db")
    for name, own in (("web", "1"), ("db", "0.999"), ("h1", "0.99"), ("h2", "0.99")):
        records.cis.availability[records.cis.native_id.index(name)] = Decimal(own)
    records.agreements.append(
        Agreement(
            agreement_id="SLA-1",
            kind=AgreementKind.SLA,
            covers=("shop",),
            target_availability=Decimal("0.99"),
        )
    )
    begin = NOW - timedelta(days=2)
    records.outages.append(Outage(ci="db", start=begin, end=begin + timedelta(minutes=10)))
    return build_service_graph(records).graph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(asked_graph())) as client:
        yield client


def test_availability_of_all_services_or_of_those_asked(client: httpx.Client) -> None:
    body = client.get("/v1/availability").json()
    assert body["schema"] == "ripplegraph/availability/1"
    by_id = {one["native_id"]: one for one in body["services"]}
    assert by_id["shop"]["unavailability"] == pytest.approx(1 - 0.999 * (1 - 0.01**2))
    one = client.get("/v1/availability", params={"service": "svc2"}).json()
    assert [row["native_id"] for row in one["services"]] == ["svc2"]


def test_a_ci_counts_with_all_beneath_it_where_asked_for(client: httpx.Client) -> None:
    asked = {"service": "shop", "inclusive": "web"}
    (row,) = client.get("/v1/availability", params=asked).json()["services"]
    assert row["unavailability"] == pytest.approx(0.001)  # web never fails, hosts and all
    explained = client.get("/v1/services/shop/explain", params={"inclusive": "web"}).json()
    assert [one["native_id"] for one in explained["inputs"]] == ["web", "db"]
    unknown = client.get("/v1/services/shop/cutsets", params={"inclusive": "nobody"})
    assert unknown.status_code == 404


def test_cut_sets_importance_and_explanation_of_a_service(client: httpx.Client) -> None:
    cuts = client.get("/v1/services/shop/cutsets").json()["cut_sets"]
    assert [one["order"] for one in cuts] == [1, 2, 1]  # web never fails: last, probability 0
    assert len(client.get("/v1/services/shop/cutsets?max_order=1").json()["cut_sets"]) == 2
    rows = client.get("/v1/services/shop/importance").json()["importance"]
    assert rows[0]["ci_id"] == "t:server:db"
    assert client.get("/v1/services/shop/explain").json()["schema"] == "ripplegraph/explain/1"


def test_importance_over_all_services(client: httpx.Client) -> None:
    body = client.get("/v1/importance", params={"limit": 2}).json()
    assert len(body["importance"]) == 2
    assert len(body["totals"]) == 2
    assert body["total_count"] >= 2


def test_verdicts_on_slas_and_what_if(client: httpx.Client) -> None:
    (sla,) = client.get("/v1/slas").json()["slas"]
    assert (sla["agreement"], sla["verdict"]) == ("SLA-1", "met")
    question = {"own_availability": {"db": 0.9}}
    (if_worse,) = client.post("/v1/slas/what-if", json=question).json()["slas"]
    assert if_worse["verdict"] == "missed"
    assert client.get("/v1/slas").json()["slas"] == [sla]  # nothing was stored


def test_ceilings_times_requirements_and_the_life_of_agreements(client: httpx.Client) -> None:
    (one,) = client.get("/v1/slas/ceilings", params={"service": "shop"}).json()["ceilings"]
    assert one["independent"] == pytest.approx(0.999 * (1 - 0.01**2))
    times = client.get("/v1/slas/times", params={"service": "shop"}).json()
    assert (times["schema"], times["verdicts"]) == ("ripplegraph/times/1", [])
    assert client.get("/v1/slrs").json()["slas"] == []
    (required,) = client.get("/v1/slrs", params={"slr": "SLA-1"}).json()["slas"]
    assert required["verdict"] == "met"
    (life,) = client.get("/v1/agreements").json()["agreements"]
    assert (life["agreement"]["agreement_id"], life["in_force"]) == ("SLA-1", True)


def test_a_requirement_that_is_not_there_is_a_problem(client: httpx.Client) -> None:
    problem_of(client.get("/v1/slrs", params={"slr": "nope"}), 404, "unknown-agreement")


def test_a_what_if_outside_its_range_is_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/slas/what-if", json={"own_availability": {"db": 99.9}})
    problem_of(answer, 422, "invalid-request")


def test_reports_count_to_the_second(client: httpx.Client) -> None:
    (report,) = client.get("/v1/reports", params={"window": "2026-09"}).json()["reports"]
    assert (report["agreement"], report["down_seconds"]) == ("SLA-1", 600)


@pytest.mark.parametrize("window", ["2026-13", "soon", "rolling:0d"])
def test_a_window_that_is_none_is_a_problem(client: httpx.Client, window: str) -> None:
    problem_of(client.get("/v1/reports", params={"window": window}), 422, "invalid-request")


def test_the_time_line_shows_the_services_that_were_not_up(client: httpx.Client) -> None:
    body = client.get("/v1/timeline").json()
    listed = {one["service"]["ci_id"] for one in body["services"]}
    assert listed == {"t:service:shop", "t:service:svc2"}
    only = client.get("/v1/timeline", params={"service": "shop"}).json()
    assert len(only["services"]) == 1


def test_why_tells_the_chain_and_what_still_holds(client: httpx.Client) -> None:
    down = client.post("/v1/why", json={"service": "shop", "down": ["db"]}).json()
    assert down["schema"] == "ripplegraph/why/1"
    held = client.post("/v1/why", json={"service": "shop", "down": ["h1"]}).json()
    assert held["why_not"] is not None
    problem_of(client.post("/v1/why", json={"service": "shop"}), 422, "invalid-request")


def test_pages_of_cis_hold_every_ci_once(client: httpx.Client) -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(10):
        params = {"limit": "2"} | ({"after": after} if after else {})
        body = client.get("/v1/cis", params=params).json()
        seen += [one["native_id"] for one in body["cis"]]
        after = body["after"]
        if after is None:
            break
    assert seen == ["shop", "web", "db", "h1", "h2", "svc2"]


def test_cis_are_found_by_part_of_a_name_and_by_class(client: httpx.Client) -> None:
    by_name = client.get("/v1/cis", params={"search": " H1 "}).json()["cis"]
    assert [one["native_id"] for one in by_name] == ["h1"]
    by_class = client.get("/v1/cis", params={"class": "Service"}).json()["cis"]
    assert {one["native_id"] for one in by_class} == {"shop", "svc2"}


@pytest.mark.parametrize("cursor", ["nonsense", "!!", "OTkgNiB4", "MCA2IHg="])
def test_a_cursor_of_another_graph_is_a_problem(client: httpx.Client, cursor: str) -> None:
    problem_of(client.get("/v1/cis", params={"after": cursor}), 410, "outdated-cursor")


def test_a_neighbourhood_is_nearest_first_and_says_what_it_cuts(client: httpx.Client) -> None:
    body = client.get("/v1/neighbourhood", params={"ci": "shop"}).json()
    assert [(one["native_id"], one["hops"]) for one in body["cis"]] == [
        ("shop", 0),
        ("web", 1),
        ("db", 1),
        ("h1", 2),
        ("h2", 2),
    ]
    assert body["truncated"] is False
    near = client.get("/v1/neighbourhood", params={"ci": "shop", "depth": 1}).json()
    assert len(near["cis"]) == 3
    cut = client.get("/v1/neighbourhood", params={"ci": "shop", "limit": 2}).json()
    assert (len(cut["cis"]), cut["truncated"]) == (3, True)


def test_the_neighbourhood_of_dependents_goes_the_other_way(client: httpx.Client) -> None:
    params = {"ci": "db", "direction": "dependents"}
    body = client.get("/v1/neighbourhood", params=params).json()
    assert [one["native_id"] for one in body["cis"]] == ["db", "shop", "svc2"]


def test_the_moment_asked_about_is_that_of_the_question(client: httpx.Client) -> None:
    asked = client.get("/v1/availability", params={"at": "2026-09-01T00:00:00Z"}).json()
    assert asked["at"] == "2026-09-01T00:00:00Z"


@pytest.mark.parametrize("number", ["0.5", "1e9", "1790000000", "-1", "nan"])
def test_a_number_is_no_moment(client: httpx.Client, number: str) -> None:
    answer = client.get("/v1/availability", params={"at": number})
    assert answer.status_code == 422
    assert "a time with its zone" in answer.text


def test_downtime_in_the_month_that_holds_the_moment(client: httpx.Client) -> None:
    asked = {"at": "2026-02-14T09:00:00Z", "window": "month"}
    for row in client.get("/v1/availability", params=asked).json()["services"]:
        known = row["unavailability"]
        expected = None if known is None else pytest.approx(known * 28 * 1440)
        assert row["downtime_minutes_per_window"] == expected

"""What a question may assume beside the data counts in its answer, as on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.servers import NOW, ReadyGraph, serving
from api.test_api import problem_of
from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph

PAIR = 0.01**2


def assumed_graph() -> ServiceGraph:
    """A shop on two hosts of one rack and a database; the declared values disagree with an OLA."""
    records = records_of_text("shop -> db & pair; pair -> h1 | h2; svc-desk -> agent")
    for name, own in (("db", "0.999"), ("pair", "1"), ("h1", "0.99"), ("h2", "0.99")):
        records.cis.availability[records.cis.native_id.index(name)] = Decimal(own)
    hosts = (records.cis.native_id.index(name) for name in ("h1", "h2"))
    records.cis.attributes["rack"] = dict.fromkeys(hosts, "rack-1")
    for agreement_id, kind, covers, target, customer in (
        ("SLA-1", AgreementKind.SLA, "shop", "0.99", "Acme"),
        ("OLA-1", AgreementKind.OLA, "db", "0.95", ""),
    ):
        records.agreements.append(
            Agreement(
                agreement_id=agreement_id,
                kind=kind,
                covers=(covers,),
                target_availability=Decimal(target),
                customer=customer,
            )
        )
    begin = NOW - timedelta(days=2)
    records.outages.append(Outage(ci="db", start=begin, end=None))
    return build_service_graph(records).graph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(ReadyGraph(assumed_graph())) as client:
        yield client


def shop(client: httpx.Client, **asked: Any) -> Any:
    params = {"service": "shop", "bases": "declared", **asked}
    answer = client.get("/v1/availability", params=params)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["services"]
    return row


def test_the_bases_say_where_the_availability_of_a_ci_is_looked_for(client: httpx.Client) -> None:
    declared = 1 - 0.999 * (1 - PAIR)
    assert shop(client)["unavailability"] == pytest.approx(declared)
    agreed = shop(client, bases=["agreement", "declared"])["unavailability"]
    assert agreed == pytest.approx(1 - 0.95 * (1 - PAIR))


def test_what_is_stated_of_a_ci_or_a_class_counts(client: httpx.Client) -> None:
    stated = shop(client, own_availability="db=0.5")["unavailability"]
    assert stated == pytest.approx(1 - 0.5 * (1 - PAIR))
    asked = {"service": "svc-desk", "bases": ["declared", "class_default"]}
    unknown = client.get("/v1/availability", params=asked).json()["services"][0]
    known = client.get("/v1/availability", params={**asked, "class_default": "server=0.9"}).json()
    assert unknown["unavailability"] is None
    assert known["services"][0]["unavailability"] == pytest.approx(0.1)


def test_a_shared_cause_and_an_inclusive_ci_count(client: httpx.Client) -> None:
    alone = shop(client)["unavailability"]
    assert shop(client, failure_group="rack=0.2")["unavailability"] > alone + 0.001
    some = shop(client, failure_group="rack", beta=0.2)["unavailability"]
    assert some == pytest.approx(shop(client, failure_group="rack=0.2")["unavailability"])
    assert shop(client, inclusive="shop")["unavailability"] != pytest.approx(alone)


def test_an_estimate_says_so_and_goes_by_its_seed(client: httpx.Client) -> None:
    row = shop(client, estimate=True, samples=6400, seed=7)
    assert row["label"] == "estimated"
    assert row == shop(client, estimate=True, samples=6400, seed=7)
    assert row != shop(client, estimate=True, samples=6400, seed=8)


def test_windows_roll_or_begin_where_a_zone_says(client: httpx.Client) -> None:
    rolling = shop(client, window="rolling:10d")
    minutes = rolling["downtime_minutes_per_window"] / rolling["unavailability"]
    assert minutes == pytest.approx(14_400)
    march = {"window": "month", "at": "2026-03-14T09:00Z"}
    utc, berlin = (
        shop(client, **march, time_zone=zone)["downtime_minutes_per_window"]
        for zone in ("", "Europe/Berlin")
    )
    assert berlin == pytest.approx(utc * (31 * 24 - 1) / (31 * 24))  # clocks go forward


def test_ranges_say_how_far_a_number_is_known(client: httpx.Client) -> None:
    asked = {"service": "shop", "uncertainty": "200", "range": "db=0.5..0.6"}
    (known,) = client.get("/v1/availability", params=asked).json()["uncertainty"]
    assert 0.4 <= known["lower"] < known["upper"] <= 0.51


def test_slas_ceilings_requirements_and_allocations_rest_on_the_same(client: httpx.Client) -> None:
    stated = {"own_availability": "db=0.5"}
    (sla,) = client.get("/v1/slas", params={"service": "shop", **stated}).json()["slas"]
    assert sla["verdict"] == "missed"
    (one,) = client.get("/v1/slas/ceilings", params={"service": "shop", **stated}).json()[
        "ceilings"
    ]
    assert one["independent"] < 0.51
    (slr,) = client.get("/v1/slrs", params={"slr": "SLA-1", **stated}).json()["slas"]
    assert slr["verdict"] == "missed"
    asked = {"target": "0.99", "bases": "declared"}
    path = "/v1/services/shop/allocation"
    declared = client.get(path, params=asked).json()
    assert declared != client.get(path, params={**asked, **stated}).json()
    body = {"bases": ["declared"], "own_availability": {}}
    (good,) = client.post("/v1/slas/what-if", json=body).json()["slas"]
    assert good["verdict"] == "met"


def test_what_if_takes_planned_and_open_outages_and_assumptions(client: httpx.Client) -> None:
    for said, status in (
        ({"maintenance": ["db"]}, "down"),
        ({"degraded": ["db"]}, "degraded"),
        ({"with_open_outages": True}, "down"),
    ):
        body = {"at": NOW.isoformat(), "services": ["shop"], **said}
        found = client.post("/v1/what-if", json=body).json()
        assert [(one["name"], one["after"]) for one in found["statuses"]] == [("shop", status)]
    body = {
        "services": ["shop"],
        "bases": ["declared"],
        "failure_groups": {"rack": 0.2},
        "own_availability": {"db": 1},
    }
    (shop_then,) = client.post("/v1/what-if", json=body).json()["services"]
    alone = client.post("/v1/what-if", json={**body, "failure_groups": {}}).json()["services"][0]
    assert shop_then["after"]["upper"] > alone["after"]["upper"] + 0.001
    assert shop_then["before"]["upper"] > alone["before"]["upper"] + 0.001


def test_reports_are_of_the_customer_asked_about(client: httpx.Client) -> None:
    (report,) = client.get("/v1/reports", params={"customer": "acme "}).json()["reports"]
    assert report["agreement"] == "SLA-1"
    nobody = client.get("/v1/reports", params={"customer": "Nobody"})
    assert nobody.status_code == 404


def test_stale_cis_are_those_not_confirmed_for_so_long(client: httpx.Client) -> None:
    assert client.get("/v1/findings", params={"stale_after_days": 1}).status_code == 200
    problem_of(client.get("/v1/findings?stale_after_days=0"), 422, "invalid-request")


def test_a_view_may_be_redacted(client: httpx.Client) -> None:
    path = "/v1/services/shop/view"
    assert "shop" in client.get(path).text
    assert "shop" not in client.get(path, params={"redact": True}).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"own_availability": "db"},
        {"own_availability": "db=99%"},
        {"own_availability": "db=1.5"},
        {"own_availability": "=0.5"},
        {"class_default": "server=NaN"},
        {"bases": "guess"},
        {"range": "db=0.5..0.6"},
        {"range": "db=0.6..0.5", "uncertainty": "10"},
        {"uncertainty": "10", "failure_group": "rack=0.1"},
        {"beta": "0.1"},
        {"beta": "0.1", "failure_group": "rack=0.1"},
        {"failure_group": "rack=x"},
        {"window": "rolling:0d"},
        {"time_zone": "Nowhere/Land"},
        {"samples": "63"},
    ],
)
def test_an_assumption_that_is_none_is_refused_and_not_told_back(
    client: httpx.Client, wrong: dict[str, str]
) -> None:
    answer = client.get("/v1/availability", params=wrong)
    problem_of(answer, 422, "invalid-request")
    assert not any(text in answer.text for text in ("99%", "Nowhere", "guess", "0.6..0.5"))


@pytest.mark.parametrize("unknown", [{"own_availability": "nobody=0.5"}, {"inclusive": "nobody"}])
def test_an_assumption_about_a_ci_that_is_not_there_is_a_problem(
    client: httpx.Client, unknown: dict[str, str]
) -> None:
    problem_of(client.get("/v1/availability", params=unknown), 404, "unknown-ci")


@pytest.mark.parametrize(
    ("path", "window", "at"),
    [
        ("/v1/availability", "rolling:99999d", "0001-01-02T00:00Z"),
        ("/v1/availability", "month", "9999-12-31T23:00Z"),
        ("/v1/reports", "rolling:99999d", "0001-01-02T00:00Z"),
        ("/v1/timeline", "rolling:99999d", "0001-01-02T00:00Z"),
        ("/v1/breaches", "rolling:99999d", "0001-01-02T00:00Z"),
    ],
)
def test_a_window_beyond_all_time_is_no_failure(
    client: httpx.Client, path: str, window: str, at: str
) -> None:
    assert client.get(path, params={"window": window, "at": at}).status_code in (200, 422)

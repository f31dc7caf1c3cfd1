"""Verdicts as OpenSLO documents: what the specification asks for, names, windows, verdicts."""

from __future__ import annotations

import re
from typing import Any

import yaml

from impact.agreements.promises import AT, agreed, promise, stating
from ripplegraph.graph.agreements import Agreement, AgreementKind, Window, WindowUnit
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.loaders.openslo_write import openslo_text

OFFICE = Calendar(
    calendar_id="office",
    weekly=(WeeklyInterval(weekday=0, start_minute=480, end_minute=1080),),
)
SLA = AgreementKind.SLA
NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


def documents(*slas: Agreement, **u: float) -> list[dict[str, Any]]:
    graph = agreed("shop -> a & b", *slas, calendars=(OFFICE,))
    text = openslo_text(sla_verdicts(graph, at=AT, options=stating(graph, **u)))
    return list(yaml.safe_load_all(text))


def test_each_service_and_each_sla_is_a_document_with_its_verdict() -> None:
    month = Window(unit=WindowUnit.MONTH)
    service, missed, met = documents(
        promise("sla-1", "shop", "0.9", name="Gold", customer="Retail"),
        promise("sla-2", "shop", "0.999", window=month, calendar="office"),
        a=0.005, b=0.0,
    )  # fmt: skip
    assert (service["kind"], service["metadata"]["name"]) == ("Service", "shop")
    assert {one["apiVersion"] for one in (service, missed, met)} == {"openslo/v1"}
    assert met["spec"]["description"] == "Gold for Retail"
    assert met["spec"]["timeWindow"] == [{"duration": "30d", "isRolling": True}]
    assert met["spec"]["objectives"][0]["target"] == 0.9
    assert met["metadata"]["annotations"]["ripplegraph/verdict"] == "met"
    (window,) = missed["spec"]["timeWindow"]
    assert (window["duration"], window["isRolling"]) == ("1M", False)
    assert window["calendar"] == {"startTime": "2026-11-01 00:00:00", "timeZone": "UTC"}
    said = missed["metadata"]["annotations"]
    assert said["ripplegraph/verdict"] == "missed"
    assert said["ripplegraph/service-time"] == "office"
    assert all(isinstance(value, str) for value in said.values())


def test_open_numbers_are_two_and_names_are_legal_and_given_once() -> None:
    found = documents(
        promise("SLA Äpfel & Birnen", "shop", "0.9", kind=SLA),
        promise("sla äpfel + birnen", "shop", "0.91", kind=SLA),
        promise("x" * 90, "shop", "0.92", kind=SLA),
        promise("x" * 90 + "y", "shop", "0.93", kind=SLA),
        a=0.0,
    )
    names = [one["metadata"]["name"] for one in found]
    assert len(set(names)) == len(names) == 5
    assert all(NAME.match(name) for name in names)
    assert found[1]["metadata"]["annotations"]["ripplegraph/expected-availability"] == "0.0 .. 1.0"

# ruff: noqa: E501 - a case is one line
"""OpenSLO: availability objectives as agreements, and back again with verdicts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from loaders.export_writing import codes_of
from ripplegraph.graph.agreements import Agreement, AgreementKind, Window, WindowUnit
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.openslo import OpenSloEntry, openslo_text

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "openslo"


def load(folder: Path, text: str, **tables: str) -> ServiceGraph:
    """Load OpenSLO text, beside generic tables."""
    (folder / "slo.yaml").write_text(text, encoding="utf-8")
    for name, cells in tables.items():
        (folder / f"{name}.csv").write_text(cells, encoding="utf-8")
    graph = load_export([folder])
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally
    return graph


def slo(**spec: object) -> str:
    """Return an SLO on ``shop``."""
    whole = {
        "service": "shop",
        "budgetingMethod": "Timeslices",
        "timeWindow": [{"duration": "30d", "isRolling": True}],
        "objectives": [{"target": 0.995}],
        **spec,
    }
    document = {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "shop-up"},
        "spec": whole,
    }
    return yaml.safe_dump(document)


def test_an_availability_objective_is_an_agreement_on_its_service(tmp_path: Path) -> None:
    service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop, displayName: Shop}\nspec: {}\n"
    graph = load(tmp_path, f"{service}---\n{slo()}")
    (agreement,) = graph.agreements
    assert (agreement.agreement_id, agreement.kind) == ("shop-up", AgreementKind.SLA)
    assert agreement.target_availability == Decimal("0.995")
    assert agreement.window == Window(unit=WindowUnit.ROLLING, days=30)
    assert graph.covered == ((graph.resolve("shop"),),)
    assert graph.ci_of("shop").name == "Shop"
    assert codes_of(graph) == {}


def test_a_service_is_a_ci_of_another_table_by_id_or_by_its_only_name(tmp_path: Path) -> None:
    graph = load(tmp_path, slo(), cis="id,name,class\ns-1,shop,service\n")
    assert (graph.ci_count, graph.covered) == (1, ((0,),))


@pytest.mark.parametrize(
    ("window", "expected", "zone"),
    [
        ({"duration": "1M", "isRolling": False, "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}}, "month", "Europe/Berlin"),
        ({"duration": "1Q", "calendar": {"timeZone": "UTC"}}, "quarter", "UTC"),
        ({"duration": "1Y", "isRolling": False}, "year", ""),
        ({"duration": "1w"}, "rolling:7d", ""),
        ({"duration": "48h", "isRolling": True}, "rolling:2d", ""),
        ({"count": 30, "unit": "Day"}, "rolling:30d", ""),
        ({"duration": "1M", "isRolling": True}, "rolling:30d", ""),
    ],
)  # fmt: skip
def test_windows_are_calendar_periods_or_rolling_days(
    tmp_path: Path, window: object, expected: str, zone: str
) -> None:
    (agreement,) = load(tmp_path, slo(timeWindow=[window])).agreements
    assert (str(agreement.window), agreement.time_zone) == (expected, zone)


def test_several_objectives_are_several_agreements(tmp_path: Path) -> None:
    objectives = [{"displayName": "internal", "targetPercent": 99.9}, {"target": "0.99"}]
    graph = load(tmp_path, slo(objectives=objectives))
    assert [(one.agreement_id, one.name, one.target_availability) for one in graph.agreements] == [
        ("shop-up-1", "shop-up (internal)", Decimal("0.999")),
        ("shop-up-2", "shop-up", Decimal("0.99")),
    ]


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        ({"objectives": [{"op": "lte", "value": 1, "target": 0.98}]}, {"slo-not-availability": 1}),
        ({"indicator": {"spec": {"thresholdMetric": {}}}}, {"slo-not-availability": 1}),
        ({"objectives": []}, {"slo-not-availability": 1}),
        ({"objectives": [{"target": 99.5}]}, {"invalid-availability": 1}),
        ({"timeWindow": [{"duration": "90m"}]}, {"unusable-record": 1}),
        ({"timeWindow": []}, {"unusable-record": 1}),
        ({"service": ""}, {"missing-reference": 1}),
    ],
)
def test_what_is_no_availability_or_cannot_be_measured_is_a_finding(
    tmp_path: Path, spec: dict[str, object], codes: dict[str, int]
) -> None:
    graph = load(tmp_path, slo(**spec))
    assert graph.agreements == ()
    found = codes_of(graph)
    assert {code: found[code] for code in codes} == codes


def test_what_was_taken_with_a_doubt_is_a_finding(tmp_path: Path) -> None:
    text = slo(
        budgetingMethod="Occurrences",
        timeWindow=[{"duration": "1M", "calendar": {"timeZone": "Mars"}}, {"duration": "7d"}],
    )
    service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\n"
    other = "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: p}\n"
    nameless = "apiVersion: openslo/v1\nkind: Service\n"
    graph = load(tmp_path, "---\n".join((service, service, other, nameless, text)))
    assert codes_of(graph) == {
        "duplicate-id": 1,
        "invalid-value": 1,
        "missing-id": 1,
        "slo-counts-events": 1,
        "table-not-used": 1,
        "unknown-time-zone": 1,
    }


def test_agreements_are_written_so_that_reading_gives_targets_and_windows_again(
    tmp_path: Path,
) -> None:
    def entry(agreement_id: str, window: Window, **more: object) -> OpenSloEntry:
        agreement = Agreement(
            agreement_id=agreement_id, kind=AgreementKind.SLA, window=window,
            target_availability=Decimal("0.9995"),
        )  # fmt: skip
        return OpenSloEntry(
            agreement=agreement, service_id="csv:service:Shop", service_name="Shop",
            time_zone="Europe/Berlin", notes={"verdict": "missed"},
        )  # fmt: skip

    entries = [
        entry("SLA 1", Window(unit=WindowUnit.MONTH)),
        entry("SLA-1", Window(unit=WindowUnit.ROLLING, days=30)),
        entry("ü" * 80, Window(unit=WindowUnit.YEAR)),
    ]
    bare = Agreement(agreement_id="none", kind=AgreementKind.SLA)
    text = openslo_text([*entries, OpenSloEntry(agreement=bare, service_id="x")])
    documents = list(yaml.safe_load_all(text))
    assert [one["kind"] for one in documents] == ["Service", "SLO", "SLO", "SLO"]
    names = [one["metadata"]["name"] for one in documents]
    assert len(set(names)) == 4
    assert all(0 < len(name) <= 63 for name in names)
    assert documents[1]["metadata"]["annotations"]["ripplegraph.dev/verdict"] == "missed"
    graph = load(tmp_path, text)
    assert [(str(one.window), one.target_availability) for one in graph.agreements] == [
        ("month", Decimal("0.9995")),
        ("rolling:30d", Decimal("0.9995")),
        ("year", Decimal("0.9995")),
    ]
    assert openslo_text(entries) == openslo_text(entries)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
def test_the_examples_of_openslo_are_read() -> None:
    graph = load_export([SHARED])
    targets = {one.agreement_id: str(one.target_availability) for one in graph.agreements}
    assert targets["service-availability-2"] == "0.99"
    assert targets["sloth-slo-my-service"] == "0.999"

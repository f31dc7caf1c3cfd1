"""Records as rows, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given

from graph_building import graph_of
from impact.random_graphs import graphs
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.records import CiColumns, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.native_write import native_text
from ripplegraph.store.rows import kinds_kept, records_of_rows, rows_of


def returned(records: Records) -> Records:
    return records_of_rows((row.kind, row.payload) for row in rows_of(records))


def test_a_ci_comes_back_with_every_cell_and_attribute() -> None:
    cis = CiColumns()
    cis.append(
        source="t",
        class_name="server",
        native_id="ü\t1",
        availability=Decimal("0.99950"),
        mtbf_hours=1 / 3,
        tags=("a", "b"),
        last_seen=datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC),
        attributes={"rack": "7"},
        file="cis.csv",
        row=2,
    )
    cis.append(source="t", class_name="server", native_id="2", name="two")
    back = returned(Records(cis=cis)).cis
    assert back == cis
    assert str(back.availability[0]) == "0.99950"


def test_agreements_and_outages_come_back_equal() -> None:
    agreement = Agreement(
        agreement_id="OLA-1",
        kind=AgreementKind.OLA,
        covers=("db", "tag:x"),
        target_availability=Decimal("0.9995"),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )
    outage = Outage(ci="db", start=datetime(2026, 1, 1, tzinfo=UTC))
    back = returned(Records(agreements=[agreement], outages=[outage]))
    assert back.agreements == [agreement]
    assert back.outages == [outage]


def test_records_that_share_a_key_are_told_apart() -> None:
    outage = Outage(ci="db", start=datetime(2026, 1, 1, tzinfo=UTC))
    keys = [row.key for row in rows_of(Records(outages=[outage, outage]))]
    assert len(set(keys)) == 2
    assert keys[1].endswith("#2")


def test_findings_are_no_rows_because_the_revision_keeps_its_report() -> None:
    assert "findings" not in kinds_kept()
    assert {"cis", "dependencies", "groups", "agreements", "outages"} <= set(kinds_kept())


def test_ordinals_follow_the_order_of_the_export() -> None:
    records = records_of(graph_of("shop -> web & db"))
    cis = [row for row in rows_of(records) if row.kind == "cis"]
    assert [row.ordinal for row in cis] == [0, 1, 2]


@given(graphs())
def test_any_graph_comes_back_as_it_was(graph: ServiceGraph) -> None:
    back = build_service_graph(returned(records_of(graph))).graph
    assert native_text(back, "json") == native_text(graph, "json")

"""The store in Neo4j: what people see in it, what a crash leaves, and who is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, LiteralString

import msgspec
import pytest

from graph_building import graph_of, records_of_text
from neo4j import GraphDatabase, Session
from ripplegraph.errors import RevisionConflictError, StoreUnavailableError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.revisions import ImportRules, Missing
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.native_write import native_text
from ripplegraph.store.neo4j import cypher
from ripplegraph.store.neo4j.connection import Address, written
from ripplegraph.store.neo4j.estate import Neo4jEstate
from ripplegraph.store.neo4j.staging import Batch, class_label, stage
from ripplegraph.wiring import open_estate, restore
from store.estates import told
from store.test_conformance import ANY_SHARE, empty_server

pytestmark = pytest.mark.neo4j
ROOT = Path(__file__).parents[2]
LARGE = "shop -> web & db; web -> h1 | h2; shop .> wiki; db ~> mail"


def rows(uri: str, text: str, **parameters: object) -> list[list[object]]:
    with GraphDatabase.driver(uri) as driver:
        found = driver.execute_query(text, parameters)
        return [list(one.values()) for one in found.records]


def large_with_agreement() -> ServiceGraph:
    records = records_of_text(LARGE)
    agreement = Agreement(agreement_id="OLA-1", kind=AgreementKind.OLA, covers=("h1", "h2"))
    records.agreements.append(agreement)
    return build_service_graph(records).graph


def test_people_who_browse_find_labels_types_and_agreements(neo4j_uri: str) -> None:
    empty_server(neo4j_uri).publish(large_with_agreement(), told())
    path = "(s:Service {name: 'shop'})-[:DEPENDS_ON*]->(c:CI)"
    beneath = rows(neo4j_uri, f"MATCH {path} RETURN DISTINCT c.name ORDER BY c.name")
    assert [name for (name,) in beneath] == ["db", "h1", "h2", "mail", "web"]
    idle = rows(neo4j_uri, "MATCH (:CI)-[:RELATED_TO]->(c:CI) RETURN c.name")
    assert idle == [["wiki"]]
    covered = rows(neo4j_uri, "MATCH (:Agreement)-[:COVERS]->(c) RETURN c.name ORDER BY c.name")
    assert covered == [["h1"], ["h2"]]


def test_the_cypher_examples_of_the_page_on_stores_run(neo4j_uri: str) -> None:
    empty_server(neo4j_uri).publish(large_with_agreement(), told())
    page = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    examples = re.findall(r"```cypher\n(.*?)```", page, flags=re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert rows(neo4j_uri, example, name="shop"), example


def test_a_stub_is_a_node_that_the_import_gives_no_record(neo4j_uri: str) -> None:
    records = records_of_text("shop -> web")
    records.dependencies.append(dependent="web", dependency="ghost")
    estate = empty_server(neo4j_uri)
    estate.publish(build_service_graph(records).graph, told())
    assert rows(neo4j_uri, "MATCH (c:Stub) RETURN c.name") == [["ghost"]]
    assert bool(estate.read().cis.is_stub[2])


def test_an_estate_whose_imports_kept_what_they_lacked_is_restored_as_it_was(
    neo4j_uri: str, tmp_path: Path
) -> None:
    original = str(tmp_path / "original.db")
    estate = open_estate(original)
    estate.publish(graph_of("shop -> web & db; web -> h1 | h2"), told())
    keep = ImportRules(missing=Missing.KEEP)
    estate.publish(graph_of("aaa -> db; zzz -> db; shop -> web"), told(1), keep)
    empty_server(neo4j_uri)
    restore(original, neo4j_uri)
    found = rows(
        neo4j_uri,
        "MATCH (:Estate)-[:CURRENT]->(r:Revision) MATCH (a:CI {batch: r.batch})-[n]->(b:CI)"
        " RETURN a.name, b.name, n.payload",
    )
    for dependent, dependency, payload in found:
        said = msgspec.json.decode(str(payload))
        assert (said["dependent"], said["dependency"]) == (dependent, dependency)
    assert len(found) == 6


def test_rows_that_share_a_place_are_read_by_their_keys(neo4j_uri: str) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web & db"), told())
    rows(neo4j_uri, "MATCH (c:CI) SET c.ordinal = 0")
    assert list(estate.read().cis.native_id) == ["db", "web", "shop"]  # classes come first


def test_every_merge_finds_its_nodes_by_an_index(neo4j_uri: str) -> None:
    empty_server(neo4j_uri).publish(graph_of("shop -> web"), told())
    for text in (cypher.STAGE_CIS, cypher.STAGE_DEPENDS_ON, cypher.STAGE_RECORDS):
        with GraphDatabase.driver(neo4j_uri) as driver:
            summary = driver.execute_query(f"EXPLAIN {text}", batch=1, rows=[]).summary
        plan = str(summary.plan)
        assert "NodeUniqueIndexSeek" in plan or "MergeUniqueNode" in plan
        assert "AllNodesScan" not in plan
        assert "NodeByLabelScan" not in plan


def test_no_value_becomes_cypher(neo4j_uri: str) -> None:
    records = records_of_text("shop -> web")
    hostile = "x`}) DETACH DELETE n //"
    records.cis.append(source="t", class_name=hostile, native_id=hostile, name="$batch")
    records.dependencies.append(dependent="shop", dependency=hostile, relation_type=hostile)
    graph = build_service_graph(records).graph
    estate = empty_server(neo4j_uri)
    estate.publish(graph, told())
    assert native_text(estate.read(), "json") == native_text(graph, "json")


@pytest.mark.parametrize(
    ("class_name", "label"),
    [("Linux Server", "Linux_Server"), ("x`) //", "x"), ("42", None), ("…", None), ("", None)],
)
def test_a_class_becomes_a_plain_label(class_name: str, label: str | None) -> None:
    assert class_label(class_name) == label


def test_of_two_publishers_one_is_told(neo4j_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web"), told())

    def meanwhile() -> None:
        monkeypatch.undo()
        Neo4jEstate(Address(uri=neo4j_uri)).publish(graph_of("shop -> db"), told(), ANY_SHARE)

    def slow(session: Session, batch: int, held: Batch) -> None:
        meanwhile()
        stage(session, batch, held)

    monkeypatch.setattr("ripplegraph.store.neo4j.estate.stage", slow)
    with pytest.raises(RevisionConflictError, match="is 2, not 1"):
        estate.publish(graph_of("shop -> mail"), told(1), ANY_SHARE)
    assert [one.number for one in estate.revisions()] == [1, 2]
    assert estate.damage() == ()


def test_nothing_is_pruned_without_an_entry_in_the_audit(
    neo4j_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web"), told())
    estate.publish(graph_of("shop -> web & db"), told(1))
    monkeypatch.setattr(cypher, "ADD_AUDIT", "RETURN $audit.number / 0")
    with pytest.raises(StoreUnavailableError, match="zero"):
        estate.prune(2, told(2))
    monkeypatch.undo()
    assert [one.number for one in estate.revisions()] == [1, 2]
    assert len(estate.audit()) == 2


def test_a_prune_refuses_nobody_who_publishes_meanwhile(
    neo4j_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web"), told())
    estate.publish(graph_of("shop -> web & db"), told(1))

    def after_a_prune(session: Session, text: LiteralString, **given: Any) -> list[Any]:
        if text == cypher.PUBLISH:
            monkeypatch.undo()
            Neo4jEstate(Address(uri=neo4j_uri)).prune(2, told(2))
        return written(session, text, **given)

    monkeypatch.setattr("ripplegraph.store.neo4j.estate.written", after_a_prune)
    assert estate.publish(graph_of("shop -> web & db & mail"), told(3)).number == 3
    assert [one.action for one in estate.audit()] == ["publish", "publish", "prune", "publish"]
    assert estate.damage() == ()


def test_what_a_dead_import_left_is_cleared_away_later(
    neo4j_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web"), told())
    rows(neo4j_uri, "CREATE (:Revision {batch: 99, state: 'staging', touched: 0})")
    rows(neo4j_uri, "CREATE (:CI {batch: 99, num: 0, name: 'half'})")
    assert estate.read().ci_count == 2
    estate.publish(graph_of("shop -> web & db"), told(1))
    assert rows(neo4j_uri, "MATCH (c {batch: 99}) RETURN c") == []


def test_a_changed_record_and_a_changed_audit_are_damage(neo4j_uri: str) -> None:
    estate = empty_server(neo4j_uri)
    estate.publish(graph_of("shop -> web"), told())
    rows(neo4j_uri, "MATCH (c:CI {name: 'web'}) SET c.payload = replace(c.payload, 'web', 'wob')")
    rows(neo4j_uri, "MATCH (a:Audit) SET a.author = 'eve'")
    assert estate.damage() == (
        "audit entry 1 does not follow from those before it",
        "the records of revision 1 are not what was published",
    )


def test_a_server_that_is_not_there_is_told() -> None:
    estate = Neo4jEstate(Address(uri="neo4j://127.0.0.1:1", user="ann", password="secret"))
    with pytest.raises(StoreUnavailableError, match=r"127\.0\.0\.1:1") as caught:
        estate.read()
    assert "secret" not in f"{caught.value}{Address(uri='u', user='ann', password='secret')!r}"


def test_the_newest_server_keeps_and_gives_back_what_the_oldest_does(
    newest_neo4j_uri: str,
) -> None:
    estate, graph = empty_server(newest_neo4j_uri), large_with_agreement()
    estate.publish(graph, told())
    estate.publish(graph_of("shop -> web"), told(1), ImportRules(max_removed_share=1.0))
    assert native_text(estate.read(1), "json") == native_text(graph, "json")
    assert estate.prune(2, told(2)) > 0
    assert estate.damage() == ()

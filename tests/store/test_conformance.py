"""What every store does, run on each: revisions, guards, differences, pruning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from graph_building import graph_of, records_of_text
from neo4j import GraphDatabase
from ripplegraph.errors import (
    RemovalGuardError,
    RevisionConflictError,
    UnknownRevisionError,
)
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.ports import EstateStore
from ripplegraph.graph.revisions import Change, ImportRules, Missing
from ripplegraph.loaders.native_write import native_text
from ripplegraph.store.neo4j.connection import Address
from ripplegraph.store.neo4j.estate import Neo4jEstate
from ripplegraph.store.sqlite.estate import SqliteEstate
from store.estates import told

SMALL = "shop -> web & db"
LARGE = "shop -> web & db; web -> h1 | h2"
SERVERS = [
    pytest.param(name, marks=pytest.mark.neo4j) for name in ("neo4j_uri", "newest_neo4j_uri")
]
ANY_SHARE = ImportRules(max_removed_share=1.0)


def empty_server(uri: str) -> Neo4jEstate:
    """Return the store of a server from which everything was deleted."""
    with GraphDatabase.driver(uri) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    return Neo4jEstate(Address(uri=uri))


@pytest.fixture(
    params=["sqlite", *SERVERS],
)
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> EstateStore:
    if request.param == "sqlite":
        return SqliteEstate(tmp_path / "estate.db")
    return empty_server(request.getfixturevalue(request.param))


@pytest.fixture
def estate(empty_store: EstateStore) -> EstateStore:
    """A store that holds LARGE as its revision 1."""
    empty_store.publish(graph_of(LARGE), told())
    return empty_store


def test_what_is_published_is_read_back(estate: EstateStore) -> None:
    assert native_text(estate.read(), "json") == native_text(graph_of(LARGE), "json")


def test_an_import_that_changes_nothing_is_no_revision(estate: EstateStore) -> None:
    assert estate.publish(graph_of(LARGE), told(3)).number == 1
    assert [one.number for one in estate.revisions()] == [1]


def test_each_revision_reads_as_it_was_published(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    assert estate.read(1).ci_count == 5
    assert estate.read(2).ci_count == 3
    assert estate.read().ci_count == 3


def test_a_time_means_the_revision_that_was_the_newest_then(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(2), ANY_SHARE)
    assert estate.revision_at(told(1).at).number == 1
    assert estate.revision_at(told(2).at).number == 2


def test_the_newest_revision_is_told_without_reading_it(empty_store: EstateStore) -> None:
    first = empty_store.publish(graph_of(LARGE), told())
    assert empty_store.newest() == first
    second = empty_store.publish(graph_of(SMALL), told(1), ANY_SHARE)
    assert empty_store.newest() == second


def test_before_the_first_revision_there_is_nothing(estate: EstateStore) -> None:
    with pytest.raises(UnknownRevisionError, match="holds no revision at 2026-10-31"):
        estate.revision_at(told(-1).at)


def test_an_unknown_revision_is_an_error(estate: EstateStore) -> None:
    with pytest.raises(UnknownRevisionError, match="holds no revision 7") as caught:
        estate.read(7)
    assert caught.value.wanted == "revision 7"


def test_a_revision_says_who_when_why_and_how_much(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1, author="bob", reason="weekly"), ANY_SHARE)
    newest = estate.revisions()[-1]
    assert newest.provenance == told(1, author="bob", reason="weekly")
    assert newest.counts["cis"] == 3


def test_ids_of_any_letters_come_back(estate: EstateStore) -> None:
    records = records_of_text("shop -> web")
    records.cis.append(source="a%b:c", class_name="AWS::EC2::Instance", native_id="i:1\t%3A")
    records.dependencies.append(dependent="web", dependency="i:1\t%3A")
    graph = build_service_graph(records).graph
    estate.publish(graph, told(1), ANY_SHARE)
    assert native_text(estate.read(), "json") == native_text(graph, "json")


def test_an_import_that_lacks_too_many_cis_changes_nothing(estate: EstateStore) -> None:
    with pytest.raises(RemovalGuardError, match="lacks 2 of 5 CIs") as caught:
        estate.publish(graph_of(SMALL), told(1))
    assert (caught.value.removed, caught.value.before) == (2, 5)
    assert [one.number for one in estate.revisions()] == [1]


def test_a_share_that_is_allowed_may_go(estate: EstateStore) -> None:
    assert estate.publish(graph_of(SMALL), told(1), ImportRules(max_removed_share=0.4)).number == 2


def test_missing_fail_lets_not_one_ci_go(estate: EstateStore) -> None:
    with pytest.raises(RemovalGuardError, match="lacks 2 of 5"):
        estate.publish(
            graph_of(SMALL), told(1), ImportRules(missing=Missing.FAIL, max_removed_share=1.0)
        )


def test_missing_keep_leaves_what_the_import_lacks(estate: EstateStore) -> None:
    estate.publish(graph_of("svc -> db"), told(1), ImportRules(missing=Missing.KEEP))
    ids = set(estate.read().cis.native_id)
    assert ids == {"shop", "web", "db", "h1", "h2", "svc"}


def test_an_expectation_that_fails_changes_nothing(estate: EstateStore) -> None:
    with pytest.raises(RevisionConflictError, match="is 1, not 0") as caught:
        estate.publish(graph_of(LARGE), told(1), ImportRules(expected_revision=0))
    assert (caught.value.expected, caught.value.found) == (0, 1)


def test_differences_name_what_came_went_and_changed(estate: EstateStore) -> None:
    estate.publish(graph_of("shop -> web; web ~> h1 | h2; svc -> h1"), told(1), ANY_SHARE)
    found = {(one.change, one.kind, one.key): one.fields for one in estate.differences(1, 2)}
    assert (Change.ADDED, "cis", "t / service / svc") in found
    assert (Change.REMOVED, "cis", "t / server / db") in found
    changed = [fields for (change, kind, _), fields in found.items() if change is Change.CHANGED]
    assert changed == [("strength",), ("strength",)]


def test_differences_backwards_are_the_opposite(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    there = {(one.kind, one.key): one.change for one in estate.differences(1, 2)}
    back = {(one.kind, one.key): one.change for one in estate.differences(2, 1)}
    opposite = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
    assert back == {key: opposite.get(change, change) for key, change in there.items()}


def test_a_record_that_only_moved_in_its_file_does_not_differ(empty_store: EstateStore) -> None:
    estate = empty_store
    estate.publish(graph_of("shop -> web; svc -> web"), told())
    estate.publish(graph_of("svc -> web; shop -> web"), told(1))
    assert [one.number for one in estate.revisions()] == [1, 2]
    assert estate.differences(1, 2) == ()


def test_a_sound_estate_has_no_damage(estate: EstateStore) -> None:
    assert estate.damage() == ()


def test_the_audit_tells_what_was_done(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1, author="bob"), ANY_SHARE)
    estate.prune(2, told(2, reason="space"))
    found = [(one.number, one.author, one.action, one.at) for one in estate.audit()]
    assert found == [
        (1, "ann", "publish", told().at),
        (2, "bob", "publish", told(1).at),
        (3, "ann", "prune", told(2).at),
    ]
    assert estate.audit()[2].detail == "revisions before 2: space"


def test_a_pruning_without_a_reason_is_told_without_one(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    estate.prune(2, told(2, reason=""))
    assert estate.audit()[2].detail == "revisions before 2"


def test_a_store_says_what_keeps_it_and_is_up_to_date(estate: EstateStore) -> None:
    assert estate.versions()[-1] == "schema 2"
    assert estate.migrate() == (2, 2)


def test_pruning_forgets_old_revisions_and_keeps_the_rest(estate: EstateStore) -> None:
    estate.publish(graph_of(SMALL), told(1), ANY_SHARE)
    estate.publish(graph_of(LARGE), told(2))
    before = [native_text(estate.read(number), "json") for number in (2, 3)]
    assert estate.prune(2, told(3)) > 0
    assert [one.number for one in estate.revisions()] == [2, 3]
    assert [native_text(estate.read(number), "json") for number in (2, 3)] == before
    with pytest.raises(UnknownRevisionError, match="revision 1"):
        estate.read(1)
    assert estate.damage() == ()


class StoreAgainstDict(RuleBasedStateMachine):
    """The store tells what a dictionary of graphs tells."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415 - hypothesis gives no tmp_path

        self.folder = tempfile.TemporaryDirectory()
        self.estate = SqliteEstate(Path(self.folder.name) / "estate.db")
        self.held: dict[int, str] = {}
        self.oldest = 1

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(members=st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    def publish(self, members: list[str]) -> None:
        graph = graph_of(f"shop -> {' & '.join(members)}")
        text = native_text(graph, "json")
        newest = max(self.held, default=0)
        number = self.estate.publish(graph, told(newest), ANY_SHARE).number
        if self.held and self.held[newest] == text:
            assert number == newest
        else:
            assert number == newest + 1
            self.held[number] = text

    @rule()
    def prune(self) -> None:
        if len(self.held) > 1:
            self.oldest = sorted(self.held)[1]
            self.estate.prune(self.oldest, told(1))
            self.held = {
                number: text for number, text in self.held.items() if number >= self.oldest
            }

    @invariant()
    def every_revision_reads_as_published(self) -> None:
        for number, text in self.held.items():
            assert native_text(self.estate.read(number), "json") == text


StoreAgainstDict.TestCase.settings = settings(
    max_examples=15, stateful_step_count=8, deadline=None
)
TestStoreAgainstDict = StoreAgainstDict.TestCase

"""Building a graph: references, stubs, duplicates, groups, agreements, outages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import BuildResult, build_service_graph, ci_id_of, graph_at
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.findings import finding
from ripplegraph.graph.model import OperatingState, Requirement, RequirementUnit, Strength
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.records import GroupRecord, Records

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def records_with(*names: str) -> Records:
    records = Records()
    for row, name in enumerate(names, start=2):
        records.cis.append(
            source="t", class_name="server", native_id=name, file="cis.csv", row=row
        )
    return records


def add_relation(records: Records, dependent: str, dependency: str, row: int = 2) -> None:
    records.dependencies.append(
        dependent=dependent, dependency=dependency, file="rel.csv", row=row
    )


def messages(result: BuildResult) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in result.findings]


def test_ci_id_escapes_colons_in_source_and_class_only() -> None:
    assert ci_id_of("a:b", "c:d", "e:f") == "a%3Ab:c%3Ad:e:f"


def test_ci_ids_of_different_classes_never_collide() -> None:
    assert ci_id_of("s", "a%3Ab", "x") == "s:a%253Ab:x" != ci_id_of("s", "a:b", "x")


def test_of_two_records_with_one_id_the_first_is_kept_and_the_other_reported() -> None:
    records = records_with("db", "db")
    records.cis.owner_team[1] = "dba"
    result = build_service_graph(records)
    assert result.graph.ci_ids == ("t:server:db",)
    assert messages(result) == [
        (
            "duplicate-id",
            "CI 'db' of class 'server' stands already at cis.csv:2; it differs in owner_team",
        )
    ]
    assert result.refused == {("cis.csv", 3)}
    assert len(records.cis) == 2


def test_repeated_record_that_says_the_same_is_reported_so() -> None:
    result = build_service_graph(records_with("db", "db"))
    assert messages(result)[0][1].endswith("cis.csv:2; it says the same")


def test_attributes_follow_their_cis_when_one_is_left_out() -> None:
    records = records_with("db", "db")
    records.cis.append(
        source="t", class_name="server", native_id="web", attributes={"ip": "1", "os": ""}
    )
    records.cis.attributes["os"] = {1: "linux"}
    graph = build_service_graph(records).graph
    assert graph.ci_of("web").attributes == {"ip": "1"}
    assert graph.ci_of("db").attributes == {}


def test_unknown_reference_becomes_a_stub_with_the_place_where_it_is_named_first() -> None:
    records = records_with("web")
    add_relation(records, "web", "zulu", row=2)
    add_relation(records, "web", "gone", row=4)
    add_relation(records, "other", "gone", row=3)
    result = build_service_graph(records)
    stub = result.graph.ci_of("gone")
    assert (stub.ci_id, stub.is_stub, stub.file, stub.row) == ("t:stub:gone", True, "rel.csv", 3)
    assert result.graph.ci_ids[1:] == ("t:stub:gone", "t:stub:other", "t:stub:zulu")
    assert [(one.code, one.row, one.count) for one in result.findings] == [
        ("dangling-reference", 2, 1),
        ("dangling-reference", 3, 2),
        ("dangling-reference", 3, 1),
    ]
    assert result.refused == frozenset()


def test_stubs_of_an_export_without_cis_have_the_source_export() -> None:
    records = Records()
    add_relation(records, "web", "db")
    assert build_service_graph(records).graph.ci_ids == ("export:stub:db", "export:stub:web")


def test_native_id_of_several_cis_is_refused_with_what_it_may_mean() -> None:
    records = records_with("web", "db")
    records.cis.append(source="t", class_name="app", native_id="db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "t:app:db", row=3)
    result = build_service_graph(records)
    assert messages(result) == [
        (
            "ambiguous-id",
            "relation of 'web' on 'db' names 'db', which fits 't:server:db', 't:app:db'",
        )
    ]
    assert result.refused == {("rel.csv", 2)}
    assert result.graph.direct_dependencies_of("web") == ("t:app:db",)


@pytest.mark.parametrize("other", ["db", "t:server:db", "gone"])
def test_relation_of_a_ci_on_itself_is_refused(other: str) -> None:
    records = records_with("db")
    add_relation(records, "gone" if other == "gone" else "db", other)
    result = build_service_graph(records)
    assert [code for code, _ in messages(result)] == ["self-relation"]
    assert result.graph.dependency_count == 0
    assert result.graph.ci_count == 1


def test_relation_that_stands_twice_is_kept_once() -> None:
    records = records_with("web", "db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "t:server:db", row=3)
    records.dependencies.relation_type[:] = ["Uses", "Uses"]
    result = build_service_graph(records)
    assert messages(result) == [
        (
            "duplicate-relation",
            "relation of 'web' on 't:server:db' ('Uses') stands already at rel.csv:2",
        )
    ]
    assert result.graph.dependency_count == 1
    assert result.refused == {("rel.csv", 3)}


def test_relations_of_two_types_between_two_cis_are_both_kept() -> None:
    records = records_with("web", "db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "db", row=3)
    records.dependencies.relation_type[1] = "Backs up"
    assert build_service_graph(records).graph.dependency_count == 2


def test_member_of_a_group_counts_once_whatever_the_type() -> None:
    records = records_with("web", "db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "db", row=3)
    records.dependencies.relation_type[1] = "Backs up"
    records.dependencies.group[:] = ["g", "g"]
    result = build_service_graph(records)
    assert [one.code for one in result.findings] == [
        "cluster-without-requirement",
        "duplicate-relation",
    ]


def test_member_with_two_strengths_counts_by_the_stricter() -> None:
    records = records_with("web", "a", "b")
    for row, (name, strength) in enumerate(
        [("a", Strength.SOFT), ("a", Strength.HARD), ("b", Strength.SOFT)], start=2
    ):
        add_relation(records, "web", name, row=row)
        records.dependencies.strength[-1] = strength
    records.dependencies.group[:] = ["g"] * 3
    records.dependencies.weight[1] = Decimal(5)
    for valid_from in (None, datetime(2020, 1, 1, tzinfo=UTC)):
        records.dependencies.valid_from[1] = valid_from
        result = build_service_graph(records)
        assert "mixed-strengths" in [code for code, _ in messages(result)]
        gates = result.graph.gates
        assert (gates.group_effect[0], gates.group_total[0]) == (Strength.HARD, 6)


def test_repeated_member_of_another_weight_is_reported_so() -> None:
    records = records_with("web", "db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "db", row=3)
    records.dependencies.group[:] = ["g", "g"]
    records.dependencies.weight[1] = Decimal(5)
    (message,) = [
        text
        for code, text in messages(build_service_graph(records))
        if code == "duplicate-relation"
    ]
    assert message.endswith("at rel.csv:2; it weighs 5 here and 1 there: the first holds")


def test_row_that_gave_a_kept_record_too_is_not_refused() -> None:
    records = records_with("web", "db")
    add_relation(records, "web", "db", row=2)
    add_relation(records, "web", "web", row=2)
    assert build_service_graph(records).refused == frozenset()


def test_group_records_without_relations_repeated_or_ambiguous_are_refused() -> None:
    records = records_of_text("shop -> 1 of (a, b)")
    records.cis.append(source="t", class_name="app", native_id="a")
    records.cis.append(source="t", class_name="app", native_id="b")
    records.dependencies.dependency[:] = ["t:server:a", "t:server:b"]
    one = Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))
    records.groups += [
        GroupRecord(dependent="shop", key="g0", min_up=one, row=2, file="groups.csv"),
        GroupRecord(dependent="shop", key="none", min_up=one, row=3, file="groups.csv"),
        GroupRecord(dependent="nobody", key="g0", min_up=one, row=4, file="groups.csv"),
        GroupRecord(dependent="a", key="g0", min_up=one, row=5, file="groups.csv"),
    ]
    result = build_service_graph(records)
    assert messages(result) == [
        ("ambiguous-id", "group 'g0' names 'a', which fits 't:server:a', 't:app:a'"),
        ("dangling-group", "group 'none' of 'shop': no relation is in it"),
        ("dangling-group", "group 'g0' of 'nobody': no relation is in it"),
        ("duplicate-group", "group 'g0' of 'shop' stands already"),
    ]
    assert result.refused == {("groups.csv", row) for row in (2, 3, 4, 5)}


def test_group_without_a_requirement_needs_all_and_an_assumed_one_is_named() -> None:
    records = records_of_text("shop -> 1 of (a, b); web -> 1 of (a, b)")
    half = Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50))
    records.groups[:] = [GroupRecord(dependent="web", key="g1", min_up=half, is_assumed=True)]
    result = build_service_graph(records)
    assert messages(result) == [
        (
            "cluster-without-requirement",
            "group 'g0' of 'shop' has no requirement: all are taken as needed",
        ),
        (
            "cluster-without-requirement",
            "group 'g1' of 'web' has no requirement: the mapping assumed 50%",
        ),
    ]
    assert result.graph.gates.group_min_up.tolist() == [2, 1]


def test_agreements_resolve_ids_classes_and_tags() -> None:
    records = records_with("web", "db", "dup")
    records.cis.append(source="t", class_name="App", native_id="dup", tags=("Gold",))
    add_relation(records, "web", "gone")
    records.calendars += [
        Calendar(calendar_id="8x5", holidays=("DE-BY", "Mars")),
        Calendar(calendar_id="8x5", row=9),
    ]
    records.agreements += [
        Agreement(
            agreement_id="o",
            kind=AgreementKind.OLA,
            calendar="24x7",
            covers=("web", "class:app", "TAG:gold", "dup", "gone", "class:stub", "tag:none"),
            file="agreements.csv",
            row=2,
        ),
        Agreement(agreement_id="o", kind=AgreementKind.UPC, calendar="8x5"),
        Agreement(agreement_id="p", kind=AgreementKind.UPC, name="Power", calendar="8x5"),
    ]
    result = build_service_graph(records)
    assert result.graph.covered == ((0, 3), ())
    assert [one for one in messages(result) if one[0] != "dangling-reference"] == [
        ("ambiguous-id", "OLA 'o' names 'dup', which fits 't:server:dup', 't:App:dup'"),
        ("dangling-cover", "OLA 'o' covers 'class:stub', which fits nothing in the export"),
        ("dangling-cover", "OLA 'o' covers 'gone', which fits nothing in the export"),
        ("dangling-cover", "OLA 'o' covers 'tag:none', which fits nothing in the export"),
        ("duplicate-agreement", "UPC 'o' stands already at agreements.csv:2"),
        ("duplicate-calendar", "calendar '8x5' stands already"),
        ("unknown-calendar", "OLA 'o' names calendar '24x7'; 24x7 was assumed"),
        ("unknown-holidays", "calendar '8x5': holidays of 'Mars' are not known"),
    ]


def test_versions_of_an_agreement_share_its_id() -> None:
    records = records_with("db")
    dates = [datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2025, 2030)]
    for row, (start, end) in enumerate([(0, 1), (1, 2), (0, 2)], start=2):
        records.agreements.append(
            Agreement(
                agreement_id="o",
                kind=AgreementKind.OLA,
                covers=(" db ", "TAG:none "),
                valid_from=dates[start],
                valid_to=dates[end],
                file="agreements.csv",
                row=row,
            )
        )
    result = build_service_graph(records)
    assert [one.valid_from for one in result.graph.agreements] == dates[:2]
    assert result.graph.covered == ((0,), (0,))
    duplicates = [one for one in messages(result) if one[0] == "duplicate-agreement"]
    assert duplicates == [("duplicate-agreement", "OLA 'o' stands already at agreements.csv:2")]
    assert ("agreements.csv", 4) in result.refused


def test_outages_of_unknown_or_ambiguous_cis_are_refused() -> None:
    records = records_with("db", "dup")
    records.cis.append(source="t", class_name="app", native_id="dup")
    for row, name in enumerate(("db", "nobody", "dup"), start=2):
        identity = "INC7" if name == "nobody" else ""
        records.outages.append(
            Outage(ci=name, start=NOON, external_id=identity, file="outages.csv", row=row)
        )
    result = build_service_graph(records)
    assert result.graph.outage_ci == (0,)
    assert messages(result) == [
        (
            "ambiguous-id",
            "outage of 2026-06-01 names 'dup', which fits 't:server:dup', 't:app:dup'",
        ),
        ("dangling-outage", "outage 'INC7' names CI 'nobody', which is not in the export"),
    ]
    assert result.refused == {("outages.csv", 3), ("outages.csv", 4)}


@pytest.mark.parametrize("state", [OperatingState.RETIRED, OperatingState.TEST])
def test_live_ci_feels_nothing_of_a_ci_that_is_not_live(state: OperatingState) -> None:
    records = records_of_text("shop -> db; db -> disk")
    records.cis.state[1] = state
    graph = build_service_graph(records).graph
    assert [one.effect for one in graph.dependencies()] == [Strength.NONE, Strength.HARD]
    assert [one.strength for one in graph.dependencies()] == [Strength.HARD, Strength.HARD]


def test_findings_of_the_loader_stand_among_those_of_building_once() -> None:
    records = records_with("db", "db")
    again = build_service_graph(records).findings[0]
    records.findings += [finding("orphan", "said by the loader"), again]
    result = build_service_graph(records)
    assert [one.code for one in result.findings] == ["duplicate-id", "orphan"]
    assert result.graph.report.findings == result.findings


def test_relations_outside_their_dates_have_no_effect_at_that_moment() -> None:
    records = records_with("shop", "old", "new")
    add_relation(records, "shop", "old", row=2)
    add_relation(records, "shop", "new", row=3)
    records.dependencies.valid_to[0] = NOON
    records.dependencies.valid_from[1] = NOON
    graph = build_service_graph(records).graph
    before, after = graph_at(graph, NOON - timedelta(seconds=1)), graph_at(graph, NOON)
    assert before.direct_dependencies_of("shop") == ("t:server:old",)
    assert after.direct_dependencies_of("shop") == ("t:server:new",)
    assert after.direct_dependencies_of("shop", with_none=True) == ("t:server:new", "t:server:old")


def test_graph_whose_relations_all_hold_is_the_same_graph() -> None:
    graph = build_service_graph(records_of_text("shop -> db")).graph
    assert graph_at(graph, NOON) is graph


def test_moment_without_a_time_zone_is_refused() -> None:
    graph = build_service_graph(Records()).graph
    with pytest.raises(ValueError, match="needs a time zone"):
        graph_at(graph, datetime(2026, 6, 1))  # noqa: DTZ001


def test_order_of_the_relations_does_not_change_the_graph() -> None:
    forwards, backwards = records_with("a"), records_with("a")
    pairs = [("a", "x"), ("y", "a"), ("x", "y"), ("b", "a")]
    for row, pair in enumerate(pairs):
        add_relation(forwards, *pair, row=row)
    for row, pair in reversed(list(enumerate(pairs))):
        add_relation(backwards, *pair, row=row)
    one, other = build_service_graph(forwards), build_service_graph(backwards)
    assert one.findings == other.findings
    assert list(one.graph.dependencies()) == list(other.graph.dependencies())
    assert list(one.graph.configuration_items()) == list(other.graph.configuration_items())

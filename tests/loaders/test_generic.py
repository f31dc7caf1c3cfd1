# ruff: noqa: E501 - a table row is one line
"""The generic tables: the interface that scripts rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.export_writing import codes_of, load_files
from ripplegraph.graph.agreements import AgreementKind, AgreementState, Scope, Window, WindowUnit
from ripplegraph.graph.model import CiKind, OperatingState, Strength
from ripplegraph.graph.outages import OutageKind
from ripplegraph.loaders.context import LoadOptions

_CIS = """id,name,class
          shop,Shop,service
          db,Database,database
          san,SAN,storage"""


def test_every_column_of_cis_has_its_place(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis="""id,name,class,owner_team,supplier,lifecycle,environment,criticality,availability,mtbf_hours,mttr_hours,tags,observed_from,observed_to,rack
               db-1,Orders DB,database,DBA,Oracle,live,production,1,99.95%,"3,665",4,eu; core,2026-01-01,2026-06-30T12:00:00+02:00,R 7""",
    )
    ci = graph.ci_of("db-1")
    assert ci.ci_id == "csv:database:db-1"
    assert (ci.name, ci.kind, ci.is_logical) == ("Orders DB", CiKind.DATABASE, False)
    assert (ci.owner_team, ci.supplier, ci.lifecycle) == ("DBA", "Oracle", "live")
    assert (ci.environment, ci.criticality) == ("production", "1")
    assert (ci.availability, ci.mtbf_hours, ci.mttr_hours) == (Decimal("0.9995"), 3665.0, 4.0)
    assert ci.tags == ("eu", "core")
    assert ci.observed_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert ci.observed_to == datetime(2026, 6, 30, 10, 0, tzinfo=UTC)
    assert ci.attributes == {"rack": "R 7"}
    assert (ci.file, ci.row) == ("cis.csv", 2)
    assert codes_of(graph) == {}


def test_a_ci_without_an_id_is_reported_and_one_without_a_name_is_called_by_its_id(
    tmp_path: Path,
) -> None:
    graph = load_files(tmp_path, cis="id,name\n,Nameless\nNA,\n")
    assert [(ci.native_id, ci.name) for ci in graph.configuration_items()] == [("NA", "NA")]
    assert graph.report.rows_reported == 1
    assert codes_of(graph) == {"missing-id": 1}


def test_bad_cells_are_left_empty_with_a_finding_and_their_row_is_used(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis="""id,class,availability,mtbf_hours,mttr_hours,observed_from
               a,gizmo,99.95,0,-1,soon
               b,gizmo,NA,?,,""",
    )
    ci = graph.ci_of("a")
    assert (ci.availability, ci.mtbf_hours, ci.mttr_hours, ci.observed_from) == (None,) * 4
    assert codes_of(graph) == {"invalid-availability": 1, "invalid-value": 3, "unknown-class": 1}
    (unknown,) = (one for one in graph.report.findings if one.code == "unknown-class")
    assert (unknown.row, unknown.count) == (2, 2)
    (invalid,) = (one for one in graph.report.findings if one.code == "invalid-availability")
    assert "0.9995 or 99.95%" in invalid.message


def test_retired_and_test_cis_are_known_by_their_words(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path, cis="id,lifecycle,environment\na,Retired,\nb,live,Test\nc,live,production\n"
    )
    states = (OperatingState.RETIRED, OperatingState.TEST, OperatingState.LIVE)
    assert tuple(graph.cis.state) == states


def test_the_source_of_a_ci_id_can_be_told(tmp_path: Path) -> None:
    graph = load_files(tmp_path, LoadOptions(source="hr"), cis="id,class\na,server\n")
    assert graph.ci_ids == ("hr:server:a",)


def test_relations_give_direction_strength_group_weight_and_dates(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        relations="""dependent,dependency,type,strength,group,weight,valid_from,valid_to
                     shop,db,Owned by,,,,,
                     shop,san,,soft,g,0.5,2026-01-01,2026-12-31
                     db,san,x,none,,,,""",
        groups="""dependent,group,min_up,degraded_below,grounded
                  shop,g,50%,80%,yes""",
    )
    hard, soft, none = sorted(graph.dependencies(), key=lambda one: one.row)
    assert (hard.dependent, hard.dependency) == ("csv:service:shop", "csv:database:db")
    assert (hard.relation_type, hard.strength) == ("Owned by", Strength.HARD)
    assert (soft.strength, soft.group, soft.weight) == (Strength.SOFT, "g", Decimal("0.5"))
    assert soft.valid_to == datetime(2027, 1, 1, tzinfo=UTC)
    assert none.strength is Strength.NONE
    (rule,) = graph.group_rules
    assert (str(rule.min_up), str(rule.degraded_below), rule.grounded) == ("50%", "80%", True)


def test_relations_that_cannot_be_used_are_reported_row_by_row(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        relations="""dependent,dependency,strength,weight,valid_from,valid_to
                     shop,,,,,
                     ,,,,x,
                     shop,db,firm,-1,,
                     shop,shop,,,,
                     shop,ghost,,,,
                     shop,san,,,2026-02-01,2026-01-01""",
        groups="dependent,group,min_up\nshop,,2\nshop,g,0\n",
    )
    assert codes_of(graph) == {
        "missing-reference": 3,
        "invalid-value": 1,
        "invalid-strength": 1,
        "invalid-weight": 1,
        "self-relation": 1,
        "dangling-reference": 1,
        "reversed-times": 1,
        "invalid-requirement": 1,
        "dangling-group": 1,
    }
    tallies = {one.file: (one.rows_used, one.rows_reported) for one in graph.report.files}
    assert tallies == {"cis.csv": (3, 0), "groups.csv": (0, 2), "relations.csv": (2, 4)}


def test_every_column_of_agreements_and_calendars_has_its_place(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        agreements="""id,kind,name,customer,provider,owner,covers,scope,target_availability,window,calendar,state,valid_from,valid_to,next_review,penalty,planned_rule,degraded_weight
                      S1,SLA,Gold,Sales,IT,Ann,shop; class:database,,99.9%,quarter,office,Agreed,2026-01-01,2027-01-01,2026-10-01,5 %,period,50%
                      U1,uc,,,Acme,,san,,,,,,,,,,,
                      O1,OLA,,,DBA,,db,inclusive,,,,draft,,,,,,""",
        calendars="""id,time_zone,weekly,holidays,exceptions
                     office,Europe/Berlin,Mon-Fri 08:00-18:00,DE-BY; 2026-12-24,2026-12-31 closed; 2026-12-30 8:00-12:00""",
    )
    by_id = {one.agreement_id: one for one in graph.agreements}
    sla = by_id["S1"]
    assert (sla.kind, sla.name, sla.customer, sla.provider) == (
        AgreementKind.SLA,
        "Gold",
        "Sales",
        "IT",
    )
    assert (sla.owner, sla.covers, sla.scope) == ("Ann", ("shop", "class:database"), Scope.OWN)
    assert sla.target_availability == Decimal("0.999")
    assert sla.window == Window(unit=WindowUnit.QUARTER)
    assert (sla.calendar, sla.penalty, sla.planned_rule) == ("office", "5 %", "period")
    assert sla.degraded_weight == Decimal("0.5")
    assert sla.next_review == datetime(2026, 10, 1, tzinfo=UTC)
    assert (by_id["U1"].kind, by_id["U1"].scope) == (AgreementKind.UPC, Scope.INCLUSIVE)
    assert (by_id["O1"].scope, by_id["O1"].state) == (Scope.INCLUSIVE, AgreementState.DRAFT)
    (calendar,) = graph.calendars
    assert (calendar.time_zone, calendar.holidays) == ("Europe/Berlin", ("DE-BY", "2026-12-24"))
    assert len(calendar.weekly) == 5
    assert [one.hours for one in calendar.exceptions] == [((480, 720),), ()]
    assert codes_of(graph) == {}


def test_agreements_and_calendars_that_cannot_be_used_are_reported(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        agreements="""id,kind,covers,valid_from,valid_to,state,planned_rule,scope
                      ,SLA,shop,,,,,
                      A1,promise,shop,,,,,
                      A2,SLA,shop,2026-02-01,2026-01-01,,,
                      A3,SLA,ghost,,,odd,odd,odd""",
        calendars="""id,time_zone,weekly,holidays,exceptions
                     ,UTC,,,
                     c1,Mars/Olympus,,,
                     c2,UTC,now and then,,
                     c3,UTC,,DE-BY; yesterday,
                     c4,UTC,,DE-QQ,2026-12-31 closed; tomorrow closed""",
    )
    assert codes_of(graph) == {
        "missing-id": 2,
        "unknown-agreement-kind": 1,
        "reversed-times": 1,
        "dangling-cover": 1,
        "invalid-value": 6,
        "unusable-record": 1,
        "unknown-holidays": 1,
        "unknown-time-zone": 1,
    }
    assert [one.agreement_id for one in graph.agreements] == ["A3"]
    assert [(one.calendar_id, one.holidays) for one in graph.calendars] == [
        ("c3", ("DE-BY",)),
        ("c4", ("DE-QQ",)),
    ]
    assert [len(one.exceptions) for one in graph.calendars] == [0, 1]


def test_outages_are_read_and_those_without_usable_times_reported(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        outages="""ci,start,end,kind,cause,source,external_id,excluded
                   db,2026-01-01T10:00Z,2026-01-01T11:00Z,planned,patch,CAB,CHG1,
                   db,2026-01-02T10:00Z,,Degradation,,,,force majeure
                   db,2026-01-02T10:00Z,,odd,,,,
                   db,,,,,,,
                   db,2026-01-02 10:00,,,,,,
                   db,2026-01-02T10:00Z,soon,,,,,
                   db,2026-01-02T10:00Z,2026-01-02T10:00Z,,,,,
                   ,2026-01-02T10:00Z,,,,,,
                   ghost,2026-01-02T10:00Z,,,,,,""",
    )
    planned, degradation, odd = graph.outages
    assert (planned.kind, planned.cause, planned.source) == (OutageKind.PLANNED, "patch", "CAB")
    assert (planned.external_id, planned.row) == ("CHG1", 2)
    assert planned.end == datetime(2026, 1, 1, 11, 0, tzinfo=UTC)
    assert (degradation.kind, degradation.excluded) == (OutageKind.DEGRADATION, "force majeure")
    assert (odd.kind, odd.end) == (OutageKind.UNPLANNED, None)
    assert codes_of(graph) == {
        "invalid-value": 2,
        "unusable-record": 3,
        "naive-time": 1,
        "zero-length-outage": 1,
        "missing-reference": 1,
        "dangling-outage": 1,
    }


def test_outages_told_twice_or_overlapping_are_findings_and_none_is_lost(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS,
        outages="""ci,start,end,kind
                   db,2026-01-01T10:00Z,2026-01-01T11:00Z,
                   db,2026-01-01T10:00Z,2026-01-01T11:00Z,
                   db,2026-01-01T10:30Z,2026-01-01T10:40Z,
                   db,2026-01-01T10:50Z,,
                   db,2026-01-02T00:00Z,2026-01-02T01:00Z,
                   db,2026-01-01T10:30Z,2026-01-01T10:40Z,planned
                   san,2026-01-01T10:00Z,2026-01-01T11:00Z,
                   san,2026-01-01T11:00Z,2026-01-01T10:00Z,
                   san,2026-01-01T11:00Z,2026-01-01T12:00Z,""",
    )
    assert [outage.row for outage in graph.outages] == [2, 4, 5, 6, 7, 8, 10]
    assert codes_of(graph) == {
        "duplicate-outage": 1,
        "overlapping-outages": 1,
        "reversed-times": 1,
    }
    overlap = next(one for one in graph.report.findings if one.code == "overlapping-outages")
    assert (overlap.row, overlap.count) == (4, 3)


def test_an_outage_that_ends_in_the_hour_told_twice_takes_the_second_if_only_that_is_after_its_start(
    tmp_path: Path,
) -> None:
    graph = load_files(
        tmp_path,
        LoadOptions(time_zone="Europe/Berlin"),
        cis=_CIS,
        outages="""ci,start,end
                   db,2026-10-25 02:50,2026-10-25 02:10
                   san,2026-10-25 02:10,2026-10-25 02:50
                   shop,2026-10-25 02:30,2026-10-25 02:30""",
    )
    lengths = [(one.end or one.start) - one.start for one in graph.outages]
    assert [length.total_seconds() / 60 for length in lengths] == [20, 40, 60]
    assert codes_of(graph) == {"time-in-fold": 8}


@pytest.mark.parametrize(
    "table", ["cis", "relations", "groups", "agreements", "calendars", "outages"]
)
def test_a_table_without_its_columns_is_reported_with_all_its_rows(
    tmp_path: Path, table: str
) -> None:
    graph = load_files(tmp_path, **{table: "foo,bar\n1,2\n3,4\n"})
    assert codes_of(graph) == {"missing-column": 1}
    assert graph.report.rows_reported == 2


def test_other_headers_come_in_through_the_mapping_file(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\nextends: generic\ncolumns:\n  cis: {id: Asset Number, owner_team: Team}\n"
    )
    graph = load_files(
        tmp_path / "export",
        LoadOptions(mapping=mapping),
        cis="Asset Number,Team,class\na-1,Network,server\n",
    )
    assert (graph.ci_of("a-1").owner_team, graph.ci_of("a-1").attributes) == ("Network", {})


_MAPPING = """version: 1
extends: generic
relations:
  - {match: {type: "Feeds::Fed by"}, impact: parent_to_child, strength: soft}
  - {match: {type: "Talks to::Talks to"}, impact: both}
  - {match: {type: "Documents::Documented by"}, impact: none}
  - match: {type: "Members::Member of"}
    impact: child_to_parent
    group: {on: parent, rule: k_of_n, min_up: 1, key: members}
"""


def test_types_are_mapped_only_where_a_mapping_file_is_given(tmp_path: Path) -> None:
    tables = {
        "cis": _CIS,
        "relations": """dependent,dependency,type,strength
                        shop,db,Feeds::Fed by,
                        shop,san,Documents::Documented by,hard
                        db,san,Talks to::Talks to,hard
                        san,shop,Members::Member of,
                        san,db,whatever,""",
    }
    plain = load_files(tmp_path / "plain", **tables)
    assert {one.strength for one in plain.dependencies()} == {Strength.HARD}
    assert plain.dependency_count == 5
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(_MAPPING)
    graph = load_files(tmp_path / "mapped", LoadOptions(mapping=mapping), **tables)
    seen = {
        (
            graph.ci_of(one.dependent).native_id,
            graph.ci_of(one.dependency).native_id,
            one.relation_type,
        ): one
        for one in graph.dependencies()
    }
    assert seen["db", "shop", "Feeds::Fed by"].strength is Strength.SOFT
    assert seen["shop", "san", "Documents::Documented by"].strength is Strength.NONE
    assert seen["db", "san", "Talks to::Talks to"].strength is Strength.HARD
    assert seen["san", "db", "Talks to::Talks to"].strength is Strength.HARD
    assert seen["san", "shop", "Members::Member of"].group == "members"
    assert seen["san", "db", "whatever"].strength is Strength.HARD
    (rule,) = graph.group_rules
    assert (str(rule.min_up), rule.is_assumed) == ("1", True)


@pytest.mark.parametrize(("rows", "codes"), [(10_000, {"export-cut-off": 1}), (10_001, {})])
def test_a_table_of_exactly_ten_thousand_rows_was_probably_cut_off(
    tmp_path: Path, rows: int, codes: dict[str, int]
) -> None:
    graph = load_files(tmp_path, cis="id,class\n" + "".join(f"c{n},server\n" for n in range(rows)))
    assert codes_of(graph) == codes

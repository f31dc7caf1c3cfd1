"""Loading one export: which loader takes what, and that every row is accounted for."""

from __future__ import annotations

import gc
import io
import json
from pathlib import Path

import pytest

from loaders.export_writing import assert_rows_add_up, codes_of, load_files, write_files
from ripplegraph.errors import StrictFindingError, UnreadableFileError
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_explained, load_export

_CIS = "id,name,class\nshop,Shop,service\ndb,DB,database\n"
_RELATIONS = "dependent,dependency\nshop,db\n"


def test_a_folder_may_mix_servicenow_tables_with_generic_ones(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cmdb_ci="sys_id,name,sys_class_name\na1,Shop,cmdb_ci_service\nb2,DB,cmdb_ci_database\n",
        outages="ci,start\na1,2026-01-01T00:00Z\n",
    )
    assert graph.ci_of("a1").ci_id == "servicenow:cmdb_ci_service:a1"
    assert graph.outages[0].ci == "a1"


def test_a_table_that_nobody_knows_is_reported_with_all_its_rows(tmp_path: Path) -> None:
    graph = load_files(tmp_path, cis=_CIS, notes="what,when\nlunch,noon\nnap,one\n")
    assert codes_of(graph) == {"unknown-table": 1}
    (finding,) = graph.report.findings
    assert (finding.file, finding.count) == ("notes.csv", 2)
    assert graph.report.rows_reported == 2


def test_a_table_without_a_known_name_is_known_by_its_columns(tmp_path: Path) -> None:
    graph = load_files(tmp_path, cis=_CIS, edges_of_2026=_RELATIONS)
    assert graph.dependency_count == 1
    assert codes_of(graph) == {}


def test_a_table_is_read_from_standard_input() -> None:
    graph = load_export(["-"], stdin=io.BytesIO(_CIS.encode()))
    assert graph.ci_ids == ("csv:service:shop", "csv:database:db")


def test_one_json_document_holds_all_tables(tmp_path: Path) -> None:
    document = {
        "cis": [{"id": "shop", "class": "service"}, {"id": "db", "class": "database"}, 7],
        "relations": [{"dependent": "shop", "dependency": "db"}],
    }
    path = tmp_path / "all.json"
    path.write_text(json.dumps(document))
    graph = load_export([path])
    assert graph.ci_ids == ("json:service:shop", "json:database:db")
    assert {one.file: (one.rows_used, one.rows_reported) for one in graph.report.files} == {
        "all.json#cis": (2, 1),
        "all.json#relations": (1, 0),
    }


def test_a_json_list_is_the_table_that_its_file_is_named_after(tmp_path: Path) -> None:
    (tmp_path / "cis.json").write_text(json.dumps([{"id": "shop"}, {"id": "db"}]))
    (tmp_path / "relations.json").write_text(
        json.dumps([{"dependent": "shop", "dependency": "db"}])
    )
    graph = load_export([tmp_path])
    assert (graph.ci_count, graph.dependency_count) == (2, 1)


@pytest.mark.parametrize("text", ['{"a": [1, 2]}', '"text"', "[1, 2]", "{}", "[]", '[{"x": 1}]'])
def test_a_document_that_is_no_export_is_a_finding(tmp_path: Path, text: str) -> None:
    write_files(tmp_path, cis=_CIS)
    (tmp_path / "other.json").write_text(text)
    graph = load_export([tmp_path])
    assert graph.ci_count == 2
    assert {one.file for one in graph.report.findings} == {"other.json"}


def test_two_files_of_one_name_are_counted_apart(tmp_path: Path) -> None:
    write_files(tmp_path / "a", cis="id\nx\n")
    write_files(tmp_path / "b", cis="id\ny\nx\n")
    paths = [tmp_path / "a" / "cis.csv", tmp_path / "b" / "cis.csv"]
    graph = load_export(paths)
    assert [one.rows_read for one in graph.report.files] == [1, 2]
    assert codes_of(graph) == {"duplicate-id": 1}


def test_the_same_file_given_twice_is_counted_twice(tmp_path: Path) -> None:
    write_files(tmp_path, cis="id\nx\n")
    graph = load_export([tmp_path / "cis.csv"] * 2)
    assert sorted((one.rows_used, one.rows_reported) for one in graph.report.files) == [
        (0, 1),
        (1, 0),
    ]


def test_rows_that_building_refuses_are_reported(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_CIS + "db,Again,database\n",
        relations=_RELATIONS + "shop,db\n",
    )
    assert codes_of(graph) == {"duplicate-id": 1, "duplicate-relation": 1}
    assert (graph.report.rows_read, graph.report.rows_used, graph.report.rows_reported) == (
        5,
        3,
        2,
    )


def test_strict_ends_at_the_first_error_of_mapping_or_building(tmp_path: Path) -> None:
    strict = LoadOptions(strict=True)
    with pytest.raises(StrictFindingError, match="missing-id") as mapped:
        load_files(tmp_path / "mapped", strict, cis="id,name\n,x\n")
    assert (mapped.value.file, mapped.value.row) == ("cis.csv", 2)
    with pytest.raises(StrictFindingError, match="dangling-reference"):
        load_files(tmp_path / "built", strict, cis="id\na\n", relations=_RELATIONS)


def test_strict_passes_an_export_with_warnings_only(tmp_path: Path) -> None:
    graph = load_files(tmp_path, LoadOptions(strict=True), cis=_CIS, notes="a,b\n1,2\n")
    assert codes_of(graph) == {"unknown-table": 1}


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        load_export(["nowhere/at/all.csv"])


def test_loading_leaves_the_garbage_collector_as_it_was(tmp_path: Path) -> None:
    folder = write_files(tmp_path, cis=_CIS)
    load_export([folder])
    assert gc.isenabled()
    gc.disable()
    try:
        load_export([folder])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_explained_counts_which_rule_took_each_relation(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\nrelations:\n  - {match: {type: Needs}, impact: child_to_parent}\n"
    )
    folder = write_files(
        tmp_path / "export",
        cis=_CIS,
        relations="dependent,dependency,type\nshop,db,Needs\ndb,shop,odd\ndb,shop,\n",
    )
    _, explained = load_explained([folder], LoadOptions(mapping=mapping))
    counts = {key[1:]: count for key, count in explained.items()}
    assert counts == {("Needs", "service", "database"): 1, ("odd", "database", "service"): 1}


def test_the_same_export_gives_the_same_report(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path,
        cis="id,class\n" + "".join(f"c{n},odd{n % 5}\n" for n in range(50)),
        relations="dependent,dependency\n" + "".join(f"c{n},gone{n}\n" for n in range(150)),
    )
    first, again = load_export([folder]), load_export([folder])
    assert first.report == again.report
    assert_rows_add_up(folder, first)


@pytest.mark.parametrize("name", ["acme", "acme-csv"])
def test_every_row_of_the_examples_is_accounted_for(name: str) -> None:
    graph = load_export([Path(__file__).parents[2] / "examples" / name])
    assert graph.report.rows_read > 500
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported


def test_what_a_document_holds_beside_its_tables_is_reported(tmp_path: Path) -> None:
    document = {
        "cis": [{"id": "a", "class": "service"}, {"id": "b", "class": "server"}],
        "Relations": [{"dependent": "a", "dependency": "b"}],
        "foo": [{"x": 1}, {"x": 2}],
        "outages": {"ci": "a"},
        "groups": [],
        "version": 1,
    }
    (tmp_path / "x.json").write_text(json.dumps(document))
    graph = load_export([tmp_path / "x.json"])
    assert graph.dependency_count == 1
    assert {(one.file, one.rows_used, one.rows_reported) for one in graph.report.files} == {
        ("x.json#cis", 2, 0),
        ("x.json#Relations", 1, 0),
        ("x.json#foo", 0, 2),
    }
    assert {(one.code, one.file, one.count) for one in graph.report.findings} == {
        ("unknown-table", "x.json#foo", 2),
        ("broken-file", "x.json#outages", 1),
        ("empty-table", "x.json#groups", 1),
        ("unknown-table", "x.json", 1),
    }


def test_one_bad_entry_of_a_list_costs_its_own_row_only(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('[{"id": "a", "class": "service"}, 5]')
    graph = load_export([tmp_path / "list.json"])
    assert graph.ci_count == 1
    assert [(one.code, one.row) for one in graph.report.findings] == [("missing-id", 2)]


@pytest.mark.parametrize("text", ['[{"x": 1}, {"x": 2}, 3]', '{"a": [1, 2], "b": [3], "c": 4}'])
def test_the_records_of_an_unknown_document_are_counted(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    (tally,) = load_export([tmp_path / "other.json"]).report.files
    assert (tally.rows_read, tally.rows_used, tally.rows_reported) == (3, 0, 3)

"""Generic tables written from a graph: read again as the same, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.export_writing import codes_of, load_files
from loaders.test_native import graph_of_records, rich_records
from ripplegraph.errors import LimitExceededError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.process_records import PROCESS_KINDS
from ripplegraph.graph.records import Records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.formula_guard import guarded, unguarded
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.tables_out import write_tables

_FORMULAS = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\uff1d1+1", " =1", '"=1"',
    "a;=cmd|' /C calc'!A0", "x\t=1", "'=1", "''@x",
)  # fmt: skip
_STARTS_FORMULA = re.compile(r"\s*\"?\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def hostile_graph() -> ServiceGraph:
    """Return a graph in which names, teams, attributes and column names are formulas."""
    records = Records()
    for number, text in enumerate(_FORMULAS):
        records.cis.append(
            source="csv", class_name="server", native_id=f"{text}{number}", name=text,
            owner_team=text, attributes={text: text}, tags=("=t", "-u"),
        )  # fmt: skip
    return build_service_graph(records).graph


@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_the_tables_are_read_again_as_the_same_graph(tmp_path: Path, name: str) -> None:
    graph = load_files(
        tmp_path / "export",
        cis="""id,name,class,availability,mtbf_hours,tags,last_seen,rack,attribute
               shop,Shop,service,99.9%,,a; b,,,
               db,DB,database,,10,,2026-01-01T00:00:00Z,R1,x
               db,DB,server,,,,,,""",
        relations="dependent,dependency,strength,group,weight,valid_to\n"
        "shop,csv:database:db,soft,g,2,2026-01-01\nshop,csv:server:db,,,,\n",
        groups="dependent,group,min_up,grounded\nshop,g,50%,yes\n",
        agreements="id,kind,covers,target_availability,calendar\nS,SLA,shop,0.99,c\n",
        calendars="id,weekly,holidays,exceptions\nc,Mon-Fri 08:00-18:00,DE-BY,2026-12-31 closed\n",
        outages="ci,start\nshop,2026-01-01T00:00Z\n",
    )
    write_tables(graph, tmp_path / name)
    again = load_export([tmp_path / name])
    assert codes_of(again) == codes_of(graph)
    assert [ci.native_id for ci in again.configuration_items()] == ["shop", "db", "db"]
    assert again.cis.attributes == graph.cis.attributes
    assert again.cis.availability == graph.cis.availability
    assert again.cis.tags == graph.cis.tags
    assert again.cis.last_seen == graph.cis.last_seen
    ends = [
        [
            (g.cis.class_name[g.resolve(one.dependency)], one.strength, one.weight, one.valid_to)
            for one in g.dependencies()
        ]
        for g in (graph, again)
    ]
    assert ends[0] == ends[1]
    assert [str(rule.min_up) for rule in again.group_rules] == ["50%"]
    assert again.calendars[0].weekly == graph.calendars[0].weekly
    assert again.calendars[0].exceptions == graph.calendars[0].exceptions
    assert again.covered == graph.covered
    assert again.outage_ci == graph.outage_ci


def test_no_cell_of_a_csv_file_starts_a_formula_at_any_separator(tmp_path: Path) -> None:
    write_tables(hostile_graph(), tmp_path)
    text = (tmp_path / "cis.csv").read_text(encoding="utf-8")
    cells = [cell for row in csv.reader(text.splitlines(keepends=True)) for cell in row]
    assert len(cells) > 100
    for cell in cells:
        for part in re.split(r"[;,|\t]", cell):
            assert not _STARTS_FORMULA.match(part), cell


def test_no_cell_of_a_book_is_a_formula(tmp_path: Path) -> None:
    write_tables(hostile_graph(), tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["cis"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(_STARTS_FORMULA.match(str(cell.value)) for cell in cells)


@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_our_own_reader_takes_the_guard_off_again(tmp_path: Path, name: str) -> None:
    graph = hostile_graph()
    write_tables(graph, tmp_path / name)
    again = load_export([tmp_path / name])
    shown = [[text.strip() for text in one.cis.owner_team] for one in (graph, again)]
    assert shown[0] == shown[1]
    assert again.cis.tags == [("=t", "-u")] * len(_FORMULAS)


_CELLS = st.text(st.sampled_from("=+-@;, '\"|\ta1\n\r\uff1d\u200b\ufeff"), max_size=9)


@given(_CELLS)
def test_guarding_is_undone_exactly_and_leaves_no_formula(cell: str) -> None:
    safe = guarded(cell)
    assert unguarded(safe) == cell
    for part in re.split(r"[;,|\t\r\n]", safe):
        assert not _STARTS_FORMULA.match(part)


@pytest.mark.parametrize("cell", ["\u200b=1+1", "\ufeff=3", "a;\u2060 @x"])
def test_a_formula_behind_characters_without_width_is_guarded(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert re.search(r"'(?=[=@])", guarded(cell))


def test_control_characters_are_replaced_in_a_book(tmp_path: Path) -> None:
    records = Records()
    records.cis.append(source="csv", class_name="server", native_id="a\x01b")
    write_tables(build_service_graph(records).graph, tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["cis"]
    assert sheet["A2"].value == "a\ufffdb"


def test_a_cell_that_a_book_cannot_hold_is_refused(tmp_path: Path) -> None:
    records = Records()
    records.cis.append(source="csv", class_name="server", native_id="a", name="x" * 40_000)
    with pytest.raises(LimitExceededError, match="Export to CSV"):
        write_tables(build_service_graph(records).graph, tmp_path / "book.xlsx")


@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_agreements_outages_and_records_of_the_process_are_read_again_as_the_same(
    tmp_path: Path, name: str
) -> None:
    records = rich_records()
    records.cis.class_name[0] = "server"
    graph = graph_of_records(records)
    write_tables(graph, tmp_path / name)
    again = load_export([tmp_path / name])
    assert set(codes_of(again)) <= set(codes_of(graph))
    for kind in ("outages", *PROCESS_KINDS):
        before, after = (
            [replace(one, file="", row=0) for one in getattr(of, kind)] for of in (graph, again)
        )
        assert before == after, kind
        assert len(after) == 1, kind
    one, other = (
        replace(graph_of.agreements[0], covers=(), file="", row=0) for graph_of in (graph, again)
    )
    assert one == other

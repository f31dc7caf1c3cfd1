"""Columns out of rows: what decoding each row alone would give."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph.columns import ArrayColumn, NumberColumn
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.store.row_columns import FieldType, columns_of
from ripplegraph.store.rows import records_of_rows, rows_of

TEXTS = st.sampled_from(["web", "", 'say "hi"', "a\\b", "two\nlines", "größe", "日本", "{[,]}"])
MOMENTS = st.sampled_from([None, datetime(2026, 1, 1, 12, tzinfo=UTC)])
CI = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["csv", "snow"]),
        "class_name": TEXTS,
        "native_id": TEXTS,
        "name": TEXTS,
        "kind": st.sampled_from(CiKind),
        "is_logical": st.booleans(),
        "availability": st.sampled_from([None, Decimal("0.9995"), Decimal("0.99950")]),
        "mtbf_hours": st.sampled_from([None, 1 / 3, 1e300]),
        "tags": st.sampled_from([(), ("a",), ("]", "}", '"')]),
        "last_seen": MOMENTS,
        "row": st.integers(0, 10**12),
        "attributes": st.dictionaries(st.sampled_from(["rack", "site", "{x}"]), TEXTS),
    }
)
DEPENDENCY = st.fixed_dictionaries(
    {
        "dependent": TEXTS,
        "dependency": TEXTS,
        "relation_type": TEXTS,
        "strength": st.sampled_from(Strength),
        "group": st.sampled_from(["", "nodes"]),
        "weight": st.sampled_from([None, Decimal("0.5")]),
        "valid_to": MOMENTS,
        "row": st.integers(0, 99),
    }
)
GROUP = st.builds(
    GroupRecord,
    dependent=TEXTS,
    key=TEXTS,
    min_up=st.sampled_from([None, Requirement(unit=RequirementUnit.COUNT, value=Decimal(1))]),
    grounded=st.booleans(),
    row=st.integers(0, 9),
)


def records_with(
    cis: list[dict[str, Any]], dependencies: list[dict[str, Any]], groups: list[GroupRecord]
) -> Records:
    records = Records(groups=groups)
    for one in cis:
        records.cis.append(**one)
    for one in dependencies:
        records.dependencies.append(**one)
    return records


def cells_of(columns: CiColumns | DependencyColumns) -> dict[str, Any]:
    """Every cell, its type told too: 0.99950 is not 0.9995."""
    held = {one.name: getattr(columns, one.name) for one in fields(columns)}
    attributes = {name: dict(cells) for name, cells in held.pop("attributes", {}).items()}
    return {name: [repr(cell) for cell in cells] for name, cells in held.items()} | attributes


@settings(max_examples=60, deadline=None)  # the first example compiles
@given(
    cis=st.lists(CI, min_size=1, max_size=5),
    dependencies=st.lists(DEPENDENCY, max_size=5),
    groups=st.lists(GROUP, max_size=3),
)
def test_rows_read_into_arrays_hold_what_was_written(
    cis: list[dict[str, Any]], dependencies: list[dict[str, Any]], groups: list[GroupRecord]
) -> None:
    records = records_with(cis, dependencies, groups)
    rows = [(row.kind, row.payload) for row in rows_of(records)]
    back = records_of_rows(rows, is_compiled=True)
    assert isinstance(back.cis.row, NumberColumn)
    assert cells_of(back.cis) == cells_of(records.cis)
    assert cells_of(back.dependencies) == cells_of(records.dependencies)
    assert list(back.groups) == groups


@pytest.mark.parametrize(
    "payload",
    [
        '{"source":"csv","class_name":"server","native_id":"a","colour":"red"}',
        '{"native_id":"a","source":"csv","class_name":"server"}',
        '{"source": "csv", "class_name": "server", "native_id": "a"}',
        '{"source":"csv","class_name":"server","native_id":"a","row":-0}',
        '{"source":"csv","class_name":"server","native_id":"a","attributes":{}}',
    ],
)
def test_a_row_that_is_written_otherwise_is_read_all_the_same(payload: str) -> None:
    usual = '{"source":"csv","class_name":"server","native_id":"b","row":7}'
    back = records_of_rows([("cis", payload), ("cis", usual)], is_compiled=True)
    assert (list(back.cis.native_id), list(back.cis.row)) == (["a", "b"], [0, 7])
    assert not any(back.cis.attributes.values())


def test_what_looks_like_the_end_of_a_line_stays_in_its_text() -> None:
    older = '{"native_id":"a","source":"csv","class_name":"server","name":"one\u2028two\x85three"}'
    back = records_of_rows([("cis", older)], is_compiled=True)
    assert list(back.cis.name) == ["one\u2028two\x85three"]


FIELDS = {
    "id": FieldType(type=str, default="", is_text=True),
    "row": FieldType(type=int, default=0, is_text=False),
    "size": FieldType(type=Decimal | None, default=None, is_text=False),
    "attributes": FieldType(type=dict[str, str], default=None, is_text=False),
}


def read(text: str) -> dict[str, Any] | None:
    """The columns of lines, by kernels that are not compiled."""
    lines = bytearray(text.encode())
    return columns_of(lines, text.count("\n"), FIELDS, is_compiled=False)


def test_plain_kernels_read_the_same() -> None:
    found = read(
        '{"id":"a","row":12,"attributes":{"x":"1","y":"\\u00e9"}}\n'
        '{"id":"b\\n","size":"0.50"}\n{"row":3,"attributes":{"y":"2"}}\n'
    )
    assert found is not None
    attributes = {name: dict(cells) for name, cells in found.pop("attributes").items()}
    assert {name: list(column) for name, column in found.items()} == {
        "id": ["a", "b\n", ""],
        "row": [12, 0, 3],
        "size": [None, Decimal("0.50"), None],
    }
    assert attributes == {"x": {0: "1"}, "y": {0: "é", 2: "2"}}
    assert isinstance(found["id"], ArrayColumn)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        '{"id":"a"',
        '{"id":"a',
        '{"id":"a\\',
        '{"id":"a"}x',
        '{"id":"a" ,"row":1}',
        '{"id":"a","row":[1,2}',
        '{"id":"a","other":1}',
        '{"id":"a","row":1.5}',
        '{"id":"a","row":-1}',
        '{"id":"a","attributes":{"x":1}}',
        '{"id":"a","attributes":{"x":"1","y":{}}}',
        '{"id":"a","attributes":{"\\u0078":"1"}}',
        '{"id":"a","attributes":{"x" :"1"}}',
        '{"id":"a","attributes":{"x":"1" }}',
    ],
)
def test_lines_that_are_not_as_they_are_written_are_not_guessed_at(line: str) -> None:
    assert read(f'{{"id":"b"}}\n{line}\n') is None

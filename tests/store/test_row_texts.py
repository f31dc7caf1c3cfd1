"""Rows of columns: the JSON and keys that each record alone would have, however they are held."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph.columns import CodedColumn, NumberColumn, TextColumn
from ripplegraph.graph.group_columns import GroupRecordColumns
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import CiColumns, DependencyColumns, GroupRecord, Records
from ripplegraph.graph.sparse_texts import SparseTexts
from ripplegraph.store.rows import batches_of, rows_of

TEXTS = st.sampled_from(
    ["web", "", 'say "hi"', "a\\b", "two\nlines", "tab\there", "größe", "日本", "x" * 40, "web-1"]
)
CI = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["csv", "snow"]),
        "class_name": st.sampled_from(["server", 'odd "class"']),
        "native_id": TEXTS,
        "name": TEXTS,
        "kind": st.sampled_from([CiKind.OTHER, CiKind.SERVER]),
        "owner_team": st.sampled_from(["", "dba", "net\\ops"]),
        "availability": st.sampled_from([None, Decimal("0.9995"), Decimal("0.99950")]),
        "row": st.sampled_from([0, 1, 9, 10, 12345]),
        "rack": TEXTS,
        "site": st.sampled_from(["", "A", 'B"2']),
    }
)
DEPENDENCY = st.fixed_dictionaries(
    {
        "dependent": TEXTS,
        "dependency": TEXTS,
        "relation_type": st.sampled_from(["", "Uses", 'the "type"']),
        "strength": st.sampled_from(Strength),
        "group": st.sampled_from(["", "nodes"]),
        "row": st.sampled_from([1, 99, 100]),
    }
)
CI_FIELDS = (
    "source",
    "class_name",
    "native_id",
    "name",
    "kind",
    "owner_team",
    "availability",
    "row",
)
EDGE_FIELDS = ["dependent", "dependency", "relation_type", "strength", "group", "row"]


def coded(cells: list[Any]) -> CodedColumn[Any]:
    """Every cell a value of its own: equal ones may be written differently."""
    return CodedColumn(cells, np.arange(len(cells), dtype=np.uint32))


def in_arrays(cis: list[dict[str, Any]], dependencies: list[dict[str, Any]]) -> Records:
    """Records held as those of large exports are."""
    ci, relation = CiColumns(), DependencyColumns()
    for one in cis:
        ci.append(**{name: one[name] for name in CI_FIELDS})
    ci.native_id = TextColumn.of([one["native_id"] for one in cis])
    ci.name = TextColumn.of([one["name"] for one in cis])
    for name in ("source", "class_name", "kind", "owner_team", "availability", "state"):
        setattr(ci, name, coded(getattr(ci, name)))
    ci.row = NumberColumn(np.array([one["row"] for one in cis], dtype=np.uint32))
    ci.attributes = {
        "site": SparseTexts(coded([one["site"] for one in cis])),
        "rack": SparseTexts(TextColumn.of([one["rack"] for one in cis[:-1]])),
    }
    for one in dependencies:
        relation.append(**one)
    for name in ("dependent", "dependency", "relation_type", "strength", "group"):
        setattr(relation, name, coded(getattr(relation, name)))
    relation.row = NumberColumn(np.array([one["row"] for one in dependencies], dtype=np.uint32))
    return Records(cis=ci, dependencies=relation)


def said_of_ci(one: dict[str, Any], *, is_last: bool) -> str:
    defaults = {"name": "", "kind": CiKind.OTHER, "owner_team": "", "availability": None, "row": 0}
    said = {
        name: one[name]
        for name in CI_FIELDS
        if name not in defaults or one[name] != defaults[name]
    }
    rack = "" if is_last else one["rack"]
    attributes = {n: cell for n, cell in (("rack", rack), ("site", one["site"])) if cell}
    return msgspec.json.encode(said | ({"attributes": attributes} if attributes else {})).decode()


def said_of_dependency(one: dict[str, Any]) -> str:
    defaults = {"relation_type": "", "strength": Strength.HARD, "group": ""}
    said = {n: one[n] for n in EDGE_FIELDS if n not in defaults or one[n] != defaults[n]}
    return msgspec.json.encode(said).decode()


@pytest.mark.parametrize("is_compiled", [False, True])
@settings(max_examples=60, deadline=None)  # the first example compiles
@given(cis=st.lists(CI, min_size=1, max_size=6), dependencies=st.lists(DEPENDENCY, max_size=6))
def test_rows_of_arrays_are_what_each_record_alone_would_be(
    is_compiled: bool, cis: list[dict[str, Any]], dependencies: list[dict[str, Any]]
) -> None:
    records = in_arrays(cis, dependencies)
    found = [row for batch in batches_of(records, is_compiled=is_compiled) for row in batch]
    payloads = [said_of_ci(one, is_last=one is cis[-1]) for one in cis]
    payloads += map(said_of_dependency, dependencies)
    assert [row.payload for row in found] == payloads
    keys = ["\t".join((one["source"], one["class_name"], one["native_id"])) for one in cis]
    assert [row.key.partition("\t#")[0] for row in found[: len(cis)]] == keys
    assert len({(row.kind, row.key) for row in found}) == len(found)


@pytest.mark.parametrize("is_compiled", [False, True])
def test_groups_in_columns_are_the_rows_of_their_records(is_compiled: bool) -> None:
    requirement = Requirement(unit=RequirementUnit.COUNT, value=Decimal(2))
    groups = [
        GroupRecord(dependent="shop", key="web", min_up=requirement, file="g.csv", row=2),
        GroupRecord(dependent='"odd"', key="db", grounded=True),
    ]
    columns = Records(groups=GroupRecordColumns.of(groups))
    found = [row for batch in batches_of(columns, is_compiled=is_compiled) for row in batch]
    assert found == list(rows_of(Records(groups=groups)))
    assert found[1].key == '"odd"\tdb'

"""ServiceNow's tables held in arrays, as those of big files, give what they give as lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph import kernels_texts, numbered_texts
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.columns import ArrayColumn, CodedColumn, TextColumn, coded
from ripplegraph.graph.numbered_texts import MANY_TEXTS
from ripplegraph.graph.records_of import records_of
from ripplegraph.loaders.context import LoadContext, LoadOptions
from ripplegraph.loaders.mapping import load_mapping
from ripplegraph.loaders.reading import RawTable
from ripplegraph.loaders.servicenow import (
    mapped_relations,
    records,
    relations,
    servicenow_records,
)
from ripplegraph.loaders.times import TimeReader

Column = Callable[[list[str]], Sequence[str]]
Rows = list[dict[str, str]]

SYS_IDS = [f"{number:032x}" for number in range(6)]
TEAM = f"{99:032x}"
NAMES = ["web", "db", "Web", "null", "", "straße"]
END = st.sampled_from([*SYS_IDS, *SYS_IDS, "web", "db", "gone", "", "n/a"])
LINK = st.sampled_from(["", "", "", *(f"https://x/cmdb_ci/{one}?view=1" for one in SYS_IDS[:2])])


def _fields(**cells: Sequence[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({name: st.sampled_from(many) for name, many in cells.items()})


CI = _fields(
    sys_id=[*SYS_IDS, *SYS_IDS, ""],
    name=NAMES,
    sys_class_name=["cmdb_ci_server", "Server", "cmdb_ci", "cmdb_ci_cluster", "odd", "",
                    "service_offering"],
    operational_status=["1", "6", ""],
    install_status=["1", "7", ""],
    environment=["test", "production", ""],
    support_group=[TEAM, "Team A", ""],
    availability=["99.9%", "high", ""],
    tags=["a;b", ""],
    u_min_up=["2", "some", ""],
    parent=[*SYS_IDS[:2], "web", ""],
    sys_updated_on=["2026-01-05 00:00:00", "2026-03-04 10:00:00", "soon", "", "null"],
    location=["x", "X", "y", ""],
    room=["", "", "r1"],
)  # fmt: skip
RELATION = st.fixed_dictionaries(
    {
        "sys_id": st.sampled_from(["", "r1", "r2", "r3", "r4", "r5"]),
        "parent": END,
        "parent.link": LINK,
        "child": END,
        "child.display_value": st.sampled_from(["", "", "web", "db"]),
        "type": st.sampled_from(
            ["Depends on::Used by", "Used by::Depends on", "Members::Member of", "t1", "",
             "Cluster of::Cluster", "Exchanges data with::Exchanges data with", "unheard of"]
        ),
        "strength": st.sampled_from(["", "", "soft", "none", "iron"]),
        "weight": st.sampled_from(["", "1", "2.5", "x"]),
    }
)  # fmt: skip
FAILED = st.sampled_from(["", "", "success", "failure"])
CIS = st.lists(CI, max_size=12)
RELATIONS = st.lists(RELATION, max_size=16)
FAILING = st.lists(st.tuples(RELATION, FAILED).map(lambda one: one[0] | {"__status": one[1]}))


def _table(name: str, file: str, rows: Rows, column: Column) -> RawTable:
    cells = {field: column([row[field] for row in rows]) for field in rows[0]} if rows else {}
    return RawTable(name=name, file=file, columns=cells, rows=range(2, len(rows) + 2))


def _told(tables: dict[str, tuple[str, Rows]], column: Column, zone: str | None) -> Any:
    """Return everything that ServiceNow's tables give: records, findings, rows, rules."""
    options = LoadOptions(time_zone=zone)
    context = LoadContext(
        rules=load_mapping(None, default="servicenow-default"),
        times=TimeReader(zone, None),
        options=options,
    )
    raw = [_table(name, file, rows, column) for file, (name, rows) in tables.items()]
    for table in raw:
        context.ledger.register(table.file, table.rows)
    servicenow_records(raw, [], context)
    built = build_service_graph(context.records)
    context.ledger.take_back(built.refused)
    found = (context.found.findings(), built.findings, context.ledger.tallies())
    return records_of(built.graph), *found, context.explained


def _coded(cells: list[str]) -> Sequence[str]:
    return coded(TextColumn.of(cells))


@pytest.mark.parametrize("column", [TextColumn.of, _coded], ids=["texts", "codes"])
@given(base=CIS, servers=CIS, first=RELATIONS, second=FAILING, zone=st.sampled_from([None, "UTC"]))
@settings(max_examples=60, deadline=None)
def test_arrays_give_what_lists_give(
    column: Column, base: Rows, servers: Rows, first: Rows, second: Rows, zone: str | None
) -> None:
    tables = {
        "cmdb_ci.csv": ("cmdb_ci", base),
        "cmdb_ci_server.csv": ("cmdb_ci_server", servers),
        "cmdb_rel_ci.csv": ("cmdb_rel_ci", first),
        "cmdb_rel_ci_2.csv": ("cmdb_rel_ci", second),
        "sys_user_group.csv": ("sys_user_group", [{"sys_id": TEAM, "name": "Team A"}]),
        "cmdb_rel_type.csv": ("cmdb_rel_type", [{"sys_id": "t1", "name": "Runs on::Runs"}]),
    }
    plain = _told(tables, list, zone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "is_large", _always)
        for module in (mapped_relations, relations, numbered_texts):
            patch.setattr(module, "MANY_TEXTS", 1)
        assert _told(tables, column, zone) == plain


def _always(*_counts: int) -> bool:
    return True


def test_exports_of_small_files_compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cis = [{"sys_id": one, "name": "web"} for one in SYS_IDS]
    links = [{"sys_id": "r1", "parent": SYS_IDS[0], "child": one} for one in SYS_IDS[1:]]
    tables = {"cmdb_ci.csv": ("cmdb_ci", cis), "cmdb_rel_ci.csv": ("cmdb_rel_ci", links)}
    plain = _told(tables, list, None)
    monkeypatch.setattr(kernels_texts, "kernel_of", _refused)
    for module in (mapped_relations, relations, numbered_texts):
        monkeypatch.setattr(module, "MANY_TEXTS", 1)
    assert _told(tables, list, None) == plain


def _refused(kernel: object, *, is_compiled: bool) -> object:
    pytest.fail(f"{kernel} was asked for, compiled: {is_compiled}")


def test_many_cis_and_relations_end_in_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "is_large", _always)
    cis = [
        {"sys_id": f"{one:032x}", "name": f"ci {one}", "rack": "r"} for one in range(MANY_TEXTS)
    ]
    links = [{"parent": cis[0]["sys_id"], "child": one["sys_id"], "type": "Runs on::Runs"}
             for one in cis]  # fmt: skip
    context = LoadContext(
        rules=load_mapping(None, default="servicenow-default"), times=TimeReader()
    )
    tables = [
        _table("cmdb_ci", "cmdb_ci.csv", cis, TextColumn.of),
        _table("cmdb_rel_ci", "cmdb_rel_ci.csv", links, TextColumn.of),
    ]
    servicenow_records(tables, [], context)
    made = context.records
    assert isinstance(made.cis.name, TextColumn)
    assert isinstance(made.cis.row, ArrayColumn)
    assert isinstance(made.dependencies.dependent, CodedColumn)
    assert made.dependencies.dependency == made.cis.native_id
    assert list(made.cis.attributes["rack"]) == list(range(MANY_TEXTS))
    assert context.explained.total() == len(Counter(made.dependencies.row))

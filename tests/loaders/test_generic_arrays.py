"""Generic tables held in arrays, as big files are, give what the same tables give as lists."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.graph import numbered_texts
from ripplegraph.graph.build import BuildResult, build_service_graph
from ripplegraph.graph.columns import CodedColumn, TextColumn, coded
from ripplegraph.graph.numbered_texts import MANY_TEXTS, TextTable
from ripplegraph.graph.records_of import records_of
from ripplegraph.loaders.context import LoadContext, LoadOptions
from ripplegraph.loaders.generic import generic_records
from ripplegraph.loaders.mapping import load_mapping
from ripplegraph.loaders.reading import RawTable
from ripplegraph.loaders.times import TimeReader

Column = Callable[[list[str]], Sequence[str]]
Table = dict[str, list[str]]

IDS = st.sampled_from(["web", "db", "san", "'=lb", "csv:server:db", "a:b", "gone", ""])
CI = st.fixed_dictionaries(
    {
        "id": IDS,
        "name": st.sampled_from(["", "Web", "'=1+1", "web"]),
        "class": st.sampled_from(["server", "cluster", "", "service", "odd thing"]),
        "lifecycle": st.sampled_from(["", "retired", "operational", "NA"]),
        "environment": st.sampled_from(["", "test", "production"]),
        "availability": st.sampled_from(["", "99.9%", "0.5", "high"]),
        "tags": st.sampled_from(["", "a;b", "gold"]),
        "last_seen": st.sampled_from(["", "2026-01-05T00:00:00Z", "03/04/2026", "soon"]),
        "room": st.sampled_from(["", "r1", "'-r2"]),
    }
)
RELATION = st.fixed_dictionaries(
    {
        "dependent": IDS,
        "dependency": IDS,
        "type": st.sampled_from(
            ["", "Depends on::Used by", "Used by::Depends on", "Members::Member of",
             "Hosts::Hosted on", "Exchanges data with::Exchanges data with", "unheard of"]
        ),
        "group": st.sampled_from(["", "", "nodes"]),
        "strength": st.sampled_from(["", "soft", "none", "iron"]),
        "weight": st.sampled_from(["", "1", "2.5", "x"]),
        "valid_from": st.sampled_from(["", "2026-01-01", "2026-03-01T00:00:00Z"]),
        "valid_to": st.sampled_from(["", "2026-02-01", "never"]),
    }
)  # fmt: skip
GROUP = st.fixed_dictionaries(
    {
        "dependent": IDS,
        "group": st.sampled_from(["nodes", "members", ""]),
        "min_up": st.sampled_from(["", "1", "50%", "some"]),
    }
)


TEXTS = TextTable(is_compiled=False)


def numbered(cells: list[str]) -> Sequence[str]:
    return CodedColumn(TEXTS, TEXTS.number(TextColumn.of(cells)))


def columns_of(rows: list[dict[str, str]]) -> Table:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def loaded(tables: dict[str, Table], column: Column, mapping: str | None) -> Any:
    context = LoadContext(
        rules=load_mapping(mapping, default="generic"),
        times=TimeReader(None, None),
        options=LoadOptions(mapping=mapping),
    )
    raw = []
    for name, cells in tables.items():
        count = len(next(iter(cells.values()), ()))
        file, rows = f"{name}.csv", range(2, count + 2)
        held = {field: column(of_field) for field, of_field in cells.items()}
        raw.append(RawTable(name=name.rstrip("2"), file=file, columns=held, rows=rows))
        context.ledger.register(file, rows)
    generic_records(raw, context)
    context.records.findings[:] = context.found.findings()
    result: BuildResult = build_service_graph(context.records)
    context.ledger.take_back(result.refused)
    made = records_of(result.graph)
    return (
        made,
        result.findings,
        result.refused,
        result.graph.service_numbers,
        context.ledger.tallies(),
        Counter(context.explained),
    )


@pytest.mark.parametrize("mapping", [None, "generic", "servicenow-default"])
@pytest.mark.parametrize(
    ("column", "many"),
    [(TextColumn.of, MANY_TEXTS), (coded, MANY_TEXTS), (TextColumn.of, 1), (numbered, 1)],
    ids=["texts", "codes", "texts numbered by kernels", "texts numbered while read"],
)
@given(
    cis=st.lists(CI, max_size=8),
    more_cis=st.lists(CI, max_size=3),
    relations=st.lists(RELATION, max_size=8),
    more_relations=st.lists(RELATION, max_size=3),
    groups=st.lists(GROUP, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_arrays_give_what_lists_give(
    cis: list[dict[str, str]],
    more_cis: list[dict[str, str]],
    relations: list[dict[str, str]],
    more_relations: list[dict[str, str]],
    groups: list[dict[str, str]],
    column: Column,
    many: int,
    mapping: str | None,
) -> None:
    tables = {
        name: columns_of(rows)
        for name, rows in (
            ("cis", cis),
            ("cis2", more_cis),
            ("relations", relations),
            ("relations2", more_relations),
            ("groups", groups),
        )
        if rows
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbered_texts, "MANY_TEXTS", many)
        made = loaded(tables, column, mapping)
    assert made == loaded(tables, list, mapping)

"""Rows on time lines: outages united per CI, within business hours, and propagated in time.

``python -m benchmarks.timelines`` runs them alone. Answers are compared before they are timed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.calendars import OFFICE
from benchmarks.rows import (
    Row,
    cpu_seconds,
    explained,
    profile_of,
    require,
    rows_beside,
    table_of,
    write_rows,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, seconds_within, service_time
from ripplegraph.impact.timeline.own_changes import OutageColumns, View, own_changes
from ripplegraph.impact.timeline.sweep import StatusHistories, status_histories
from ripplegraph.impact.timeline.topology_in_time import TopologyInTime
from ripplegraph.impact.timeline.unions import united

SEED = 11
_START, _END = datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
_SORT, _POLARS, _DUCKDB = "np.sort of the boundaries", "polars", "duckdb"
UNION_GOALS = {_SORT: 0.25, _POLARS: 10.0, _DUCKDB: 10.0}
HOURS_GOALS = {_POLARS: 10.0, _DUCKDB: 10.0}

Seconds = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Past:
    """Outages of many CIs in one year, unsorted."""

    cis: Seconds
    starts: Seconds
    ends: Seconds


def past_of(count: int, ci_count: int) -> Past:
    """Return outages from a minute to some days long; some CIs fail far more than others."""
    rng = np.random.default_rng([SEED, count])
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2026, 2027))
    cis = (ci_count * rng.power(0.5, count)).astype(np.int64)
    starts = rng.integers(first, last, count)
    lengths = np.minimum(rng.exponential(4 * 3600, count), 2e5).astype(np.int64) + 60
    return Past(cis=cis, starts=starts, ends=starts + lengths)


def union_rows(count: int, ci_count: int, *, rounds: int) -> list[Row]:
    """Time the union per CI, and its business seconds, beside a bare sort, polars and duckdb."""
    past = past_of(count, ci_count)
    boundaries = np.concatenate((past.starts, past.ends))
    hours = service_time(OFFICE, _START, _END)
    rows: list[Row] = []
    unions: dict[str, Callable[[], object]] = {
        "ours": lambda: united(past.cis, past.starts, past.ends),
        _SORT: lambda: np.sort(boundaries),
        _POLARS: lambda: polars_union(past),
        _DUCKDB: lambda: duckdb_union(past),
    }
    found = united(past.cis, past.starts, past.ends)
    lengths = int((found.ends - found.starts).sum())
    for peer, frame in ((_POLARS, polars_union(past)), (_DUCKDB, duckdb_union(past))):
        require(frame.height == len(found.starts), f"{peer} unites as many")
        require(int((frame["end"] - frame["start"]).sum()) == lengths, f"{peer} sums the same")
    spent = cpu_seconds(unions, rounds=rounds)
    made = rows_beside("outages united", count, spent, goals=UNION_GOALS, peak_rss_mb=0.0)
    rows += explained(made, partial(profile_of, unions["ours"]))
    sums: dict[str, Callable[[], Seconds]] = {
        "ours": lambda: business_seconds(past, hours, ci_count),
        _POLARS: lambda: polars_business(polars_union(past), hours, ci_count),
        _DUCKDB: lambda: polars_business(duckdb_union(past), hours, ci_count),
    }
    expected, *others = (call() for call in sums.values())
    for other in others:
        require(np.array_equal(expected, other), "business seconds of every CI agree")
    spent = cpu_seconds(sums, rounds=rounds)
    name = "business seconds down per CI"
    made = rows_beside(name, count, spent, goals=HOURS_GOALS, peak_rss_mb=0.0)
    return rows + explained(made, partial(profile_of, sums["ours"]))


def business_seconds(past: Past, hours: ServiceTime, ci_count: int) -> Seconds:
    """Return the business seconds in which each CI was down."""
    found = united(past.cis, past.starts, past.ends)
    within = seconds_within(hours, found.starts, found.ends)
    return np.bincount(found.owners, weights=within, minlength=ci_count).astype(np.int64)


def polars_union(past: Past) -> pl.DataFrame:
    """Return the union by polars: sort, running end, groups."""
    frame = pl.DataFrame({"ci": past.cis, "start": past.starts, "end": past.ends}).lazy()
    reach = pl.col("end").cum_max().shift(1).over("ci")
    fresh = (pl.col("start") > reach).fill_null(value=True)
    return (
        frame.sort("ci", "start")
        .with_columns(place=fresh.cum_sum())
        .group_by("place")
        .agg(pl.col("ci").first(), pl.col("start").min(), pl.col("end").max())
        .collect()
    )


def duckdb_union(past: Past) -> pl.DataFrame:
    """Return the union by duckdb: two window functions and groups."""
    import duckdb

    past_frame = {"ci": past.cis, "start": past.starts, "end": past.ends}
    query = """
        with reached as (
            select ci, start, "end", max("end") over (
                partition by ci order by start rows between unbounded preceding and 1 preceding
            ) as reach from past_frame
        ), placed as (
            select ci, start, "end",
                sum(case when reach is null or start > reach then 1 else 0 end)
                over (partition by ci order by start rows unbounded preceding) as place
            from reached
        )
        select ci, min(start) as start, max("end") as "end" from placed group by ci, place
    """
    require(len(past_frame["ci"]), "duckdb reads the columns by their name")
    relation: Any = duckdb.sql(query)
    return pl.DataFrame(relation.fetchnumpy())


def polars_business(frame: pl.DataFrame, hours: ServiceTime, ci_count: int) -> Seconds:
    """Return business seconds per CI by polars: search, gather, sums."""
    opened, closed = pl.Series(hours.starts), pl.Series(hours.ends)
    before = (closed - opened).cum_sum().shift(1, fill_value=0)

    def passed(moments: pl.Series) -> Seconds:
        index = (opened.search_sorted(moments, side="right").cast(pl.Int64) - 1).clip(0)
        begun = (moments - opened.gather(index)).clip(0)
        within = np.minimum(begun.to_numpy(), (closed - opened).gather(index).to_numpy())
        found: Seconds = before.gather(index).to_numpy() + within
        return found

    seconds = passed(frame["end"]) - passed(frame["start"])
    sums = (
        pl.DataFrame({"ci": frame["ci"], "seconds": seconds})
        .group_by("ci")
        .agg(pl.col("seconds").sum())
    )
    found = np.zeros(ci_count, dtype=np.int64)
    found[sums["ci"].to_numpy()] = sums["seconds"].to_numpy()
    return found


def propagation_row(graph: ServiceGraph, *, outages: int) -> Row:
    """State how long it takes to follow a million events to the histories of all services."""
    past = past_of(outages, graph.ci_count)
    nothing = np.zeros(outages, dtype=bool)
    columns = OutageColumns(
        ci=past.cis,
        start=past.starts,
        end=past.ends,
        is_planned=nothing,
        is_degradation=nothing,
        is_excluded=nothing,
        announced=past.starts,
    )
    now = int(_END.timestamp())
    topology, services = TopologyInTime(graph), graph.service_numbers

    def swept(count: int) -> tuple[StatusHistories, int]:
        few = OutageColumns(
            **{name: getattr(columns, name)[:count] for name in OutageColumns.__slots__}
        )
        changes = own_changes(few, now=now)[View.ACTUAL]
        return status_histories(topology, changes, services, now=now), len(changes.times)

    swept(1_000)  # kernels compiled, graph laid out
    start = process_time()
    found, events = swept(outages)
    spent = (process_time() - start) * 1e6 / events
    require(len(found.times) > len(services), "services have histories")
    return Row(
        name="a million events propagated to all services",
        size=graph.ci_count,
        ours_s=spent,
        peer="(stated only)",
        peer_s=spent,
        goal=0.0,
    )


def main() -> None:
    """Run the rows at two million outages of 100,000 CIs."""
    from benchmarks.subject import Subject

    rows = union_rows(2_000_000, 100_000, rounds=5)
    rows.append(propagation_row(Subject(100_000).graph, outages=200_000))
    write_rows(rows, Path("build/bench-timelines.json"))
    sys.stdout.write(table_of(rows) + "\n")


if __name__ == "__main__":
    main()

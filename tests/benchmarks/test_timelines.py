"""The benchmark of time lines: ours and polars unite the same outages, hours included."""

from __future__ import annotations

import numpy as np

from benchmarks.calendars import OFFICE
from benchmarks.timelines import (
    _END,
    _START,
    business_seconds,
    past_of,
    polars_business,
    polars_union,
    propagation_row,
)
from graph_building import graph_of
from ripplegraph.graph.service_time import service_time
from ripplegraph.impact.timeline.unions import united


def test_ours_and_polars_unite_the_same_outages() -> None:
    past = past_of(3_000, 20)
    found, frame = united(past.cis, past.starts, past.ends), polars_union(past)
    peers = sorted(frame.select("ci", "start", "end").rows())
    assert list(zip(found.owners, found.starts, found.ends, strict=True)) == peers
    hours = service_time(OFFICE, _START, _END)
    ours = business_seconds(past, hours, 20)
    assert np.array_equal(ours, polars_business(frame, hours, 20))


def test_propagation_is_stated_per_million_events() -> None:
    row = propagation_row(graph_of("shop -> h1 | h2 & db"), outages=1_200)
    assert row.ours_s > 0
    assert row.goal == 0

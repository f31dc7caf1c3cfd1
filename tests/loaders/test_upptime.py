"""Upptime's files: sites as services, the log of status changes as outages, day sums."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loaders.export_writing import codes_of
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.load import load_export

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "upptime"
_RED, _GREEN, _YELLOW = "\U0001f7e5", "\U0001f7e9", "\U0001f7e8"
_HASH = "0123456789abcdef0123456789abcdef01234567"


def log_of(*lines: tuple[str, str]) -> str:
    """Return a log of commits, the newest first as git writes it, from lines oldest first."""
    return "\n".join(f"{_HASH}\t{at}\t{message}" for at, message in reversed(lines)) + "\n"


def check_totals(graph: ServiceGraph) -> None:
    """Rows in = rows used + rows reported, per file."""
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally


def test_the_log_gives_outages_to_the_second_and_says_how_long_a_site_was_watched(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.tsv"
    path.write_text(
        log_of(
            ("2026-01-01T00:00:00+00:00", f"{_GREEN} Shop is up (200 in 10 ms) [skip ci]"),
            ("2026-01-02T08:00:00+01:00", f"{_RED} Shop is down (0 in 0 ms) [skip ci]"),
            ("2026-01-02T07:10:00+00:00", f"{_RED} Shop is down (0 in 0 ms) [skip ci]"),
            ("2026-01-02T07:30:00+00:00", f"{_YELLOW} Shop is degraded performance (200)"),
            ("2026-01-02T07:45:00+00:00", f"{_GREEN} Shop is up (200 in 10 ms)"),
            ("2026-01-03T00:00:00+00:00", f"{_RED} Blog (EU) is down (0 in 0 ms)"),
            ("2026-01-04T00:00:00+00:00", ":bento: Update graphs"),
        ),
        encoding="utf-8",
    )
    graph = load_export([path])
    check_totals(graph)
    seven = datetime(2026, 1, 2, 7, tzinfo=UTC)
    assert [(one.ci, one.kind, one.start, one.end) for one in graph.outages] == [
        ("blog-eu", OutageKind.UNPLANNED, datetime(2026, 1, 3, tzinfo=UTC), None),
        ("shop", OutageKind.UNPLANNED, seven, seven.replace(minute=30)),
        ("shop", OutageKind.DEGRADATION, seven.replace(minute=30), seven.replace(minute=45)),
    ]
    shop = graph.ci_of("shop")
    assert (shop.name, shop.class_name, shop.source) == ("Shop", "service", "upptime")
    assert shop.observed_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert shop.observed_to == datetime(2026, 1, 4, tzinfo=UTC)
    assert codes_of(graph) == {"commit-without-status": 1}
    assert (graph.report.rows_read, graph.report.rows_reported) == (7, 1)


def test_the_summary_alone_gives_minutes_per_day_put_where_they_fit(tmp_path: Path) -> None:
    days = {"2026-01-01": 60, "2026-01-02": 1440, "2026-01-03": 30, "2026-01-05": 5,
            "2026-01-06": 0, "soon": 5, "2026-01-07": 1441}  # fmt: skip
    site = {"name": "Shop", "slug": "shop", "url": "https://shop", "dailyMinutesDown": days}
    (tmp_path / "summary.json").write_text(json.dumps([site, site, {"name": "x"}, "odd"]))
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "shop.yml").write_text(
        "url: https://shop\nstatus: up\nlastUpdated: 2026-02-01T00:00:00.000Z\n"
        "startTime: 2025-12-01T00:00:00.000Z\ngenerator: Upptime <https://github.com/upptime>\n"
    )
    graph = load_export([tmp_path])
    check_totals(graph)
    spans = [(one.start, (one.end or one.start) - one.start) for one in graph.outages]
    assert spans == [
        (datetime(2026, 1, 1, 23, tzinfo=UTC), timedelta(minutes=60 + 1440 + 30)),
        (datetime(2026, 1, 5, tzinfo=UTC), timedelta(minutes=5)),
    ]
    shop = graph.ci_of("shop")
    assert shop.observed_from == datetime(2025, 12, 1, tzinfo=UTC)
    assert shop.observed_to == datetime(2026, 2, 1, tzinfo=UTC)
    assert codes_of(graph) == {
        "duplicate-id": 1,
        "invalid-value": 2,
        "missing-id": 2,
        "outage-placed": 1,
    }


def test_where_the_log_tells_of_a_site_its_minutes_per_day_are_not_used(tmp_path: Path) -> None:
    site = {"name": "Shop!", "slug": "my-shop", "dailyMinutesDown": {"2026-01-02": 99}}
    (tmp_path / "summary.json").write_text(json.dumps([site]))
    lines = log_of(
        ("2026-01-02T07:00:00+00:00", f"{_RED} Shop! is down (0 in 0 ms)"),
        ("2026-01-02T07:01:00+00:00", f"{_GREEN} Shop! is up (200 in 9 ms)"),
        ("soon", f"{_GREEN} Shop! is up (200 in 9 ms)"),
    )
    (tmp_path / "log.tsv").write_text("commit\tdate\tmessage\n" + lines, encoding="utf-8")
    graph = load_export([tmp_path])
    check_totals(graph)
    assert [one.ci for one in graph.outages] == ["my-shop"]
    assert codes_of(graph) == {"commit-without-status": 1}


_DIFFERENT = {
    # of two outages of that day the tool still lists one
    ("https-backend-staging-eng-cloudesire-com", "2025-07-22"),
    ("https-backend-staging-eng-cloudesire-com", "2025-08-21"),
    ("https-vc2-cloudeng-it", "2025-08-28"),
    ("cliffe-group-datalab", "2025-08-06"),
    # an incident that was opened by hand: no change of status
    ("cliffe-group-datalab-api", "2025-06-18"),
    # the day on which the files were copied
    ("https-backend-staging-eng-cloudesire-com", "2026-06-11"),
}


def minutes_by_day(graph: ServiceGraph, slug: str) -> dict[str, float]:
    """Return the minutes down per day of a site, day by day."""
    number = graph.resolve(slug)
    end = graph.cis.observed_to[number]
    sums: dict[str, float] = defaultdict(float)
    for outage, ci in zip(graph.outages, graph.outage_ci, strict=True):
        start, stop = outage.start, outage.end or end
        while ci == number and stop is not None and start < stop:
            midnight = start.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            sums[start.date().isoformat()] += (min(stop, midnight) - start).total_seconds() / 60
            start = min(stop, midnight)
    return sums


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
@pytest.mark.parametrize(
    ("folder", "summary", "days"),
    [("datalab", "history/summary.json", 77), ("cloudesire", "history_summary.json", 240)],
)
def test_day_sums_of_the_log_equal_the_minutes_that_the_tool_tells(
    folder: str, summary: str, days: int
) -> None:
    path = SHARED / folder
    graph = load_export([path / "git_log_status_changes.tsv", path / summary])
    check_totals(graph)
    compared = 0
    for site in json.loads((path / summary).read_text(encoding="utf-8")):
        sums = minutes_by_day(graph, site["slug"])
        for day, minutes in site["dailyMinutesDown"].items():
            compared += 1
            is_equal = abs(sums[day] - minutes) <= 2  # the tool times its own incident
            assert is_equal == ((site["slug"], day) not in _DIFFERENT), (site["slug"], day)
    assert compared == days

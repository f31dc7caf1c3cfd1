"""Rows on calendar arithmetic: business seconds and due times of many intervals at once.

``python -m benchmarks.calendars`` runs them alone. Every answer is compared with a loop first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

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
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.due_times import moments_after
from ripplegraph.graph.service_time import (
    Seconds,
    ServiceTime,
    seconds_within,
    service_time,
)

SEED = 6
_LOOPED = 2_000  # intervals that a loop is timed on; its time is scaled to all of them
_START, _END = datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
_ZONE = ZoneInfo("Europe/Berlin")
_HOLIDAYS = ("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25")
_NEEDED = 4 * 3600

OFFICE = Calendar(
    calendar_id="office",
    time_zone="Europe/Berlin",
    weekly=tuple(
        WeeklyInterval(weekday=day, start_minute=480, end_minute=1080) for day in range(5)
    ),
    holidays=_HOLIDAYS,
)
_LOOP = "python, day by day"
_SEARCH = "polars search_sorted"
_JOIN = "polars join_asof"


def calendar_rows(count: int, *, goals: dict[tuple[str, str], float], rounds: int) -> list[Row]:
    """Time business seconds and due times of intervals beside loops and polars."""
    starts, ends = outages(count)
    time = service_time(OFFICE, _START, _END)
    within = {
        "ours": lambda: seconds_within(time, starts, ends),
        _SEARCH: lambda: searched_within(time, starts, ends),
        _JOIN: lambda: joined_within(time, starts, ends),
    }
    needed = np.full(count, _NEEDED, dtype=np.int64)
    due = {
        "ours": lambda: moments_after(time, starts, needed),
        _SEARCH: lambda: searched_due(time, starts, needed),
    }
    few = slice(0, _LOOPED)
    loops = {
        "business": lambda: looped_within(starts[few], ends[few]),
        "due": lambda: looped_due(starts[few]),
    }
    _check(within, loops["business"])
    _check(due, loops["due"])
    slow = cpu_seconds(loops, rounds=rounds)
    rows: list[Row] = []
    for name, calls, loop in (
        ("business seconds of outages", within, "business"),
        ("due times of tickets", due, "due"),
    ):
        spent = cpu_seconds(calls, rounds=rounds)
        spent[_LOOP] = slow[loop] * count / _LOOPED
        asked = {peer: goal for (row, peer), goal in goals.items() if row == loop}
        made = rows_beside(name, count, spent, goals=asked, peak_rss_mb=0.0)
        rows += explained(made, partial(profile_of, calls["ours"]))
    return rows


def outages(count: int) -> tuple[Seconds, Seconds]:
    """Return starts and ends of outages in 2026, from a minute to a few days long, unsorted."""
    rng = np.random.default_rng([SEED, count])
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2026, 2027))
    starts = rng.integers(first, last, count)
    return starts, starts + np.minimum(rng.exponential(6 * 3600, count), 2e5).astype(np.int64) + 60


def _check(calls: dict[str, Callable[[], object]], loop: Callable[[], list[int]]) -> None:
    expected = loop()
    first, *others = (np.asarray(call()) for call in calls.values())
    require(first[: len(expected)].tolist() == expected, "a loop over days agrees")
    for other in others:
        require(np.array_equal(first, other), "polars agrees on every interval")


# --- peers -------------------------------------------------------------------------------------


def searched_within(time: ServiceTime, starts: Seconds, ends: Seconds) -> object:
    """Return business seconds by polars: search, gather, arithmetic."""
    opened, closed = pl.Series(time.starts), pl.Series(time.ends)
    before = (closed - opened).cum_sum().shift(1, fill_value=0)

    def passed(moments: pl.Series) -> pl.Series:
        index = (opened.search_sorted(moments, side="right").cast(pl.Int64) - 1).clip(0)
        begun = (moments - opened.gather(index)).clip(0)
        return before.gather(index) + pl.Series(
            np.minimum(begun.to_numpy(), (closed - opened).gather(index).to_numpy())
        )

    return (passed(pl.Series(ends)) - passed(pl.Series(starts))).to_numpy()


def joined_within(time: ServiceTime, starts: Seconds, ends: Seconds) -> object:
    """Return business seconds by polars: two joins on the opening before, then sums."""
    table = pl.DataFrame({"opened": time.starts, "closed": time.ends}).with_columns(
        before=(pl.col("closed") - pl.col("opened")).cum_sum().shift(1, fill_value=0)
    )
    frame = pl.DataFrame({"row": np.arange(len(starts)), "start": starts, "end": ends}).lazy()
    for name in ("start", "end"):
        passed = pl.col("before") + pl.min_horizontal(name, "closed") - pl.col("opened")
        frame = (
            frame.sort(name)
            .join_asof(table.lazy(), left_on=name, right_on="opened", coalesce=False)
            .with_columns(passed.fill_null(0).alias(f"{name}_passed"))
            .drop("opened", "closed", "before")
        )
    joined = frame.sort("row").collect()
    return (joined["end_passed"] - joined["start_passed"]).to_numpy()


def searched_due(time: ServiceTime, starts: Seconds, needed: Seconds) -> object:
    """Return due times by polars: search, gather, arithmetic, twice."""
    opened, closed = pl.Series(time.starts), pl.Series(time.ends)
    until = (closed - opened).cum_sum()
    before = until.shift(1, fill_value=0)
    moments = pl.Series(starts)
    index = (opened.search_sorted(moments, side="right").cast(pl.Int64) - 1).clip(0)
    begun = np.minimum(
        (moments - opened.gather(index)).to_numpy(), (closed - opened).gather(index).to_numpy()
    )
    passed = before.gather(index) + pl.Series(begun) + pl.Series(needed)
    place = until.search_sorted(passed, side="left")
    return (closed.gather(place) - (until.gather(place) - passed)).to_numpy()


def looped_within(starts: Seconds, ends: Seconds) -> list[int]:
    """Return business seconds day by day, as a script would."""
    closed = frozenset(map(date.fromisoformat, _HOLIDAYS))
    sums: list[int] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        total = 0
        day = datetime.fromtimestamp(start, _ZONE).date()
        last = datetime.fromtimestamp(end, _ZONE).date()
        while day <= last:
            if day.weekday() < 5 and day not in closed:
                opened, shut = _hours(day)
                total += max(0, min(end, shut) - max(start, opened))
            day += timedelta(days=1)
        sums.append(total)
    return sums


def looped_due(starts: Seconds) -> list[int]:
    """Return due times day by day, as a script would."""
    closed = frozenset(map(date.fromisoformat, _HOLIDAYS))
    due: list[int] = []
    for start in starts.tolist():
        left = _NEEDED
        day = datetime.fromtimestamp(start, _ZONE).date()
        while True:
            if day.weekday() < 5 and day not in closed:
                opened, shut = _hours(day)
                begin = max(start, opened)
                if shut - begin >= left:
                    due.append(begin + left)
                    break
                left -= max(0, shut - begin)
            day += timedelta(days=1)
    return due


def _hours(day: date) -> tuple[int, int]:
    opened = datetime(day.year, day.month, day.day, 8, tzinfo=_ZONE)
    shut = datetime(day.year, day.month, day.day, 18, tzinfo=_ZONE)
    return int(opened.timestamp()), int(shut.timestamp())


GOALS = {
    ("business", _LOOP): 100.0,
    ("business", _JOIN): 5.0,
    ("business", _SEARCH): 2.0,
    ("due", _LOOP): 100.0,
    ("due", _SEARCH): 2.0,
}


def main() -> None:
    """Run the rows at two million intervals."""
    rows = calendar_rows(2_000_000, goals=GOALS, rounds=5)
    write_rows(rows, Path("build/bench-calendars.json"))
    sys.stdout.write(table_of(rows) + "\n")


if __name__ == "__main__":
    main()

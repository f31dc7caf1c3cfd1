"""One row of a benchmark: ours beside a peer, timed in turns, in one run."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from cProfile import Profile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import process_time

Task = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured: ``ratio`` is peer / ours, so that higher is better.

    Times are seconds; rows on memory hold MB in both places, as their name says, and rows with
    another ``unit`` hold that. A ``goal`` of 0 is none: the row only states what was measured.
    ``peak_rss_mb`` is the peak memory of a process that does nothing but ours. ``why`` tells
    where ours spends its time, for goals that are not met.
    """

    name: str
    size: int
    ours_s: float
    peer: str
    peer_s: float
    goal: float
    peak_rss_mb: float = 0.0
    why: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times as much the peer takes."""
        return self.peer_s / self.ours_s

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal

    def as_record(self) -> dict[str, str | int | float | bool]:
        """Return the row as ``bench.json`` holds it; the reason stands where a goal is missed."""
        reason = {"why": self.why} if self.why and not self.met else {}
        unit = {} if self.unit == "s" else {"unit": self.unit}
        return {
            "name": self.name,
            "size": self.size,
            "ours_s": self.ours_s,
            "peer": self.peer,
            "peer_s": self.peer_s,
            "ratio": round(self.ratio, 4),
            "goal": self.goal,
            "met": self.met,
            "peak_rss_mb": round(self.peak_rss_mb, 1),
            **reason,
            **unit,
        }


def rows_beside(
    name: str,
    size: int,
    spent: Mapping[str, float],
    *,
    goals: Mapping[str, float],
    peak_rss_mb: float,
    why: str = "",
) -> list[Row]:
    """Return a row for each peer that has a goal; ``spent`` holds seconds, ``ours`` among them."""
    return [
        Row(
            name=name,
            size=size,
            ours_s=spent["ours"],
            peer=peer,
            peer_s=spent[peer],
            goal=goal,
            peak_rss_mb=peak_rss_mb,
            why=why,
        )
        for peer, goal in goals.items()
    ]


def explained(rows: Sequence[Row], why: Callable[[], str]) -> list[Row]:
    """Return rows; if one misses its goal the reason is asked for, and stands with each such."""
    if all(row.met for row in rows):
        return list(rows)
    reason = why()
    return [row if row.met else replace(row, why=reason) for row in rows]


class WrongAnswerError(AssertionError):
    """Ours and the peer differ: no ratio is printed."""


def require(is_right: object, what: str) -> None:
    """Stop the benchmark if an answer is wrong."""
    if not is_right:
        raise WrongAnswerError(what)


def cpu_seconds(tasks: Mapping[str, Task], *, rounds: int) -> dict[str, float]:
    """Return the median CPU seconds, of all threads, of each task; tasks take turns."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds):
        names = list(tasks)
        for name in names if number % 2 == 0 else reversed(names):
            gc.collect()
            start = process_time()
            kept = tasks[name]()
            spent[name].append(process_time() - start)
            del kept
    return {name: median(times) for name, times in spent.items()}


def seconds_per_call(
    calls: Mapping[str, Callable[[int], object]], cis: Sequence[int], *, rounds: int
) -> dict[str, float]:
    """Return the median CPU seconds of one call: of each CI over the rounds, then over the CIs.

    In each round the calls take turns, another first each time, and each answers for all CIs:
    so each finds the processor's caches as it leaves them itself. By the clock on the wall long
    calls, which other processes interrupt, would seem longer, and short ones would not.
    """
    spent: dict[str, dict[int, list[float]]] = {name: {ci: [] for ci in cis} for name in calls}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            first = number % len(calls)
            for name in [*calls, *calls][first : first + len(calls)]:
                _time_each(calls[name], spent[name])
    finally:
        gc.enable()
    cost = clock_cost()
    return {
        name: max(median(map(median, times.values())) - cost, _LEAST)
        for name, times in spent.items()
    }


def clock_cost() -> float:
    """Return how many CPU seconds it takes to ask for them: no small part of a short call."""
    costs = []
    for _ in range(1_001):
        start = process_time()
        costs.append(process_time() - start)
    return median(costs)


def _time_each(call: Callable[[int], object], spent: dict[int, list[float]]) -> None:
    for ci, times in spent.items():
        start = process_time()
        kept = call(ci)
        times.append(process_time() - start)
        del kept


_SHOWN_FUNCTIONS = 7
_LEAST = 1e-9  # seconds: less cannot be told from what the clock costs


def profile_of(task: Task) -> str:
    """Return the functions in which a task spends most of its time, with their shares."""
    profile = Profile(process_time)
    profile.runcall(task)
    profile.create_stats()
    own = {place[2]: 0.0 for place in profile.stats}
    for place, (_, _, seconds, _, _) in profile.stats.items():
        own[place[2]] += seconds
    total = sum(own.values())
    largest = sorted(own.items(), key=lambda one: -one[1])[:_SHOWN_FUNCTIONS]
    return ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in largest)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([row.as_record() for row in rows], indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def table_of(rows: Sequence[Row]) -> str:
    """Return rows as a table for people."""
    heading = ("ROW", "CIS", "OURS", "PEER", "PEER TAKES", "RATIO", "GOAL", "MET", "PEAK MB")
    lines = [heading, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def reasons_of(rows: Sequence[Row]) -> str:
    """Return a line for each goal that is not met: where the time goes."""
    missed = [row for row in rows if row.why and not row.met]
    return "\n".join(
        f"not met: {row.name} at {row.size:,}, beside {row.peer}: {row.why}" for row in missed
    )


def _cells(row: Row) -> tuple[str, ...]:
    shown = _measure(row)
    met = "yes" if row.met else "NO"
    return (
        row.name,
        f"{row.size:,}",
        shown(row.ours_s),
        row.peer,
        shown(row.peer_s),
        f"{row.ratio:.3g}",
        f"{row.goal:.3g}" if row.goal else "-",
        met if row.goal else "-",
        f"{row.peak_rss_mb:.0f}" if row.peak_rss_mb else "-",
    )


def _measure(row: Row) -> Callable[[float], str]:
    if "memory" in row.name:
        return _megabytes
    return _time if row.unit == "s" else lambda value: f"{value:.3g} {row.unit}".rstrip()


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _megabytes(count: float) -> str:
    return f"{count:.4g} MB"

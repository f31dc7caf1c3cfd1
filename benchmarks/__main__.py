"""``python -m benchmarks`` runs every row at full size, ``--quick`` those at 100,000 CIs.

Prints a table and writes ``build/bench.json``. A wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.calendars import GOALS as CALENDAR_GOALS
from benchmarks.calendars import calendar_rows
from benchmarks.loading import cold_rows, load_rows, memory_row, scale_rows
from benchmarks.questions import flip_row, outage_rows, reach_rows, whole_row
from benchmarks.rows import Row, table_of, write_rows
from benchmarks.subject import Subject
from benchmarks.timelines import union_rows

Section = Callable[[], list[Row]]


def quick_sections() -> Iterator[Section]:
    """Yield the rows at 100,000 CIs."""
    subject = Subject(100_000)
    yield lambda: load_rows(
        subject,
        goals={"csv + networkx": 10.0, "duckdb: read, joins, distinct": 0, "reading the bytes": 0},
        rounds=3,
    )
    yield lambda: outage_rows(
        subject,
        goals={"rustworkx ancestors": 3.0, "networkx ancestors": 30.0},
        sample=100,
        budget_s=6.0,
    )
    yield lambda: [flip_row(subject, goal=3.0, flips=500)]
    yield lambda: reach_rows(subject, goals=(100.0, 0.0), rounds=3)
    yield lambda: [whole_row(subject, rounds=3)]
    yield lambda: [memory_row(subject, limit_mb=12.0)]
    yield lambda: calendar_rows(200_000, goals=CALENDAR_GOALS, rounds=3)
    yield lambda: union_rows(600_000, 30_000, rounds=3)
    yield lambda: cold_rows(rounds=3)


def full_sections() -> Iterator[Section]:
    """Yield the rows at a million CIs, and those on scale at five million."""
    subject = Subject(1_000_000)
    yield lambda: load_rows(
        subject,
        goals={
            "duckdb: read, joins, distinct": 1.0,
            "csv + networkx": 20.0,
            "reading the bytes": 1 / 9,
        },
        rounds=3,
    )
    yield lambda: outage_rows(
        subject,
        goals={"rustworkx ancestors": 5.0, "networkx ancestors": 50.0},
        sample=200,
        budget_s=120.0,
    )
    yield lambda: [flip_row(subject, goal=300.0, flips=2_000)]
    yield lambda: reach_rows(subject, goals=(150.0, 1 / 12), rounds=5)
    yield lambda: [whole_row(subject, rounds=5)]
    yield lambda: [memory_row(subject, limit_mb=100.0)]
    yield lambda: scale_rows(5_000_000)
    yield lambda: calendar_rows(2_000_000, goals=CALENDAR_GOALS, rounds=5)
    yield lambda: union_rows(2_000_000, 100_000, rounds=5)
    yield lambda: cold_rows(rounds=5)


def run(sections: Iterator[Section], path: Path) -> list[Row]:
    """Run sections one by one; what is measured so far is kept if one fails."""
    rows: list[Row] = []
    for section in sections:
        found = section()
        rows += found
        print(table_of(found), file=sys.stderr, flush=True)
        write_rows(rows, path)
    return rows


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time ripplegraph beside its peers.")
    parser.add_argument("--quick", action="store_true", help="at 100,000 CIs only")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    asked = parser.parse_args()
    rows = run(quick_sections() if asked.quick else full_sections(), asked.out)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")
    print(table_of(rows))


if __name__ == "__main__":
    main()

"""``python -m benchmarks`` runs every row at full size, ``--quick`` those at 100,000 CIs.

``--only reach flip`` runs some sections; without it the quick run leaves out ``SLOW``. Prints a
table and writes ``build/bench.json``. A wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

from benchmarks.api_load import api_rows
from benchmarks.availability.rows import full_rows, quick_rows
from benchmarks.calendars import GOALS as CALENDAR_GOALS
from benchmarks.calendars import calendar_rows
from benchmarks.live_page import live_page_rows
from benchmarks.loading import cold_rows, load_rows, memory_rows, scale_rows
from benchmarks.neo4j_store import neo4j_rows
from benchmarks.questions import flip_row, outage_rows, reach_rows, whole_row
from benchmarks.rows import Row, reasons_of, table_of, write_rows
from benchmarks.stores import store_rows
from benchmarks.subject import Subject
from benchmarks.timelines import union_rows
from benchmarks.views import view_rows

Section = Callable[[], list[Row]]

SLOW = ("live-page", "stores", "neo4j", "api", "view")
"""Sections with servers, browsers and stores: more than a minute; the quick run names them."""


def quick_sections() -> dict[str, Section]:
    """Return the rows at 100,000 CIs, by name."""
    subject = Subject(100_000)
    return {
        "load": lambda: load_rows(
            subject,
            goals={
                "csv + networkx": 10.0,
                "duckdb: read, joins, distinct": 0,
                "reading the bytes": 0,
            },
            rounds=3,
        ),
        "outage": lambda: outage_rows(
            subject,
            goals={"rustworkx ancestors": 3.0, "networkx ancestors": 30.0},
            sample=100,
            budget_s=6.0,
        ),
        "flip": lambda: [flip_row(subject, goal=3.0, flips=500)],
        "reach": lambda: reach_rows(subject, goals=(100.0, 0.0), rounds=3),
        "whole": lambda: [whole_row(subject, rounds=3)],
        "memory": lambda: memory_rows(subject, limit_mb=12.0),
        "calendar": lambda: calendar_rows(200_000, goals=CALENDAR_GOALS, rounds=3),
        "timeline": lambda: union_rows(600_000, 30_000, rounds=3),
        "live-page": lambda: live_page_rows(2_000, 20_000, rounds=3),
        "cold": lambda: cold_rows(rounds=3),
        "stores": lambda: store_rows(subject, rounds=3),
        "neo4j": lambda: neo4j_rows(
            Subject(10_000), warm_up=Subject(10_000), rounds=2, heap="1g", page_cache="64m"
        ),
        "api": lambda: api_rows(subject, seconds=20),
        "view": lambda: view_rows(5_000, rounds=3),
        "availability": quick_rows,
    }


def full_sections() -> dict[str, Section]:
    """Return the rows at a million CIs, and those on scale at five million, by name."""
    subject = Subject(1_000_000)
    return {
        "load": lambda: load_rows(
            subject,
            goals={
                "duckdb: read, joins, distinct": 1.0,
                "csv + networkx": 20.0,
                "reading the bytes": 1 / 9,
            },
            rounds=3,
        ),
        "outage": lambda: outage_rows(
            subject,
            goals={"rustworkx ancestors": 5.0, "networkx ancestors": 50.0},
            sample=200,
            budget_s=120.0,
        ),
        "flip": lambda: [flip_row(subject, goal=300.0, flips=2_000)],
        "reach": lambda: reach_rows(subject, goals=(150.0, 1 / 12), rounds=5),
        "whole": lambda: [whole_row(subject, rounds=5)],
        "memory": lambda: memory_rows(subject, limit_mb=100.0),
        "scale": lambda: scale_rows(5_000_000),
        "calendar": lambda: calendar_rows(2_000_000, goals=CALENDAR_GOALS, rounds=5),
        "timeline": lambda: union_rows(2_000_000, 100_000, rounds=5),
        "live-page": lambda: live_page_rows(2_000, 20_000, rounds=5),
        "view": lambda: view_rows(5_000, rounds=5),
        "cold": lambda: cold_rows(rounds=5),
        "stores": lambda: store_rows(subject, rounds=3),
        "availability": full_rows,
        "neo4j": lambda: neo4j_rows(
            subject, warm_up=Subject(100_000), rounds=1, heap="4g", page_cache="3g"
        ),
        "api": lambda: api_rows(Subject(100_000), seconds=60),
    }


def run(sections: Mapping[str, Section], path: Path) -> list[Row]:
    """Run sections one by one; what is measured so far is kept if one fails."""
    rows: list[Row] = []
    for name, section in sections.items():
        start = perf_counter()
        found = section()
        rows += found
        print(f"{name}: {perf_counter() - start:.0f} s", file=sys.stderr)
        print(table_of(found), file=sys.stderr, flush=True)
        write_rows(rows, path)
    return rows


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time ripplegraph beside its peers.")
    parser.add_argument("--quick", action="store_true", help="at 100,000 CIs only")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--only", nargs="+", choices=[*full_sections()], help="some sections")
    asked = parser.parse_args()
    sections = quick_sections() if asked.quick else full_sections()
    left_out = SLOW if asked.quick and not asked.only else ()
    chosen = asked.only or [name for name in sections if name not in left_out]
    rows = run({name: sections[name] for name in sections if name in chosen}, asked.out)
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")
    print(table_of(rows))
    print(reasons_of(rows))
    if left_out:
        print(f"not in the quick run, ask for them with --only: {', '.join(left_out)}")


if __name__ == "__main__":
    main()

"""Rows on loading, memory, cold starts and scale."""

from __future__ import annotations

import compileall
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

import ripplegraph
from benchmarks.peers import MAPPING, TABLES, load_duckdb, load_networkx, read_bytes
from benchmarks.rows import Row, cpu_seconds, explained, profile_of, require, rows_beside
from benchmarks.subject import Subject, alone, estate_folder, load_and_validate, peak_rss_mb
from ripplegraph.graph.graph_size import graph_bytes
from ripplegraph.graph.service_graph import ServiceGraph

_MB = 1e6
_SHOWN = 7  # arrays, packages


def load_rows(subject: Subject, *, goals: dict[str, float], rounds: int) -> list[Row]:
    """Time loading with all findings beside the peers; every dependency is compared first."""
    folder, size = subject.folder, subject.ci_count
    graph, findings = load_and_validate(folder)
    subject.graph = graph
    _check_against_networkx(subject)
    _check_against_duckdb(graph, folder, Counter(one.code for one in findings))
    peak = peak_rss_mb(folder, "load")
    spent = cpu_seconds(
        {
            "ours": lambda: load_and_validate(folder),
            "csv + networkx": lambda: load_networkx(folder),
            "duckdb: read, joins, distinct": lambda: load_duckdb(folder),
            "reading the bytes": lambda: read_bytes(folder),
        },
        rounds=rounds,
    )
    why = profile_of(lambda: load_and_validate(folder))
    return rows_beside("load and validate", size, spent, goals=goals, peak_rss_mb=peak, why=why)


def _check_against_networkx(subject: Subject) -> None:
    """Every CI, stub and dependency is the same."""
    graph, peer = subject.graph, subject.named.graph
    number_of = {native_id: at for at, native_id in enumerate(subject.native_ids)}
    require(number_of.keys() == peer.nodes.keys(), "networkx knows the same CIs")
    ends = np.array([(number_of[one], number_of[other]) for one, other in peer.edges])
    same = np.array_equal(_pairs(graph), np.unique(ends[:, 0] * graph.ci_count + ends[:, 1]))
    require(same, "networkx knows the same dependencies")


def _check_against_duckdb(graph: ServiceGraph, folder: Path, found: Counter[str]) -> None:
    pairs = load_duckdb(folder)
    stubs = sum(graph.cis.is_stub)
    is_known = np.minimum(pairs["dependent"], pairs["dependency"]) >= 0
    require(stubs > 0 and (~is_known).any(), "the estate has dangling references")
    known = len(_pairs(graph)) - stubs  # each stub of an estate is named once
    require(int(is_known.sum()) == known, "duckdb counts the same dependencies")
    require(found["dangling-reference"] > 0, "dangling references are found")
    require(found["self-relation"] > 0, "relations to oneself are found")
    require(found["duplicate-relation"] > 0, "repeated relations are found")


def _pairs(graph: ServiceGraph) -> NDArray[np.int64]:
    """Return the dependencies as sorted numbers, one for each pair of CIs."""
    ends = graph.topology
    dependents = np.asarray(ends.edge_dependent, dtype=np.int64)
    return np.unique(dependents * graph.ci_count + ends.edge_dependency)


def memory_rows(subject: Subject, *, limit_mb: float) -> list[Row]:
    """State what the graph holds, without attributes and names, beside a limit."""
    row = Row(
        name="graph in memory",
        size=subject.ci_count,
        ours_s=graph_bytes(subject.graph) / _MB,
        peer=f"limit {limit_mb:g} MB",
        peer_s=limit_mb,
        goal=1.0,
        peak_rss_mb=peak_rss_mb(subject.folder, "load"),
    )
    return explained([row], lambda: _largest_arrays(subject.graph))


def _largest_arrays(graph: ServiceGraph) -> str:
    parts = (graph.topology, graph.gates)
    sizes = {name: getattr(part, name).nbytes for part in parts for name in part.__slots__}
    largest = sorted(sizes.items(), key=lambda one: -one[1])[:_SHOWN]
    return ", ".join(f"{name} {size / _MB:.1f} MB" for name, size in largest)


# --- cold starts -----------------------------------------------------------------------------

_COLD = """
import sys
from ripplegraph.cli.main import run
try:
    run()
finally:
    if "numba" in sys.modules:
        sys.exit("numba was imported")
"""


def cold_rows(*, rounds: int) -> list[Row]:
    """Time whole processes: an impact on 10,000 CIs, and ``--help``; numba stays out of both.

    Modules are compiled before, as pip does when it installs them: an editable installation whose
    Python may write no bytecode would compile each of them at each start.
    """
    compileall.compile_dir(Path(ripplegraph.__file__).parent, quiet=1)
    folder = estate_folder(10_000)
    site = _first_of_class(folder, "data_center")
    files = [str(folder / name) for name in TABLES]
    asked = ["impact", files[0], site, "--also", files[1], "--also", files[2]]
    said = _cold([*asked, "--mapping", str(MAPPING)], rounds=rounds)
    require("Impacted:" in said[2], "impact answers")
    help_said = _cold(["--help"], rounds=rounds)
    require("warm-up" in help_said[2], "--help lists the commands")
    impact = _limit_row("cold impact, wall", 10_000, said[0], 1.0)
    shown_help = _limit_row("--help, CPU", 0, help_said[1], 0.3)
    return [
        *explained([impact], lambda: _imports_of([*asked, "--mapping", str(MAPPING)])),
        *explained([shown_help], lambda: _imports_of(["--help"])),
    ]


def _limit_row(name: str, size: int, seconds: float, limit: float) -> Row:
    return Row(
        name=name, size=size, ours_s=seconds, peer=f"limit {limit:g} s", peer_s=limit, goal=1.0
    )


def _cold(arguments: list[str], *, rounds: int) -> tuple[float, float, str]:
    """Return the median wall and CPU seconds of a process, and what it writes."""
    walls, cpus, text = [], [], ""
    for _ in range(rounds):
        before, start = os.times(), perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _COLD, *arguments], capture_output=True, text=True, check=False
        )
        walls.append(perf_counter() - start)
        after = os.times()
        used = after.children_user + after.children_system
        cpus.append(used - before.children_user - before.children_system)
        require(done.returncode == 0, f"the command runs: {done.stderr}")
        text = done.stdout
    return median(walls), median(cpus), text


_IMPORT_LINE = re.compile(r"import time:\s+(?P<own>\d+) \|\s+\d+ \|\s*(?P<name>\S+)")


def _imports_of(arguments: list[str]) -> str:
    """Return which packages take how much of a process to import: what is left are its own."""
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _COLD, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    wall = perf_counter() - start
    spent: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        found = _IMPORT_LINE.fullmatch(line)
        if found:
            spent[found["name"].partition(".")[0]] += int(found["own"])
    largest = ", ".join(f"{name} {own / 1e3:.0f} ms" for name, own in spent.most_common(_SHOWN))
    return f"imports take {spent.total() / 1e6:.2f} s of {wall:.2f} s on the clock: {largest}"


def _first_of_class(folder: Path, class_name: str) -> str:
    with (folder / "cis.csv").open(encoding="utf-8") as stream:
        return next(line.split(",")[0] for line in stream if f",{class_name}," in line)


# --- scale -----------------------------------------------------------------------------------


def scale_rows(large: int, *, small: int = 10_000) -> list[Row]:
    """Time per CI of a large estate beside a small one; and the memory that the large takes."""
    at_large = alone(estate_folder(large), "scale")
    at_small = [alone(estate_folder(small), "scale") for _ in range(3)]
    steps = [
        Row(
            name=f"{step}, per CI",
            size=large,
            ours_s=at_large[key] / at_large["ci_count"],
            peer=f"ours, per CI of {small:,}",
            peer_s=median(one[key] / one["ci_count"] for one in at_small),
            goal=0.25,
            peak_rss_mb=at_large["peak_rss_mb"],
        )
        for step, key in (
            ("load", "load_s"),
            ("validate", "validate_s"),
            ("whole-graph pass", "whole_s"),
        )
    ]
    peak = at_large["peak_rss_mb"]
    memory = Row(
        name="load and answer, memory",
        size=large,
        ours_s=peak,
        peer="limit 8,590 MB (8 GiB)",
        peer_s=8 * 1024**3 / _MB,
        goal=1.0,
        peak_rss_mb=peak,
    )
    folder = estate_folder(large)
    return [
        *explained(steps, lambda: profile_of(lambda: load_and_validate(folder))),
        *explained([memory], lambda: _largest_arrays(load_and_validate(folder)[0])),
    ]

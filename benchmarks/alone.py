"""One question in a process of its own: ``python -m benchmarks.alone FOLDER QUESTION``.

Prints JSON: CPU seconds of each step, and the peak memory of the process. Each step that runs
kernels runs once before it is timed, so that compiling is not part of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

import ripplegraph
from benchmarks.subject import load_ours
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact import StatusTracker, blast_radius, service_reach
from ripplegraph.impact.propagation.fixpoint import propagate


def peak_rss_mb() -> float:
    """Return the peak memory of this process; 0 where the system does not tell.

    On Linux the usual number also counts the process that started this one: so the kernel's own
    account of this process's memory is read where there is one.
    """
    account = Path("/proc/self/status")
    if account.exists():
        told = next(line for line in account.read_text().splitlines() if "VmHWM" in line)
        return int(told.split()[1]) * 1024 / 1e6
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def bottom_of(graph: ServiceGraph) -> list[int]:
    """Return the CIs that need nothing: with them down, nearly everything falls."""
    bottom: list[int] = np.flatnonzero(np.diff(graph.topology.dependency_offsets) == 0).tolist()
    return bottom


def _outage(graph: ServiceGraph) -> None:
    for ci in range(0, graph.ci_count, max(1, graph.ci_count // 100)):
        blast_radius(graph, down=[ci]).numbers.tolist()


def _flip(graph: ServiceGraph) -> None:
    tracker = StatusTracker(graph)
    for ci in range(0, graph.ci_count, max(1, graph.ci_count // 100)):
        tracker.flip(ci, Status.DOWN)


def _reach(graph: ServiceGraph) -> None:
    service_reach(graph, business_services(graph))


def _whole(graph: ServiceGraph) -> None:
    propagate(graph, dict.fromkeys(bottom_of(graph), Status.DOWN))


def business_services(graph: ServiceGraph) -> list[int]:
    """Return the numbers of the business services."""
    names = graph.cis.class_name
    return [at for at in graph.service_numbers if names[at] == "business_service"]


_QUESTIONS: dict[str, Callable[[ServiceGraph], None]] = {
    "load": lambda _graph: None,
    "outage": _outage,
    "flip": _flip,
    "reach": _reach,
    "whole": _whole,
}


def main() -> None:
    """Measure what the command line asks for."""
    folder, question = Path(sys.argv[1]), sys.argv[2]
    measured: dict[str, float] = {}
    if question == "scale":
        load_ours(folder)  # kernels warm, files in the page cache
    start = process_time()
    graph = load_ours(folder)
    measured["load_s"] = process_time() - start
    start = process_time()
    ripplegraph.validate(graph)
    measured["validate_s"] = process_time() - start
    if question == "scale":
        _outage(graph)
        _whole(graph)
        start = process_time()
        _whole(graph)
        measured["whole_s"] = process_time() - start
        start = process_time()
        blast_radius(graph, down=[0]).numbers.tolist()
        measured["outage_s"] = process_time() - start
    else:
        _QUESTIONS[question](graph)
    measured["ci_count"] = graph.ci_count
    measured["peak_rss_mb"] = peak_rss_mb()
    print(json.dumps(measured))


if __name__ == "__main__":
    main()

"""Ours in a process of its own: ``python -m benchmarks.availability.alone estate R1 2000``.

Prints JSON: CPU seconds of each step, and the peak memory. ``start FOLDER`` times the first run
of every kernel instead, which compiles it, or takes it from the folder, and before that the start
of numba itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from time import process_time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.alone import peak_rss_mb
from benchmarks.availability.fleet import Fleet, build_fleet
from benchmarks.rows import profile_of, require
from ripplegraph.graph.compilation import CompilePolicy, compile_with, kernel_of
from ripplegraph.impact.availability.bounds import root_bounds
from ripplegraph.impact.availability.compile import DEFAULT_BUDGET, CompiledFleet, compile_fleet
from ripplegraph.impact.availability.contributions import contributions_all
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.rehearsal import rehearse

T = TypeVar("T")
SCENARIOS = 8
_SHOWN = 7
_MOST_BOUNDED = 200
"""Services of which the bounds are worked out, spread over those that are not exact."""


def measured_estate(fleet: Fleet) -> dict[str, float]:
    """Return what a fleet takes, in CPU seconds, and how much of it is exact."""
    compiling, compiled = timed(
        lambda: compile_fleet(fleet.formula, fleet.services, compiled=True)
    )
    q = fleet.unavailability
    batch = q[None, :] * np.linspace(0.5, 1.5, SCENARIOS)[:, None]
    found = {
        "compile": compiling,
        "exact_share": float(compiled.is_exact.mean()),
        "evaluate": best(lambda: failure_probabilities(compiled, q))[0],
        "batched": best(lambda: failure_probabilities(compiled, batch))[0] / SCENARIOS,
        "birnbaum": best(lambda: birnbaum_all(compiled, q))[0],
    }
    found["contributions"], shares = timed(lambda: contributions_all(compiled, q))
    found["peak_rss_mb"] = peak_rss_mb()
    _require_sums(compiled, q, shares[0], shares[2])
    return found | _widths(fleet, compiled)


def _require_sums(
    compiled: CompiledFleet,
    q: NDArray[np.float64],
    offsets: NDArray[np.int64],
    shares: NDArray[np.float64],
) -> None:
    """Stop if the contributions to a service do not add up to its unavailability."""
    sums = np.array([shares[start:end].sum() for start, end in pairwise(offsets.tolist())])
    values = failure_probabilities(compiled, q)
    gaps = np.abs(sums - values)[compiled.is_exact]
    require((gaps <= 1e-11 * values[compiled.is_exact]).all(), "contributions add up")


def _widths(fleet: Fleet, compiled: CompiledFleet) -> dict[str, float]:
    """Return how far apart the bounds of services are that are not exact, and what they take."""
    apart = np.flatnonzero(~compiled.is_exact)
    sample = apart[:: -(-len(apart) // _MOST_BOUNDED) or 1].tolist()
    if not sample:
        return {"bounded": 0, "bounds": 0.0, "median_width": 0.0}
    widths = []
    start = process_time()
    for place in sample:
        bounds = root_bounds(fleet.formula, fleet.services[place], budget=DEFAULT_BUDGET)
        lower, upper = bounds.interval(fleet.unavailability)
        widths.append((upper - lower) / lower)
    return {
        "bounded": len(sample),
        "bounds": (process_time() - start) / len(sample),
        "median_width": float(np.median(widths)),
    }


def timed(job: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of a job, and its result."""
    start = process_time()
    result = job()
    return process_time() - start, result


def best(job: Callable[[], T], times: int = 3) -> tuple[float, T]:
    """Return the least CPU seconds of some runs of a job, and its result."""
    return min((timed(job) for _ in range(times)), key=lambda run: run[0])


def _start_numba() -> None:
    """Run one function that does nothing, compiled: what numba takes by itself to start."""
    kernel_of(_nothing, is_compiled=True, is_lean=True)()


def _nothing() -> int:
    return 0


def _rehearsed() -> tuple[float, str]:
    """Return the CPU seconds of the first run of each kernel, and which take most to compile."""
    from numba.core.event import install_recorder

    with install_recorder("numba:compile") as recorder:
        seconds = timed(rehearse)[0]
    spent: dict[str, float] = {}
    begun: list[float] = []
    for at, event in recorder.buffer:
        if event.is_start:
            begun.append(at)
            continue
        name = event.data["dispatcher"].py_func.__name__
        spent[name] = max(spent.get(name, 0.0), at - begun.pop())
    largest = sorted(spent.items(), key=lambda one: -one[1])[:_SHOWN]
    told = ", ".join(f"{name} {took:.1f} s" for name, took in largest)
    return seconds, f"{len(spent)} kernels compiled or fetched, what they call included: {told}"


def profiled(fleet: Fleet) -> str:
    """Return where compiling a fleet and asking for contributions spend their time."""
    compiled: list[CompiledFleet] = []
    compiling = profile_of(
        lambda: compiled.append(compile_fleet(fleet.formula, fleet.services, compiled=True))
    )
    q = fleet.unavailability
    measures = profile_of(lambda: birnbaum_all(compiled[0], q))
    shares = profile_of(lambda: contributions_all(compiled[0], q))
    return f"diagrams: {compiling}; Birnbaum: {measures}; contributions: {shares}"


def main() -> None:
    """Measure what the command line asks for."""
    if sys.argv[1] == "start":
        compile_with(CompilePolicy(cache_folder=sys.argv[2]))
        numba = timed(_start_numba)[0]
        seconds, why = _rehearsed()
        print(json.dumps({"numba": numba, "start": seconds, "why": why}))
        return
    rehearse()
    if sys.argv[1] == "profile":
        print(json.dumps({"why": profiled(build_fleet(sys.argv[2], services=int(sys.argv[3])))}))
        return
    print(json.dumps(measured_estate(build_fleet(sys.argv[2], services=int(sys.argv[3])))))


if __name__ == "__main__":
    main()

"""Exact availability of fault trees and of whole fleets, beside SCRAM and beside plain Python.

CPU seconds, and ratios within one run. Where SCRAM cannot do it (a fleet of 2,000 services needs
more memory than a machine has; it has no what-if and no contributions), the reference is the
same engine run as plain Python on 12 services, scaled to the fleet. Absolute goals stand as
limits in the place of a peer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.availability.alone import best, timed
from benchmarks.availability.fleet import Fleet, build_fleet
from benchmarks.availability.scram import (
    SHIPPED,
    SHIPPED_MODELS,
    analysed_by_scram,
    has_scram,
    require_agreement,
    run_scram,
)
from benchmarks.rows import Row, explained, profile_of, require
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.contributions import contributions_all
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.rehearsal import rehearse
from ripplegraph.loaders.open_psa import open_psa_text, read_open_psa

_SAMPLE = 12
_TREE_LIMIT_S = 0.05
_SLOW_FOR_SCRAM = "CEA9601"
_STEPS = {
    "compile": ("diagrams of all", 6.0),
    "evaluate": ("one what-if of all", 0.060),
    "batched": ("a what-if of all, eight side by side", 0.015),
    "birnbaum": ("all Birnbaum measures", 0.6),
    "contributions": ("all contributions", 2.0),
}
"""What is timed of a fleet, how it is called, and its limit in CPU seconds."""


def quick_rows() -> list[Row]:
    """Return rows of few services and of the trees that are quick for SCRAM."""
    rehearse()
    trees = [names for names in SHIPPED_MODELS if _SLOW_FOR_SCRAM not in names[0]]
    return [*tree_rows(trees), *fleet_rows(12, goal=0.0), *estate_rows("R1", 200)]


def full_rows() -> list[Row]:
    """Return every row at full size; SCRAM needs 5 GB of memory."""
    rehearse()
    made = [*start_rows(), *tree_rows(SHIPPED_MODELS), *fleet_rows(300, goal=150.0)]
    for placement in ("R1", "R2", "R4", "R3"):
        made += estate_rows(placement, 2_000)
    return made


def start_rows() -> list[Row]:
    """Time compiling every kernel, and taking it from the cache, each in a process of its own.

    Numba's own start (its import, and one function that does nothing) is a row for comparison.
    """
    with tempfile.TemporaryDirectory() as folder:
        cold, cached = (_alone("start", folder) for _ in range(2))
    own = Row(
        name="kernels from the cache",
        size=0,
        ours_s=cached["start"],
        peer="numba's own start",
        peer_s=cached["numba"],
        goal=0.0,
    )
    return [
        *explained([_limited("kernels compiled", 0, cold["start"], 29.0)], lambda: cold["why"]),
        *explained([_limited(own.name, 0, own.ours_s, 0.3)], lambda: cached["why"]),
        own,
    ]


def tree_rows(models: Sequence[Sequence[str]]) -> list[Row]:
    """Time each fault tree, diagram and probability, beside SCRAM without its reading."""
    return [row for names in models for row in _tree_rows(names)] if has_scram() else []


def _tree_rows(names: Sequence[str]) -> list[Row]:
    files = [SHIPPED / name for name in names]
    peer, trees = analysed_by_scram(files), read_open_psa(files)

    def ours() -> tuple[list[bool], list[float]]:
        compiled = compile_fleet(trees.formula, trees.roots)
        values = failure_probabilities(compiled, trees.unavailability)
        return compiled.is_exact.tolist(), values.tolist()

    seconds, (is_exact, values) = best(ours)
    require(all(is_exact), f"{names[-1]} is exact")
    require_agreement(dict(zip(trees.root_names, values, strict=True)), peer)
    name, size = f"fault tree {Path(names[-1]).stem}", len(trees.unavailability)
    is_slow = peer.cpu_seconds > _TREE_LIMIT_S
    beside = Row(
        name=name,
        size=size,
        ours_s=seconds,
        peer="SCRAM: preprocessing, BDD, probability",
        peer_s=peer.cpu_seconds,
        goal=1.0 if is_slow else 0.0,
    )
    rows = [beside] if is_slow else [beside, _limited(name, size, seconds, _TREE_LIMIT_S)]
    return explained(rows, lambda: profile_of(ours))


def fleet_rows(services: int, *, goal: float) -> list[Row]:
    """Time a fleet with all importances, beside one process of SCRAM that does the same."""
    if not has_scram():
        return []
    fleet = build_fleet("R1")
    roots, q = fleet.services[:services], fleet.unavailability
    seconds, compiled = timed(lambda: compile_fleet(fleet.formula, roots, compiled=True))
    more, values = timed(lambda: failure_probabilities(compiled, q))
    importances, _ = timed(lambda: birnbaum_all(compiled, q))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.xml"
        path.write_text(open_psa_text(_trees_of(fleet, roots)), encoding="utf-8")
        peer = run_scram([path], with_importance=True)
    exact = np.flatnonzero(compiled.is_exact).tolist()
    require_agreement({f"t{place}": float(values[place]) for place in exact}, peer)
    rows = [
        Row(
            name=f"{services} services R1 with all importances",
            size=len(q),
            ours_s=seconds + more + importances,
            peer="SCRAM --bdd --probability 1 --importance 1 -l 1, one process",
            peer_s=peer.cpu_seconds,
            goal=goal,
        ),
        Row(
            name=f"{services} services R1: memory",
            size=len(q),
            ours_s=_alone("estate", "R1", str(services))["peak_rss_mb"],
            peer="SCRAM, the same process",
            peer_s=peer.peak_rss_mb,
            goal=0.0,
            unit="MB",
        ),
    ]
    return explained(rows, lambda: _alone("profile", "R1", str(services))["why"])


def _trees_of(fleet: Fleet, roots: Sequence[int]) -> FaultTrees:
    """Return services as fault trees named ``t0``, ``t1``, ..."""
    return FaultTrees(
        formula=fleet.formula,
        roots=tuple(roots),
        root_names=tuple(f"t{place}" for place in range(len(roots))),
        root_labels=("",) * len(roots),
        variable_names=fleet.names,
        variable_labels=("",) * len(fleet.names),
        unavailability=fleet.unavailability,
    )


def estate_rows(placement: str, services: int) -> list[Row]:
    """Time a fleet in a process of its own, beside plain Python and the limits of R1."""
    fleet = build_fleet(placement, services=services)
    size, name = len(fleet.unavailability), f"{services:,} services {placement}"
    ours, plain = _alone("estate", placement, str(services)), _plain_seconds(fleet)
    made = []
    for step, (words, limit) in _STEPS.items():
        row = Row(
            name=f"{name}: {words}",
            size=size,
            ours_s=ours[step],
            peer=f"plain Python on {_SAMPLE} services, scaled",
            peer_s=plain[step],
            goal=0.0,
        )
        is_goal = placement == "R1" and services == 2_000
        made += [row, _limited(row.name, size, row.ours_s, limit)] if is_goal else [row]
    made += _rows_of_exactness(name, size, ours, is_goal=placement == "R1")
    return explained(made, lambda: _alone("profile", placement, str(services))["why"])


def _rows_of_exactness(
    name: str, size: int, ours: Mapping[str, float], *, is_goal: bool
) -> list[Row]:
    """Return how many are exact, how far the others are known, and the memory of the process."""
    goal = 1.0 if is_goal else 0.0
    not_exact = max(100 * (1 - ours["exact_share"]), 1e-9)
    made = [
        _limited(f"{name}: not exact", size, not_exact, 2.0, unit="%", goal=goal),
        _limited(f"{name}: memory", size, ours["peak_rss_mb"], 700.0, unit="MB", goal=goal),
    ]
    if ours["bounded"]:
        words = f"{name}: median relative width of {ours['bounded']:.0f} bounded"
        width = max(ours["median_width"], 1e-16)
        made.append(_limited(words, size, width, 1e-4, unit="", goal=goal))
        made.append(_limited(f"{name}: one bounded service", size, ours["bounds"], 1.0, goal=0.0))
    return made


def _limited(
    name: str, size: int, ours: float, limit: float, *, unit: str = "s", goal: float = 1.0
) -> Row:
    return Row(
        name=name,
        size=size,
        ours_s=ours,
        peer=f"limit {limit:g} {unit}".rstrip(),
        peer_s=limit,
        goal=goal,
        unit=unit,
    )


def _plain_seconds(fleet: Fleet) -> dict[str, float]:
    """Return what plain Python takes for a sample of the services, scaled to all."""
    sample = fleet.services[:: max(1, len(fleet.services) // _SAMPLE)][:_SAMPLE]
    q = fleet.unavailability
    compiling, compiled = timed(lambda: compile_fleet(fleet.formula, sample, compiled=False))
    evaluating, values = timed(lambda: failure_probabilities(compiled, q))
    quick = compile_fleet(fleet.formula, sample, compiled=True)
    same = np.allclose(values, failure_probabilities(quick, q), rtol=1e-12, equal_nan=True)
    require(same, "plain Python says the same")
    spent = {
        "compile": compiling,
        "evaluate": evaluating,
        "batched": evaluating,
        "birnbaum": timed(lambda: birnbaum_all(compiled, q))[0],
        "contributions": timed(lambda: contributions_all(compiled, q))[0],
    }
    return {step: seconds * len(fleet.services) / len(sample) for step, seconds in spent.items()}


def _alone(*asked: str) -> dict[str, Any]:
    """Return what a process of its own measures."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.availability.alone", *asked],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found

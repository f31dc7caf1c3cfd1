"""The rows: exact availability of whole fleets and of single fault trees, beside SCRAM.

CPU seconds, and ratios within one run. Where SCRAM cannot do it (a fleet of 2,000 services needs
more memory than a machine has; it has no what-if and no contributions), the reference is the
same engine run as plain Python on a stated sample, scaled to the fleet.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.availability.fleet import Fleet, build_fleet
from benchmarks.availability.scram import (
    SHIPPED,
    SHIPPED_MODELS,
    ScramRun,
    has_scram,
    run_scram,
)
from ripplegraph.impact.availability.compile import CompiledFleet, compile_fleet
from ripplegraph.impact.availability.contributions import contributions_all
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.rehearsal import rehearse
from ripplegraph.loaders.open_psa import open_psa_text, read_open_psa

Row = dict[str, Any]
T = TypeVar("T")
_SCENARIOS = 8
_SAMPLE = 12
_SIX_DIGITS = 1e-5
"""SCRAM prints six digits: what may differ relatively."""


def rows(*, quick: bool = False) -> list[Row]:
    """Return every row; ``quick`` takes fewer services and smaller fleets."""
    warm_up()
    made = [*shipped_rows()]
    made.append(fleet_beside_scram(24 if quick else 300))
    for placement in ("R1",) if quick else ("R1", "R2", "R4", "R3"):
        made += estate_rows(placement, services=200 if quick else 2_000)
    return made


def warm_up() -> None:
    """Compile the kernels, or take them from their cache, before anything is timed."""
    rehearse()


def shipped_rows() -> Iterator[Row]:
    """Yield a row for each fault tree that SCRAM ships: read, compiled, with importances."""
    if not has_scram():
        yield {"name": "fault trees of SCRAM", "note": "SCRAM is not installed"}
        return
    for names in SHIPPED_MODELS:
        files = [SHIPPED / name for name in names]
        peer = run_scram(files, with_importance=True)
        trees = read_open_psa(files)
        seconds, compiled = _best(lambda: compile_fleet(trees.formula, trees.roots))  # noqa: B023
        more, values = _best(lambda: failure_probabilities(compiled, trees.unavailability))  # noqa: B023
        found = dict(zip(trees.root_names, values.tolist(), strict=True))
        goal = peer.analysis_seconds if peer.analysis_seconds > 0.05 else 0.05
        yield {
            "name": f"fault tree {Path(names[0]).stem}",
            "ours_s": seconds + more,
            "peer": "SCRAM's preprocessing, BDD and probability",
            "peer_s": peer.analysis_seconds,
            "ratio": _ratio(peer.analysis_seconds, seconds + more),
            "goal_text": f"<= {goal:.3f} s",
            "met": seconds + more <= goal and bool(compiled.is_exact.all()),
            "agreement": _agreement(found, peer),
            "note": peer.failure,
        }


def fleet_beside_scram(services: int) -> Row:
    """Return the row of a fleet that SCRAM takes in one process, all importances included."""
    fleet = build_fleet("R1")
    roots = fleet.services[:services]
    seconds, compiled = _timed(lambda: compile_fleet(fleet.formula, roots, compiled=True))
    more, values = _timed(lambda: failure_probabilities(compiled, fleet.unavailability))
    importances, _ = _timed(lambda: birnbaum_all(compiled, fleet.unavailability))
    ours = seconds + more + importances
    row: Row = {
        "name": f"{services} services R1 with all importances",
        "ours_s": ours,
        "exact_share": float(compiled.is_exact.mean()),
        "goal_text": ">= 150 x the CPU of SCRAM",
    }
    if not has_scram():
        return row | {"note": "SCRAM is not installed"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.xml"
        tops = [(f"service {place}", root) for place, root in enumerate(roots)]
        path.write_text(open_psa_text(fleet.formula, tops, fleet.names, fleet.unavailability))
        peer = run_scram([path], with_importance=True)
    found = {f"t{place}": float(value) for place, value in enumerate(values)}
    exact = {name: value for name, value in found.items() if not np.isnan(value)}
    return row | {
        "peer": "SCRAM --bdd --probability 1 --importance 1 -l 1, one process",
        "peer_s": peer.cpu_seconds,
        "ratio": _ratio(peer.cpu_seconds, ours),
        "met": peer.cpu_seconds >= 150 * ours,
        "agreement": _agreement(exact, peer),
        "note": peer.failure,
    }


def estate_rows(placement: str, *, services: int) -> Iterator[Row]:
    """Yield the rows of one estate: compiling, what-if, batches, Birnbaum, contributions."""
    fleet = build_fleet(placement, services=services)
    plain = _plain_seconds(fleet)
    name, is_goal = f"{services:,} services {placement}", placement == "R1" and services == 2_000
    seconds, compiled = _timed(lambda: compile_fleet(fleet.formula, fleet.services, compiled=True))
    exact = float(compiled.is_exact.mean())
    yield _row(f"{name}: compile", seconds, plain["compile"], 6.0 if is_goal else None) | {
        "exact_share": exact,
        "goal_exact_share": 0.98 if is_goal else None,
        "is_exact_share_met": exact >= 0.98 if is_goal else None,
    }
    q = fleet.unavailability
    seconds, _ = _best(lambda: failure_probabilities(compiled, q))
    yield _row(f"{name}: one what-if", seconds, plain["evaluate"], 0.060 if is_goal else None)
    batch = _scenarios(q)
    seconds, _ = _best(lambda: failure_probabilities(compiled, batch))
    one = seconds / _SCENARIOS
    yield _row(f"{name}: a batched what-if", one, plain["evaluate"], 0.015 if is_goal else None)
    seconds, _ = _timed(lambda: birnbaum_all(compiled, q))
    yield _row(f"{name}: all Birnbaum", seconds, plain["birnbaum"], 0.6 if is_goal else None)
    seconds, worst = _timed(lambda: _all_contributions(compiled, q))
    yield _row(f"{name}: contributions", seconds, None, 2.0 if is_goal else None) | {
        "largest_gap": worst
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield {
        "name": f"{name}: memory so far, MB",
        "peak_rss_mb": memory,
        "goal_text": "<= 700" if is_goal else None,
        "met": memory <= 700 if is_goal else None,
    }


def _row(name: str, seconds: float, peer_seconds: float | None, goal: float | None) -> Row:
    return {
        "name": name,
        "ours_s": seconds,
        "peer": f"plain Python on {_SAMPLE} services, scaled",
        "peer_s": peer_seconds,
        "ratio": _ratio(peer_seconds, seconds),
        "goal_text": None if goal is None else f"<= {goal:g} s",
        "met": None if goal is None else seconds <= goal,
    }


def _plain_seconds(fleet: Fleet) -> dict[str, float]:
    """Return what plain Python takes for a sample of the services, scaled to all."""
    sample = fleet.services[:: max(1, len(fleet.services) // _SAMPLE)][:_SAMPLE]
    scale = len(fleet.services) / len(sample)
    seconds, compiled = _timed(lambda: compile_fleet(fleet.formula, sample, compiled=False))
    evaluate, _ = _timed(lambda: failure_probabilities(compiled, fleet.unavailability))
    importances, _ = _timed(lambda: birnbaum_all(compiled, fleet.unavailability))
    return {
        "compile": seconds * scale,
        "evaluate": evaluate * scale,
        "birnbaum": importances * scale,
    }


def _all_contributions(compiled: CompiledFleet, q: NDArray[np.float64]) -> float:
    """Work out the contributions to every exact service; return the largest relative gap."""
    offsets, _, shares = contributions_all(compiled, q)
    values = failure_probabilities(compiled, q)
    found = [float(shares[start:end].sum()) for start, end in pairwise(offsets.tolist())]
    gaps = np.abs(np.array(found) - values)[compiled.is_exact] / values[compiled.is_exact]
    return float(gaps.max(initial=0.0))


def _scenarios(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scenarios that each scale every unavailability by a factor of their own."""
    factors = np.linspace(0.5, 1.5, _SCENARIOS)
    return q[None, :] * factors[:, None]


def _agreement(found: dict[str, float], peer: ScramRun) -> str:
    """Return how many probabilities agree with those of SCRAM within its digits."""
    both = [name for name in found if name in peer.probabilities]
    gaps = [abs(found[name] / peer.probabilities[name] - 1) for name in both]
    agreed = sum(gap <= _SIX_DIGITS for gap in gaps)
    return f"{agreed}/{len(both)}, largest relative difference {max(gaps, default=0):.1e}"


def _timed(job: Callable[[], T]) -> tuple[float, T]:
    started = process_time()
    result = job()
    return process_time() - started, result


def _best(job: Callable[[], T], times: int = 3) -> tuple[float, T]:
    runs = [_timed(job) for _ in range(times)]
    return min(runs, key=lambda run: run[0])


def _ratio(peer: float | None, ours: float) -> float | None:
    return None if not peer else peer / max(ours, 1e-9)


def unmet(made: Sequence[Row]) -> list[str]:
    """Return the rows whose goal is not met."""
    return [
        row["name"] for row in made if False in (row.get("met"), row.get("is_exact_share_met"))
    ]

"""Rows on outages, flips, reach and whole-graph passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from time import perf_counter, process_time

import networkx as nx
import numpy as np

from benchmarks.alone import bottom_of, business_services
from benchmarks.peers import worklist_statuses
from benchmarks.rows import (
    Row,
    clock_cost,
    cpu_seconds,
    profile_of,
    require,
    rows_beside,
    seconds_per_call,
)
from benchmarks.subject import SEED, Subject, peak_rss_mb
from ripplegraph.graph.graph_size import graph_bytes
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact import StatusTracker, blast_radius, service_reach
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.push import QUICK_ENGINES

KINDS_THAT_FAIL = ("application", "virtual_machine", "esx_server", "storage_array",
                   "network_switch", "data_center")  # fmt: skip
_CHECKED_CIS = 1_000
_CHECKED_FLIPS = 200
_CHECKED_SERVICES = 20
_TIMED_SERVICES = 200
_ROUNDS = 9
_FEWEST = 10
_RUSTWORKX = "rustworkx ancestors"
_NETWORKX = "networkx ancestors"


def outage_rows(
    subject: Subject, *, goals: dict[str, float], sample: int, budget_s: float
) -> list[Row]:
    """Time one outage with k-of-n and reason beside plain ancestors, per kind of CI.

    Of each kind ``sample`` CIs, fewer where the peers would take longer than the budget, ten at
    least.
    """
    check_outages(subject)
    size = subject.ci_count
    peak = peak_rss_mb(subject.folder, "outage")
    calls = _outage_calls(subject)
    by_kind: dict[str, dict[str, float]] = {}
    reasons: dict[str, str] = {}
    for kind in KINDS_THAT_FAIL:
        chosen = subject.cis_of_class(kind, sample)
        chosen = chosen[: _fit(calls, chosen[0], seconds=budget_s / len(KINDS_THAT_FAIL))]
        by_kind[kind] = seconds_per_call(calls, chosen, rounds=_ROUNDS)
        reasons[kind] = _why(subject.graph, chosen, by_kind[kind]["ours"])
    rows: list[Row] = []
    for peer, goal in goals.items():
        middle = sorted(by_kind, key=lambda kind: by_kind[kind][peer] / by_kind[kind]["ours"])
        typical = middle[(len(middle) - 1) // 2]  # the lower of the two in the middle
        named = {"one outage (lower median of kinds)": typical}
        named |= {f"one outage, {kind}": kind for kind in by_kind}
        for name, kind in named.items():
            rows += rows_beside(
                name,
                size,
                by_kind[kind],
                goals={peer: goal},
                peak_rss_mb=peak,
                why=reasons[kind],
            )
    return rows


def _why(graph: ServiceGraph, cis: Sequence[int], spent: float) -> str:
    """Return how much of a call the kernel takes, and how much all around it."""
    found = median(len(blast_radius(graph, down=[ci])) for ci in cis)
    kernel, free, cells, queue, *_ = QUICK_ENGINES[id(graph)]
    scratch, status = free[-1]

    def alone(ci: int) -> None:
        scratch[queue] = ci
        kernel(1, 0, cells, scratch, status)

    kernel_s = seconds_per_call({"kernel": alone}, cis, rounds=_ROUNDS)["kernel"]
    return (
        f"{found:,.0f} CIs are not up; the kernel takes {kernel_s * 1e6:.2f} us of "
        f"{spent * 1e6:.2f}, the rest are the call, the copy and the object of the answer, and "
        "memory that other libraries pushed out of the caches"
    )


def _fit(calls: Mapping[str, Callable[[int], object]], ci: int, *, seconds: float) -> int:
    """Return for how many CIs like this one the time is enough."""
    start = perf_counter()
    for call in calls.values():
        call(ci)
    return max(_FEWEST, int(seconds / _ROUNDS / (perf_counter() - start)))


def _outage_calls(subject: Subject) -> dict[str, Callable[[int], object]]:
    import rustworkx

    graph, rust, plain = subject.graph, subject.rustworkx, subject.networkx

    def ours(ci: int) -> object:
        radius = blast_radius(graph, down=[ci])
        return radius.numbers, radius.cause_edges

    return {
        "ours": ours,
        _RUSTWORKX: lambda ci: rustworkx.ancestors(rust, ci),
        _NETWORKX: lambda ci: nx.ancestors(plain, ci),
    }


def check_outages(subject: Subject, *, count: int = _CHECKED_CIS) -> None:
    """Compare every status with a networkx worklist; without groups with plain ancestors."""
    graph, ids = subject.graph, subject.native_ids
    rng = np.random.default_rng([SEED, 12])
    chosen = rng.choice(graph.ci_count, count, replace=False).tolist()
    chosen += [subject.cis_of_class(kind, 1)[0] for kind in KINDS_THAT_FAIL]
    hard = subject.all_hard
    number_in_hard = {native_id: at for at, native_id in enumerate(hard.cis.native_id)}
    hard_ids = list(hard.cis.native_id)
    for ci in chosen:
        radius = blast_radius(graph, down=[ci])
        ours = {ids[at]: radius.status_of(at).value for at in radius.numbers.tolist()}
        require(
            ours == worklist_statuses(subject.named, [ids[ci]]),
            f"networkx's worklist agrees on {ids[ci]}",
        )
        above = {ids[at] for at in nx.ancestors(subject.networkx, ci)} | {ids[ci]}
        down = {name for name, status in ours.items() if status == Status.DOWN}
        require(down <= above, f"what falls with {ids[ci]} depends on it")
        fallen = blast_radius(hard, down=[number_in_hard[ids[ci]]]).down.tolist()
        all_hard = {hard_ids[at] for at in fallen}
        require(all_hard == above, f"without groups all that depends on {ids[ci]} falls")
        _check_chain(graph, radius.chain_of(int(radius.numbers[-1])), ci)


def _check_chain(graph: ServiceGraph, chain: tuple[int, ...], ci: int) -> None:
    require(chain[-1] == ci, "a chain ends at the outage")
    for dependent, dependency in pairwise(chain):
        edges = graph.edges_to_dependencies(dependent)
        needed = graph.topology.edge_dependency[edges.start : edges.stop]
        require(dependency in needed, "a chain runs along dependencies")


# --- flips -----------------------------------------------------------------------------------


def flip_row(subject: Subject, *, goal: float, flips: int) -> Row:
    """Time failures and recoveries of single CIs, 0.1 % of all being out, beside a full recompute.

    The peer is the quicker of the two public full computations. Both sides are CPU seconds: a
    full computation is long enough to be interrupted by what else runs, which must not count.
    """
    graph = subject.graph
    rng = np.random.default_rng([SEED, 13])
    out = rng.choice(graph.ci_count, max(1, graph.ci_count // 1000), replace=False).tolist()
    own = dict.fromkeys(out, Status.DOWN)
    tracker = StatusTracker(graph, own)
    chosen = rng.choice(graph.ci_count, flips, replace=False).tolist()
    check_flips(graph, tracker, own, chosen[:_CHECKED_FLIPS])
    spent, full = [], []
    for at, ci in enumerate(chosen):
        now, back = own.get(ci, Status.UP), Status.UP if ci in own else Status.DOWN
        start = process_time()
        tracker.flip(ci, back)
        failed = process_time()
        tracker.flip(ci, now)
        spent += [failed - start, process_time() - failed]
        if at % max(1, flips // 20) == 0:
            full.append(_full_recompute(graph, own, out))
    return Row(
        name="one CI flips",
        size=subject.ci_count,
        ours_s=median(spent) - clock_cost(),
        peer="ours, full recompute",
        peer_s=min(median(column) for column in zip(*full, strict=True)),
        goal=goal,
        peak_rss_mb=peak_rss_mb(subject.folder, "flip"),
        why=profile_of(lambda: _fail_and_recover(tracker, chosen)),
    )


def _fail_and_recover(tracker: StatusTracker, cis: Sequence[int]) -> None:
    for ci in cis:
        tracker.flip(ci, Status.DOWN)
        tracker.flip(ci, Status.UP)


def _full_recompute(
    graph: ServiceGraph, own: dict[int, Status], out: list[int]
) -> tuple[float, float]:
    start = process_time()
    propagate(graph, own)
    middle = process_time()
    blast_radius(graph, down=out)
    return middle - start, process_time() - middle


def check_flips(
    graph: ServiceGraph, tracker: StatusTracker, own: dict[int, Status], chosen: list[int]
) -> None:
    """Fail and recover at random, cycles first; after each flip everything is equal."""
    now = dict(own)
    for ci in [*_on_cycles(graph)[:20], *chosen, *list(own)[:20]]:
        for status in (Status.DOWN, Status.UP, own.get(ci, Status.UP)):
            tracker.flip(ci, status)
            now[ci] = status
            same = np.array_equal(tracker.statuses, propagate(graph, _not_up(now)))
            require(same, f"after the flip of {ci} everything is as computed anew")


def _not_up(own: dict[int, Status]) -> dict[int, Status]:
    return {ci: status for ci, status in own.items() if status is not Status.UP}


def _on_cycles(graph: ServiceGraph) -> list[int]:
    """Return some CIs that need each other: those on a cycle of two."""
    ends = graph.topology
    size = np.int64(graph.ci_count)
    there = ends.edge_dependent.astype(np.int64) * size + ends.edge_dependency
    back = ends.edge_dependency.astype(np.int64) * size + ends.edge_dependent
    both: list[int] = ends.edge_dependent[np.isin(there, back)].tolist()
    require(both, "the estate has cycles")
    return both


# --- reach, and whole-graph passes -----------------------------------------------------------


def reach_rows(subject: Subject, *, goals: tuple[float, float], rounds: int) -> list[Row]:
    """Time which business services each CI reaches, beside rustworkx and beside a memory copy."""
    import rustworkx

    graph, size, rust = subject.graph, subject.ci_count, subject.rustworkx
    services = business_services(graph)
    _check_reach(subject, _spread(services, _CHECKED_SERVICES))
    timed = _spread(services, _TIMED_SERVICES)
    words = np.ones((graph.ci_count, (len(services) + 63) // 64), dtype=np.uint64)
    copy = np.zeros_like(words)
    rust_name = f"rustworkx descendants, {len(services):,} times"
    if len(timed) < len(services):
        rust_name += f" ({len(timed)} timed)"
    spent = cpu_seconds(
        {
            "ours": lambda: service_reach(graph, services),
            rust_name: lambda: [len(rustworkx.descendants(rust, one)) for one in timed],
            "memory copy of the result": lambda: np.copyto(copy, words),
        },
        rounds=rounds,
    )
    spent[rust_name] *= len(services) / len(timed)
    peak = peak_rss_mb(subject.folder, "reach")
    name = f"reach of {len(services):,} services"
    by_peer = dict(zip((rust_name, "memory copy of the result"), goals, strict=True))
    why = profile_of(lambda: service_reach(graph, services))
    return rows_beside(name, size, spent, goals=by_peer, peak_rss_mb=peak, why=why)


def _spread(services: Sequence[int], count: int) -> list[int]:
    """Return so many of the services, evenly spread."""
    return list(services[:: max(1, len(services) // count)][:count])


def _check_reach(subject: Subject, sample: list[int]) -> None:
    """Of some services every CI is compared, of some CIs every service counted."""
    import rustworkx

    graph = subject.graph
    reach = service_reach(graph, sample)
    expected = np.zeros(graph.ci_count, dtype=np.int64)
    beneath = {one: {one, *rustworkx.descendants(subject.rustworkx, one)} for one in sample}
    for found in beneath.values():
        expected[list(found)] += 1
    require(np.array_equal(reach.counts, expected), "rustworkx counts the same services")
    rng = np.random.default_rng([SEED, 14])
    for ci in rng.choice(graph.ci_count, _CHECKED_CIS).tolist():
        ours = set(reach.services_of(ci).tolist())
        reached = {one for one, found in beneath.items() if ci in found}
        require(ours == reached, f"rustworkx names the same services of {ci}")


def whole_row(subject: Subject, *, rounds: int) -> Row:
    """State one pass in which nearly everything falls, beside a copy of the graph's arrays."""
    graph = subject.graph
    own = dict.fromkeys(bottom_of(graph), Status.DOWN)
    words = np.ones(graph_bytes(graph) // 8, dtype=np.uint64)
    copy = np.zeros_like(words)
    statuses = propagate(graph, own)
    ids = subject.native_ids
    expected = worklist_statuses(subject.named, [ids[at] for at in own])
    ours = {ids[at]: value for at, value in enumerate(statuses.tolist()) if value}
    require(ours == expected, "networkx's worklist agrees on the whole graph")
    name = "memory copy of the graph"
    spent = cpu_seconds(
        {"ours": lambda: propagate(graph, own), name: lambda: np.copyto(copy, words)},
        rounds=rounds,
    )
    return Row(
        name="whole-graph pass",
        size=subject.ci_count,
        ours_s=spent["ours"],
        peer=name,
        peer_s=spent[name],
        goal=0.0,
        peak_rss_mb=peak_rss_mb(subject.folder, "whole"),
    )

"""Status propagation by hand, by published case, by oracle and by property."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of
from impact.oracle import brute_statuses
from impact.random_graphs import STATUSES, graphs, outages
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation import kernels
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.workspace import is_worth_compiling


def status_words(
    graph: ServiceGraph, *down: str, grounded: bool = False, own: dict[str, str] | None = None
) -> dict[str, str]:
    forced = {graph.resolve(name): Status.DOWN for name in down}
    forced |= {graph.resolve(name): Status[word.upper()] for name, word in (own or {}).items()}
    statuses = propagate(graph, forced, grounded=grounded)
    return {
        graph.cis.native_id[number]: Status(value).word for number, value in enumerate(statuses)
    }


def shop_status(graph: ServiceGraph, *down: str, **own: str) -> str:
    return status_words(graph, *down, own=own)["shop"]


@pytest.mark.parametrize(
    ("arrow", "own", "shop"),
    [
        ("->", "down", "down"),
        ("->", "degraded", "degraded"),
        ("->", "at_risk", "at_risk"),
        ("->", "up", "up"),
        ("~>", "down", "degraded"),
        ("~>", "degraded", "degraded"),
        ("~>", "at_risk", "up"),
        (".>", "down", "up"),
    ],
)
def test_a_dependency_passes_on_what_its_strength_says(arrow: str, own: str, shop: str) -> None:
    assert shop_status(graph_of(f"shop {arrow} db"), db=own) == shop


@pytest.mark.parametrize(
    ("failed", "shop"), [((), "up"), (("a",), "at_risk"), (("a", "b"), "down")]
)
def test_pair_is_at_risk_after_one_failure_and_down_after_two(
    failed: tuple[str, ...], shop: str
) -> None:
    """R4, Checkmk BI: 2 up: up; 1 up: at risk; 0 up: down."""
    assert shop_status(graph_of("shop -> a | b"), *failed) == shop


@pytest.mark.parametrize(
    ("failed", "shop"),
    [(("a",), "at_risk"), (("a", "b"), "at_risk"), (("a", "b", "c"), "down")],
)
def test_four_servers_of_which_two_are_enough(failed: tuple[str, ...], shop: str) -> None:
    """R12, BMC community 169141: 1-2 of 4 failed have no impact, 3-4 bring it down."""
    assert shop_status(graph_of("shop -> 2 of (a, b, c, d)"), *failed) == shop


def test_half_of_three_is_compared_as_one_and_a_half() -> None:
    """R13, iTop relation graph: min_up 50 % of 3 and 1 of 2 are both impacted at 2 failures."""
    half = graph_of("shop -> 50% of (a, b, c)")
    assert [shop_status(half, *failed) for failed in (["a"], ["a", "b"])] == ["at_risk", "down"]
    pair = graph_of("shop -> 1 of (a, b)")
    assert [shop_status(pair, *failed) for failed in (["a"], ["a", "b"])] == ["at_risk", "down"]


def test_more_than_one_of_four_critical_is_a_requirement_of_three() -> None:
    """R16, Centreon BAM: critical when more than N (or N %) of the members are critical."""
    for requirement in ("3", "75%", "count:3"):
        graph = graph_of(f"shop -> {requirement} of (a, b, c, d)")
        assert shop_status(graph, "a") == "at_risk"
        assert shop_status(graph, "a", "b") == "down"


def test_group_is_degraded_while_usable_members_are_not_healthy_enough() -> None:
    graph = graph_of("shop -> 2 of (a, b, c)")
    assert shop_status(graph, a="degraded", b="degraded") == "degraded"
    assert shop_status(graph, a="degraded") == "at_risk"
    assert shop_status(graph, "a", b="degraded") == "degraded"
    assert shop_status(graph, a="at_risk", b="at_risk", c="at_risk") == "at_risk"


def test_ten_weights_of_a_tenth_reach_one() -> None:
    members = ", ".join(f"m{number}*0.1" for number in range(11))
    graph = graph_of(f"shop -> 1 of ({members})")
    assert shop_status(graph, "m0") == "at_risk"
    assert shop_status(graph, "m0", "m1") == "down"


def test_group_of_soft_members_passes_through_the_soft_map() -> None:
    graph = graph_of("shop ~> a | b")
    assert [shop_status(graph, *failed) for failed in (["a"], ["a", "b"])] == ["up", "degraded"]


def test_members_without_effect_do_not_count() -> None:
    assert shop_status(graph_of("shop .> a | b"), "a", "b") == "up"


def test_cis_that_need_each_other_do_not_bring_each_other_down() -> None:
    graph = graph_of("shop -> a; a -> b; b -> a")
    assert set(status_words(graph).values()) == {"up"}
    assert set(status_words(graph, "b").values()) == {"down"}


RING = "shop -> s3; s1 -> core | s2; s2 -> s1 | s3; s3 -> s2 | core"


def test_ring_holds_itself_up_unless_it_is_grounded() -> None:
    assert shop_status(graph_of(RING), "core") == "at_risk"
    assert status_words(graph_of(RING), "core", grounded=True)["shop"] == "down"
    assert shop_status(graph_of(RING, grounded=True), "core") == "down"
    assert shop_status(graph_of(RING, grounded=True), "s1") == "at_risk"
    assert set(status_words(graph_of(RING, grounded=True)).values()) == {"up"}


def test_grounded_ring_is_down_when_its_core_falls_through_the_ring() -> None:
    graph = graph_of(RING + "; core -> power", grounded=True)
    assert shop_status(graph, "power") == "down"


def test_grounded_groups_beside_ordinary_ones_read_both_fixpoints() -> None:
    graph = graph_of(
        "shop -> s1; s1 -> core | s2; s1 ~> x; s1 -> p & q; s2 -> s1 | core", grounded=True
    )
    assert shop_status(graph, "x") == "degraded"
    assert shop_status(graph, "core") == "down"
    assert shop_status(graph, "q") == "down"


def test_grounded_group_outside_circles_is_an_ordinary_one() -> None:
    assert shop_status(graph_of("shop -> a | b", grounded=True), "a") == "at_risk"


def test_number_that_the_graph_does_not_have_is_refused() -> None:
    with pytest.raises(IndexError, match="no CI has the number 9; the graph holds 2"):
        propagate(graph_of("shop -> db"), {9: Status.DOWN})


@settings(max_examples=200, deadline=None)
@given(data=st.data(), graph=graphs())
def test_statuses_equal_those_of_plain_iteration(data: st.DataObject, graph: ServiceGraph) -> None:
    own = data.draw(outages(graph))
    assert propagate(graph, own).tolist() == brute_statuses(graph, own)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), graph=graphs(grounded=True))
def test_compiled_kernels_give_the_same_statuses(data: st.DataObject, graph: ServiceGraph) -> None:
    own = data.draw(outages(graph))
    for grounded in (False, True):
        plain = propagate(graph, own, grounded=grounded, compiled=False)
        fast = propagate(graph, own, grounded=grounded, compiled=True)
        assert fast.tolist() == plain.tolist()


@settings(max_examples=100, deadline=None)
@given(data=st.data(), graph=graphs(grounded=True))
def test_one_more_outage_never_improves_any_status(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = data.draw(outages(graph))
    number, status = data.draw(st.integers(0, graph.ci_count - 1)), data.draw(STATUSES)
    worse = {**own, number: max(status, own.get(number, Status.UP))}
    for grounded in (False, True):
        before = propagate(graph, own, grounded=grounded)
        after = propagate(graph, worse, grounded=grounded)
        assert (after >= before).all()


@settings(max_examples=100, deadline=None)
@given(data=st.data(), graph=graphs(grounded=True))
def test_grounded_statuses_are_never_better_than_the_others(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = data.draw(outages(graph))
    ordinary = brute_statuses(graph, own)
    assert (propagate(graph, own) >= ordinary).all()
    assert (propagate(graph, own, grounded=True) >= propagate(graph, own)).all()


@settings(max_examples=50, deadline=None)
@given(data=st.data(), graph=graphs(is_acyclic=True, grounded=True))
def test_without_circles_grounding_changes_nothing(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = data.draw(outages(graph))
    grounded = propagate(graph, own, grounded=True)
    assert grounded.tolist() == brute_statuses(graph, own)


def test_only_large_graphs_are_worth_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of("shop -> db")
    assert not is_worth_compiling(graph)
    monkeypatch.setattr("ripplegraph.graph.compilation.COMPILED_FROM_CIS", 2)
    assert not is_worth_compiling(graph)
    monkeypatch.setattr("ripplegraph.graph.compilation.COMPILED_FROM_SIZE", 3)
    assert is_worth_compiling(graph)


def test_kernel_without_a_place_for_its_cache_is_compiled_all_the_same() -> None:
    namespace: dict[str, object] = {}
    exec("def twice_uncached(number):\n    return 2 * number", namespace)
    twice = namespace["twice_uncached"]
    assert callable(twice)
    assert kernels.kernel_of(twice, is_compiled=True)(21) == 42


_SAME_BYTES = """
import sys
sys.path[:0] = [{src!r}, {tests!r}]
from graph_building import graph_of
from ripplegraph.impact.propagation.answers import impact, why_not
from ripplegraph.impact.propagation.scenario import scenario_of
graph = graph_of("svc1 -> a & b; svc2 -> x | y | z; x -> a; y -> b; svc3 ~> svc1; svc4 -> a | b")
scenario = scenario_of(graph, down=["a", "b"])
print(impact(graph, scenario, all_cis=True), why_not(graph, "svc2", scenario))
print("numba" in sys.modules)
"""


def test_same_bytes_under_two_hash_seeds_and_no_numba_for_a_small_graph() -> None:
    root = Path(__file__).parents[2]
    program = _SAME_BYTES.format(src=str(root / "src"), tests=str(root / "tests"))
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].endswith("False\n")

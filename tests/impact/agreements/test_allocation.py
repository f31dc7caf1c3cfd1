"""What agreements would have to promise: put back in it is enough, and a hair less is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from impact.random_graphs import graphs
from ripplegraph.errors import OpenNumbersError, UnknownAgreementError, UnknownCiError
from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState, Scope
from ripplegraph.graph.model import CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.allocating import AllocationTerms, allocate
from ripplegraph.impact.agreements.allocation import (
    Allocation,
    AllocationBasis,
    AllocationRule,
)
from ripplegraph.impact.agreements.ceilings import target_ceilings
from ripplegraph.impact.agreements.values import Proposal, ProposalKind, Verdict
from ripplegraph.impact.agreements.verdict import requirement_verdicts, sla_verdicts
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability

TWO = (promise("ola-1", "a", "0.99"), promise("upc-1", "b", "0.995"))
WORST = AllocationBasis.CONTRACTUAL_WORST


def shop(*agreements: Agreement, text: str = "shop -> a & b") -> ServiceGraph:
    return agreed(text, sla("0.99"), *(agreements or TWO))


def ask(graph: ServiceGraph, target: str, **terms: object) -> Allocation:
    return allocate(
        graph,
        "shop",
        target=Decimal(target),
        at=AT,
        terms=AllocationTerms(**terms),  # type: ignore[arg-type]
    )


def targets(found: Allocation) -> dict[str, float]:
    return {one.agreement_id: float(one.target_then) for one in found.changes}


def put_back(graph: ServiceGraph, wanted: dict[str, Decimal]) -> ServiceGraph:
    """Return the graph with other targets of its agreements."""
    return replace(
        graph,
        agreements=tuple(
            replace(one, target_availability=wanted.get(one.agreement_id, one.target_availability))
            for one in graph.agreements
        ),
    )


def unavailable(graph: ServiceGraph) -> float:
    (one,) = sla_verdicts(graph, at=AT).slas
    return one.independent.upper


# --- allocation ------------------------------------------------------------------------------


def test_equal_factor_shrinks_all_downtimes_alike() -> None:
    found = ask(shop(), "0.992", basis=WORST)
    assert found.factor == pytest.approx(0.008 / 0.015)
    assert targets(found)["ola-1"] == pytest.approx(1 - 0.01 * 0.008 / 0.015, abs=1e-5)
    assert found.unavailability_today == pytest.approx(0.015)
    assert found.unavailability_then == pytest.approx(0.008, rel=1e-3)
    assert found.is_enough


def test_fixed_agreements_stay_by_id_name_provider_or_supplier() -> None:
    named = replace(TWO[1], name="Cloud", provider="Nimbus")
    for name in ("upc-1", "Cloud", "Nimbus"):
        found = ask(shop(TWO[0], named), "0.992", fixed=(name,), basis=WORST)
        assert targets(found) == {"ola-1": pytest.approx(0.997, abs=1e-9), "upc-1": 0.995}
        assert [one.is_fixed for one in found.changes] == [False, True]
    marked = ask(shop(TWO[0], replace(TWO[1], fixed=True)), "0.992", basis=WORST)
    assert targets(marked)["upc-1"] == 0.995
    graph = shop()
    suppliers = ["Stratus" if name == "b" else "" for name in graph.cis.name]
    supplied = replace(graph, cis=replace(graph.cis, supplier=suppliers))
    assert targets(ask(supplied, "0.992", fixed=("Stratus",)))["upc-1"] == 0.995
    with pytest.raises(UnknownAgreementError, match="'Cumulus' is there"):
        ask(graph, "0.992", fixed=("Cumulus",))


def test_what_even_perfect_agreements_cannot_keep_says_what_is_left() -> None:
    found = ask(shop(), "0.996", fixed=("upc-1",))
    assert (found.factor, found.is_enough) == (None, False)
    assert found.unavailability_then == pytest.approx(0.005)
    assert targets(found)["ola-1"] == 1.0


def test_what_is_kept_already_changes_nothing() -> None:
    found = ask(shop(), "0.9")
    assert (found.factor, found.is_enough) == (1.0, True)
    assert targets(found) == {"ola-1": 0.99, "upc-1": 0.995}
    nobody = allocate(
        agreed("shop -> a", sla()), "shop", target=Decimal("0.9"), at=AT,
        options=AvailabilityOptions(own={1: Reliability(unavailability=0.2)}),
    )  # fmt: skip
    assert (nobody.is_enough, nobody.changes) == (False, ())


def test_equal_targets_raise_those_below_only() -> None:
    strict = promise("ola-2", "c", "0.9999")
    perfect = promise("ola-3", "d", "1")
    graph = shop(*TWO, strict, perfect, text="shop -> a & b & c & d")
    found = ask(graph, "0.994", rule=AllocationRule.EQUAL_TARGETS, basis=WORST)
    assert targets(found)["ola-1"] == targets(found)["upc-1"] == pytest.approx(0.99705, abs=1e-5)
    assert (targets(found)["ola-2"], targets(found)["ola-3"]) == (0.9999, 1.0)


def test_by_contribution_those_give_most_that_take_most() -> None:
    graph = shop(*TWO, promise("ola-2", "c", "0.9"), text="shop -> a & b; shop ~> c")
    found = ask(graph, "0.995", rule=AllocationRule.PROPORTIONAL)
    factors = {
        one.agreement_id: float((1 - one.target_then) / (1 - one.target_today))
        for one in found.changes
    }
    assert factors["ola-1"] < factors["upc-1"] < 1.0
    assert found.is_enough
    assert "ola-2" not in factors


def test_the_window_of_the_strictest_sla_counts_and_unknown_numbers_are_refused() -> None:
    graph = agreed(
        "shop -> a", sla("0.9"), promise("sla-2", "shop", None), promise("ola-1", "a", "0.99")
    )
    assert ask(graph, "0.999", basis=WORST).unavailability_today == pytest.approx(0.01)
    month = agreed("shop -> a", promise("ola-1", "a", "0.99"))
    assert ask(month, "0.999", basis=WORST).unavailability_today == pytest.approx(0.01)
    with pytest.raises(OpenNumbersError, match="availability of 1 CIs beneath"):
        ask(agreed("shop -> a & b", TWO[0]), "0.9")
    with pytest.raises(UnknownCiError, match="nowhere"):
        allocate(graph, "nowhere", target=Decimal("0.9"), at=AT)
    tiny = AvailabilityOptions(nodes_per_module=(1,))
    triple = agreed("shop -> 2 of (a, b, c)", promise("ola-1", "a b c", "0.9"))
    try:
        allocate(triple, "shop", target=Decimal("0.99"), at=AT, options=tiny)
    except OpenNumbersError as error:
        assert "Raise the budget" in str(error)  # noqa: PT017 - only if it is beyond


@given(
    graph=graphs(max_cis=6, is_acyclic=True),
    promised=st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(["0.9", "0.99", "0.95", "1"]),
                  st.sampled_from(list(Scope))),
        min_size=1, max_size=4, unique_by=lambda one: one[0],
    ),
    wanted=st.sampled_from(["0.9", "0.98", "0.995", "0.9999"]),
    rule=st.sampled_from(list(AllocationRule)),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_put_back_in_it_is_enough_and_a_hair_less_is_not(
    graph: ServiceGraph,
    promised: list[tuple[int, str, Scope]],
    wanted: str,
    rule: AllocationRule,
) -> None:
    agreements = [sla(wanted, covers="c0")]
    covered: list[tuple[int, ...]] = [(0,)]
    for at, (ci, target, scope) in enumerate(promised):
        agreements.append(promise(f"ola-{at}", f"c{ci}", target, scope=scope))
        covered.append((ci,) if ci < graph.ci_count else ())
    graph = replace(graph, agreements=tuple(agreements), covered=tuple(covered))
    covering = {ci for ci, *_ in promised}
    own = {
        ci: Reliability(unavailability=0.0) for ci in range(graph.ci_count) if ci not in covering
    }
    options = AvailabilityOptions(own=own)
    found = allocate(
        graph, "c0", target=Decimal(wanted), at=AT, options=options,
        terms=AllocationTerms(rule=rule),
    )  # fmt: skip

    def again(hair: Decimal) -> float:
        changed = {
            one.agreement_id: 1 - (1 - one.target_then) * hair
            for one in found.changes
            if one.target_then != one.target_today
        }
        (one,) = sla_verdicts(put_back(graph, changed), at=AT, options=options).slas
        return one.independent.upper

    allowed = float(1 - Decimal(wanted))
    assert again(Decimal(1)) == pytest.approx(found.unavailability_then, rel=1e-9, abs=1e-15)
    assert found.is_enough == (found.unavailability_then <= allowed * (1 + 1e-12))
    if found.is_enough and found.factor not in (None, 1.0):
        assert again(Decimal("1.002")) > allowed


# --- proposals -------------------------------------------------------------------------------


def proposals(graph: ServiceGraph, **u: float) -> list[Proposal]:
    (one,) = sla_verdicts(graph, at=AT, options=stating(graph, **u)).slas
    assert one.verdict is Verdict.MISSED
    return list(one.proposals)


def test_the_one_agreement_that_closes_the_gap_and_the_one_that_cannot() -> None:
    graph = agreed("shop -> a & b", sla("0.992"), *TWO)
    ola, upc = (p for p in proposals(graph) if p.kind is ProposalKind.SINGLE_AGREEMENT)
    (change,) = ola.changes
    needed = 1 - (1 - 0.992) + (0.005 - 0.008 * 0.005)
    assert change.id == "ola-1"
    assert float(change.target_then or 0) == pytest.approx(1 - (1 - 0.992 / 0.995), abs=1e-6)
    assert needed > 0.99
    assert ola.is_enough
    assert (upc.changes[0].id, upc.is_enough) == ("upc-1", False)
    assert upc.changes[0].target_then == 1
    assert upc.independent.upper == pytest.approx(0.01)


def test_o4_no_single_agreement_but_the_contract_that_limits() -> None:
    graph = agreed("shop -> server", sla("0.999"), promise("upc-1", "server", "0.98"))
    alone, doubled = proposals(graph)
    assert alone.changes[0].target_then == Decimal("0.999")
    assert doubled.kind is ProposalKind.REDUNDANCY
    assert doubled.independent.upper == pytest.approx(0.0004)
    assert doubled.saved_minutes == pytest.approx((0.02 - 0.0004) * MINUTES)
    assert doubled.verdict is Verdict.MET


def test_a_pair_has_no_single_point_of_failure_to_double() -> None:
    graph = agreed("shop -> a | b", sla("0.9999"), promise("ola-1", "a", "0.9"))
    kinds = {one.kind for one in proposals(graph, b=0.1)}
    assert kinds == {ProposalKind.SINGLE_AGREEMENT}


def test_allocations_stand_beside_single_changes_and_fixed_ones_stay() -> None:
    fixed = replace(promise("upc-2", "c", "0.999"), fixed=True)
    graph = agreed("shop -> a & b & c", sla("0.99"), *TWO, fixed)
    together = [p for p in proposals(graph) if p.kind is ProposalKind.ALLOCATION]
    assert [one.rule for one in together] == [rule.value for rule in AllocationRule]
    assert all(one.is_enough for one in together)
    assert all({c.id for c in one.changes} <= {"ola-1", "upc-1"} for one in together)


def test_many_services_are_tried_one_by_one_and_only_the_worst_get_proposals() -> None:
    names = [f"svc{number}" for number in range(12)]
    graph = agreed(
        "; ".join(f"{name} -> a & b" for name in names),
        promise("sla-1", " ".join(names), "0.99"),
        *TWO,
    )
    answer = sla_verdicts(graph, at=AT, most_proposals=2)
    assert [bool(one.proposals) for one in answer.slas] == [True] * 2 + [False] * 10
    why = "computed for the worst 2 missed SLAs only; ask for its service"
    assert [one.no_proposals for one in answer.slas] == [""] * 2 + [why] * 10


def test_open_numbers_give_no_proposals() -> None:
    graph = agreed("shop -> a & b", sla("0.999"), TWO[0])
    (one,) = sla_verdicts(graph, at=AT).slas
    assert (one.verdict, one.proposals) == (Verdict.MISSED, ())
    assert one.no_proposals == "availabilities beneath it are unknown"


def test_bounds_and_pairs_without_agreements_say_why_nothing_is_proposed() -> None:
    pair = agreed("shop -> a | b", sla("0.999"))
    (one,) = sla_verdicts(pair, at=AT, options=stating(pair, a=0.1, b=0.1)).slas
    nothing = "no agreement and no single point of failure beneath it could be better"
    assert (one.verdict, one.no_proposals) == (Verdict.MISSED, nothing)
    many = agreed("shop -> 2 of (a, b, c, d)", sla("0.999"))
    options = replace(stating(many, a=0.1, b=0.1, c=0.1, d=0.1), nodes_per_module=(1,))
    (one,) = sla_verdicts(many, at=AT, options=options).slas
    assert one.no_proposals == "its availability is known between bounds only"


def test_a_twin_that_saves_nothing_is_not_proposed() -> None:
    upc = promise("upc-1", "cloud", "0.995", scope=Scope.INCLUSIVE)
    graph = agreed("shop -> cloud & dns; cloud -> dns", sla("0.999"), upc)
    (one,) = sla_verdicts(graph, at=AT, options=stating(graph, dns=0.0005)).slas
    doubled = [p for p in one.proposals if p.kind is ProposalKind.REDUNDANCY]
    assert [p.changes[0].name for p in doubled] == ["cloud"]


@given(
    graph=graphs(max_cis=6),
    u=st.lists(st.sampled_from(["0.9", "0.99", "0.999"]), min_size=6, max_size=6),
    ci=st.integers(0, 5),
    scope=st.sampled_from(list(Scope)),
)
@settings(max_examples=40, deadline=None)
def test_improving_an_agreement_never_lowers_a_service(
    graph: ServiceGraph, u: list[str], ci: int, scope: Scope
) -> None:
    agreements = [sla(covers="c0")] + [
        promise(f"ola-{at}", f"c{at}", u[at], scope=scope) for at in range(graph.ci_count)
    ]
    covered = ((0,), *((at,) for at in range(graph.ci_count)))
    graph = replace(graph, agreements=tuple(agreements), covered=covered)
    (before,) = sla_verdicts(graph, at=AT).slas
    (after,) = sla_verdicts(put_back(graph, {f"ola-{ci}": Decimal("0.9999")}), at=AT).slas
    assert after.contractual_worst.upper <= before.contractual_worst.upper + 1e-12
    if scope is Scope.OWN:  # an inclusive promise shares less with others the better it is
        assert after.independent.upper <= before.independent.upper + 1e-12


# --- ceilings and requirements ---------------------------------------------------------------


def test_the_ceiling_is_a_target_that_is_met_and_a_hair_more_is_not() -> None:
    graph = agreed("shop -> a & b", sla("0.9"), *TWO)
    (one,) = target_ceilings(graph, at=AT).ceilings
    assert one.independent.upper == pytest.approx(1 - 0.99 * 0.995)
    assert one.contractual_worst_covered.upper >= 0.015
    assert one.targets == (Decimal("0.9"),)
    for target, verdict in ((0.985050 - 1e-9, Verdict.MET), (0.985051, Verdict.MISSED)):
        asked = agreed("shop -> a & b", sla(str(target)), *TWO)
        assert sla_verdicts(asked, at=AT).slas[0].verdict is verdict
    (named,) = target_ceilings(graph, ["a"], at=AT).ceilings
    assert named.targets == ()


def test_the_ceiling_of_a_service_tells_what_is_promised_on_its_offerings() -> None:
    graph = agreed("svc-gold -> shop; shop -> a & b", sla("0.9", covers="svc-gold"), *TWO)
    graph.cis.kind[graph.resolve("svc-gold")] = CiKind.SERVICE_OFFERING
    (one,) = target_ceilings(graph, ["shop"], at=AT).ceilings
    assert one.targets == (Decimal("0.9"),)


def test_a_requirement_is_judged_as_if_it_were_in_force() -> None:
    graph = agreed(
        "shop -> a & b",
        sla("0.9"),
        promise("slr-1", "shop", "0.995", state=AgreementState.NEGOTIATING),
        promise("sla-9", "shop", "0.5", state=AgreementState.DRAFT, name="Draft"),
        *TWO,
    )
    (one,) = requirement_verdicts(graph, at=AT).slas
    assert (one.agreement.kind, one.verdict) == (AgreementKind.SLR, Verdict.MISSED)
    assert {p.kind for p in one.proposals} == set(ProposalKind)
    (draft,) = requirement_verdicts(graph, ["Draft"], at=AT).slas
    assert draft.verdict is Verdict.MET
    with pytest.raises(UnknownAgreementError, match="no agreement 'slr-7' is there"):
        requirement_verdicts(graph, ["slr-7"], at=AT)
    empty = agreed("shop -> a")
    with pytest.raises(UnknownAgreementError, match="Add it to the export"):
        requirement_verdicts(empty, ["slr-7"], at=AT)


def test_findings_on_the_agreements_beneath_are_told() -> None:
    graph = agreed(
        "shop -> a & b; other -> c",
        sla("0.9"),
        promise("ola-1", "a", "0.999"),
        promise("upc-1", "a", "0.99"),
        promise("ola-2", "a", "0.99"),
        promise("ola-3", "c", "0.9"),
        promise("ola-4", "c", "0.8"),
    )
    rows = tuple(replace(one, file="f", row=at) for at, one in enumerate(graph.agreements))
    found = sla_verdicts(replace(graph, agreements=rows), at=AT).findings
    assert {one.code for one in found} == {"ola-not-backed", "agreement-overlap"}
    assert {one.row for one in found} <= {0, 1, 2, 3}


def test_proportional_targets_are_no_stricter_than_needed_where_one_takes_nearly_all() -> None:
    graph = agreed(
        "shop -> a & b & c",
        sla("0.9"),
        promise("ola-a", "a", "0.9"),
        promise("ola-b", "b", "0.999"),
        promise("ola-c", "c", "0.9995"),
    )
    terms = AllocationTerms(rule=AllocationRule.PROPORTIONAL)
    found = allocate(graph, "shop", target=Decimal("0.9999"), at=AT, terms=terms)
    assert found.is_enough
    assert found.unavailability_then == pytest.approx(1e-4, rel=1e-3)
    assert [one.target_then < 1 for one in found.changes] == [False, True, True]

"""Answers on fault trees: probabilities, intervals of unknown events, importance, shares."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import nan

import numpy as np
import pytest

from ripplegraph.errors import InvalidScenarioError, UnknownCiError
from ripplegraph.impact.availability import fault_tree_answers as answers
from ripplegraph.impact.availability.fault_tree_cut_sets import cut_sets
from ripplegraph.impact.availability.fault_trees import FaultTrees, variable_of
from ripplegraph.impact.availability.formula import FormulaBuilder
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.values import Basis, Label


def theatre(mains: float = 0.03, generator: float = 0.02, relay: float = 0.05) -> FaultTrees:
    """An operating theatre: the mains, or else a generator behind a relay (OpenFTA, by SCRAM)."""
    make = FormulaBuilder()
    standby = make.any_of([make.variable(1), make.variable(2)])
    top = make.all_of([make.variable(0), standby])
    return FaultTrees(
        formula=make.build(),
        roots=(top, standby),
        root_names=("theatre", "standby"),
        root_labels=("", ""),
        variable_names=("mains", "generator", "relay"),
        variable_labels=("Mains fail", "", ""),
        unavailability=np.array([mains, generator, relay]),
        notes=("A note of the reader.",),
    )


def comparator(unknown: int, known: float = 0.2) -> FaultTrees:
    """An XOR of ``unknown`` events without a probability and one with."""
    make = FormulaBuilder()
    top = make.exclusive([make.variable(n) for n in range(unknown + 1)])
    return FaultTrees(
        formula=make.build(),
        roots=(top,),
        root_names=("top",),
        root_labels=("",),
        variable_names=tuple(f"e{n}" for n in range(unknown + 1)),
        variable_labels=("",) * (unknown + 1),
        unavailability=np.array([nan] * unknown + [known]),
    )


def test_top_event_has_its_probability_with_minutes_and_label() -> None:
    one = answers.availability(theatre(), ["theatre"]).services[0]
    assert one.label is Label.EXACT
    assert one.unavailability == pytest.approx(0.03 * (1 - 0.98 * 0.95), rel=1e-14)
    assert (one.lower, one.upper) == (one.unavailability, one.unavailability)
    assert one.downtime_minutes_per_year == pytest.approx(525_600 * 0.03 * (1 - 0.98 * 0.95))
    assert one.naive_product == pytest.approx(0.97 * 0.98 * 0.95)
    assert one.missing == ()


def test_every_top_event_is_answered_in_order_and_inputs_are_counted() -> None:
    answer = answers.availability(theatre(relay=nan))
    assert [one.name for one in answer.services] == ["theatre", "standby"]
    assert answer.basis_counts == {"declared": 2, "unknown": 1}


def test_unknown_event_gives_the_interval_and_is_named() -> None:
    one = answers.availability(theatre(relay=nan), ["theatre"]).services[0]
    assert one.label is Label.INCOMPLETE
    assert one.unavailability is None
    assert one.availability is None
    assert one.downtime_minutes_per_year is None
    assert one.naive_product is None
    assert (one.lower, one.upper) == pytest.approx((0.03 * 0.02, 0.03))
    assert one.missing == ("relay",)
    assert one.coverage == pytest.approx(2 / 3)


def test_unknown_events_of_an_exclusive_or_are_tried_at_every_corner() -> None:
    one = answers.availability(comparator(2)).services[0]
    values = [abs((a ^ b) - 0.2) for a, b in product((0, 1), repeat=2)]
    assert (one.lower, one.upper) == pytest.approx((min(values), max(values)))


def test_too_many_unknown_events_of_an_exclusive_or_leave_everything_open() -> None:
    one = answers.availability(comparator(11)).services[0]
    assert (one.lower, one.upper, one.label) == (0.0, 1.0, Label.INCOMPLETE)


def test_what_if_takes_the_place_of_what_the_file_says() -> None:
    trees = theatre(relay=nan)
    number = variable_of(trees, "relay")
    options = AvailabilityOptions(own={number: Reliability(unavailability=0.05)})
    one = answers.availability(trees, ["theatre"], options=options).services[0]
    assert one.unavailability == pytest.approx(0.00207)
    options = AvailabilityOptions(own={0: Reliability(mtbf_hours=10)})
    assert answers.availability(theatre(), options=options).services[0].missing == ("mains",)


def test_names_that_the_trees_do_not_hold_are_refused() -> None:
    with pytest.raises(UnknownCiError, match="Did you mean 'theatre' or 'standby'"):
        answers.availability(theatre(), ["cinema"])
    with pytest.raises(UnknownCiError, match="'cinema' is not in the graph"):
        variable_of(theatre(), "cinema")


def test_importance_has_the_values_that_scram_prints() -> None:
    answer = answers.importance(theatre(), "theatre")
    rows = {one.ci_id: one for one in answer.rows}
    assert [one.ci_id for one in answer.rows] == ["mains", "relay", "generator"]
    relay = rows["relay"]
    assert relay.birnbaum == pytest.approx(0.0294)
    assert relay.criticality == pytest.approx(0.710145, rel=1e-5)
    assert relay.dif == pytest.approx(0.724638, rel=1e-5)
    assert relay.raw == pytest.approx(14.4928, rel=1e-5)
    assert relay.rrw == pytest.approx(3.45)
    assert relay.minutes == pytest.approx(0.05 * 0.0294 * 525_600)
    assert rows["mains"].rrw is None
    assert answer.labels == {"theatre": "exact"}
    assert answer.row_count == 3


def test_importance_of_every_top_event_is_one_list_that_may_be_cut() -> None:
    answer = answers.importance(theatre(), limit=2)
    assert answer.service is None
    assert [(one.service, one.ci_id) for one in answer.rows] == [
        ("standby", "relay"),
        ("standby", "generator"),
    ]
    assert answer.row_count == 5


def test_importance_takes_unknown_events_as_perfect() -> None:
    rows = answers.importance(theatre(0.0, nan, nan), "theatre").rows
    assert {one.ci_id: one.unavailability for one in rows} == {
        "mains": 0.0,
        "generator": None,
        "relay": None,
    }
    assert all(one.criticality is None and one.raw is None for one in rows)
    assert all(one.dif is None and one.rrw is None for one in rows)


def test_explanation_has_shares_that_add_up_and_what_the_file_assumes() -> None:
    answer = answers.explain(theatre(), "theatre")
    assert sum(one.percent or 0 for one in answer.contributions) == pytest.approx(100)
    assert answer.contributions[0].name == "Mains fail"
    assert answer.contributions[0].basis is Basis.DECLARED
    assert answer.single_points_of_failure == ()
    assert answer.assumptions[-1] == "A note of the reader."


def test_explanation_names_what_alone_brings_the_top_about() -> None:
    assert answers.explain(theatre(), "standby").single_points_of_failure == ("generator", "relay")
    assert answers.explain(comparator(0), "top").single_points_of_failure == ("e0",)
    assert answers.explain(comparator(2), "top").single_points_of_failure == ()


def test_explanation_lists_unknown_inputs_without_a_share() -> None:
    answer = answers.explain(theatre(generator=0.0, relay=nan), "theatre")
    assert answer.contributions == ()
    assert [(one.ci_id, one.basis) for one in answer.inputs] == [
        ("mains", Basis.DECLARED),
        ("generator", Basis.DECLARED),
        ("relay", Basis.UNKNOWN),
    ]


def test_cut_sets_are_listed_likeliest_first_with_probability_and_minutes() -> None:
    answer = cut_sets(theatre(), "theatre")
    assert [one.cis for one in answer.cut_sets] == [("mains", "relay"), ("generator", "mains")]
    assert answer.cut_sets[0].probability == pytest.approx(0.0015)
    assert answer.cut_sets[0].downtime_minutes_per_year == pytest.approx(788.4)
    assert (answer.is_complete, answer.count) == (True, 2)
    assert answer.single_points_of_failure == ()
    assert {one.cis for one in answer.path_sets} == {("mains",), ("generator", "relay")}


def test_cut_sets_below_a_probability_are_left_out_and_it_shows() -> None:
    answer = cut_sets(theatre(generator=nan), "theatre", min_probability=0.01)
    assert [(one.cis, one.probability) for one in answer.cut_sets] == [
        (("generator", "mains"), None)
    ]
    assert not answer.is_complete
    assert cut_sets(theatre(), "standby").single_points_of_failure == ("generator", "relay")


def test_cut_sets_up_to_an_order_say_what_was_not_looked_for() -> None:
    answer = cut_sets(theatre(), "theatre", max_order=1)
    assert (answer.cut_sets, answer.is_complete, answer.count) == ((), False, 2)
    assert "Cut sets of more than 1 CIs are not listed." in answer.assumptions


def test_tree_with_an_exclusive_or_has_no_cut_sets_and_says_why() -> None:
    with pytest.raises(InvalidScenarioError, match=r"NOT or XOR lies beneath .*: 'top'"):
        cut_sets(comparator(2), "top")


def test_top_event_too_large_for_the_budget_is_estimated_and_has_no_importance() -> None:
    options = AvailabilityOptions(nodes_per_module=(1,), samples=6400)
    one = answers.availability(comparator(0), options=options).services[0]
    assert one.label is Label.EXACT
    parity = replace(comparator(9), unavailability=np.full(10, 0.25))
    one = answers.availability(parity, options=options).services[0]
    assert one.label is Label.ESTIMATED
    assert one.lower < 0.5 - 0.5**11 < one.upper
    unknown = replace(parity, unavailability=np.array([0.25] * 9 + [nan]))
    one = answers.availability(unknown, options=options).services[0]
    assert (one.lower, one.upper, one.label) == (0.0, 1.0, Label.INCOMPLETE)
    assert answers.importance(parity, options=options).rows == ()
    answer = answers.explain(parity, "top", options=options)
    assert (answer.contributions, answer.single_points_of_failure) == ((), ())

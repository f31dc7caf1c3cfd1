"""Diagrams kept between questions: nothing is compiled anew that has not changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graph_building import graph_of
from impact.availability.stated import stating
from ripplegraph.impact.availability.answers import availability, cut_sets, explain, importance
from ripplegraph.impact.availability.compile import NodeBudget
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.formula import FormulaBuilder
from ripplegraph.impact.availability.kept_diagrams import KeptDiagrams

ESTATE = "svc1 -> a | b; svc2 -> b & c; svc3 -> 2 of (c, d, e)"
U = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4, "e": 0.5}


def test_a_change_of_numbers_compiles_no_service_again() -> None:
    graph, kept = graph_of(ESTATE), KeptDiagrams()
    first = replace(stating(graph, **U), kept=kept)
    availability(graph, options=first)
    assert kept.root_count == 3
    changed = replace(stating(graph, **{**U, "b": 0.01}), kept=kept)
    answer = availability(graph, options=changed)
    assert kept.root_count == 3
    assert answer == availability(graph, options=replace(changed, kept=None))
    importance(graph, options=changed)
    explain(graph, "svc3", options=changed)
    cut_sets(graph, "svc2", options=changed)
    assert kept.root_count == 3


def test_a_change_of_structure_compiles_only_the_services_above_it() -> None:
    kept = KeptDiagrams()
    graph = graph_of(ESTATE)
    availability(graph, options=replace(stating(graph, **U), kept=kept))
    # the new CI stands before the others, so that every CI has another number
    larger = graph_of("svc1 -> aa & a; " + ESTATE)
    assert larger.resolve("c") != graph.resolve("c")
    options = replace(stating(larger, **U, aa=0.25), kept=kept)
    answer = availability(larger, options=options)
    assert kept.root_count == 4
    fresh = replace(options, kept=None)
    expected = availability(larger, options=fresh)
    found = [one.unavailability for one in answer.services]
    assert found == pytest.approx([one.unavailability for one in expected.services], rel=1e-14)
    assert cut_sets(larger, "svc1", options=options) == cut_sets(larger, "svc1", options=fresh)
    rows = {
        (one.service, one.ci_id): one.minutes for one in importance(larger, options=options).rows
    }
    for one in importance(larger, options=fresh).rows:
        assert rows[one.service, one.ci_id] == pytest.approx(one.minutes, rel=1e-14)


def test_too_many_kept_nodes_are_given_up_and_the_answer_stays_right() -> None:
    graph, kept = graph_of(ESTATE), KeptDiagrams(most_nodes=1)
    options = replace(stating(graph, **U), kept=kept)
    assert availability(graph, options=options) == availability(
        graph, options=replace(options, kept=None)
    )
    assert kept.root_count == 0
    assert availability(graph, options=options).services[0].unavailability == pytest.approx(0.02)


def test_a_fleet_of_constants_has_no_variables_to_number() -> None:
    builder = FormulaBuilder()
    root = builder.true()
    fleet = KeptDiagrams().compiled(builder.build(), [root], (), budget=NodeBudget())
    assert failure_probabilities(fleet, np.zeros(0)).tolist() == [1.0]


def test_diagrams_that_another_thread_uses_are_left_alone() -> None:
    given_back: list[bool] = []
    claims = iter([False, True])
    kept = KeptDiagrams(is_claimed=lambda: next(claims), give_back=lambda: given_back.append(True))
    graph = graph_of(ESTATE)
    options = replace(stating(graph, **U), kept=kept)
    answer = availability(graph, options=options)
    assert (kept.root_count, given_back) == (0, [])
    assert answer == availability(graph, options=options)
    assert (kept.root_count, given_back) == (3, [True])

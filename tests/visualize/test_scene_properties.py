"""What holds for the scene of any graph: nothing overlaps, nothing is crossed, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.selection import cis_of_service
from ripplegraph.visualize.view_model import Level, Scene
from visualize.scenes import graphs, outage_scene, scene_under

LEVELS = st.sampled_from(Level)
some = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


QUESTIONS = st.tuples(st.integers(0, 3), st.booleans())
"""How many CIs are out, and whether all that falls is asked about instead of one service."""


def scene_of(
    graph: ServiceGraph, question: tuple[int, bool], level: Level, limit: int = 60
) -> Scene:
    count, is_outage = question
    down = graph.ci_ids[-count:] if count else ()
    shown = outage_scene if is_outage and down else scene_under
    return shown(graph, *down, level=level, limit=limit)


@some
@given(graphs(), LEVELS, QUESTIONS, st.integers(1, 12))
def test_boxes_stand_in_their_bands_and_never_overlap(
    graph: ServiceGraph, level: Level, outs: tuple[int, bool], limit: int
) -> None:
    scene = scene_of(graph, outs, level, limit)
    for one, other in combinations(scene.boxes, 2):
        is_apart = abs(one.x - other.x) >= scene.box_width
        assert is_apart or abs(one.y - other.y) >= scene.box_height
    bands = {band.kind: band for band in scene.bands}
    for box in scene.boxes:
        band = bands[box.kind]
        assert band.top <= box.y - scene.box_height / 2
        assert box.y + scene.box_height / 2 <= band.bottom
    tops = {box.number: box.y for box in scene.boxes}
    if scene.service is not None:
        others = [y for number, y in tops.items() if number != scene.service]
        assert all(tops[scene.service] < y for y in others)


@some
@given(graphs(), LEVELS, QUESTIONS, st.integers(1, 12))
def test_no_line_enters_a_foreign_box(
    graph: ServiceGraph, level: Level, outs: tuple[int, bool], limit: int
) -> None:
    scene = scene_of(graph, outs, level, limit)
    half_width, half_height = scene.box_width / 2, scene.box_height / 2
    for line in scene.lines:
        for (x, y), (next_x, next_y) in pairwise(line.points):
            for box in scene.boxes:
                # a curve stays inside the rectangle of its ends: apart from it is apart from all
                left, right = sorted((x, next_x))
                top, bottom = sorted((y, next_y))
                assert (
                    right <= box.x - half_width
                    or left >= box.x + half_width
                    or bottom <= box.y - half_height
                    or top >= box.y + half_height
                )


@some
@given(graphs(), LEVELS, QUESTIONS, st.integers(1, 12))
def test_counts_add_up(
    graph: ServiceGraph, level: Level, outs: tuple[int, bool], limit: int
) -> None:
    scene = scene_of(graph, outs, level, limit)
    whole = set(belonging(graph, scene))
    drawn = [number for box in scene.boxes for number in box.numbers]
    assert len(drawn) == len(set(drawn))
    assert set(drawn) <= whole
    assert scene.ci_count == len(whole) == len(drawn) + scene.hidden_cis
    ends = graph.topology.edge_dependency
    relations = sum(
        int(ends[edge]) in whole
        for number in whole
        for edge in graph.edges_to_dependencies(number)
    )
    shown = sum(line.relation_count for line in scene.lines)
    assert scene.relation_count == relations == shown + scene.hidden_relations
    assert len(scene.boxes) <= limit


def belonging(graph: ServiceGraph, scene: Scene) -> Iterable[int]:
    """Return all CIs of the service, or what is out or impacted with what that needs."""
    if scene.service is not None:
        return cis_of_service(graph, scene.service)
    hit = {*scene.tops, *(box.number for box in scene.boxes if box.is_root_cause)}
    ends, effects = graph.topology.edge_dependency, graph.gates.edge_effect
    needs = {
        int(ends[edge])
        for number in hit
        for edge in graph.edges_to_dependencies(number)
        if effects[edge] != Strength.NONE
    }
    return hit | needs


@some
@given(graphs(), QUESTIONS, st.integers(1, 8))
def test_what_depends_on_what_can_be_read_off_the_picture(
    graph: ServiceGraph, outs: tuple[int, bool], limit: int
) -> None:
    scene = scene_of(graph, outs, Level.FOLDED, limit)
    box_of = {number: box.number for box in scene.boxes for number in box.numbers}
    ends, effects = graph.topology.edge_dependency, graph.gates.edge_effect
    for box in scene.boxes:
        drawn = reached({box.number}, scene)
        waiting = list(box.numbers)
        seen = set(waiting)
        for number in waiting:
            for edge in graph.edges_to_dependencies(number):
                dependency = int(ends[edge])
                if effects[edge] != Strength.NONE and dependency not in seen:
                    seen.add(dependency)
                    waiting.append(dependency)
        assert {box_of[number] for number in seen if number in box_of} <= drawn


def reached(start: set[int], scene: Scene) -> set[int]:
    seen, waiting = set(start), list(start)
    while waiting:
        one = waiting.pop()
        for line in scene.lines:
            if line.dependent == one and line.dependency not in seen:
                seen.add(line.dependency)
                waiting.append(line.dependency)
    return seen


@some
@given(graphs(), LEVELS, QUESTIONS)
def test_the_same_question_gives_the_same_scene(
    graph: ServiceGraph, level: Level, outs: tuple[int, bool]
) -> None:
    assert scene_of(graph, outs, level) == scene_of(graph, outs, level)

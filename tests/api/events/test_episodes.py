"""Episodes from facts: whatever the order and however often they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.api.events.documents import LiveDocument, live_of, live_text
from ripplegraph.api.events.episodes import (
    Correction,
    Facts,
    Opening,
    ended_episodes,
    episodes_of,
    open_now,
)
from ripplegraph.graph.outages import OutageKind

DAY = datetime(2026, 11, 27, tzinfo=UTC)


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def opening(hour: float, kind: OutageKind = OutageKind.UNPLANNED, ci: str = "db") -> Opening:
    return Opening(at=at(hour), ci=ci, kind=kind)


def facts_of(*said: Opening | float) -> Facts:
    """Return the facts that openings, and closings by their hour, make one after the other."""
    facts = Facts()
    for one in said:
        if isinstance(one, Opening):
            facts = facts.with_opening(one)
        else:
            facts = facts.with_closing(at(one))
    return facts


def told(facts: Facts) -> list[list[tuple[datetime, datetime | None, str]]]:
    return [
        [(span.start, span.end, span.what.kind.value) for span in episode.spans]
        for episode in episodes_of(facts)
    ]


def test_an_opening_without_a_closing_is_open() -> None:
    facts = facts_of(opening(1))
    assert told(facts) == [[(at(1), None, "unplanned")]]
    assert open_now(facts) == opening(1)


def test_the_first_closing_after_it_ends_it_and_a_later_one_ends_nothing() -> None:
    facts = facts_of(opening(1), 3, 2, 5)
    assert told(facts) == [[(at(1), at(2), "unplanned")]]
    assert open_now(facts) is None


def test_a_late_closing_between_two_openings_makes_two_episodes_of_one() -> None:
    held = facts_of(opening(1), opening(3))
    assert told(held) == [[(at(1), None, "unplanned")]]
    assert told(held.with_closing(at(2))) == [
        [(at(1), at(2), "unplanned")],
        [(at(3), None, "unplanned")],
    ]


def test_at_one_moment_the_end_of_what_is_open_comes_first() -> None:
    assert told(facts_of(opening(1), 2, opening(2))) == [
        [(at(1), at(2), "unplanned")],
        [(at(2), None, "unplanned")],
    ]


def test_what_begins_and_ends_at_one_moment_lasts_no_time() -> None:
    assert told(facts_of(2, opening(2))) == [[(at(2), at(2), "unplanned")]]


def test_of_two_openings_at_one_moment_the_worse_counts() -> None:
    both = (opening(1, OutageKind.DEGRADATION), opening(1))
    assert told(facts_of(*both)) == told(facts_of(*both[::-1])) == [[(at(1), None, "unplanned")]]


def test_an_opening_on_another_ci_is_another_span() -> None:
    facts = facts_of(opening(1), opening(2, ci="web"), 3)
    (episode,) = episodes_of(facts)
    assert [(span.what.ci, span.start, span.end) for span in episode.spans] == [
        ("db", at(1), at(2)),
        ("web", at(2), at(3)),
    ]


def test_an_end_put_earlier_takes_what_was_told_after_it_along() -> None:
    facts = facts_of(opening(1), opening(3, OutageKind.DEGRADATION), 4)
    (episode,) = episodes_of(facts)
    assert told(facts.ended_at(episode, at(2))) == [[(at(1), at(2), "unplanned")]]


moments = st.integers(0, 8)
saids = st.one_of(
    st.builds(opening, moments, st.sampled_from(OutageKind), st.sampled_from(("db", "web"))),
    moments.map(float),
)


@given(st.lists(saids, max_size=8), st.data())
def test_order_and_repetition_do_not_count(
    said: list[Opening | float], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(said), max_size=4)) if said else []
    shuffled = data.draw(st.permutations([*said, *again]))
    assert facts_of(*shuffled) == facts_of(*said)


@given(st.lists(saids, max_size=8))
def test_episodes_follow_each_other_and_their_spans_join(said: list[Opening | float]) -> None:
    before = None
    for episode in episodes_of(facts_of(*said)):
        assert before is None or before <= episode.began
        for span, following in zip(episode.spans, episode.spans[1:], strict=False):
            assert span.end == following.start
        before = episode.end
        assert before is not None or episode == episodes_of(facts_of(*said))[-1]


@given(st.lists(saids, max_size=8))
def test_down_is_what_a_clock_that_ticks_through_the_facts_sees(
    said: list[Opening | float],
) -> None:
    """The oracle: walk the hours, and remember only whether something is open."""
    facts, is_open, seen = facts_of(*said), False, []
    openings = {one.at for one in facts.openings}
    for hour in range(9):
        if at(hour) in facts.closings and is_open:
            is_open = False
            is_open = at(hour) in openings
        elif at(hour) in openings:
            is_open = is_open or at(hour) not in facts.closings
        seen.append(is_open)
    episodes = episodes_of(facts)
    assert seen == [
        any(one.start <= at(hour) and (one.end is None or at(hour) < one.end) for one in episodes)
        for hour in range(9)
    ]


@settings(deadline=None)
@given(st.lists(saids, max_size=10))
def test_facts_that_are_parted_at_an_end_tell_the_same_episodes(
    said: list[Opening | float],
) -> None:
    facts = facts_of(*said)
    for episode in ended_episodes(facts):
        if episode.end is not None and episode.end > episode.began:
            old, rest = facts.split_at(episode.end)
            assert (*episodes_of(old), *episodes_of(rest)) == episodes_of(facts)
            assert old.joined_with(rest) == rest.joined_with(old) == facts


def test_corrections_go_with_the_episodes_that_they_correct() -> None:
    facts = facts_of(opening(1), 2, opening(3), opening(4, ci="web"), 5, opening(6))
    first, second, _ = episodes_of(facts)
    facts = facts.ended_at(second, at(3.5)).corrected(Correction(began=first.began, cause="a"))
    facts = facts.corrected(Correction(began=at(6), ticket="INC1"))
    old, rest = facts.split_at(at(3.5))
    assert (*episodes_of(old), *episodes_of(rest)) == episodes_of(facts)
    assert old.joined_with(rest) == facts


def test_what_was_corrected_stays_so_if_the_outage_is_known_to_begin_earlier() -> None:
    facts = facts_of(opening(2), 3, opening(5)).corrected(Correction(began=at(2), excluded="yes"))
    earlier = facts.with_opening(opening(1))
    assert [one.spans[0].what.excluded for one in episodes_of(earlier)] == ["yes", ""]
    later = earlier.with_opening(opening(3))
    assert [one.spans[0].what.excluded for one in episodes_of(later)] == ["yes", ""]


def test_what_was_corrected_of_an_episode_is_not_said_of_the_one_that_it_is_a_part_of() -> None:
    facts = facts_of(opening(1), 2, opening(3), 4).corrected(
        Correction(began=at(3), excluded="yes")
    )
    joined = facts.ended_at(episodes_of(facts)[0], None)
    assert told(joined) == [[(at(1), at(4), "unplanned")]]
    assert [one.spans[0].what.excluded for one in episodes_of(joined)] == [""]


@given(st.lists(saids, max_size=6))
def test_a_document_is_read_as_it_was_written(said: list[Opening | float]) -> None:
    document = LiveDocument(source="a/b", external_id="ü 1%", facts=facts_of(*said))
    assert live_of(live_text(document)) == document


@pytest.mark.parametrize("end", [None, 2.0])
def test_a_correction_repeated_changes_nothing_more(end: float | None) -> None:
    facts = facts_of(opening(1), 4)
    (episode,) = episodes_of(facts)
    moment = None if end is None else at(end)
    once = facts.ended_at(episode, moment)
    (after,) = episodes_of(once)
    assert told(once.ended_at(after, moment)) == told(once)

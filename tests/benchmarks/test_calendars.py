"""The rows on calendars: their answers are compared with a loop before anything is timed."""

from __future__ import annotations

import pytest

from benchmarks import calendars
from benchmarks.rows import WrongAnswerError
from ripplegraph.graph.time_sets import Seconds


def test_calendar_rows_compare_every_answer_and_have_one_row_per_peer() -> None:
    rows = calendars.calendar_rows(3_000, goals=calendars.GOALS, rounds=1)
    assert [(row.size, row.peer) for row in rows] == [(3_000, peer) for _, peer in calendars.GOALS]


def test_a_wrong_answer_stops_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(starts: Seconds, _ends: Seconds) -> list[int]:
        return [0] * len(starts)

    monkeypatch.setattr(calendars, "looped_within", wrong)
    with pytest.raises(WrongAnswerError, match="a loop over days agrees"):
        calendars.calendar_rows(3_000, goals={}, rounds=1)

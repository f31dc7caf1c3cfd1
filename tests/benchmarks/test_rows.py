"""Rows of benchmarks: answers are compared before a ratio is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import rows
from benchmarks.__main__ import run
from benchmarks.questions import check_flips, check_outages
from benchmarks.rows import (
    Row,
    WrongAnswerError,
    cpu_seconds,
    explained,
    profile_of,
    reasons_of,
    rows_beside,
    seconds_per_call,
    table_of,
)
from benchmarks.subject import Subject
from ripplegraph.graph.model import Status
from ripplegraph.impact import StatusTracker

ROW = Row(name="load", size=10, ours_s=0.5, peer="csv", peer_s=2.0, goal=3.0, peak_rss_mb=12.34)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return Subject(3_000, tmp_path_factory.mktemp("estates"))


def test_ratio_says_how_many_times_as_long_the_peer_takes() -> None:
    assert ROW.ratio == 4.0
    assert ROW.met


def test_a_run_writes_every_row_and_keeps_them_if_a_later_section_fails(tmp_path: Path) -> None:
    def fails() -> list[Row]:
        message = "the peer knows better"
        raise WrongAnswerError(message)

    path = tmp_path / "bench.json"
    with pytest.raises(WrongAnswerError, match="the peer knows better"):
        run({"one": lambda: [ROW], "other": fails}, path)
    assert json.loads(path.read_text()) == [
        {
            "name": "load",
            "size": 10,
            "ours_s": 0.5,
            "peer": "csv",
            "peer_s": 2.0,
            "ratio": 4.0,
            "goal": 3.0,
            "met": True,
            "peak_rss_mb": 12.3,
        }
    ]


def test_the_table_says_which_goal_is_not_met() -> None:
    slow = Row(name="slow", size=1, ours_s=1.0, peer="csv", peer_s=1.0, goal=2.0)
    lines = table_of([ROW, slow]).splitlines()
    assert "yes" in lines[1].split()
    assert "NO" in lines[2].split()


def test_only_rows_that_miss_their_goal_say_why_and_only_then_it_is_asked() -> None:
    slow = Row(name="slow", size=1, ours_s=1.0, peer="csv", peer_s=1.0, goal=2.0)
    said = explained([ROW, slow], lambda: "parsing 90%")
    assert [row.as_record().get("why") for row in said] == [None, "parsing 90%"]
    asked: list[str] = []
    explained([ROW], lambda: asked.append("asked") or "")  # type: ignore[func-returns-value]
    assert asked == []


def test_tasks_take_turns_and_none_goes_first_always() -> None:
    order: list[str] = []
    tasks = {"ours": lambda: order.append("ours"), "peer": lambda: order.append("peer")}
    assert set(cpu_seconds(tasks, rounds=2)) == {"ours", "peer"}
    assert order == ["ours", "peer", "peer", "ours"]


def test_calls_take_turns_round_by_round_another_first_each_time() -> None:
    order: list[tuple[str, int]] = []
    calls = {
        "ours": lambda ci: order.append(("ours", ci)),
        "peer": lambda ci: order.append(("peer", ci)),
    }
    assert all(spent > 0 for spent in seconds_per_call(calls, [4, 5], rounds=2).values())
    ours, peer = [("ours", 4), ("ours", 5)], [("peer", 4), ("peer", 5)]
    assert order == ours + peer + peer + ours


def test_a_call_counts_with_the_median_of_its_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    durations = iter([1.0, 2.0, 9.0, 2.0, 3.0, 4.0])

    def call(_ci: int) -> None:
        nonlocal now
        now += next(durations)

    monkeypatch.setattr(rows, "process_time", lambda: now)
    # of the first CI 1, 9 and 3 seconds, of the second 2, 2 and 4
    assert seconds_per_call({"ours": call}, [7, 8], rounds=3) == {"ours": 2.5}


def test_outages_agree_with_a_worklist_and_a_wrong_requirement_would_be_noticed(
    subject: Subject,
) -> None:
    check_outages(subject, count=300)
    stricter = Subject(subject.ci_count, subject.estates)
    for key in stricter.named.min_up:
        stricter.named.min_up[key] = "64"
    with pytest.raises(WrongAnswerError, match="worklist agrees"):
        check_outages(stricter, count=300)


def test_flips_are_equal_to_computing_anew_and_a_wrong_start_would_be_noticed(
    subject: Subject,
) -> None:
    own = {7: Status.DOWN}
    check_flips(subject.graph, StatusTracker(subject.graph, own), own, [1, 2, 3])
    with pytest.raises(WrongAnswerError, match="as computed anew"):
        check_flips(subject.graph, StatusTracker(subject.graph), own, [1, 2, 3])


def test_a_goal_that_is_not_met_tells_where_the_time_goes() -> None:
    why = profile_of(lambda: sorted(range(1_000), key=lambda number: -number))
    assert "sorted" in why
    spent = {"ours": 2.0, "slow": 8.0, "quick": 1.0}
    rows = rows_beside(
        "load", 10, spent, goals={"slow": 3.0, "quick": 3.0}, peak_rss_mb=0.0, why=why
    )
    assert reasons_of(rows) == f"not met: load at 10, beside quick: {why}"
    assert ["why" in row.as_record() for row in rows] == [False, True]

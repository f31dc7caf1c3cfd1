"""Load on a real server, for a short time and at a small size."""

from __future__ import annotations

import http.server
import threading
import time
from pathlib import Path

import pytest

from benchmarks.api_load import api_rows
from benchmarks.serving import CALLERS, NoAnswerError, impact_caller, percentile, seconds_at_rate
from benchmarks.soak import soak
from benchmarks.subject import Subject


def test_the_queries_of_a_server_are_timed_while_an_import_runs(tmp_path: Path) -> None:
    rows = api_rows(Subject(300, estates=tmp_path), seconds=0.5, per_second=20)
    assert [row.name[-3:] for row in rows] == ["p50", "p99"]
    assert 0 < rows[0].ours_s <= rows[1].ours_s


def test_a_short_soak_tells_the_memory_in_the_beginning_and_in_the_end(tmp_path: Path) -> None:
    found = soak(Subject(300, estates=tmp_path), seconds=1, per_second=10, rounds=2)
    assert found.answers >= 10
    assert len(found.rss_mb) == found.imports == 2
    assert (found.rss_start_mb, found.rss_end_mb) == tuple(found.rss_mb)
    assert found.rss_start_mb > 20


def test_a_question_counts_from_when_it_was_due() -> None:
    left = iter(range(64))
    found = seconds_at_rate(
        lambda _: time.sleep(0.02), per_second=2000, goes_on=lambda _: next(left, None) is not None
    )
    assert len(found) == 64
    assert found == sorted(found)
    the_last_is_done, the_last_is_due = 64 / CALLERS * 0.02, 64 / 2000
    assert found[-1] >= the_last_is_done - the_last_is_due
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert percentile([1.0], 0.99) == 1.0


def test_an_answer_that_is_no_answer_stops_the_rows() -> None:
    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(429)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with (
            impact_caller(server.server_address[1], ["a"]) as ask,
            pytest.raises(NoAnswerError, match="429"),
        ):
            ask(0)
    finally:
        server.shutdown()
        server.server_close()

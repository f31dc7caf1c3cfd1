"""Rows on the API: impact queries at a steady rate, while an import runs and while none does."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rows import Row, require
from benchmarks.serving import (
    impact_caller,
    percentile,
    seconds_at_rate,
    served,
    start_import,
)
from benchmarks.subject import Subject

PEER = "no import runs"
PER_SECOND = 50
_ASKED = 500
_SHARES = (("p50", 0.5), ("p99", 0.99))


def api_rows(subject: Subject, *, seconds: float, per_second: float = PER_SECOND) -> list[Row]:
    """Return the median and the 99th percentile of an impact query over HTTP."""
    step = max(1, subject.ci_count // _ASKED)
    asked = subject.native_ids[::step]
    with TemporaryDirectory(dir=subject.folder.parent) as folder:
        store = Path(folder) / "estate.db"
        require(
            start_import(subject.folder, store, "first").wait() == 0, "the import comes through"
        )
        with served(store) as server, impact_caller(server.port, asked) as ask:
            seconds_at_rate(ask, per_second=per_second, goes_on=lambda past: past < seconds / 4)
            alone = seconds_at_rate(
                ask, per_second=per_second, goes_on=lambda past: past < seconds
            )
            importing = start_import(subject.folder, store, "second")
            beside = seconds_at_rate(
                ask, per_second=per_second, goes_on=lambda _: importing.poll() is None
            )
            require(importing.returncode == 0, "the import comes through")
    name = f"impact query at {per_second:g} a second during an import"
    return [
        Row(
            name=f"{name}, {word}",
            size=subject.ci_count,
            ours_s=percentile(beside, share),
            peer=PEER,
            peer_s=percentile(alone, share),
            goal=0,
        )
        for word, share in _SHARES
    ]

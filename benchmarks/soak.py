"""``make soak``: the memory of a server under load, in the beginning and in the end.

``python -m benchmarks.soak --seconds 3600`` serves an estate, asks impact queries at a steady
rate and imports now and then; prints JSON and writes it to ``build/soak.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rows import require
from benchmarks.serving import (
    impact_caller,
    percentile,
    seconds_at_rate,
    served,
    start_import,
)
from benchmarks.subject import Subject

_ASKED = 500
_ROUNDS = 60
_PATIENCE_S = 600  # on a machine that is busy with much else an answer took more than a minute


@dataclass(slots=True, kw_only=True)
class Soaked:
    """What a server was asked, and how its memory went: one reading after each import."""

    cis: int
    per_second: float
    seconds: float = 0.0
    answers: int = 0
    imports: int = 0
    p99_s: float = 0.0
    rss_start_mb: float = 0.0
    rss_end_mb: float = 0.0
    rss_mb: list[float] = field(default_factory=list)


def soak(subject: Subject, *, seconds: float, per_second: float, rounds: int) -> Soaked:
    """Ask for so long, with an import in each round; memory counts from the first round on."""
    found = Soaked(cis=subject.ci_count, per_second=per_second)
    asked = subject.native_ids[:: max(1, subject.ci_count // _ASKED)]
    with TemporaryDirectory(dir=subject.folder.parent) as folder:
        store = Path(folder) / "estate.db"
        require(
            start_import(subject.folder, store, "even").wait() == 0, "the import comes through"
        )
        with served(store) as server:
            began = time.perf_counter()
            answers: list[float] = []
            for number in range(rounds):
                name = "even" if number % 2 else "odd"
                importing = start_import(subject.folder, store, name)
                with impact_caller(server.port, asked, patience_s=_PATIENCE_S) as ask:
                    answers += seconds_at_rate(
                        ask,
                        per_second=per_second,
                        goes_on=lambda past: past < seconds / rounds,
                    )
                require(importing.wait() == 0, "the import comes through")
                found.rss_mb.append(round(server.rss_mb(), 1))
                slowest = max(answers, default=0.0)
                past = time.perf_counter() - began
                print(
                    f"{past:.0f} s: {found.rss_mb[-1]} MB, {len(answers)} answers, the slowest"
                    f" {slowest:.1f} s",
                    file=sys.stderr,
                    flush=True,
                )
            found.seconds = round(time.perf_counter() - began, 1)
    found.answers, found.imports = len(answers), rounds
    found.p99_s = round(percentile(sorted(answers), 0.99), 4)
    found.rss_start_mb, found.rss_end_mb = found.rss_mb[0], found.rss_mb[-1]
    return found


def main() -> None:
    """Soak for as long as the command line says."""
    parser = argparse.ArgumentParser(description="The memory of a server under load.")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--cis", type=int, default=100_000)
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--out", type=Path, default=Path("build/soak.json"))
    given = parser.parse_args()
    found = soak(
        Subject(given.cis),
        seconds=given.seconds,
        per_second=given.per_second,
        rounds=given.rounds,
    )
    text = json.dumps(asdict(found), indent=1)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

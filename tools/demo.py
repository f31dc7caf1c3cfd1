"""The main job on the shipped example, as ``make demo`` shows it: every line is a real command."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = "examples/acme"
MOMENT = "2026-11-20T09:00:00Z"
VIEW = Path("build") / "online-shop.html"


def main() -> int:
    """Run the commands one after the other; return the first failing exit code, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--view", type=Path, default=VIEW, help="where the HTML view is written")
    view: Path = parser.parse_args().view
    (ROOT / view).parent.mkdir(parents=True, exist_ok=True)
    for comment, command in demo_commands(view):
        print(f"# {comment}\n$ ripplegraph {shlex.join(command)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "ripplegraph", *command],
            cwd=ROOT,
            env=dict(os.environ),
            check=False,
        )
        if done.returncode != 0:
            return done.returncode
        print(flush=True)
    print(f"Open {view} in a browser; it needs no network.")
    print(f"The live page, until Ctrl-C: .venv/bin/ripplegraph serve {EXAMPLE} --open")
    return 0


def demo_commands(view: Path) -> list[tuple[str, list[str]]]:
    """Return each command with what it shows."""
    return [
        ("What was read, and what became of every row", ["load", EXAMPLE]),
        ("What is wrong in the data", ["check", EXAMPLE, "--at", MOMENT]),
        ("The services and their SLAs", ["services", EXAMPLE, "--at", MOMENT]),
        (
            "The payment supplier fails: who is hit, and why",
            ["impact", EXAMPLE, "paybridge", "--at", MOMENT],
        ),
        (
            "Does the target of each SLA follow from what it rests on?",
            ["sla", EXAMPLE, "--at", MOMENT],
        ),
        (
            "What really happened to the payments in October, to the second, and through whom",
            ["report", EXAMPLE, "Payments", "--window", "2026-10", "--at", MOMENT],
        ),
        (
            "One service and what it rests on, as one offline HTML file",
            [
                "view",
                EXAMPLE,
                "Online Shop",
                "--down",
                "paybridge",
                "--at",
                MOMENT,
                "-o",
                str(view),
            ],
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())

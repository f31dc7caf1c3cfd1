"""``python -m benchmarks.availability [--quick] [--json FILE]``: print rows."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.availability.rows import Row, rows, unmet


def main() -> int:
    """Run, print, and return 1 if a goal is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer services, R1 only")
    parser.add_argument("--json", metavar="FILE", help="also write the rows as JSON")
    asked = parser.parse_args()
    made = rows(quick=asked.quick)
    for row in made:
        print(line_of(row), flush=True)
    if asked.json:
        Path(asked.json).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    missed = unmet(made)
    print("every goal is met" if not missed else f"not met: {'; '.join(missed)}")
    return 1 if missed else 0


def line_of(row: Row) -> str:
    """Return one row as a line."""
    words = [f"{row['name']:<44}"]
    if row.get("ours_s") is not None:
        words.append(f"{row['ours_s']:9.4f} s CPU")
    if row.get("peak_rss_mb") is not None:
        words.append(f"{row['peak_rss_mb']:9.0f} MB")
    if row.get("ratio") is not None:
        words.append(f"{row['ratio']:8.1f} x {row['peer']} ({row['peer_s']:.3f} s)")
    if row.get("exact_share") is not None:
        words.append(f"{100 * row['exact_share']:.1f} % exact")
    if row.get("agreement"):
        words.append(f"agrees {row['agreement']}")
    if row.get("goal_text"):
        met = False not in (row.get("met"), row.get("is_exact_share_met"))
        words.append(f"goal {row['goal_text']}: {'met' if met else 'NOT MET'}")
    if row.get("note"):
        words.append(str(row["note"]))
    return "  ".join(words)


if __name__ == "__main__":
    sys.exit(main())

"""The threat model names tests that there are, and every threat has one."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_threat_names_tests_that_there_are() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    for threat, _, shown_by in rows:
        named = re.findall(r"`([\w/]+\.py)`", shown_by)
        assert named, threat
        assert [one for one in named if not (TESTS / one).is_file()] == [], threat

"""The docs say what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ripplegraph.graph.findings import FINDING_CATALOGUE

ROOT = Path(__file__).parents[1]


def test_generated_docs_are_what_the_code_gives() -> None:
    tool = ROOT / "tools" / "generate_docs.py"
    done = subprocess.run(
        [sys.executable, str(tool), "--check"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_lock_files_name_hashes_and_no_index() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), path


def test_no_finding_code_is_used_that_the_catalogue_lacks() -> None:
    calls = re.compile(
        r"(?:found\.add|finding|_report|\.refuse|\.report)\(\s*(?:\w+, )?\"([a-z-]+)\""
    )
    used = {
        code
        for path in (ROOT / "src").rglob("*.py")
        for code in calls.findall(path.read_text(encoding="utf-8"))
    }
    assert used
    assert used - FINDING_CATALOGUE.keys() == set()

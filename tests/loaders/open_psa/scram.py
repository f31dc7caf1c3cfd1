"""SCRAM as an oracle: an independent engine for fault trees, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

INPUT = Path("/usr/share/scram/input")
needs_scram = pytest.mark.skipif(
    shutil.which("scram") is None or not INPUT.is_dir(),
    reason="SCRAM, the second engine, is not installed (Debian package scram)",
)


def scram_report(files: Sequence[Path], *options: str) -> ElementTree.Element:
    """Return what SCRAM says; ``-l`` keeps it from listing every cut set."""
    command = ["scram", "--bdd", "--probability", "1", *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    return ElementTree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", done.stdout))


def probabilities(report: ElementTree.Element) -> dict[str, float]:
    """Return the probability of each top event, 6 digits."""
    found = report.iterfind(".//sum-of-products")
    return {one.attrib["name"]: float(one.attrib["probability"]) for one in found}

"""SCRAM, the peer: run on models, its CPU time and what it found.

``-l 1`` keeps it from writing every cut set; its importances are then of the events that bring
the top event about alone. It prints six digits.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

SHIPPED = Path("/usr/share/scram/input")
SHIPPED_MODELS: tuple[tuple[str, ...], ...] = (
    ("BSCU/BSCU.xml",),
    ("Baobab/baobab1.xml", "Baobab/baobab1-basic-events.xml"),
    ("Baobab/baobab2.xml", "Baobab/baobab2-basic-events.xml"),
    ("CEA9601/CEA9601.xml", "CEA9601/CEA9601-basic-events.xml"),
    ("Chinese/chinese.xml", "Chinese/chinese-basic-events.xml"),
    ("Chinese/chinese.xml", "Chinese/high-prob.xml"),
    ("Chinese/chinese.xml", "Chinese/mcs_prob.xml"),
    ("EventTrees/gas_leak/gas_leak.xml", "EventTrees/gas_leak/gas_leak_reactive.xml"),
    ("HIPPS/HIPPS.xml",),
    ("Lift/lift.xml",),
    ("SmallTree/SmallTree.xml",),
    ("Theatre/theatre.xml",),
    ("ThreeMotor/three_motor.xml",),
    ("TwoTrain/common_cause.xml",),
    ("TwoTrain/two_train.xml",),
    ("ne574/ne574.xml",),
)
"""Models that SCRAM ships and that define fault trees without substitutions or phases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramRun:
    """What one process of SCRAM took and found."""

    cpu_seconds: float
    analysis_seconds: float
    """Preprocessing, diagram, probability and importance, by its own report."""
    probabilities: dict[str, float] = field(default_factory=dict)
    importances: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    """Measures by top event and basic event."""
    failure: str = ""


def has_scram() -> bool:
    """Return whether SCRAM can be run here."""
    return shutil.which("scram") is not None


def run_scram(
    files: Sequence[Path], *, with_importance: bool, limit_order: int = 1, seconds: float = 600.0
) -> ScramRun:
    """Return one run over all files; a run that fails says so instead of raising."""
    command = ["scram", "--bdd", "--probability", "1", "-l", str(limit_order), "--no-indent"]
    if with_importance:
        command += ["--importance", "1"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    failure = ""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        try:
            done = subprocess.run(
                [*command, "-o", report.name, *map(str, files)],
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
            failure = "" if done.returncode == 0 else " ".join(done.stderr.split())[:200]
        except subprocess.TimeoutExpired:
            failure = f"not done after {seconds:g} s"
        text = Path(report.name).read_text(encoding="utf-8")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if failure:
        return ScramRun(cpu_seconds=cpu, analysis_seconds=0.0, failure=failure)
    return _read(ElementTree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text)), cpu)


def _read(report: ElementTree.Element, cpu: float) -> ScramRun:
    times = [
        float(part.text or 0)
        for one in report.iterfind(".//calculation-time")
        for part in one
        if part.tag in ("products", "probability", "importance")
    ]
    found = report.iterfind(".//sum-of-products")
    importances = {
        (table.attrib["name"], event.attrib["name"]): {
            key: float(event.attrib[key]) for key in ("MIF", "CIF", "DIF", "RAW", "RRW")
        }
        for table in report.iterfind(".//importance")
        for event in table
        if "MIF" in event.attrib
    }
    return ScramRun(
        cpu_seconds=cpu,
        analysis_seconds=sum(times),
        probabilities={one.attrib["name"]: float(one.attrib["probability"]) for one in found},
        importances=importances,
    )

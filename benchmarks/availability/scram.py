"""SCRAM, the peer: run on models, its CPU time and what it found.

``-l 1`` keeps it from writing every cut set; its importances are then of the events that bring
the top event about alone. It prints six digits.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from xml.etree import ElementTree

from benchmarks.rows import require

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

_LOOK_AGAIN_S = 0.02
SIX_DIGITS = 1e-5
"""SCRAM prints six digits: what may differ relatively."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScramRun:
    """What one process of SCRAM took, and the probability of each top event."""

    cpu_seconds: float
    peak_rss_mb: float
    probabilities: dict[str, float]


def has_scram() -> bool:
    """Return whether SCRAM and its models are here."""
    return shutil.which("scram") is not None and SHIPPED.is_dir()


def run_scram(files: Sequence[Path], *, with_importance: bool) -> ScramRun:
    """Return what SCRAM finds by its diagrams, reading and writing files included."""
    options = ["--bdd", "--probability", "1", "-l", "1", "--no-indent"]
    if with_importance:
        options += ["--importance", "1"]
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        seconds, peak = _spent([*options, "-o", report.name, *map(str, files)])
        text = Path(report.name).read_text(encoding="utf-8")
    tree = ElementTree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text))
    found = {
        one.attrib["name"]: float(one.attrib["probability"])
        for one in tree.iterfind(".//sum-of-products")
    }
    return ScramRun(cpu_seconds=seconds, peak_rss_mb=peak, probabilities=found)


def analysed_by_scram(files: Sequence[Path]) -> ScramRun:
    """Return a run without what reading takes: the CPU of ``--validate`` is taken off.

    Left is preprocessing, diagram and probability, and the list of cut sets of one event, which
    SCRAM always makes. The best of three runs each, of one where it takes longer than a second.
    """
    runs = [run_scram(files, with_importance=False)]
    if runs[0].cpu_seconds < 1:
        runs += [run_scram(files, with_importance=False) for _ in range(2)]
    reading = min(_spent(["--validate", *map(str, files)])[0] for _ in range(3))
    spent = min(run.cpu_seconds for run in runs) - reading
    return replace(runs[0], cpu_seconds=max(spent, 1e-5))


def _spent(options: Sequence[str]) -> tuple[float, float]:
    """Run SCRAM; return the CPU seconds of its process and its peak memory in MB (Linux)."""
    command = ["scram", *options]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        ended, peak = 0, 0.0
        while not ended:
            peak = max(peak, _peak_so_far(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            sleep(0 if ended else _LOOK_AGAIN_S)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime, peak


def _peak_so_far(pid: int) -> float:
    """Return the peak memory of a process: what it leaves at its end also counts its starter."""
    account = Path(f"/proc/{pid}/status")
    told = account.read_text().splitlines() if account.exists() else []
    return max((int(one.split()[1]) * 1024 / 1e6 for one in told if "VmHWM" in one), default=0.0)


def require_agreement(found: dict[str, float], peer: ScramRun) -> None:
    """Stop the benchmark if a probability is not that of SCRAM, within its digits."""
    require(found, "there is something to compare")
    for name, value in found.items():
        expected = peer.probabilities[name]
        is_same = abs(value - expected) <= SIX_DIGITS * expected
        require(is_same, f"{name}: ours {value!r}, SCRAM {expected!r}")

"""Memory that a budget counts is that of the process itself."""

import subprocess
import sys

import numpy as np

PEAK = "from ripplegraph.cli.work_budget import peak_memory_mib; print(peak_memory_mib())"


def test_the_memory_of_who_started_the_command_does_not_count() -> None:
    large = np.ones(40_000_000)  # 305 MiB
    done = subprocess.run([sys.executable, "-c", PEAK], check=True, capture_output=True, text=True)
    assert 1 < int(done.stdout) < large.nbytes / 1024**2

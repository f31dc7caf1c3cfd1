"""Every hostile file ends in an answer or a clear refusal, within 20 s and 1.5 GB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loaders.reading import hostile_files

_READ = """
import json, resource, sys, time
from pathlib import Path
from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import read_export
try:
    export = read_export([Path(sys.argv[1])])
    outcome, text = "answer", "; ".join(f"{one.code}: {one.message}" for one in export.findings)
    text += " | " + ", ".join(f"{table.name} {len(table)}" for table in export.tables)
except (LimitExceededError, UnreadableFileError) as error:
    outcome, text = "refusal", str(error)
# ru_maxrss of itself counts what the process that started it held: VmHWM does not
with open("/proc/self/status") as told:
    own = next(int(line.split()[1]) for line in told if line.startswith("VmHWM"))
children = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = (own + children.ru_maxrss) * 1024
cpu_seconds = time.process_time() + children.ru_utime + children.ru_stime
print(json.dumps([outcome, text, cpu_seconds, peak]))
"""


@pytest.mark.parametrize("name", hostile_files.HOSTILE)
def test_hostile_file_ends_in_an_answer_or_a_clear_refusal(name: str, tmp_path: Path) -> None:
    build = [sys.executable, str(hostile_files.__file__), name, str(tmp_path)]
    subprocess.run(build, check=True, timeout=60)
    (path,) = tmp_path.iterdir()
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcome, text, cpu_seconds, peak = json.loads(done.stdout)
    assert outcome in {"answer", "refusal"}
    assert text
    assert cpu_seconds < 20
    assert peak < 1_500_000_000

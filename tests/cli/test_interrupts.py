"""Ctrl-C at several moments: real processes, real signals, one line and exit 130."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shop_export import write_shop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

_SWALLOWED = """
import ctypes, signal, time
from ripplegraph.cli import entry, interrupts, main
interrupts.install()

def swallow():
    signal.raise_signal(signal.SIGINT)
    return 0

def load(sources=None):
    ctypes.CFUNCTYPE(ctypes.c_int)(swallow)()
    print("went on", flush=True)
    time.sleep(60)

main.load_commands.graph_of = main.load_commands.source_of = lambda *a, **k: load()
entry.run()
"""

_SLOW_TO_STOP = """
import signal, time
from ripplegraph.cli import interrupts
interrupts.install()
with interrupts.InCommand():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        print("stopping", flush=True)
        signal.raise_signal(signal.SIGINT)
        print("not reached", flush=True)
"""


def _stop_once_imported(module: str, arguments: list[str]) -> tuple[int, list[str]]:
    """Return exit code and messages of a process that is stopped once it imported a module.

    Its export is a pipe that nobody writes to, so that it never ends by itself.
    """
    command = [sys.executable, "-X", "importtime", "-m", "ripplegraph", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.rsplit("|", 1)[-1].strip() == module:
                break
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, [
        one for one in said.splitlines() if not one.startswith("import time:")
    ]


@pytest.mark.parametrize(
    "module",
    [
        "typer._click", "typer.main", "ripplegraph.cli.main", "numpy",
        "ripplegraph.loaders.load",
    ],
)  # fmt: skip
def test_ctrl_c_is_one_line_and_exit_130_at_whatever_moment(module: str, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code, said = _stop_once_imported(module, ["export", "-", "--output", str(out)])
    assert (code, said) == (130, ["ripplegraph: stopped"])
    assert list(tmp_path.iterdir()) == []


def test_a_stop_that_a_callback_swallows_is_asked_for_again(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    done = subprocess.run(
        [sys.executable, "-c", _SWALLOWED, "load", shop],
        capture_output=True, check=False, timeout=60, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "went on\n")
    assert done.stderr == "ripplegraph: stopped\n"


def test_a_second_ctrl_c_ends_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SLOW_TO_STOP],
        capture_output=True, check=False, timeout=60, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "stopping\n")
    assert done.stderr == "ripplegraph: stopped\n"


def test_who_wants_ctrl_c_ignored_is_heeded() -> None:
    code = (
        "import signal\n"
        "from ripplegraph.cli.interrupts import install\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "install()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_other_errors_that_cannot_be_raised_are_still_told() -> None:
    code = (
        "import sys\n"
        "from ripplegraph.cli.interrupts import install\n"
        "install()\n"
        "class Bad:\n"
        "    def __del__(self): raise ValueError('bad')\n"
        "Bad()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=60
    )
    assert b"ValueError: bad" in done.stderr

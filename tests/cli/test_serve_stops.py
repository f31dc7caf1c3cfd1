"""A server that is told to stop: its streams end, and nobody is cut off."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from cli.shop_export import write_shop

_SERVED = """
import sys
from datetime import UTC, datetime
from ripplegraph.settings import read_settings
from ripplegraph.wiring import build_app, load_options, open_source, run_app
source = open_source([sys.argv[1]], load_options(read_settings()))
app = build_app(source, lambda: datetime.now(UTC))
run_app(app, host="127.0.0.1", port=0, on_ready=lambda port: print(port, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_server_that_stops_ends_its_streams_and_says_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SERVED, write_shop(tmp_path / "shop")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        with httpx.stream("GET", f"{address}/v1/stream", timeout=60) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "event: start"
            server.send_signal(signal.SIGTERM)
            assert [one for one in lines if one.startswith("event")] == []
        _, said = server.communicate(timeout=60)
    assert "Traceback" not in said
    assert "exceeded" not in said

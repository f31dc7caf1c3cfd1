"""``serve``: it opens the page in what the machine calls its browser, and keeps memory low."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from cli.shop_export import write_shop
from ripplegraph.cli.serve_command import page_opener

SERVE = (sys.executable, "-m", "ripplegraph", "serve")
COUNTS_ARENAS = """
import ctypes, sys, threading
from ripplegraph.cli import main, serve_command

def run_app(app, **_):
    all_at_once = threading.Barrier(17)
    def hold():
        all_at_once.wait()
        all_at_once.wait()
    for _ in range(16):
        threading.Thread(target=hold).start()
    all_at_once.wait()
    ctypes.CDLL(None).malloc_stats()
    all_at_once.wait()

serve_command.build_app = lambda *_, **_named: None  # nothing is read: the test stays quick
serve_command.run_app = run_app
main.run()
"""


def test_the_browser_is_opened_once_the_page_is_there(tmp_path: Path) -> None:
    told, browser = tmp_path / "told", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}.new && mv {told}.new {told}\n')
    browser.chmod(0o755)
    serving = subprocess.Popen(
        [*SERVE, write_shop(tmp_path / "shop"), "--port", "0", "--open"],
        env={**os.environ, "BROWSER": f"{browser} %s"},
        stderr=subprocess.PIPE,
    )
    try:
        while not told.exists():
            assert serving.poll() is None, serving.stderr
            time.sleep(0.05)
        address = told.read_text().strip()
        assert "ripplegraph" in httpx.get(address, trust_env=False).text
    finally:
        serving.terminate()
        serving.communicate(timeout=20)


@pytest.mark.parametrize(
    ("served", "opened"),
    [
        ("127.0.0.1", "http://127.0.0.1:81/"),
        ("0.0.0.0", "http://127.0.0.1:81/"),
        ("::", "http://[::1]:81/"),
        ("::1", "http://[::1]:81/"),
        ("192.0.2.7", "http://192.0.2.7:81/"),
    ],
)
def test_the_address_opened_leads_to_what_is_served(
    served: str,
    opened: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []

    def no_browser(address: str) -> bool:
        asked.append(address)
        return False

    monkeypatch.setattr("webbrowser.open", no_browser)
    opener = page_opener(served, opens=True)
    assert opener is not None
    opener(81)
    assert asked == [opened]
    assert f"no browser could be opened; the page is {opened}" in capsys.readouterr().err


def test_nothing_is_opened_unless_asked_for() -> None:
    assert page_opener("127.0.0.1", opens=False) is None


def arenas_of_a_server(source: str, **environment: str) -> int:
    """Return how many arenas of glibc a process that serves has, with 16 threads."""
    told = subprocess.run(
        [sys.executable, "-c", COUNTS_ARENAS, "serve", source],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stderr.count("Arena ")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no arenas")
def test_threads_of_a_server_share_two_arenas_unless_the_operator_chose(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    assert arenas_of_a_server(shop) == 2
    assert arenas_of_a_server(shop, MALLOC_ARENA_MAX="5") == 5
    assert arenas_of_a_server(shop, GLIBC_TUNABLES="glibc.malloc.arena_max=4") == 4

"""A server of an estate in a process of its own, and callers that ask at a steady rate.

The load generator is ours: threads that keep their connections, and a time at which each question
is due. A question's time counts from then on, so that waiting for a slow answer is not forgotten.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local

from benchmarks.peers import MAPPING, TABLES

CALLERS = 16
_SECONDS_TO_BEGIN = 300


class NoAnswerError(Exception):
    """The server ended, did not begin, or answered with another status."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]

    def rss_mb(self) -> float:
        """Return the memory of the server's process that is in RAM, as ``ps`` tells it."""
        command = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(command, check=True, capture_output=True).stdout) / 1e3


def start_import(folder: Path, store: Path, source_name: str) -> subprocess.Popen[bytes]:
    """Begin to import an estate's files; another name of the source changes every CI."""
    files = [str(folder / name) for name in TABLES]
    command = [
        *(sys.executable, "-m", "ripplegraph", "load", *files, "--mapping", str(MAPPING)),
        *("--source-name", source_name, "--into", str(store), "--max-removed", "1"),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def served(store: Path) -> Iterator[Served]:
    """Serve a store until the block ends."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = int(bound.getsockname()[1])
    command = [sys.executable, "-m", "ripplegraph", "serve", str(store), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield Served(port, process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS_TO_BEGIN
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    msg = f"the server is not ready (exit {process.poll()})"
    raise NoAnswerError(msg)


@contextmanager
def impact_caller(
    port: int, native_ids: Sequence[str], *, patience_s: float = 60
) -> Iterator[Callable[[int], None]]:
    """Yield what asks what falls with one of the CIs; each thread keeps a connection."""
    kept = local()
    opened: list[http.client.HTTPConnection] = []
    headers = {"Content-Type": "application/json"}

    def ask(number: int) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)
            opened.append(kept.connection)
        body = json.dumps({"down": [native_ids[number % len(native_ids)]]})
        kept.connection.request("POST", "/v1/impact", body, headers)
        answer = kept.connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            msg = f"status {answer.status}"
            raise NoAnswerError(msg)

    try:
        yield ask
    finally:
        for connection in opened:
            connection.close()


def seconds_at_rate(
    ask: Callable[[int], None], *, per_second: float, goes_on: Callable[[float], bool]
) -> list[float]:
    """Ask at a steady rate as long as that goes on; return the seconds of each answer, sorted."""
    began = time.perf_counter()

    def timed(number: int) -> float:
        due = began + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        ask(number)
        return time.perf_counter() - due

    answers = []
    with ThreadPoolExecutor(CALLERS) as callers:
        number = 0
        while goes_on(time.perf_counter() - began):
            answers.append(callers.submit(timed, number))
            number += 1
            time.sleep(max(0.0, began + (number - CALLERS) / per_second - time.perf_counter()))
    return sorted(one.result() for one in answers)


def percentile(sorted_seconds: Sequence[float], share: float) -> float:
    """Return the time within which a share of the answers came."""
    return sorted_seconds[min(len(sorted_seconds) - 1, int(share * len(sorted_seconds)))]

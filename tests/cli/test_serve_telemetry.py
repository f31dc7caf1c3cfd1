"""``serve --telemetry`` sends its spans to a real collector's address, as OTLP over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cli.shop_export import run_process, write_shop

SERVE = (sys.executable, "-m", "ripplegraph", "serve")
HELD_BACK = ("rg_", "web-front", "x-secret-header", "in-a-query")


class Collector(ThreadingHTTPServer):
    """Takes what a server sends, as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.bodies: dict[str, list[bytes]] = {"/v1/traces": [], "/v1/metrics": []}


class Intake(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies[self.path].append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def collecting() -> Iterator[Collector]:
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """Return what a server told of two calls, one with a key and one without."""
    folder = tmp_path_factory.mktemp("telemetry")
    (folder / "pepper").write_text("p" * 40)
    keys = str(folder / "keys.json")
    environment = {**os.environ, "RIPPLEGRAPH_PEPPER_FILE": str(folder / "pepper")}
    made = run_process("keys", "create", "--keys", keys, "--name", "n", environment=environment)
    key = next(word for word in made.stdout.decode().split() if word.startswith("rg_"))
    with collecting() as collector:
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}"
        shop = write_shop(folder / "shop")
        options = ("--keys", keys, "--port", "0", "--telemetry", "--json-logs", "--open")
        opened = folder / "address"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
        browser.chmod(0o755)
        environment["BROWSER"] = f"{browser} %s"
        serving = subprocess.Popen([*SERVE, shop, *options], env=environment)
        try:
            while not opened.exists():
                assert serving.poll() is None
                time.sleep(0.05)
            _ask(opened.read_text().strip(), key)
        finally:
            serving.terminate()
            assert serving.wait(60) == 0  # what was not sent yet is sent then
    return collector.bodies


def _ask(address: str, key: str) -> None:
    with httpx.Client(base_url=address, trust_env=False) as client:
        for request_id, given in (("with-key", f"Bearer {key}"), ("without", "Bearer rg_0_0")):
            client.get(
                "/v1/cis/web-front?at=in-a-query",
                headers={"Authorization": given, "X-Request-ID": request_id},
            )


def test_each_call_is_a_span_with_its_route_and_request_id(told: dict[str, list[bytes]]) -> None:
    found = {}
    for body in told["/v1/traces"]:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            assert names["service.name"] == "ripplegraph"
            for span in (one for scope in resource.scope_spans for one in scope.spans):
                said = {one.key: one.value for one in span.attributes}
                if "ripplegraph.request_id" in said:
                    found[said["ripplegraph.request_id"].string_value] = (span.name, said)
    name, said = found["with-key"]
    assert name == "GET /v1/cis/{ci}"
    assert said["http.route"].string_value == "/v1/cis/{ci}"
    assert said["http.response.status_code"].int_value == 422
    assert found["without"][1]["http.response.status_code"].int_value == 401


def test_metrics_come_too(told: dict[str, list[bytes]]) -> None:
    names = {
        metric.name
        for body in told["/v1/metrics"]
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert "http.server.request.duration" in names


def test_nothing_that_was_asked_and_no_key_is_told(told: dict[str, list[bytes]]) -> None:
    everything = b"".join(one for bodies in told.values() for one in bodies)
    assert everything
    assert not [text for text in HELD_BACK if text.encode() in everything]

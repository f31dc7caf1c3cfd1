"""Metrics for Prometheus: calls, and the state of the estate when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ripplegraph.api.calls import Call

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"

Readings = Callable[[], Iterable[tuple[str, str, Mapping[tuple[tuple[str, str], ...], float]]]]
"""Tells name, meaning and values (by labels) of what is measured when somebody asks."""


class Metrics:
    """The metrics of one server, in a registry of their own."""

    def __init__(self, readings: Readings) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "ripplegraph_calls",
            "Calls by route, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "ripplegraph_call_seconds",
            "Seconds from the first byte of a call to the last of its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "ripplegraph_refused_calls",
            "Calls refused before they came to their route, by code of the problem.",
            ("code",),
            registry=self._registry,
        )
        self._registry.register(_Read(readings))

    def note(self, call: Call) -> None:
        """Count a call that has ended."""
        route = call.route.path
        self._calls.labels(route, call.method, str(call.status)).inc()
        self._seconds.labels(route).observe(call.seconds)
        if call.refusal:
            self._refused.labels(call.refusal).inc()

    def text(self) -> bytes:
        """Return the metrics as Prometheus reads them."""
        return generate_latest(self._registry)


class _Read(Collector):
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not read the estate."""
        return ()

    def collect(self) -> Iterable[Metric]:
        for name, meaning, values in self._readings():
            labels = [key for key, _ in next(iter(values), ())]
            family = GaugeMetricFamily(name, meaning, labels=labels)
            for told, value in values.items():
                family.add_metric([text for _, text in told], value)
            yield family

"""How the server is run: limits, logs, traces, tools for assistants."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ripplegraph.wiring.extras import missing_extra

if TYPE_CHECKING:
    from ripplegraph.api.mcp_tools import McpMount
    from ripplegraph.api.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How the server is run.

    Parameters
    ----------
    calls_per_second
        For each caller who is told apart from others; 0 for no limit.
    has_json_logs
        A JSON line on stderr for each call, and all other messages as such lines too.
    has_telemetry
        Traces and metrics are sent as the OTEL_ variables of the environment say.
    has_mcp
        Tools for assistants are served at ``/mcp``.
    """

    calls_per_second: float = 100.0
    has_json_logs: bool = False
    has_telemetry: bool = False
    has_mcp: bool = False


def policy_of(running: Running, *, are_callers_told_apart: bool) -> Policy:
    """Return how the API is run; only callers who are told apart have limits of their own."""
    from ripplegraph.api.logs import log_as_json, log_calls
    from ripplegraph.api.policy import Policy
    from ripplegraph.api.rates import Limits, Rate

    limits = Limits(of_callers=None, of_strangers=None)
    if are_callers_told_apart and running.calls_per_second > 0:
        often = running.calls_per_second
        limits = Limits(of_callers=Rate(per_second=often, burst=max(1.0, 2 * often)))
    if running.has_telemetry:
        _send_telemetry()
    logger = log_as_json() if running.has_json_logs else None
    return Policy(
        limits=limits,
        watchers=() if logger is None else (log_calls(logger),),
        on_trouble=lambda kind: _tell_of_audit(logger, kind),
        has_telemetry=running.has_telemetry,
        mount=_mcp_mount() if running.has_mcp else None,
    )


def _tell_of_audit(logger: Any, kind: str) -> None:
    text = "the audit of calls could not be written"
    if logger is None:
        print(f"ripplegraph: {text}: {kind}", file=sys.stderr)  # noqa: T201 - the server's own log
    else:
        logger.error(text, error=kind)


def _mcp_mount() -> type[McpMount]:
    try:
        from ripplegraph.api.mcp_tools import McpMount
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve --mcp", "mcp") from exc
    return McpMount


def _send_telemetry() -> None:
    """Set up what sends traces and metrics; where to, the OTEL_ variables tell."""
    try:
        from opentelemetry import metrics, trace
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as exc:
        raise missing_extra(exc, "serve --telemetry", "otel") from exc
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "ripplegraph"}))
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(traces)
    readers = [PeriodicExportingMetricReader(OTLPMetricExporter())]
    metrics.set_meter_provider(MeterProvider(metric_readers=readers, resource=resource))

"""Logs as JSON lines: one for each call, and what the server has to say.

No path as it was asked, no query, no body and no header is logged: names of CIs and secrets stand
there. Of an error the kind and the places in the code are told, not its text.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from typing import Any, TextIO

import structlog

from ripplegraph.api.calls import Call


def json_logger(stream: TextIO | None = None) -> Any:
    """Return a logger that writes JSON lines, by default to stderr."""
    return structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_calls(logger: Any) -> Callable[[Call], None]:
    """Return a watcher that writes a line for each call."""

    def write(call: Call) -> None:
        told: dict[str, object] = {
            "request_id": call.request_id,
            "method": call.method,
            "route": call.route.path,
            "status": call.status,
            "ms": round(call.seconds * 1000, 1),
            "caller": call.caller.caller_id if call.caller else "",
        }
        if call.refusal:
            told["refusal"] = call.refusal
        if call.status >= 500:
            logger.error("call", **told)
        else:
            logger.info("call", **told)

    return write


class JsonHandler(logging.Handler):
    """Passes what libraries log to a JSON logger; of an exception its kind and where it was."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; arguments of messages are left out, for they may hold anything."""
        error = record.exc_info[1] if record.exc_info else None
        told: dict[str, object] = {"logger": record.name}
        text = record.msg if isinstance(record.msg, str) else ""
        if error is not None:
            text = text.partition("\n")[0]
            told |= {"error": type(error).__name__, "places": places_of(error)}
        self._logger.log(record.levelno, text, **told)


def places_of(error: BaseException) -> list[str]:
    """Return where an error came through: file, line and function, without any of its text."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def log_as_json(stream: TextIO | None = None) -> Any:
    """Let everything that is logged become JSON lines; return the logger for calls."""
    logger = json_logger(stream)
    root = logging.getLogger()
    root.handlers = [JsonHandler(logger)]
    root.setLevel(logging.WARNING)
    return logger

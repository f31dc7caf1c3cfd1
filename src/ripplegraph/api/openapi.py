"""The OpenAPI description: FastAPI's own, with the problems declared once."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_PROBLEM_STATUSES = (
    400,
    401,
    403,
    404,
    405,
    408,
    409,
    410,
    411,
    412,
    413,
    415,
    421,
    422,
    428,
    429,
    500,
    501,
    503,
)
_UNUSED = ("HTTPValidationError", "ValidationError")  # what FastAPI answers; we do not


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of an app; every operation refers to the one problem response."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    components = schema.setdefault("components", {})
    for name in _UNUSED:
        components.get("schemas", {}).pop(name, None)
    components["responses"] = {"Problem": _problem_response()}
    reference = {"$ref": "#/components/responses/Problem"}
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"] |= {str(status): reference for status in _PROBLEM_STATUSES}
    app.openapi_schema = schema
    return schema


def _problem_response() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail")}
    problem = {
        "type": "object",
        "properties": {**texts, "status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    }
    return {
        "description": "A problem (RFC 9457).",
        "content": {"application/problem+json": {"schema": problem}},
    }

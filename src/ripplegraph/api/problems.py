"""RFC 9457 problems: what a caller gets instead of an answer. No value sent in is echoed back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from ripplegraph import errors
from ripplegraph.api.calls import REQUEST_ID, call_of
from ripplegraph.api.guard import ANSWER_HEADERS, problem_body

_LOG = logging.getLogger(__name__)
_STATUS_OF = {
    errors.UnknownCiError: (HTTPStatus.NOT_FOUND, "unknown-ci"),
    errors.UnknownAgreementError: (HTTPStatus.NOT_FOUND, "unknown-agreement"),
    errors.UnknownCustomerError: (HTTPStatus.NOT_FOUND, "unknown-customer"),
    errors.UnknownItemError: (HTTPStatus.NOT_FOUND, "unknown-item"),
    errors.InvalidEventError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-event"),
    errors.UnsignedEventError: (HTTPStatus.FORBIDDEN, "unsigned-event"),
    errors.AmbiguousCiError: (HTTPStatus.CONFLICT, "ambiguous-ci"),
    errors.InvalidScenarioError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-scenario"),
    errors.InvalidQuantityError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-quantity"),
    errors.OutdatedCursorError: (HTTPStatus.GONE, "outdated-cursor"),
    errors.MissingExtraError: (HTTPStatus.NOT_IMPLEMENTED, "missing-extra"),
    errors.ExportError: (HTTPStatus.SERVICE_UNAVAILABLE, "export-unusable"),
    errors.MappingFileError: (HTTPStatus.SERVICE_UNAVAILABLE, "mapping-unusable"),
    errors.RuleFileError: (HTTPStatus.SERVICE_UNAVAILABLE, "rules-unusable"),
    errors.OpenNumbersError: (HTTPStatus.UNPROCESSABLE_ENTITY, "open-numbers"),
    errors.UnknownRevisionError: (HTTPStatus.NOT_FOUND, "unknown-revision"),
    errors.RevisionConflictError: (HTTPStatus.PRECONDITION_FAILED, "revision-conflict"),
    errors.RemovalGuardError: (HTTPStatus.UNPROCESSABLE_ENTITY, "too-many-removals"),
    errors.JournalConflictError: (HTTPStatus.CONFLICT, "changed-meanwhile"),
    errors.UnknownJobError: (HTTPStatus.NOT_FOUND, "unknown-job"),
    errors.JobNotDoneError: (HTTPStatus.CONFLICT, "job-not-done"),
    errors.ForeignJobError: (HTTPStatus.FORBIDDEN, "foreign-job"),
    errors.TooManyJobsError: (HTTPStatus.SERVICE_UNAVAILABLE, "too-many-jobs"),
    errors.NothingKeptError: (HTTPStatus.CONFLICT, "nothing-kept"),
    errors.PreconditionNeededError: (HTTPStatus.PRECONDITION_REQUIRED, "precondition-needed"),
    errors.UnknownMappingError: (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-mapping"),
    errors.EmptyUploadError: (HTTPStatus.UNPROCESSABLE_ENTITY, "empty-upload"),
    errors.SlowUploadError: (HTTPStatus.REQUEST_TIMEOUT, "slow-upload"),
    errors.StoreBusyError: (HTTPStatus.SERVICE_UNAVAILABLE, "store-busy"),
    errors.StoreError: (HTTPStatus.SERVICE_UNAVAILABLE, "store-unusable"),
    errors.RippleGraphError: (HTTPStatus.INTERNAL_SERVER_ERROR, "failed"),
}
"""The first class that fits, so special ones stand before their root."""


_DETAIL_OF = {
    errors.UnknownRevisionError: "There is no such revision. GET /v1/revisions lists them.",
    errors.JournalConflictError: "Somebody else changed it meanwhile. Read it, then try again.",
    errors.StoreBusyError: "Another process is writing to the store. Try again.",
    errors.StoreUnavailableError: "The store cannot be reached now. The server's log says why.",
    errors.StoreCorruptError: "The store is damaged. The server's log says how.",
    errors.StoreSchemaError: "The store is of another version of ripplegraph.",
}
"""What is said in place of the error's own words, which tell where the store lies."""

BROKEN_STORE = (
    errors.StoreUnavailableError,
    errors.StoreCorruptError,
    errors.StoreSchemaError,
)
"""What the operator has to mend, so that the log tells more of it."""


def problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> JSONResponse:
    """Return one problem; ``more`` are its further members."""
    body = {**problem_body(status, code, detail), **(more or {})}
    return JSONResponse(
        body,
        status_code=status.value,
        media_type="application/problem+json",
        headers={**ANSWER_HEADERS, **(headers or {})},
    )


def add_problems(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.exception_handler(errors.RippleGraphError)(_of_our_tree)
    app.exception_handler(RequestValidationError)(_of_request)
    app.exception_handler(HTTPException)(_of_http)
    app.exception_handler(Exception)(_of_bug)


def _of_our_tree(_request: Request, error: errors.RippleGraphError) -> JSONResponse:
    status, code = next(found for kind, found in _STATUS_OF.items() if isinstance(error, kind))
    more: dict[str, object] = {}
    if isinstance(error, errors.UnknownCiError):
        more["suggestions"] = list(error.suggestions)
    if isinstance(error, errors.AmbiguousCiError):
        more["candidates"] = list(error.candidates)
    is_passing = isinstance(error, errors.TooManyJobsError | errors.StoreBusyError)
    headers = {"Retry-After": "5"} if is_passing else {}
    if isinstance(error, BROKEN_STORE):
        _LOG.error("the store is of no use", exc_info=error)
    return problem(status, code, detail_of(error), headers=headers, more=more)


def code_of(error: errors.RippleGraphError) -> str:
    """Return the stable word for an error."""
    return next(code for kind, (_, code) in _STATUS_OF.items() if isinstance(error, kind))


def detail_of(error: errors.RippleGraphError) -> str:
    """Return what a caller is told of an error: never where the store lies."""
    return _DETAIL_OF.get(type(error), str(error))


def _of_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    wrong = [
        {"where": "/".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()
    ]
    detail = "The request is not as documented; see errors."
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, more={"errors": wrong}
    )


def _of_http(request: Request, error: HTTPException) -> JSONResponse:
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _methods_of(request)
    return problem(status, code, status.description or status.phrase, headers=headers)


def _methods_of(request: Request) -> str:
    """Return every method of an address: each of them is a route of its own."""
    path = request.url.path
    routes = iter_route_contexts(request.app.routes)
    found = {
        method
        for route in routes
        if route.path_regex.match(path) is not None
        for method in route.methods or ()
    }
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def _of_bug(request: Request, _error: Exception) -> JSONResponse:
    detail = "ripplegraph failed. The server's log says where."
    headers = {REQUEST_ID: call_of(request.scope).request_id}  # it left all layers already
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", detail, headers=headers)

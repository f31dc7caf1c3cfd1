"""RFC 9457 problems: what a caller gets instead of an answer. No value sent in is echoed back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from ripplegraph import errors
from ripplegraph.api.bodies import is_json
from ripplegraph.api.calls import REQUEST_ID, call_of
from ripplegraph.api.guard import ANSWER_HEADERS, problem_body
from ripplegraph.api.places import MOST_PLACES, Sent, sent_by

_LOG = logging.getLogger(__name__)
_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a class of errors: the status, the stable word, and the detail."""

    status: HTTPStatus
    code: str
    detail: str | Callable[[Any], str] = str
    """``str`` for errors whose own words name nothing that was sent, and no place of ours."""


_UNUSABLE = "What is served cannot be read as it is. The server's log says why."
_OF = {
    errors.UnknownCiError: _Told(
        HTTPStatus.NOT_FOUND,
        "unknown-ci",
        "No such CI is in the graph. GET /v1/cis?search= finds CIs by a part of a name or id.",
    ),
    errors.UnknownAgreementError: _Told(
        HTTPStatus.NOT_FOUND,
        "unknown-agreement",
        "No such agreement is there. GET /v1/agreements lists them.",
    ),
    errors.UnknownCustomerError: _Told(
        HTTPStatus.NOT_FOUND, "unknown-customer", "No SLA in the reports is for such a customer."
    ),
    errors.UnknownItemError: _Told(HTTPStatus.NOT_FOUND, "unknown-item"),
    errors.InvalidEventError: _Told(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-event"),
    errors.UnsignedEventError: _Told(HTTPStatus.FORBIDDEN, "unsigned-event"),
    errors.AmbiguousCiError: _Told(
        HTTPStatus.CONFLICT,
        "ambiguous-ci",
        "Several CIs are called so. Name the one that is meant by its ci_id; see candidates.",
    ),
    errors.InvalidScenarioError: _Told(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-scenario",
        lambda error: f"{error.reason}. {error.advice}.",
    ),
    errors.InvalidQuantityError: _Told(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-quantity",
        lambda error: f"A value is not {error.wanted}.",
    ),
    errors.OutdatedCursorError: _Told(HTTPStatus.GONE, "outdated-cursor"),
    errors.MissingExtraError: _Told(HTTPStatus.NOT_IMPLEMENTED, "missing-extra"),
    errors.ExportError: _Told(HTTPStatus.SERVICE_UNAVAILABLE, "export-unusable", _UNUSABLE),
    errors.MappingFileError: _Told(HTTPStatus.SERVICE_UNAVAILABLE, "mapping-unusable", _UNUSABLE),
    errors.RuleFileError: _Told(HTTPStatus.SERVICE_UNAVAILABLE, "rules-unusable", _UNUSABLE),
    errors.OpenNumbersError: _Told(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "open-numbers",
        lambda error: (
            f"The availability of {len(error.missing)} CIs beneath the service is unknown; see "
            "missing. Say it with own_availability or class_default."
            if error.missing
            else "The service is too large to be computed exactly. Ask as a job, which may "
            "take longer."
        ),
    ),
    errors.UnknownRevisionError: _Told(
        HTTPStatus.NOT_FOUND,
        "unknown-revision",
        "There is no such revision. GET /v1/revisions lists them.",
    ),
    errors.RevisionConflictError: _Told(
        HTTPStatus.PRECONDITION_FAILED,
        "revision-conflict",
        lambda error: (
            f"The newest revision is {error.found}, not the one that this rests on. "
            "Look at what changed, then try again."
        ),
    ),
    errors.RemovalGuardError: _Told(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "too-many-removals",
        lambda error: (
            f"The import lacks {error.removed:,} of {error.before:,} CIs, more than may go at "
            "once; nothing was changed. If that is right, raise max_removed; if the export is a "
            "part, say missing=keep."
        ),
    ),
    errors.JournalConflictError: _Told(
        HTTPStatus.CONFLICT,
        "changed-meanwhile",
        "Somebody else changed it meanwhile. Read it, then try again.",
    ),
    errors.UnknownJobError: _Told(HTTPStatus.NOT_FOUND, "unknown-job"),
    errors.JobNotDoneError: _Told(HTTPStatus.CONFLICT, "job-not-done"),
    errors.ForeignJobError: _Told(HTTPStatus.FORBIDDEN, "foreign-job"),
    errors.TooManyJobsError: _Told(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-jobs"),
    errors.NothingKeptError: _Told(HTTPStatus.CONFLICT, "nothing-kept"),
    errors.PreconditionNeededError: _Told(HTTPStatus.PRECONDITION_REQUIRED, "precondition-needed"),
    errors.UnknownMappingError: _Told(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-mapping"),
    errors.EmptyUploadError: _Told(HTTPStatus.UNPROCESSABLE_ENTITY, "empty-upload"),
    errors.SlowUploadError: _Told(HTTPStatus.REQUEST_TIMEOUT, "slow-upload"),
    errors.StoreBusyError: _Told(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-busy",
        "Another process is writing to the store. Try again.",
    ),
    errors.StoreCorruptError: _Told(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-unusable",
        "The store is damaged. The server's log says how.",
    ),
    errors.StoreSchemaError: _Told(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-unusable",
        "The store is of another version of ripplegraph.",
    ),
    errors.StoreUnavailableError: _Told(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-unusable",
        "The store cannot be reached now. The server's log says why.",
    ),
    errors.StoreError: _Told(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "store-unusable",
        "The store cannot be used now. The server's log says why.",
    ),
    errors.RippleGraphError: _Told(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "failed",
        "ripplegraph failed. The server's log says why.",
    ),
}
"""The first class that fits, so special ones stand before their root."""

OPERATORS_MATTERS = (
    errors.ExportError,
    errors.MappingFileError,
    errors.RuleFileError,
    errors.SettingsError,
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


async def _of_our_tree(request: Request, error: errors.RippleGraphError) -> JSONResponse:
    told, named = _told_of(error), named_by(error)
    more = _lists_of(error)
    if named:
        what, sent = told.code.replace("-", " "), await sent_by(request)
        places = islice(sent.places_of(named), MOST_PLACES)
        more["errors"] = [{"where": place, "what": what} for place in places]
    is_passing = isinstance(error, errors.TooManyJobsError | errors.StoreBusyError)
    headers = {"Retry-After": "5"} if is_passing else {}
    if isinstance(error, OPERATORS_MATTERS):
        _LOG.error("what is served is of no use", exc_info=error)
    return problem(told.status, told.code, detail_of(error), headers=headers, more=more)


def _told_of(error: errors.RippleGraphError) -> _Told:
    return next(told for kind, told in _OF.items() if isinstance(error, kind))


def _lists_of(error: errors.RippleGraphError) -> dict[str, object]:
    """Return what the estate holds that may be meant: it is told, not what was asked for."""
    match error:
        case errors.UnknownCiError():
            return {"suggestions": list(error.suggestions)}
        case errors.UnknownAgreementError():
            return {"suggestions": list(error.known[:_MOST_LISTED])}
        case errors.UnknownCustomerError():
            return {"suggestions": list(error.customers[:_MOST_LISTED])}
        case errors.AmbiguousCiError():
            return {"candidates": list(error.candidates)}
        case errors.OpenNumbersError():
            return {"missing": list(error.missing[:_MOST_LISTED])}
    return {}


def named_by(error: errors.RippleGraphError) -> tuple[str, ...]:
    """Return what an error says was sent; it is told by its places in the request."""
    match error:
        case errors.UnknownCiError():
            return (error.ci_id,)
        case errors.UnknownAgreementError():
            return (error.agreement,)
        case errors.UnknownCustomerError():
            return (error.customer,)
        case errors.AmbiguousCiError():
            return (error.name,)
        case errors.InvalidScenarioError():
            return error.named
    return ()


def code_of(error: errors.RippleGraphError) -> str:
    """Return the stable word for an error."""
    return _told_of(error).code


def detail_of(error: errors.RippleGraphError) -> str:
    """Return what a caller is told of an error: nothing sent, and not where the store lies."""
    detail = _told_of(error).detail
    return detail if isinstance(detail, str) else detail(error)


def told_with_places(error: errors.RippleGraphError, sent: Sent) -> str:
    """Return what a caller is told of an error, with the places in a body that it is about."""
    found = islice(sent.places_of(named_by(error)), MOST_PLACES)
    places = ", ".join(one.removeprefix("body/") for one in found)
    return detail_of(error) + (f" See {places}." if places else "")


async def _of_request(request: Request, error: RequestValidationError) -> JSONResponse:
    if _is_unread(request, error):
        media, wanted = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type: application/json"
        return problem(media, "unsupported-media-type", f"Send the body as JSON, with {wanted}.")
    sent = await sent_by(request)
    wrong = [{"where": sent.place_at(one["loc"]), "what": one["msg"]} for one in error.errors()]
    detail = "The request is not as documented; see errors."
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, more={"errors": wrong}
    )


def _is_unread(request: Request, error: RequestValidationError) -> bool:
    """Return whether a body was not even read, because it does not say that it is JSON."""
    is_refused = any(
        one["loc"] == ("body",) and one["type"] != "missing" for one in error.errors()
    )
    return is_refused and not is_json(request.scope)


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

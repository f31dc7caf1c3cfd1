"""Imports: an export is sent, and published as a revision by a job."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.callers import Scope, caller_of
from ripplegraph.api.edges import WorkOrder
from ripplegraph.api.jobs.desk import IMPORT, JobDesk
from ripplegraph.api.preconditions import expected_revision
from ripplegraph.api.routes.jobs import accepted
from ripplegraph.api.routes.revisions import newest_number
from ripplegraph.api.schemas import JobOut
from ripplegraph.api.scopes import needs
from ripplegraph.errors import (
    EmptyUploadError,
    NothingKeptError,
    SlowUploadError,
    UnknownMappingError,
)

UPLOAD = "upload"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    }
}


def _no_dots(name: str) -> str:
    if ".." in name:
        msg = "a plain file name is wanted"
        raise ValueError(msg)
    return name


FileName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$",
        description="Name of the file, whose end tells what it is: .zip, .csv, .json, .xlsx ...",
    ),
    AfterValidator(_no_dots),
]


class ImportQuery(BaseModel):
    """What is sent, how it is read, and what it may change."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: FileName = "export.zip"
    mapping: Annotated[
        str | None,
        Field(
            min_length=1, max_length=100, description="A shipped mapping; else the format's own."
        ),
    ] = None
    time_zone: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    day_first: bool | None = None
    source_name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    missing: Annotated[
        Literal["retire", "keep", "fail"],
        Field(description="What becomes of what the store has and the export lacks."),
    ] = "retire"
    max_removed: Annotated[
        float, Field(ge=0, le=1, description="Largest share of the CIs that may be retired.")
    ] = 0.2
    reason: Annotated[str, Field(max_length=1000)] = ""


def import_routes(desk: JobDesk) -> APIRouter:
    """Return the routes that publish revisions."""
    routes = APIRouter(prefix="/v1", tags=["revisions"])

    @routes.post(
        "/imports",
        status_code=202,
        summary="Send an export (a zip or one file) to be published as a revision, by a job.",
        openapi_extra=_BODY,
    )
    @needs(Scope.WRITE)
    async def publish(
        request: Request,
        response: Response,
        asked: Annotated[ImportQuery, Query()],
        if_match: Annotated[str | None, Header(max_length=100)] = None,
    ) -> JobOut:
        order = await run_in_threadpool(_order, desk, asked, if_match)
        order["author"] = caller_of(request).name
        _, folder = await run_in_threadpool(desk.new_folder)
        try:
            await _receive(request, folder, asked.name, desk.edges.limits.upload_seconds)
        except BaseException:
            await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
            raise
        work = WorkOrder(folder=folder, order=order)
        job = await run_in_threadpool(
            lambda: desk.submit(work, kind=IMPORT, subject=asked.name, caller=caller_of(request))
        )
        return accepted(job, response)

    return routes


def _order(desk: JobDesk, asked: ImportQuery, if_match: str | None) -> dict[str, object]:
    store = desk.estate.store
    if store is None:
        raise NothingKeptError
    if asked.mapping is not None and asked.mapping not in desk.edges.mappings:
        raise UnknownMappingError(desk.edges.mappings)
    expected = expected_revision(if_match, newest_number(store))
    return {"kind": IMPORT, **asked.model_dump(), "expected_revision": expected}


async def _receive(request: Request, folder: Path, name: str, seconds: float) -> None:
    """Write what is sent to a file of the folder; it comes in parts and is never held whole."""
    place = folder / UPLOAD
    await run_in_threadpool(place.mkdir)
    file = await run_in_threadpool((place / name).open, "xb")
    try:
        async with asyncio.timeout(seconds):
            received = await _write_parts(request, file)
    except TimeoutError as error:
        raise SlowUploadError from error
    finally:
        await run_in_threadpool(file.close)
    if not received:
        raise EmptyUploadError


async def _write_parts(request: Request, file: BinaryIO) -> int:
    received = 0
    async for part in request.stream():
        received += len(part)
        await run_in_threadpool(file.write, part)
    return received

"""Jobs: heavy questions that are answered beside the others, and where each job stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from ripplegraph.api.callers import Caller, Scope, caller_of
from ripplegraph.api.edges import WorkOrder
from ripplegraph.api.jobs.desk import QUESTION, JobDesk
from ripplegraph.api.jobs.documents import Job
from ripplegraph.api.questions.heavy import HEAVY_QUESTIONS
from ripplegraph.api.routes.scenarios import whole_graph
from ripplegraph.api.schemas import JobOut, JobProgressOut, JobsOut
from ripplegraph.api.schemas.base import time_text
from ripplegraph.api.schemas.jobs import required_time
from ripplegraph.api.scopes import needs
from ripplegraph.api.streams import goes_on
from ripplegraph.errors import ForeignJobError, JobNotDoneError
from ripplegraph.graph.service_graph import ServiceGraph

_MOST_JOBS = 500
_LOOK_SECONDS = 0.25
JobId = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,60}$")]


class QuestionIn(BaseModel):
    """A heavy question: its name, and what its route would be asked."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    question: Annotated[str, Field(json_schema_extra={"enum": sorted(HEAVY_QUESTIONS)})]
    asked: Annotated[
        dict[str, Any],
        Field(max_length=100, description="Its parameters, as those of its route or its body."),
    ] = {}


class JobsQuery(BaseModel):
    """How many jobs are listed."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=_MOST_JOBS)] = 100
    kind: Literal["import", "question"] | None = None


def job_routes(desk: JobDesk) -> APIRouter:
    """Return the routes on jobs."""
    routes = APIRouter(prefix="/v1", tags=["jobs"])

    @routes.post("/jobs", status_code=202, summary="Ask a heavy question as a job.")
    @needs(Scope.READ)
    def ask(body: QuestionIn, request: Request, response: Response) -> JobOut:
        order, graph = _asked(desk, body)
        _, folder = desk.new_folder()
        work = WorkOrder(folder=folder, order=order, graph=graph)
        job = desk.submit(work, kind=QUESTION, subject=body.question, caller=caller_of(request))
        return accepted(job, response)

    @routes.get("/jobs", summary="Jobs, the newest first.")
    @needs(Scope.READ)
    def jobs(asked: Annotated[JobsQuery, Query()]) -> JobsOut:
        found = [one for one in desk.book.jobs() if asked.kind in (None, one.kind)]
        return JobsOut.of(map(job_out, reversed(found[-asked.limit :])))

    routes.include_router(_routes_of_one(desk), prefix="/jobs/{job_id}")
    return routes


def _routes_of_one(desk: JobDesk) -> APIRouter:
    routes = APIRouter()

    def job_named(job_id: JobId) -> Job:
        return desk.book.job(job_id)

    @routes.get("", summary="Where a job stands.")
    @needs(Scope.READ)
    def job(job_id: JobId) -> JobOut:
        return job_out(desk.book.job(job_id))

    @routes.get("/result", summary="What a job resulted in: the answer itself.")
    @needs(Scope.READ)
    def result(job_id: JobId) -> Response:
        return Response(_result_of(desk, desk.book.job(job_id)), media_type="application/json")

    @routes.delete("", status_code=202, summary="Cancel a job.")
    @needs(Scope.READ)
    def cancel(job_id: JobId, request: Request) -> JobOut:
        _refuse_foreign(desk.book.job(job_id), caller_of(request))
        return job_out(desk.cancel(job_id))

    @routes.get(
        "/events",
        summary="A job as it goes on, as server-sent events, until it has ended.",
        response_class=EventSourceResponse,
        dependencies=[Depends(job_named)],  # a job that is not there is told before the stream
    )
    @needs(Scope.READ)
    async def events(
        job_id: JobId,
        request: Request,
        last_event_id: Annotated[int, Header(ge=0, le=2**53)] = 0,
    ) -> AsyncIterable[ServerSentEvent]:
        async for event in _changes(desk, job_id, last_event_id, goes_on(request, desk.clock)):
            yield event

    return routes


def _result_of(desk: JobDesk, job: Job) -> str:
    text = desk.book.result(job.job_id)
    if text is None:
        raise JobNotDoneError
    return text


def _refuse_foreign(job: Job, caller: Caller) -> None:
    if caller.caller_id != job.caller_id and not caller.may(Scope.WRITE):
        raise ForeignJobError


async def _changes(
    desk: JobDesk, job_id: str, told: int, goes_on: Callable[[], bool]
) -> AsyncIterable[ServerSentEvent]:
    while goes_on():
        version, job = await run_in_threadpool(desk.book.numbered, job_id)
        if version > told:
            told = version
            shown = job_out(job).model_dump(mode="json")
            yield ServerSentEvent(data=shown, event="job.changed", id=str(version))
        if job.has_ended:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def accepted(job: Job, response: Response) -> JobOut:
    """Say where a new job is."""
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return job_out(job)


def job_out(job: Job) -> JobOut:
    """Shape one job."""
    progress = JobProgressOut(
        label=job.progress_label, done=job.progress_done, total=job.progress_total
    )
    is_done = job.state.value == "done"
    return JobOut(
        job_id=job.job_id,
        kind=job.kind,  # type: ignore[arg-type] # one of the two
        subject=job.subject,
        state=job.state.value,
        author=job.author,
        created=required_time(job.created),
        started=time_text(job.started),
        ended=time_text(job.ended),
        progress=progress if job.progress_label else None,
        is_cancel_asked=job.is_cancel_asked,
        code=job.code,
        reason=job.reason,
        result=f"/v1/jobs/{job.job_id}/result" if is_done else None,
    )


def _asked(desk: JobDesk, body: QuestionIn) -> tuple[dict[str, object], ServiceGraph]:
    """Return what is to be done, and the graph of the revision asked about."""
    kind = HEAVY_QUESTIONS.get(body.question)
    if kind is None:
        wrong = {"loc": ("body", "question"), "msg": "no question that may be asked as a job"}
        raise RequestValidationError([wrong])
    try:
        question = kind.model_validate(body.asked)
    except ValidationError as error:
        found = [{**one, "loc": ("body", "asked", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(found) from error
    graph = whole_graph(desk.estate, question)
    moment = question.at or desk.clock()
    order: dict[str, object] = {
        "kind": QUESTION,
        "question": body.question,
        "asked": question.model_dump(mode="json", exclude={"revision"}, exclude_none=True),
        "moment": moment.isoformat(),
    }
    return order, graph

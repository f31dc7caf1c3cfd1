"""Jobs as documents of the journal: they outlive the process that does them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from ripplegraph.api.kept import FEED, JOBS, all_documents
from ripplegraph.errors import JournalConflictError, UnknownJobError
from ripplegraph.graph.journal import (
    AppendEntry,
    Document,
    JournalWrite,
    PutDocument,
    RemoveDocument,
)
from ripplegraph.graph.ports import EstateJournal

RESULTS = "job-results"
_PAGE = 200


class JobState(StrEnum):
    """Where a job stands; from ``done`` on it has ended."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ENDED = frozenset(JobState) - {JobState.QUEUED, JobState.RUNNING}


class Job(BaseModel):
    """One job.

    ``server`` is the process that does it, which was alive at ``seen``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    job_id: str
    kind: str
    subject: str
    author: str
    caller_id: str
    server: str
    created: AwareDatetime
    seen: AwareDatetime
    state: JobState = JobState.QUEUED
    started: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    progress_label: str = ""
    progress_done: int = 0
    progress_total: int = 0
    is_cancel_asked: bool = False
    code: str = ""
    reason: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ENDED

    def with_(self, **changes: object) -> Job:
        """Return it with changes."""
        return self.model_copy(update=changes)


Change = Callable[[Job], Job]


class JobBook:
    """The jobs in a journal."""

    def __init__(self, journal: EstateJournal) -> None:
        self._journal = journal

    def add(self, job: Job) -> None:
        """Keep a new job."""
        self._journal.commit([_put(job, 0), _told(job, job.created)])

    def job(self, job_id: str) -> Job:
        """Return a job."""
        return self.numbered(job_id)[1]

    def numbered(self, job_id: str) -> tuple[int, Job]:
        """Return a job with the version of its document."""
        document = self._journal.document(JOBS, job_id)
        if document is None:
            raise UnknownJobError
        return document.version, _job_of(document)

    def jobs(self) -> Iterator[Job]:
        """Return all jobs, the oldest first."""
        yield from map(_job_of, all_documents(self._journal, JOBS))

    def change(
        self, job_id: str, change: Change, at: datetime, *, result: str | None = None
    ) -> Job:
        """Change a job as it stands, whoever changed it meanwhile; return what it is now.

        A job that has ended stays as it is.
        """
        while True:
            version, before = self.numbered(job_id)
            after = before if before.has_ended else change(before)
            if after == before:
                return before
            writes: list[JournalWrite] = [_put(after, version)]
            if after.state is not before.state:
                writes.append(_told(after, at))
            if result is not None:
                writes.append(PutDocument(collection=RESULTS, key=job_id, payload=result))
            try:
                self._journal.commit(writes)
            except JournalConflictError:
                continue
            return after

    def result(self, job_id: str) -> str | None:
        """Return the result of a job (JSON), None if it has none."""
        document = self._journal.document(RESULTS, job_id)
        return None if document is None else document.payload

    def forget_all_but(self, kept: int) -> None:
        """Forget the oldest jobs that have ended, and their results."""
        ended = [job.job_id for job in self.jobs() if job.has_ended]
        for job_id in ended[: max(0, len(ended) - kept)]:
            gone = [RemoveDocument(collection=one, key=job_id) for one in (JOBS, RESULTS)]
            self._journal.commit(gone)


def _put(job: Job, version: int) -> PutDocument:
    return PutDocument(
        collection=JOBS,
        key=job.job_id,
        payload=job.model_dump_json(),
        expected_version=version,
    )


def _told(job: Job, at: datetime) -> AppendEntry:
    payload = _JobChanged(job_id=job.job_id, state=job.state).model_dump_json()
    return AppendEntry(stream=FEED, at=at, payload=payload)


class _JobChanged(BaseModel):
    type: str = "job.changed"
    job_id: str
    state: JobState


def _job_of(document: Document) -> Job:
    return Job.model_validate_json(document.payload)

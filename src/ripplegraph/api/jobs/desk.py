"""The desk of jobs: takes them, does them in their turn, and tells how they stand."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from secrets import token_hex
from threading import Event, Lock, Thread

from ripplegraph.api.callers import Caller
from ripplegraph.api.edges import Edges, RunningWork, WorkOrder, WorkOutcome
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.background import Chore, doing
from ripplegraph.api.events.publications import tell_revision
from ripplegraph.api.jobs.documents import Job, JobBook, JobState
from ripplegraph.errors import StoreError, TooManyJobsError

_LOG = logging.getLogger(__name__)
IMPORT, QUESTION = "import", "question"
_LOOK_SECONDS = 0.2
_NOT_KEPT = "the store could not be written to when it ended; the server's log says why"
_BEAT = timedelta(seconds=1)
_DEAD_AFTER = timedelta(seconds=60)
"""A job of another process that said nothing for so long, by the clock here, is done by nobody."""

LOOK_AFTER_SECONDS = 15.0
"""How often a process says that it still has its jobs; well within the time above."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    job_id: str
    work: WorkOrder


@dataclass(kw_only=True)
class JobDesk:
    """Takes jobs; threads of its own wait for the processes that do them.

    Parameters
    ----------
    server
        What tells this process from others on the same store.
    """

    estate: ServedEstate
    edges: Edges
    clock: Callable[[], datetime]
    server: str = field(default_factory=lambda: token_hex(8))
    look_after_seconds: float = LOOK_AFTER_SECONDS
    _queue: SimpleQueue[_Waiting] = field(default_factory=SimpleQueue, init=False)
    _held: set[str] = field(default_factory=set, init=False)
    _noticed: dict[str, tuple[datetime, datetime]] = field(default_factory=dict, init=False)
    _threads: list[Thread] = field(default_factory=list, init=False)
    _taking: Lock = field(default_factory=Lock, init=False)
    _is_stopping: Event = field(default_factory=Event, init=False)

    def __post_init__(self) -> None:
        """Open the book of jobs."""
        self.book = JobBook(self.estate.journal)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take jobs while the server runs; those it cannot finish are interrupted."""
        self.look_after()
        looking = Chore(
            name="jobs",
            work=self.look_after,
            every_seconds=self.look_after_seconds,
            wake=Event(),
        )
        with doing([looking]):
            try:
                yield
            finally:
                self.stop()

    def look_after(self) -> None:
        """Say that the jobs here are not forgotten, and tell of those that nobody does any more.

        Jobs that wait say nothing by themselves, and who died may be back before it was missed.
        """
        now = self.clock()
        going_on = [job for job in self.book.jobs() if not job.has_ended]
        others = [job for job in going_on if job.server != self.server]
        self._noticed = {job.job_id: self._seen_since(job, now) for job in others}
        for job in going_on:
            change = self._looked_after(job, now)
            if change is not None:
                self.book.change(job.job_id, change, now)

    def _seen_since(self, job: Job, now: datetime) -> tuple[datetime, datetime]:
        """Return when a job says that it was alive, and since when it says so: clocks differ."""
        said, since = self._noticed.get(job.job_id, (job.seen, now))
        return (said, since) if said == job.seen else (job.seen, now)

    def _looked_after(self, job: Job, now: datetime) -> Callable[[Job], Job] | None:
        if job.job_id in self._held:
            return lambda one: one.with_(seen=now)
        if job.server == self.server:
            return _ended(JobState.FAILED, now, code="failed", reason=_NOT_KEPT)
        if self.edges.is_alone or now - self._noticed[job.job_id][1] > _DEAD_AFTER:
            return self._interrupted(job, now)
        return None

    def stop(self) -> None:
        """End what runs, and take nothing more."""
        self._is_stopping.set()
        for thread in self._threads:
            thread.join(timeout=10)
        while True:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                break
            self._end(waiting, _interrupted(self.clock()))  # it never began
        shutil.rmtree(self.edges.spool, ignore_errors=True)

    def new_folder(self) -> tuple[str, Path]:
        """Return the id of a new job, and a folder for what it needs."""
        job_id = f"{self.clock():%Y%m%dT%H%M%S%f}-{token_hex(4)}"
        folder = self.edges.spool / job_id
        folder.mkdir(mode=0o700)
        return job_id, folder

    def submit(self, work: WorkOrder, *, kind: str, subject: str, caller: Caller) -> Job:
        """Take a job; its id is the name of its folder. Raises if too many wait already."""
        now = self.clock()
        job = Job(
            job_id=work.folder.name,
            kind=kind,
            subject=subject,
            author=caller.name,
            caller_id=caller.caller_id,
            server=self.server,
            created=now,
            seen=now,
        )
        with self._taking:
            if self._queue.qsize() >= self.edges.limits.waiting or self._is_stopping.is_set():
                shutil.rmtree(work.folder, ignore_errors=True)
                raise TooManyJobsError
            self._held.add(job.job_id)
            self.book.add(job)
            self._queue.put(_Waiting(job.job_id, work))
            if len(self._threads) < self.edges.limits.at_once:
                thread = Thread(target=self._serve, name="jobs", daemon=True)
                self._threads.append(thread)
                thread.start()
        return job

    def cancel(self, job_id: str) -> Job:
        """Ask for the end of a job: one that waits ends at once, one that runs is killed soon."""
        now = self.clock()

        def change(job: Job) -> Job:
            if job.state is JobState.QUEUED:
                return job.with_(state=JobState.CANCELLED, ended=now, is_cancel_asked=True)
            return job.with_(is_cancel_asked=True)

        return self.book.change(job_id, change, now)

    def _serve(self) -> None:
        while not self._is_stopping.is_set():
            try:
                waiting = self._queue.get(timeout=_LOOK_SECONDS)
            except Empty:
                continue
            try:
                self._do(waiting)
            except Exception:  # the journal is gone, say; the next job may fare better
                _LOG.exception("job %s", waiting.job_id)

    def _do(self, waiting: _Waiting) -> None:
        try:
            now = self.clock()
            job = self.book.change(
                waiting.job_id, lambda job: job.with_(state=JobState.RUNNING, started=now), now
            )
            if job.has_ended:
                return
            run = self.edges.runner.start(waiting.work)
            try:
                outcome = self._awaited(job, run)
            finally:
                run.kill()
            self._finish(job, outcome)
        except Exception as exc:
            outcome = WorkOutcome(
                code="failed", reason=f"ripplegraph failed: {type(exc).__name__}"
            )
            self._finish(self.book.job(waiting.job_id), outcome)
        finally:
            self._held.discard(waiting.job_id)
            shutil.rmtree(waiting.work.folder, ignore_errors=True)

    def _awaited(self, job: Job, run: RunningWork) -> WorkOutcome | None:
        """Return what came of a job; None if it was cancelled or the server stops."""
        beaten = self.clock()
        while True:
            outcome = run.wait(_LOOK_SECONDS)
            if outcome is not None:
                return outcome
            now = self.clock()
            if now - beaten >= _BEAT:
                beaten = now
                job = self.book.change(job.job_id, _beat(run, now), now)
            else:
                job = self.book.job(job.job_id)
            if job.is_cancel_asked or job.has_ended or self._is_stopping.is_set():
                return None

    def _finish(self, job: Job, outcome: WorkOutcome | None) -> None:
        now = self.clock()
        if outcome is None:
            self.book.change(job.job_id, self._given_up(job, now), now)
        elif outcome.result is None:
            change = _ended(JobState.FAILED, now, code=outcome.code, reason=outcome.reason)
            self.book.change(job.job_id, change, now)
        else:
            if job.kind == IMPORT:
                self._tell_of_revision(outcome.result)
            done = _ended(JobState.DONE, now)
            self.book.change(job.job_id, done, now, result=outcome.result)
        self.book.forget_all_but(self.edges.limits.kept)

    def _given_up(self, job: Job, now: datetime) -> Callable[[Job], Job]:
        interrupted = self._interrupted(job, now)
        cancelled = _ended(JobState.CANCELLED, now, reason=self._published_by(job))
        return lambda one: (cancelled if one.is_cancel_asked else interrupted)(one)

    def _interrupted(self, job: Job, now: datetime) -> Callable[[Job], Job]:
        return _interrupted(now, self._published_by(job))

    def _published_by(self, job: Job) -> str:
        """Return which revision an import published before it was ended, "" if none."""
        store = self.estate.store
        if store is None or job.kind != IMPORT or job.started is None:
            return ""
        with suppress(StoreError):  # then nobody can tell
            for one in reversed(store.revisions()):
                told = one.provenance
                is_later = told.at >= job.started
                if is_later and (told.author, told.source) == (job.author, job.subject):
                    return f"it had published revision {one.number} by then"
        return ""

    def _tell_of_revision(self, result: str) -> None:
        """Let the new revision be served before its job is done, and tell the feed."""
        said = json.loads(result)
        self.estate.refresh()
        if said["is_new"]:
            journal, number = self.estate.journal, said["revision"]
            tell_revision(journal, number, self.clock(), is_new=True)

    def _end(self, waiting: _Waiting, change: Callable[[Job], Job]) -> None:
        self.book.change(waiting.job_id, change, self.clock())
        shutil.rmtree(waiting.work.folder, ignore_errors=True)


def _ended(state: JobState, now: datetime, **said: str) -> Callable[[Job], Job]:
    return lambda job: job.with_(state=state, ended=now, seen=now, **said)


def _interrupted(now: datetime, published: str = "") -> Callable[[Job], Job]:
    reason = "the server stopped before it was done"
    if published:
        reason += f"; {published}"
    return _ended(JobState.INTERRUPTED, now, code="interrupted", reason=reason)


def _beat(run: RunningWork, now: datetime) -> Callable[[Job], Job]:
    told = run.progress
    if told is None:
        return lambda job: job.with_(seen=now)
    return lambda job: job.with_(
        seen=now,
        progress_label=told.label[:200],
        progress_done=told.done,
        progress_total=told.total,
    )

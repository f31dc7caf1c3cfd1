"""What is said of jobs, and what an import results in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.api.schemas.load import LoadOut


class JobProgressOut(Out):
    """How far a job is: what is being done, how much of how much."""

    label: str
    done: int
    total: int


class JobOut(Out):
    """One job: an import or a heavy question."""

    schema_: Literal["ripplegraph/job/1"] = Field(
        default="ripplegraph/job/1", serialization_alias="schema"
    )
    job_id: str
    kind: Literal["import", "question"]
    subject: str = Field(description="The question, or the file that is imported.")
    state: Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
    author: str
    created: str
    started: str | None
    ended: str | None
    progress: JobProgressOut | None
    is_cancel_asked: bool
    code: str = Field(description="Why it failed, as a stable word; empty if it did not.")
    reason: str = Field(description="The same as a sentence.")
    result: str | None = Field(description="Where its result is read; null if it has none.")


class JobsOut(Out):
    """Jobs, the newest first."""

    schema_: Literal["ripplegraph/jobs/1"] = Field(
        default="ripplegraph/jobs/1", serialization_alias="schema"
    )
    jobs: list[JobOut]

    @classmethod
    def of(cls, jobs: Iterable[JobOut]) -> JobsOut:
        """Shape a list of jobs."""
        return cls(jobs=list(jobs))


class ImportOut(Out):
    """What an import came to."""

    schema_: Literal["ripplegraph/import/1"] = Field(
        default="ripplegraph/import/1", serialization_alias="schema"
    )
    revision: int
    is_new: bool = Field(description="False if nothing differs from the revision before.")
    load: LoadOut


def required_time(moment: datetime) -> str:
    """Return a moment that is there as text."""
    return str(time_text(moment))

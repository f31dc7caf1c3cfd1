"""What the audit of calls answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.graph.journal import Entry


class AuditedCallOut(Out):
    """Calls that are alike: one write, or so many events or refused calls of a few seconds.

    A write is told when it begins and when it ends, under one request id. The first event or
    refused call of a kind is told at once; those like it follow in one row.
    """

    number: int
    at: str | None = Field(description="When it began, or the first of them ended.")
    caller: str = Field(
        description="key:..., oidc:..., local, address:... if nobody was known, or server."
    )
    name: str
    method: str
    route: str = Field(description="As it is declared; what was asked in its path is not kept.")
    status: int
    outcome: str = Field(json_schema_extra={"enum": ["begun", "done", "failed", "refused"]})
    code: str = Field(
        description="The code of the problem, if it was refused; or what was forgotten."
    )
    request_id: str = Field(description="Of the first of them.")
    count: int

    @classmethod
    def of(cls, entry: Entry) -> AuditedCallOut:
        """Shape one entry."""
        return cls(number=entry.number, at=time_text(entry.at), **json.loads(entry.payload))


class AuditedCallsOut(Out):
    """Who wrote and who was refused, the oldest first."""

    schema_: Literal["ripplegraph/audited-calls/1"] = Field(
        default="ripplegraph/audited-calls/1", serialization_alias="schema"
    )
    calls: list[AuditedCallOut]
    after: int | None = Field(description="Ask for the page after this number; null on the last.")

    @classmethod
    def of(cls, entries: Sequence[Entry], *, limit: int) -> AuditedCallsOut:
        """Shape one page; entries are one more than its limit if there are further ones."""
        page = [AuditedCallOut.of(entry) for entry in entries[:limit]]
        return cls(calls=page, after=page[-1].number if len(entries) > limit else None)

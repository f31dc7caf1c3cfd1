"""What ``store`` answers: revisions, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, time_text
from ripplegraph.graph.revisions import AuditEntry, RecordDifference, Revision


class RevisionOut(Out):
    """One published state of an estate."""

    revision: int
    at: str | None
    author: str
    reason: str
    source: str
    content_sha256: str
    counts: Mapping[str, int] = Field(description="Number of records of each kind.")

    @classmethod
    def of(cls, revision: Revision) -> RevisionOut:
        """Shape one revision."""
        told = revision.provenance
        return cls(
            revision=revision.number,
            at=time_text(told.at),
            author=told.author,
            reason=told.reason,
            source=told.source,
            content_sha256=revision.content_sha256,
            counts=dict(revision.counts),
        )


class RevisionsOut(Out):
    """The revisions of a store, the oldest first."""

    schema_: Literal["ripplegraph/revisions/1"] = Field(
        default="ripplegraph/revisions/1", serialization_alias="schema"
    )
    revisions: list[RevisionOut]

    @classmethod
    def of(cls, revisions: Sequence[Revision]) -> RevisionsOut:
        """Shape the revisions of one store."""
        return cls(revisions=[RevisionOut.of(one) for one in revisions])


class DifferenceOut(Out):
    """One record that differs."""

    change: str = Field(json_schema_extra={"enum": ["added", "changed", "removed"]})
    kind: str
    record: str
    fields_: list[str] = Field(
        serialization_alias="fields", description="What differs; empty unless it is changed."
    )


class DifferencesOut(Out):
    """The records that differ between two revisions, by kind and key."""

    schema_: Literal["ripplegraph/differences/1"] = Field(
        default="ripplegraph/differences/1", serialization_alias="schema"
    )
    old: int
    new: int
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, old: int, new: int, found: Sequence[RecordDifference]) -> DifferencesOut:
        """Shape what differs."""
        return cls(
            old=old,
            new=new,
            differences=[
                DifferenceOut(
                    change=one.change.value,
                    kind=one.kind,
                    record=one.key,
                    fields_=list(one.fields),
                )
                for one in found
            ],
        )


class AuditEntryOut(Out):
    """One change of a store as a whole."""

    number: int
    at: str | None
    author: str
    action: str
    detail: str
    seal: str = Field(description="Hash over this entry and the seal before it.")


class AuditOut(Out):
    """What was done to a store, the oldest first."""

    schema_: Literal["ripplegraph/audit/1"] = Field(
        default="ripplegraph/audit/1", serialization_alias="schema"
    )
    entries: list[AuditEntryOut]

    @classmethod
    def of(cls, entries: Sequence[AuditEntry]) -> AuditOut:
        """Shape the audit of one store."""
        return cls(
            entries=[
                AuditEntryOut(
                    number=one.number,
                    at=time_text(one.at),
                    author=one.author,
                    action=one.action,
                    detail=one.detail,
                    seal=one.seal,
                )
                for one in entries
            ]
        )

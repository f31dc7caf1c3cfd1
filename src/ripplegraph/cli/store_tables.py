"""The tables of ``store``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import counted

if TYPE_CHECKING:
    from ripplegraph.graph.revisions import AuditEntry, RecordDifference, Revision

_LISTED = 100


def revisions_parts(revisions: Sequence[Revision]) -> list[Part]:
    """Return the revisions as a table, the newest first."""
    rows = [
        (
            str(one.number),
            one.provenance.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            one.provenance.author,
            str(one.counts.get("cis", 0)),
            str(one.counts.get("dependencies", 0)),
            one.provenance.source,
            one.provenance.reason or "-",
        )
        for one in reversed(revisions)
    ]
    columns = ("revision", "at", "author", "cis", "dependencies", "source", "reason")
    return [Table(columns=columns, rows=rows)] if rows else ["The store holds no revision yet."]


def revisions_csv(revisions: Sequence[Revision]) -> Table:
    """Return one row per revision, the oldest first."""
    rows = [
        (
            str(one.number),
            one.provenance.at.isoformat().replace("+00:00", "Z"),
            one.provenance.author,
            one.provenance.reason,
            one.provenance.source,
            one.content_sha256,
        )
        for one in revisions
    ]
    columns = ("revision", "at", "author", "reason", "source", "content_sha256")
    return Table(columns=columns, rows=rows)


def differences_parts(old: int, new: int, found: Sequence[RecordDifference]) -> list[Part]:
    """Return how many records differ, and the first hundred."""
    words = counted(len(found), "record differs", "records differ")
    parts: list[Part] = [f"From revision {old} to {new}: {words}."]
    if found:
        parts.append(differences_csv(found[:_LISTED]))
    if len(found) > _LISTED:
        parts.append(f"... and {len(found) - _LISTED:,} more: --csv or --json lists all.")
    return parts


def differences_csv(found: Sequence[RecordDifference]) -> Table:
    """Return one row per record that differs."""
    rows = [(one.change.value, one.kind, one.key, "; ".join(one.fields)) for one in found]
    return Table(columns=("change", "kind", "record", "fields"), rows=rows)


def audit_csv(entries: Sequence[AuditEntry]) -> Table:
    """Return one row per entry, the oldest first."""
    rows = [
        (
            str(one.number),
            one.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            one.author,
            one.action,
            one.detail,
        )
        for one in entries
    ]
    return Table(columns=("entry", "at", "author", "action", "detail"), rows=rows)

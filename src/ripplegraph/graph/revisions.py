"""Revisions of an estate that a store keeps: what they are, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Missing(StrEnum):
    """What becomes of records that an import lacks: retired, kept, or the import is refused."""

    RETIRE = "retire"
    KEEP = "keep"
    FAIL = "fail"


class Change(StrEnum):
    """How a record differs between two revisions."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who publishes a revision, when and why.

    Parameters
    ----------
    at
        Aware.
    source
        What was imported, as the person named it.
    """

    author: str
    at: datetime
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One published state of an estate.

    Parameters
    ----------
    number
        1, 2, 3, ...
    content_sha256
        Of all its records in order: equal content, equal hash.
    counts
        Number of records of each kind.
    """

    number: int
    provenance: Provenance
    content_sha256: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDifference:
    """One record that differs between two revisions.

    Parameters
    ----------
    kind
        The kind of record, such as ``cis`` or ``dependencies``.
    key
        What tells the record, readable.
    fields
        The fields that differ, sorted; empty unless it is changed.
    """

    kind: str
    key: str
    change: Change
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change of a store as a whole: a revision that was published, or revisions forgotten.

    Parameters
    ----------
    number
        1, 2, 3, ...
    at
        UTC.
    seal
        Hash over this entry and the seal before it.
    """

    number: int
    at: datetime
    author: str
    action: str
    detail: str
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """What an import may do.

    Parameters
    ----------
    max_removed_share
        Largest share of the CIs, a fraction in [0, 1], that it may retire.
    expected_revision
        Number of the revision on which it rests; None takes the newest, whatever it is.
    """

    missing: Missing = Missing.RETIRE
    max_removed_share: float = 0.2
    expected_revision: int | None = None

"""Audit entries of every store: what they tell, and seals over an entry and the seal before."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from ripplegraph.graph.revisions import AuditEntry
from ripplegraph.store.moments import microseconds_of


def pruning_detail(kept_from: int, reason: str) -> str:
    """Return what the audit tells of a pruning: which revisions went, and why if that was said."""
    told = f"revisions before {kept_from}"
    return f"{told}: {reason}" if reason else told


def seal_of(before: str, *, at_us: int, author: str, action: str, detail: str) -> str:
    """Return the seal of an entry that follows the one with the seal ``before`` ("" for none)."""
    text = "\x1f".join((before, str(at_us), author, action, detail))
    return sha256(text.encode()).hexdigest()


def broken_entry(entries: Iterable[AuditEntry]) -> int | None:
    """Return the number of the first entry whose seal does not fit, None if all fit."""
    seal = ""
    for expected, one in enumerate(entries, start=1):
        seal = seal_of(
            seal,
            at_us=microseconds_of(one.at),
            author=one.author,
            action=one.action,
            detail=one.detail,
        )
        if one.number != expected or seal != one.seal:
            return expected
    return None

"""Seals of audit entries: each is a hash over the entry and the seal before it."""

from __future__ import annotations

from hashlib import sha256


def seal_of(before: str, *, at_us: int, author: str, action: str, detail: str) -> str:
    """Return the seal of an entry that follows the one with the seal ``before`` ("" for none)."""
    text = "\x1f".join((before, str(at_us), author, action, detail))
    return sha256(text.encode()).hexdigest()

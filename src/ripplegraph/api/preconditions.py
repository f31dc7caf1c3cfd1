"""``If-Match``: on which revision a write rests."""

from __future__ import annotations

import re

from ripplegraph.errors import PreconditionNeededError, RevisionConflictError

_TAG = re.compile(r'"(\d{1,15})"', re.ASCII)
_NONE = -1


def expected_revision(if_match: str | None, newest: int) -> int | None:
    """Return the revision on which a write says that it rests, None if any will do.

    Raises ``PreconditionNeededError`` if it does not say, and ``RevisionConflictError`` if the
    newest revision is another one already.
    """
    if if_match is None:
        raise PreconditionNeededError
    if if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    expected = int(found[1]) if found else _NONE
    if expected != newest:
        raise RevisionConflictError(expected, newest)
    return expected

"""How names stand in the sentences of an answer."""

from collections.abc import Sequence

_MOST_NAMES = 6


def listed(names: Sequence[str]) -> str:
    """Return names in a sentence, the first few of many.

    Examples
    --------
    >>> listed(["web", "db"])
    'db, web'
    """
    more = f" and {len(names) - _MOST_NAMES} more" * (len(names) > _MOST_NAMES)
    return ", ".join(sorted(names)[:_MOST_NAMES]) + more

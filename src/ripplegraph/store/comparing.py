"""What stores share: the hash of a revision's content, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter

import msgspec

from ripplegraph.graph.revisions import Change, RecordDifference
from ripplegraph.store.rows import kinds_kept

RowsByKey = Mapping[tuple[str, str], str]
"""The JSON of each record, by kind and key."""

_HASHED_AT_ONCE = 20_000
_PLACE = frozenset({"file", "row"})


class ContentHash:
    """The hash of rows that are added by kind, ordinal and key."""

    def __init__(self) -> None:
        self._digest = sha256()

    def add_all(self, kind: str, payloads: Sequence[str]) -> None:
        """Add rows of one kind."""
        if payloads:
            between = f"\n{kind}\t"
            self._digest.update(f"{kind}\t{between.join(payloads)}\n".encode())

    def hexdigest(self) -> str:
        """Return the hash of the rows so far."""
        return self._digest.hexdigest()


def content_sha256(rows: Iterable[tuple[str, str]]) -> str:
    """Return the hash of rows given as kind and JSON, sorted by kind, ordinal and key."""
    digest = ContentHash()
    for kind, alike in groupby(rows, key=itemgetter(0)):
        while payloads := [payload for _, payload in islice(alike, _HASHED_AT_ONCE)]:
            digest.add_all(kind, payloads)
    return digest.hexdigest()


def differences_of(before: RowsByKey, after: RowsByKey) -> tuple[RecordDifference, ...]:
    """Return what differs, by kind and key; where a record stood in its file does not count."""
    order = {kind: number for number, kind in enumerate(kinds_kept())}
    keys = sorted(before.keys() | after.keys(), key=lambda key: (order[key[0]], key[1]))
    found = (_difference(key, before.get(key), after.get(key)) for key in keys)
    return tuple(one for one in found if one is not None)


def _difference(
    key: tuple[str, str], before: str | None, after: str | None
) -> RecordDifference | None:
    kind, name = key[0], key[1].replace("\t", " / ").strip(" /")
    if before is None or after is None:
        change = Change.ADDED if before is None else Change.REMOVED
        return RecordDifference(kind=kind, key=name, change=change)
    old, new = (msgspec.json.decode(text, type=dict[str, object]) for text in (before, after))
    differing = (field for field in old.keys() | new.keys() if old.get(field) != new.get(field))
    fields = tuple(sorted(field for field in differing if field not in _PLACE))
    if not fields:
        return None
    return RecordDifference(kind=kind, key=name, change=Change.CHANGED, fields=fields)

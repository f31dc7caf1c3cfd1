"""What happens to an estate between imports: keyed documents, and streams of numbered entries.

Events, jobs, deliveries and the answers to repeated requests are documents and entries of a
journal. What they mean is known where they are made; here they are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as it stands.

    Parameters
    ----------
    collection
        Which kind of document, such as ``jobs``.
    key
        What tells it among those of its collection; not empty.
    version
        1 when it was made, one more with every change.
    payload
        JSON text.
    """

    collection: str
    key: str
    version: int
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a stream; none is ever changed or taken out of its order.

    Parameters
    ----------
    number
        1, 2, 3, ... in its stream, in the order of the commits.
    at
        UTC, aware.
    payload
        JSON text.
    """

    stream: str
    number: int
    at: datetime
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDocument:
    """Make or change a document.

    Parameters
    ----------
    expected_version
        The version on which the change rests: 0 if there is to be none yet; None takes any.
    """

    collection: str
    key: str
    payload: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDocument:
    """Remove a document; one that is not there is left so."""

    collection: str
    key: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendEntry:
    """Append an entry to a stream; ``at`` is aware."""

    stream: str
    at: datetime
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetEntries:
    """Forget the entries of a stream up to a number; the numbers go on from where they were."""

    stream: str
    up_to: int


JournalWrite = PutDocument | RemoveDocument | AppendEntry | ForgetEntries

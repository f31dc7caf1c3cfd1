"""What is measured of an estate when somebody asks for metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from ripplegraph.api.audit import CALLS
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.kept import (
    FEED,
    FORGOTTEN,
    FORGOTTEN_KEY,
    JOBS,
    LIVE_OUTAGES,
    OUTBOX,
    UNMATCHED,
    all_documents,
    forgotten_counts,
)
from ripplegraph.errors import RippleGraphError
from ripplegraph.graph.ports import EstateJournal

Labels = tuple[tuple[str, str], ...]
Reading = tuple[str, str, Mapping[Labels, float]]

MOST_DOCUMENTS = 10_000
"""Documents of a collection that are counted; there may be more."""

_COLLECTIONS = (LIVE_OUTAGES, UNMATCHED, OUTBOX)


def readings_of(estate: ServedEstate) -> Iterator[Reading]:
    """Yield name, meaning and values by labels; what cannot be read is left out, and said so."""
    try:
        snapshot = estate.snapshot()
        graph, revision = snapshot.graph, snapshot.revision
        yield "ripplegraph_cis", "CIs of the graph.", {(): graph.ci_count}
        yield "ripplegraph_dependencies", "Dependencies.", {(): graph.dependency_count}
        if revision is not None:
            yield "ripplegraph_revision", "The revision that is served.", {(): revision}
        yield from _of_journal(estate.journal)
        is_well = estate.trouble is None
    except RippleGraphError:
        is_well = False
    yield (
        "ripplegraph_store_ok",
        "1 if the store could be read when it was last tried.",
        {(): float(is_well)},
    )


def _of_journal(journal: EstateJournal) -> Iterator[Reading]:
    yield (
        "ripplegraph_stream_last_number",
        "Number of the newest entry of a stream of the journal.",
        {(("stream", name),): journal.last_number(name) for name in (FEED, CALLS)},
    )
    counts: dict[Labels, float] = {
        (("collection", name),): len(_payloads(journal, name)) for name in _COLLECTIONS
    }
    yield "ripplegraph_documents", f"Documents of the journal, {MOST_DOCUMENTS} at most.", counts
    forgotten = forgotten_counts(journal.document(FORGOTTEN, FORGOTTEN_KEY))
    yield (
        "ripplegraph_forgotten_outages",
        "Live outages forgotten so far: recorded in a revision, and others.",
        {(("kind", kind),): count for kind, count in sorted(forgotten.items())},
    )
    states = Counter(str(json.loads(one).get("state")) for one in _payloads(journal, JOBS))
    yield (
        "ripplegraph_jobs",
        "Jobs by state.",
        {(("state", state),): count for state, count in sorted(states.items())},
    )


def _payloads(journal: EstateJournal, collection: str) -> list[str]:
    documents = islice(all_documents(journal, collection), MOST_DOCUMENTS)
    return [one.payload for one in documents]

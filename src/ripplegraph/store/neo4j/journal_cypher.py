"""Every Cypher text of the journal. No value ever becomes text: all go as parameters."""

from __future__ import annotations

LOCK = (  # the SET takes the write lock, so that commits come one after the other
    "MERGE (j:Journal {id: 'main'}) SET j.lock = $commit RETURN $commit IN coalesce(j.recent, [])"
)
UNLOCK = (  # the last commits are known, so that one whose answer was lost is not done twice
    "MATCH (j:Journal {id: 'main'})"
    " SET j.recent = ([$commit] + coalesce(j.recent, []))[..$remembered]"
    " REMOVE j.lock"
)
VERSIONS = (
    "UNWIND $places AS place"
    " MATCH (d:JournalDocument {collection: place[0], key: place[1]})"
    " RETURN d.collection, d.key, d.version"
)
LAST_NUMBERS = (
    "UNWIND $streams AS stream MATCH (s:JournalStream {name: stream}) RETURN s.name, s.last"
)
PUT_DOCUMENTS = (
    "UNWIND $rows AS row"
    " MERGE (d:JournalDocument {collection: row.collection, key: row.key})"
    " SET d.version = row.version, d.payload = row.payload"
)
REMOVE_DOCUMENTS = (
    "UNWIND $places AS place"
    " MATCH (d:JournalDocument {collection: place[0], key: place[1]}) DELETE d"
)
FORGET_ENTRIES = (
    "UNWIND $rows AS row"
    " MATCH (e:JournalEntry) WHERE e.stream = row.stream AND e.number <= row.up_to DELETE e"
)
ADD_ENTRIES = (
    "UNWIND $rows AS row CREATE (e:JournalEntry {stream: row.stream, number: row.number})"
    " SET e.at_us = row.at_us, e.payload = row.payload"
)
SET_LAST_NUMBERS = (
    "UNWIND $rows AS row MERGE (s:JournalStream {name: row.stream}) SET s.last = row.last"
)

DOCUMENT = (
    "MATCH (d:JournalDocument {collection: $collection, key: $key})"
    " RETURN d.collection, d.key, d.version, d.payload"
)
DOCUMENTS = (
    "MATCH (d:JournalDocument) WHERE d.collection = $collection AND d.key > $after"
    " RETURN d.collection, d.key, d.version, d.payload ORDER BY d.key LIMIT $limit"
)
ENTRIES = (
    "MATCH (e:JournalEntry) WHERE e.stream = $stream AND e.number > $after"
    " RETURN e.stream, e.number, e.at_us, e.payload ORDER BY e.number LIMIT $limit"
)
LAST_NUMBER = "MATCH (s:JournalStream {name: $stream}) RETURN s.last"
GAPS = (
    "MATCH (e:JournalEntry)"
    " WITH e.stream AS stream, count(e) AS count, min(e.number) AS first, max(e.number) AS last"
    " OPTIONAL MATCH (s:JournalStream {name: stream})"
    " WITH stream, count, first, last, s.last AS told"
    " WHERE count <> last - first + 1 OR last <> coalesce(told, 0)"
    " RETURN stream ORDER BY stream"
)

HOLD = "MATCH (j:Journal {id: 'main'}) SET j.lock = 'reading'"
LET_GO = "MATCH (j:Journal {id: 'main'}) REMOVE j.lock"
ALL_DOCUMENTS = (
    "MATCH (d:JournalDocument) RETURN d.collection, d.key, d.version, d.payload"
    " ORDER BY d.collection, d.key"
)
ALL_ENTRIES = (
    "MATCH (e:JournalEntry) RETURN e.stream, e.number, e.at_us, e.payload"
    " ORDER BY e.stream, e.number"
)
ALL_STREAMS = "MATCH (s:JournalStream) RETURN s.name, s.last ORDER BY s.name"

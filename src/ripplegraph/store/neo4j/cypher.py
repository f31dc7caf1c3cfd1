"""Every Cypher text of the store. No value ever becomes text: all go as parameters.

One revision is one batch of nodes, which no longer changes once it is published:
``(:Estate)-[:CURRENT]->(:Revision {no, batch})``, and ``(:CI {batch, num})`` with ``DEPENDS_ON``
(failure flows against it) and ``RELATED_TO`` (no impact) between them.
"""

from __future__ import annotations

CONSTRAINTS = (
    "CREATE CONSTRAINT ripplegraph_estate IF NOT EXISTS FOR (e:Estate) REQUIRE e.id IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_batch IF NOT EXISTS FOR (r:Revision) REQUIRE r.batch IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_ci IF NOT EXISTS FOR (c:CI) REQUIRE (c.batch, c.num) IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_record IF NOT EXISTS"
    " FOR (n:Record) REQUIRE (n.batch, n.num) IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_audit IF NOT EXISTS FOR (a:Audit) REQUIRE a.number IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_journal IF NOT EXISTS FOR (j:Journal) REQUIRE j.id IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_journal_document IF NOT EXISTS"
    " FOR (d:JournalDocument) REQUIRE (d.collection, d.key) IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_journal_entry IF NOT EXISTS"
    " FOR (e:JournalEntry) REQUIRE (e.stream, e.number) IS UNIQUE",
    "CREATE CONSTRAINT ripplegraph_journal_stream IF NOT EXISTS"
    " FOR (s:JournalStream) REQUIRE s.name IS UNIQUE",
    "CREATE INDEX ripplegraph_ci_name IF NOT EXISTS FOR (c:CI) ON (c.name)",
)

COMPONENTS = (
    "CALL dbms.components() YIELD name, versions, edition"
    " WHERE name = 'Neo4j Kernel' RETURN name, versions[0], edition"
)
SCHEMA = "MATCH (e:Estate {id: 'main'}) RETURN coalesce(e.schema, 1)"
SET_SCHEMA = "MERGE (e:Estate {id: 'main'}) SET e.schema = $schema RETURN e.schema"

NEW_BATCH = (
    "MERGE (e:Estate {id: 'main'})"
    " SET e.batches = coalesce(e.batches, 0) + 1"
    " CREATE (r:Revision {batch: e.batches, state: 'staging', touched: timestamp()})"
    " RETURN r.batch"
)
STILL_STAGING = "MATCH (r:Revision {batch: $batch}) SET r.touched = timestamp()"

STAGE_CIS = (
    "UNWIND $rows AS row"
    " MERGE (c:CI {batch: $batch, num: row.num})"
    " SET c += row.props SET c:$(row.labels)"
    " RETURN count(c)"
)
STAGE_DEPENDS_ON = (
    "UNWIND $rows AS row"
    " MATCH (a:CI {batch: $batch, num: row.dependent})"
    " MATCH (b:CI {batch: $batch, num: row.dependency})"
    " MERGE (a)-[r:DEPENDS_ON {ordinal: row.ordinal}]->(b)"
    " SET r += row.props"
    " RETURN count(r)"
)
STAGE_RELATED_TO = (
    "UNWIND $rows AS row"
    " MATCH (a:CI {batch: $batch, num: row.dependent})"
    " MATCH (b:CI {batch: $batch, num: row.dependency})"
    " MERGE (a)-[r:RELATED_TO {ordinal: row.ordinal}]->(b)"
    " SET r += row.props"
    " RETURN count(r)"
)
STAGE_RECORDS = (
    "UNWIND $rows AS row"
    " MERGE (n:Record {batch: $batch, num: row.num})"
    " SET n += row.props SET n:$(row.labels)"
    " RETURN count(n)"
)
STAGE_COVERS = (
    "UNWIND $rows AS row"
    " MATCH (n:Record {batch: $batch, num: row.record})"
    " MATCH (c:CI {batch: $batch, num: row.ci})"
    " MERGE (n)-[r:COVERS]->(c)"
    " RETURN count(r)"
)

PUBLISH = (  # the first SET takes the write lock, so that of two publishers one waits
    "MATCH (e:Estate {id: 'main'}) SET e.lock = $batch WITH e"
    " OPTIONAL MATCH (e)-[current:CURRENT]->(old:Revision)"
    " WITH e, current, old WHERE coalesce(old.no, 0) = $expected"
    " MATCH (new:Revision {batch: $batch, state: 'staging'})"
    " DELETE current"
    " MERGE (e)-[:CURRENT]->(new)"
    " SET new += $props, new.state = 'published', new.no = $expected + 1"
    " REMOVE e.lock"
    " CREATE (:Audit {number: $audit.number, at_us: $audit.at_us, author: $audit.author,"
    " action: $audit.action, detail: $audit.detail, sha256: $audit.sha256})"
    " RETURN new.no"
)
PUBLISHED = "MATCH (r:Revision {batch: $batch, state: 'published'}) RETURN r.no"
_REVISION = "r.no, r.at_us, r.author, r.reason, r.source, r.content_sha256, r.counts, r.batch"
REVISIONS = f"MATCH (r:Revision {{state: 'published'}}) RETURN {_REVISION} ORDER BY r.no"
NEWEST = f"MATCH (:Estate {{id: 'main'}})-[:CURRENT]->(r:Revision) RETURN {_REVISION}"
REPORT = "MATCH (r:Revision {batch: $batch, state: 'published'}) RETURN r.report"

CI_COUNT = "MATCH (c:CI {batch: $batch}) RETURN coalesce(max(c.num), -1) + 1"
RECORD_COUNT = "MATCH (n:Record {batch: $batch}) RETURN coalesce(max(n.num), -1) + 1"
_CIS = "MATCH (c:CI) WHERE c.batch = $batch AND $low <= c.num < $high AND c.payload IS NOT NULL"
READ_CIS = f"{_CIS} RETURN collect(c.key), collect(c.ordinal), collect(c.payload)"
READ_CI_PAYLOADS = f"{_CIS} RETURN collect(c.ordinal), collect(c.payload)"
_DEPENDENCIES = (
    "MATCH (a:CI) WHERE a.batch = $batch AND $low <= a.num < $high"
    " MATCH (a)-[r:DEPENDS_ON|RELATED_TO]->(:CI)"
)
READ_DEPENDENCIES = (
    f"{_DEPENDENCIES} RETURN collect(r.key), collect(r.ordinal), collect(r.payload)"
)
READ_DEPENDENCY_PAYLOADS = f"{_DEPENDENCIES} RETURN collect(r.ordinal), collect(r.payload)"
READ_RECORDS = (
    "MATCH (n:Record) WHERE n.batch = $batch AND $low <= n.num < $high"
    " RETURN collect(n.kind), collect(n.key), collect(n.ordinal), collect(n.payload)"
)

AUDIT = (
    "MATCH (a:Audit) RETURN a.number, a.at_us, a.author, a.action, a.detail, a.sha256"
    " ORDER BY a.number"
)
LAST_AUDIT = "MATCH (a:Audit) RETURN a.number, a.sha256 ORDER BY a.number DESC LIMIT 1"
ADD_AUDIT = "CREATE (a:Audit) SET a += $audit"

ABANDONED = (
    "MATCH (r:Revision) WHERE r.state = 'deleting'"
    " OR (r.state = 'staging' AND r.touched < timestamp() - $idle_milliseconds)"
    " SET r.state = 'deleting' RETURN r.batch ORDER BY r.batch"
)
OLDER = (  # also those that a lost try found
    "MATCH (r:Revision) WHERE r.no < $no SET r.state = 'deleting' RETURN r.batch ORDER BY r.batch"
)
ABANDON = "MATCH (r:Revision {batch: $batch, state: 'staging'}) SET r.state = 'deleting'"
DELETE_CIS = "MATCH (c:CI {batch: $batch}) WITH c LIMIT 10000 DETACH DELETE c RETURN count(*)"
DELETE_RECORDS = (
    "MATCH (n:Record {batch: $batch}) WITH n LIMIT 10000 DETACH DELETE n RETURN count(*)"
)
DELETE_REVISION = "MATCH (r:Revision {batch: $batch, state: 'deleting'}) DETACH DELETE r"

HOLDS_SOMETHING = (
    "RETURN EXISTS { MATCH (r:Revision) WHERE r.state <> 'staging' }"
    " OR EXISTS { MATCH (:Audit) } OR EXISTS { MATCH (:JournalStream) }"
    " OR EXISTS { MATCH (:JournalDocument) }"
)
LOCK_ESTATE = "MATCH (e:Estate {id: 'main'}) SET e.lock = -1"
UNLOCK_ESTATE = "MATCH (e:Estate {id: 'main'}) REMOVE e.lock"
PUBLISH_ALL = (
    "UNWIND $rows AS row MATCH (r:Revision {batch: row.batch})"
    " SET r += row.props, r.state = 'published'"
)
MAKE_CURRENT = (
    "MATCH (e:Estate {id: 'main'}) MATCH (r:Revision {batch: $batch}) MERGE (e)-[:CURRENT]->(r)"
)
ADD_ALL_AUDIT = "UNWIND $rows AS row CREATE (a:Audit) SET a += row"

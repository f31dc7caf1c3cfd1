"""The product's own format: its schema name and its sections, known to reader and writer."""

from __future__ import annotations

from ripplegraph.graph.process_records import PROCESS_KINDS

SCHEMA = "ripplegraph/graph/1"
SCHEMA_FAMILY = "ripplegraph/graph/"
SECTIONS = (
    "cis",
    "relations",
    "groups",
    "agreements",
    "calendars",
    "outages",
    *PROCESS_KINDS,
)
PLACE_FIELDS = ("file", "row")

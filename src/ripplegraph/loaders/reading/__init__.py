"""From bytes to rows with their place, under limits: only here do loaders open an export."""

from ripplegraph.loaders.reading.export import read_export
from ripplegraph.loaders.reading.flatten import table_from_records, text_of
from ripplegraph.loaders.reading.limits import DEFAULT_LIMITS, ReadLimits, limits_with
from ripplegraph.loaders.reading.packed_records import PackedRecords
from ripplegraph.loaders.reading.plan import DocumentPlan, Kept
from ripplegraph.loaders.reading.raw import (
    Progress,
    RawDocument,
    RawExport,
    RawTable,
    RecordColumns,
)

__all__ = [
    "DEFAULT_LIMITS",
    "DocumentPlan",
    "Kept",
    "PackedRecords",
    "Progress",
    "RawDocument",
    "RawExport",
    "RawTable",
    "ReadLimits",
    "RecordColumns",
    "limits_with",
    "read_export",
    "table_from_records",
    "text_of",
]

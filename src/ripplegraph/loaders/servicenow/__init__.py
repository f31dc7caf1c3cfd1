"""The ServiceNow loader: its tables and interface answers to records."""

from ripplegraph.loaders.servicenow.agreements import take_always_open
from ripplegraph.loaders.servicenow.documents import MARKS_OF_NESTED, is_plain_record
from ripplegraph.loaders.servicenow.records import (
    servicenow_claims_document,
    servicenow_claims_table,
    servicenow_records,
)

__all__ = [
    "MARKS_OF_NESTED",
    "is_plain_record",
    "servicenow_claims_document",
    "servicenow_claims_table",
    "servicenow_records",
    "take_always_open",
]

"""How the loaders need the lists of big documents: as columns, as records, or whole."""

from __future__ import annotations

from ripplegraph.loaders.native_format import SCHEMA_FAMILY
from ripplegraph.loaders.reading import Kept
from ripplegraph.loaders.servicenow import MARKS_OF_NESTED, is_plain_record

_MARKS_OF_OTHERS = frozenset({"schema", "apiversion", "generator", "code"})
"""Keys that the documents of loaders have which need them whole (OpenSLO, Upptime, iTop), or
whose schema is not first (native)."""

_SUMMARY = frozenset({"slug", "dailyMinutesDown"})
_SUSPICIOUS = _SUMMARY | MARKS_OF_NESTED


def document_plan(key: str, value: object) -> Kept:
    """Return how the lists of a document with this key and value, or part of a list, are kept."""
    if key == "schema" and isinstance(value, str) and value.startswith(SCHEMA_FAMILY):
        return Kept.RECORDS
    if key.casefold() in _MARKS_OF_OTHERS:
        return Kept.WHOLE
    is_table = not isinstance(value, list) or all(map(_is_row, value))
    return Kept.COLUMNS if is_table else Kept.WHOLE


def _is_row(record: object) -> bool:
    if not isinstance(record, dict) or _SUSPICIOUS.isdisjoint(record):
        return True
    return is_plain_record(record) and not record.keys() >= _SUMMARY

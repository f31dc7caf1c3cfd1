"""Of which big documents the loaders need nothing but tables."""

from __future__ import annotations

from ripplegraph.loaders.servicenow import MARKS_OF_NESTED, is_plain_record

_MARKS_OF_OTHERS = frozenset({"schema", "apiversion", "generator", "code"})
"""Keys that the documents of loaders have which look at records one by one (native, OpenSLO,
Upptime, iTop)."""

_SUMMARY = frozenset({"slug", "dailyMinutesDown"})
_SUSPICIOUS = _SUMMARY | MARKS_OF_NESTED


def document_plan(key: str, value: object) -> bool:
    """Return whether a document with this key and value, or part of its list, is tables only."""
    if key.casefold() in _MARKS_OF_OTHERS:
        return False
    return not isinstance(value, list) or all(map(_is_row, value))


def _is_row(record: object) -> bool:
    if not isinstance(record, dict) or _SUSPICIOUS.isdisjoint(record):
        return True
    return is_plain_record(record) and not record.keys() >= _SUMMARY

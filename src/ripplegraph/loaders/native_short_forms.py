"""Short forms for people who write the product's own format by hand."""

from __future__ import annotations

from collections.abc import Mapping

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.native_record import NativeRecord, text_of
from ripplegraph.loaders.process_quantities import read_minutes, read_priority

_FIELDS = {
    "response": "response_minutes",
    "response_minutes": "response_minutes",
    "resolution": "resolution_minutes",
    "resolution_minutes": "resolution_minutes",
}
_FIELD = "time_targets"


def add_time_targets(record: NativeRecord, agreement_id: str, context: LoadContext) -> None:
    """Add the time targets that stand in an agreement: ``P1: {response: 15, resolution: 4h}``."""
    file, row = record.place
    for priority, part in record.part(_FIELD).items():
        minutes = _minutes_of(record, str(priority), part)
        if minutes:
            context.records.time_targets.append(
                TimeTarget(
                    agreement=agreement_id,
                    priority=read_priority(str(priority)),
                    response_minutes=minutes.get("response_minutes"),
                    resolution_minutes=minutes.get("resolution_minutes"),
                    file=file,
                    row=row,
                )
            )


def _minutes_of(record: NativeRecord, priority: str, part: object) -> dict[str, float]:
    if not isinstance(part, Mapping):
        form = "{response: 15, resolution: 4h}"
        text = f"time_targets of {priority[:60]!r} are no mapping; write {form}"
        record.report("invalid-value", text, _FIELD)
        return {}
    found: dict[str, float] = {}
    for name, value in part.items():
        field = _FIELDS.get(str(name))
        if field is None:
            text = f"time_targets have no field {str(name)[:60]!r}; write response or resolution"
            record.report("unknown-field", text, _FIELD)
            continue
        try:
            found[field] = read_minutes(text_of(value) or "")
        except InvalidQuantityError as error:
            record.report("invalid-value", f"time_targets, {name}: {error}", _FIELD)
    return found

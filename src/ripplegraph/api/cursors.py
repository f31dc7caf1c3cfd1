"""Cursors of pages: where the next page begins, bound to the graph that gave the page before."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import Field

from ripplegraph.errors import OutdatedCursorError
from ripplegraph.graph.service_graph import ServiceGraph

CursorText = Annotated[str, Field(min_length=1, max_length=4000)]


def cursor_after(number: int, graph: ServiceGraph) -> str:
    """Return the cursor of the page that begins after a CI."""
    text = f"{number} {graph.ci_count} {graph.ci_ids[number]}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def position_of(cursor: str, graph: ServiceGraph) -> int:
    """Return where a page begins; a cursor of another graph is an error."""
    try:
        text = base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
        number, count, ci_id = text.split(" ", 2)
        position, expected = int(number), int(count)
    except (binascii.Error, ValueError) as exc:
        raise OutdatedCursorError from exc
    is_same = expected == graph.ci_count and 0 <= position < expected
    if not is_same or graph.ci_ids[position] != ci_id:
        raise OutdatedCursorError
    return position + 1

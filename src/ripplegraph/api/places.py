"""Where in a request something stands, told without what stands there.

A place is ``path/NAME``, ``query/NAME``, ``query/NAME/1`` or ``body/NAME/0/NAME``. Names are those
that the description of the API declares. What a caller named stands there as its position in
braces: ``body/own_availability/{2}`` is the third member of that object, ``query/{0}`` the first
parameter of the address.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

MOST_PLACES = 10
_KEY_OF_PYDANTIC = "[key]"
_PARTS = frozenset({"path", "query", "header", "cookie", "body"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a request sent, and the names that are declared for it."""

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: Any
    names: Collection[str]

    def place_at(self, location: Sequence[str | int]) -> str:
        """Return a location that pydantic tells as a place."""
        first, *rest = location
        found: list[str] = [str(first)] if first in _PARTS else []
        value = self.body if first == "body" else dict(self.query)
        for part in rest:
            step = self._step(value, part)
            found += [step] if step else []
            value = _beneath(value, part)
        return "/".join(found)

    def _step(self, value: Any, part: str | int) -> str:
        """Return one part of a location; what is neither declared nor sent is pydantic's own."""
        if isinstance(part, int) or part in self.names or part == _KEY_OF_PYDANTIC:
            return str(part)
        if isinstance(value, dict) and part in value:
            return f"{{{list(value).index(part)}}}"
        return ""

    def places_of(self, texts: Collection[str]) -> Iterator[str]:
        """Yield the places at which one of the texts stands, alone or before a ``=``."""
        for place, sent in self._texts():
            if any(_says(sent, text) for text in texts):
                yield place

    def _texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"path/{name}", value) for name, value in self.path.items())
        times, seen = Counter(name for name, _ in self.query), Counter[str]()
        for name, value in self.query:
            if name in self.names:
                number = f"/{seen[name]}" if times[name] > 1 else ""
                yield f"query/{name}{number}", value
            seen[name] += 1
        yield from self._beneath("body", self.body)

    def _beneath(self, place: str, value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, list):
            for number, one in enumerate(value):
                yield from self._beneath(f"{place}/{number}", one)
        elif isinstance(value, dict):
            for key, one in value.items():
                there = f"{place}/{self._step(value, key)}"
                yield there, key
                yield from self._beneath(there, one)


async def sent_by(request: Request) -> Sent:
    """Return what a request sent; a body that is no JSON is none."""
    return Sent(
        path=request.path_params,
        query=request.query_params.multi_items(),
        body=await _body_of(request),
        names=await run_in_threadpool(_declared_names, request.app),
    )


async def _body_of(request: Request) -> Any:
    if "json" not in request.headers.get("content-type", ""):
        return None
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError, RuntimeError, ClientDisconnect):
        return None  # broken, or read by another and gone


def _beneath(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    is_there = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
    return value[part] if is_there else None


def _says(sent: str, text: str) -> bool:
    """Return whether what was sent names a text, as ``db``, ``web, db`` or ``db=0.99``."""
    return text in (sent, sent.strip(), sent.rpartition("=")[0].strip()) or text in map(
        str.strip, sent.split(",")
    )


@lru_cache(maxsize=2)
def _declared_names(app: FastAPI) -> frozenset[str]:
    """Return the names of all parameters and members that the description declares."""
    return frozenset(_names_in(app.openapi()))


def _names_in(description: Any) -> Iterator[str]:
    if isinstance(description, list):
        for one in description:
            yield from _names_in(one)
    elif isinstance(description, dict):
        properties = description.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        if "in" in description:
            yield description["name"]
        for one in description.values():
            yield from _names_in(one)

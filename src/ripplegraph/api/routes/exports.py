"""The whole graph as one document, made once for each state of the estate."""

from __future__ import annotations

from hashlib import sha256
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from ripplegraph.api.answering import use_snapshot
from ripplegraph.api.callers import Scope
from ripplegraph.api.edges import Edges
from ripplegraph.api.estates import ServedEstate, Snapshot
from ripplegraph.api.questions.asked import RevisionText
from ripplegraph.api.scopes import needs

_JSON = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


class ExportQuery(BaseModel):
    """Which revision is wanted."""

    model_config = ConfigDict(extra="forbid")

    revision: RevisionText = None


class NativeDocuments:
    """The graph in the product's own format, encoded once and kept while it is asked for."""

    def __init__(self, edges: Edges) -> None:
        self._edges, self._making = edges, Lock()
        self._held: tuple[str, bytes] = ("", b"")

    def of(self, snapshot: Snapshot) -> bytes:
        """Return the document of one state, as bytes."""
        tag, document = self._held
        if document and tag == snapshot.tag:
            return document
        with self._making:
            tag, document = self._held
            if not document or tag != snapshot.tag:
                text = self._edges.native_json(snapshot.graph)
                document = text.encode("utf-8", errors="backslashreplace")
                self._held = (snapshot.tag, document)
        return document


def export_routes(estate: ServedEstate, edges: Edges) -> APIRouter:
    """Return the routes that give the whole graph."""
    routes = APIRouter(prefix="/v1", tags=["revisions"])
    documents = NativeDocuments(edges)

    @routes.get(
        "/graph",
        summary="The whole graph as ripplegraph's own JSON, which can be loaded again.",
        response_class=Response,
        responses=_JSON,  # type: ignore[arg-type] # its keys are statuses
    )
    @needs(Scope.READ, by_tag=True)
    def graph(asked: Annotated[ExportQuery, Query()], request: Request) -> Response:
        snapshot = estate.snapshot(estate.revision_number(asked.revision))
        use_snapshot(snapshot)
        tag = f'"{sha256(snapshot.tag.encode()).hexdigest()[:32]}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        body = documents.of(snapshot)
        return Response(body, media_type="application/json", headers={"ETag": tag})

    return routes

"""The revisions of a stored estate, and what differs between two."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from ripplegraph.api.callers import Scope
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.questions.asked import RevisionText
from ripplegraph.api.schemas import AuditOut, DifferencesOut, RevisionsOut
from ripplegraph.api.scopes import needs
from ripplegraph.errors import UnknownRevisionError
from ripplegraph.graph.ports import EstateStore


class RevisionsQuery(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="forbid")


class DifferencesQuery(BaseModel):
    """Between which two revisions."""

    model_config = ConfigDict(extra="forbid")

    old: RevisionText
    new: RevisionText = None


def revision_routes(estate: ServedEstate) -> APIRouter:
    """Return the routes on revisions; an export has none."""
    routes = APIRouter(prefix="/v1", tags=["revisions"])

    @routes.get("/revisions", summary="Every revision of the store, the oldest first.")
    @needs(Scope.READ)
    def revisions(_asked: Annotated[RevisionsQuery, Query()]) -> RevisionsOut:
        store = estate.store
        return RevisionsOut.of(() if store is None else store.revisions())

    @routes.get("/revisions/differences", summary="What differs between two revisions.")
    @needs(Scope.READ)
    def differences(asked: Annotated[DifferencesQuery, Query()]) -> DifferencesOut:
        store = _store_of(estate)
        old = estate.revision_number(asked.old) or 0
        new = estate.revision_number(asked.new) or newest_number(store)
        return DifferencesOut.of(old, new, store.differences(old, new))

    @routes.get("/revisions/audit", summary="What was done to the store, sealed in a chain.")
    @needs(Scope.ADMIN)
    def audit(_asked: Annotated[RevisionsQuery, Query()]) -> AuditOut:
        store = estate.store
        return AuditOut.of(() if store is None else store.audit())

    return routes


def _store_of(estate: ServedEstate) -> EstateStore:
    if estate.store is None:
        export = "this export"
        raise UnknownRevisionError(export, "revisions")
    return estate.store


def newest_number(store: EstateStore) -> int:
    """Return the number of the newest revision, 0 if there is none yet."""
    newest = store.newest()
    return 0 if newest is None else newest.number
